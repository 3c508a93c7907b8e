"""Which rules are looked at, which warnings a file may ignore, and the page that says what they all mean."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from realtime_scenarios.cli.lint import PROFILES as OFFERED
from realtime_scenarios.cli.main import cli
from realtime_scenarios.core import resource_folder
from realtime_scenarios.document.schema import schema
from realtime_scenarios.lint import PROFILES, RULES, Profile, findings
from realtime_scenarios.lint.pages import pages
from realtime_scenarios.project import load
from support import Written

PAGE = Path(__file__).resolve().parents[2] / "docs" / "lint.md"
AIRLINE = resource_folder("scenarios") / "airline" / "airline.yaml"
BARE = """
    scenario: bare
    start: main
    lint: {{profile: {profile}, ignore: [{ignore}]}}
    agents:
      main: {{instructions: "Say sorry, if failures > 3.", voice: cedar}}
    tools:
      idle: {{description: Nobody has it.}}
"""


def codes_in(path: Path, profile: Profile | None = None, *, warnings: bool = True) -> set[str]:
    return {diagnostic.code for diagnostic in findings(load(path), warnings=warnings, profile=profile)}


def bare(profile: str = "basic", ignore: str = "") -> str:
    return BARE.format(profile=profile, ignore=ignore)


def profiles_of(codes: set[str]) -> set[str]:
    return {RULES[code].profile for code in codes}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_file_is_held_to_its_profile_and_to_the_milder_ones(profile: Profile, written: Written) -> None:
    seen = profiles_of(codes_in(written(bare(profile))))
    assert seen == set(PROFILES[: PROFILES.index(profile) + 1])


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_that_is_asked_for_adds_to_the_files_own(profile: Profile, written: Written) -> None:
    assert codes_in(written(bare()), profile) == codes_in(written(bare(profile)))


def test_a_milder_profile_takes_nothing_away(written: Written) -> None:
    path = written(bare("metaprompt"))
    assert codes_in(path, "basic") == codes_in(path)


def test_a_warning_is_ignored_by_code_or_by_name(written: Written) -> None:
    assert codes_in(written(bare())) == {"SC504", "SC606"}
    assert codes_in(written(bare(ignore="SC504, symbolic-comparison"))) == set()


def test_an_error_cannot_be_ignored(written: Written) -> None:
    path = written(bare(ignore="SC201").replace("start: main", "start: mian"))
    assert codes_in(path, warnings=False) == {"SC201"}


def test_an_unknown_rule_is_told_with_the_nearest_one(written: Written) -> None:
    found = findings(load(written(bare(ignore="unused-tol"))), warnings=True)
    hints = [diagnostic.hint for diagnostic in found if diagnostic.code == "SC600"]
    assert hints == ["did you mean 'unused-tool'?"]


def test_without_warnings_the_profile_does_not_matter(written: Written) -> None:
    assert codes_in(written(bare("metaprompt")), "metaprompt", warnings=False) == set()


def test_rules_outside_of_the_basic_profile_are_warnings() -> None:
    assert all(rule.severity == "warning" for _, rule in RULES.items() if rule.profile != "basic")


def test_the_profiles_are_the_same_in_the_schema_and_on_the_command_line() -> None:
    described: Any = schema("scenario")["$defs"]["lint"]["properties"]["profile"]
    assert tuple(described["enum"]) == PROFILES == OFFERED


def test_the_command_line_chooses_a_profile(written: Written) -> None:
    path = str(written(bare()))
    assert "SC621" not in CliRunner().invoke(cli, ["lint", path]).output
    result = CliRunner().invoke(cli, ["lint", path, "--profile", "realtime"])
    assert "SC621" in result.output and "SC641" not in result.output and result.exit_code == 0
    assert CliRunner().invoke(cli, ["lint", path, "--profile", "realtime", "--strict"]).exit_code == 1


def test_the_airline_is_fit_for_realtime() -> None:
    assert codes_in(AIRLINE, "realtime") == set()


def test_a_prompt_in_another_language_is_not_searched_for_english_words(written: Written) -> None:
    text = """
    scenario: laden
    start: main
    lint: {profile: realtime}
    agents:
      main:
        instructions: |
          Du bist die erste Stimme am Telefon eines Ladens. Sprich Deutsch, auch wenn jemand anderes spricht.
          Frage nach der Stadt, bevor du die Bestellung suchst.
        tools: [suche]
        states:
          - {id: frage, description: Frage., instructions: [Rufe suche auf.], examples: [Hallo], terminal: true}
    tools:
      suche: {description: Sucht die Bestellung., parameters: {city: string, phone: string}}
    """
    assert codes_in(written(text)) == set()


@pytest.mark.parametrize(
    "line",
    [
        "Follow Settings -> Privacy -> 3, then <step> 4 </step>.",
        "{% if now.hour > 12 %}Say good afternoon.{% endif %}",
        "Compare with `x >= 3` in the sheet.",
        "Say it as in: Hello [CUSTOMER], you owe {amount} dollars.",
        "<RULES>Be brief.</RULES>",
        "Greet {{ context.username or 'them' }} by name.",
    ],
)
def test_what_only_looks_like_a_mistake_is_left_alone(line: str, written: Written) -> None:
    text = f"""
    scenario: fine
    start: main
    context: {{username: {{type: [string, "null"], default: null}}}}
    agents:
      main:
        instructions: |
          {line}
    """
    assert codes_in(written(text)) == set()


def test_the_page_of_rules_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == pages()


def test_the_page_says_problem_and_way_out_of_every_rule() -> None:
    entries = re.split(r"^### ", pages(), flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries] == sorted(RULES)
    assert all("**Problem:**" in entry and "**Instead:**" in entry for entry in entries)
