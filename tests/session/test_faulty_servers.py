"""What becomes of a conversation when its server does wrong, over real sockets: each fault that can be asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest
from agents.realtime.model_events import RealtimeModelExceptionEvent, RealtimeModelRawServerEvent

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import ScenarioError, StalledError
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, Opened, ProviderRequest
from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.realtime import connect_in_memory, serve_visitors
from realtime_scenarios.realtime.responder import Answer, CallFunction, Output, ResponseRequest, SayMore, SayText
from realtime_scenarios.realtime.visit import PLAIN_WIRE, Seat, Visitor
from realtime_scenarios.serving.faults import FaultyLine, TurnCount, written_fault
from realtime_scenarios.session import Conversation, LoopClock, run_in_virtual_time
from realtime_scenarios.trace import AgentSaid, ModelError, Reconnected, Trace
from support import Answers, Written
from support.conversations import of

DESK = """
    scenario: desk
    start: desk
    agents: {desk: {instructions: You are the desk., tools: [look]}}
    tools: {look: {description: Look., parameters: {}, returns: Found it}}
"""


def talked(
    written: Written, fault: str, answers: Sequence[Sequence[Output]], *lines: str
) -> tuple[Trace, list[float], ScenarioError | None]:
    """The trace, the seconds that each turn took, and why it ended early; None: it did not."""
    scenario = load(written(DESK)).scenario
    responder = Answers(answers)

    def welcome(visitor: Visitor) -> Seat:
        line = FaultyLine(
            PLAIN_WIRE,
            responder,
            [written_fault(fault)],
            seed=0,
            number=visitor.number,
            turn_at=TurnCount().at,
            hung_up=lambda: None,
        )
        return Seat(line, wire=line)

    async def conversation() -> tuple[Trace, list[float], ScenarioError | None]:
        took: list[float] = []
        problem: ScenarioError | None = None
        async with serve_visitors(welcome, ping_interval=None) as server:
            opened = PROVIDERS["url"].open(ProviderRequest(url=server.url).completed_by(scenario))
            clock = LoopClock()
            async with Conversation(compiled(scenario), opened, clock=clock, reconnects=True) as talked:
                try:
                    for line in lines:
                        began = clock.monotonic()
                        await talked.user_says(line)
                        took.append(clock.monotonic() - began)
                except ScenarioError as found:
                    problem = found
                return talked.finished("over"), took, problem

    return run_in_virtual_time(conversation())


def said(trace: Trace) -> list[tuple[int, str]]:
    return [(event.turn, event.text) for event in of(trace, AgentSaid)]


def test_a_response_that_fails_ends_its_turn_at_once_and_the_next_one_is_answered(written: Written) -> None:
    trace, took, problem = talked(
        written, "fail,code=rate_limit_exceeded,times=1", [[SayText("Hello.")]], "Hello", "Again"
    )
    assert problem is None and took[0] < 1
    assert [(event.turn, event.code) for event in of(trace, ModelError)] == [(1, "rate_limit_exceeded")]
    assert said(trace) == [(2, "Hello.")]


@pytest.mark.parametrize("torn", ["response.output_text.delta", "response.output_text.done", "rate_limits.updated"])
def test_a_torn_frame_is_named_as_such_and_the_turn_goes_on(written: Written, torn: str) -> None:
    answers = [[SayText("Hello.")], [SayText("Bye.")]]
    trace, took, problem = talked(written, f"malformed,event={torn},times=1", answers, "Hello", "Bye")
    assert problem is None and max(took) < 1
    (error,) = of(trace, ModelError)
    assert error.code == "invalid_frame" and error.turn == 1
    assert error.message.startswith("the server sent a frame that is no JSON (")
    assert said(trace) == [(1, "Hello."), (2, "Bye.")]


def test_a_torn_frame_without_which_no_turn_can_end_is_what_it_is_given_up_for(written: Written) -> None:
    trace, _, problem = talked(written, "malformed,event=response.done", [[SayText("Hello.")]], "Hello")
    assert isinstance(problem, StalledError) and "never ended" in str(problem.hint)
    assert [event.code for event in of(trace, ModelError)] == ["invalid_frame"]


@pytest.mark.parametrize("code", [1000, 1001, 1011, 4000])
def test_a_connection_that_is_closed_in_the_middle_of_a_turn_is_taken_up_again(written: Written, code: int) -> None:
    fault = f"close,event=response.created,code={code},connection=1,turn=2"
    answers = [[CallFunction("look", "{}")], [SayText("I found it.")], *[[SayText("Here again.")]] * 2]
    trace, took, problem = talked(written, fault, answers, "Look", "And?")
    assert problem is None
    (back,) = of(trace, Reconnected)
    assert (back.turn, back.attempts) == (2, 1) and took[1] == pytest.approx(0.5, abs=0.4)
    assert said(trace)[-1] == (2, "Here again.")


def test_a_session_that_is_over_in_the_middle_of_a_turn_is_named_and_followed_by_another(written: Written) -> None:
    fault = "expire,event=response.created,connection=1"
    trace, _, problem = talked(written, fault, [[SayText("Here.")]] * 3, "Hello")
    assert problem is None and said(trace)[-1] == (1, "Here.")
    assert [event.code for event in of(trace, ModelError)] == ["session_expired"]
    assert len(of(trace, Reconnected)) == 1


def test_a_server_that_falls_silent_is_given_up_after_the_seconds_that_are_named(written: Written) -> None:
    trace, _, problem = talked(written, "silence,event=response.created", [[SayText("Hello.")]], "Hello")
    assert isinstance(problem, StalledError) and "nothing happened for 30 s" in problem.message
    assert not said(trace)


def test_the_end_of_a_response_that_is_lost_is_no_silence_for_ever(written: Written) -> None:
    _, _, problem = talked(written, "drop,event=response.done", [[SayText("Hello.")]], "Hello")
    assert isinstance(problem, StalledError) and "never ended" in str(problem.hint)


def test_events_that_come_late_twice_or_in_another_order_change_no_answer(written: Written) -> None:
    for fault in ("delay,event=response.*,for=1s", "duplicate,event=response.output_text.delta,times=1"):
        trace, _, problem = talked(written, fault, [[SayText("Hello.")]], "Hello")
        assert problem is None and said(trace) == [(1, "Hello.")], fault
        assert not of(trace, ModelError)


def test_rate_limits_that_are_used_up_end_nothing(written: Written) -> None:
    answers = [[SayText("Hello.")], [SayText("Bye.")]]
    trace, _, problem = talked(written, "rate_limit,event=rate_limits.updated,for=5s", answers, "Hello", "Bye")
    assert problem is None and said(trace) == [(1, "Hello."), (2, "Bye.")]


@pytest.mark.parametrize(("pause", "reason"), [(1.0, "is 600 s old"), (0.0, "is 200,000 characters long")])
def test_a_response_that_never_ends_is_given_up(written: Written, pause: float, reason: str) -> None:
    class Endless:
        """Says one more piece after each pause, for as long as somebody listens."""

        async def respond(self, request: ResponseRequest) -> Answer:
            return self._pieces()

        async def _pieces(self) -> AsyncGenerator[Output, None]:
            while True:
                await asyncio.sleep(pause)
                yield SayMore("and " * (1 if pause else 250))

    scenario = load(written(DESK)).scenario

    async def connect() -> object:
        return connect_in_memory(Endless())

    async def conversation() -> Conversation:
        opened = Opened(WireModel(connect), {"url": "memory:", "headers": {}})
        async with Conversation(compiled(scenario), opened, clock=LoopClock()) as talked:
            with pytest.raises(StalledError, match=f"response .* {reason}, and still goes on"):
                await talked.user_says("Hello")
            return talked

    run_in_virtual_time(conversation())


def test_what_the_sdk_cannot_go_on_with_is_told_and_waited_for_by_nobody(written: Written) -> None:
    scenario = load(written(DESK)).scenario

    async def connect() -> object:
        return connect_in_memory(Answers([[SayText("Hello.")]]))

    async def conversation() -> None:
        opened = Opened(WireModel(connect), {"url": "memory:", "headers": {}})
        async with Conversation(compiled(scenario), opened, clock=LoopClock()) as talked:
            await talked.user_says("Hello")
            await opened.model._emit_event(  # type: ignore[attr-defined]
                RealtimeModelExceptionEvent(exception=KeyError("item"), context="Error handling WebSocket event")
            )
            await opened.model._emit_event(RealtimeModelRawServerEvent(data={"type": "any"}))  # type: ignore[attr-defined]
            assert isinstance(await talked.until_failed(), StalledError)
            assert [event.message for event in of(talked.trace, ModelError)] == [
                "the SDK could not go on: KeyError: 'item'"
            ]

    run_in_virtual_time(conversation())
