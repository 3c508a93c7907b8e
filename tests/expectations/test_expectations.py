"""Every kind of expectation on one trace: when it holds, when it fails, and what it says then."""

from __future__ import annotations

import json
from typing import Any

import pytest

from realtime_scenarios.core import resource_folder
from realtime_scenarios.document import Place, read_text
from realtime_scenarios.expectations import EXPECTATIONS, check
from realtime_scenarios.expectations.matching import mismatch
from realtime_scenarios.model import matcher_of
from realtime_scenarios.model.dialogue import ExpectationSpec
from realtime_scenarios.suite import line_of
from realtime_scenarios.trace import (
    EVENT_TYPES,
    AgentSaid,
    ApprovalDecided,
    ApprovalRequested,
    ContextChanged,
    GuardrailTripped,
    HandedOff,
    HandoffRefused,
    StateEntered,
    ToolCalled,
    ToolReturned,
    Trace,
    UserSaid,
    from_json_lines,
    to_json_lines,
)

TRACE = Trace(
    (
        UserSaid(1, 1, "main", "Where is my order?"),
        AgentSaid(2, 1, "main", "One  moment, please."),
        ToolCalled(3, 1, "main", "call_1", "status", {"id": "OA1000", "deep": {"a": [1, 2]}}),
        ToolReturned(4, 1, "main", "call_1", "status", "answered", '{"state": "sent", "n": 2}'),
        ContextChanged(5, 1, "main", "order", "OA1000"),
        AgentSaid(6, 1, "main", "It has been SENT."),
        UserSaid(7, 2, "main", "Pay"),
        HandoffRefused(8, 2, "main", "call_2", "vault", "not yet"),
        HandedOff(9, 2, "main", "call_3", "desk"),
        StateEntered(10, 2, "desk", "paying", None),
        ToolCalled(11, 2, "desk", "call_4", "pay", {}),
        ApprovalRequested(12, 2, "desk", "call_4", "pay", {}, ("pin",)),
        ApprovalDecided(13, 2, "desk", "call_4", "pay", "rejected", {}),
        ToolReturned(14, 2, "desk", "call_4", "pay", "rejected", "No."),
        GuardrailTripped(15, 2, "desk", "polite", "damn", "says 'damn'"),
        AgentSaid(16, 2, "desk", "As you wish.", interrupted=True),
    ),
    start="main",
    context={"order": None, "paid": False},
    query=lambda sql: [{"n": 2, "who": "Noor"}] if "who" in sql else [{"n": 2}],
)

PASSES: list[tuple[str, Any, int | None]] = [
    ("said", "it has been sent", 1),
    ("said", {"contains": ["one moment", "sent"]}, 1),
    ("said", {"matches": "SENT\\.$"}, 1),
    ("said", {"excludes": "lost"}, 1),
    ("never_said", "lost", None),
    ("nowhere", "4711", None),
    ("called", "status", 1),
    ("called", {"tool": "status", "args": {"id": "oa1000"}}, None),
    ("called", {"tool": "status", "args": {"id": {"contains": "1000"}, "deep": {"a": [1, 2]}}}, None),
    ("called", {"tool": "status", "returns": {"equals": {"state": "sent", "n": 2}}, "outcome": "answered"}, None),
    ("called", {"tool": "status", "times": 1}, None),
    ("called", {"tool": "refund", "times": 0}, None),
    ("not_called", "pay", 1),
    ("not_called", {"tool": "status", "args": {"id": "OA1"}}, 1),
    ("order", ["status", {"handoff": "desk"}, {"state": "paying"}, "pay"], None),
    ("agent", "main", 1),
    ("agent", "desk", 2),
    ("handoff", "desk", 2),
    ("handoff", {"from": "main", "to": "desk"}, None),
    ("handoff", "none", 1),
    ("state", "paying", 2),
    ("approval", {"tool": "pay", "decision": "rejected"}, 2),
    ("approval", {"tool": "pay"}, 2),
    ("approval", {"decision": "rejected"}, 2),
    ("approval", "none", 1),
    ("guardrail", "polite", 2),
    ("guardrail", "none", 1),
    ("context", {"order": "OA1000", "paid": False}, 1),
    ("context", {"order": {"contains": "1000"}}, None),
    ("data", {"query": "n", "returns": 2}, None),
    ("data", {"query": "n", "returns": [{"n": 2}]}, None),
    ("data", {"query": "who", "returns": {"n": 2, "who": "Noor"}}, None),
]

