"""The page survives a lost connection and a new server with its transcript, and no row comes twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from support.studio_browser import AIRLINE, EPOCH, Studio, Watched, enter, needs_chromium
from support.studio_page import Event, numbered, placed, studio_event

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]


@pytest.fixture
def mortal() -> Iterator[Studio]:
    studio = Studio(AIRLINE).warm()
    yield studio
    studio.stop()


def test_a_new_server_leaves_the_transcript_and_offers_to_start_again(mortal: Studio, visit: Visit) -> None:
    watched = visit(mortal)
    watched.expected = ("ERR_CONNECTION_REFUSED", "WebSocket connection", "status of 401")
    page = enter(watched, mortal)
    page.locator("[data-composer]").fill("How big can my carry-on be?")
    page.keyboard.press("Enter")
    expect(page.locator(".message.agent")).to_contain_text("plus one personal item.")
    before = page.locator(".message").all_inner_texts()
    mortal.restart()
    expect(page.locator(".restarted")).to_contain_text("Server restarted")
    assert page.locator(".message").all_inner_texts() == before
    expect(page.locator("#alert")).to_contain_text("restarted")
    expect(page.locator("[data-composer]")).to_be_disabled()


def test_what_waited_for_a_person_waits_no_more_once_the_server_is_a_new_one(mortal: Studio, visit: Visit) -> None:
    watched = visit(mortal)
    watched.expected = ("ERR_CONNECTION_REFUSED", "WebSocket connection", "status of 401")
    page = enter(watched, mortal)
    page.locator("[data-composer]").fill("What flight am I on?")
    page.keyboard.press("Enter")
    expect(page.locator("[data-approval]")).to_be_visible()
    expect(page.locator(".places .badge")).to_contain_text("1")
    mortal.restart()
    expect(page.locator(".restarted")).to_contain_text("Server restarted")
    expect(page.locator("[data-approval]")).to_have_count(0)
    expect(page.locator(".row.tool .tag")).to_have_text("never answered")
    expect(page.locator(".places .badge")).to_have_count(0)


class Dropped:
    """A conversation's socket that is lost after each part of the stream."""

    def __init__(self, events: list[Event], lost_after: list[int]) -> None:
        self.events = events
        self.lost_after = lost_after
        self.asked: list[int] = []

    def route(self, page: Page) -> None:
        page.route_web_socket("**/studio/ws/c/*", self._opened)

    def _opened(self, route: WebSocketRoute) -> None:
        after = int(urlsplit(route.url).query.partition("after=")[2].partition("&")[0])
        self.asked.append(after)
        route.send(json.dumps({"hello": {"id": "c1", "epoch": EPOCH, "role": "owner"}}))
        end = self.lost_after.pop(0) if self.lost_after else len(self.events)
        overlap = max(0, after - 2)  # a server may say more than was asked for
        batch = self.events[overlap:end]
        route.send(json.dumps({"epoch": EPOCH, "from": overlap + 1, "events": batch}))
        if end < len(self.events):
            route.close()


def test_what_came_while_the_line_was_lost_is_caught_up_with_and_nothing_comes_twice(
    airline: Studio, visit: Visit
) -> None:
    events = numbered(
        [
            studio_event("Connected", {}),
            *(
                event
                for n in range(6)
                for event in (
                    placed(f"i{n}", "assistant", f"i{n - 1}" if n else None),
                    studio_event("Delta", {"item": f"i{n}", "text": f"answer {n}"}, item=f"i{n}"),
                )
            ),
        ]
    )
    watched = visit(airline)
    dropped = Dropped(events, [4, 7, 9])
    dropped.route(watched.page)
    page = enter(watched, airline, "#/conversation?c=c1")
    expect(page.locator(".message")).to_have_count(6)
    assert page.locator(".message .prose").all_inner_texts() == [f"answer {n}" for n in range(6)]
    assert dropped.asked == [0, 4, 7, 9]


def test_a_gap_in_the_numbers_is_resumed_and_never_passed_over(airline: Studio, visit: Visit) -> None:
    events = numbered([studio_event("Connected", {}), placed("a", "assistant", None), placed("b", "assistant", "a")])
    asked: list[str] = []

    def opened(route: WebSocketRoute) -> None:
        asked.append(urlsplit(route.url).query)
        route.send(json.dumps({"hello": {"id": "c1", "epoch": EPOCH, "role": "owner"}}))
        if len(asked) == 1:
            route.send(json.dumps({"epoch": EPOCH, "from": 1, "events": events[:1]}))
            route.send(json.dumps({"epoch": EPOCH, "from": 3, "events": events[2:]}))
        else:
            route.send(json.dumps({"epoch": EPOCH, "from": 2, "events": events[1:]}))

    watched = visit(airline)
    watched.page.route_web_socket("**/studio/ws/c/*", opened)
    page = enter(watched, airline, "#/conversation?c=c1")
    expect(page.locator(".message")).to_have_count(2)
    assert asked[1].startswith("after=1&")


def test_the_chip_counts_down_and_tries_at_once_when_it_is_told_to(airline: Studio, visit: Visit) -> None:
    tries = 0

    def opened(route: WebSocketRoute) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            route.send(json.dumps({"hello": {"id": "c1", "epoch": EPOCH, "role": "owner"}}))
            route.send(json.dumps({"epoch": EPOCH, "from": 1, "events": numbered([studio_event("Connected", {})])}))
            route.close()
        elif tries < 5:
            route.close()
        else:
            route.send(json.dumps({"hello": {"id": "c1", "epoch": EPOCH, "role": "owner"}}))

    watched = visit(airline)
    watched.page.route_web_socket("**/studio/ws/c/*", opened)
    watched.page.route(
        "**/studio/api/project", lambda route: route.fulfill(json={**route.fetch().json(), "epoch": EPOCH})
    )
    page = enter(watched, airline, "#/conversation?c=c1")
    chip = page.locator(".chip")
    expect(chip).to_contain_text("Connection lost, again in")
    while tries < 5:
        page.wait_for_timeout(50)
        now = chip.get_by_role("button", name="now")
        if now.count():
            now.evaluate_all("buttons => buttons.forEach((button) => button.click())")
    expect(chip).to_have_text("Connected")


def test_a_command_that_was_not_answered_is_sent_again_with_the_same_name(airline: Studio, visit: Visit) -> None:
    heard: list[str] = []

    def opened(route: WebSocketRoute) -> None:
        def told(message: str | bytes) -> None:
            command = json.loads(message)
            heard.append(command["cmd"])
            if len(heard) == 1:
                route.close()
            else:
                route.send(json.dumps({"ack": command["cmd"]}))

        route.on_message(told)
        route.send(json.dumps({"hello": {"id": "c1", "epoch": EPOCH, "role": "owner"}}))
        if not heard:
            route.send(json.dumps({"epoch": EPOCH, "from": 1, "events": numbered([studio_event("Connected", {})])}))

    watched = visit(airline)
    watched.page.route_web_socket("**/studio/ws/c/*", opened)
    page = enter(watched, airline, "#/conversation?c=c1")
    page.locator("[data-composer]").fill("Hello")
    page.keyboard.press("Enter")
    while len(heard) < 2:
        page.wait_for_timeout(20)
    assert heard[0] == heard[1]
