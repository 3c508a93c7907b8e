"""Going back to the end of a turn, in place or in a copy: everything is as it was then, and it is said what is not."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from realtime_scenarios.project.beginning import beginning
from support import Written
from support.studio import Desk, Talk, conversing

SHOP = """
    scenario: shop
    title: A shop
    start: clerk
    context:
      orders: {type: integer, default: 0}
      pin: {type: string, default: "", secret: true}
    agents:
      clerk:
        name: Clerk
        instructions: Help.
        tools: [bottle, count, weather]
        handoffs: [{to: cellar, examples: [Bring me to the cellar]}]
      cellar:
        name: Cellar
        instructions: Help below.
    data:
      bottles:
        rows: [{name: port, left: 3}]
    tools:
      bottle:
        description: Show a bottle of port.
        examples: [Show me a bottle]
        query: {sql: "UPDATE bottles SET left = left - 1 WHERE name = 'port'"}
        set: {orders: context.orders + 1}
      count:
        description: Say how often you were asked.
        examples: [How often did I ask]
        sequence: [{returns: once}, {returns: twice}, {returns: thrice}]
      weather:
        description: Say how the weather is.
        examples: [How is the weather]
        http: {url: "https://weather.example/now", offline: {returns: sunny}}
"""


@pytest.fixture
def shop(written: Written) -> Path:
    return written(SHOP)


def left(page: Talk) -> int:
    """How many bottles there are, as the page was told last."""
    count: int = [event for event in page.hosted.stream.picture() if event["type"] == "DataChanged"][-1]["data"][
        "rows"
    ][0]["left"]
    return count


def returned(page: Talk) -> list[str]:
    picture = page.hosted.stream.picture()
    return [event["data"]["output"] for event in picture if event["type"] == "ToolReturned"]


def test_going_back_makes_context_tables_stubs_and_rows_as_they_were(shop: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        for line in ("Show me a bottle", "How often did I ask", "Show me a bottle", "How often did I ask"):
            await page.say(line)
        assert left(page) == 1 and returned(page)[-1] == "twice"
        before = page.rows
        answered = await page.do("undo", turn=2)
        assert answered["turn"] == 2 and answered["cannot"] == []
        await page.until("Connected", page.of("Undone")[0]["seq"])
        assert left(page) == 2
        state = page.hosted.conversation.state if page.hosted.conversation else None
        assert state is not None and state.context["orders"] == 1 and state.turn == 2
        assert page.rows == before[: len(page.rows)] and sum(role == "user" for role, _ in page.rows) == 2
        await page.say("How often did I ask")
        assert returned(page)[-1] == "twice"
        assert [event["turn"] for event in page.hosted.stream.picture() if event["type"] == "UserSaid"] == [1, 2, 3]
        trace = page.hosted.trace()
        assert trace is not None and [event.seq for event in trace] == list(range(1, len(trace.events) + 1))

    conversing(shop, talk)


def test_the_model_is_told_what_was_said_until_then_and_nothing_after_it(shop: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await page.say("Show me a bottle")
        await page.say("This was never said")
        await page.do("undo", turn=1)
        undone = page.of("Undone")[0]["seq"]
        await page.until("Connected", undone)
        told = [event["data"]["item"] for event in page.of("conversation.item.create") if event["seq"] > undone]
        assert [item["type"] for item in told] == ["message", "function_call", "function_call_output", "message"]
        assert b"never said" not in orjson.dumps(told)

    conversing(shop, talk)


def test_turn_0_is_the_beginning(shop: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await page.say("Show me a bottle")
        await page.do("undo", turn=0)
        await page.until("Connected", page.of("Undone")[0]["seq"])
        assert page.rows == [] and left(page) == 3

    conversing(shop, talk)


def test_it_is_said_what_was_done_elsewhere_and_stays(shop: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await page.say("Show me a bottle")
        await page.say("How is the weather")
        answered = await page.do("undo", turn=1)
        assert answered["cannot"] == [{"tool": "weather", "why": "it was sent over HTTP"}]
        assert page.of("Undone")[0]["data"]["cannot"] == answered["cannot"]

    conversing(shop, talk)


def test_the_agent_is_the_one_who_was_there(shop: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await page.say("Hello")
        await page.say("Bring me to the cellar")
        assert page.hosted.conversation is not None and page.hosted.conversation.state.agent == "cellar"
        await page.do("undo", turn=1)
        connected = await page.until("Connected", page.of("Undone")[0]["seq"])
        assert connected["data"]["agent"] == "clerk" == connected["agent"]

    conversing(shop, talk)


def test_who_is_not_connected_can_go_back_and_is_not_connected_by_that(shop: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await page.say("Show me a bottle")
        await page.say("Show me a bottle")
        await page.do("disconnect")
        await page.until("Disconnected")
        await page.do("undo", turn=1)
        assert not page.hosted.is_live
        await page.do("connect")
        await page.until("Connected", page.of("Undone")[0]["seq"])
        assert left(page) == 2

    conversing(shop, talk)


def test_a_copy_goes_on_differently_and_the_first_goes_on_as_it_was(shop: Path) -> None:
    async def talk(desk: Desk) -> None:
        first = desk.begin(begins=beginning(desk.project.scenario, context={"pin": "hunter22"}))
        await first.connect()
        await first.say("Show me a bottle, my pin is hunter22")
        at = first.hosted.stream.last
        await first.say("Show me a bottle")
        answered = await first.do("fork", seq=at)
        copy = Talk(desk.conversations[answered["id"]])
        assert copy.of("Forked")[0]["data"] == {"from": "c1", "turn": 1, "cannot": []}
        assert copy.rows == first.rows[: len(copy.rows)] and left(copy) == 2
        assert [event["seq"] for event in copy.events] == list(range(1, copy.hosted.stream.last + 1))
        await copy.do("connect")
        await copy.until("Connected", copy.of("Forked")[0]["seq"])
        for page in (copy, first):
            await page.say("How often did I ask")
        assert left(copy) == 2 and left(first) == 1
        assert [role for role, _ in copy.rows].count("user") == 2 and [role for role, _ in first.rows].count(
            "user"
        ) == 3
        items = [event["item"] for event in copy.of("ItemPlaced")]
        assert len(items) == len(set(items))
        assert b"hunter22" not in b"".join((*copy.hosted.stream.lines(), *first.hosted.stream.lines()))
        again = await copy.do("fork", seq=copy.hosted.stream.last)
        third = Talk(desk.conversations[again["id"]])
        await third.do("connect")
        await third.until("Connected", third.of("Forked")[-1]["seq"])
        await third.say("How often did I ask")
        assert returned(third)[-2:] == ["once", "twice"]
        items = [event["item"] for event in third.of("ItemPlaced")]
        assert len(items) == len(set(items))

    conversing(shop, talk)


def test_another_agent_goes_on_and_knows_what_was_said(shop: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.connect()
        await page.say("Show me a bottle")
        await page.do("set_agent", agent="cellar")
        connected = await page.until("Connected", page.of("AgentChosen")[0]["seq"])
        assert connected["data"]["agent"] == "cellar"
        await page.say("Hello")
        assert [role for role, _ in page.rows].count("user") == 2

    conversing(shop, talk)


def test_another_agent_can_be_chosen_before_it_begins(shop: Path) -> None:
    async def talk(desk: Desk) -> None:
        page = desk.begin()
        await page.do("set_agent", agent="cellar")
        await page.connect()
        assert page.of("Connected")[0]["data"]["agent"] == "cellar"

    conversing(shop, talk)
