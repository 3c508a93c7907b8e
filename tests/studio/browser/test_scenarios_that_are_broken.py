"""A folder whose only scenario cannot be read: every view says so, until somebody mends it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.axe import each_size, findings
from support.javascript import needs_javascript
from support.studio_browser import Studio, Watched, enter, idle, needs_chromium

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]

BROKEN = "scenario: shop\nagents: [\n"
UNKNOWN = "scenario: shop\nstart: nobody\nagents: {clerk: {instructions: Sell flowers.}}\n"
WHOLE = """\
scenario: shop
start: clerk
agents:
  clerk:
    name: Clerk
    instructions: Sell flowers.
"""


@pytest.fixture
def text() -> str:
    """What the file holds at first."""
    return BROKEN


@pytest.fixture
def shop(tmp_path: Path, text: str) -> Path:
    (tmp_path / "shop.yaml").write_text(text)
    return tmp_path / "shop.yaml"


@pytest.fixture
def broken_studio(shop: Path) -> Iterator[Studio]:
    studio = Studio(shop.parent)
    yield studio
    studio.stop()


SAID = {
    "conversation": "Nobody can be talked to",
    "context": "The context cannot be shown",
    "graph": "The graph cannot be drawn",
    "states": "The states cannot be shown",
    "prompt": "The prompt cannot be made",
    "timeline": "There is nobody on a timeline",
    "log": "There are no events",
    "dialogues": "The dialogues cannot be played",
}


WHERE_NOTHING_IS = {view: said for view, said in SAID.items() if view not in ("graph", "states", "prompt")}
"""Those of a file that can be read, and is not right: what can be drawn of it is."""


@pytest.mark.parametrize("text", [BROKEN, UNKNOWN], ids=["no YAML", "an unknown agent"])
def test_every_view_says_why_it_shows_nothing_and_leads_to_the_line(
    broken_studio: Studio, shop: Path, visit: Visit, text: str
) -> None:
    watched = visit(broken_studio)
    watched.expected = ("status of 4",)
    page = enter(watched, broken_studio)
    main = page.get_by_role("main")
    for view, said in SAID.items() if text == BROKEN else WHERE_NOTHING_IS.items():
        page.evaluate("view => (location.hash = `#/${view}`)", view)
        expect(main.get_by_role("heading", name=said)).to_be_visible()
        expect(main.locator(".mistakes")).to_contain_text("shop.yaml:2:")
        expect(page.locator(".banner.bad")).to_contain_text("shop.yaml")
        main.get_by_role("button", name="To line 2").click()
        expect(page).to_have_url(re.compile(r"#/editor\?.*line=2"))


@needs_javascript
@each_size
def test_what_is_said_of_a_broken_file_is_readable_to_everybody(
    broken_studio: Studio, visit: Visit, size: tuple[int, int]
) -> None:
    watched = visit(broken_studio, size=size)
    watched.expected = ("status of 4",)
    page = enter(watched, broken_studio)
    found = []
    for view, said in SAID.items():
        page.evaluate("view => (location.hash = `#/${view}`)", view)
        expect(page.get_by_role("main").get_by_role("heading", name=said)).to_be_visible()
        idle(page)
        found += findings(page)
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_nobody_is_offered_to_connect_until_the_file_is_mended(broken_studio: Studio, shop: Path, visit: Visit) -> None:
    page = enter(visit(broken_studio), broken_studio)
    main = page.get_by_role("main")
    expect(page.get_by_role("button", name="Connect", exact=True)).to_be_disabled()
    expect(page.get_by_role("button", name="Speak")).to_be_disabled()
    expect(page.locator("[data-composer]")).to_be_disabled()
    expect(page.locator("[data-composer]")).to_have_attribute("placeholder", "The scenario has mistakes")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option", name="Settings")).to_be_visible()
    expect(page.get_by_role("option", name="Connect")).to_have_count(0)
    page.keyboard.press("Escape")
    shop.write_text(WHOLE)
    expect(main.get_by_role("heading", name="Talk to shop")).to_be_visible()
    expect(page.locator(".banner.bad")).to_have_count(0)
    expect(page.get_by_role("button", name="Connect", exact=True)).to_be_enabled()
    page.evaluate("location.hash = '#/states'")
    expect(main).to_contain_text("Clerk has no states")
    shop.write_text(BROKEN)
    expect(page.locator(".banner.bad")).to_contain_text("shop.yaml")
    expect(page.get_by_role("button", name="Connect", exact=True)).to_be_enabled()


def test_a_comparison_has_a_heading_of_its_own(broken_studio: Studio, visit: Visit) -> None:
    page = enter(visit(broken_studio), broken_studio, "#/compare")
    expect(page.get_by_role("heading", level=1)).to_have_text("Comparison")
