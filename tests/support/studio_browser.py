"""The studio in headless Chromium: a server of its own as a process, and pages that may ask nobody else.

`Studio` is `scenario serve` on a free port. `played` puts a stream of the test's own in the place of a conversation's
socket, for what no model says: hostile text, or 50,000 events. Everything else comes from the server, its policy, too.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Route,
    WebSocketRoute,
)

from support.chromium import PROGRAM
from support.chromium import needs_chromium as needs_chromium
from support.forked import Forked
from support.studio_page import Event

_REPOSITORY = Path(__file__).parent.parent.parent

AIRLINE = _REPOSITORY / "scenarios" / "airline" / "airline.yaml"
EPOCH = "played"
_BATCH = 256
WIDE, NARROW = (1280, 800), (390, 844)
STARTS_WITHIN = 180  # seconds, where the machine is busy
PATIENCE = 60_000  # milliseconds that a page is waited for, there


class Studio:
    """A served scenario. `port` 0: a free one."""

    def __init__(self, *paths: Path, port: int = 0, arguments: Sequence[str] = ()) -> None:
        self._paths = paths
        self._arguments = arguments
        self._start(port)

    def _start(self, port: int) -> None:
        self._output = tempfile.NamedTemporaryFile("r", encoding="utf-8")  # noqa: SIM115
        command = ["serve", *map(str, self._paths), "--no-open", "--port", str(port), *self._arguments]
        self._process = Forked(command, Path(self._output.name), _REPOSITORY)
        self.entrance = self._told()
        where = urlsplit(self.entrance)
        self.address = f"{where.scheme}://{where.netloc}"
        self.port = where.port or 0

    def _told(self) -> str:
        """The address that the server prints."""
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until:
            self._output.seek(0)
            printed = self._output.read()
            for line in printed.splitlines():
                if line.startswith("the studio:") and printed.endswith("\n"):
                    return line.split(maxsplit=2)[2]
            assert self._process.is_there, printed
            time.sleep(0.05)
        raise AssertionError(f"no address within {STARTS_WITHIN} s: {printed}")

    def warm(self) -> Studio:
        """Have it load what conversations are held with, which takes seconds, and with a busy machine a minute."""
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        opener.open(self.entrance, timeout=STARTS_WITHIN).close()
        wanted = json.dumps({"scenario": self._paths[0].stem}).encode()
        headers = {"X-Studio": "1", "Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.address}/studio/api/conversations", wanted, headers)
        opener.open(asked, timeout=STARTS_WITHIN).close()
        return self

    def stop(self) -> None:
        self._process.stop()
        self._output.close()

    def restart(self) -> None:
        """Another server on the same port."""
        self.stop()
        self._start(self.port)


def copied_airline(folder: Path) -> Path:
    """The folder, which holds the airline now and in which tests may write."""
    shutil.copytree(AIRLINE.parent, folder)
    return folder


def failing_airline(folder: Path) -> Path:
    """A copy of the airline with one dialogue that fails at line 16."""
    policy = copied_airline(folder) / "dialogues" / "policy.yaml"
    policy.write_text(policy.read_text().replace("- agent: qa", "- agent: main", 1))
    return folder


def launched(playwright: Playwright, *arguments: str) -> Browser:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=PROGRAM, args=[*sandbox, *arguments])


class Watched:
    """A page of which is kept what it should not have done."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.wrong: list[str] = []
        self.elsewhere: list[str] = []
        self.expected: tuple[str, ...] = ()
        self._address = address
        self.page.on("pageerror", lambda problem: self.wrong.append(f"error: {problem}"))
        self.page.on("console", self._said)
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on("websocket", lambda socket: self._asked(socket.url))
        self.page.on("dialog", self._stopped)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"console: {message.text}")

    def _asked(self, url: str) -> None:
        as_http = f"http{url[2:]}" if url.startswith("ws") else url
        if not as_http.startswith(f"{self._address}/") and urlsplit(url).scheme not in ("data", "blob"):
            self.elsewhere.append(url)

    def _stopped(self, dialog: Any) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def check(self) -> None:
        """Nothing went wrong, and nobody else was asked."""
        wrong = [each for each in self.wrong if not any(known in each for known in self.expected)]
        assert wrong == [], wrong
        assert self.elsewhere == [], self.elsewhere


