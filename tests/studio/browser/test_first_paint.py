"""The first thing that is seen: it waits for no second answer, and is already as this person wants it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from support.studio_browser import Studio, Watched, enter, needs_chromium

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]


def test_nothing_is_drawn_later_for_want_of_another_file(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline)
    waited_for = page.evaluate(
        """() => performance.getEntriesByType('resource')
            .filter((file) => file.renderBlockingStatus === 'blocking').map((file) => file.name)"""
    )
    assert waited_for == []


def test_the_theme_that_was_chosen_is_there_before_any_program(airline: Studio, visit: Visit) -> None:
    watched = visit(airline, scheme="light")
    watched.expected = ("net::ERR_FAILED", "app.js")
    page = enter(watched, airline)
    page.evaluate("localStorage.setItem('studio.theme', 'dark')")
    page.route("**/*.js", lambda route: route.abort())
    page.reload()
    assert page.locator(".frame").is_visible()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 23, 28)"


def test_a_page_whose_program_does_not_come_says_so_and_is_loaded_again(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    watched.expected = ("net::ERR_FAILED", "app.js")
    page = watched.page
    page.route("**/store.js", lambda route: route.abort())
    page.goto(airline.entrance)
    told = page.get_by_role("alert").filter(has_text="The studio did not load")
    expect(told).to_be_visible()
    box = told.bounding_box()
    assert box and box["width"] > 400  # not in the column of the views
    page.unroute("**/store.js")
    told.get_by_role("button", name="Load again").click()
    expect(page.locator("html[data-view=conversation]")).to_be_attached()
    expect(told).to_have_count(0)


def test_a_page_that_is_not_seen_begins_all_the_same(airline: Studio, visit: Visit) -> None:
    page = visit(airline).page
    page.add_init_script(
        """{ const later = window.requestAnimationFrame.bind(window);
            window.requestAnimationFrame = () => { window.requestAnimationFrame = later; return 0; }; }"""
    )
    page.goto(airline.entrance)
    expect(page.locator("html[data-view=conversation]")).to_be_attached()


def test_a_page_that_is_seen_late_begins_once(airline: Studio, visit: Visit) -> None:
    page = visit(airline).page
    page.add_init_script(
        """{ const later = window.requestAnimationFrame.bind(window);
            const cancelled = window.cancelAnimationFrame.bind(window);
            window.requestAnimationFrame = (act) => {
              [window.requestAnimationFrame, window.firstFrame] = [later, act];
              return -1;
            };
            window.cancelAnimationFrame = (frame) => {
              if (frame === -1) window.firstFrame = () => {};
              cancelled(frame);
            }; }"""
    )
    page.goto(airline.entrance)
    expect(page.locator("html[data-view=conversation]")).to_be_attached()
    asked = page.locator("link[rel=modulepreload]")
    before = asked.count()
    page.evaluate("() => { window.firstFrame(); return new Promise((done) => setTimeout(done, 0)); }")
    assert asked.count() == before
