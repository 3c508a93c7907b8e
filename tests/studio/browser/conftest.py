"""One server and one browser for the tests of the page; each test has a page of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from support.studio_browser import AIRLINE, PATIENCE, Studio, Watched, launched, new_page

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def airline() -> Iterator[Studio]:
    studio = Studio(AIRLINE).warm()
    yield studio
    studio.stop()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """One for all browsers of a module: there may be no second one in a process.

    It ends with the module: as long as it is there, its own event loop runs in this thread, and no other can.
    """
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = launched(playwright)
    yield browser
    browser.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Opens pages, and looks at the end whether one of them did what it should not."""
    opened: list[Watched] = []

    def new(studio: Studio, **options: Any) -> Watched:
        opened.append(new_page(browser, studio, **options))
        return opened[-1]

    yield new
    for watched in opened:
        watched.page.context.close()
    for watched in opened:
        watched.check()
