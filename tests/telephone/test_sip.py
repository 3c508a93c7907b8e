"""Calls that OpenAI takes by SIP: a webhook tells of one, it is accepted once, and a conversation is held beside it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import ScenarioError
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.providers.sideband import Calls
from realtime_scenarios.realtime.door import Hosts
from realtime_scenarios.realtime.responder import CallFunction, Output, SayText
from realtime_scenarios.realtime.server import listening
from realtime_scenarios.telephone.answering import Answering, on_the_telephone
from realtime_scenarios.telephone.doors import application
from realtime_scenarios.telephone.sip import GONE_BEFORE, WEBHOOK, SipDoor
from realtime_scenarios.telephone.switchboard import Call, Switchboard
from realtime_scenarios.telephone.turns import HUNG_UP
from realtime_scenarios.trace import AgentSaid, HandedOff, UserSaid
from support import Answers, Written
from support.calls import Desk, Seen
from support.openai_calls import KEY, SECRET, OpenAICalls, incoming, signed

GREETING = "Hello, this is ABC customer service. How can I help you today?"
SERVICE = f"""
scenario: service
start: triage
opening: {{speaks: agent, say: "{GREETING}", exact: true}}
agents:
  triage: {{name: Triage Agent, instructions: You are the first voice., handoffs: [faq]}}
  faq: {{name: FAQ Agent, instructions: You answer questions.}}
