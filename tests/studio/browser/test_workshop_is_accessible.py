"""What is written and tested with, full and in trouble: no finding of axe, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from realtime_scenarios.studio.sharing import shared_html
from support.axe import each_size, findings
from support.javascript import needs_javascript
from support.shared_entries import entry_with
from support.studio_browser import NARROW, Studio, Watched, enter, failing_airline, idle, needs_chromium

pytestmark = [needs_chromium, needs_javascript, pytest.mark.studio]

Visit = Callable[..., Watched]


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Studio, Path]]:
    """The airline with a dialogue that fails."""
    home = failing_airline(tmp_path_factory.mktemp("failing") / "airline")
    studio = Studio(home / "airline.yaml")
    yield studio, home
    studio.stop()


@each_size
def test_a_failed_dialogue_and_two_that_are_compared(
    failing: tuple[Studio, Path], visit: Visit, size: tuple[int, int]
) -> None:
    studio, _ = failing
    page = enter(visit(studio, size=size), studio, "#/dialogues?d=carry-on-size")
    for _ in range(2):
        page.get_by_role("button", name="Run", exact=True).click()
        expect(page.locator(".progress[data-run=running]")).to_have_count(0, timeout=60_000)
        expect(page.locator(".failure-message").first).to_be_visible(timeout=60_000)
    idle(page)
    said = [f"dialogues: {found}" for found in findings(page)]
    page.get_by_role("button", name="Update expectation").first.click()
    expect(page.get_by_role("group", name="Update expectation")).to_be_visible()
    idle(page)
    said += [f"update: {found}" for found in findings(page)]
    page.get_by_role("button", name="Compare with before").click()
    expect(page.locator(".compare-heads")).to_be_visible()
    page.get_by_label("Turns that differ only").uncheck()
    idle(page)
    said += [f"compare: {found}" for found in findings(page)]
    assert said == []


@each_size
def test_an_editor_with_findings_and_a_conflict(
    failing: tuple[Studio, Path], visit: Visit, size: tuple[int, int]
) -> None:
    studio, home = failing
    watched = visit(studio, size=size)
    watched.expected = ("status of 412",)
    file = home / "airline.yaml"
    before = file.read_text()
    page = enter(watched, studio, "#/editor")
    if size == NARROW:
        field = page.locator("textarea.plain")
        field.fill(before.replace("start: main", "start: mainx"))
    else:
        page.wait_for_selector(".code[data-ready]")
        page.locator(".cm-line", has_text="start: main").click()
        page.keyboard.press("End")
        page.keyboard.type("x")
    expect(page.locator(".finding")).to_have_count(1)
    idle(page)
    said = [f"editor: {found}" for found in findings(page)]
    file.write_text(f"{before}# theirs\n")
    try:
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        idle(page)
        said += [f"conflict: {found}" for found in findings(page)]
    finally:
        file.write_text(before)
    assert said == []


@each_size
def test_a_shared_file(browser: Browser, tmp_path: Path, size: tuple[int, int]) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    try:
        page = context.new_page()
        file = tmp_path / "shared.html"
        file.write_text(shared_html("Airline", "1 passed, 1 failed", [entry_with("one"), entry_with("two")]))
        page.goto(file.as_uri())
        expect(page.locator(".message")).to_have_count(2)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.locator(".message-who").first.click()
        assert findings(page) == []
    finally:
        context.close()
