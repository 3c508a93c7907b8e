"""The schemas against the promises made about them, and against the types they must not differ from."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import jsonschema
import pytest

from realtime_scenarios import trace
from realtime_scenarios.document.schema import SchemaName, description_of, schema, schema_text
from realtime_scenarios.model import dialogue, matcher, scenario, tool
from realtime_scenarios.stubs import catalogue, http, query
from support.schemas import keys_of

NAMES: tuple[SchemaName, ...] = get_args(SchemaName)


def parts(part: Any, path: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema in a schema, with its path."""
    if not isinstance(part, dict):
        return
    yield path, part
    for key in ("properties", "$defs", "dependentSchemas", "patternProperties"):
        for name, inner in part.get(key, {}).items():
            yield from parts(inner, f"{path}/{key}/{name}")
    for key in ("items", "additionalProperties", "propertyNames", "if", "then", "else", "not"):
        yield from parts(part.get(key), f"{path}/{key}")
    for index, branch in enumerate(part.get("allOf", ())):
        yield from parts(branch, f"{path}/allOf/{index}")


def own(name: SchemaName) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(schema_text(name))
    return data


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_itself_valid(name: SchemaName) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_property_is_described_in_a_sentence(name: SchemaName) -> None:
    undescribed = [
        f"{path}/{key}"
        for path, part in parts(own(name))
        for key, inner in part.get("properties", {}).items()
        if isinstance(inner, dict) and "/if" not in path and not description_of(schema(name), inner).endswith(".")
    ]

    assert undescribed == []


@pytest.mark.parametrize("name", NAMES)
def test_no_mapping_takes_unknown_keys(name: SchemaName) -> None:
    closed = [part for _, part in parts(own(name)) if part.get("unevaluatedProperties") is False]
    merged = {f"#/{item.get('$ref', '').removeprefix('#/')}" for part in closed for item in part.get("allOf", ())}
    open_ones = [
        path
        for path, part in parts(own(name))
        if path not in merged
        and any(isinstance(inner, dict) for inner in part.get("properties", {}).values())
        and not path.endswith("/if")
        and path != "#/$defs/json_schema_keywords"
        and not (part.get("additionalProperties") is False or part.get("unevaluatedProperties") is False)
    ]

    assert open_ones == []


@pytest.mark.parametrize("name", NAMES)
def test_kinds_are_told_apart_without_one_of_and_any_of(name: SchemaName) -> None:
    assert [path for path, part in parts(own(name)) if "oneOf" in part or "anyOf" in part] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_example_and_default_fits_the_schema_beside_it(name: SchemaName) -> None:
    root = schema(name)
    wrong = []
    for path, part in parts(own(name)):
        values = [*part.get("examples", ()), *([part["default"]] if "default" in part else [])]
        bundled = {**json.loads(re.sub(r'"\w+\.schema\.json#/', '"#/', json.dumps(part))), "$defs": root["$defs"]}
        if path != "#":
            wrong += [(path, value) for value in values if not jsonschema.Draft202012Validator(bundled).is_valid(value)]

    assert wrong == []


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(NAMES, 2)))
def test_the_definitions_of_the_schemas_have_different_names(first: SchemaName, second: SchemaName) -> None:
    assert own(first)["$defs"].keys() & own(second)["$defs"].keys() == set()


