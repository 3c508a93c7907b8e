"""Every kind of expectation on its cases: when it holds, when it fails, and what it says then."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from msgspec.structs import replace

from realtime_scenarios.document.schema import schema
from realtime_scenarios.document.things import value_at
from realtime_scenarios.expectations import check, mismatch
from realtime_scenarios.model import matcher_of
from realtime_scenarios.model.expectation import Expectation
from realtime_scenarios.model.mention import ArgumentName, M, Mention, VariableName
from realtime_scenarios.suite import line_of
from realtime_scenarios.trace import (
    EVENT_TYPES,
    LEFT_OUT,
    ModelAsked,
    ToolCalled,
    ToolReturned,
    Trace,
    UserSaid,
    from_json_lines,
    to_json_lines,
)
from support.expectations import CONVERSATION, Case, cases, document_of, expectation_of, trace_of

TRACE = trace_of(document_of(CONVERSATION).data)


@pytest.mark.parametrize("case", [case for case in cases() if case.ends == "holds"], ids=str)
def test_it_holds(case: Case) -> None:
    assert case.verdict.passed, case.verdict.message


@pytest.mark.parametrize("case", [case for case in cases() if case.ends == "fails"], ids=str)
def test_it_fails_and_says_why_and_where(case: Case) -> None:
    verdict = case.verdict
    assert (verdict.passed, verdict.message, verdict.at, verdict.place) == (False, case.says, case.at, case.place)
    assert verdict.diff == case.diff
    assert all(len(line) <= 76 for line in verdict.diff)


@pytest.mark.parametrize("case", cases(), ids=str)
def test_a_case_is_one_that_a_file_may_state(case: Case) -> None:
    part = {"$ref": "#/$defs/expectation", "$defs": schema("dialogue")["$defs"]}
    assert jsonschema_rs.is_valid(part, {case.key: case.expected})


@pytest.mark.parametrize("case", cases(), ids=str)
def test_what_it_speaks_of_stands_in_the_file_and_may_be_spelt_otherwise(case: Case) -> None:
    def in_capitals(mention: M) -> M:
        return replace(mention, text=mention.text.upper())

    written = names_in(case.expectation)
    assert all(value_at(name.place.pointer, name.place.document.data) == name.text for name in written)
    assert [name.text for name in names_in(case.expectation.renamed(in_capitals))] == [
        name.text.upper() for name in written
    ]


def names_in(expectation: Expectation) -> list[Mention]:
    """What it speaks of, without what is named by a key."""
    return [mention for mention in expectation.names() if not isinstance(mention, (ArgumentName, VariableName))]


def test_a_question_that_was_not_kept_whole_is_told_as_such() -> None:
    asked = ModelAsked(1, 1, "main", call_id="c", name="boss", instructions=f"x (9 {LEFT_OUT} y", question="z")
    told = check(expectation_of("asked", {"contains": "gold"}), Trace((asked,), "main"), None).message
    assert told.endswith("; it was too long to be kept whole")


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
    assert not check(expectation_of("nowhere", value), Trace(events, "main"), None).passed


@pytest.mark.parametrize("value", ["1", "seq", "turn", "call_1", "main", "null", {"equals": "hell"}])
def test_what_says_where_an_event_belongs_is_not_searched(value: Any) -> None:
    assert check(expectation_of("nowhere", value), Trace((UserSaid(1, 1, "main", text="hello"),), "main"), None).passed


@pytest.mark.parametrize(("expected", "actual"), [(1, "true"), (True, "1"), (0, False)])
def test_true_is_not_one(expected: Any, actual: Any) -> None:
    assert mismatch(matcher_of({"equals": expected}, expectation_of("said", "").place), actual) is not None
