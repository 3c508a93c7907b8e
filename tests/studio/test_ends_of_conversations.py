"""How conversations end: a line that is lost, commands that are cut off, and what is given up when nobody looks."""

from __future__ import annotations

import asyncio
import gc
import weakref
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.project.beginning import beginning
from realtime_scenarios.providers import Opened
from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.realtime import Engine, MemoryConnection, Pace
from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.session import run_in_virtual_time
from realtime_scenarios.studio.audience import Audience
from realtime_scenarios.studio.hosted import Hosted, Surroundings, Wish
from realtime_scenarios.studio.models import WishedModel
from realtime_scenarios.studio.projects import Projects
from realtime_scenarios.studio.refusals import Refusal
from realtime_scenarios.studio.studio import MOST_CONVERSATIONS, Studio
from support import Answers, Written
from support.studio import Desk, OfflineModels, Talk, conversing

DESK = """
    scenario: desk
    start: clerk
    agents:
      clerk: {name: Clerk, instructions: Help.}
      other: {name: Other, instructions: Help.}
"""
DROPPED = "the connection to memory: was dropped without a word"


@pytest.fixture
def desk(written: Written) -> Path:
    return written(DESK)


class Losable(OfflineModels):
    """Models whose lines can be lost, or take nothing any more."""

    def __init__(self, *, pace: Pace | None = None) -> None:
        super().__init__()
        self._line_pace = pace
        self.lines: list[Line] = []

    async def open(self, project: Any, wished: WishedModel) -> Opened:
        self.wished.append(wished)

        async def connect() -> object:
            answers = Answers([[SayText("One two three four five six seven.")]], repeat=True)
            self.lines.append(Line(Engine(pace=self._line_pace), answers))
            return self.lines[-1]

        return Opened(WireModel(connect), {"url": "memory:", "headers": {}})


class Line(MemoryConnection):
    """`is_stuck`: what is sent goes nowhere, and nobody says so. It takes a while to be closed."""

    is_stuck = False

    async def close(self, code: int = 1000, reason: str = "") -> None:
        await asyncio.sleep(5)
        await super().close(code, reason)

    async def send(self, message: str | bytes) -> None:
        if self.is_stuck:
            await asyncio.Event().wait()
        await super().send(message)


SLOWLY = Pace(words_per_delta=1, ms_per_word=1000)


async def on_a_stuck_line(desk: Desk, models: Losable) -> Talk:
    """A page whose line takes nothing any more, while the agent is speaking."""
    page = desk.begin()
    await page.connect()
    await page.do("say", text="Hello")
    await page.until("response.output_text.delta")
    models.lines[-1].is_stuck = True
    return page


def test_a_command_on_a_line_that_is_lost_is_refused_in_one_line_and_the_page_is_told_why_it_ended(desk: Path) -> None:
    models = Losable()

    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await page.say("Hello")
        models.lines[-1].break_off()
        refused = await page.tries("say", text="Are you there?")
        assert (refused["why"], refused["hint"]) == (DROPPED, "try again")
        ended = await page.until("Disconnected")
        assert ended["data"]["reason"] == DROPPED
        assert page.of("SessionEnded")[0]["data"]["reason"] == DROPPED
        for do in ("say", "interrupt"):
            assert (await page.tries(do, text="x"))["why"] == "it is not connected"
        await page.connect()

    conversing(desk, talk, models)


@pytest.mark.parametrize("do", ["say", "interrupt", "ptt_down"])
def test_a_command_under_way_is_answered_when_the_line_is_lost(desk: Path, do: str) -> None:
    models = Losable(pace=SLOWLY)

    async def talk(desk: Desk) -> None:
        page = desk.begin(turns="pushed")
        await page.connect()
        await page.do("say", text="Hello")
        await page.until("response.output_audio_transcript.delta")
        models.lines[-1].is_stuck = True
        asked = asyncio.ensure_future(page.tries(do, text="Stop"))
        await asyncio.sleep(1)
        assert not asked.done()
        models.lines[-1].break_off()
        refused = await asked
        assert "ack" not in refused and DROPPED in refused["why"]

    conversing(desk, talk, models)


def test_a_line_that_takes_nothing_any_more_is_not_waited_for_without_end(desk: Path) -> None:
    models = Losable(pace=SLOWLY)

    async def talk(desk: Desk) -> None:
        page = await on_a_stuck_line(desk, models)
        refused = await page.tries("interrupt")
        assert refused["why"] == "the line has not taken it for 10 seconds"
        assert refused["hint"] == "it may be lost: disconnect, and connect again"

    conversing(desk, talk, models)


@pytest.mark.parametrize("cut_off", ["disconnect", "end"])
def test_a_command_that_is_cut_off_is_answered_by_the_end_of_the_conversation(desk: Path, cut_off: str) -> None:
    models = Losable(pace=SLOWLY)

    async def talk(desk: Desk) -> None:
        page = await on_a_stuck_line(desk, models)
        asked = asyncio.ensure_future(page.tries("say", text="Stop"))
        await asyncio.sleep(1)
        if cut_off == "end":
            await page.hosted.end("the server stopped")
        else:
            page.hosted.disconnect()
        why = "the server stopped" if cut_off == "end" else "you left"
        assert (await asked)["why"] == f"the conversation has ended meanwhile: {why}"

    conversing(desk, talk, models)


