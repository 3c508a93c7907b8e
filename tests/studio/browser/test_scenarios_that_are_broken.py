"""A folder whose only scenario cannot be read: every view says so, until somebody mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.studio_browser import Studio, Watched, enter, needs_chromium

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]

BROKEN = "scenario: shop\nagents: [\n"
WHOLE = """\
scenario: shop
start: clerk
agents:
  clerk:
    name: Clerk
    instructions: Sell flowers.
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(BROKEN)
    return tmp_path / "shop.yaml"


@pytest.fixture
def broken_studio(shop: Path) -> Iterator[Studio]:
    studio = Studio(shop.parent)
    yield studio
    studio.stop()


def test_every_view_says_why_it_shows_nothing_until_the_file_is_mended(
    broken_studio: Studio, shop: Path, visit: Visit
) -> None:
    watched = visit(broken_studio)
    watched.expected = ("status of 404",)
    page = enter(watched, broken_studio)
    main = page.get_by_role("main")
    for view, said in {
        "graph": "The graph cannot be drawn",
        "states": "The states cannot be shown",
        "prompt": "The prompt cannot be made",
    }.items():
        page.evaluate("view => (location.hash = `#/${view}`)", view)
        expect(main).to_contain_text(said)
        expect(page.locator(".banner.bad")).to_contain_text("shop.yaml")
    page.evaluate("location.hash = '#/states'")
    shop.write_text(WHOLE)
    expect(main).to_contain_text("Clerk has no states")
    expect(page.locator(".banner.bad")).to_have_count(0)


def test_a_comparison_has_a_heading_of_its_own(broken_studio: Studio, visit: Visit) -> None:
    page = enter(visit(broken_studio), broken_studio, "#/compare")
    expect(page.get_by_role("heading", level=1)).to_have_text("Comparison")
