"""A scenario is written in a browser: mistakes are told as they are made, and nobody's work is written over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from support.studio_browser import NARROW, Studio, Watched, arrived, copied_airline, enter, needs_chromium

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied_airline(tmp_path_factory.mktemp("written") / "airline")


@pytest.fixture(scope="module")
def written_studio(files: Path) -> Iterator[Studio]:
    studio = Studio(files / "airline.yaml")
    yield studio
    studio.stop()


@pytest.fixture
def scenario(files: Path) -> Iterator[Path]:
    """The scenario's file, which is as it was when the test is over."""
    before = (files / "airline.yaml").read_text()
    yield files / "airline.yaml"
    (files / "airline.yaml").write_text(before)


def editor(watched: Watched, studio: Studio, place: str = "") -> Page:
    page = enter(watched, studio, f"#/editor{place}")
    page.wait_for_selector(".code[data-ready]")
    return page


def to_start(page: Page) -> None:
    """The caret behind `start: main`."""
    page.locator(".cm-line", has_text="start: main").click()
    page.keyboard.press("End")


def test_a_mistake_is_told_as_it_is_typed_and_gone_when_it_is_mended_and_saved(
    written_studio: Studio, visit: Visit, scenario: Path
) -> None:
    page = editor(visit(written_studio), written_studio)
    expect(page.locator(".findings-none")).to_have_text("No findings")
    to_start(page)
    page.keyboard.type("x")
    finding = page.locator(".finding")
    expect(finding).to_contain_text("agent 'mainx' does not exist")
    expect(finding).to_contain_text("line 21")
    expect(page.locator(".cm-lintRange-error")).to_have_text("mainx")
    page.keyboard.press("Control+Home")
    page.keyboard.press("F8")
    expect(page.locator(".where")).to_contain_text("Line 21")
    page.keyboard.press("End")
    page.keyboard.press("Backspace")
    expect(finding).to_have_count(0)
    page.locator(".cm-line", has_text="title: Airline customer support").click()
    page.keyboard.press("End")
    page.keyboard.type("!")
    expect(page.get_by_role("button", name="Save")).to_be_enabled()
    page.keyboard.press("Control+s")
    expect(page.locator(".editor-note")).to_contain_text("Saved.")
    assert "title: Airline customer support!\n" in scenario.read_text()
    expect(page.locator(".bar-name")).to_contain_text("Airline customer support!")  # the page goes on with it


def test_what_is_typed_right_after_a_jump_to_a_mistake_is_typed_there(
    written_studio: Studio, visit: Visit, scenario: Path
) -> None:
    page = editor(visit(written_studio), written_studio)
    to_start(page)
    page.keyboard.type("x")
    expect(page.locator(".finding")).to_contain_text("line 21")
    page.keyboard.press("Control+Home")
    page.locator(".cm-content").evaluate(
        """async (text) => {
            const press = (key) => text.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
            press("F8");
            for (let turn = 0; turn < 10; turn += 1) await null;
            press("End");
            press("Backspace");
        }"""
    )
    expect(page.locator(".finding")).to_have_count(0)


def may_be_taken(page: Page) -> None:
    """Wait until what is offered may be taken: for 75 ms the editor lets nobody take what has just appeared."""
    page.evaluate(
        """() => new Promise((done) => {
            const until = performance.now() + 100;
            const look = () => (performance.now() > until ? done() : requestAnimationFrame(look));
            look();
        })"""
    )


def test_what_may_stand_there_is_offered_and_taken_with_the_keyboard(
    written_studio: Studio, visit: Visit, scenario: Path
) -> None:
    page = editor(visit(written_studio), written_studio)
    to_start(page)
    for _ in range(4):
        page.keyboard.press("Backspace")
    page.keyboard.type("q")
    offered = page.locator(".cm-tooltip-autocomplete li")
    expect(offered).to_contain_text("qa")
    expect(offered.first).to_have_attribute("aria-selected", "true")
    may_be_taken(page)
    page.keyboard.press("Enter")
    expect(page.locator(".cm-line", has_text="start:").first).to_have_text("start: qa")


