"""Schedules as texts, by seeds, and shrunk; and what counts as done twice."""

from __future__ import annotations

import pytest

from realtime_scenarios.core import UsageError
from realtime_scenarios.core.schedules import Hurdle, Schedule
from realtime_scenarios.suite.effects import doubled_effects
from realtime_scenarios.trace import HandedOff, ToolCalled, ToolReturned, Trace, TraceEvent


def test_a_schedule_is_read_as_it_is_told() -> None:
    text = "delay 14 0.5s, double 20, tool 2 1.5s, decision 1 2s, late 1 0.7s"
    assert str(Schedule.of(text)) == text
    assert Schedule.of("").hurdles == ()
    assert [str(Schedule.drawn(1, number, events=60)) for number in range(9)] == [
        str(Schedule.of(str(Schedule.drawn(1, number, events=60)))) for number in range(9)
    ]


@pytest.mark.parametrize("text", ["delay", "delay x 1s", "jump 3 1s", "double 1 1s 2s", "delay 1 -1s"])
def test_what_is_no_schedule_is_told_with_the_way_out(text: str) -> None:
    with pytest.raises(UsageError, match="is no hurdle of a schedule"):
        Schedule.of(text)


def test_a_seed_gives_the_same_schedules_and_another_seed_others() -> None:
    first, again, other = ([Schedule.drawn(seed, number, events=50) for number in range(20)] for seed in (1, 1, 2))
    assert first == again != other
    assert len(set(first)) > 15
    assert {hurdle.kind for schedule in first for hurdle in schedule.hurdles} == {
        "delay", "double", "late", "tool", "decision"
    }  # fmt: skip


def test_a_smaller_schedule_lacks_one_hurdle() -> None:
    schedule = Schedule((Hurdle("delay", 1, 1.0), Hurdle("double", 2), Hurdle("tool", 1, 0.5)))
    assert [len(each.hurdles) for each in schedule.smaller] == [2, 2, 2]
    assert len(set(schedule.smaller)) == 3


def trace(*events: TraceEvent) -> Trace:
    return Trace(events, "desk")


def call(number: int, call_id: str, amount: int) -> tuple[TraceEvent, TraceEvent]:
    return (
        ToolCalled(seq=number, turn=1, agent="desk", call_id=call_id, tool="pay", arguments={"amount": amount}),
        ToolReturned(
            seq=number + 1, turn=1, agent="desk", call_id=call_id, tool="pay", outcome="answered", output="ok"
        ),
    )


def test_what_happens_more_often_than_usual_is_told() -> None:
    usual = trace(*call(1, "call_1", 5))
    assert list(doubled_effects(usual, usual)) == []
    once_more = trace(*call(1, "call_1", 5), *call(3, "call_2", 5))
    assert list(doubled_effects(once_more, usual)) == [('pay({"amount": 5}) happened 2 times, and usually 1', 4)]
    twice = trace(*call(1, "call_1", 5), call(3, "call_1", 5)[1])
    assert next(iter(doubled_effects(twice, usual))) == ("one call (call_1) was carried out 2 times", 4)
    moved = HandedOff(seq=1, turn=1, agent="desk", call_id="c", to="vault")
    assert len(list(doubled_effects(trace(moved, moved), trace(moved)))) == 1
