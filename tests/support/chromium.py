"""A page in headless Chromium whose microphone plays a file, from a server of its own on loopback.

The page is of this machine, as the server is: Chromium lets no other page reach loopback without asking somebody.
"""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import shutil
import threading
import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

from realtime_scenarios.voice import Samples
from support.sounds import RATE

PROGRAM = Path(__file__).with_name("chromium.sh")

needs_chromium = pytest.mark.skipif(
    shutil.which("chromium-headless-shell") is None and shutil.which("chromium") is None,
    reason="chromium is not installed (apt install chromium-headless-shell)",
)


class _Files(http.server.SimpleHTTPRequestHandler):
    def guess_type(self, path: str | os.PathLike[str]) -> str:
        return "text/javascript" if str(path).endswith(".mjs") else "text/html"

    def log_message(self, format: str, *args: object) -> None:
        """Requests are nothing to tell of."""


@contextlib.contextmanager
def served_files(folder: Path) -> Iterator[str]:
    """The address of a server of these files, until the block ends."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Files, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def write_wave(path: Path, samples: Samples) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return path


@contextlib.asynccontextmanager
async def page_in_chromium(address: str, microphone: Path) -> AsyncIterator[Page]:
    """A page whose microphone plays the file once, from when it is opened, and is silent after.

    What the page's scripts fail with is raised where the block ends.
    """
    arguments = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}%noloop",
        "--autoplay-policy=no-user-gesture-required",
        "--allow-loopback-in-peer-connection",  # machines without a network have no other address
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=PROGRAM, args=arguments)
        try:
            page = await browser.new_page()
            failed: list[str] = []
            page.on("pageerror", lambda problem: failed.append(str(problem)))
            await page.goto(address)
            yield page
            assert failed == []
        finally:
            await browser.close()
