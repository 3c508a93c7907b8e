"""What every provider must do, run over each provider there is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import resource_folder
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.realtime.responder import CallFunction, Output, SayText
from realtime_scenarios.session import ApprovalAnswer, ApprovalRequest, Conversation, LoopClock
from realtime_scenarios.trace import Trace, to_json_lines
from support import Answers, recording_server
from support.chat_api import chat_api, streamed

AIRLINE = resource_folder("scenarios") / "airline" / "airline.yaml"
EVERY = list(PROVIDERS)


class Signs:
    """A person who signs in."""

    async def decide(self, request: ApprovalRequest) -> ApprovalAnswer:
        return ApprovalAnswer("approve", {"username": "riley", "password": "hunter2"})


@asynccontextmanager
async def request_to(provider: str, answers: list[Sequence[Output]]) -> AsyncIterator[ProviderRequest]:
    """A request that this provider can be opened with: remote ones are sent to a server on this machine."""
    environment = secrets_of(provider)
    if not PROVIDERS[provider].real_time:
        yield ProviderRequest(responder=Answers(answers), environment=environment)
        return
    if provider == "chat":
        with chat_api(*map(streamed, answers)) as api:
            yield ProviderRequest(url=api.base, model="qwen3", environment=environment)
        return
    async with recording_server(Answers(answers)) as recording:
        yield ProviderRequest(url=recording.url, environment=environment, deployment="voice")


def secrets_of(provider: str) -> dict[str, str]:
    """What the provider says it needs, each of it a value that must be nowhere."""
    return {name: f"needed-{number}-contract" for number, name in enumerate(PROVIDERS[provider].needs)}


def held(provider: str, answers: list[Sequence[Output]], *lines: str) -> Trace:
    async def conversation() -> Trace:
        project = load(AIRLINE)
        async with request_to(provider, answers) as request:
            opened = PROVIDERS[provider].open(request.completed_by(project.scenario))
            talk = Conversation(compiled(project.scenario), opened, clock=LoopClock(), approver=Signs())
            async with talk:
                for line in lines:
                    await talk.user_says(line)
                return talk.finished("done")

    return asyncio.run(conversation())


def kinds_of(trace: Trace) -> list[str]:
    return [type(event).__name__ for event in trace]


@pytest.mark.parametrize("provider", EVERY)
def test_a_plain_answer_is_one_turn(provider: str) -> None:
    trace = held(provider, [[SayText("Good day.")], [SayText("Goodbye.")]], "Hello", "Bye")
    assert len({event.turn for event in trace}) == 2
    assert kinds_of(trace) == ["UserSaid", "AgentSaid", "UserSaid", "AgentSaid", "SessionEnded"]


@pytest.mark.parametrize("provider", EVERY)
def test_a_handoff_and_a_call_happen_in_the_order_of_their_causes(provider: str) -> None:
    answers: list[Sequence[Output]] = [
        [CallFunction("transfer_to_qa_agent", "{}")],
        [CallFunction("document_lookup", '{"request": "bags"}')],
        [SayText("22 by 14 by 9 inches.")],
    ]
    trace = held(provider, answers, "How big can my carry-on be?")
    assert kinds_of(trace) == ["UserSaid", "HandedOff", "ToolCalled", "ToolReturned", "AgentSaid", "SessionEnded"]
    assert trace.agent_after(1) == "qa"


@pytest.mark.parametrize("provider", EVERY)
def test_an_approval_is_asked_and_its_secrets_and_keys_are_nowhere(provider: str) -> None:
    trace = held(
        provider, [[CallFunction("check_flights", "{}")], [SayText("The 8am flight.")]], "What flight am I on?"
    )
    assert "ApprovalRequested" in kinds_of(trace) and "ApprovalDecided" in kinds_of(trace)
    text = to_json_lines(trace)
    assert "8am flight" in text
    assert not [secret for secret in ("hunter2", *secrets_of(provider).values()) if secret in text]


@pytest.mark.parametrize("provider", EVERY)
def test_a_call_of_a_tool_that_does_not_exist_does_not_end_the_line(provider: str) -> None:
    trace = held(provider, [[CallFunction("fly_to_the_moon", "{}")], [SayText("I cannot do that.")]], "To the moon!")
    assert kinds_of(trace)[-2:] == ["AgentSaid", "SessionEnded"]