def test_going_back_is_not_gone_on_with_where_the_conversation_ends_for_good_meanwhile(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await page.say("Hello")
        asked = asyncio.ensure_future(page.tries("undo", turn=0))
        await asyncio.sleep(1)
        await page.hosted.end("the server stopped")
        assert (await asked)["why"] == "the conversation has ended meanwhile: the server stopped"
        assert not page.hosted.is_live
        refused = await page.tries("connect")
        assert refused["why"] == "the conversation has ended: the server stopped"
        page.hosted.connect()
        assert not page.hosted.is_live

    conversing(desk, talk, Losable())


def test_a_command_is_done_to_its_end_also_where_its_page_goes(desk: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await page.say("Hello")
        command = {"cmd": "k", "do": "set_agent", "agent": "other"}
        listening = asyncio.shield(page.commands.do(command))
        await asyncio.sleep(1)
        listening.cancel()
        chosen = await page.until("AgentChosen")
        await page.until("Connected", chosen["seq"])
        assert page.hosted.conversation is not None and page.hosted.conversation.state.agent == "other"
        assert await page.commands.do(command) == {"ack": "k"}

    conversing(desk, talk, Losable())


def test_a_command_that_is_sent_again_while_it_is_under_way_is_answered_as_it_comes_out(desk: Path) -> None:
    models = Losable(pace=SLOWLY)

    async def talk(desk: Desk) -> None:
        page = await on_a_stuck_line(desk, models)
        said = {"cmd": "same", "do": "say", "text": "Stop"}
        first = page.commands.do(said)
        await asyncio.sleep(1)
        again = page.commands.do(said)
        models.lines[-1].break_off()
        assert "refused" in await first and await first == await again

    conversing(desk, talk, models)


class Tab:
    """A page that keeps what it is told."""

    def __init__(self) -> None:
        self.is_owner = False
        self.told: list[Any] = []

    def answer(self, data: Any) -> None:
        self.told.append(data)

    def play(self, frame: bytes) -> None:
        """Sound is nothing here."""

    def part(self, data: Any) -> None:
        self.told.append(data)


class House:
    """A studio in virtual time."""

    def __init__(self, path: Path) -> None:
        self.studio = Studio(Projects([path]), Losable(), "1.0")
        served = next(iter(self.studio.projects.served.values()))
        served.look()
        assert served.project is not None
        self.project = served.project
        self.around = Surroundings(self.studio.epoch, self.studio.models, self.studio.adopt)

    def begin(self) -> Hosted:
        wish = Wish(beginning(self.project.scenario), WishedModel())
        id = self.studio.adopt(lambda id: Hosted(id, self.project, wish, self.around))
        return self.studio.conversations[id]

    def look(self, hosted: Hosted) -> tuple[Audience, Tab]:
        audience, tab = self.studio.audience(hosted), Tab()
        audience.enter(tab)
        return audience, tab


def in_a_house(path: Path, live: Any) -> None:
    async def whole() -> None:
        house = House(path)
        try:
            await live(house)
        finally:
            await house.studio.close()
        assert not house.studio.conversations

    run_in_virtual_time(whole())


def test_a_conversation_that_nobody_looks_at_any_more_gives_up_all_that_it_held(desk: Path) -> None:
    async def live(house: House) -> None:
        hosted = house.begin()
        audience, tab = house.look(hosted)
        await audience.told(tab, {"cmd": "k1", "do": "connect"})
        await Talk.until(Talk(hosted), "Connected")
        await audience.told(tab, {"cmd": "k2", "do": "say", "text": "Hello"})
        await Talk.until(Talk(hosted), "TurnOver")
        picture = hosted.kept.picture(b"GIF89a", ".gif")
        gone = weakref.ref(hosted)
        audience.leave(tab)
        del hosted, audience
        await asyncio.sleep(9.9)
        assert house.studio.conversations and picture.exists()
        await asyncio.sleep(5.2)  # the line takes its time
        assert not house.studio.conversations and not picture.exists()
        gc.collect()
        assert gone() is None

    in_a_house(desk, live)


def test_a_conversation_to_which_no_page_ever_comes_does_not_stay(desk: Path) -> None:
    async def live(house: House) -> None:
        house.begin()
        await asyncio.sleep(59)
        assert house.studio.conversations
        await asyncio.sleep(2)
        assert not house.studio.conversations

    in_a_house(desk, live)


def test_there_are_fifty_conversations_at_most_and_who_wants_more_is_told_so(desk: Path) -> None:
    async def live(house: House) -> None:
        for _ in range(MOST_CONVERSATIONS):
            hosted = house.begin()
            house.look(hosted)
            await asyncio.sleep(1)
        with pytest.raises(Refusal) as refused:
            house.begin()
        assert refused.value.status == 429
        assert refused.value.body == {
            "error": "50 conversations are held already, and there may be no more at a time",
            "hint": "close a tab in which one is, and wait ten seconds",
        }
        talk = Talk(hosted)
        await talk.connect()
        await talk.say("Hello")
        forked = await talk.tries("fork", seq=hosted.stream.last)
        assert forked["why"].startswith("50 conversations are held") and forked["hint"].startswith("close a tab")
        await house.studio.end(hosted, "you left")
        house.begin()

    in_a_house(desk, live)


def test_pages_at_a_conversation_that_ends_for_good_are_answered_and_then_told_that_it_is_gone(desk: Path) -> None:
    async def live(house: House) -> None:
        hosted = house.begin()
        audience, tab = house.look(hosted)
        await audience.told(tab, {"cmd": "k1", "do": "connect"})
        await Talk.until(Talk(hosted), "Connected")
        await audience.told(tab, {"cmd": "k2", "do": "set_agent", "agent": "other"})
        await asyncio.sleep(1)
        await house.studio.end(hosted, "the server stopped")
        why = "the conversation has ended meanwhile: the server stopped"
        assert tab.told[-2:] == [
            {"refused": "k2", "why": why, "hint": "connect, and try again"},
            {"gone": {"epoch": house.studio.epoch}},
        ]
        audience.leave(tab)

    in_a_house(desk, live)
