"""A line that is lost is taken up again: same agent, context and history on a new session, and the trace says so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import InvalidStatus
from websockets.http11 import Response

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import ProviderError
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, Opened, ProviderRequest
from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.realtime import Engine, MemoryConnection, Pace
from realtime_scenarios.realtime.responder import CallFunction, Output, SayText
from realtime_scenarios.session import (
    ApprovalAnswer,
    ApprovalRequest,
    Approver,
    Audio,
    Conversation,
    LoopClock,
    Playback,
    run_in_virtual_time,
)
from realtime_scenarios.suite import line_of
from realtime_scenarios.trace import (
    AgentSaid,
    ApprovalDecided,
    ApprovalRequested,
    Interrupted,
    ModelError,
    Reconnected,
    ToolCalled,
    ToolReturned,
    Trace,
    from_json_lines,
    to_json_lines,
)
from support import Answers, Written, port_of
from support.conversations import Person, of

DESK = """
    scenario: desk
    start: desk
    agents:
      desk: {instructions: You are the desk., tools: [look, slow, sign_in], handoffs: [back]}
      back: {instructions: You are the others., handoff_description: The others., tools: [look]}
    tools:
      look: {description: Look., parameters: {what: string}, returns: "Found {{ args.what }}"}
      slow: {description: Look slowly., delay: 5s, returns: Found it}
      sign_in:
        description: Sign in.
        approval: {fields: {password: {label: Password, secret: true}}}
        returns: You are in.
