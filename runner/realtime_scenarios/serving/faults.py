"""Faults on request: what goes wrong on the wire between the server and a client, the same each time by its seed."""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, assert_never

from realtime_scenarios.core.arguments import ArgumentCheck
from realtime_scenarios.document.schema import schema
from realtime_scenarios.model.build_dialogue import code_problem, fault_of
from realtime_scenarios.model.dialogue import Fault
from realtime_scenarios.realtime.events import ClientError, Event, encoded, expired
from realtime_scenarios.realtime.responder import Answer, FailResponse, Responder, ResponseRequest
from realtime_scenarios.realtime.visit import Delivery, Hangup, Pause, Wire

_AN_HOUR = 3600.0


def written_fault(text: str) -> Fault:
    """The fault in an address: its keys as in a file, `drop,event=response.done,turn=2`.

    Raises:
        ValueError: it is none; the message says why.
    """
    kind, *rest = text.split(",")
    data: dict[str, Any] = {"fault": kind}
    for part in rest:
        key, separator, value = part.partition("=")
        if not separator:
            raise ValueError(f"'{part}' is not written as KEY=VALUE")
        data[key] = _typed(value)
    found = _problems_of(data)
    if not found and (problem := code_problem(data)) is not None:
        found = [problem]
    if found:
        raise ValueError("; ".join(found))
    return fault_of(data)


def _problems_of(data: Mapping[str, Any]) -> list[str]:
    """What the schema of dialogues does not allow of a fault."""
    definitions = schema("dialogue")["$defs"]
    fault, span_of_time = definitions["fault"], definitions["span_of_time"]
    # its pattern looks ahead, which the validator of arguments, whose time is linear, does not know
    span = {key: wanted for key, wanted in span_of_time.items() if key != "pattern"}
    found = ArgumentCheck({**fault, "properties": {**fault["properties"], "for": span}}).problems(data)
    lasting = data.get("for")
    if isinstance(lasting, str) and not (lasting and re.match(span_of_time["pattern"], lasting)):
        found.append(f"argument 'for' {span_of_time['x-message']}: {span_of_time['x-hint']}")
    return found


def _typed(value: str) -> Any:
    """A number where it is one, otherwise the text."""
    try:
        number = json.loads(value)
    except ValueError:
        return value
    return number if isinstance(number, (int, float)) and not isinstance(number, bool) else value


@dataclass(slots=True)
class _Armed:
    """A fault on one connection: how often it may still happen, and the dice that say whether it does."""

    fault: Fault
    left: int
    dice: random.Random

    def strikes(self, kind: str, turn: int) -> bool:
        """Whether it happens at an event of that type; then it has happened once more."""
        fault = self.fault
        if self.left == 0 or not fnmatchcase(kind, fault.event) or fault.turn not in (None, turn):
            return False
        if fault.chance is not None and self.dice.random() >= fault.chance:
            return False
        self.left -= 1
        return True


