"""The prompt view shows what the model reads now against what it read in a revision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.axe import each_size, findings
from support.javascript import needs_javascript
from support.repository import committed
from support.studio_browser import Studio, Watched, copied_airline, enter, idle, needs_chromium

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied_airline(tmp_path_factory.mktemp("since") / "airline")


@pytest.fixture(scope="module")
def since(home: Path) -> Iterator[Studio]:
    studio = Studio(home / "airline.yaml")
    yield studio
    studio.stop()


def test_a_folder_in_no_repository_says_so(since: Studio, visit: Visit) -> None:
    page = enter(visit(since), since, "#/prompt")
    page.get_by_text("Since git").click()
    expect(page.locator(".empty")).to_contain_text("'airline' is in no git repository")


def test_what_is_not_committed_is_shown_with_its_line(since: Studio, visit: Visit, home: Path) -> None:
    committed(home, "Have an airline")
    file = home / "airline.yaml"
    before = file.read_text()
    page = enter(visit(since), since, "#/prompt")
    page.get_by_text("Since git").click()
    expect(page.locator(".facts-line")).to_contain_text("the model reads the same")
    expect(page.locator(".facts-line")).to_contain_text("Have an airline")
    line = next(line for line in before.split("\n") if "description: Look up the flight" in line)
    file.write_text(before.replace(line, f"{line} And then?", 1))
    try:
        expect(page.locator(".p-line.added")).to_contain_text("And then?")
        expect(page.locator(".p-line.removed")).to_have_count(1)
        expect(page.locator(".facts-line")).to_contain_text("1 line added, 1 line taken out")
        page.get_by_label("Compared with the revision").fill("no-such-branch")
        page.keyboard.press("Enter")
        expect(page.locator(".empty")).to_contain_text("git knows no revision 'no-such-branch'")
        expect(page.get_by_label("Compared with the revision")).to_be_focused()
        page.keyboard.press("Control+a")
        page.keyboard.type("HEAD")
        page.keyboard.press("Enter")
        expect(page.locator(".facts-line")).to_contain_text("1 line added, 1 line taken out")
        expect(page.get_by_label("Compared with the revision")).to_be_focused()
    finally:
        file.write_text(before)


@needs_javascript
@each_size
def test_the_comparison_is_readable_to_everybody(
    since: Studio, visit: Visit, home: Path, size: tuple[int, int]
) -> None:
    if not (home / ".git").exists():
        committed(home, "Have an airline")
    page = enter(visit(since, size=size), since, "#/prompt")
    page.get_by_text("Since git").click()
    expect(page.locator(".facts-line")).to_contain_text("Have an airline")
    idle(page)
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
