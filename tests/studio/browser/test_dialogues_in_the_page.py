"""Dialogues are run, looked into, made of a conversation and compared, in a browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from support.studio_browser import AIRLINE, Studio, Watched, arrived, enter, failing_airline, needs_chromium
from support.studio_page import numbered, placed, studio_event, trace_event

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]
SECRET = "the-real-password"


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The airline with one dialogue that fails at line 16."""
    return failing_airline(tmp_path_factory.mktemp("tested") / "airline")


@pytest.fixture(scope="module")
def tested_studio(tested: Path) -> Iterator[Studio]:
    studio = Studio(tested / "airline.yaml")
    yield studio
    studio.stop()


def dialogues(watched: Watched, studio: Studio, place: str = "") -> Page:
    page = enter(watched, studio, f"#/dialogues{place}")
    expect(page.locator(".tree-row").first).to_be_visible()
    return page


def run_over(page: Page) -> None:
    expect(page.locator(".progress[data-run=ended]")).to_be_visible(timeout=90_000)


def test_a_failing_dialogue_is_opened_at_its_event_and_its_line(tested_studio: Studio, visit: Visit) -> None:
    page = dialogues(visit(tested_studio), tested_studio)
    page.get_by_role("button", name="Run all").click()
    run_over(page)
    expect(page.locator(".progress-now")).to_have_text("19 passed, 1 failed")
    page.locator(".tree-rows").focus()
    page.keyboard.press("f")
    expect(page.locator(".tree-row[aria-selected=true]")).to_contain_text("carry-on-size")
    expect(page.locator(".failure-message")).to_have_text("agent 'main' was to be active, but it is 'qa'")
    expect(page.locator(".failure-line code")).to_have_text("- agent: main")
    expect(page.locator(".record-line.marked")).to_contain_text(">>>")
    expect(page.locator(".record-line.marked")).to_contain_text("Main Agent → QA Agent")

    page.get_by_role("button", name="Open as conversation").click()
    expect(page.locator(".banner")).to_contain_text("A recording: carry-on-size")
    expect(page.locator(".message")).to_have_count(2)
    expect(page.locator(".inspector h2")).to_contain_text("HandedOff")
    expect(page.locator(".row.handoff.selected")).to_be_visible()

    page.go_back()
    page.locator(".failure-line").get_by_role("button").first.click()
    expect(page.locator(".where")).to_contain_text("Line 16")
    expect(page.locator("#editor-file")).to_have_value("dialogues/policy.yaml")


def test_in_a_dialogue_that_is_over_nothing_waits_or_goes_on(tested_studio: Studio, visit: Visit) -> None:
    page = dialogues(visit(tested_studio), tested_studio, "?d=carry-on-size")
    page.get_by_role("button", name="Run", exact=True).click()
    run_over(page)
    events = numbered(
        [
            studio_event("Connected", {"agent": "main"}),
            placed("a1", "assistant", None),
            trace_event("ToolCalled", {"call_id": "c1", "tool": "pay", "arguments": {}}, item="a1"),
            trace_event("ApprovalRequested", {"call_id": "c1", "tool": "pay"}),
        ]
    )
    page.route("**/studio/api/replay?*", lambda route: route.fulfill(json={"events": events}))
    page.get_by_role("button", name="Open as conversation").click()
    expect(page.locator(".row.tool .tag")).to_have_text("never answered")
    expect(page.locator(".message.agent")).to_contain_text("No answer came")


def test_a_mended_dialogue_is_run_again_alone_and_told_to_be_different(
    tested_studio: Studio, visit: Visit, tested: Path
) -> None:
    page = dialogues(visit(tested_studio), tested_studio, "?d=carry-on-size")
    page.get_by_role("button", name="Run", exact=True).click()
    run_over(page)
    expect(page.locator(".progress-now")).to_have_text("0 passed, 1 failed")
    policy = tested / "dialogues" / "policy.yaml"
    before = policy.read_text()
    policy.write_text(before.replace("- agent: main", "- agent: qa", 1))
    try:
        expect(page.locator(".tree-row[aria-selected=true]")).to_contain_text("changed")
        page.locator(".tests-bar").get_by_role("button", name="Failed").click()
        expect(page.locator(".progress-now")).to_have_text("1 passed", timeout=60_000)
        expect(page.locator(".tree-row[aria-selected=true]")).to_contain_text("different")
        page.get_by_role("button", name="Compare with before").click()
        expect(page.locator(".compare-heads")).to_contain_text("Failed")
        expect(page.locator(".compare-heads")).to_contain_text("Passed")
    finally:
        policy.write_text(before)


