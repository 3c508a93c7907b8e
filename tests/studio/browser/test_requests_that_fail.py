"""What a view asks of the server and does not get is told in its place, and the rest of the view can be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from support.half_met_desk import DIALOGUES, SCENARIO
from support.studio_browser import Studio, Watched, enter, idle, needs_chromium, played
from support.studio_page import Event, numbered, wire_event

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]

WHY = "the server has stumbled"

HOW: dict[str, Callable[[Route], None]] = {
    "refused": lambda route: route.fulfill(status=500, json={"error": WHY, "hint": ""}),
    "cut off": lambda route: route.abort(),
}

VIEWS = {
    "graph": ("graph?*", "The graph cannot be drawn"),
    "states": ("states?*", "The states cannot be shown"),
    "prompt": ("prompt?*", "The prompt cannot be made"),
    "context": ("start?*", "The tables cannot be told"),
    "dialogues": ("dialogues?*", "The dialogues cannot be listed"),
    "editor": ("files?*", "The files cannot be listed"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("desk")
    (home / "dialogues").mkdir()
    (home / "desk.yaml").write_text(SCENARIO)
    (home / "dialogues" / "one.yaml").write_text(DIALOGUES)
    return home


@pytest.fixture(scope="module")
def desk(home: Path) -> Iterator[Studio]:
    studio = Studio(home / "desk.yaml")
    yield studio
    studio.stop()


def failing(studio: Studio, visit: Visit, how: str, path: str, place: str) -> Page:
    """A page whose requests of that path fail."""
    watched = visit(studio)
    watched.expected = ("status of 500", "net::ERR_FAILED")
    watched.page.route(f"**/studio/api/{path}", HOW[how])
    return enter(watched, studio, place)


def told(page: Page, said: str, how: str) -> None:
    main = page.get_by_role("main")
    expect(main).to_contain_text(said)
    if how == "refused":
        expect(main).to_contain_text(WHY)
    expect(main).not_to_contain_text("This view cannot be shown")


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_says_what_it_did_not_get_and_the_page_goes_on(
    airline: Studio, visit: Visit, view: str, how: str
) -> None:
    path, said = VIEWS[view]
    page = failing(airline, visit, how, path, f"#/{view}")
    told(page, said, how)
    page.locator(".places [href='#/log']").click()
    expect(page.locator(".view.log")).to_be_visible()


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize(("view", "other"), [("graph", "Agents of"), ("states", "States of")])
def test_a_drawing_stays_where_the_coverage_cannot_be_had(
    desk: Studio, visit: Visit, view: str, other: str, how: str
) -> None:
    page = failing(desk, visit, how, "coverage?*", f"#/{view}")
    page.get_by_role("checkbox", name="Coverage").check()
    told(page, "The coverage cannot be told", how)
    expect(page.get_by_label(other)).to_be_visible()
    page.get_by_text("List", exact=True).click()
    told(page, "The coverage cannot be told", how)
    page.get_by_role("checkbox", name="Coverage").uncheck()
    expect(page.get_by_role("main")).not_to_contain_text("The coverage cannot be told")


@pytest.mark.parametrize("how", HOW)
def test_another_revision_can_be_asked_for_where_one_cannot_be_had(airline: Studio, visit: Visit, how: str) -> None:
    page = failing(airline, visit, how, "prompt/then?*", "#/prompt")
    page.get_by_text("Since git").click()
    told(page, "Nothing to compare with", how)
    page.unroute("**/studio/api/prompt/then?*")
    page.get_by_label("Compared with the revision").fill("no-such-branch")
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_contain_text("no-such-branch")


@pytest.mark.parametrize("how", HOW)
def test_the_form_can_be_written_where_the_tables_cannot_be_had(airline: Studio, visit: Visit, how: str) -> None:
    page = failing(airline, visit, how, "start?*", "#/context")
    told(page, "The tables cannot be told", how)
    name = page.get_by_label("username", exact=True)
    name.fill("riley")
    expect(page.get_by_role("button", name="As the file has it")).to_be_visible()
    expect(name).to_have_value("riley")


def inspected(watched: Watched, studio: Studio, events: Sequence[Event], seq: int) -> Page:
    """A page that shows an event in the inspector, of which it has a part or nothing."""
    played(watched.page, events, begins_anew=True)
    return enter(watched, studio, f"#/log?c=c1&event={seq}")


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("part", ["nothing", "a part"])
def test_an_event_that_cannot_be_asked_for_is_told_and_asked_for_again(
    airline: Studio, visit: Visit, part: str, how: str
) -> None:
    watched = visit(airline)
    watched.expected = ("status of 500", "net::ERR_FAILED")
    page = watched.page
    page.route("**/studio/api/conversations/c1/events/*", HOW[how])
    first, *others = numbered(
        [wire_event("error", {"cut": True}, dir="in"), wire_event("error", {"error": {"message": "m"}}, dir="in")]
    )
    inspected(watched, airline, others if part == "nothing" else [first, *others], first["seq"])
    inspector = page.get_by_role("complementary", name="Selected event")
    said = "This event could not be asked for" if part == "nothing" else "All of this event could not be asked for"
    expect(inspector).to_contain_text(said)
    expect(inspector).not_to_contain_text("not kept any more")
    if how == "refused":
        expect(inspector).to_contain_text(WHY)
    page.unroute("**/studio/api/conversations/c1/events/*")
    whole = {**first, "data": {"said": "the whole of it"}}
    page.route("**/studio/api/conversations/c1/events/*", lambda route: route.fulfill(json=whole))
    inspector.get_by_role("button", name="Try again").click()
    expect(inspector).to_contain_text("the whole of it")
    expect(inspector).not_to_contain_text("asked for")


def test_an_event_that_the_server_has_no_more_is_told_as_that(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    watched.expected = ("status of 404",)
    gone = {"error": "there is no such event, or it is not kept any more", "hint": ""}
    watched.page.route("**/studio/api/conversations/c1/events/*", lambda route: route.fulfill(status=404, json=gone))
    page = inspected(watched, airline, numbered([wire_event("error", {}, dir="in")] * 3)[1:], 1)
    inspector = page.get_by_role("complementary", name="Selected event")
    expect(inspector).to_contain_text("This event is not kept any more.")
    expect(inspector.get_by_role("button", name="Try again")).to_have_count(0)


def begin_to_fail(page: Page, how: str, path: str, home: Path) -> None:
    """What went well is asked again, since the scenario was saved, and fails."""
    page.route(f"**/studio/api/{path}", HOW[how])
    file = home / "desk.yaml"
    with page.expect_event("requestfinished" if how == "refused" else "requestfailed", match(path)):
        file.write_text(f"{file.read_text()}# and once more\n")
    idle(page)


def entered(visit: Visit, desk: Studio, place: str) -> Page:
    """A page in which requests may fail."""
    watched = visit(desk)
    watched.expected = ("status of 500", "net::ERR_FAILED")
    return enter(watched, desk, place)


def match(path: str) -> Callable[[Request], bool]:
    return lambda request: f"/studio/api/{path.rstrip('?*')}?" in request.url


@pytest.mark.parametrize("how", HOW)
def test_who_writes_in_the_editor_goes_on_where_the_files_cannot_be_listed_again(
    desk: Studio, visit: Visit, home: Path, how: str
) -> None:
    page = entered(visit, desk, "#/editor")
    text = page.locator(".cm-content")
    text.click()
    page.keyboard.type("# mine")
    begin_to_fail(page, how, "files?*", home)
    expect(text).to_be_focused()
    expect(text).to_contain_text("# mine")


def test_who_has_no_editor_writes_in_a_plain_field_and_has_it_the_next_time(desk: Studio, visit: Visit) -> None:
    watched = visit(desk)
    watched.expected = ("net::ERR_FAILED",)
    page = watched.page
    page.route("**/codemirror.js", lambda route: route.abort())
    enter(watched, desk, "#/editor")
    expect(page.locator(".editor-note")).to_have_text("The editor did not load: this is a plain field.")
    page.get_by_role("textbox", name="desk.yaml").press_sequentially("# mine ")
    expect(page.locator(".dirty")).to_be_visible()
    page.unroute("**/codemirror.js")
    page.evaluate("location.hash = '#/graph'")
    expect(page.locator("html[data-view=graph]")).to_be_attached()
    page.evaluate("location.hash = '#/editor'")
    expect(page.locator(".cm-content")).to_contain_text("# mine")


@pytest.mark.parametrize("how", HOW)
def test_dialogues_that_are_listed_stay_where_they_cannot_be_listed_again(
    desk: Studio, visit: Visit, home: Path, how: str
) -> None:
    page = entered(visit, desk, "#/dialogues")
    words = page.get_by_label("Filter dialogues")
    words.fill("fou")
    begin_to_fail(page, how, "dialogues?*", home)
    told(page, "The dialogues cannot be listed anew", how)
    expect(words).to_be_focused()
    expect(page.locator(".tests-count")).to_have_text("1 of 2 dialogues")
    page.unroute("**/studio/api/dialogues?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("main")).not_to_contain_text("cannot be listed")
