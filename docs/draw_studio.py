"""The pictures of the studio, taken of the real thing in Chromium: python docs/draw_studio.py [FOLDER].

Without FOLDER the pictures of the pages are drawn anew; with it every view goes there, light and dark, wide and narrow,
to be looked at. It fails where the page has an error to tell.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
SCENARIO = [sys.executable, "-c", "from realtime_scenarios.cli.main import main; main()"]
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
VIEWS = ("conversation", "log", "graph", "states", "context", "prompt", "timeline", "dialogues", "editor")
STARTS_WITHIN = 180
"""Seconds."""


def main() -> None:
    everything = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        if everything is None:
            draw_pages(browser, address, HERE / "pictures")
        else:
            everything.mkdir(parents=True, exist_ok=True)
            draw_everything(browser, address, everything)
        browser.close()


@contextmanager
def served() -> Iterator[str]:
    """The address of the airline's studio, which answers offline."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        command = [*SCENARIO, "serve", "scenarios/airline/airline.yaml", "--no-open", "--port", "0"]
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=HERE.parent)
        try:
            until = time.monotonic() + STARTS_WITHIN
            while True:
                output.seek(0)
                printed = output.read()
                if (found := re.search(r"http://\S+\?t=\S+\n", printed)) is not None:
                    break
                if server.poll() is not None or time.monotonic() > until:
                    sys.exit(f"the studio does not start:\n{printed}")
                time.sleep(0.05)
            yield found.group().strip()
        finally:
            server.kill()
            server.wait()


def opened(browser: Browser, address: str, size: Any, scheme: Any) -> Page:
    context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(STARTS_WITHIN * 1000)
    page.on("pageerror", lambda problem: sys.exit(f"the page failed: {problem}"))
    page.goto(address)
    idle(page)
    return page


def idle(page: Page) -> None:
    page.wait_for_selector("html[data-idle]", state="attached")


def say(page: Page, text: str) -> None:
    answers = page.locator(".message.agent").count()
    page.locator("[data-composer]").fill(text)
    page.keyboard.press("Enter")
    page.locator(".message.agent, [data-approval]").nth(answers).wait_for()
    page.wait_for_timeout(1200)  # an answer comes word by word
    idle(page)


def sign_in(page: Page) -> None:
    page.locator("[data-field=username]").fill("riley")
    page.locator("[data-field=password]").fill("hunter2")
    page.get_by_role("button", name="Approve", exact=True).click()
    page.locator(".message.agent").first.wait_for()
    page.wait_for_timeout(1500)
    idle(page)


def go(page: Page, view: str) -> None:
    page.evaluate("(view) => { location.hash = `#/${view}?` + (location.hash.split('?')[1] ?? ''); }", view)
    page.wait_for_timeout(400)
    idle(page)


def talked(page: Page) -> None:
    """A short conversation with an approval and a handoff."""
    say(page, "What flight am I on?")
    sign_in(page)
    say(page, "How big can my carry-on be?")


def draw_pages(browser: Browser, address: str, folder: Path) -> None:
    page = opened(browser, address, WIDE, "light")
    say(page, "What flight am I on?")
    page.screenshot(path=folder / "studio-approval.png")
    sign_in(page)
    say(page, "How big can my carry-on be?")
    page.locator(".row.tool summary").first.click()
    idle(page)
    page.screenshot(path=folder / "studio.png")
    go(page, "log")
    page.screenshot(path=folder / "studio-log.png")
    page.context.close()
    page = opened(browser, address, NARROW, "dark")
    talked(page)
    page.screenshot(path=folder / "studio-narrow.png")
    page.context.close()


def draw_everything(browser: Browser, address: str, folder: Path) -> None:
    for width, size in (("wide", WIDE), ("narrow", NARROW)):
        for scheme in ("light", "dark"):
            page = opened(browser, address, size, scheme)
            page.screenshot(path=folder / f"empty-{width}-{scheme}.png")
            talked(page)
            for view in VIEWS:
                go(page, view)
                page.screenshot(path=folder / f"{view}-{width}-{scheme}.png")
            page.context.close()


if __name__ == "__main__":
    main()