FAILS: list[tuple[str, Any, int | None, str, int | None]] = [
    ("said", "delivered", 1, "the agent did not say it: expected it to contain 'delivered'", 6),
    ("said", {"excludes": "sent", "contains": "sent"}, 1, "expected it not to contain 'sent'", 6),
    ("never_said", "sent", None, "the agent said what it must not: 'It has been SENT.'", 6),
    ("never_said", "as you wish", None, "the agent said what it must not", 16),
    ("nowhere", "oa1000", None, "'oa1000' stands in this event", 3),
    ("called", "refund", None, "'refund' was not called; called were 'status' and 'pay'", 16),
    (
        "called",
        {"tool": "status", "args": {"id": "OA100"}},
        None,
        "argument 'id': expected 'OA100', but it is 'OA1000'",
        3,
    ),
    ("called", {"tool": "status", "args": {"other": 1}}, None, "it has no argument 'other'", 3),
    ("called", {"tool": "pay", "outcome": "answered"}, None, "it was rejected, not answered", 11),
    ("called", {"tool": "status", "returns": "lost"}, None, "it returned something else", 3),
    ("called", {"tool": "status", "times": 2}, None, "expected 2 calls of 'status', but there were 1", 16),
    ("not_called", "status", 1, "'status' was called", 3),
    ("order", ["pay", "status"], None, "expected call 'status' after call 'pay'; what came was nothing", 16),
    ("agent", "main", 2, "agent 'main' was to be active, but it is 'desk'", 9),
    ("handoff", "none", 2, "'main' handed off to 'desk'", 9),
    ("handoff", "vault", 2, "was refused: not yet", 8),
    ("handoff", "sales", 2, "expected a handoff to 'sales'; what happened was 'main' to 'desk'", 9),
    ("state", "done", 2, "state 'done' was expected, but it is 'paying'", 10),
    (
        "approval",
        {"tool": "pay", "decision": "approved"},
        2,
        "the approval of 'pay' was to be approved, but it was rejected",
        13,
    ),
    ("approval", {"decision": "timed_out"}, 2, "the approval of 'pay' was to be timed out, but it was rejected", 13),
    ("approval", {"tool": "status"}, None, "nobody was asked to approve 'status'", 16),
    ("approval", "none", 2, "a person was asked to approve 'pay'", 12),
    ("guardrail", "none", 2, "guardrail 'polite' tripped: says 'damn'", 15),
    ("guardrail", "polite", 1, "guardrail 'polite' did not trip", 6),
    ("context", {"order": "OA1"}, 1, "context variable 'order': expected 'OA1', but it is 'OA1000'", 5),
    ("context", {"paid": True}, 1, "context variable 'paid': expected true, but it is false", 6),
    ("data", {"query": "n", "returns": 3}, None, "the data is not as expected: expected 3, but it is 2", 16),
]


def spec(kind: str, value: Any) -> ExpectationSpec:
    document, _ = read_text("a: 1\n", "dialogue.yaml")
    assert document is not None
    return ExpectationSpec(kind, value, Place(document, ("a",)))


@pytest.mark.parametrize(("kind", "value", "turn"), PASSES)
def test_it_holds(kind: str, value: Any, turn: int | None) -> None:
    verdict = check(spec(kind, value), TRACE, turn)
    assert verdict.passed, verdict.message


@pytest.mark.parametrize(("kind", "value", "turn", "message", "at"), FAILS)
def test_it_fails_and_says_why_and_where(kind: str, value: Any, turn: int | None, message: str, at: int | None) -> None:
    verdict = check(spec(kind, value), TRACE, turn)
    assert not verdict.passed
    assert message in verdict.message
    assert verdict.at == at


def test_an_approval_that_came_after_the_effect_is_no_approval() -> None:
    events = (
        ToolCalled(1, 1, "main", "call_1", "pay", {}),
        ToolReturned(2, 1, "main", "call_1", "pay", "answered", "paid"),
        ApprovalDecided(3, 1, "main", "call_1", "pay", "approved", {}),
    )
    verdict = check(spec("approval", {"tool": "pay"}), Trace(events, "main"), None)
    assert "answered before the approval was decided" in verdict.message and verdict.at == 2


def test_every_kind_is_tried_and_stands_in_the_schema() -> None:
    schema = json.loads((resource_folder("schemas") / "dialogue.schema.json").read_text(encoding="utf-8"))
    assert set(EXPECTATIONS) == set(schema["$defs"]["expectation"]["properties"])
    assert {kind for kind, *_ in PASSES} == {kind for kind, *_ in FAILS} == set(EXPECTATIONS)


def test_a_trace_survives_being_written_and_read() -> None:
    assert tuple(from_json_lines(to_json_lines(TRACE))) == TRACE.events
    with pytest.raises(ValueError, match="line 1 is no trace event"):
        from_json_lines("{}\n")


def test_every_event_can_be_shown_in_a_line() -> None:
    kinds = {type(event) for event in TRACE.events}
    assert all(line_of(event).text and len(line_of(event).label) <= 10 for event in TRACE.events)
    assert kinds < set(EVENT_TYPES)


@pytest.mark.parametrize(
    "value",
    [
        "the   SECRET word",
        {"contains": "secret word"},
        {"matches": "secret w.rd"},
        {"equals": "the secret word"},
        'said "hi"',
        "4711",
        "pin",
    ],
)
def test_what_must_stand_nowhere_is_found_wherever_it_stands(value: Any) -> None:
    arguments = {"text": "the secret word", "deep": [{"pin": 4711}]}
    events = (
        UserSaid(1, 1, "main", text="hello"),
        ToolCalled(2, 1, "main", call_id="call_1", tool="echo", arguments=arguments),
        ToolReturned(3, 1, "main", call_id="call_1", tool="echo", outcome="answered", output='{"a": "said \\"hi\\""}'),
    )
    assert not check(spec("nowhere", value), Trace(events, "main"), None).passed


@pytest.mark.parametrize("value", ["1", "seq", "turn", "call_1", "main", "null", {"equals": "hell"}])
def test_what_says_where_an_event_belongs_is_not_searched(value: Any) -> None:
    assert check(spec("nowhere", value), Trace((UserSaid(1, 1, "main", text="hello"),), "main"), None).passed


@pytest.mark.parametrize(("expected", "actual"), [(1, "true"), (True, "1"), (0, False)])
def test_true_is_not_one(expected: Any, actual: Any) -> None:
    assert mismatch(matcher_of({"equals": expected}, spec("said", "").place), actual) is not None
