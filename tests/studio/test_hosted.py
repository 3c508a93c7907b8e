"""Conversations that the studio holds: typed, approved, interrupted, ended."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.cli.studio import AskedStudio, CommandLineModels
from realtime_scenarios.cli.voices import AskedPart, AskedVoices
from realtime_scenarios.core import resource_folder
from realtime_scenarios.realtime import Pace
from support import Written
from support.studio import Desk, OfflineModels, conversing

AIRLINE = resource_folder("scenarios") / "airline" / "airline.yaml"

DESK = """
    scenario: desk
    title: A desk
    start: clerk
    agents:
      clerk:
        name: Clerk
        instructions: Help.
        tools: [refund, cancel]
    tools:
      refund:
        description: Refund an order.
        examples: [Refund my order]
        parameters: {type: object, properties: {}, additionalProperties: false}
        approval: {timeout: 30s, question: May I refund it?}
        returns: refunded
      cancel:
        description: Cancel an order.
        examples: [Cancel my order]
        parameters: {type: object, properties: {}, additionalProperties: false}
        approval:
          fields:
            pin: {label: Your PIN, secret: true, required: true, pattern: "[0-9]{4}"}
            note: {label: A note, required: false}
        returns: cancelled
"""


@pytest.fixture
def desk(written: Written) -> Path:
    return written(DESK)


def test_a_turn_is_typed_approved_and_answered_and_stands_in_order() -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await page.do("say", text="What flight am I on?")
        asked = await page.until("ApprovalOpen")
        assert asked["data"]["tool"] == "check_flights" and asked["item"] is not None
        await page.do("approve", call=asked["call"], fields={"username": "riley", "password": "hunter22"})
        await page.until("TurnOver")
        assert [role for role, _ in page.rows] == ["user", "call", "output", "assistant"]
        assert page.rows[0][1] == "What flight am I on?"
        assert page.rows[3][1].startswith("Riley, you are booked")
        (said,) = page.of("AgentSaid")
        assert said["item"] == page.of("ItemPlaced")[-1]["item"] and said["data"]["text"] == page.rows[3][1]
        assert [event["data"]["decision"] for event in page.of("ApprovalClosed")] == ["approved"]
        called = page.of("ToolCalled")[0]
        assert called["place"][0].endswith("airline.yaml") and called["call"] == asked["call"]
        cause = next(event for event in page.events if event["seq"] == called["cause"])
        assert (cause["layer"], cause["type"]) == ("wire", "response.output_item.done")
        assert b"hunter22" not in b"".join(page.hosted.stream.lines())

    conversing(AIRLINE, talk)


def test_two_approvals_wait_at_once_and_the_second_is_answered_first(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await page.do("say", text="Refund my order")
        first = await page.until("ApprovalOpen", tool="refund")
        await page.do("say", text="Cancel my order")
        second = await page.until("ApprovalOpen", tool="cancel")
        assert first["data"]["seconds"] == 30 and second["data"]["seconds"] is None
        assert first["data"]["question"] == "May I refund it?" and first["data"]["place"][1] > 1
        assert [field["secret"] for field in second["data"]["fields"]] == [True, False]
        await page.do("approve", call=second["call"], fields={"pin": "1234"})
        closed = await page.until("ApprovalClosed", call=second["call"])
        assert closed["data"]["decision"] == "approved"
        assert not [event for event in page.of("ApprovalClosed") if event["call"] == first["call"]]
        await page.do("reject", call=first["call"], reason="not today")
        await page.until("ApprovalClosed", call=first["call"], decision="rejected")
        returned = {event["data"]["tool"]: event["data"] for event in page.of("ToolReturned")}
        assert returned["cancel"]["outcome"] == "answered"
        assert (returned["refund"]["outcome"], returned["refund"]["output"]) == ("rejected", "not today")
        assert (await page.tries("approve", call=first["call"]))["why"] == "that call does not wait for an approval"

    conversing(desk, talk)


def test_an_approval_that_nobody_answers_is_told_to_have_timed_out(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await page.say("Refund my order")
        assert [event["data"]["decision"] for event in page.of("ApprovalClosed")] == ["timed_out"]

    conversing(desk, talk)


def test_what_is_missing_or_has_another_form_is_asked_again_without_showing_it(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await page.do("say", text="Cancel my order")
        asked = await page.until("ApprovalOpen")
        await page.do("approve", call=asked["call"], fields={})
        again = await page.until("ApprovalOpen", asked["seq"])
        assert again["data"]["missing"] == ["pin"]
        await page.do("approve", call=asked["call"], fields={"pin": "letters!"})
        again = await page.until("ApprovalOpen", again["seq"])
        assert list(again["data"]["unfit"]) == ["pin"]
        await page.do("approve", call=asked["call"], fields={"pin": "9876"})
        await page.until("TurnOver")
        everything = b"".join(page.hosted.stream.lines())
        assert b"letters!" not in everything and b"9876" not in everything

    conversing(desk, talk)


def test_who_approves_for_the_conversation_is_not_asked_again(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await page.do("say", text="Cancel my order")
        asked = await page.until("ApprovalOpen")
        await page.do("approve", call=asked["call"], fields={"pin": "1234"}, remember=True)
        await page.until("TurnOver")
        await page.say("Cancel my order")
        assert len(page.of("ApprovalOpen")) == 1
        assert [event["data"]["outcome"] for event in page.of("ToolReturned")] == ["answered", "answered"]

    conversing(desk, talk)


def test_a_command_that_is_sent_twice_acts_once(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        said = {"cmd": "same", "do": "say", "text": "Hello"}
        assert await page.commands.do(said) == {"ack": "same"} == await page.commands.do(said)
        await page.until("TurnOver")
        assert len(page.of("UserSaid")) == 1

    conversing(desk, talk)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"do": "say", "text": " "}, "there is nothing to say"),
        ({"do": "say", "text": 7}, "what is said is a text"),
        ({"do": "say", "text": "x" * 100_001}, "a message may have 100,000 characters"),
        ({"do": "dance"}, "there is no command 'dance'"),
        ({}, "there is no command 'None'"),
        ({"do": "connect"}, "it is connected already"),
        ({"do": "ptt_down"}, "it is not spoken: begin one with voice"),
        ({"do": "record", "on": True}, "it is not spoken: begin one with voice"),
        ({"do": "approve", "call": "none"}, "that call does not wait for an approval"),
        ({"do": "approve", "call": "none", "fields": {"pin": 7}}, "the fields of an approval are texts"),
        ({"do": "undo", "turn": -1}, "there is no such turn to go back to"),
        ({"do": "fork", "seq": 1}, "no turn has ended by then: there is nothing to go on from"),
        ({"do": "set_agent", "agent": "nobody"}, "there is no agent 'nobody'"),
        ({"do": "image", "data_url": "http://x"}, "a picture is PNG, JPEG, WebP or GIF, as a data: address in base64"),
        ({"do": "image", "data_url": "data:image/png;base64,@@@"}, "the picture cannot be read"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused_in_one_line(desk: Path, told: dict[str, object], why: str) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        assert await page.commands.do({"cmd": "k", **told}) == {"refused": "k", "why": why}

    conversing(desk, talk)


def test_who_is_not_connected_is_told_so(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        for do in ("say", "interrupt", "disconnect"):
            assert (await page.tries(do, text="x"))["why"] == "it is not connected"
        assert (await page.commands.do({"do": "say"}))["refused"] is None

    conversing(desk, talk)


def test_typing_cuts_into_the_answer_and_the_cut_one_is_marked(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await page.do("say", text="Hello")
        await page.until("response.output_text.delta")
        await page.do("say", text="Stop")
        await page.until("TurnOver")
        cut, whole = page.of("AgentSaid")
        assert cut["data"]["interrupted"] and not whole["data"]["interrupted"]
        assert [role for role, _ in page.rows] == ["user", "assistant", "user", "assistant"]

    conversing(desk, talk, OfflineModels(pace=Pace(words_per_delta=1, ms_per_word=200)))


def test_two_conversations_know_nothing_of_one_another(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        one, two = desk.begin(), desk.begin()
        await asyncio.gather(one.connect(), two.connect())
        await asyncio.gather(one.say("Hello from one"), two.say("Hello from two"))
        assert one.rows[0][1] == "Hello from one" and two.rows[0][1] == "Hello from two"
        assert b"from two" not in b"".join(one.hosted.stream.lines())

    conversing(desk, talk)


def test_a_line_that_cannot_be_had_says_why_and_how_it_can(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    async def talk(desk: Desk) -> None:
        page = desk.begin(provider="openai")
        await page.do("connect")
        ended = await page.until("Disconnected")
        assert ended["data"]["reason"] == "no key for OpenAI: OPENAI_API_KEY is not set"
        assert ended["data"]["hint"].startswith("set OPENAI_API_KEY")
        assert not page.hosted.is_live

    conversing(desk, talk)


class NeverThere(OfflineModels):
    async def open(self, project: Any, wished: Any) -> Any:
        await asyncio.Event().wait()


def test_who_leaves_while_it_is_being_connected_does_not_wait_for_that(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.do("connect")
        await asyncio.sleep(1)
        await page.do("disconnect")
        ended = await page.until("Disconnected")
        assert ended["data"] == {"reason": "you left", "hint": None}
        await page.do("connect")
        await asyncio.sleep(1)
        await page.hosted.close("the server stopped")
        assert page.of("Disconnected")[-1]["data"]["reason"] == "the server stopped"

    conversing(desk, talk, NeverThere())


def test_who_leaves_and_comes_back_goes_on_where_they_were(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await page.say("Hello")
        await page.do("disconnect")
        gone = await page.until("Disconnected")
        assert gone["data"]["reason"] == "you left"
        await page.do("connect")
        await page.until("Connected", gone["seq"])
        await page.say("Hello again")
        assert [role for role, _ in page.rows] == ["user", "assistant", "user", "assistant"]
        assert [event["turn"] for event in page.of("UserSaid")] == [1, 2]
        told = [event for event in page.of("conversation.item.create") if event["seq"] > gone["seq"]]
        assert [event["data"]["item"]["role"] for event in told] == ["user", "assistant", "user"]

    conversing(desk, talk)


def test_a_conversation_in_which_nobody_does_anything_for_half_an_hour_is_hung_up(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await asyncio.sleep(29 * 60)
        await page.say("Hello")
        await asyncio.sleep(29 * 60)
        assert page.hosted.is_live
        await asyncio.sleep(2 * 60)
        assert page.of("Disconnected")[0]["data"]["reason"] == "nobody did anything for 30 minutes"

    conversing(desk, talk)


def test_a_picture_is_shown_and_answered_where_that_is_asked(desk: Path) -> None:
    pixel = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="

    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await page.do("image", data_url=pixel, ask=False)
        await page.until("TurnOver")
        assert not page.of("AgentSaid") and page.of("UserShowed")[0]["data"] == {"image": "picture-1.gif"}
        assert page.of("ItemPlaced")[0]["data"]["pictures"] == 1
        await page.do("image", data_url=pixel, text="What is this?", ask=True)
        await page.until("AgentSaid")
        assert page.rows[1] == ("user", "What is this?")
        assert "R0lGOD" not in "".join(map(str, page.events))

    conversing(desk, talk)


def test_no_key_is_in_anything_that_a_page_can_see(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = "sk-canary-0123456789"
    monkeypatch.setenv("OPENAI_API_KEY", canary)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    voices = AskedVoices("auto", None, AskedPart("auto"), "real", 0)
    models = CommandLineModels(voices, AskedStudio(False, False, None, {}))

    async def talk(desk: Desk) -> None:
        page = desk.begin(provider="openai")
        await page.do("connect")
        ended = await page.until("Disconnected")
        assert ended["data"]["reason"] and canary.encode() not in b"".join(page.hosted.stream.lines())

    conversing(desk, talk, models)  # type: ignore[arg-type]
