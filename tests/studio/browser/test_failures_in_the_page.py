"""What fails is told above every view: each failure once, none is lost, and many of them leave the page to be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from support.axe import each_size, findings
from support.javascript import needs_javascript
from support.studio_browser import NARROW, WIDE, Studio, Watched, enter, idle, needs_chromium

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]


def refusing(airline: Studio, visit: Visit, reasons: list[str], size: tuple[int, int] = WIDE) -> Page:
    """A page whose conversations cannot begin, for one reason after the other; each was tried."""
    watched = visit(airline, size=size)
    watched.expected = ("status of 409",)
    page = enter(watched, airline)
    refused(page, reasons)
    return page


def refused(page: Page, reasons: list[str]) -> None:
    """Has conversations begin in vain, for one reason after the other."""
    told: Iterator[str] = iter(reasons)

    def refuse(route: Route) -> None:
        route.fulfill(status=409, json={"error": next(told), "hint": "a hint"})

    page.unroute("**/studio/api/conversations")
    page.route("**/studio/api/conversations", refuse)
    for reason in reasons:
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.locator("#alert")).to_have_text(reason)
        expect(failures(page).first).to_contain_text(reason)


def failures(page: Page) -> Locator:
    return page.get_by_role("group", name="What failed").locator(".banner:not(.others)")


def test_the_same_failure_is_told_once_and_counted(airline: Studio, visit: Visit) -> None:
    page = refusing(airline, visit, ["no line", "no line", "another thing", "no line"])
    expect(failures(page)).to_have_count(2)
    expect(failures(page).first).to_contain_text("no line")
    expect(failures(page).first).to_contain_text("3 times")
    expect(failures(page).last).to_contain_text("another thing")
    expect(failures(page).last).not_to_contain_text("times")
    failures(page).first.get_by_role("button", name="Dismiss").click()
    expect(failures(page)).to_have_count(1)
    expect(failures(page)).to_contain_text("another thing")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_many_failures_leave_the_page_to_be_used_and_none_is_lost(
    airline: Studio, visit: Visit, size: tuple[int, int]
) -> None:
    reasons = [f"reason {number}: {'of many words, ' * 12}" for number in range(12)]
    page = refusing(airline, visit, [reason.strip() for reason in reasons], size)
    expect(failures(page)).to_have_count(2)
    page.get_by_role("button", name="10 earlier failures").click()
    expect(failures(page)).to_have_count(12)
    box = page.get_by_role("group", name="What failed").bounding_box()
    assert box is not None and box["height"] <= 0.4 * size[1]
    expect(page.locator("[data-composer]")).to_be_in_viewport()
    failures(page).last.get_by_role("button", name="Dismiss").click()
    expect(failures(page)).to_have_count(11)
    expect(page.get_by_text("reason 0:")).to_have_count(0)
    page.get_by_role("button", name="Dismiss all").click()
    expect(failures(page)).to_have_count(0)


def test_a_failure_of_very_many_words_leaves_the_page_to_be_used(airline: Studio, visit: Visit) -> None:
    page = refusing(airline, visit, [("word " * 4000).strip()])
    expect(page.locator("[data-composer]")).to_be_in_viewport()
    failures(page).get_by_role("button", name="Dismiss").click()
    expect(failures(page)).to_have_count(0)


def test_what_is_dismissed_takes_the_wish_to_see_all_with_it(airline: Studio, visit: Visit) -> None:
    page = refusing(airline, visit, ["one", "two", "three", "four"])
    page.get_by_role("button", name="2 earlier failures").click()
    expect(failures(page)).to_have_count(4)
    page.get_by_role("button", name="Dismiss all").click()
    refused(page, ["five", "six", "seven", "eight"])
    expect(failures(page)).to_have_count(2)
    page.get_by_role("button", name="2 earlier failures").click()
    for left in (3, 2):
        failures(page).last.get_by_role("button", name="Dismiss").click()
        expect(failures(page)).to_have_count(left)
    refused(page, ["nine"])
    expect(failures(page)).to_have_count(2)


def test_of_very_many_failures_the_newest_are_kept_and_the_others_counted(airline: Studio, visit: Visit) -> None:
    page = refusing(airline, visit, ["the first", "the second"])
    refused(page, [f"reason {number}" for number in range(50)])
    page.get_by_role("button", name="48 earlier failures").click()
    expect(failures(page)).to_have_count(50)
    expect(failures(page).last).to_contain_text("reason 0")
    others = page.locator(".failures .others")
    expect(others).to_contain_text("2 before them not kept any more")
    refused(page, ["reason 49"])
    expect(others).to_contain_text("2 before them not kept any more")
    page.get_by_role("button", name="Dismiss all").click()
    refused(page, ["one", "two", "three"])
    expect(others).not_to_contain_text("not kept")


@needs_javascript
@each_size
def test_failures_are_readable_to_everybody(airline: Studio, visit: Visit, size: tuple[int, int]) -> None:
    page = refusing(airline, visit, ["one", "two", "three", "one"], size)
    page.get_by_role("button", name="1 earlier failure").click()
    expect(failures(page)).to_have_count(3)
    idle(page)
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
