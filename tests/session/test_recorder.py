"""Events on record: without secrets, heard at once, and asked about by the id of a call."""

from __future__ import annotations

from realtime_scenarios.compiler.recorder import Recorder
from realtime_scenarios.core import Secrets
from realtime_scenarios.trace import (
    ApprovalDecided,
    ApprovalRequested,
    ModelAnswered,
    ToolCalled,
    ToolReturned,
    Trace,
    TraceEvent,
    UserSaid,
)

HERE = {"turn": 1, "agent": "desk"}


def recorder(*secrets: str, heard: list[TraceEvent] | None = None) -> Recorder:
    hidden = Secrets()
    for secret in secrets:
        hidden.add(secret)
    return Recorder(Trace((), "desk", {"n": 1}), hidden, None if heard is None else heard.append)


def test_what_is_recorded_is_heard_at_once_and_counted() -> None:
    heard: list[TraceEvent] = []
    record = recorder(heard=heard)
    record.record(UserSaid, **HERE, text="Hello")
    record.record(UserSaid, turn=2, agent="other", text="Bye")
    assert heard == [UserSaid(1, 1, "desk", "Hello"), UserSaid(2, 2, "other", "Bye")] == record.events


def test_secrets_are_hidden_in_what_was_said_and_not_in_names() -> None:
    record = recorder("hunter2")
    record.record(ToolCalled, **HERE, call_id="hunter2", tool="hunter2", arguments={"pin": ["hunter2"]})
    assert record.events == [ToolCalled(1, 1, "desk", "hunter2", "hunter2", {"pin": ["[secret]"]})]


def test_a_trace_is_what_has_happened_until_then() -> None:
    record = recorder()
    record.record(UserSaid, **HERE, text="Hello")
    trace = record.trace()
    record.record(UserSaid, **HERE, text="Bye")
    assert (trace.events, trace.start, trace.context) == ((UserSaid(1, 1, "desk", "Hello"),), "desk", {"n": 1})


def test_a_call_is_asked_about_while_the_conversation_goes_on_and_after() -> None:
    record = recorder()
    assert record.called("a") is record.returned("a") is None
    record.record(ToolCalled, **HERE, call_id="a", tool="pay", arguments={})
    record.record(ApprovalRequested, **HERE, call_id="a", tool="pay", arguments={}, fields=())
    record.record(ToolCalled, **HERE, call_id="a.1", tool="look", arguments={}, within="a")
    record.record(ToolReturned, **HERE, call_id="a.1", tool="look", outcome="answered", output="x", within="a")
    assert record.returned("a") is record.decided("a") is record.answered("a") is None
    record.record(ApprovalDecided, **HERE, call_id="a", tool="pay", decision="approved", fields={})
    record.record(ModelAnswered, **HERE, call_id="a", name="boss", text="yes")
    record.record(ToolReturned, **HERE, call_id="a", tool="pay", outcome="answered", output="done")
    for log in (record, record.trace()):
        events = list(log.events)
        assert [log.called("a"), log.asked("a"), log.decided("a"), log.answered("a"), log.returned("a")] == [
            events[0],
            events[1],
            events[4],
            events[5],
            events[6],
        ]
        assert log.within("a") == (events[2],)
        assert log.returned("b") is None
