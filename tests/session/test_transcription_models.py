"""A transcription model that the service refuses: the session goes on with the next one, and the trace says so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import ProviderError
from realtime_scenarios.project import load
from realtime_scenarios.project.models import models_of
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.realtime import connect_in_memory
from realtime_scenarios.realtime.responder import CallFunction, Output, SayText
from realtime_scenarios.session import Conversation, LoopClock, line
from realtime_scenarios.suite import line_of
from realtime_scenarios.trace import (
    AgentSaid,
    ModelError,
    Trace,
    TranscriptionReplaced,
    from_json_lines,
    to_json_lines,
)
from support import Answers, Written, port_of
from support.conversations import AT_A_SERVICE, of

DESK = """
    scenario: desk
    start: desk
    session: {{language: en, transcription: {transcription}}}
    agents:
      desk: {{instructions: Help., handoffs: [back]}}
      back: {{instructions: Help the others., handoff_description: The others.}}
"""
FIRST, SECOND, THIRD = models_of("transcription")
ANSWERS: list[Sequence[Output]] = [
    [SayText("Good day.")],
    [CallFunction("transfer_to_back", "{}")],
    [SayText("Here we are.")],
]
KIND = "conversation.item.input_audio_transcription.failed"


@dataclass
class Service:
    """Our engine behind a socket, which refuses models as the service does.

    `refuses` are refused with the `session.update` that names them, `fails` are taken and then write nothing down.
    `models` and `settings` are those of the updates it was sent. `is_silent`: it does not say that it takes one.
    """

    refuses: Sequence[str] = ()
    fails: Sequence[str] = ()
    answers: Answers = field(default_factory=lambda: Answers(ANSWERS))
    models: list[str] = field(default_factory=list)
    settings: list[dict[str, Any]] = field(default_factory=list)
    is_silent: bool = False
    url: str = ""

    def refusal_of(self, event: dict[str, Any]) -> dict[str, Any] | None:
        if event["type"] != "session.update":
            return None
        transcription = event["session"]["audio"]["input"]["transcription"]
        self.settings.append(transcription)
        self.models.append(transcription["model"])
        if transcription["model"] not in self.refuses:
            return None
        return {
            "type": "invalid_request_error",
            "code": "invalid_value",
            "message": f"Invalid value: '{transcription['model']}'. It is not supported here.",
            "param": "session.audio.input.transcription.model",
            "event_id": event.get("event_id"),
        }

    def failure_after(self, event: dict[str, Any]) -> dict[str, Any] | None:
        """Once an item was created, as if it had been spoken."""
        if event["type"] != "conversation.item.create" or not self.models or self.models[-1] not in self.fails:
            return None
        message = f"The model '{self.models[-1]}' does not exist or you do not have access to it."
        return {"type": "invalid_request_error", "code": "model_not_found", "message": message, "param": None}


@asynccontextmanager
async def serving(service: Service) -> AsyncIterator[Service]:
    async def handle(client: ServerConnection) -> None:
        engine = connect_in_memory(service.answers)

        async def forward() -> None:
            async for text in engine:
                if not service.is_silent or json.loads(text)["type"] != "session.updated":
                    await client.send(text)

        forwarding = asyncio.create_task(forward())
        async for text in client:
            event = json.loads(text)
            if (refusal := service.refusal_of(event)) is not None:
                await client.send(json.dumps({"type": "error", "event_id": "event_x", "error": refusal}))
                continue
            await engine.send(text)
            if (failure := service.failure_after(event)) is not None:
                failed = {"type": KIND, "event_id": "event_y", "item_id": "item_1", "content_index": 0}
                await client.send(json.dumps({**failed, "error": failure}))
        await engine.close()
        await asyncio.gather(forwarding, return_exceptions=True)

    async with serve(handle, "127.0.0.1", 0) as server:
        service.url = f"ws://127.0.0.1:{port_of(server)}"
        yield service


def talked(written: Written, service: Service, transcription: str = "{}", provider: str = "url") -> Trace:
    scenario = load(written(DESK.format(transcription=transcription))).scenario

    async def conversation() -> Trace:
        async with serving(service):
            environment = dict.fromkeys(PROVIDERS[provider].needs, "a-key")
            request = ProviderRequest(url=service.url, environment=environment, deployment="voice")
            opened = PROVIDERS[provider].open(request.completed_by(scenario))
            async with Conversation(compiled(scenario), opened, clock=LoopClock()) as conversation:
                await conversation.user_says("Hello")
                await conversation.user_says("The others")
                return conversation.finished("over")

    return asyncio.run(conversation())


@pytest.mark.parametrize("provider", AT_A_SERVICE)
def test_a_refused_model_is_followed_by_the_next_one_and_no_word_is_said_without_instructions(
    written: Written, provider: str
) -> None:
    service = Service(refuses=[FIRST])
    trace = talked(written, service, provider=provider)
    (replaced,) = of(trace, TranscriptionReplaced)
    assert (replaced.refused, replaced.model, replaced.turn) == (FIRST, SECOND, 0)
    assert replaced.reason == f"Invalid value: '{FIRST}'. It is not supported here."
    assert service.models == [FIRST, SECOND, SECOND], "the last one is the second agent's"
    assert service.settings[1] == {"model": SECOND, "language": "en"}
    assert not of(trace, ModelError)
    assert [event.text for event in of(trace, AgentSaid)] == ["Good day.", "Here we are."]
    assert all("Help" in request.instructions for request in service.answers.requests)


def test_the_trace_says_it_in_a_line_and_is_read_again_from_a_file(written: Written) -> None:
    trace = talked(written, Service(refuses=[FIRST]), '{prompt: "Renfe, Ouigo"}')
    (replaced,) = of(trace, TranscriptionReplaced)
    assert line_of(replaced).text == (
        f"{FIRST} was refused: Invalid value: '{FIRST}'. It is not supported here.; {SECOND} goes on"
    )
    assert from_json_lines(to_json_lines(trace)) == list(trace)


def test_each_model_of_the_role_is_tried_and_then_the_refusal_stands(written: Written) -> None:
    service = Service(refuses=[FIRST, SECOND])
    assert [event.model for event in of(talked(written, service), TranscriptionReplaced)] == [SECOND, THIRD]
    service = Service(refuses=[FIRST, SECOND, THIRD])
    with pytest.raises(ProviderError, match="the model refused the session of agent 'desk': Invalid value"):
        talked(written, service)
    assert service.models == [FIRST, SECOND, THIRD]


def test_a_model_that_the_scenario_names_is_followed_by_those_of_the_role_without_what_they_do_not_take(
    written: Written,
) -> None:
    service = Service(refuses=["gpt-transcribe"])
    trace = talked(written, service, "{model: gpt-transcribe, keywords: [Renfe], prompt: Trains.}")
    (replaced,) = of(trace, TranscriptionReplaced)
    assert (replaced.refused, replaced.model, replaced.left_out) == ("gpt-transcribe", FIRST, ("keywords",))
    assert service.settings[-1] == {"model": FIRST, "language": "en", "prompt": "Trains."}
    assert line_of(replaced).text.endswith(f"{FIRST} goes on, without keywords")


def test_a_model_that_is_taken_and_then_writes_nothing_down_is_followed_by_the_next(written: Written) -> None:
    service = Service(fails=[FIRST])
    trace = talked(written, service)
    (replaced,) = of(trace, TranscriptionReplaced)
    assert (replaced.refused, replaced.model, replaced.turn) == (FIRST, SECOND, 1)
    assert service.models[:2] == [FIRST, SECOND]


def test_a_server_that_never_says_whether_it_takes_the_session_is_talked_to_all_the_same(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "FIRST_ANSWER", 0.05)
    service = Service(is_silent=True)
    assert len(of(talked(written, service), AgentSaid)) == 2


def test_what_could_not_be_made_out_is_no_fault_of_the_model(written: Written) -> None:
    service = Service(fails=[FIRST])
    service.failure_after = lambda event: {  # type: ignore[method-assign]
        "type": "transcription_error",
        "code": "audio_unintelligible",
        "message": "The audio could not be made out.",
        "param": None,
    }
    trace = talked(written, service)
    assert not of(trace, TranscriptionReplaced) and not of(trace, ModelError)
    assert service.models == [FIRST, FIRST]


def test_the_trace_says_why_a_turn_was_not_written_down(written: Written) -> None:
    service = Service(fails=[FIRST])
    service.failure_after = lambda event: {  # type: ignore[method-assign]
        "type": "transcription_error",
        "code": "server_error",
        "message": "The service is overloaded.",
        "param": None,
    }
    problems = of(talked(written, service), ModelError)
    assert {(problem.code, problem.message) for problem in problems} == {("server_error", "The service is overloaded.")}


def test_a_session_that_is_refused_for_anything_else_is_not_asked_for_again(written: Written) -> None:
    service = Service()
    service.refusal_of = lambda event: (  # type: ignore[method-assign]
        {
            "type": "invalid_request_error",
            "code": "invalid_value",
            "message": "Invalid 'session.tools[0].name': string does not match pattern.",
            "param": "session.tools[0].name",
            "event_id": event.get("event_id"),
        }
        if event["type"] == "session.update"
        else None
    )
    with pytest.raises(ProviderError, match="refused the session of agent 'desk'"):
        talked(written, service)
