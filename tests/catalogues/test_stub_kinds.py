"""The catalogue of stub kinds held to the schema, the case files and the protocol, and each kind to what it promises.

Nothing here names a kind: whoever adds half of one is told by name what is missing.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import jsonschema
import pytest
import yaml
from msgspec import Struct

from realtime_scenarios import stubs
from realtime_scenarios.core import Registry, broken_promises
from realtime_scenarios.document import check, read_text
from realtime_scenarios.document.schema import properties_of, schema, with_stub_kind
from realtime_scenarios.model import stub
from realtime_scenarios.model.stub import STUBS, StubKind, kind_of
from support.stubs import CASES, calls_made, stub_case

KINDS = sorted(kind for kind in STUBS if (CASES / f"{kind}.yaml").exists())
"""The kinds with a case file; that the others have none is told by name below."""

PREFIX = "stub_"


def what_is_missing(
    kinds: Mapping[str, type[Any]], root: Mapping[str, Any], cases: set[str], modules: set[str]
) -> Iterator[str]:
    """What of a kind is there and what is not, between its struct, the schema, the case files and the imports."""
    imported = set(re.findall(r"import (\w+) as", Path(stubs.__file__).read_text(encoding="utf-8")))
    definitions = {name.removeprefix(PREFIX): part for name, part in root["$defs"].items() if name.startswith(PREFIX)}
    listed = {item["$ref"].removeprefix(f"#/$defs/{PREFIX}") for item in root["$defs"]["tool"]["allOf"]}
    for kind, held in kinds.items():
        yield from (f"stub '{kind}' does not say '{name}'" for name in broken_promises(held, StubKind))
        if getattr(held, "kind", kind) != kind:
            yield f"stub '{kind}' calls itself '{held.kind}'"
        if not (issubclass(held, Struct) and held.__struct_config__.frozen):
            yield f"stub '{kind}' is no frozen struct"
        if kind not in definitions:
            yield f"stub '{kind}' has no '$defs' entry '{PREFIX}{kind}'"
        elif set(definitions[kind]["properties"]) != set(held.keys or held.beside):
            yield f"stub '{kind}' and its '$defs' entry have different keys"
        if kind not in cases:
            yield f"stub '{kind}' has no case file 'tests/cases/stubs/{kind}.yaml'"
    yield from (f"'$defs' entry '{PREFIX}{name}' has no struct" for name in definitions if name not in kinds)
    yield from (f"'$defs' entry '{PREFIX}{name}' is not in the list of a tool" for name in definitions.keys() - listed)
    yield from (
        f"the list of a tool has '{PREFIX}{name}', which is not defined" for name in listed - definitions.keys()
    )
    yield from (f"case file '{name}.yaml' is of no kind" for name in cases - kinds.keys())
    yield from (f"'stubs/{name}.py' is not imported by 'stubs/__init__.py'" for name in modules - imported)


def missing(
    *more: type[Any],
    root: Mapping[str, Any] | None = None,
    cases: set[str] | None = None,
    modules: frozenset[str] = frozenset(),
) -> list[str]:
    """What is missing when there are also these kinds, this schema, these case files and these modules."""
    kinds: dict[str, type[Any]] = {**dict(STUBS.items()), **{kind.kind: kind for kind in more}}
    here = {path.stem for path in CASES.iterdir()} if cases is None else cases
    folder = Path(stubs.__file__).parent
    written = {path.stem for path in folder.glob("*.py") if "STUBS.add(" in path.read_text(encoding="utf-8")}
    return sorted(what_is_missing(kinds, root or schema("scenario"), here, written | modules))


class Dice(Struct, frozen=True, eq=False):
    """A third-party kind, of which `Unprovable` leaves out what the proof may assume."""

    kind: ClassVar[str] = "dice"
    keys: ClassVar[frozenset[str]] = frozenset(("dice",))
    beside: ClassVar[frozenset[str]] = frozenset(("delay", "set"))

    supervisor = question = catalogue = waits = patience = answers = assumptions = read = texts = answer = None


class Unprovable(Struct, frozen=True, eq=False):
    kind: ClassVar[str] = "dice"
    keys: ClassVar[frozenset[str]] = Dice.keys
    beside: ClassVar[frozenset[str]] = Dice.beside

    supervisor = question = catalogue = waits = patience = answers = read = texts = answer = None


DICE = {
    "properties": {"dice": {"description": "How many dice are thrown.", "type": "integer"}},
    "dependentSchemas": {
        "dice": {"propertyNames": {"if": {"$ref": "#/$defs/tool_key"}, "else": {"enum": ["dice", "delay", "set"]}}}
    },
}


def test_every_kind_of_stub_is_whole() -> None:
    assert missing() == []


def test_half_a_kind_is_told_by_name() -> None:
    files = {path.stem for path in CASES.iterdir()}
    with_dice = with_stub_kind(schema("scenario"), "dice", DICE)
    unlisted = {**with_dice, "$defs": {**with_dice["$defs"], "tool": schema("scenario")["$defs"]["tool"]}}

    assert missing(Dice, cases=files | {"dice"}) == ["stub 'dice' has no '$defs' entry 'stub_dice'"]
    assert missing(root=with_dice) == ["'$defs' entry 'stub_dice' has no struct"]
    assert missing(Dice, root=with_dice) == ["stub 'dice' has no case file 'tests/cases/stubs/dice.yaml'"]
    assert missing(Unprovable, root=with_dice, cases=files | {"dice"}) == ["stub 'dice' does not say 'assumptions'"]
    assert missing(Dice, root=unlisted, cases=files | {"dice"}) == [
        "'$defs' entry 'stub_dice' is not in the list of a tool"
    ]
    assert missing(cases=files | {"dice"}) == ["case file 'dice.yaml' is of no kind"]
    assert missing(modules=frozenset(("dice",))) == ["'stubs/dice.py' is not imported by 'stubs/__init__.py'"]
    assert missing(Dice, root=with_dice, cases=files | {"dice"}) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_answers_as_its_case_file_says_and_does_nothing_that_it_did_not_tell_the_proof(
    kind: str, tmp_path: Path
) -> None:
    case = stub_case(CASES / f"{kind}.yaml")
    scenario = case.scenario_in(tmp_path)
    assert {type(tool.stub) for tool in scenario.tools.values()} == {STUBS[kind]}

    for wanted, made in zip(case.calls, calls_made(case, scenario), strict=True):
        result, held = made.result, scenario.tools[made.tool].stub
        assert (result.outcome, result.output) == (wanted.get("outcome", "answered"), wanted["output"]), wanted
        assert (result.updates, made.seconds) == (wanted.get("updates", {}), wanted.get("after", 0)), wanted
        assert result.updates.keys() <= {name for answer in held.answers for name in answer.set}
        assert result.outcome == "answered" or held.assumptions.may_fail
        assert made.tool in {call["call"] for call in case.calls}


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_a_kind_is_in_its_case_file(kind: str) -> None:
    written = {key for tool in stub_case(CASES / f"{kind}.yaml").tools.values() for key in tool}

    assert STUBS[kind].keys | STUBS[kind].beside <= written


@cache
def _smallest_tools() -> dict[str, Mapping[str, Any]]:
    """One tool of each kind, with no more keys about its stub than it needs."""
    tools: dict[str, Mapping[str, Any]] = {}
    for kind in KINDS:
        for tool in stub_case(CASES / f"{kind}.yaml").tools.values():
            own = {key: value for key, value in tool.items() if key not in STUBS[kind].beside}
            tools.setdefault(kind, own)
    return tools


@cache
def _sample_values() -> dict[str, Any]:
    """Each key about stubs with a value that it may have."""
    known = {key for _, kind in STUBS.items() for key in kind.keys | kind.beside}
    cases = [stub_case(CASES / f"{kind}.yaml") for kind in KINDS]
    return {key: value for case in cases for tool in case.tools.values() for key, value in tool.items() if key in known}


@pytest.mark.parametrize(("kind", "key"), list(itertools.product(KINDS, sorted(_sample_values()))))
def test_what_may_stand_beside_a_kind_is_the_same_in_the_schema_and_in_the_struct(kind: str, key: str) -> None:
    tool = {**_smallest_tools()[kind], key: _sample_values()[key]}

    assert _allows_tool(_smallest_tools()[kind])
    assert _allows_tool(tool) == _is_one_kind(tool)


def test_keys_of_two_kinds_are_told_once() -> None:
    pairs = list(itertools.combinations(sorted(_sample_values()), 2))
    tools = {f"t{at}": {"description": "x", first: 1, second: 1} for at, (first, second) in enumerate(pairs)}
    text = yaml.safe_dump({"scenario": "s", "start": "a", "agents": {"a": {"instructions": "x"}}, "tools": tools})
    document, _ = read_text(text, Path("s.yaml"))
    assert document is not None
    found = [diagnostic for diagnostic in check(document, "scenario") if diagnostic.name == "conflicting-keys"]
    told = Counter(diagnostic.span.line for diagnostic in found)

    for at, (first, second) in enumerate(pairs):
        lines = {document.span(("tools", f"t{at}", key), key=True).line for key in (first, second)}
        expected = 0 if _is_one_kind({first: 1, second: 1}) else 1
        assert sum(told[line] for line in lines) == expected, (first, second)


@cache
def _tool_validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator({"$defs": schema("scenario")["$defs"], "$ref": "#/$defs/tool"})


def _allows_tool(tool: Mapping[str, Any]) -> bool:
    """Whether the schema by itself, as an editor reads it, allows the tool."""
    return bool(_tool_validator().is_valid(tool))


def _is_one_kind(tool: Mapping[str, Any]) -> bool:
    try:
        kind_of(tool)
    except LookupError:
        return False
    return True


def test_a_kind_of_a_third_party_is_merged_into_the_schema_by_one_definition_and_one_line() -> None:
    root = schema("scenario")
    merged = with_stub_kind(root, "dice", DICE)
    validator = jsonschema.Draft202012Validator({"$defs": merged["$defs"], "$ref": "#/$defs/tool"})

    assert merged["$defs"].keys() - root["$defs"].keys() == {"stub_dice"}
    assert "dice" in properties_of(merged, merged["$defs"]["tool"])
    assert validator.is_valid({"description": "x", "dice": 2, "delay": 1})
    assert not validator.is_valid({"description": "x", "dice": "two"})
    for kind, tool in _smallest_tools().items():
        assert validator.is_valid({**tool, "dice": 2}) == (not STUBS[kind].keys)
    assert not _allows_tool({"description": "x", "dice": 2})
    with pytest.raises(ValueError, match="stub kind 'dice' cannot be added: dice is there already"):
        with_stub_kind(merged, "dice", DICE)


def test_a_kind_of_a_third_party_is_read_by_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    more: Registry[Any] = Registry("stub")
    for name, kind in [("dice", Dice), *STUBS.items()]:
        more.add(name, kind)
    monkeypatch.setattr(stub, "STUBS", more)

    assert kind_of({"description": "x", "dice": 2, "set": {}}) is Dice
    with pytest.raises(LookupError):
        kind_of({"description": "x", "dice": 2, "returns": 1})
