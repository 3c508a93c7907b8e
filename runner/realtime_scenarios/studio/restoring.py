"""A conversation of an earlier run of the server, as a page still has it, to where another one goes on from.

A page has what was told of it, and that is less than what was: secrets are masked, and of tables the first rows are
known at most. So agent, state, context and what was said are as they were, and it is told what is not.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from realtime_scenarios.core import UsageError
from realtime_scenarios.core.redaction import MARK
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.session.moment import Moment
from realtime_scenarios.stubs.session import StubMemory
from realtime_scenarios.trace import ContextChanged, HandedOff, StateEntered, Trace, TraceEvent

_PICTURE = frozenset(("ItemPlaced", "ItemDropped", "Delta", "TurnOver"))
"""Events of the studio that are taken over; what waits or is at work is not."""


@dataclass(frozen=True, slots=True)
class Restored:
    """`picture` is what pages are told of it, `items` stand in it, `lost` says what is not as it was."""

    moment: Moment
    picture: Sequence[Mapping[str, Any]]
    items: tuple[str, ...]
    lost: Sequence[str]


def restored(
    scenario: Scenario, told: Sequence[Any], start: str, context: Mapping[str, Any], now: datetime.datetime
) -> Restored:
    """What a page has told of a conversation that began so.

    Raises:
        UsageError: it has told something else.
    """
    try:
        picture = [_checked(event) for event in told]
        events = _trace(picture)
    except (msgspec.ValidationError, KeyError, TypeError, ValueError) as problem:
        message = "what the page has of the earlier conversation cannot be read"
        raise UsageError(message, hint="begin a new one") from problem
    agent, states, known = start, dict[str, str](), dict(context)
    lost: list[str] = []
    for event in events:
        match event:
            case HandedOff(to=to) if to in scenario.agents:
                agent = to
            case StateEntered() if _is_state(scenario, event.agent, event.state):
                states[event.agent] = event.state
            case ContextChanged(variable=name, value=value) if name in scenario.context:
                if MARK in str(value):
                    lost.append(f"'{name}' is secret, and is as in the beginning")
                else:
                    known[name] = value
    if scenario.data:
        lost.append("tables are as in the beginning")
    turn = max((event.turn for event in events), default=0)
    record = Trace(events, start, dict(context), began=now)
    moment = Moment(agent, states, known, {}, {}, turn, now, record, (), StubMemory())
    kept = [event for event in picture if event["layer"] == "trace" or event["type"] in _PICTURE]
    placed = dict.fromkeys(str(event["item"]) for event in kept if event["type"] == "ItemPlaced")
    return Restored(moment, kept, tuple(placed), tuple(dict.fromkeys(lost)))


def _is_state(scenario: Scenario, agent: str, state: str) -> bool:
    machine = scenario.agents[agent].states if agent in scenario.agents else None
    return machine is not None and state in machine.states


def _checked(event: Any) -> Mapping[str, Any]:
    told = msgspec.convert(event, _Told)
    if told.layer == "studio" and told.type in _SHAPES:
        msgspec.convert(told.data, _SHAPES[told.type])
    return {
        **msgspec.to_builtins(told),
        "response": None,
        "cause": None,
        "dir": "self",
        "size": 0,
    }


Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class _Told(msgspec.Struct, frozen=True):
    """An event as a page gives it back. `at` is in milliseconds."""

    seq: Count
    at: Count
    turn: Count
    agent: str | None
    layer: str
    type: str
    data: dict[str, Any]
    item: str | None = None
    call: str | None = None
    place: tuple[str, int, int] | None = None


class _Placed(msgspec.Struct, frozen=True):
    item: str
    role: str
    after: str | None


class _Piece(msgspec.Struct, frozen=True):
    item: str
    text: str


class _Dropped(msgspec.Struct, frozen=True):
    item: str


_SHAPES: Mapping[str, type] = {"ItemPlaced": _Placed, "Delta": _Piece, "ItemDropped": _Dropped}


def _trace(picture: Sequence[Mapping[str, Any]]) -> tuple[TraceEvent, ...]:
    told = [event for event in picture if event["layer"] == "trace" and event["type"] != "SessionEnded"]
    return tuple(
        msgspec.convert(
            {**event["data"], "type": event["type"], "seq": number, "turn": event["turn"], "agent": event["agent"]},
            TraceEvent,
        )
        for number, event in enumerate(told, 1)
    )