"""
DROPPED = "the connection to memory: was dropped without a word"


@dataclass
class Service:
    """A server that can be lost: each connection has an engine of its own, and all have the same answers."""

    answers: list[Sequence[Output]]
    fails: list[Exception] = field(default_factory=list)
    pace: Pace | None = None
    connections: list[Recorded] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.responder = Answers(self.answers)

    async def connect(self) -> object:
        if self.connections and self.fails:
            raise self.fails.pop(0)
        self.connections.append(Recorded(Engine(pace=self.pace), self.responder))
        return self.connections[-1]

    def drop(self, code: int = 1006) -> None:
        self.connections[-1].break_off(code)


class Recorded(MemoryConnection):
    def __init__(self, engine: Engine, responder: Any) -> None:
        super().__init__(engine, responder)
        self.sent: list[dict[str, Any]] = []

    async def send(self, message: str | bytes) -> None:
        self.sent.append(json.loads(message))
        await super().send(message)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.sent if event["type"] == kind]

    @property
    def told(self) -> list[dict[str, Any]]:
        return [
            {name: value for name, value in event["item"].items() if name != "id"}
            for event in self.of("conversation.item.create")
        ]


def talked(
    written: Written,
    service: Service,
    talk: Callable[[Conversation], Awaitable[None]],
    *,
    person: Approver | None = None,
    reconnects: bool = True,
    audio: Audio | None = None,
) -> Trace:
    scenario = load(written(DESK)).scenario

    async def conversation() -> Trace:
        opened = Opened(WireModel(service.connect), {"url": "memory:", "headers": {}})
        talked = Conversation(
            compiled(scenario), opened, clock=LoopClock(), approver=person, reconnects=reconnects, audio=audio
        )
        async with talked:
            await talk(talked)
            return talked.finished("over")

    return run_in_virtual_time(conversation())


def user(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def agent(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}


def call(call_id: str, name: str, arguments: str, output: str) -> list[dict[str, Any]]:
    return [
        {"type": "function_call", "call_id": call_id, "name": name, "arguments": arguments},
        {"type": "function_call_output", "call_id": call_id, "output": output},
    ]


def test_a_line_that_is_lost_between_turns_goes_on_as_if_it_had_not_been(written: Written) -> None:
    service = Service(
        [
            [CallFunction("look", '{"what": "bags"}')],
            [SayText("I found bags.")],
            [CallFunction("transfer_to_back", "{}")],
            [SayText("The others here.")],
            [SayText("Still the others.")],
        ]
    )

    async def talk(talked: Conversation) -> None:
        await talked.user_says("Look for bags")
        await talked.user_says("The others, please")
        service.drop()
        await talked.user_says("Still there?")

    trace = talked(written, service, talk)

    first, second = service.connections
    assert [event.text for event in of(trace, AgentSaid)] == ["I found bags.", "The others here.", "Still the others."]
    assert "You are the others." in second.of("session.update")[0]["session"]["instructions"]
    call_id = of(trace, ToolCalled)[0].call_id
    assert second.told == [
        user("Look for bags"),
        *call(call_id, "look", '{"what": "bags"}', "Found bags"),
        agent("I found bags."),
        user("The others, please"),
        agent("The others here."),
        user("Still there?"),
    ]
    (back,) = of(trace, Reconnected)
    assert (back.reason, back.attempts, back.seconds, back.turn, back.agent) == (DROPPED, 1, 0.5, 3, "back")
    assert not of(trace, ModelError)
    assert len(first.of("response.create")) == 4 and len(second.of("response.create")) == 1


def test_an_answer_that_was_cut_off_is_asked_for_once_more(written: Written) -> None:
    service = Service([[SayText("One two three four.")], [SayText("As I said.")]], pace=Pace(1, 1000))

    async def talk(talked: Conversation) -> None:
        turn = asyncio.ensure_future(talked.user_says("Count"))
        await asyncio.sleep(1.5)
        service.drop()
        await turn

    trace = talked(written, service, talk)

    assert [(event.text, event.interrupted) for event in of(trace, AgentSaid)] == [
        ("One two ", True),
        ("As I said.", False),
    ]
    assert service.connections[1].told == [user("Count"), agent("One two ")]
    assert {event.turn for event in trace if not isinstance(event, Reconnected)} <= {1}


def test_a_tool_that_was_at_work_is_told_to_the_model_as_lost(written: Written) -> None:
    service = Service([[CallFunction("slow", "{}")], [SayText("I could not look.")]])

    async def talk(talked: Conversation) -> None:
        turn = asyncio.ensure_future(talked.user_says("Look"))
        await asyncio.sleep(2)
        service.drop()
        await turn

    trace = talked(written, service, talk)

    lost = "The line was lost while this was at work. Nobody knows whether it was done."
    assert service.connections[1].told == [user("Look"), *call("call_0001", "slow", "{}", lost)]
    assert [event.text for event in of(trace, AgentSaid)] == ["I could not look."]


class Hesitant:
    """Says yes after three seconds."""

    async def decide(self, request: ApprovalRequest) -> ApprovalAnswer:
        await asyncio.sleep(3)
        return ApprovalAnswer("approve", {"password": "hunter2"})


def test_a_yes_to_a_call_that_was_lost_with_the_line_does_nothing(written: Written) -> None:
    service = Service([[CallFunction("sign_in", "{}")], [SayText("I lost you.")], [SayText("Yes?")]])

    async def talk(talked: Conversation) -> None:
        turn = asyncio.ensure_future(talked.user_says("Sign me in"))
        await asyncio.sleep(1)
        service.drop()
        await turn
        await asyncio.sleep(5)
        await talked.user_says("Am I in?")

    trace = talked(written, service, talk, person=Hesitant())

    assert not of(trace, ToolReturned)
    assert [event.text for event in of(trace, AgentSaid)] == ["I lost you.", "Yes?"]
    undone = "The line was lost before anybody had approved this. It was not done."
    assert service.connections[1].told[:3] == [user("Sign me in"), *call("call_0001", "sign_in", "{}", undone)]


def test_a_question_about_a_call_that_was_lost_is_withdrawn_and_the_next_call_is_asked_about_alone(
    written: Written,
) -> None:
    class Asked(Hesitant):
        def __init__(self) -> None:
            self.open: list[str] = []
            self.most = 0

        async def decide(self, request: ApprovalRequest) -> ApprovalAnswer:
            self.open.append(request.call_id)
            self.most = max(self.most, len(self.open))
            try:
                return await super().decide(request)
            finally:
                self.open.remove(request.call_id)

    service = Service([[CallFunction("sign_in", "{}")], [CallFunction("sign_in", "{}")], [SayText("You are in.")]])

    async def talk(talked: Conversation) -> None:
        turn = asyncio.ensure_future(talked.user_says("Sign me in"))
        await asyncio.sleep(1)
        service.drop()
        await turn

    person = Asked()
    trace = talked(written, service, talk, person=person)

    lost, again = of(trace, ApprovalRequested)
    (decided,) = of(trace, ApprovalDecided)
    (returned,) = of(trace, ToolReturned)
    assert lost.call_id != again.call_id == decided.call_id == returned.call_id
    assert (person.open, person.most) == ([], 1)


def test_who_cuts_in_at_the_moment_at_which_the_line_is_lost_is_heard_all_the_same(written: Written) -> None:
    """What was said still plays: it is cut where the ear is, and nobody has to be told of it any more."""
    now = [0.0]
    playback = Playback(lambda: now[0])

    class Speaker:
        def on_audio(self, item_id: str, audio: bytes) -> None:
            playback.came(item_id, 0, len(audio) / 48)

        def on_cut(self, item_id: str) -> None: ...

    service = Service([[SayText("one1 two2 six6 ten0 one1 two2")], [SayText("Yes?")]])

    async def talk(talked: Conversation) -> None:
        await talked.user_says("Count")
        now[0] = 1.0
        service.drop()
        await talked.interrupt()
        await talked.user_says("Still there?")

    trace = talked(written, service, talk, audio=Audio(listener=Speaker(), playback=playback))

    (cut,) = of(trace, Interrupted)
    assert cut.heard.split() == ["one1", "two2"]
    assert [event.text for event in of(trace, AgentSaid)][-1] == "Yes?" and len(of(trace, Reconnected)) == 1


def test_what_is_secret_by_now_is_not_told_again(written: Written) -> None:
    service = Service(
        [[SayText("Hello.")], [CallFunction("sign_in", "{}")], [SayText("You are in.")], [SayText("Yes.")]]
    )

    async def talk(talked: Conversation) -> None:
        await talked.user_says("I am hunter2")
        await talked.user_says("Sign me in")
        service.drop()
        await talked.user_says("Still there?")

    talked(written, service, talk, person=Person(ApprovalAnswer("approve", {"password": "hunter2"})))

    assert service.connections[1].told[0] == user("I am [secret]")
    assert "hunter2" not in json.dumps(service.connections[1].sent)


def test_it_is_tried_again_with_longer_pauses(written: Written) -> None:
    service = Service([[SayText("Hello.")], [SayText("Back.")]], fails=[ConnectionRefusedError(), TimeoutError()])

    async def talk(talked: Conversation) -> None:
        await talked.user_says("Hello")
        service.drop(1001)
        await talked.user_says("Still there?")

    trace = talked(written, service, talk)
    (back,) = of(trace, Reconnected)
    assert (back.attempts, back.seconds) == (3, 3.5)
    assert line_of(back, str).text == ("the server at memory: ended the conversation; back after 3.5 s at attempt 3")
    assert of(trace, AgentSaid)[-1].text == "Back."


def test_a_server_that_stays_away_ends_the_conversation_with_the_last_reason(written: Written) -> None:
    service = Service([[SayText("Hello.")]], fails=[ConnectionRefusedError()] * 9)
    took: list[float] = []
    kept: list[Conversation] = []

    async def talk(talked: Conversation) -> None:
        kept.append(talked)
        await talked.user_says("Hello")
        service.drop()
        began = talked.state.clock.monotonic()
        try:
            await talked.user_says("Still there?")
        finally:
            took.append(talked.state.clock.monotonic() - began)

    with pytest.raises(ProviderError, match="nothing listens at memory:"):
        talked(written, service, talk)
    assert took == [pytest.approx(15.5)]
    assert [event.code for event in of(kept[0].trace, ModelError)] == ["connection_lost"]


def test_a_server_that_does_not_want_us_any_more_is_not_asked_again(written: Written) -> None:
    refused = InvalidStatus(Response(401, "Unauthorized", Headers(), b""))
    service = Service([[SayText("Hello.")]], fails=[refused] * 9)

    async def talk(talked: Conversation) -> None:
        await talked.user_says("Hello")
        service.drop()
        await talked.user_says("Still there?")

    with pytest.raises(ProviderError, match="refused the key"):
        talked(written, service, talk)
    assert len(service.fails) == 8


def test_a_line_that_is_lost_again_and_again_in_one_turn_is_given_up(written: Written) -> None:
    service = Service([[SayText("One two three four.")]] * 20, pace=Pace(1, 1000))

    async def talk(talked: Conversation) -> None:
        turn = asyncio.ensure_future(talked.user_says("Count"))
        while not turn.done():
            await asyncio.sleep(0.7)
            service.drop()
        await turn

    with pytest.raises(ProviderError, match="was dropped"):
        talked(written, service, talk)
    assert len(service.connections) == 6


def test_nothing_is_taken_up_again_where_nobody_wants_it(written: Written) -> None:
    service = Service([[SayText("Hello.")]])

    async def talk(talked: Conversation) -> None:
        await talked.user_says("Hello")
        service.drop()
        await talked.user_says("Still there?")

    with pytest.raises(ProviderError, match="was dropped"):
        talked(written, service, talk, reconnects=False)
    assert len(service.connections) == 1


def test_the_trace_with_it_is_read_again_from_a_file() -> None:
    event = Reconnected(seq=1, turn=2, agent="desk", reason="lost", attempts=1, seconds=0.5)
    assert from_json_lines(to_json_lines([event])) == [event]


def test_a_socket_that_drops_is_taken_up_again(written: Written) -> None:
    scenario = load(written(DESK)).scenario
    responder = Answers([[SayText("Hello.")], [SayText("Back.")]])
    clients: list[ServerConnection] = []

    async def handle(client: ServerConnection) -> None:
        clients.append(client)
        engine = MemoryConnection(Engine(), responder)

        async def forward() -> None:
            async for text in engine:
                await client.send(text)

        forwarding = asyncio.create_task(forward())
        async for text in client:
            await engine.send(text)
        await engine.close()
        await asyncio.gather(forwarding, return_exceptions=True)

    async def conversation() -> Trace:
        async with serve(handle, "127.0.0.1", 0) as server:
            request = ProviderRequest(url=f"ws://127.0.0.1:{port_of(server)}").completed_by(scenario)
            opened = PROVIDERS["url"].open(request)
            async with Conversation(compiled(scenario), opened, clock=LoopClock(), reconnects=True) as talked:
                await talked.user_says("Hello")
                clients[0].transport.abort()
                await talked.user_says("Still there?")
                return talked.finished("over")

    trace = asyncio.run(conversation())
    assert [event.text for event in of(trace, AgentSaid)] == ["Hello.", "Back."]
    assert len(of(trace, Reconnected)) == 1