def test_what_is_broken_is_saved_all_the_same_and_the_last_good_one_can_be_talked_to(
    written_studio: Studio, visit: Visit, scenario: Path
) -> None:
    page = editor(visit(written_studio), written_studio)
    to_start(page)
    page.keyboard.type("x")
    expect(page.locator(".finding")).to_have_count(1)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".editor-note")).to_contain_text("the last good scenario stays loaded")
    assert "start: mainx" in scenario.read_text()
    expect(page.locator(".banner.bad")).to_contain_text("agent 'mainx' does not exist")
    page.locator(".banner.bad").get_by_role("button", name="To the line").click()
    expect(page.locator(".where")).to_contain_text("Line 21")
    page.get_by_role("button", name="Connect").click()
    expect(page.locator(".line-on")).to_be_visible(timeout=60_000)


def test_what_somebody_else_has_saved_meanwhile_is_compared_before_it_is_written_over(
    written_studio: Studio, visit: Visit, scenario: Path
) -> None:
    watched = visit(written_studio)
    watched.expected = ("status of 412",)
    page = editor(watched, written_studio)
    to_start(page)
    page.keyboard.type(" # mine")
    scenario.write_text(scenario.read_text().replace("voice: cedar", "voice: marin"))
    page.keyboard.press("Control+s")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("was changed by somebody else")
    expect(dialog.locator(".difference-row.old").first).to_contain_text("voice: marin")
    expect(dialog.locator(".difference-row.new").last).to_contain_text("start: main # mine")
    expect(dialog.get_by_role("button", name="Go on editing")).to_be_focused()
    scenario.write_text(scenario.read_text().replace("voice: marin", "voice: ash"))
    dialog.get_by_role("button", name="Overwrite it with mine").click()
    expect(dialog.locator(".difference-row.old").first).to_contain_text("voice: ash")  # again: it was not that one
    assert "voice: ash" in scenario.read_text()
    dialog.get_by_role("button", name="Overwrite it with mine").click()
    expect(dialog).to_have_count(0)
    assert "start: main # mine" in scenario.read_text()
    assert "voice: cedar" in scenario.read_text()


def test_a_file_that_is_not_edited_follows_what_is_saved_elsewhere(
    written_studio: Studio, visit: Visit, scenario: Path
) -> None:
    page = editor(visit(written_studio), written_studio)
    scenario.write_text(scenario.read_text().replace("voice: cedar", "voice: marin"))
    expect(page.locator(".cm-line", has_text="voice: marin")).to_be_visible()


@pytest.mark.parametrize("asked", ["**/studio/api/files/airline.yaml?*", "**/studio/api/project"])
def test_an_answer_that_comes_after_a_newer_one_undoes_nothing(
    written_studio: Studio, visit: Visit, scenario: Path, asked: str
) -> None:
    page = editor(visit(written_studio), written_studio)
    text = scenario.read_text()
    late: list[tuple[Route, APIResponse]] = []
    first: list[Route] = []

    def keep_the_first(route: Route) -> None:
        if first:
            route.continue_()
            return
        first.append(route)
        late.append((route, route.fetch()))

    page.route(asked, keep_the_first)
    with page.expect_request(asked):
        scenario.write_text(text.replace("start: main", "start: mainx"))
    while not late:
        page.wait_for_timeout(5)  # until it is answered, which it is with what is on disk now
    with page.expect_response(asked):
        scenario.write_text(text.replace("start: main", "start: main # new"))
    newest, banner = page.locator(".cm-line", has_text="start: main # new"), page.locator(".banner.bad")
    expect(newest).to_be_visible()
    expect(banner).to_have_count(0)
    ((route, answer),) = late
    arrived(page, route, answer)
    assert (newest.count(), banner.count()) == (1, 0), page.locator(".cm-content").text_content()


def test_the_editor_catches_up_with_what_was_saved_while_another_view_was_open(
    written_studio: Studio, visit: Visit, scenario: Path
) -> None:
    page = editor(visit(written_studio), written_studio)
    page.evaluate("location.hash = '#/prompt'")
    expect(page.get_by_role("radio", name="From the file")).to_be_attached()
    scenario.write_text(scenario.read_text().replace("start: main", "start: mainx"))
    expect(page.locator(".banner.bad")).to_contain_text("agent 'mainx' does not exist")
    page.evaluate("location.hash = '#/editor'")
    expect(page.locator(".cm-line", has_text="start: mainx")).to_be_visible()
    expect(page.locator(".finding")).to_contain_text("agent 'mainx' does not exist")