class Opened(NamedTuple):
    """A page that opens files, what it asked for, and what it complained of."""

    page: Page
    asked: list[str]
    wrong: list[str]


@contextmanager
def page_for_files(browser: Browser) -> Iterator[Opened]:
    context = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]})
    opened = Opened(context.new_page(), [], [])
    opened.page.on("request", lambda request: opened.asked.append(request.url))
    opened.page.on("pageerror", lambda problem: opened.wrong.append(str(problem)))
    opened.page.on("console", lambda told: opened.wrong.append(told.text))
    try:
        yield opened
    finally:
        context.close()


def new_page(
    browser: Browser, studio: Studio, size: tuple[int, int] = WIDE, scheme: Any = "light", **options: Any
) -> Watched:
    """A page of a person of their own, which has been let in and shows nothing yet."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce", **options
    )
    return Watched(context, studio.address)


def enter(watched: Watched, studio: Studio, place: str = "") -> Page:
    """Open the studio, and go to a place of it: `#/log`."""
    watched.page.goto(studio.entrance + place)
    idle(watched.page)
    return watched.page


def arrived(page: Page, route: Route, answer: APIResponse) -> None:
    """Lets an answer that was kept back arrive; the page has then made of it what it makes of it."""
    with page.expect_response(route.request.url):
        route.fulfill(response=answer)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))")


def idle(page: Page) -> None:
    """Wait until nothing is pending on the page, which it is asked in each frame (for a selector, twice a second)."""
    page.wait_for_function("() => 'idle' in document.documentElement.dataset")


class Played:
    """A conversation of the test's own: what page asks for one, is given this; commands are kept, and acknowledged."""

    def __init__(self, page: Page, events: Sequence[Event], *, begins_anew: bool = False) -> None:
        self.events = list(events)
        self.commands: list[dict[str, Any]] = []
        self._sockets: list[WebSocketRoute] = []
        self._begins_anew = begins_anew
        page.route_web_socket("**/studio/ws/c/*", self._opened)

    def _opened(self, route: WebSocketRoute) -> None:
        route.on_message(lambda message: self._told(route, message))
        route.send(json.dumps({"hello": {"id": "c1", "epoch": EPOCH, "role": "owner"}}))
        after = int(urlsplit(route.url).query.partition("after=")[2].partition("&")[0] or 0)
        self._sockets.append(route)
        if self._begins_anew and not after:
            self.anew()
        else:
            self._send(route, [event for event in self.events if event["seq"] > after])

    def _told(self, route: WebSocketRoute, message: str | bytes) -> None:
        if isinstance(message, str):
            self.commands.append(json.loads(message))
            route.send(json.dumps({"ack": self.commands[-1]["cmd"]}))

    def more(self, events: Sequence[Event]) -> None:
        """What happens next."""
        self.events += events
        for route in self._sockets:
            self._send(route, events)

    def anew(self) -> None:
        """All that there is is told once more, as where something has become secret."""
        told = {"epoch": EPOCH, "upto": self.events[-1]["seq"], "snapshot": self.events}
        for route in self._sockets:
            route.send(json.dumps(told))

    @staticmethod
    def _send(route: WebSocketRoute, events: Sequence[Event]) -> None:
        for at in range(0, len(events), _BATCH):
            batch = events[at : at + _BATCH]
            route.send(json.dumps({"epoch": EPOCH, "from": batch[0]["seq"], "events": batch}))


def played(page: Page, events: Sequence[Event], *, begins_anew: bool = False) -> Played:
    """Whatever conversation the page asks for from now on is this one; `begins_anew`: it is told as a picture at first."""
    return Played(page, events, begins_anew=begins_anew)
