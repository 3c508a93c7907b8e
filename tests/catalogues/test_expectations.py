"""Expectations: the registry, the schema and the case files hold the same kinds, and whoever adds half a kind is told."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import jsonschema_rs
import pytest

from realtime_scenarios import expectations
from realtime_scenarios.core import broken_promises, promised
from realtime_scenarios.document import Place
from realtime_scenarios.document.schema import EXPECTED, schema, with_expectation
from realtime_scenarios.expectations import Expected
from realtime_scenarios.model.expectation import EXPECTATIONS, Expectation, Failure, Scope
from realtime_scenarios.model.mention import Mention
from realtime_scenarios.model.values import Source
from realtime_scenarios.trace import AgentSaid
from support.expectations import CASES, cases_in
from support.schemas import keys_of

KINDS = dict(EXPECTATIONS.items())
MEMBERS = promised(Expectation)
SCHEMA = schema("dialogue")


class Laughed(Expected, frozen=True, eq=False):
    """The agent laughed so often: a whole kind, as a third party would write it."""

    times: int

    @classmethod
    def read(cls, value: Any, place: Place, source: Source) -> Self:
        return cls(place, value["times"])

    def names(self) -> tuple[Mention, ...]:
        return ()

    def check(self, scope: Scope) -> Failure | None:
        laughs = sum(event.text.count("ha") for event in scope.of(AgentSaid))
        return None if laughs == self.times else Failure(f"the agent laughed {laughs} times", scope.last)


LAUGHED = {
    "title": "expected laughs",
    "description": "How often the agent laughed.",
    "type": "object",
    "required": ["times"],
    "additionalProperties": False,
    "properties": {"times": {"description": "So often.", "type": "integer"}},
}


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """The folder of case files, with one for `laughed`."""
    folder = tmp_path / "expectations"
    shutil.copytree(CASES, folder)
    (folder / "laughed.yaml").write_text(
        "holds:\n  - expect: {times: 0}\nfails:\n  - expect: {times: 1}\n    says: the agent laughed 0 times\n    at: 16\n",
        encoding="utf-8",
    )
    return folder


def test_every_expectation_is_whole() -> None:
    assert list(missing(KINDS, SCHEMA, CASES)) == []


def test_a_kind_of_a_third_party_is_whole_with_one_definition_and_one_listing(cases: Path) -> None:
    merged = with_expectation(SCHEMA, "laughed", LAUGHED)
    dialogue = {"id": "d", "turns": [{"user": "x", "expect": [{"laughed": {"times": 2}}]}]}

    assert list(missing({**KINDS, "laughed": Laughed}, merged, cases)) == []
    assert jsonschema_rs.is_valid(merged, {"scenario": "x.yaml", "dialogues": [dialogue]})
    assert not jsonschema_rs.is_valid(SCHEMA, {"scenario": "x.yaml", "dialogues": [dialogue]})
    assert jsonschema_rs.is_valid(
        with_expectation(schema("scenario"), "laughed", LAUGHED),
        {"scenario": "x", "start": "a", "agents": {"a": {"instructions": "x"}}, "dialogues": [dialogue]},
    )


def test_a_key_has_one_owner_in_the_schema_too() -> None:
    with pytest.raises(ValueError, match="has an expectation 'said' already"):
        with_expectation(SCHEMA, "said", LAUGHED)


def test_a_class_without_a_definition_is_told(cases: Path) -> None:
    assert list(missing({**KINDS, "laughed": Laughed}, SCHEMA, cases)) == [
        "expectation 'laughed' is not listed in `$defs/expectation` of schemas/source/dialogue.schema.json",
        "expectation 'laughed' has no `$defs/expected_laughed` in schemas/source/dialogue.schema.json",
    ]


def test_a_definition_without_a_class_is_told() -> None:
    assert list(missing(KINDS, with_expectation(SCHEMA, "laughed", LAUGHED), CASES)) == [
        "no class is registered as expectation 'laughed', which schemas/source/dialogue.schema.json lists",
        "no class is registered as expectation 'laughed', which schemas/source/dialogue.schema.json defines",
    ]


def test_a_definition_that_says_nothing_is_told(cases: Path) -> None:
    merged = with_expectation(SCHEMA, "laughed", {"title": "expected laughs", "type": "object"})
    assert list(missing({**KINDS, "laughed": Laughed}, merged, cases)) == [
        "`$defs/expected_laughed` in schemas/source/dialogue.schema.json has no description",
    ]


def test_a_kind_without_a_case_file_is_told() -> None:
    merged = with_expectation(SCHEMA, "laughed", LAUGHED)
    assert list(missing({**KINDS, "laughed": Laughed}, merged, CASES)) == [
        "expectation 'laughed' has no tests/cases/expectations/laughed.yaml"
    ]


def test_a_case_file_without_a_kind_is_told(cases: Path) -> None:
    assert list(missing(KINDS, SCHEMA, cases)) == [
        "no class is registered as expectation 'laughed', which tests/cases/expectations/laughed.yaml is about"
    ]


def test_a_case_file_that_tries_only_half_of_it_is_told(cases: Path) -> None:
    (cases / "laughed.yaml").write_text("holds:\n  - expect: {}\n", encoding="utf-8")
    merged = with_expectation(SCHEMA, "laughed", LAUGHED)
    assert list(missing({**KINDS, "laughed": Laughed}, merged, cases)) == [
        "tests/cases/expectations/laughed.yaml has no case that fails",
        "tests/cases/expectations/laughed.yaml never tries the key 'times'",
    ]


@pytest.mark.parametrize("member", MEMBERS)
def test_a_class_with_a_member_missing_is_told(member: str, cases: Path) -> None:
    members = {name: getattr(Laughed, name) for name in MEMBERS if name != member}
    merged = with_expectation(SCHEMA, "laughed", LAUGHED)
    assert list(missing({**KINDS, "laughed": type("Laughed", (), members)}, merged, cases)) == [
        f"expectation 'laughed' has no `{member}`"
    ]


def test_every_module_with_a_kind_is_imported(tmp_path: Path) -> None:
    home = Path(expectations.__file__).parent
    assert unimported(home) == set()

    shutil.copytree(home, tmp_path / "expectations")
    (tmp_path / "expectations" / "laughing.py").write_text('@expectation("laughed")\nclass Laughed: ...\n')
    assert unimported(tmp_path / "expectations") == {"laughing"}


def unimported(folder: Path) -> set[str]:
    """The modules that register kinds and that the package in the folder does not import."""
    written = {path.stem for path in folder.glob("*.py") if "\n@expectation(" in f"\n{path.read_text('utf-8')}"}
    nodes = ast.parse((folder / "__init__.py").read_text("utf-8")).body
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == expectations.__name__]
    return written - {alias.name for node in imports for alias in node.names}


def missing(kinds: Mapping[str, type], root: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """What is missing of each kind, one sentence a thing."""
    file, cases = "schemas/source/dialogue.schema.json", "tests/cases/expectations"
    definitions = root["$defs"]
    listed = definitions["expectation"]["properties"]
    for key, kind in kinds.items():
        name = f"{EXPECTED}{key}"
        yield from (f"expectation '{key}' has no `{member}`" for member in broken_promises(kind, Expectation))
        if listed.get(key) != {"$ref": f"#/$defs/{name}"}:
            yield f"expectation '{key}' is not listed in `$defs/expectation` of {file}"
        if name not in definitions:
            yield f"expectation '{key}' has no `$defs/{name}` in {file}"
        for what in ("title", "description"):
            if not definitions.get(name, {what: "-"}).get(what):
                yield f"`$defs/{name}` in {file} has no {what}"
        if not (folder / f"{key}.yaml").is_file():
            yield f"expectation '{key}' has no {cases}/{key}.yaml"
            continue
        tried = list(cases_in(folder / f"{key}.yaml"))
        for end in ("holds", "fails"):
            if all(case.ends != end for case in tried):
                yield f"{cases}/{key}.yaml has no case that {end}"
        used = {name for case in tried if isinstance(case.expected, dict) for name in case.expected}
        for unused in sorted(keys_of(dict(root), definitions.get(name, {})) - used):
            yield f"{cases}/{key}.yaml never tries the key '{unused}'"
    stated = {f"which {file} lists": listed, f"which {file} defines": _defined_keys(definitions)}
    for where, keys in stated.items():
        yield from (f"no class is registered as expectation '{key}', {where}" for key in keys if key not in kinds)
    for path in sorted(folder.iterdir()):
        if path.stem not in kinds:
            yield f"no class is registered as expectation '{path.stem}', which {cases}/{path.name} is about"


def _defined_keys(definitions: Mapping[str, Any]) -> list[str]:
    return [name.removeprefix(EXPECTED) for name in definitions if name.startswith(EXPECTED)]
