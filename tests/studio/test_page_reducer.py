"""The page's state is a pure function of the numbered events, however they are cut into batches."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.studio_page import (
    Event,
    PageModules,
    needs_node,
    numbered,
    page_modules,
    placed,
    studio_event,
    trace_event,
    wire_event,
)

pytestmark = needs_node

HERE = Path(__file__).parent
STREAMS = sorted((HERE / "streams").glob("*.jsonl"))


@pytest.fixture(scope="module")
def page() -> Iterator[PageModules]:
    yield from page_modules()


def recorded(path: Path) -> list[Event]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def shown(picture: dict[str, Any]) -> list[str]:
    """The picture as a person would tell it: a line for each row."""
    lines = []
    for key in picture["order"]:
        if key.startswith("i:"):
            item = picture["items"][key[2:]]
            if item["role"] in ("user", "assistant"):
                cut = " (cut off)" if item["cut"] else ""
                lines.append(f"{item['role']}: {item['text'].strip()}{cut}")
        else:
            row = picture["rows"][key]
            call = picture["calls"].get(row.get("call") or "")
            lines.append(f"  {row['kind']}" + (f" {call['tool']} {call['outcome']}" if call else ""))
    return lines


def timeline(page: PageModules, events: list[Event]) -> list[str]:
    """What stands in the lanes of the timeline, and where the slider may stand, a line for each."""
    seen = page.run("seen", events=events)
    lanes = [f"{thing['lane']}: {thing['words'].strip()}" for lane in seen["lanes"].values() for thing in lane]
    return [*lanes, *(f"step {step['seq']}: {step['what']}" for step in seen["steps"])]


@pytest.mark.parametrize("stream", STREAMS, ids=lambda path: path.stem)
def test_a_recorded_stream_becomes_the_expected_picture(page: PageModules, stream: Path) -> None:
    picture = page.picture(recorded(stream))
    seen = {"shown": shown(picture), "timeline": timeline(page, recorded(stream)), "picture": picture}
    text = json.dumps(seen, indent=1, ensure_ascii=False) + "\n"
    expected = HERE / "expected" / f"{stream.stem}.json"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("stream", STREAMS, ids=lambda path: path.stem)
def test_taking_in_an_event_leaves_the_state_before_as_it_was(page: PageModules, stream: Path) -> None:
    assert page.run("pure", events=recorded(stream))


@pytest.mark.parametrize("stream", STREAMS, ids=lambda path: path.stem)
@given(data=st.data())
def test_batches_cut_anywhere_and_events_sent_twice_give_the_same_picture(
    page: PageModules, stream: Path, data: st.DataObject
) -> None:
    events = recorded(stream)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(events) - 1), max_size=8)))
    again = data.draw(st.integers(0, 30))
    assert page.picture(events, cuts=cuts, again=again) == page.picture(events)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda path: path.stem)
def test_events_one_by_one_give_the_picture_of_all_at_once(page: PageModules, stream: Path) -> None:
    assert page.picture(recorded(stream), cuts="each") == page.picture(recorded(stream))


def of_item(number: int) -> list[Event]:
    """All that happens about one item, in its own order; each stands behind the one before."""
    item, before = f"item_{number}", f"item_{number - 1}" if number else None
    if number % 2 == 0:
        return [
            placed(item, "user", before, voice=True),
            wire_event(
                "conversation.item.input_audio_transcription.completed", {"transcript": f"words {number}"}, item=item
            ),
            trace_event("UserSaid", {"text": f"words {number}"}, item=item),
        ]
    return [
        placed(item, "assistant", before),
        studio_event("Delta", {"item": item, "text": "one "}, item=item),
        studio_event("Delta", {"item": item, "text": f"two {number}"}, item=item),
        trace_event("ToolCalled", {"call_id": f"call_{number}", "tool": "look", "arguments": {"n": number}}, item=item),
        trace_event(
            "ToolReturned",
            {"call_id": f"call_{number}", "tool": "look", "outcome": "answered", "output": "1"},
            item=item,
        ),
        trace_event("AgentSaid", {"text": f"one two {number}"}, item=item),
    ]


@given(data=st.data(), count=st.integers(2, 6))
def test_any_interleaving_that_keeps_each_items_own_order_gives_the_same_rows(
    page: PageModules, data: st.DataObject, count: int
) -> None:
    lanes = [of_item(number) for number in range(count)]
    in_order = [event for lane in lanes for event in lane]
    mixed, rest = [], [list(lane) for lane in lanes]
    while any(rest):
        lane = data.draw(st.sampled_from([lane for lane in rest if lane]))
        mixed.append(lane.pop(0))
    assert shown(page.picture(numbered(mixed))) == shown(page.picture(numbered(in_order)))


def test_a_transcript_that_comes_after_the_answer_stands_before_it(page: PageModules) -> None:
    events = numbered(
        [
            placed("u", "user", None, voice=True),
            placed("a", "assistant", "u"),
            trace_event("AgentSaid", {"text": "At eight."}, item="a"),
            wire_event("conversation.item.input_audio_transcription.completed", {"transcript": "When?"}, item="u"),
        ]
    )
    assert shown(page.picture(events)) == ["user: When?", "assistant: At eight."]


def test_each_call_of_one_tool_keeps_its_own_arguments_and_result(page: PageModules) -> None:
    called = [trace_event("ToolCalled", {"call_id": n, "tool": "look", "arguments": {"n": n}}) for n in ("1", "2")]
    returned = [
        trace_event("ToolReturned", {"call_id": n, "tool": "look", "outcome": "answered", "output": f"out {n}"})
        for n in ("2", "1")
    ]
    calls = page.picture(numbered([*called, *returned]))["calls"]
    assert [(calls[n]["arguments"], calls[n]["output"]) for n in ("1", "2")] == [
        ({"n": "1"}, "out 1"),
        ({"n": "2"}, "out 2"),
    ]


def test_a_call_within_a_call_is_its_child_and_no_row_of_its_own(page: PageModules) -> None:
    events = numbered(
        [
            trace_event("ToolCalled", {"call_id": "outer", "tool": "supervisor", "arguments": {}}),
            trace_event("ToolCalled", {"call_id": "inner", "tool": "look", "arguments": {}, "within": "outer"}),
        ]
    )
    picture = page.picture(events)
    assert picture["order"] == ["c:outer"] and picture["calls"]["outer"]["children"] == ["inner"]


def test_a_line_that_ends_leaves_no_call_running_and_none_waiting(page: PageModules) -> None:
    events = numbered(
        [
            trace_event("ToolCalled", {"call_id": "1", "tool": "look", "arguments": {}}),
            trace_event("ToolReturned", {"call_id": "1", "tool": "look", "outcome": "answered", "output": "out"}),
            trace_event("ToolCalled", {"call_id": "2", "tool": "pay", "arguments": {}}),
            studio_event("ApprovalOpen", {"call": "2", "tool": "pay", "arguments": {}, "fields": [], "seconds": None}),
            studio_event("Disconnected", {"reason": "the server ends"}),
        ]
    )
    picture = page.picture(events)
    assert [(call["outcome"], call["decision"]) for call in picture["calls"].values()] == [
        ("answered", None),
        ("lost", "closed"),
    ]
    assert picture["approvals"] == [] and picture["approvalCards"]["2"]["decision"] == "closed"


def test_a_line_that_ends_leaves_nobody_listened_to_and_no_answer_on_its_way(page: PageModules) -> None:
    events = numbered(
        [
            placed("u1", "user", None, voice=True),
            placed("a1", "assistant", "u1"),
            studio_event("Delta", {"item": "a1", "text": "At ei"}, item="a1"),
            trace_event("GuardrailChecked", {"guardrail": "tone", "status": "pending"}, item="a1"),
            placed("a2", "assistant", "a1"),
            placed("a3", "assistant", "a2"),
            trace_event("AgentSaid", {"text": "Anything else?"}, item="a3"),
            placed("u2", "user", "a3", listening=True),
            studio_event("Disconnected", {"reason": "the line was lost"}),
        ]
    )
    items = page.picture(events)["items"]
    assert {item: items[item]["status"] for item in items} == {
        "u1": "lost",
        "a1": "lost",
        "a2": "lost",
        "a3": "done",
        "u2": "lost",
    }
    assert [check["status"] for check in items["a1"]["checks"]] == ["lost"]
    later = wire_event("conversation.item.input_audio_transcription.completed", {"transcript": "When?"}, item="u1")
    assert page.picture(numbered([*events, later]))["items"]["u1"]["status"] == "done"


def test_two_approvals_wait_in_their_order_and_the_second_can_be_settled_first(page: PageModules) -> None:
    opened = [
        studio_event("ApprovalOpen", {"call": n, "tool": "pay", "arguments": {"n": n}, "fields": [], "seconds": None})
        for n in ("1", "2")
    ]
    events = numbered([*opened, studio_event("ApprovalClosed", {"call": "2", "decision": "approved"})])
    assert page.picture(events[:2])["approvals"] == ["1", "2"]
    assert page.picture(events)["approvals"] == ["1"]


def test_an_approval_that_is_asked_again_says_what_was_missing(page: PageModules) -> None:
    field = {"name": "pin", "label": "PIN", "secret": True, "required": True}
    asked = {"call": "1", "tool": "pay", "arguments": {}, "fields": [field], "seconds": 60}
    events = numbered(
        [studio_event("ApprovalOpen", asked), studio_event("ApprovalOpen", {**asked, "unfit": {"pin": "four digits"}})]
    )
    picture = page.picture(events)
    assert picture["approvals"] == ["1"] and picture["approvalCards"]["1"]["unfit"] == {"pin": "four digits"}


def test_words_that_come_after_the_cut_leave_what_was_heard_as_it_is(page: PageModules) -> None:
    events = numbered(
        [
            placed("a", "assistant", None),
            studio_event("Delta", {"item": "a", "text": "You fly at "}, item="a"),
            trace_event("Interrupted", {"heard": "You fly"}, item="a"),
            studio_event("Delta", {"item": "a", "text": "eight."}, item="a"),
        ]
    )
    item = page.picture(events)["items"]["a"]
    assert (item["text"], item["heard"]["text"], item["cut"]) == ("You fly at eight.", "You fly", True)


def test_an_unknown_event_changes_nothing_but_the_number(page: PageModules) -> None:
    before = page.picture(numbered([placed("a", "assistant", None)]))
    after = page.picture(
        numbered([placed("a", "assistant", None), wire_event("constructor", {}), studio_event("toString", {})])
    )
    assert {**after, "seq": before["seq"], "at": before["at"]} == before


def test_ten_thousand_events_are_taken_in_faster_than_they_can_come(page: PageModules) -> None:
    deltas = [studio_event("Delta", {"item": "a", "text": "word "}, item="a") for _ in range(10_000)]
    assert page.run("milliseconds", events=numbered([placed("a", "assistant", None), *deltas]), batch=160) < 1000


def test_who_went_back_is_told_what_cannot_be_undone(page: PageModules) -> None:
    undone = studio_event("Undone", {"turn": 2, "seq": 40, "cannot": [{"what": "http", "name": "book"}]})
    picture = page.picture(numbered([placed("a", "assistant", None), undone]))
    (row,) = picture["rows"].values()
    assert (row["title"], row["text"]) == ("Went back to the end of turn 2", "cannot be undone: http book")


def test_what_happened_behind_a_noise_stands_behind_what_was_before_it_once_the_noise_is_dropped(
    page: PageModules,
) -> None:
    events = [
        placed("u1", "user", None),
        trace_event("UserSaid", {"text": "Hello"}, item="u1"),
        placed("n1", "user", "u1", listening=True),
        trace_event("HandedOff", {"call_id": "k1", "to": "qa"}),
        studio_event("ItemDropped", {"item": "n1"}, item="n1"),
        trace_event("HandedOff", {"call_id": "k2", "to": "main"}, agent="qa"),
        trace_event("UserShowed", {"image": "a.png"}),
    ]
    picture = page.picture(numbered(events))
    assert shown(picture) == ["user: Hello", "  handoff", "  handoff"]
    assert picture["items"]["u1"]["image"] == "a.png"
