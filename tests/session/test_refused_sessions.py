"""A session that the server refuses ends the conversation; no agent goes on without its instructions and tools."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import ProviderError
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, Opened, ProviderRequest
from realtime_scenarios.providers.wire import WireModel, answers_an_update
from realtime_scenarios.realtime import connect_in_memory
from realtime_scenarios.realtime.responder import CallFunction, Output, SayText
from realtime_scenarios.session import Conversation, LoopClock, play, run_in_virtual_time
from realtime_scenarios.trace import AgentSaid, HandedOff, ModelError, SessionEnded
from realtime_scenarios.verdicts import DialogueResult, judged
from support import Answers, SpoiltUpdates, Written, recording_server
from support.conversations import AT_A_SERVICE, of

DESK = """
    scenario: desk
    start: desk
    agents:
      desk: {instructions: Help., handoffs: [back]}
      back: {instructions: Help., handoff_description: The others.}
    dialogues:
      - id: d
        turns:
          - {user: Hello, agent: [{say: Good day.}]}
          - {user: The others, agent: [{handoff: back}, {say: Here we are.}]}
"""
HELLO: list[Sequence[Output]] = [[SayText("Good day.")]]
HANDOFF: list[Sequence[Output]] = [*HELLO, [CallFunction("transfer_to_back", "{}")], [SayText("Here we are.")]]
REFUSED = "the model refused the session of agent '{}': Unknown parameter: 'session.spoilt'."


@dataclass(frozen=True)
class Spoiling:
    """The scripted provider, on a connection that spoils the session update with that number."""

    number: int
    anonymous: bool = False
    name: str = "spoiling"
    scripted: bool = True
    real_time: bool = False
    needs: tuple[str, ...] = ()

    def open(self, request: ProviderRequest) -> Opened:
        responder = request.responder
        assert responder is not None

        async def connect() -> object:
            return SpoiltUpdates(connect_in_memory(responder), self.number, anonymous=self.anonymous)

        return Opened(WireModel(connect), {"url": "memory:", "headers": {}})


def played_on(path: Path, provider: Spoiling) -> DialogueResult:
    project = load(path)
    dialogue = project.dialogues[0]
    played = run_in_virtual_time(play(compiled(project.scenario), dialogue, provider, ProviderRequest()))
    return judged(project.scenario, dialogue, played)


@pytest.mark.parametrize("anonymous", [False, True], ids=["named", "anonymous"])
@pytest.mark.parametrize(("number", "agent", "said"), [(1, "desk", 0), (2, "back", 1)], ids=["start", "handoff"])
def test_a_dialogue_fails_with_what_the_server_refuses(
    written: Written, number: int, agent: str, said: int, anonymous: bool
) -> None:
    result = played_on(written(DESK), Spoiling(number, anonymous))
    assert not result.passed
    assert isinstance(result.error, ProviderError) and result.error.message == REFUSED.format(agent)
    assert len(of(result.trace, AgentSaid)) == said
    [told] = of(result.trace, ModelError)
    assert (told.code, told.message) == ("unknown_parameter", "Unknown parameter: 'session.spoilt'.")
    assert of(result.trace, SessionEnded)[0].reason == result.error.message


def test_a_dialogue_whose_sessions_are_taken_passes(written: Written) -> None:
    result = played_on(written(DESK), Spoiling(3))
    assert result.passed and len(of(result.trace, HandedOff)) == 1


@pytest.mark.parametrize("provider", AT_A_SERVICE)
@pytest.mark.parametrize(("number", "agent"), [(1, "desk"), (2, "back")], ids=["start", "handoff"])
def test_a_conversation_over_a_socket_ends_with_what_the_server_refuses(
    written: Written, provider: str, number: int, agent: str
) -> None:
    scenario = load(written(DESK)).scenario

    async def talked() -> None:
        async with recording_server(Answers(HANDOFF), spoils=number) as server:
            environment = dict.fromkeys(PROVIDERS[provider].needs, "a-key")
            request = ProviderRequest(url=server.url, environment=environment, deployment="voice")
            opened = PROVIDERS[provider].open(request.completed_by(scenario))
            async with Conversation(compiled(scenario), opened, clock=LoopClock()) as conversation:
                await conversation.user_says("Hello")
                await conversation.user_says("The others")

    with pytest.raises(ProviderError) as caught:
        asyncio.run(talked())
    assert caught.value.message == REFUSED.format(agent)


def test_a_change_of_state_that_the_server_refuses_ends_the_conversation(written: Written) -> None:
    path = written(
        """
        scenario: steps
        start: desk
        agents:
          desk:
            instructions: Help.
            states_mode: tracked
            states:
              - {id: one, description: x, instructions: [x], transitions: [{to: two, when: x}]}
              - {id: two, description: x, instructions: [x]}
        dialogues: [{id: d, turns: [{user: Hello, agent: [{state: two}, {say: There.}]}]}]
        """
    )
    result = played_on(path, Spoiling(2))
    assert result.error is not None and result.error.message == REFUSED.format("desk")


def test_every_session_update_has_an_id_of_its_own_and_other_events_keep_theirs(written: Written) -> None:
    scenario = load(written(DESK)).scenario

    async def talked() -> list[dict[str, object]]:
        async with recording_server(Answers(HANDOFF)) as server:
            opened = PROVIDERS["url"].open(ProviderRequest(url=server.url))
            async with Conversation(compiled(scenario), opened, clock=LoopClock()) as conversation:
                await conversation.user_says("Hello")
                await conversation.user_says("The others")
        return server.frames

    frames = asyncio.run(talked())
    updates = [frame["event_id"] for frame in frames if frame["type"] == "session.update"]
    assert len(updates) == len(set(updates)) == 2
    assert all(answers_an_update(json.loads(json.dumps({"event_id": update}))) for update in updates)
    others = [frame.get("event_id") for frame in frames if frame["type"] != "session.update"]
    assert not any(answers_an_update({"event_id": other}) for other in others)


def test_an_error_about_something_else_is_no_refused_session() -> None:
    assert not answers_an_update({"code": "invalid_value", "param": "response.tool_choice", "event_id": None})
    assert not answers_an_update({"code": "invalid_value", "param": "session.tool_choice", "event_id": "mine"})
    assert not answers_an_update({"code": "session_expired", "message": "Your session is over."})
