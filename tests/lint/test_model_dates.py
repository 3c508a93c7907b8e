"""What lint says of models as the calendar goes on; the days are arguments, so that no calendar turns a test red."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

import realtime_scenarios
from realtime_scenarios.cli.main import cli
from realtime_scenarios.core import resource_folder
from realtime_scenarios.lint import findings
from realtime_scenarios.project import load
from support import AS_OF, Written

FOLDER = Path(__file__).parent / "models"
DAYS = ("2026-10-01", "2026-11-29", "2027-01-15", "2027-03-01")
GONE = "scenario: s\nstart: a\nsession: {model: gpt-4o-realtime-preview}\nagents: {a: {instructions: Be kind.}}\n"


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("name", ["many", "azure"])
def test_lint_says_what_ends_as_of_a_day(name: str, day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    monkeypatch.setenv("COLUMNS", "100")
    result = CliRunner().invoke(cli, ["lint", f"{name}.yaml", "--as-of", day])
    expected = FOLDER / f"{name}.{day}.txt"
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(result.output, encoding="utf-8")
    assert result.output == expected.read_text(encoding="utf-8")
    assert result.exit_code == (1 if "was shut down" in result.output else 0)


@pytest.mark.parametrize("day", [*map(date.fromisoformat, DAYS), date(2028, 1, 1)])
@pytest.mark.parametrize("file", sorted(resource_folder("scenarios").glob("*/*.yaml")), ids=lambda path: path.stem)
def test_our_scenarios_name_nothing_that_ends(file: Path, day: date) -> None:
    found = findings(load(file), warnings=True, as_of=day) if "scenario:" in file.read_text(encoding="utf-8") else []
    assert [one.code for one in found if one.code.startswith("SC8")] == []


def test_what_is_gone_is_an_error_that_keeps_nobody_from_rehearsing(written: Written) -> None:
    path = str(written(GONE))
    assert [found.code for found in realtime_scenarios.check(path, as_of=AS_OF)] == ["SC801"]
    assert realtime_scenarios.check(path, as_of=AS_OF, warnings=False) == []
    assert CliRunner().invoke(cli, ["validate", path]).exit_code == 0
    assert CliRunner().invoke(cli, ["lint", path, "--as-of", "2026-11-29"]).exit_code == 1
    assert CliRunner().invoke(cli, ["lint", path, "--as-of", "2026-04-02"]).exit_code == 0
    assert realtime_scenarios.load(path).session.model == "gpt-4o-realtime-preview"


def test_without_a_day_nothing_is_said_about_dates(written: Written) -> None:
    assert findings(load(written(GONE)), warnings=True) == []


def test_the_names_of_another_server_are_its_own_affair(written: Written) -> None:
    there = 'provider: {name: url, url: "wss://voice.example.com"}\n'
    assert findings(load(written(GONE + there)), warnings=True, as_of=AS_OF) == []


def test_text_models_at_an_address_of_their_own_are_not_looked_up(written: Written) -> None:
    text = GONE.replace("gpt-4o-realtime-preview", "realtime, guardrails: {apply: [g]}")
    text += "guardrails: {g: {classify: {model: gpt-4, categories: {A: Bad.}}}}\nprovider: {name: openai"
    here, there = (
        written(text + "}\n", "here.yaml"),
        written(text + ', text_url: "https://example.com"}\n', "there.yaml"),
    )
    assert [found.code for found in findings(load(here), warnings=True, as_of=AS_OF)] == ["SC801"]
    assert findings(load(there), warnings=True, as_of=AS_OF) == []


@pytest.mark.parametrize("command", ["lint", "models"])
@pytest.mark.parametrize("day", ["soon", "2026-13-01", "2026-02-30", "1.3.2027", ""])
def test_a_day_that_is_none_is_a_mistake_of_usage(command: str, day: str) -> None:
    result = CliRunner().invoke(cli, [command, "airline", "--as-of", day])
    assert result.exit_code == 2 and "--as-of" in result.output


def test_a_role_and_its_model_are_the_same_wish(written: Written) -> None:
    text = GONE.replace("gpt-4o-realtime-preview", "realtime").replace("kind.}", "kind., model: gpt-realtime-2.1}")
    assert findings(load(written(text)), warnings=True, as_of=AS_OF) == []