IN_THE_MODEL = [
    ("scenario", "session", scenario.SessionSpec, {"language"}, set()),
    ("scenario", "guardrail_settings", scenario.GuardrailSettings, {"apply"}, set()),
    ("scenario", "provider", scenario.ProviderSpec, set(), {"place"}),
    ("scenario", "agent", scenario.AgentSpec, {"states_mode", "states_entry"}, {"id", "place"}),
    ("scenario", "handoff", scenario.HandoffSpec, {"name"}, {"tool_name", "place"}),
    ("scenario", "state", scenario.State, set(), {"place"}),
    ("scenario", "transition", scenario.Transition, {"when"}, {"condition", "place"}),
    ("scenario", "approval", tool.ApprovalRule, set(), {"place"}),
    ("scenario", "field", tool.Field, set(), {"name", "place"}),
    ("scenario", "case", tool.Answer, set(), {"place"}),
    ("scenario", "guardrail", scenario.Guardrail, set(), {"name", "place"}),
    ("scenario", "table", scenario.Table, set(), {"name", "place"}),
    ("scenario", "query", query.QueryStub, set(), {"given", "has_returns", "cases"}),
    ("scenario", "http", http.HttpStub, set(), {"given", "has_json", "has_returns"}),
    ("scenario", "model_call", tool.ModelQuestion, set(), set()),
    ("scenario", "catalogue", catalogue.CatalogueStub, set(), set()),
    ("scenario", "supervisor", scenario.Supervisor, set(), {"name", "place"}),
    ("scenario", "personality", scenario.Personality, set(), set()),
    ("scenario", "prompt", scenario.PromptSettings, set(), set()),
    ("scenario", "opening", scenario.Opening, set(), {"place"}),
    ("scenario", "mcp_server", scenario.McpServer, set(), {"name", "place"}),
    ("scenario", "property", scenario.Property, set(), {"place"}),
    ("scenario", "lint", scenario.LintSettings, set(), set()),
    ("scenario", "classifier", scenario.Classifier, set(), set()),
    ("scenario", "category", scenario.Category, set(), set()),
    ("scenario", "filler", tool.Filler, {"say"}, {"lines", "place"}),
    (
        "dialogue",
        "dialogue",
        dialogue.Dialogue,
        {"each", "live", "reason"},
        {"place", "values", "defaults", "scripted_only"},
    ),
    ("dialogue", "turn", dialogue.Turn, {"agent"}, {"moves", "place", "audio"}),
    ("dialogue", "interrupt", dialogue.Interrupt, {"after"}, {"after_seconds"}),
    ("dialogue", "conditions", matcher.Matcher, {"matches"}, {"pattern", "has_equals", "place", "written"}),
]


@pytest.mark.parametrize(
    ("name", "definition", "held", "only_written", "only_held"),
    IN_THE_MODEL,
    ids=[f"{name}-{definition}" for name, definition, *_ in IN_THE_MODEL],
)
def test_the_model_holds_what_the_schema_allows_and_no_more(
    name: SchemaName, definition: str, held: type, only_written: set[str], only_held: set[str]
) -> None:
    written = keys_of(schema(name), schema(name)["$defs"][definition])

    assert written - only_written == set(held.__struct_fields__) - only_held


def test_a_scenario_holds_what_its_schema_allows() -> None:
    written = set(schema("scenario")["properties"])

    assert written - {"scenario", "dialogues"} == set(scenario.Scenario.__struct_fields__) - {
        "id",
        "folder",
        "session_guardrails",
        "place",
    }


def test_a_tool_holds_what_its_schema_allows() -> None:
    written = set(schema("scenario")["$defs"]["tool"]["properties"])

    assert written == set(tool.ToolSpec.__struct_fields__) - {"name", "stub", "place"}


def test_every_move_of_the_schema_has_a_type() -> None:
    written = set(schema("dialogue")["$defs"]["move"]["properties"])
    moves = {dialogue.Say: {"text": "say"}, dialogue.Call: {"tool": "call", "arguments": "args"}}
    moves |= {dialogue.Handoff: {"to": "handoff", "arguments": "args"}, dialogue.EnterState: {"arguments": "args"}}
    held = {names.get(name, name) for move, names in moves.items() for name in move.__struct_fields__}

    assert held - {"place"} == written


def test_the_outcomes_of_the_schema_are_those_of_the_trace() -> None:
    assert tuple(schema("dialogue")["$defs"]["outcome"]["enum"]) == get_args(trace.Outcome)


def test_the_words_of_the_schema_are_those_of_the_model() -> None:
    definitions = schema("scenario")["$defs"]

    assert tuple(definitions["agent"]["properties"]["states_mode"]["enum"]) == ("prompt", "tracked", "focused")
    microphones = list(get_args(get_type_hints(scenario.NoiseReduction)["microphone"]))
    assert definitions["noise_reduction"]["then"]["enum"] == microphones
    assert definitions["noise_reduction"]["else"]["properties"]["type"]["enum"] == microphones
    assert (
        definitions["guardrail_settings"]["properties"]["max_trips"]["default"]
        == scenario.GuardrailSettings().max_trips
    )
    debounce = definitions["guardrail_settings"]["properties"]["debounce_text_length"]["default"]
    assert debounce == scenario.GuardrailSettings().debounce_text_length
