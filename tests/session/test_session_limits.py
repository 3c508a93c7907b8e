"""A server ends each session after its time: before that a fresh one takes over in a quiet moment, over real sockets."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import ProviderError
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.realtime import serve_visitors
from realtime_scenarios.realtime.responder import CallFunction, Output, SayText
from realtime_scenarios.realtime.visit import Seat, Visitor
from realtime_scenarios.session import Conversation, LoopClock, run_in_virtual_time
from realtime_scenarios.session.lifetime import seconds_to_use
from realtime_scenarios.suite import line_of
from realtime_scenarios.trace import AgentSaid, ModelError, Reconnected, ToolReturned, Trace
from support import PROGRAM, Answers, Written
from support.conversations import of

DESK = """
    scenario: desk
    start: desk
    agents: {desk: {instructions: You are the desk., tools: [look]}}
    tools: {look: {description: Look., parameters: {}, delay: DELAY, timeout: 1h, returns: Found it}}
"""
LIMIT = 600.0
EPOCH = 1_700_000_000.0


def talked(
    written: Written,
    answers: Sequence[Sequence[Output]],
    talk: Callable[[Conversation], Awaitable[None]],
    *,
    delay: str = "1s",
    reconnects: bool = True,
    clock_is_ahead: float = 0.0,
) -> tuple[Trace, list[Answers]]:
    """The trace of a conversation with a server that ends sessions after ten minutes, and who answered in each."""
    scenario = load(written(DESK.replace("DELAY", delay))).scenario
    seated: list[Answers] = []
    left = list(answers)

    def welcome(visitor: Visitor) -> Seat:
        seated.append(Answers([]))
        seated[-1].responses = left  # what one session has not said yet, the next one says
        return Seat(seated[-1])

    async def conversation() -> Trace:
        loop = asyncio.get_running_loop()

        def now() -> float:
            return EPOCH + loop.time()

        async with serve_visitors(welcome, max_session_seconds=LIMIT, now=now, ping_interval=None) as server:
            opened = PROVIDERS["url"].open(ProviderRequest(url=server.url).completed_by(scenario))
            talked = Conversation(
                compiled(scenario),
                opened,
                clock=LoopClock(),
                reconnects=reconnects,
                patience=3600.0,
                unix_time=lambda: now() + clock_is_ahead,
            )
            async with talked:
                await talk(talked)
                return talked.finished("over")

    return run_in_virtual_time(conversation()), seated


def texts(items: Sequence[Any]) -> list[str]:
    return [part["text"] for item in items for part in item.get("content", ())]


def test_a_fresh_session_takes_over_in_a_quiet_moment_before_its_time_is_over(written: Written) -> None:
    async def talk(talked: Conversation) -> None:
        await talked.user_says("My name is Ann")
        await asyncio.sleep(LIMIT + 60)
        await talked.user_says("What is my name?")

    trace, seated = talked(written, [[SayText("Hello Ann.")], [SayText("Ann.")]], talk)

    (taken,) = of(trace, Reconnected)
    assert (taken.attempts, taken.turn) == (0, 1)
    assert line_of(taken, str).text == "the server would have ended the session soon; a fresh one took over"
    assert [event.text for event in of(trace, AgentSaid)] == ["Hello Ann.", "Ann."]
    assert texts(seated[1].requests[0].items) == ["My name is Ann", "Hello Ann.", "What is my name?"]
    assert len(seated) == 2 and not of(trace, ModelError)


def test_a_conversation_may_last_for_many_sessions(written: Written) -> None:
    async def talk(talked: Conversation) -> None:
        for _ in range(3):
            await talked.user_says("Hello")
            await asyncio.sleep(LIMIT - 10)

    trace, seated = talked(written, [[SayText("Hello.")]] * 3, talk)
    assert [event.attempts for event in of(trace, Reconnected)] == [0, 0, 0] and len(seated) == 4


def test_what_is_at_work_is_waited_for(written: Written) -> None:
    async def talk(talked: Conversation) -> None:
        await asyncio.sleep(LIMIT - 70)  # ten seconds before a session would take over
        await talked.user_says("Look")
        await talked.user_says("And?")

    answers = [[CallFunction("look", "{}")], [SayText("I found it.")], [SayText("That is all.")]]
    trace, seated = talked(written, answers, talk, delay="30s")

    (returned,) = of(trace, ToolReturned)
    (taken,) = of(trace, Reconnected)
    assert returned.output == "Found it" and taken.seq > of(trace, AgentSaid)[0].seq
    assert [event.text for event in of(trace, AgentSaid)] == ["I found it.", "That is all."]
    assert len(seated) == 2 and not of(trace, ModelError)


def test_what_is_at_work_for_longer_is_lost_with_its_session_and_told_so(written: Written) -> None:
    async def talk(talked: Conversation) -> None:
        await asyncio.sleep(LIMIT - 70)
        await talked.user_says("Look")

    trace, seated = talked(written, [[CallFunction("look", "{}")], [SayText("I lost it.")]], talk, delay="100s")

    assert [event.code for event in of(trace, ModelError)] == ["session_expired"]
    assert [event.attempts for event in of(trace, Reconnected)] == [1]
    assert [event.text for event in of(trace, AgentSaid)] == ["I lost it."] and len(seated) == 2


def test_a_clock_that_is_a_day_ahead_costs_the_head_start_alone(written: Written) -> None:
    async def talk(talked: Conversation) -> None:
        await talked.user_says("Hello")
        await asyncio.sleep(LIMIT + 60)
        await talked.user_says("Still there?")

    trace, _ = talked(written, [[SayText("Hello.")], [SayText("Yes.")]], talk, clock_is_ahead=86_400)
    assert [event.attempts for event in of(trace, Reconnected)] == [1]
    assert of(trace, AgentSaid)[-1].text == "Yes."


def test_nothing_takes_over_where_a_lost_line_ends_the_conversation(written: Written) -> None:
    async def talk(talked: Conversation) -> None:
        await talked.user_says("Hello")
        await asyncio.sleep(LIMIT + 60)
        await talked.user_says("Still there?")

    with pytest.raises(ProviderError, match="maximum duration of 10 minutes"):
        talked(written, [[SayText("Hello.")]], talk, reconnects=False)


@pytest.mark.parametrize(
    ("session", "seconds"),
    [
        ({"expires_at": 3600}, 3480.0),  # two minutes are the most that is left for a quiet moment
        ({"expires_at": 100}, 90.0),
        ({"expires_at": 1}, None),
        ({"expires_at": -5}, None),
        ({"expires_at": 10**9}, None),
        ({"expires_at": True}, None),
        ({"expires_at": "soon"}, None),
        ({"expires_at": None}, None),
        ({}, None),
    ],
)
def test_a_session_is_used_until_shortly_before_it_ends(session: dict[str, Any], seconds: float | None) -> None:
    assert seconds_to_use(session, 0.0) == seconds


def test_somebody_who_talks_to_a_server_with_short_sessions_notices_a_line_and_no_end(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(DESK.replace("DELAY", "0s"), encoding="utf-8")
    serving = [*PROGRAM, "serve", "--port", "0", "--session-limit", "0.1"]
    with subprocess.Popen(serving, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().split()[-1]
            running = [*PROGRAM, "run", "desk.yaml", "--url", url, "--trace", "talk.jsonl"]
            with subprocess.Popen(running, stdin=-1, stdout=-1, text=True, cwd=tmp_path) as talking:
                assert talking.stdin is not None and talking.stdout is not None
                talking.stdin.write("Hello\n")
                talking.stdin.flush()
                next(line for line in talking.stdout if line.startswith("  · line"))  # while nobody types
                talking.stdin.write("Still there?\n")
                talking.stdin.close()
                assert talking.wait(60) == 0
        finally:
            server.terminate()
    events = [json.loads(line) for line in (tmp_path / "talk.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [event["turn"] for event in events if event["type"] == "AgentSaid"] == [1, 2]
    assert not [event for event in events if event["type"] == "ModelError"]
    assert {event["attempts"] for event in events if event["type"] == "Reconnected"} == {0}
