"""After a run of dialogues, graph and states show what they met, and a table what none did, with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from support.axe import each_size, findings
from support.half_met_desk import DIALOGUES, SCENARIO
from support.javascript import needs_javascript
from support.studio_browser import Studio, Watched, enter, idle, needs_chromium

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    home = tmp_path_factory.mktemp("half-met")
    (home / "dialogues").mkdir()
    (home / "desk.yaml").write_text(SCENARIO)
    (home / "dialogues" / "one.yaml").write_text(DIALOGUES)
    studio = Studio(home / "desk.yaml")
    yield studio
    studio.stop()


def run_all(page: Page) -> Page:
    to(page, "dialogues")
    page.get_by_role("button", name="Run all").click()
    expect(page.locator(".progress[data-run=ended]")).to_be_visible()
    return page


def to(page: Page, view: str) -> None:
    page.evaluate("(view) => (location.hash = location.hash.replace(/#\\/\\w+/, `#/${view}`))", view)
    idle(page)


def test_the_graph_shows_what_dialogues_met_and_leads_to_the_line_of_what_none_met(desk: Studio, visit: Visit) -> None:
    page = enter(visit(desk), desk, "#/graph")
    page.get_by_role("checkbox", name="Coverage").check()
    side = page.get_by_role("complementary", name="Coverage")
    expect(side).to_contain_text("2 dialogues were not played")
    expect(page.locator(".node.met, .node.unmet")).to_have_count(0)

    run_all(page)
    to(page, "graph")
    expect(page.get_by_role("checkbox", name="Coverage")).to_be_checked()
    expect(page.locator('[data-node="main"]')).to_have_accessible_name(
        "Main Agent, agent, 2 tools, 1 handoff, start, active, met by a dialogue"
    )
    expect(page.locator('[data-node="bills"]')).to_have_accessible_name("Bills, agent, met by no dialogue")
    expect(page.locator(".canvas .edge.unmet")).to_have_count(1)
    expect(page.locator(".node-line.unmet")).to_contain_text("write_down")
    expect(page.locator(".node-line.met")).to_contain_text("look_up")
    expect(side).to_contain_text("By the last run of 2 dialogues.")
    expect(side.get_by_role("row", name="Tools")).to_contain_text("1 of 2")
    page.locator('[data-node="main"]').click()
    details = page.get_by_role("complementary", name="Details")
    expect(details.get_by_role("listitem").filter(has_text="write_down")).to_contain_text("not met")
    page.locator('[data-node="main"]').click()
    side.get_by_role("button", name="tool write_down: to line 17 of desk.yaml").click()
    page.wait_for_url("**#/editor?*line=17*")


def test_states_and_transitions_are_told_alike_and_the_switch_is_worked_by_key(desk: Studio, visit: Visit) -> None:
    page = run_all(enter(visit(desk), desk, "#/states"))
    to(page, "states")
    switch = page.get_by_role("checkbox", name="Coverage")
    switch.focus()
    page.keyboard.press("Space")
    expect(page.locator(".node.unmet")).to_have_count(1)
    expect(page.locator(".canvas .edge.met")).to_have_count(1)
    page.locator("label", has_text="List").click()
    asking = page.get_by_role("article", name="asking")
    expect(asking.get_by_role("listitem").filter(has_text="leaving")).to_contain_text("not met")
    switch.focus()
    page.keyboard.press("Space")
    expect(asking).not_to_contain_text("met")


@needs_javascript
@each_size
def test_coverage_is_readable_to_everybody(desk: Studio, visit: Visit, size: tuple[int, int]) -> None:
    page = run_all(enter(visit(desk, size=size), desk, "#/graph"))
    said = []
    for view in ("graph", "states"):
        to(page, view)
        page.get_by_role("checkbox", name="Coverage").check()
        expect(page.locator(".coverage")).to_contain_text("By the last run")
        idle(page)
        said += [f"{view}: {found}" for found in findings(page)]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert said == []
