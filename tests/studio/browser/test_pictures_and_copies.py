"""Pictures go from a file or the camera to the model; what was said comes out as text, to the clipboard or a file."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from support.studio_browser import Studio, Watched, enter, launched, needs_chromium, new_page

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]


def png(width: int, height: int) -> bytes:
    """A grey picture."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", rows) + part(b"IEND", b"")


def chosen(page: Page, name: str, content: bytes) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Show a picture").click()
    chooser.value.set_files([{"name": name, "mimeType": "image/png", "buffer": content}])


def connected(page: Page) -> Page:
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("button", name="Disconnect").wait_for()
    return page


def test_a_picture_is_made_smaller_and_shown_with_what_is_said_of_it(airline: Studio, visit: Visit) -> None:
    page = connected(enter(visit(airline), airline))
    chosen(page, "seat.png", png(2048, 512))
    chip = page.get_by_alt_text("Picture to show: seat.png")
    expect(chip).to_be_visible()
    assert chip.evaluate("image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])") == [1024, 256]
    assert (chip.get_attribute("src") or "").startswith("data:image/jpeg;base64,")
    page.locator("[data-composer]").fill("Is this my seat?")
    page.keyboard.press("Enter")
    shown = page.locator(".message.user")
    expect(shown.locator(".picture")).to_be_visible()
    expect(shown).to_contain_text("Is this my seat?")
    expect(page.locator(".message.agent")).to_be_visible()
    expect(chip).to_have_count(0)


def test_a_picture_that_is_only_shown_is_not_answered(airline: Studio, visit: Visit) -> None:
    page = connected(enter(visit(airline), airline))
    chosen(page, "seat.png", png(4, 4))
    page.get_by_label("and ask for an answer").uncheck()
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".message.user .picture")).to_be_visible()
    page.locator("[data-composer]").fill("How big can my carry-on be?")
    page.keyboard.press("Enter")
    expect(page.locator(".message.agent")).to_have_count(1)


def test_a_file_that_is_no_picture_is_told_and_one_is_taken_back(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline)
    chosen(page, "words.png", b"no picture")
    expect(page.get_by_role("alert").or_(page.locator(".failures")).first).to_contain_text(
        "no picture that a browser can read"
    )
    chosen(page, "seat.png", png(4, 4))
    expect(page.get_by_alt_text("Picture to show: seat.png")).to_be_visible()
    page.get_by_role("button", name="Remove the picture").click()
    expect(page.get_by_alt_text("Picture to show: seat.png")).to_have_count(0)


@pytest.fixture
def seen(playwright: Playwright) -> Iterator[Browser]:
    """A browser with a camera."""
    flags = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    browser = launched(playwright, *flags)
    yield browser
    browser.close()


def test_what_the_camera_sees_is_taken_as_a_picture(airline: Studio, seen: Browser) -> None:
    watched = new_page(seen, airline)
    page = connected(enter(watched, airline))
    page.get_by_role("button", name="Camera").click()
    page.get_by_role("button", name="Take it").click()
    expect(page.get_by_alt_text("Picture to show: camera")).to_be_visible()
    expect(page.get_by_label("What the camera sees")).to_have_count(0)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".message.user .picture")).to_be_visible()
    page.context.close()
    watched.check()


def test_where_there_is_no_camera_one_is_told_so(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline), airline)
    page.get_by_role("button", name="Camera").click()
    expect(page.locator(".camera")).to_contain_text("camera")
    expect(page.get_by_role("button", name="Take it")).to_be_disabled()
    page.locator(".camera").get_by_role("button", name="Close").click()
    expect(page.locator(".camera")).to_have_count(0)


def asked(page: Page) -> None:
    page.locator("[data-composer]").fill("How big can my carry-on be?")
    page.keyboard.press("Enter")
    expect(page.locator(".message.agent .prose")).to_contain_text("one personal item")


def test_what_was_said_is_copied_as_markdown_as_text_and_as_json(airline: Studio, visit: Visit) -> None:
    page = enter(visit(airline, permissions=["clipboard-read", "clipboard-write"]), airline)
    asked(page)

    def copied(kind: str) -> str:
        page.evaluate("navigator.clipboard.writeText('')")
        page.get_by_role("button", name="Copy", exact=True).click()
        page.get_by_role("button", name=kind).click()
        page.wait_for_function("async () => (await navigator.clipboard.readText()) !== ''")
        text: str = page.evaluate("navigator.clipboard.readText()")
        return text

    assert "**Caller**" in copied("As Markdown") and "> Main Agent -> QA Agent" in copied("As Markdown")
    assert "Caller: How big can my carry-on be?" in copied("As text")
    lines = json.loads(copied("As JSON"))
    assert lines[0]["text"] == "How big can my carry-on be?" and "one personal item" in lines[-1]["text"]


@pytest.mark.parametrize(
    ("entry", "held"),
    [
        ("Transcript (.md)", "How big can my carry-on be?"),
        ("Events (.jsonl)", '"HandedOff"'),
        ("One page to share (.html)", "<!doctype html>"),
    ],
)
def test_a_conversation_is_taken_along_as_a_file(
    airline: Studio, visit: Visit, entry: str, held: str, tmp_path: Path
) -> None:
    page = enter(visit(airline), airline)
    asked(page)
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=entry).click()
    kept = tmp_path / download.value.suggested_filename
    download.value.save_as(kept)
    assert kept.suffix == entry.rpartition("(")[2][:-1]
    assert held in kept.read_text(encoding="utf-8")
