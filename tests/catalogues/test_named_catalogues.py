"""Providers, reports and lint rules: whoever adds half of one, or only names it, is told what is missing."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from realtime_scenarios import lint, pytest_plugin
from realtime_scenarios.cli.options import PROVIDERS_SHOWN
from realtime_scenarios.cli.serve import serve
from realtime_scenarios.cli.test import test as command
from realtime_scenarios.core import Registry, Severity, promised
from realtime_scenarios.document import CODES
from realtime_scenarios.document.schema import schema, with_provider
from realtime_scenarios.lint import RULES, Rule
from realtime_scenarios.project.plugins import Plugin
from realtime_scenarios.providers import PROVIDERS
from realtime_scenarios.providers.provider import Provider
from realtime_scenarios.suite import REPORTS
from realtime_scenarios.voice import VOICE_DETECTORS
from realtime_scenarios.voice.parts import LISTENERS, SPEAKERS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SCHEMA = schema("scenario")
CASES = ROOT / "tests" / "cases" / "lint"
MEMBERS = promised(Provider)


class Carrier:
    """A provider that is whole."""

    name = "carrier"
    needs = ("CARRIER_KEY",)
    scripted = False
    real_time = True

    def open(self, request: Any) -> Any:
        raise NotImplementedError


ROW = "| `carrier` | a carrier pigeon | `CARRIER_KEY` |\n"
HELP = f"{PROVIDERS_SHOWN}, carrier"


def providers(registry: Registry[Any] = PROVIDERS) -> dict[str, Any]:
    """Ours, by what the registry itself says of them: their homes are in our package."""
    return {name: registry[name] for name, home in registry.homes.items() if home.startswith("realtime_scenarios.")}


def test_every_provider_is_whole() -> None:
    assert list(half_providers(providers(), SCHEMA, PROVIDERS_SHOWN, README)) == []
    assert (
        list(
            half_providers({**providers(), "carrier": Carrier()}, with_provider(SCHEMA, "carrier"), HELP, README + ROW)
        )
        == []
    )


def test_a_provider_that_is_only_registered_is_looked_at_and_one_of_a_plugin_is_not() -> None:
    registry: Registry[Any] = Registry("provider")
    registry.add_at("carrier", PROVIDERS.homes["url"])
    registry.add_at("echo", "dice_scenarios.echo:ECHO", "plug-in 'dice'")

    assert list(providers(registry)) == ["carrier"]


def test_the_help_of_pytest_names_every_provider() -> None:
    text = Path(pytest_plugin.__file__).read_text(encoding="utf-8")
    (shown,) = re.findall(r'help="Who answers in dialogues: (.*)\."', text)

    assert set(re.sub(r" \(.*?\)", "", shown).split(", ")) == set(providers())


def test_half_a_provider_is_told_by_name() -> None:
    assert list(half_providers({**providers(), "carrier": Carrier()}, SCHEMA, PROVIDERS_SHOWN, README)) == [
        "provider 'carrier' is not in `$defs/provider_name` of schemas/source/scenario.schema.json",
        "provider 'carrier' is not in the help of --provider",
        "provider 'carrier' has no row in the README",
    ]
    without = README + ROW.replace("`CARRIER_KEY`", "nothing")
    assert list(
        half_providers({**providers(), "carrier": Carrier()}, with_provider(SCHEMA, "carrier"), HELP, without)
    ) == ["the README does not say that provider 'carrier' needs CARRIER_KEY"]


def test_a_provider_with_a_member_missing_is_told() -> None:
    for member in MEMBERS:
        halved = type("Carrier", (), {name: getattr(Carrier, name) for name in MEMBERS if name != member})
        found = half_providers(
            {**providers(), "carrier": halved()}, with_provider(SCHEMA, "carrier"), HELP, README + ROW
        )
        assert f"provider 'carrier' has no `{member}`" in found


def test_a_provider_that_is_only_named_is_told() -> None:
    assert list(half_providers(providers(), with_provider(SCHEMA, "carrier"), HELP, README + ROW)) == [
        "there is no provider 'carrier', which schemas/source/scenario.schema.json names",
        "there is no provider 'carrier', which the help of --provider names",
        "there is no provider 'carrier', which the README names",
    ]


def half_providers(found: Mapping[str, Any], root: Mapping[str, Any], shown: str, readme: str) -> Iterator[str]:
    """What is missing of the providers in the registry, the schema, the help of the command line and the README."""
    listed, told = root["$defs"]["provider_name"]["enum"], shown.split(", ")
    rows = dict(re.findall(r"^\| `(\w+)`[^|]*\|[^|]*\|([^|\n]*)\|$", readme, re.MULTILINE))
    for name, provider in found.items():
        if name not in listed:
            yield f"provider '{name}' is not in `$defs/provider_name` of schemas/source/scenario.schema.json"
        if name not in told:
            yield f"provider '{name}' is not in the help of --provider"
        if name not in rows:
            yield f"provider '{name}' has no row in the README"
        for member in MEMBERS:
            if not hasattr(provider, member):
                yield f"provider '{name}' has no `{member}`"
        for need in getattr(provider, "needs", ()) if name in rows else ():
            if need not in rows[name]:
                yield f"the README does not say that provider '{name}' needs {need}"
        if getattr(provider, "name", name) != name:
            yield f"provider '{name}' calls itself '{provider.name}'"
    for names, where in (
        (listed, "schemas/source/scenario.schema.json"),
        (told, "the help of --provider"),
        (rows, "the README"),
    ):
        for name in names:
            if name not in found:
                yield f"there is no provider '{name}', which {where} names"


def test_every_report_can_be_loaded_and_is_reached_from_the_command_line() -> None:
    assert {option.name for option in command.params} >= {"junit", "reports"}
    assert all(callable(report) for _, report in REPORTS.items())


def test_a_plugin_can_add_to_every_catalogue() -> None:
    named = {"providers", "reports", "listeners", "speakers", "voice_detectors"}
    assert set(Plugin.__struct_fields__) == {"stubs", "expectations", "rules", *named}


def test_whatever_hears_and_speaks_is_in_the_docs_and_in_the_help() -> None:
    page = (ROOT / "docs" / "voice.md").read_text(encoding="utf-8")
    options = {option.name: getattr(option, "help", "") for option in serve.params}
    for catalogue, option in ((LISTENERS, "stt"), (SPEAKERS, "tts"), (VOICE_DETECTORS, "vad")):
        for name, home in {**dict.fromkeys(catalogue, "realtime_scenarios."), **catalogue.homes}.items():
            if home.startswith("realtime_scenarios."):
                told = "URL" if name == "url" else name
                assert f"`{told}" in page, f"docs/voice.md does not know {catalogue.kind} '{name}'"
                assert told in options[option] or name == "loudness", f"--{option} does not tell of '{name}'"


def test_every_rule_is_whole() -> None:
    assert list(half_rules(dict(RULES.items()), CASES)) == []


def test_half_a_rule_is_told_by_name() -> None:
    assert list(half_rules({**dict(RULES.items()), "SC999": rule_of("Something is odd.")}, CASES)) == [
        "rule SC999 does not say 'Problem:'",
        "rule SC999 does not say 'Instead:'",
        "rule SC999 has no tests/cases/lint/SC999/bad.yaml",
        "rule SC999 has no tests/cases/lint/SC999/good.yaml",
        "rule SC999 has no tests/cases/lint/SC999/expected.txt",
    ]


def test_cases_without_a_rule_and_codes_with_two_owners_are_told() -> None:
    rules = dict(RULES.items())
    gone = next(iter(rules))
    assert f"there is no rule {gone}, which tests/cases/lint has cases of" in half_rules(
        {code: found for code, found in rules.items() if code != gone}, CASES
    )
    taken = next(iter(CODES.values()))
    again = Rule(taken.code, taken.name, "error", rules[gone].check, rules[gone].documentation)
    assert f"{taken.code} means two things" in half_rules({**rules, taken.code: again}, CASES)
    assert f"'{taken.name}' names two codes" in half_rules({**rules, taken.code: again}, CASES)


def test_every_module_with_a_rule_is_loaded_by_lint() -> None:
    ask = "from realtime_scenarios.lint import RULES; print({rule.check.__module__ for _, rule in RULES.items()})"
    done = subprocess.run([sys.executable, "-c", ask], check=True, capture_output=True, text=True)
    loaded = done.stdout

    assert [module for module in modules_with_rules(Path(lint.__file__).parent) if repr(module) not in loaded] == []


def test_a_module_with_a_rule_is_found_wherever_it_is(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "odd.py").write_text('@rule("SC999", "odd")\ndef odd(subject): ...\n')
    (tmp_path / "walk.py").write_text('"""No `@rule(` here."""\n')

    assert list(modules_with_rules(tmp_path)) == ["realtime_scenarios.lint.prompts.odd"]


def modules_with_rules(folder: Path) -> Iterator[str]:
    """The names of the modules below `lint/` that register rules."""
    for path in sorted(folder.rglob("*.py")):
        if re.search(r"^@rule\(", path.read_text(encoding="utf-8"), re.MULTILINE):
            yield ".".join((lint.__name__, *path.relative_to(folder).with_suffix("").parts))


def rule_of(documentation: str, severity: Severity = "warning") -> Rule:
    _, known = next(RULES.items())
    return Rule("SC999", "something-odd", severity, known.check, documentation)


def half_rules(rules: Mapping[str, Rule], cases: Path) -> Iterator[str]:
    """What is missing of the rules and of their cases, and what is said twice."""
    for code, found in rules.items():
        for part in ("Problem:", "Instead:"):
            if part not in found.documentation:
                yield f"rule {code} does not say '{part}'"
        for file in ("bad.yaml", "good.yaml", "expected.txt"):
            if not (cases / code / file).is_file():
                yield f"rule {code} has no tests/cases/lint/{code}/{file}"
        if code in {known.code for known in CODES.values()}:
            yield f"{code} means two things"
        if found.name in {known.name for known in CODES.values()}:
            yield f"'{found.name}' names two codes"
    for folder in sorted(cases.iterdir()):
        if folder.name not in rules:
            yield f"there is no rule {folder.name}, which tests/cases/lint has cases of"
