"""One server and one browser for the tests of the page; each test has a page of its own."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from support.studio_browser import AIRLINE, PATIENCE, Studio, Watched, launched, new_page

expect.set_options(timeout=PATIENCE)


class Drivers:
    """One Playwright and one browser for all tests of this folder that come one after the other.

    There may be no second Playwright in a process. As long as it is there, its own event loop runs in this thread, and
    no other can: it ends before a test of another folder begins.
    """

    def __init__(self) -> None:
        self._open = ExitStack()
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    @property
    def playwright(self) -> Playwright:
        if self._playwright is None:
            self._playwright = self._open.enter_context(sync_playwright())
        return self._playwright

    @property
    def browser(self) -> Browser:
        if self._browser is None:
            self._browser = launched(self.playwright)
            self._open.callback(self._browser.close)
        return self._browser

    def close(self) -> None:
        self._open.close()
        self._playwright = self._browser = None


_DRIVERS = Drivers()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Generator[None, object, object]:
    try:
        return (yield)
    finally:
        if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
            _DRIVERS.close()


@pytest.fixture(scope="session")
def airline() -> Iterator[Studio]:
    studio = Studio(AIRLINE).warm()
    yield studio
    studio.stop()


@pytest.fixture(scope="module")
def playwright() -> Playwright:
    return _DRIVERS.playwright


@pytest.fixture(scope="module")
def browser() -> Browser:
    return _DRIVERS.browser


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