class FaultyLine:
    """A wire on which faults happen, and a responder whose responses may fail: both ends of one connection.

    `turn_at` says to which turn an event belongs. `number` counts the connections to the dialogue from 1. `hung_up` is
    called when a fault ends the connection.
    """

    never_waits = True

    def __init__(
        self,
        wire: Wire,
        responder: Responder,
        faults: Sequence[Fault],
        *,
        seed: int,
        number: int,
        turn_at: Callable[[Event], int],
        hung_up: Callable[[], None],
    ) -> None:
        self._wire = wire
        self._responder = responder
        self._turn_at = turn_at
        self._hung_up = hung_up
        armed = [
            _Armed(fault, fault.times, random.Random(f"{seed}/{number}/{at}"))
            for at, fault in enumerate(faults)
            if fault.connection in (None, number)
        ]
        self._on_wire = [fault for fault in armed if fault.fault.kind != "fail"]
        self._in_responses = [fault for fault in armed if fault.fault.kind == "fail"]
        self._failing: dict[str, Fault] = {}
        self._held_back: tuple[Delivery, ...] = ()
        self._is_silent = False
        self._ids = itertools.count(1)

    async def respond(self, request: ResponseRequest) -> Answer:
        fault = self._failing.pop(request.response_id, None)
        if fault is None:
            return await self._responder.respond(request)
        problem = _problem_of(fault)
        return [FailResponse(problem.code, problem.message)]

    def deliveries(self, event: Event) -> Iterable[Delivery]:
        turn = self._turn_at(event)
        self._note_failure(event, turn)
        frames: tuple[Delivery, ...] = tuple(self._wire.deliveries(event))
        if self._is_silent:
            return ()
        is_held_back = False
        for armed in self._on_wire:
            if armed.strikes(event["type"], turn):
                is_held_back = is_held_back or armed.fault.kind == "reorder"
                frames = self._struck(armed.fault, event, frames)
        if is_held_back:
            self._held_back += frames
            return ()
        held_back, self._held_back = self._held_back, ()
        return (*frames, *held_back)

    def _note_failure(self, event: Event, turn: int) -> None:
        """A response that is to fail does so when the model would be asked: so a second attempt finds its moves."""
        if event["type"] == "response.created":
            for armed in self._in_responses:
                if armed.strikes(event["type"], turn):
                    self._failing[event["response"]["id"]] = armed.fault

    def _struck(self, fault: Fault, event: Event, frames: tuple[Delivery, ...]) -> tuple[Delivery, ...]:
        """What becomes of the frames of an event by a fault."""
        match fault.kind:
            case "drop":
                return ()
            case "delay":
                return (Pause(fault.seconds or 0.0), *frames)
            case "duplicate":
                return (*frames, *(frame for frame in frames if isinstance(frame, str)))
            case "malformed":
                return tuple(frame[: len(frame) // 2] if isinstance(frame, str) else frame for frame in frames)
            case "error":
                return (*frames, self._error(_problem_of(fault)))
            case "rate_limit":
                return (encoded(_exhausted(event, fault.seconds or 60.0)),)
            case "close":
                code = fault.code if isinstance(fault.code, int) else 1011
                return self._ended(frames, Hangup(code, fault.message or "The server had an error."))
            case "expire":
                problem = expired(fault.seconds or _AN_HOUR)
                return self._ended((*frames, self._error(problem)), Hangup(1001, problem.message))
            case "silence":
                self._is_silent = fault.seconds is None
                return () if fault.seconds is None else (Pause(fault.seconds), *frames)
            case "reorder" | "fail":  # the one is held back, and the other happens where the model would be asked
                return frames
            case _:
                assert_never(fault.kind)

    def _ended(self, frames: tuple[Delivery, ...], hangup: Hangup) -> tuple[Delivery, ...]:
        self._is_silent = True
        self._hung_up()
        return (*frames, hangup)

    def _error(self, problem: ClientError) -> str:
        error = problem.body(None)
        if problem.code in _TYPES_OF_THEIR_OWN:
            error["type"] = problem.code
        return encoded({"type": "error", "event_id": f"event_fault_{next(self._ids):04d}", "error": error})


class TurnCount:
    """To which turn an event belongs, where no dialogue says so: the caller begins one by saying something."""

    def __init__(self) -> None:
        self._turn = 0
        self._has_spoken = False

    def at(self, event: Event) -> int:
        item: Mapping[str, Any] = event.get("item") or {}
        if event["type"] == "conversation.item.added" and item.get("role") == "user":
            self._has_spoken = True
        elif event["type"] == "response.created" and (self._has_spoken or self._turn == 0):
            self._turn, self._has_spoken = self._turn + 1, False
        return self._turn


def _problem_of(fault: Fault) -> ClientError:
    code = str(fault.code or "server_error")
    return ClientError(code, fault.message or _MESSAGES.get(code, "The server had an error."))


def _exhausted(event: Event, seconds: float) -> Event:
    """The rate limits of the event, with nothing left of them."""
    limits = event.get("rate_limits") or [{"name": "tokens", "limit": 1_000_000}]
    spent = [{**limit, "remaining": 0, "reset_seconds": seconds} for limit in limits]
    return {"type": "rate_limits.updated", "event_id": event["event_id"], "rate_limits": spent}


_TYPES_OF_THEIR_OWN = frozenset(["server_error", "rate_limit_exceeded"])
_MESSAGES = {
    "session_expired": expired(_AN_HOUR).message,
    "rate_limit_exceeded": "Rate limit reached.",
    "server_error": "The server had an error while processing your request. Sorry about that!",
}
