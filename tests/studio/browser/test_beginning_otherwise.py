"""A conversation begins with other values and rows than the scenario has: typed in, and told where they do not fit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from support.axe import each_size, findings
from support.javascript import needs_javascript
from support.seats_desk import SCENARIO
from support.studio_browser import Studio, Watched, enter, idle, needs_chromium

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]


@pytest.fixture(scope="module")
def seats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    path = tmp_path_factory.mktemp("seats") / "seats.yaml"
    path.write_text(SCENARIO)
    studio = Studio(path)
    yield studio
    studio.stop()


def test_what_does_not_fit_is_told_at_its_field_and_what_fits_is_what_it_begins_with(
    seats: Studio, visit: Visit
) -> None:
    watched = visit(seats)
    watched.expected = ("status of 400",)  # a conversation that cannot begin so
    page = enter(watched, seats, "#/context")
    form = page.get_by_role("region", name="It begins with")
    seat = form.get_by_label("seat, row 2 of bookings")
    seat.fill("9A")
    page.keyboard.press("Tab")
    expect(seat).to_have_attribute("aria-invalid", "true")
    expect(seat).to_have_accessible_description("UNIQUE constraint failed: bookings.seat")
    form.get_by_label("tries", exact=True).fill("-1")
    expect(form.get_by_label("tries", exact=True)).to_have_accessible_description("-1 is less than the minimum of 0")
    expect(form).to_contain_text("2 values do not fit")
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.locator(".banner.bad")).to_contain_text("the variable 'tries': -1 is less than the minimum of 0")

    form.get_by_label("tries", exact=True).fill("2")
    form.get_by_label("class", exact=True).select_option("business")
    seat.fill("12C")
    form.get_by_role("button", name="Add a row to bookings").click()
    form.get_by_label("id, row 3 of bookings").fill("3")
    form.get_by_label("seat, row 3 of bookings").fill("1F")
    page.keyboard.press("Tab")
    form.get_by_role("button", name="Take out row 1 of bookings").click()
    expect(form).not_to_contain_text("not fit")
    page.get_by_role("button", name="Connect", exact=True).click()
    page.wait_for_url("**c=c*")
    name = page.url.partition("c=")[2].partition("&")[0]
    expect(page.get_by_role("button", name="Disconnect")).to_be_visible()
    lines = page.request.get(f"{seats.address}/studio/api/conversations/{name}/events.jsonl").text().splitlines()
    (told,) = [event for event in map(json.loads, lines) if event["type"] == "DataChanged"]
    assert told["data"]["rows"] == [{"id": 2, "seat": "12C", "fare": None}, {"id": 3, "seat": "1F", "fare": None}]


def test_a_moment_without_a_zone_is_one_of_this_machine(seats: Studio, visit: Visit) -> None:
    page = enter(visit(seats, timezone_id="Asia/Tokyo"), seats, "#/context")
    page.get_by_label("The moment").fill("2026-03-01T09:00")
    with page.expect_request("**/studio/api/conversations") as asked:
        page.get_by_role("button", name="Connect", exact=True).click()
    assert asked.value.post_data_json["now"] == "2026-03-01T09:00+09:00"
    expect(page.get_by_role("button", name="Disconnect")).to_be_visible()


@needs_javascript
@each_size
def test_the_form_is_readable_to_everybody(seats: Studio, visit: Visit, size: tuple[int, int]) -> None:
    page = enter(visit(seats, size=size), seats, "#/context")
    seat = page.get_by_label("seat, row 2 of bookings")
    seat.fill("9A")
    page.keyboard.press("Tab")
    expect(seat).to_have_attribute("aria-invalid", "true")
    idle(page)
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_is_changed_twice_before_it_is_drawn_is_changed_twice(seats: Studio, visit: Visit) -> None:
    page = enter(visit(seats), seats, "#/context")
    form = page.get_by_role("region", name="It begins with")
    form.get_by_label("seat, row 2 of bookings").evaluate(
        """(cell) => {
          cell.value = '14D';
          cell.dispatchEvent(new Event('change', { bubbles: true }));
          document.querySelector('[aria-label="Take out row 1 of bookings"]').click();
        }"""
    )
    expect(form.get_by_label("seat, row 1 of bookings")).to_have_value("14D")


def test_what_is_being_written_stays_whatever_is_drawn_meanwhile(seats: Studio, visit: Visit) -> None:
    page = enter(visit(seats), seats, "#/context")
    form = page.get_by_role("region", name="It begins with")
    tries, seat = form.get_by_label("tries", exact=True), form.get_by_label("seat, row 2 of bookings")
    tries.fill("")
    tries.press_sequentially("-1")
    expect(tries).to_have_accessible_description("-1 is less than the minimum of 0")  # no number at its first letter
    seat.fill("14D")
    form.get_by_label("class", exact=True).evaluate(
        "(choice) => { choice.value = '\"business\"'; choice.dispatchEvent(new Event('change', { bubbles: true })); }"
    )
    idle(page)
    expect(seat).to_have_value("14D")


def test_whoever_writes_into_the_form_stays_in_their_field(seats: Studio, visit: Visit) -> None:
    page = enter(visit(seats), seats, "#/context")
    tries = page.get_by_label("tries", exact=True)
    tries.press("End")
    page.keyboard.press("Backspace")
    for keys in ("g", "d", "g", "Backspace", "Backspace", "Backspace", "2", "Backspace", "7"):
        page.keyboard.press(keys)
        idle(page)
    expect(tries).to_be_focused()
    expect(tries).to_have_value("7")


def test_what_does_not_fit_is_taken_away_with_the_rest(seats: Studio, visit: Visit) -> None:
    page = enter(visit(seats), seats, "#/context")
    form = page.get_by_role("region", name="It begins with")
    tries = form.get_by_label("tries", exact=True)
    was = tries.input_value()
    tries.fill("five")
    expect(tries).to_have_attribute("aria-invalid", "true")
    form.get_by_label("class", exact=True).select_option("business")
    expect(tries).to_have_value("five")  # whatever is chosen beside it
    form.get_by_role("button", name="As the file has it").click()
    expect(tries).to_have_value(was)
    expect(tries).not_to_have_attribute("aria-invalid", "true")