def test_what_happened_is_written_in_the_place_of_what_was_expected_after_it_was_shown(
    tested_studio: Studio, visit: Visit, tested: Path
) -> None:
    policy = tested / "dialogues" / "policy.yaml"
    before = policy.read_text()
    page = dialogues(visit(tested_studio), tested_studio, "?d=carry-on-size")
    page.get_by_role("button", name="Run", exact=True).click()
    run_over(page)
    try:
        page.get_by_role("button", name="Update expectation").focus()
        page.keyboard.press("Enter")
        change = page.get_by_role("group", name="Update expectation")
        expect(change.locator(".removed")).to_contain_text("- agent: main")
        expect(change.locator(".added")).to_contain_text("- agent: qa")
        expect(change.get_by_role("button", name="Write and play it")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Update expectation")).to_be_focused()
        assert policy.read_text() == before
        page.keyboard.press("Enter")
        expect(change.get_by_role("button", name="Write and play it")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".progress-now")).to_have_text("1 passed")
        expect(page.locator(".detail-facts .tag").first).to_have_text("Passed")
        assert policy.read_text() == before.replace("- agent: main", "- agent: qa", 1)
    finally:
        policy.write_text(before)


def test_a_run_that_ended_while_another_view_was_shown_is_over(tested_studio: Studio, visit: Visit) -> None:
    page = dialogues(visit(tested_studio), tested_studio, "?d=carry-on-size")
    run = page.get_by_role("button", name="Run", exact=True)
    asked: list[Route] = []
    page.route("**/studio/api/runs", lambda route: asked.append(route))
    with page.expect_request("**/studio/api/runs"):
        run.click()
    page.evaluate("location.hash = '#/graph'")
    expect(page.locator("html[data-view=graph]")).to_be_attached()
    expect(page.locator(".tree-row")).to_have_count(0)
    with page.expect_response("**/studio/api/runs") as begun:
        asked[0].continue_()
    page.unroute("**/studio/api/runs")
    page.evaluate(
        "async (run) => { while ((await (await fetch(`/studio/api/runs/${run}`)).json()).state === 'running'); }",
        begun.value.json()["run"],
    )
    page.evaluate("location.hash = '#/dialogues?d=carry-on-size'")
    run_over(page)
    expect(run).to_be_enabled()


def test_a_list_that_was_asked_for_before_a_run_and_comes_after_it_undoes_nothing(
    tested_studio: Studio, visit: Visit, tested: Path
) -> None:
    page = dialogues(visit(tested_studio), tested_studio, "?d=carry-on-size")
    run = page.get_by_role("button", name="Run", exact=True)
    run.click()
    run_over(page)
    told = page.locator(".detail-facts .tag").first
    expect(told).to_have_text("Failed")
    late: list[tuple[Route, APIResponse]] = []
    page.route("**/studio/api/dialogues?*", lambda route: late.append((route, route.fetch())))
    policy = tested / "dialogues" / "policy.yaml"
    before = policy.read_text()
    try:
        with page.expect_request("**/studio/api/dialogues?*"):
            policy.write_text(before.replace("- agent: main", "- agent: qa", 1))
        run.click()
        expect(page.locator(".progress-now")).to_have_text("1 passed")
        expect(told).to_have_text("Passed")
        for route, answer in late:
            arrived(page, route, answer)
        assert told.text_content() == "Passed"
    finally:
        policy.write_text(before)


def test_a_run_that_is_asked_for_twice_in_a_moment_begins_once(tested_studio: Studio, visit: Visit) -> None:
    page = dialogues(visit(tested_studio), tested_studio, "?d=carry-on-size")
    begun: list[str] = []
    page.on("request", lambda request: begun.append(request.url) if request.method == "POST" else None)
    page.get_by_role("button", name="Run", exact=True).evaluate("(button) => { button.click(); button.click(); }")
    run_over(page)
    assert [url.rpartition("/")[2] for url in begun] == ["runs"]