"""


@dataclass
class Line:
    """A telephone server whose calls come by SIP: its API at OpenAI, who is told of calls, and its own address."""

    openai: OpenAICalls
    desk: Desk
    url: str

    async def webhook(self, body: bytes, headers: dict[str, str] | None = None) -> int:
        async with httpx2.AsyncClient() as client:
            answer = await client.post(self.url, content=body, headers=signed(body) if headers is None else headers)
        return answer.status_code

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(30):
            while not is_so():
                self.desk.news.clear()
                await self.desk.news.wait()


@contextlib.asynccontextmanager
async def answered(
    path: Path,
    answers: Sequence[Sequence[Output]],
    *,
    statuses: Sequence[int] = (),
    most: int = 5,
    desk: Desk | None = None,
) -> AsyncIterator[Line]:
    project = load(path)
    assert not project.errors, project.errors
    desk = desk or Desk()
    openai = OpenAICalls(Answers(answers), list(statuses), news=desk.news)
    async with openai.served() as base:
        request = ProviderRequest(environment={"OPENAI_API_KEY": KEY}, url=base)

        def open_model() -> Any:
            return PROVIDERS["openai"].open(request.completed_by(project.scenario))

        switchboard = Switchboard(desk, most)
        calls = Calls.beside(open_model(), SECRET)
        scenario = on_the_telephone(project.scenario, mu_law=False)
        door = SipDoor(switchboard, Answering(compiled(scenario), open_model), calls)
        app = application(Hosts("127.0.0.1"), [door])
        async with switchboard.staffed(), listening(app, "127.0.0.1", 0, None, 65536, None) as port:
            yield Line(openai, desk, f"http://127.0.0.1:{port}{WEBHOOK}")
        await calls.close()


def held(
    path: Path, answers: Sequence[Sequence[Output]], visit: Callable[[Line], Awaitable[None]], **rest: Any
) -> Line:
    async def run() -> Line:
        async with answered(path, answers, **rest) as line:
            await visit(line)
        return line

    return asyncio.run(run())


def test_a_call_is_accepted_with_the_scenarios_session_and_greeted_first(written: Written) -> None:
    async def visit(line: Line) -> None:
        assert await line.webhook(incoming("rtc_1")) == 200
        await line.until(lambda: bool(line.desk.calls and line.desk.calls[0].of(AgentSaid)))
        await line.openai.hang_up("rtc_1")
        await line.until(lambda: bool(line.desk.calls[0].why))

    line = held(written(SERVICE), [[SayText(GREETING)]], visit)
    what, call, session = line.openai.asked[0]
    assert (what, call, session["type"]) == ("accept", "rtc_1", "realtime")
    assert session["instructions"].startswith("You are the first voice.")
    assert [tool["name"] for tool in session["tools"]] == ["transfer_to_faq_agent"]
    assert session["model"] and session["output_modalities"] == ["audio"]
    assert set(line.openai.keys) == {f"Bearer {KEY}"}
    order = [text["type"] for text in line.openai.texts]
    assert order[:2] == ["session.update", "response.create"]
    assert GREETING in line.openai.texts[1]["response"]["instructions"]
    seen = line.desk.calls[0]
    assert [said.text for said in seen.of(AgentSaid)] == [GREETING]
    assert (seen.why, seen.problem) == (HUNG_UP, None)


def test_a_webhook_that_comes_again_begins_no_second_conversation(written: Written) -> None:
    async def visit(line: Line) -> None:
        body = incoming("rtc_1")
        assert [await line.webhook(body) for _ in range(3)] == [200, 200, 200]
        await line.until(lambda: "rtc_1" in line.openai.attached)
        await line.openai.hang_up("rtc_1")
        await line.until(lambda: bool(line.desk.calls[0].why))
        assert await line.webhook(body) == 200

    line = held(written(SERVICE), [[SayText(GREETING)]], visit)
    assert [what for what, _, _ in line.openai.asked].count("accept") == 1 and len(line.desk.calls) == 1


def test_a_webhook_that_openai_has_not_signed_is_refused(written: Written) -> None:
    async def visit(line: Line) -> None:
        body = incoming("rtc_1")
        other = "whsec_" + "b3RoZXI="
        assert await line.webhook(body, {}) == 400
        assert await line.webhook(body, signed(b"{}")) == 400
        assert await line.webhook(body, signed(body, secret=other)) == 400
        assert await line.webhook(body, signed(body, age=3600)) == 400
        assert await line.webhook(b"no JSON", signed(b"no JSON")) == 400
        assert await line.webhook(b"\xff", signed(b"\xff")) == 400
        for odd in (incoming("rtc_1", "response.completed"), b"[]", b"{}", b'{"type": "realtime.call.incoming"}'):
            assert await line.webhook(odd) == 200

    line = held(written(SERVICE), [], visit)
    assert not line.openai.asked and not line.desk.calls


def test_a_caller_who_has_hung_up_before_is_no_failure(written: Written) -> None:
    async def visit(line: Line) -> None:
        assert await line.webhook(incoming("rtc_1")) == 200
        await line.until(lambda: bool(line.desk.calls and line.desk.calls[0].why))

    line = held(written(SERVICE), [], visit, statuses=[404])
    assert (line.desk.calls[0].why, line.desk.calls[0].problem) == (GONE_BEFORE, None)
    assert [what for what, _, _ in line.openai.asked] == ["accept"]


def test_a_call_that_the_service_does_not_let_us_have_is_told_without_the_key(written: Written) -> None:
    async def visit(line: Line) -> None:
        await line.webhook(incoming("rtc_1"))
        await line.until(lambda: bool(line.desk.calls and line.desk.calls[0].why))

    line = held(written(SERVICE), [], visit, statuses=[401])
    assert "401" in line.desk.calls[0].why and KEY not in line.desk.calls[0].why
    assert line.desk.calls[0].problem is not None
    assert [asked[:2] for asked in line.openai.asked] == [("accept", "rtc_1"), ("reject", "rtc_1")]


def test_a_call_that_nobody_can_witness_does_not_ring_on(written: Written) -> None:
    class Unwilling(Desk):
        def witness(self, call: Call) -> Seen:
            raise ScenarioError("no file can be written")

    async def visit(line: Line) -> None:
        await line.webhook(incoming("rtc_1"))
        await line.until(lambda: len(line.openai.asked) == 1)

    line = held(written(SERVICE), [], visit, desk=Unwilling())
    assert line.openai.asked[0][:2] == ("reject", "rtc_1")
    assert line.desk.messages == ["call 1 was not taken: no file can be written"]


def test_one_call_more_than_there_are_lines_is_told_that_they_are_engaged(written: Written) -> None:
    async def visit(line: Line) -> None:
        await line.webhook(incoming("rtc_1"))
        await line.until(lambda: "rtc_1" in line.openai.attached)
        await line.webhook(incoming("rtc_2"))
        await line.until(lambda: len(line.openai.asked) == 2)

    line = held(written(SERVICE), [[SayText(GREETING)]], visit, most=1)
    assert line.openai.asked[1] == ("reject", "rtc_2", {"status_code": 486})


def test_calls_that_come_at_the_same_moment_are_no_more_than_there_are_lines(written: Written) -> None:
    async def visit(line: Line) -> None:
        await asyncio.gather(*(line.webhook(incoming(f"rtc_{number}")) for number in range(6)))
        await line.until(lambda: len(line.openai.asked) == 6 and len(line.openai.attached) > 0)

    line = held(written(SERVICE), [[SayText(GREETING)]] * 6, visit, most=1)
    assert sorted(asked for asked, *_ in line.openai.asked[:6]) == ["accept", *["reject"] * 5]


def test_keys_are_told_the_agent_and_a_handoff_sends_its_session(written: Written) -> None:
    async def visit(line: Line) -> None:
        await line.webhook(incoming("rtc_1"))
        await line.until(lambda: bool(line.desk.calls and line.desk.calls[0].of(AgentSaid)))
        for key in "42#":
            await line.openai.tells(
                "rtc_1", {"type": "input_audio_buffer.dtmf_event_received", "event": key, "received_at": 1}
            )
        await line.until(lambda: len(line.desk.calls[0].of(AgentSaid)) == 2)

    answers = [[SayText(GREETING)], [CallFunction("transfer_to_faq_agent", "{}")], [SayText("Ask me.")]]
    line = held(written(SERVICE), answers, visit)
    seen = line.desk.calls[0]
    assert [said.text for said in seen.of(UserSaid)] == ["[keypad] 42"]
    assert seen.of(HandedOff)[0].to == "faq" and seen.why == "the server stopped"
    updates = [text["session"] for text in line.openai.texts if text["type"] == "session.update"]
    assert updates[-1]["instructions"].startswith("You answer questions.")
    assert {update["model"] for update in updates} == {line.openai.asked[0][2]["model"]}
    assert line.openai.asked[-1][:2] == ("hangup", "rtc_1")
