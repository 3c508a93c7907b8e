"""Checked documents to scenarios and dialogues: defaults filled in, short forms written out, nothing lost."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

import realtime_scenarios.expectations  # noqa: F401 - the kinds that dialogues are built from
from realtime_scenarios.document import check, read, read_text
from realtime_scenarios.model import Scenario, build_dialogues, build_scenario, matcher_of
from realtime_scenarios.model.dialogue import Call, Handoff, Say
from realtime_scenarios.model.stub import STUBS
from realtime_scenarios.model.values import seconds
from realtime_scenarios.stubs.query import QueryStub

EVERYTHING = Path(__file__).parent.parent / "document" / "good" / "everything.yaml"
HEAD = "scenario: shop\nstart: main\nagents: {main: {instructions: Be brief.}}\n"


@pytest.fixture(scope="module")
def everything() -> Scenario:
    document, found = read(EVERYTHING)
    assert document is not None
    assert [*found, *check(document, "scenario")] == []
    return build_scenario(document)[0]


def scenario(text: str) -> Scenario:
    document, found = read_text(HEAD + text, "shop.yaml")
    assert document is not None
    assert [*found, *check(document, "scenario")] == []
    built, found = build_scenario(document)
    assert found == []
    return built


@pytest.mark.parametrize(
    ("written", "expected"),
    [(3, 3.0), (0.5, 0.5), ("400ms", 0.4), ("60s", 60.0), ("2m", 120.0), ("1m30s", 90.0), ("1.5h", 5400.0)],
)
def test_durations_are_seconds(written: float | str, expected: float) -> None:
    assert seconds(written) == pytest.approx(expected)


def test_the_smallest_scenario_has_every_default() -> None:
    built = scenario("")

    assert built.title == "shop"
    assert built.agents["main"].name == "main"
    assert built.agents["main"].states is None
    assert built.session.guardrails.max_trips == 3
    assert (built.provider, dict(built.tools), built.session_guardrails) == (None, {}, ())


def test_short_parameters_become_a_closed_json_schema() -> None:
    built = scenario(
        "tools:\n  t: {description: x, parameters: {id: string, 'kind?': [new, old], n: {type: integer}}}\n"
    )

    assert built.tools["t"].parameters == {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "kind": {"type": "string", "enum": ["new", "old"]},
            "n": {"type": "integer"},
        },
        "required": ["id", "n"],
        "additionalProperties": False,
    }


def test_parameters_written_as_a_json_schema_stay_as_they_are() -> None:
    built = scenario("tools:\n  t: {description: x, parameters: {type: object, properties: {id: {type: string}}}}\n")

    assert built.tools["t"].parameters == {"type": "object", "properties": {"id": {"type": "string"}}}


def test_each_way_to_answer_becomes_its_stub(everything: Scenario) -> None:
    kinds = {name: type(tool.stub) for name, tool in everything.tools.items()}

    assert kinds == {
        "nothing": STUBS["nothing"],
        "pick": STUBS["cases"],
        "in_turn": STUBS["sequence"],
        "from_file": STUBS["returns"],
        "ask": STUBS["query"],
        "ask_more": STUBS["query"],
        "own": STUBS["python"],
        "broken": STUBS["returns"],
        "slow": STUBS["returns"],
    }


def test_assignments_of_plain_values_are_expressions() -> None:
    built = scenario("tools:\n  t: {description: x, set: {a: true, b: null, c: 3, d: args.x}}\n")
    (answer,) = built.tools["t"].stub.answers

    assert answer.set == {"a": "true", "b": "none", "c": "3", "d": "args.x"}


def test_a_query_keeps_its_statements_files_and_answer(everything: Scenario) -> None:
    stub = everything.tools["ask_more"].stub

    assert isinstance(stub, QueryStub)
    assert [statement.text for statement in stub.sql] == [
        "UPDATE orders SET total = 0",
        "SELECT total FROM orders WHERE id = :id\n",
    ]
    assert (stub.params, stub.result, stub.has_returns) == ({"limit": "3"}, "value", True)
    assert stub.empty is not None
    assert stub.empty.raises == "No such order."


def test_an_approval_rule_keeps_its_fields_and_times(everything: Scenario) -> None:
    rule = everything.tools["pick"].approval

    assert rule is not None
    assert (rule.timeout, rule.remember) == (90.0, "session")
    assert {name: (field.label, field.secret, field.required) for name, field in rule.fields.items()} == {
        "pin": ("PIN", True, True),
        "note": ("Note", False, False),
    }


def test_the_language_of_the_session_is_the_language_of_its_transcription(everything: Scenario) -> None:
    assert everything.session.transcription is not None
    assert everything.session.transcription["language"] == "de"
    assert everything.session_guardrails == ("no_promises",)


def test_columns_that_nobody_gave_come_from_the_rows(everything: Scenario) -> None:
    assert everything.data["inferred"].columns == {"a": "REAL", "b": "TEXT", "c": "TEXT"}


def test_numbers_in_a_csv_file_are_numbers_and_empty_cells_are_null(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("id,phone,total\n1,0123,9.5\n2,0456,\n")
    (tmp_path / "shop.yaml").write_text(HEAD + "data: {orders: {rows: {file: orders.csv}}}\n")
    document, _ = read(tmp_path / "shop.yaml")
    assert document is not None

    built, found = build_scenario(document)

    assert found == []
    assert built.data["orders"].rows == (
        {"id": 1, "phone": "0123", "total": 9.5},
        {"id": 2, "phone": "0456", "total": None},
    )
    assert built.data["orders"].columns == {"id": "INTEGER", "phone": "TEXT", "total": "REAL"}


def test_a_scenario_whose_names_lead_nowhere_is_built_all_the_same() -> None:
    document, _ = read_text(
        "scenario: s\nstart: nobody\nagents: {main: {instructions: x, tools: [no], handoffs: [no]}}\n", "s.yaml"
    )
    assert document is not None

    built, found = build_scenario(document)

    assert found == []
    assert built.agents["main"].handoffs[0].to == "no"


def test_dialogues_keep_moves_decisions_and_places() -> None:
    document, _ = read(EVERYTHING, shown_as="everything.yaml")
    assert document is not None

    (dialogue,), found = build_dialogues(document)

    assert found == []
    assert dialogue.now == datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
    opening, silence, turn, last = dialogue.turns
    assert (opening.user, opening.silence, silence.silence, silence.moves, last.moves) == (None, None, 10.0, (), None)
    assert turn.moves is not None
    _, call, _, handoff, say = turn.moves
    assert isinstance(call, Call)
    assert [decision.kind for decision in call.approval] == ["approve", "reject", "times_out", "approve"]
    assert call.approval[0].fields == {"pin": "0123"}
    assert isinstance(handoff, Handoff)
    assert handoff.refused
    assert isinstance(say, Say)
    assert say.interrupt is not None
    assert say.interrupt.after_words == 1
    assert document.line(turn.expect[0].place.key_span.line).strip() == "- {said: bye}"


def test_a_matcher_is_a_text_to_contain_a_value_to_equal_or_conditions() -> None:
    document, _ = read_text("a: 1\n", "x.yaml")
    assert document is not None

    assert matcher_of("8am", document.root).contains == ("8am",)
    assert matcher_of({"status": "ok"}, document.root).equals == {"status": "ok"}
    assert matcher_of({"contains": "a", "equals": None}, document.root).has_equals


def test_a_name_that_is_also_a_condition_is_a_name() -> None:
    expected = "[{context: {matches: 5}}, {called: {tool: t, args: {matches: 5, contains: {matches: '('}}}}]"
    text = f"scenario: x.yaml\ndialogues: [{{id: d, turns: [{{user: x}}], expect: {expected}}}]\n"
    document, _ = read_text(text, "d.yaml")
    assert document is not None
    assert check(document, "dialogue") == []

    _, found = build_dialogues(document)

    assert [diagnostic.name for diagnostic in found] == ["bad-pattern"]
