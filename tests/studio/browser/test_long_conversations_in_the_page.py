"""Long conversations: only what is in sight is made, and the reader stays where they are."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from support.studio_browser import Played, Studio, Watched, enter, needs_chromium, played
from support.studio_page import Event, numbered, placed, studio_event, trace_event, wire_event

pytestmark = [needs_chromium, pytest.mark.studio]

Visit = Callable[..., Watched]


def many_events(count: int) -> list[Event]:
    """So many events, of which each hundredth is an error."""
    some = [
        wire_event("error", {"error": {"message": f"number {n}"}}, dir="in")
        if n % 100 == 99
        else wire_event("response.output_item.added", {"n": n}, dir="in", item=f"i{n}")
        for n in range(count)
    ]
    return numbered(some)


def in_log(page: Page, count: int) -> None:
    expect(page.locator(".log-grid")).to_have_attribute("aria-rowcount", str(count + 1))


def log_of(events: list[Event], airline: Studio, visit: Visit) -> Page:
    """The log of a conversation in which all that has happened."""
    watched = visit(airline)
    played(watched.page, events)
    page = enter(watched, airline, "#/log?c=c1")
    in_log(page, len(events))
    return page


@pytest.mark.parametrize("count", [5_000, 50_000])
def test_the_log_holds_them_all_and_makes_only_the_rows_in_sight(airline: Studio, visit: Visit, count: int) -> None:
    page = log_of(many_events(count), airline, visit)
    assert page.locator(".log-row").count() < 80
    expect(page.locator(".log-row").last).to_have_attribute("aria-rowindex", str(count + 1))
    page.locator(".log-grid").focus()
    page.keyboard.press("Home")
    expect(page.locator(".log-row").first).to_have_attribute("aria-rowindex", "2")
    page.keyboard.press("n")
    expect(page.locator(".log-row.at")).to_have_attribute("aria-rowindex", "101")
    page.locator("#log-text").fill('number 1099"')  # and not 10999
    in_log(page, 1)


def test_the_log_can_be_filtered_by_type_turn_and_errors(airline: Studio, visit: Visit) -> None:
    page = log_of(many_events(1000), airline, visit)
    page.get_by_label("Errors").check()
    in_log(page, 10)
    page.get_by_label("Errors").uncheck()
    page.get_by_role("button", name="Types: all").click()
    page.get_by_label("Find a type").fill("error")
    page.locator(".types li input").first.check()
    in_log(page, 10)


def test_who_takes_the_filters_off_has_no_text_left_in_the_field(airline: Studio, visit: Visit) -> None:
    page = log_of(many_events(1000), airline, visit)
    page.get_by_label("Layer").select_option("Meaning")
    page.get_by_label("Text in the event").fill("number 99")
    page.get_by_role("button", name="Take the filters off").click()
    expect(page.get_by_label("Text in the event")).to_have_value("")
    expect(page.get_by_label("Layer")).to_have_value("")
    in_log(page, 1000)
    page.get_by_label("Text in the event").fill("nothing is like this")
    expect(page.get_by_text("No event is like that")).to_be_visible()
    page.get_by_role("button", name="Take the filters off").click()
    expect(page.get_by_label("Text in the event")).to_have_value("")
    in_log(page, 1000)


def test_what_was_typed_and_taken_away_at_once_filters_nothing(airline: Studio, visit: Visit) -> None:
    page = log_of(many_events(1000), airline, visit)
    page.clock.install()
    page.get_by_label("Text in the event").fill("number 99")
    page.get_by_label("Text in the event").press("Escape")
    page.clock.fast_forward(1000)
    expect(page.get_by_label("Text in the event")).to_have_value("")
    in_log(page, 1000)


def test_pieces_of_one_message_are_one_row_unless_they_are_wanted(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    deltas = [studio_event("Delta", {"item": "a", "text": "w "}, item="a") for _ in range(37)]
    played(watched.page, numbered([placed("a", "assistant", None), *deltas]))
    page = enter(watched, airline, "#/log?c=c1")
    in_log(page, 2)
    expect(page.locator(".log-row").last).to_contain_text("× 37")
    page.get_by_label("Fold").uncheck()
    in_log(page, 38)


def long_talk(turns: int) -> list[Event]:
    events: list[Event] = [studio_event("Connected", {})]
    last = None
    for n in range(turns):
        events += [
            placed(f"u{n}", "user", last),
            studio_event("Delta", {"item": f"u{n}", "text": f"question {n}"}, item=f"u{n}"),
            trace_event("ToolCalled", {"call_id": f"c{n}", "tool": "look", "arguments": {"n": n}}, item=f"u{n}"),
            trace_event("ToolReturned", {"call_id": f"c{n}", "tool": "look", "outcome": "answered", "output": "1"}),
            placed(f"a{n}", "assistant", f"u{n}"),
            studio_event("Delta", {"item": f"a{n}", "text": f"answer {n}"}, item=f"a{n}"),
        ]
        last = f"a{n}"
    return numbered(events)


def in_a_long_talk(watched: Watched, studio: Studio, turns: int) -> tuple[Page, Played, list[Event]]:
    events = long_talk(turns)
    conversation = played(watched.page, events)
    page = enter(watched, studio, "#/conversation?c=c1")
    expect(page.locator(".message.agent").last).to_contain_text(f"answer {turns - 1}")
    return page, conversation, events


def at_end(page: Page, box: str = ".transcript") -> bool:
    return bool(page.locator(box).evaluate("(box) => box.scrollHeight - box.scrollTop - box.clientHeight < 48"))


def frames(page: Page) -> None:
    """Wait until the page has drawn what there is, and was told of what it scrolled itself."""
    page.evaluate("() => new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))")


def in_sight(page: Page) -> dict[str, float]:
    """The messages in sight, and where they stand."""
    places: dict[str, float] = page.locator(".transcript").evaluate(
        """(box) => Object.fromEntries([...box.querySelectorAll('.message')].map((one) => [one.dataset.item, one.getBoundingClientRect()])
            .filter(([, { top, bottom }]) => bottom > box.getBoundingClientRect().top + 8 && top < box.getBoundingClientRect().bottom - 60)
            .map(([item, { top }]) => [item, top]))"""
    )
    return places


def test_of_very_many_rows_the_last_are_shown_and_the_others_when_they_are_wanted(
    airline: Studio, visit: Visit
) -> None:
    watched = visit(airline)
    played(watched.page, long_talk(900))
    page = enter(watched, airline, "#/conversation?c=c1")
    expect(page.locator(".message.agent").last).to_contain_text("answer 899")
    expect(page.locator("[data-seq]")).to_have_count(2000)
    page.locator(".transcript").focus()
    page.keyboard.press("Home")
    earlier = page.locator(".earlier")
    expect(earlier).to_have_text("Show 500 earlier of 700 rows")
    earlier.click(no_wait_after=True)
    expect(page.locator("[data-seq]")).to_have_count(2500)


def test_who_reads_back_stays_there_and_is_told_how_much_is_new(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    events = long_talk(60)
    conversation = played(watched.page, events[:240])
    page = enter(watched, airline, "#/conversation?c=c1")
    expect(page.locator(".message").last).to_be_visible()
    assert at_end(page)
    page.locator(".transcript").hover()
    page.mouse.wheel(0, -600)
    page.wait_for_timeout(100)
    assert not at_end(page)
    top = page.locator(".transcript").evaluate("(box) => box.scrollTop")
    conversation.more(events[240:])
    pill = page.locator(".to-end")
    expect(pill).to_be_visible()
    assert abs(page.locator(".transcript").evaluate("(box) => box.scrollTop") - top) < 4
    pill.click()
    assert at_end(page)
    expect(pill).to_have_count(0)


AWAY = {
    "by a script": "(box) => (box.scrollTop -= 600)",
    # without a window Chromium finds, and does not go there
    "by finding in the page": "() => window.find('question 12') && getSelection().anchorNode.parentElement.scrollIntoView({ block: 'center' })",
    "to an element": "() => document.querySelector('[data-item=u12]').scrollIntoView()",
    "by a focus": "() => document.querySelector('[data-item=u12]').focus()",
}


@pytest.mark.parametrize("scrolled", AWAY.values(), ids=AWAY)
def test_whoever_is_away_by_whatever_means_stays_until_they_go_to_the_end(
    airline: Studio, visit: Visit, scrolled: str
) -> None:
    watched = visit(airline)
    events = long_talk(60)
    conversation = played(watched.page, events[:241])
    page = enter(watched, airline, "#/conversation?c=c1")
    expect(page.locator(".message").last).to_be_visible()
    transcript = page.locator(".transcript")
    frames(page)
    transcript.evaluate(scrolled)
    frames(page)
    seen = in_sight(page)
    conversation.more(events[241:301])
    expect(page.locator(".message.agent").last).to_contain_text("answer 49")
    expect(page.locator(".to-end")).to_have_text("30 new, to the end")
    assert in_sight(page) == pytest.approx(seen, abs=4)
    transcript.evaluate("(box) => (box.scrollTop = box.scrollHeight)")
    expect(page.locator(".to-end")).to_have_count(0)
    conversation.more(events[301:])
    expect(page.locator(".message.agent").last).to_contain_text("answer 59")
    frames(page)
    assert at_end(page)
    expect(page.locator(".to-end")).to_have_count(0)


def test_an_answer_that_grows_pulls_nobody_back_who_was_carried_away_by_a_script(airline: Studio, visit: Visit) -> None:
    page, conversation, events = in_a_long_talk(visit(airline), airline, 30)
    transcript = page.locator(".transcript")
    frames(page)
    transcript.evaluate("(box) => (box.scrollTop -= 300)")
    frames(page)
    seen = in_sight(page)
    grown = studio_event("Delta", {"item": "a29", "text": " and so on" * 400}, item="a29")
    conversation.more(numbered([*events, grown])[-1:])
    expect(page.locator(".message.agent").last).to_contain_text("and so on")
    assert in_sight(page) == pytest.approx(seen, abs=4)


def test_a_conversation_that_is_told_once_more_leaves_the_reader_where_they_are(airline: Studio, visit: Visit) -> None:
    page, conversation, events = in_a_long_talk(visit(airline), airline, 60)
    page.locator("[data-item=u12]").evaluate("(message) => message.scrollIntoView()")
    frames(page)
    seen = in_sight(page)
    assert "u12" in seen
    conversation.anew()
    grown = studio_event("Delta", {"item": "a12", "text": " and more"}, item="a12")
    conversation.more(numbered([*events, grown])[-1:])
    expect(page.locator("[data-item=a12]")).to_contain_text("answer 12 and more")
    frames(page)
    assert in_sight(page) == pytest.approx(seen, abs=4)
    expect(page.locator(".to-end")).to_have_count(0)


def test_what_is_shown_otherwise_is_not_new(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    played(watched.page, long_talk(60))
    page = enter(watched, airline, "#/conversation?c=c1")
    page.get_by_label("Chat").check(force=True)
    expect(page.locator(".row")).to_have_count(0)
    frames(page)
    page.locator(".transcript").hover()
    page.mouse.wheel(0, -600)
    page.wait_for_function(
        "() => { const box = document.querySelector('.transcript'); return box.scrollHeight - box.scrollTop - box.clientHeight > 48; }"
    )
    page.get_by_label("Execution").check(force=True)
    expect(page.locator(".row")).to_have_count(60)
    frames(page)
    expect(page.locator(".to-end")).to_have_count(0)


def test_earlier_rows_come_above_and_the_reader_stays_where_they_are(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    played(watched.page, long_talk(900))
    page = enter(watched, airline, "#/conversation?c=c1")
    expect(page.locator("[data-seq]")).to_have_count(2000)
    transcript = page.locator(".transcript")
    transcript.evaluate("(box) => (box.scrollTop = 0)")
    frames(page)
    first = page.locator("[data-seq]").first
    read, top = first.get_attribute("data-seq"), first.bounding_box()
    page.locator(".earlier").click(no_wait_after=True)
    expect(page.locator("[data-seq]")).to_have_count(2500)
    frames(page)
    now = page.locator(f"[data-seq='{read}']").bounding_box()
    assert top is not None and now is not None
    assert abs(now["y"] - top["y"]) < 40


@pytest.mark.parametrize(("view", "box"), [("conversation", ".transcript"), ("log", ".log-box")])
def test_whoever_scrolls_in_the_very_frame_in_which_more_comes_is_away_too(
    airline: Studio, visit: Visit, view: str, box: str
) -> None:
    watched = visit(airline)
    events = long_talk(100)
    conversation = played(watched.page, events[:301])
    page = enter(watched, airline, f"#/{view}?c=c1")
    frames(page)
    assert at_end(page, box)
    page.evaluate(
        """(box) => {
            const asked = window.requestAnimationFrame;
            window.requestAnimationFrame = (then) => asked((time) => {
                window.requestAnimationFrame = asked;
                document.querySelector(box).scrollTop -= 600;
                then(time);
            });
        }""",
        box,
    )
    conversation.more(events[301:])
    expect(page.locator(".to-end")).to_be_visible()
    assert not at_end(page, box)


class Keeper:
    """What the server keeps of the events before a number, without the first hundred: they are forgotten."""

    def __init__(self, page: Page, events: list[Event], at_once: int = 3000) -> None:
        self.asked: list[int] = []
        self._kept = events[100:]
        self._at_once = at_once
        page.route("**/studio/api/conversations/c1/earlier?*", self._told)
        page.route("**/studio/api/conversations/c1/events/*", self._whole)

    def _whole(self, route: Route) -> None:
        route.fulfill(json=self._kept[int(route.request.url.rpartition("/")[2]) - 101])

    def _told(self, route: Route) -> None:
        before = int(route.request.url.partition("before=")[2])
        self.asked.append(before)
        there = [event for event in self._kept if event["seq"] < before]
        told = there[-self._at_once :]
        route.fulfill(json={"events": told, "left": len(there) - len(told), "forgotten": 100})


def test_events_that_the_page_does_not_have_are_asked_of_the_server(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    events = many_events(7000)
    keeper = Keeper(watched.page, events)
    played(watched.page, events[5000:], begins_anew=True)
    page = enter(watched, airline, "#/log?c=c1")
    in_log(page, 2000)
    ask = page.get_by_role("button", name="Ask the server for earlier ones")
    expect(page.locator(".log-earlier")).to_contain_text("5,000 events before these are not in the page.")
    page.locator(".log-grid").focus()
    page.keyboard.press("Home")
    expect(page.locator(".log-row.at")).to_contain_text("response.output_item.added")
    place = page.locator(".log-row.at").bounding_box()
    ask.click()
    in_log(page, 5000)
    frames(page)
    expect(page.locator(".log-row.at")).to_have_attribute("aria-rowindex", "3002")
    assert page.locator(".log-row.at").bounding_box() == place  # the reader stays where they were
    expect(page.locator(".to-end")).to_have_count(0)
    expect(page.locator(".log-earlier")).to_contain_text("1,900 events before these are kept by the server.")
    ask.click()
    in_log(page, 6900)
    expect(ask).to_have_count(0)
    expect(page.locator(".log-earlier")).to_contain_text(
        "100 events of the protocol from the beginning are not kept any more."
    )
    assert keeper.asked == [5001, 2001]
    page.locator("#log-text").fill('number 199"')  # it is found among them
    in_log(page, 1)
    page.locator(".log-row").click()
    expect(page.locator(".inspector h2")).to_have_text("error")
    expect(page.locator(".inspector")).to_contain_text("number 199")


def read_back(page: Page, row: int) -> dict[str, float]:
    """The errors in sight of a reader who has gone to a row above the end, and where they stand."""
    page.locator(".log-box").evaluate("(box, row) => (box.scrollTop = row * 24)", row)
    expect(page.locator(".log-row.bad").first).to_be_visible()
    return errors_in_sight(page)


def errors_in_sight(page: Page) -> dict[str, float]:
    """The time of each error that is made, and where it stands."""
    frames(page)
    places: dict[str, float] = page.locator(".log-box").evaluate(
        """(box) => Object.fromEntries([...box.querySelectorAll('.log-row.bad')]
            .map((row) => [row.querySelector('.log-time').textContent, row.getBoundingClientRect().top]))"""
    )
    return places


@pytest.mark.parametrize(
    ("asked", "row"), [(False, 20_000), (False, 54_880), (True, 20_000)], ids=["far", "near", "with earlier ones"]
)
def test_who_reads_back_in_the_log_stays_there_when_the_page_drops_its_oldest_events(
    airline: Studio, visit: Visit, asked: bool, row: int
) -> None:
    watched = visit(airline)
    events = many_events(60_100)
    Keeper(watched.page, events)
    conversation = played(watched.page, events[5000:59_990], begins_anew=True)
    page = enter(watched, airline, "#/log?c=c1")
    in_log(page, 54_990)
    if asked:
        page.get_by_role("button", name="Ask the server for earlier ones").click()
        in_log(page, 57_990)
    seen = read_back(page, row)
    conversation.more(events[59_990:])  # more than the page keeps
    in_log(page, 58_100 if asked else 50_000)
    expect(page.locator(".to-end")).to_have_text("110 new events, to the end")
    now = errors_in_sight(page)
    assert seen and {time: now.get(time) for time in seen} == pytest.approx(seen, abs=1)


def test_where_more_is_asked_for_than_can_be_kept_the_log_tells_of_the_gap(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    events = many_events(105_011)
    Keeper(watched.page, events, at_once=49_900)
    conversation = played(watched.page, events[50_000:105_000], begins_anew=True)
    page = enter(watched, airline, "#/log?c=c1")
    page.get_by_role("button", name="Ask the server for earlier ones").click()
    in_log(page, 104_900)
    expect(page.locator(".log-earlier")).to_have_count(1)
    conversation.more(events[105_000:])
    in_log(page, 100_000)
    gap = page.locator(".log-earlier").filter(
        has_text="4,911 events after 8:21.000 and before 9:10.120 are not in the page."
    )
    gap.get_by_role("button", name="Go on without the earlier ones").click()
    in_log(page, 50_000)
    expect(page.locator(".log-earlier")).to_have_text(re.compile("^55,011 events before these are not in the page."))


def test_what_was_asked_of_the_server_is_forgotten_where_all_is_told_anew(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    events = many_events(3000)
    Keeper(watched.page, events)
    conversation = played(watched.page, events[1000:], begins_anew=True)
    page = enter(watched, airline, "#/log?c=c1")
    page.get_by_role("button", name="Ask the server for earlier ones").click()
    in_log(page, 2900)
    conversation.anew()  # something may have become secret
    in_log(page, 2000)
    expect(page.locator(".log-earlier")).to_contain_text("1,000 events before these are not in the page.")


def test_a_page_with_all_events_asks_for_none(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    played(watched.page, long_talk(20))
    page = enter(watched, airline, "#/log?c=c1")
    expect(page.locator(".log-row").last).to_be_visible()
    expect(page.locator(".log-earlier")).to_have_count(0)


KEPT = """function () {
  return this.filter((map) => { try { return map.has('i:a1'); } catch { return false; } }).length;
}"""


def test_of_a_conversation_that_was_left_no_row_is_kept(airline: Studio, visit: Visit) -> None:
    watched = visit(airline)
    page = watched.page
    played(page, numbered([studio_event("Connected", {"agent": "main"}), placed("a1", "assistant", None)]))
    enter(watched, airline, "#/conversation?c=c1")
    expect(page.locator(".message.agent")).to_be_visible()
    heap = page.context.new_cdp_session(page)

    def kept() -> int:
        maps = heap.send("Runtime.evaluate", {"expression": "Map.prototype"})["result"]["objectId"]
        found = heap.send("Runtime.queryObjects", {"prototypeObjectId": maps})["objects"]["objectId"]
        asked = {"functionDeclaration": KEPT, "objectId": found, "returnByValue": True}
        count = int(heap.send("Runtime.callFunctionOn", asked)["result"]["value"])
        heap.send("Runtime.releaseObject", {"objectId": found})
        return count

    assert kept() > 0
    played(page, numbered([studio_event("Connected", {"agent": "main"}), placed("u2", "user", None)]))
    page.evaluate("location.hash = '#/conversation?c=c2'")
    expect(page.locator(".message.user")).to_be_visible()
    expect(page.locator(".message.agent")).to_have_count(0)
    assert kept() == 0
