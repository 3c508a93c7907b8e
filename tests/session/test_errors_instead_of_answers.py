"""A server that sends an error in place of an answer ends the turn with it, at once, and the next one is answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import StalledError
from realtime_scenarios.project import load
from realtime_scenarios.providers import Opened
from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.realtime import Engine, MemoryConnection
from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.session import Conversation, LoopClock, run_in_virtual_time
from realtime_scenarios.trace import AgentSaid, ModelError, Trace
from support import Answers, Written
from support.conversations import of

DESK = "scenario: desk\nstart: desk\nagents: {desk: {instructions: Help.}}\n"
OVERLOADED = {"type": "server_error", "code": "server_error", "message": "The server had an error."}


class Failing(MemoryConnection):
    """Answers the first request for a response with an error alone. `names_it`: the error says what it answers."""

    def __init__(self, error: Mapping[str, Any], *, names_it: bool) -> None:
        super().__init__(Engine(), Answers([[SayText("Here.")]]))
        self._error: Mapping[str, Any] | None = error
        self._names_it = names_it

    async def send(self, message: str | bytes) -> None:
        event = json.loads(message)
        if event["type"] != "response.create" or self._error is None:
            await super().send(message)
            return
        error = {"param": None, **self._error, "event_id": event["event_id"] if self._names_it else None}
        self._error = None
        self._take({"type": "error", "event_id": "event_x", "error": error})


def two_turns(written: Written, error: Mapping[str, Any], *, names_it: bool = False) -> tuple[Trace, float]:
    """The trace of two turns, and the seconds that they took."""
    scenario = load(written(DESK)).scenario

    async def connect() -> object:
        return Failing(error, names_it=names_it)

    async def conversation() -> tuple[Trace, float]:
        clock = LoopClock()
        opened = Opened(WireModel(connect), {"url": "memory:", "headers": {}})
        async with Conversation(compiled(scenario), opened, clock=clock) as talked:
            begun = clock.monotonic()
            await talked.user_says("Hello")
            await talked.user_says("Are you there?")
            return talked.finished("over"), clock.monotonic() - begun

    return run_in_virtual_time(conversation())


@pytest.mark.parametrize("names_it", [True, False])
@pytest.mark.parametrize(
    "error",
    [
        OVERLOADED,
        {"type": "insufficient_quota", "code": "insufficient_quota", "message": "You exceeded your quota."},
        {"type": "invalid_request_error", "code": "invalid_value", "param": "response.tools", "message": "Invalid."},
        {"type": "invalid_request_error", "code": "bad_response_create", "message": "Bad response.create."},
    ],
)
def test_an_error_instead_of_an_answer_ends_its_turn_at_once(
    written: Written, error: Mapping[str, Any], names_it: bool
) -> None:
    if not names_it and error["code"] == "bad_response_create":
        error = {**error, "param": "response"}
    trace, seconds = two_turns(written, error, names_it=names_it)

    assert seconds < 0.1
    assert [(event.turn, event.code) for event in of(trace, ModelError)] == [(1, error["code"])]
    assert [(event.turn, event.text) for event in of(trace, AgentSaid)] == [(2, "Here.")]


def test_an_error_that_may_be_about_anything_ends_no_turn(written: Written) -> None:
    error = {"type": "invalid_request_error", "code": "invalid_value", "message": "Audio is already shorter."}
    with pytest.raises(StalledError, match="nothing happened for 30 s while waiting for an answer to 'Hello'"):
        two_turns(written, error)


class Silent(MemoryConnection):
    """Says something after 20 seconds that is no answer, and then nothing more."""

    async def send(self, message: str | bytes) -> None:
        if json.loads(message)["type"] == "response.create":
            error = {"type": "invalid_request_error", "code": "response_cancel_not_active", "message": "Not active."}
            event = {"type": "error", "event_id": "event_y", "error": error}
            asyncio.get_running_loop().call_later(20, self._take, event)
            return
        await super().send(message)


def test_a_model_that_shows_no_sign_of_life_is_given_up_when_it_is_said_to_be(written: Written) -> None:
    scenario = load(written(DESK)).scenario

    async def connect() -> object:
        return Silent(Engine(), Answers([]))

    async def given_up_after() -> float:
        clock = LoopClock()
        opened = Opened(WireModel(connect), {"url": "memory:", "headers": {}})
        async with Conversation(compiled(scenario), opened, clock=clock) as talked:
            begun = clock.monotonic()
            with pytest.raises(StalledError, match="nothing happened for 30 s"):
                await talked.user_says("Hello")
            return clock.monotonic() - begun

    assert run_in_virtual_time(given_up_after()) == pytest.approx(50, abs=0.1)
