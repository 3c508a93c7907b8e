"""A part of a conversation is drawn on the timeline, with the pointer or by keys, and every view shows that part alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from support.axe import each_size, findings
from support.javascript import needs_javascript
from support.studio_browser import Studio, Watched, enter, idle, needs_chromium, played
from support.studio_page import numbered, placed, studio_event, trace_event

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]


def said(item: str, after: str | None, text: str, at: int, role: str = "user") -> list[dict[str, object]]:
    kind = "UserSaid" if role == "user" else "AgentSaid"
    return [
        {**placed(item, role, after), "at": at},
        trace_event(kind, {"text": text, "audio_ms": 800}, item=item, at=at),
    ]


TALK = numbered(
    [
        studio_event("Connected", {}),
        *said("u1", None, "The first question", 1000),
        trace_event("ContextChanged", {"variable": "username", "value": "riley"}, at=2000),
        trace_event("HandedOff", {"call_id": "k0", "to": "qa"}, at=3000),
        *said("u2", "u1", "The second question", 5000),
        trace_event("HandedOff", {"call_id": "k1", "to": "main"}, agent="qa", at=6000),
        *said("u3", "u2", "The third question", 9000),
        trace_event("ContextChanged", {"variable": "username", "value": "sam"}, at=9500),
        *said("u4", "u3", "The last question", 12000),
    ]
)


def opened(airline: Studio, visit: Visit, **options: object) -> Page:
    watched = visit(airline, **options)
    played(watched.page, TALK)
    page = enter(watched, airline, "#/timeline?c=c1")
    expect(page.locator(".lanes[data-seconds]")).to_be_visible()
    return page


def to(page: Page, view: str) -> None:
    page.evaluate("(view) => (location.hash = location.hash.replace(/#\\/\\w+/, `#/${view}`))", view)
    idle(page)


def test_a_range_that_is_drawn_is_what_every_view_shows_until_escape(airline: Studio, visit: Visit) -> None:
    page = opened(airline, visit)
    box = page.locator(".lanes canvas").bounding_box()
    assert box is not None
    left = float(page.evaluate("import('/studio/static/seeing/painting.js').then((module) => module.LEFT)"))
    seconds = float(page.locator(".lanes").get_attribute("data-seconds") or 0)
    x = lambda second: box["x"] + left + (box["width"] - left - 24) * second / seconds  # noqa: E731
    page.mouse.move(x(4), box["y"] + 12)
    page.mouse.down()
    page.mouse.move(x(8), box["y"] + 14, steps=6)
    page.mouse.up()
    expect(page.locator(".range")).to_be_visible()
    near = page.get_by_role("list", name="Up to this moment")
    expect(near).to_contain_text("The second question")
    expect(near).not_to_contain_text("The first question")

    to(page, "conversation")
    expect(page.locator(".message")).to_have_count(1)
    expect(page.locator(".message")).to_contain_text("The second question")
    expect(page.locator(".banner")).to_contain_text("Only a part is shown: 0:05 to 0:0")
    to(page, "log")
    expect(page.locator(".log-filters .numbers").last).to_contain_text("3 of 13")
    to(page, "graph")
    expect(page.locator(".canvas .edge.taken")).to_have_count(1)
    expect(page.locator('[data-node="main"]')).to_have_attribute("aria-current", "location")
    to(page, "context")
    expect(page.get_by_text("Compared with the beginning of the range")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Compared with the beginning of the range")).to_have_count(0)
    to(page, "conversation")
    expect(page.locator(".message")).to_have_count(4)
    expect(page.locator(".banner")).to_have_count(0)


def test_the_same_by_keys_and_a_head_that_leaves_the_range_leaves_it(airline: Studio, visit: Visit) -> None:
    page = opened(airline, visit)
    head = page.get_by_role("slider", name="Moment of the conversation")
    head.focus()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("i")
    page.keyboard.press("Shift+ArrowRight")
    expect(head).to_have_attribute("aria-valuetext", "0:09, range from 0:05, the caller speaking")
    near = page.get_by_role("list", name="Up to this moment")
    expect(near.get_by_role("listitem").first).to_contain_text("The second question")
    page.keyboard.press("Home")
    expect(page.locator(".range")).to_have_count(0)
    page.keyboard.press("i")
    expect(page.locator(".range")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".range")).to_have_count(0)
    expect(near).to_contain_text("The last question")


def with_keys(page: Page) -> None:
    """A range from 0:05 to 0:10, by keys."""
    page.get_by_role("slider", name="Moment of the conversation").focus()
    for key in ("Home", "Shift+ArrowRight", "i", "Shift+ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator(".toolbar .tag.accent")).to_have_text("0:05 to 0:09")


def test_a_range_outlives_a_reload_and_going_to_other_views(airline: Studio, visit: Visit) -> None:
    page = opened(airline, visit)
    with_keys(page)
    expect(page).to_have_url(re.compile("(?=.*since=6)(?=.*until=11)"))
    page.reload()
    expect(page.locator(".toolbar .tag.accent")).to_have_text("0:05 to 0:09")
    page.get_by_role("link", name="Conversation").first.click()
    expect(page.locator(".message")).to_have_count(2)
    page.reload()
    expect(page.locator(".message")).to_have_count(2)
    expect(page.locator(".banner")).to_contain_text("Only a part is shown: 0:05 to 0:09")
    page.locator(".banner").get_by_role("button", name="All of it").click()
    expect(page.locator(".message")).to_have_count(4)
    expect(page).not_to_have_url(re.compile("since|until"))
    page.reload()
    expect(page.locator(".message")).to_have_count(4)


def test_who_goes_elsewhere_by_the_address_as_the_range_is_written_into_it_gets_there(
    airline: Studio, visit: Visit
) -> None:
    page = opened(airline, visit)
    page.evaluate(
        """() => {
            const timed = window.setTimeout;
            const held = [];
            window.setTimeout = (then) => (held.push(then), 0);
            window.letGo = () => {
                window.setTimeout = timed;
                for (const then of held) then();
            };
        }"""
    )
    with_keys(page)
    page.evaluate(
        """() => {
            location.hash = location.hash.replace("timeline", "log");
            letGo(); // before anybody has heard of it
        }"""
    )
    expect(page.locator(".view.log")).to_be_visible()
    expect(page).to_have_url(re.compile("#/log.*(?=.*since=6)(?=.*until=11)"))


def test_the_step_of_the_slider_outlives_a_reload(airline: Studio, visit: Visit) -> None:
    page = opened(airline, visit)
    to(page, "context")
    slider = page.get_by_role("slider", name="Step")
    slider.focus()
    page.keyboard.press("Home")
    for key, place, number in (("Home", "1 of 9", 0), ("ArrowRight", "2 of 9", 2)):
        page.keyboard.press(key)
        expect(page.locator(".slider-words")).to_contain_text(place)
        expect(page).to_have_url(re.compile(f"until={number}$"))
        page.reload()
        expect(page.locator(".slider-words")).to_contain_text(place)
        slider.focus()


def test_a_range_is_of_its_conversation_alone(airline: Studio, visit: Visit) -> None:
    page = opened(airline, visit)
    with_keys(page)
    expect(page).to_have_url(re.compile("since=6"))
    to(page, "conversation")
    page.get_by_role("button", name="New conversation").click()
    expect(page).not_to_have_url(re.compile(r"c=c1\b|since|until"))
    expect(page.locator(".message")).to_have_count(4)
    expect(page.locator(".banner")).to_have_count(0)


def test_a_range_stays_where_all_is_told_once_more(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    conversation = played(watched.page, TALK)
    page = enter(watched, airline, "#/timeline?c=c1")
    expect(page.locator(".lanes[data-seconds]")).to_be_visible()
    with_keys(page)
    conversation.more(numbered([*TALK, trace_event("AgentSaid", {"text": "Yes."}, item="a9", at=15000)])[-1:])
    conversation.anew()
    to(page, "conversation")
    expect(page.locator(".banner")).to_contain_text("Only a part is shown: 0:05 to 0:09")
    expect(page.locator(".message")).to_have_count(2)
    conversation.events = numbered([*conversation.events, studio_event("Undone", {"turn": 1}, at=16000)])
    conversation.anew()
    expect(page.locator(".message")).to_have_count(4)
    expect(page.locator(".banner")).to_have_count(0)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("since=9&until=11", "0:09.0 to 0:09.5"),
        ("since=14&until=15", "0:12.30 to 0:12.34"),
        ("since=15&until=16", "0:12.340 to 0:12.345"),
        ("since=6&until=7", "0:05.000"),
        ("since=6&until=13", "0:05 to 0:12"),
        ("until=1", "the beginning to 0:00.01"),
    ],
)
def test_a_range_is_told_with_as_many_digits_as_it_needs(airline: Studio, visit: Visit, part: str, words: str) -> None:
    watched = visit(airline)
    close = [trace_event("ContextChanged", {"variable": "n", "value": at}, at=at) for at in (12300, 12340, 12345)]
    played(watched.page, numbered([*TALK, *close]))
    page = enter(watched, airline, f"#/conversation?c=c1&{part}")
    expect(page.locator(".banner")).to_contain_text(f"Only a part is shown: {words}All of it")
    if "since" in part:
        to(page, "timeline")
        expect(page.locator(".toolbar .tag.accent")).to_have_text(words)


@needs_javascript
@each_size
def test_a_range_is_readable_to_everybody(airline: Studio, visit: Visit, size: tuple[int, int]) -> None:
    page = opened(airline, visit, size=size)
    page.get_by_role("slider", name="Moment of the conversation").focus()
    for key in ("Home", "ArrowRight", "i", "Shift+ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator(".range")).to_be_visible()
    idle(page)
    found = findings(page)
    to(page, "conversation")
    expect(page.locator(".banner")).to_contain_text("Only a part is shown")
    idle(page)
    assert [*found, *findings(page)] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