def test_a_file_that_was_away_for_a_moment_is_shown_again(written_studio: Studio, visit: Visit, scenario: Path) -> None:
    watched = visit(written_studio)
    watched.expected = ("status of 404",)
    page = editor(watched, written_studio)
    text = scenario.read_text()
    scenario.unlink()
    expect(page.locator(".editor")).to_contain_text("airline.yaml cannot be opened")
    scenario.write_text(text)
    expect(page.locator(".cm-line", has_text="start: main")).to_be_visible()


def test_what_is_not_saved_is_there_after_a_reload_and_in_another_view(
    written_studio: Studio, visit: Visit, scenario: Path
) -> None:
    watched = visit(written_studio)
    watched.expected = ("dialog: ",)  # the browser asks whether to leave
    page = editor(watched, written_studio)
    to_start(page)
    page.keyboard.type(" # kept")
    expect(page.locator(".dirty")).to_be_visible()
    page.evaluate("location.hash = '#/dialogues'")
    expect(page.locator(".tests-list")).to_be_visible()
    page.evaluate("location.hash = '#/editor'")
    expect(page.locator(".cm-line", has_text="# kept")).to_be_visible()
    page.remove_listener("dialog", watched._stopped)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator(".cm-line", has_text="# kept")).to_be_visible()


def test_what_is_not_saved_is_there_after_reloads_that_show_another_file(
    written_studio: Studio, visit: Visit, scenario: Path
) -> None:
    watched = visit(written_studio)
    page = editor(watched, written_studio)
    to_start(page)
    page.keyboard.type(" # kept")
    file = page.get_by_label("File", exact=True)
    file.select_option("dialogues/policy.yaml")
    expect(page.locator(".cm-content")).to_have_attribute("aria-label", "dialogues/policy.yaml")
    page.remove_listener("dialog", watched._stopped)
    page.on("dialog", lambda dialog: dialog.accept())
    for _ in range(2):
        page.reload()
        expect(page.locator(".cm-content")).to_have_attribute("aria-label", "dialogues/policy.yaml")
    file.select_option("airline.yaml")
    expect(page.locator(".cm-line", has_text="# kept")).to_be_visible()


def test_the_keyboard_gets_into_the_editor_and_out_of_it_and_letters_are_letters_there(
    written_studio: Studio, visit: Visit, scenario: Path
) -> None:
    page = editor(visit(written_studio), written_studio)
    to_start(page)
    page.keyboard.type(" gd?")
    expect(page.locator(".cm-line", has_text="start: main gd?")).to_be_visible()
    expect(page.locator(".editor")).to_be_visible()  # no key of the page has gone elsewhere
    page.keyboard.press("Tab")
    assert page.evaluate(
        "document.activeElement.closest('.findings') !== null || document.activeElement.tagName !== 'DIV'"
    )


def test_a_line_leads_to_what_it_is_about(written_studio: Studio, visit: Visit) -> None:
    page = editor(visit(written_studio), written_studio, "?line=26")
    expect(page.locator(".where")).to_contain_text("agent Main Agent")
    page.locator(".where").get_by_role("button", name="Show in the graph").click()
    assert "#/graph" in page.url and "node=main" in page.url


def test_on_a_narrow_page_there_is_a_plain_field_with_the_findings_above(
    written_studio: Studio, visit: Visit, scenario: Path
) -> None:
    page = enter(visit(written_studio, size=NARROW), written_studio, "#/editor")
    field = page.locator("textarea.plain")
    field.fill(field.input_value().replace("start: main", "start: mainx"))
    finding = page.locator(".finding")
    expect(finding).to_contain_text("agent 'mainx' does not exist")
    above, below = finding.bounding_box(), field.bounding_box()
    assert above is not None and below is not None and above["y"] < below["y"]
    finding.click()
    expect(field).to_be_focused()
    field.press("End")
    field.press("Backspace")
    expect(finding).to_have_count(0)
