"""A person goes back to before a turn, on another way from there, or on from where a server was that is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from support.studio_browser import AIRLINE, Studio, Watched, enter, idle, needs_chromium

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]

BAGS, PLANE = "How big can my carry-on be?", "Do you have Wi-Fi?"


@pytest.fixture
def mortal() -> Iterator[Studio]:
    studio = Studio(AIRLINE).warm()
    yield studio
    studio.stop()


def say(page: Page, text: str) -> None:
    """Say something, and wait for the end of the turn: what is said before it cuts into that turn."""
    answers = page.locator(".message.agent")
    before = answers.count()
    page.locator("[data-composer]").fill(text)
    page.keyboard.press("Enter")
    expect(answers).to_have_count(before + 1)
    expect(page.locator("[data-composer]")).to_be_enabled()
    page.wait_for_function(
        """async () => {
            const conversation = new URLSearchParams(location.hash.split("?")[1]).get("c");
            const told = await (await fetch(`/studio/api/conversations/${conversation}/events.jsonl`)).text();
            const events = told.trim().split("\\n").map((line) => JSON.parse(line));
            const last = (type) => events.findLast((event) => event.type === type);
            const shown = [...document.querySelectorAll(".message.agent .prose")].at(-1)?.textContent;
            return last("TurnOver")?.seq > last("Typed").seq && shown === last("AgentSaid").data.text;
        }"""
    )
    idle(page)


def caller(page: Page, text: str) -> Locator:
    return page.locator(".message.user").filter(has_text=text)


def active(page: Page) -> Locator:
    return page.get_by_label("Agent", exact=True)


def act(page: Page, text: str, name: str) -> None:
    """Press one of the buttons of what the caller said, by key: they are there once its name has the focus."""
    caller(page, text).locator(".message-who").focus()
    caller(page, text).get_by_role("button", name=name).focus()
    page.keyboard.press("Enter")


def test_what_was_said_since_is_gone_and_another_agent_is_active_again(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline)
    say(page, BAGS)
    say(page, PLANE)
    said = page.locator(".message").all_inner_texts()
    act(page, PLANE, "Go back to before this")
    expect(caller(page, PLANE)).to_have_count(0)
    assert page.locator(".message").all_inner_texts() == said[: len(said) - 2]
    expect(active(page)).to_have_value("qa")
    say(page, PLANE)
    expect(page.locator(".message.agent").last).to_contain_text("Wi-Fi")

    act(page, BAGS, "Go back to before this")
    expect(page.locator(".message.user")).to_have_count(0)
    expect(active(page)).to_have_value("main")
    expect(page.locator(".row.handoff")).to_have_count(0)


def test_another_way_is_a_conversation_of_its_own_and_the_first_one_stays(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline)
    say(page, BAGS)
    say(page, PLANE)
    first, whole = page.url, page.locator(".message").all_inner_texts()
    act(page, PLANE, "Another way from here")
    expect(caller(page, PLANE)).to_have_count(0)
    expect(caller(page, BAGS)).to_have_count(1)
    assert page.url != first
    say(page, "Can I bring a dog?")
    expect(page.locator(".message.user")).to_have_count(2)
    expect(active(page)).to_have_value("qa")

    page.goto(first)
    idle(page)
    expect(caller(page, PLANE)).to_have_count(1)
    assert page.locator(".message").all_inner_texts() == whole


def test_a_page_whose_server_is_gone_goes_on_with_what_it_has(mortal: Studio, visit: Visit) -> None:
    watched = visit(mortal)
    watched.expected = ("ERR_CONNECTION_REFUSED", "WebSocket connection", "status of 401", "status of 403")
    page = enter(watched, mortal)
    say(page, BAGS)
    words = [text.inner_text() for text in page.locator(".message .said").all()]
    mortal.restart()
    expect(page.locator(".restarted")).to_contain_text("Server restarted")
    other = page.context.new_page()
    other.goto(mortal.entrance)  # which has another token
    idle(other)
    other.close()
    page.get_by_role("button", name="Start again from here").click()
    expect(page.locator(".restarted")).to_have_count(0)
    expect(page.get_by_role("button", name="Disconnect")).to_be_visible()
    assert [text.inner_text() for text in page.locator(".message .said").all()] == words
    expect(active(page)).to_have_value("qa")
    say(page, PLANE)
    expect(page.locator(".message.agent").last).to_contain_text("Wi-Fi")
