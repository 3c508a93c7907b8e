"""A conversation as spans: what lies within what, how long it took, and that nothing was said in them unasked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import ProviderError
from realtime_scenarios.project import load
from realtime_scenarios.providers import Opened
from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.realtime import Pace, connect_in_memory
from realtime_scenarios.realtime.responder import CallFunction, FailResponse, Output, SayText
from realtime_scenarios.session import ApprovalAnswer, Conversation, LoopClock, run_in_virtual_time
from support import Answers, Written
from support.conversations import Person

pytest.importorskip("opentelemetry.sdk")

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from realtime_scenarios.session.spans import Telemetry

DESK = """
    scenario: desk
    start: desk
    agents:
      desk: {name: Front Desk, instructions: Help., tools: [look, pay], handoffs: [back]}
      back: {instructions: Help., handoff_description: The others.}
    tools:
      look: {description: Look., parameters: {what: string}, delay: 2s, returns: "Found {{ args.what }}"}
      pay: {description: Pay., approval: {fields: {pin: {label: PIN, secret: true}}}, returns: Paid}
"""
NOON = 1_772_366_400.0


class Recorded:
    """The spans of one conversation, by their names; a name that comes twice has the last."""

    def __init__(self, spans: Sequence[ReadableSpan]) -> None:
        self.spans = spans
        self.by_name = {span.name: span for span in spans}
        self._names = {span.get_span_context().span_id: span.name for span in spans}

    def parent(self, name: str) -> str | None:
        parent = self.by_name[name].parent
        return None if parent is None else self._names[parent.span_id]

    def attributes(self, name: str) -> Mapping[str, Any]:
        return self.by_name[name].attributes or {}

    def seconds(self, name: str) -> float:
        span = self.by_name[name]
        assert span.start_time is not None and span.end_time is not None
        return (span.end_time - span.start_time) / 1e9


def recorded(
    written: Written,
    answers: Sequence[Sequence[Output]],
    talk: Callable[[Conversation], Awaitable[None]],
    *,
    content: bool = False,
    fails: type[Exception] | None = None,
) -> Recorded:
    scenario = load(written(DESK)).scenario
    exporter = InMemorySpanExporter()
    tracing = TracerProvider()
    tracing.add_span_processor(SimpleSpanProcessor(exporter))

    async def connect() -> object:
        return connect_in_memory(Answers(answers), pace=Pace(1, 100))

    async def conversation() -> None:
        opened = Opened(WireModel(connect), {"url": "memory:", "headers": {}}, "gpt-realtime-2.1")
        async with Conversation(
            compiled(scenario),
            opened,
            clock=LoopClock(),
            approver=Person(ApprovalAnswer("approve", {"pin": "987654"})),
            unix_time=lambda: NOON,
            telemetry=Telemetry(tracing.get_tracer("test"), "openai", content),
        ) as talked:
            await talk(talked)

    if fails is None:
        run_in_virtual_time(conversation())
    else:
        with pytest.raises(fails):
            run_in_virtual_time(conversation())
    return Recorded(exporter.get_finished_spans())


def saying(*lines: str) -> Callable[[Conversation], Awaitable[None]]:
    async def talk(talked: Conversation) -> None:
        for line in lines:
            await talked.user_says(line)
            await asyncio.sleep(10)

    return talk


LOOK = [[CallFunction("look", '{"what": "bags"}')], [SayText("I found bags.")], [SayText("Good bye.")]]


def test_spans_lie_in_one_another_as_what_they_stand_for(written: Written) -> None:
    spans = recorded(written, LOOK, saying("Look for bags", "Bye"))

    assert [span.name for span in spans.spans] == [  # as they end
        "chat gpt-realtime-2.1",
        "execute_tool look",
        "chat gpt-realtime-2.1",
        "turn 1",
        "chat gpt-realtime-2.1",
        "turn 2",
        "conversation desk",
    ]
    assert spans.parent("conversation desk") is None
    assert spans.parent("turn 1") == "conversation desk"
    assert spans.parent("execute_tool look") == "turn 1"
    assert spans.parent("chat gpt-realtime-2.1") == "turn 2"


def test_they_last_as_long_as_it_took(written: Written) -> None:
    spans = recorded(written, LOOK, saying("Look for bags", "Bye"))

    assert spans.by_name["conversation desk"].start_time == int(NOON * 1e9)
    assert spans.seconds("execute_tool look") == pytest.approx(2)
    assert spans.seconds("turn 1") == pytest.approx(2.3, abs=0.01)  # the ten seconds behind it are nobody's turn
    assert spans.attributes("turn 1")["realtime_scenarios.turn.time_to_first_answer"] == pytest.approx(2)
    assert spans.attributes("chat gpt-realtime-2.1")["gen_ai.response.time_to_first_chunk"] == pytest.approx(0)


def test_attributes_have_the_names_of_the_conventions(written: Written) -> None:
    spans = recorded(written, LOOK, saying("Look for bags"))

    chat, tool = spans.attributes("chat gpt-realtime-2.1"), spans.attributes("execute_tool look")
    assert chat["gen_ai.operation.name"] == "chat" and chat["gen_ai.provider.name"] == "openai"
    assert chat["gen_ai.request.model"] == "gpt-realtime-2.1" and chat["gen_ai.agent.name"] == "Front Desk"
    assert chat["gen_ai.response.finish_reasons"] == ("completed",) and chat["gen_ai.usage.output_tokens"] > 0
    assert (tool["gen_ai.operation.name"], tool["gen_ai.tool.name"]) == ("execute_tool", "look")
    assert tool["gen_ai.tool.call.id"] == "call_0001" and tool["realtime_scenarios.tool.outcome"] == "answered"
    assert str(spans.attributes("conversation desk")["gen_ai.conversation.id"]).startswith("sess_")


def test_approvals_and_handoffs_have_spans_of_their_own(written: Written) -> None:
    answers = [
        [CallFunction("pay", "{}")],
        [SayText("Paid.")],
        [CallFunction("transfer_to_back", "{}")],
        [SayText("Yes?")],
    ]
    spans = recorded(written, answers, saying("Pay", "The others"))

    assert spans.parent("approval pay") == "execute_tool pay" and spans.parent("handoff back") == "turn 2"
    assert spans.attributes("approval pay")["realtime_scenarios.approval.decision"] == "approved"
    assert spans.attributes("handoff back")["gen_ai.agent.id"] == "desk"
    assert spans.attributes("chat gpt-realtime-2.1")["gen_ai.agent.id"] == "back"


def written_out(spans: Recorded) -> str:
    return json.dumps([json.loads(span.to_json()) for span in spans.spans])


def test_nothing_that_was_said_is_in_them(written: Written) -> None:
    text = written_out(recorded(written, LOOK, saying("Look for bags", "Bye")))
    assert "bags" not in text and "Good bye" not in text


def test_what_was_said_is_in_them_where_it_is_asked_for_and_never_a_secret(written: Written) -> None:
    answers = [[CallFunction("pay", "{}")], [SayText("Paid with 987654.")]]
    spans = recorded(written, answers, saying("Pay"), content=True)

    said = json.loads(spans.attributes("chat gpt-realtime-2.1")["gen_ai.output.messages"])
    assert said == [{"role": "assistant", "parts": [{"type": "text", "content": "Paid with [secret]."}]}]
    assert "Pay" in str(spans.attributes("turn 1")["gen_ai.input.messages"])
    assert spans.attributes("execute_tool pay")["gen_ai.tool.call.result"] == "Paid"
    assert "987654" not in written_out(spans)


def test_what_fails_is_an_error(written: Written) -> None:
    answers = [[FailResponse("server_error", "Sorry.")], [CallFunction("look", "{}")], [SayText("No.")]]
    spans = recorded(written, answers, saying("Hello", "Look"))

    failed = next(span for span in spans.spans if span.name.startswith("chat"))
    assert not failed.status.is_ok and (failed.attributes or {})["error.type"] == "server_error"
    assert spans.attributes("execute_tool look")["error.type"] == "invalid"
    (noted,) = spans.by_name["turn 1"].events
    assert (noted.name, (noted.attributes or {})["error.type"]) == ("error", "server_error")


def test_a_conversation_that_is_broken_off_has_whole_spans_and_says_why(written: Written) -> None:
    async def talk(talked: Conversation) -> None:
        turn = asyncio.ensure_future(talked.user_says("Look for bags"))
        await asyncio.sleep(1)
        talked._line.lost(None)
        await turn

    spans = recorded(written, LOOK, talk, fails=ProviderError)
    assert {"conversation desk", "turn 1", "execute_tool look"} <= spans.by_name.keys()
    status = spans.by_name["conversation desk"].status
    assert not status.is_ok and "ended the conversation" in str(status.description)