def test_a_page_that_comes_while_a_run_is_going_on_shows_how_far_it_is(tested_studio: Studio, visit: Visit) -> None:
    page = dialogues(visit(tested_studio), tested_studio, "?d=carry-on-size")
    page.get_by_role("button", name="Run", exact=True).click()
    run_over(page)
    told = page.locator(".progress-now").inner_text()

    def still_running(route: Route) -> None:
        listed = route.fetch().json()
        last = next(each["run"] for each in listed["dialogues"] if each["id"] == "carry-on-size")
        route.fulfill(json={**listed, "running": last})

    later = visit(tested_studio).page
    later.route("**/studio/api/dialogues?*", still_running)
    later.goto(tested_studio.entrance + "#/dialogues")
    expect(later.locator(".progress-now")).to_have_text(told)


def test_the_list_is_filtered_by_words_tags_and_what_came_of_it(tested_studio: Studio, visit: Visit) -> None:
    page = dialogues(visit(tested_studio), tested_studio)
    page.keyboard.press("/")
    page.keyboard.type("@approval empty-")
    expect(page.locator(".tests-count")).to_contain_text("of 20 dialogues")
    for row in page.locator(".tree-row").all():
        expect(row).to_contain_text("empty-")
    page.locator("[data-filter]").fill("carry-on-size")
    page.locator(".tree-row").click()
    page.get_by_role("button", name="Run", exact=True).click()
    run_over(page)
    page.locator("[data-filter]").fill("")
    page.get_by_label("Which dialogues").select_option("bad")
    expect(page.locator(".tree-row")).to_have_count(1)


def test_what_just_happened_is_made_a_dialogue_that_passes_and_holds_no_secret(
    tested_studio: Studio, visit: Visit, tested: Path
) -> None:
    watched = visit(tested_studio)
    watched.expected = ("status of 409", "status of 422")  # an id that is taken, and a secret that is the real one
    page = enter(watched, tested_studio)
    page.locator("[data-composer]").fill("What flight am I on?")
    page.keyboard.press("Enter")
    card = page.locator("[data-approval]")
    expect(card).to_be_visible(timeout=90_000)
    card.get_by_label("Username").fill("riley")
    card.get_by_label("Password").fill(SECRET)
    card.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator(".message.agent")).to_contain_text("riley", ignore_case=True)

    page.keyboard.press("Escape")
    page.evaluate("location.hash = location.hash.replace('#/conversation', '#/dialogues')")
    page.get_by_role("button", name="Make a dialogue").click()
    expect(page.locator(".make-preview")).to_contain_text("call: check_flights")
    assert SECRET not in page.content()
    identity = page.get_by_label("Id")
    identity.fill("carry-on-size")
    expect(page.locator(".make-problem")).to_contain_text("there is a dialogue 'carry-on-size' already")
    identity.fill("made-in-the-page")
    password = page.get_by_label("password of check_flights")
    password.fill(SECRET)
    expect(page.locator(".make-problem")).to_contain_text("as it really is")
    password.fill("only-for-tests")
    expect(page.locator(".make-preview")).to_contain_text("only-for-tests")
    page.get_by_role("button", name="Write and play it").click()

    expect(page.locator(".detail-head h2")).to_have_text("made-in-the-page")
    expect(page.locator(".progress-now")).to_have_text("1 passed", timeout=60_000)
    expect(page.locator(".detail-facts .tag").first).to_have_text("Passed")
    written = (tested / "dialogues" / "made-in-the-page.yaml").read_text()
    assert "made-in-the-page" in written and SECRET not in written


@pytest.fixture(scope="module")
def untested_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    home = tmp_path_factory.mktemp("untested") / "airline"
    home.mkdir()
    for name in ("airline.yaml", "quick_reference.md"):
        shutil.copy(AIRLINE.parent / name, home / name)
    studio = Studio(home / "airline.yaml")
    yield studio
    studio.stop()


def test_there_is_something_to_do_where_there_are_no_dialogues(untested_studio: Studio, visit: Visit) -> None:
    page = enter(visit(untested_studio), untested_studio, "#/dialogues")
    expect(page.locator(".empty")).to_contain_text("No dialogues yet")
    page.get_by_role("button", name="Talk first").click()
    expect(page.locator("[data-composer]")).to_be_visible()
