"""The order of items, as the wire tells it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from realtime_scenarios.studio.ordering import Change, Order


def message(item: str, role: str = "user", text: str = "") -> dict[str, Any]:
    content = [{"type": "input_text", "text": text}] if text else []
    return {"id": item, "type": "message", "role": role, "content": content}


def added(item: str, after: str | None, role: str = "user", text: str = "") -> dict[str, Any]:
    return {
        "type": "conversation.item.added",
        "previous_item_id": after,
        "item": message(item, role, text),
    }


def started(item: str) -> dict[str, Any]:
    return {"type": "input_audio_buffer.speech_started", "item_id": item, "audio_start_ms": 0}


def committed(item: str, after: str | None) -> dict[str, Any]:
    return {"type": "input_audio_buffer.committed", "item_id": item, "previous_item_id": after}


def transcribed(item: str, text: str) -> dict[str, Any]:
    return {"type": "conversation.item.input_audio_transcription.completed", "item_id": item, "transcript": text}


def told(order: Order, *events: Mapping[str, Any]) -> list[Change]:
    return [change for event in events for change in order.told(event)]


def drawn(changes: Iterable[Change]) -> list[str]:
    """The rows that a page makes of the changes, by the one rule that it has: an item stands right after another."""
    rows: list[str] = []
    for change in changes:
        if change.kind == "ItemPlaced":
            if change.item in rows:
                rows.remove(change.item)
            after = change.data["after"]
            rows.insert(0 if after is None else rows.index(after) + 1, change.item)
        elif change.kind == "ItemDropped":
            rows.remove(change.item)
    return rows


def texts(changes: Iterable[Change]) -> dict[str, str]:
    found: dict[str, str] = {}
    for change in changes:
        if change.kind == "Delta":
            before = "" if change.data.get("replaces") else found.get(change.item, "")
            found[change.item] = before + change.data["text"]
    return found


def test_a_late_transcript_fills_its_row_and_moves_none() -> None:
    order = Order()
    changes = told(
        order,
        started("u1"),
        committed("u1", None),
        added("u1", None),
        added("a1", "u1", "assistant"),
        started("u2"),
        committed("u2", "a1"),
        added("u2", "a1"),
        added("a2", "u2", "assistant"),
        transcribed("u2", "and the second"),
        transcribed("u1", "the first"),
    )
    assert drawn(changes) == ["u1", "a1", "u2", "a2"]
    assert texts(changes) == {"u1": "the first", "u2": "and the second"}


def test_what_is_typed_stands_with_its_text_when_it_comes() -> None:
    assert texts(told(Order(), added("u1", None, text="hello"))) == {"u1": "hello"}


def test_a_row_is_tentative_while_a_voice_is_heard_and_goes_when_it_was_none() -> None:
    order = Order()
    changes = told(order, added("a1", None, "assistant"), started("u1"))
    assert changes[-1].data == {"item": "u1", "role": "user", "after": "a1", "listening": True}
    changes += told(order, {"type": "input_audio_buffer.cleared"})
    assert drawn(changes) == ["a1"]


def test_who_cuts_in_while_the_agent_goes_on_stands_behind_all_of_its_answer() -> None:
    changes = told(
        Order(),
        added("a1", None, "assistant"),
        started("u1"),
        {"type": "response.output_item.added", "item": {"id": "f1", "type": "function_call", "call_id": "call_1"}},
        {**added("f1", "a1"), "item": {"id": "f1", "type": "function_call", "call_id": "call_1", "name": "look"}},
        committed("u1", "f1"),
    )
    assert drawn(changes) == ["a1", "f1", "u1"]


def test_an_item_whose_predecessor_has_not_come_waits_at_the_end_and_is_moved_once() -> None:
    order = Order()
    changes = told(order, added("a", None), added("c", "b"), added("x", "a"))
    assert drawn(changes) == ["a", "x", "c"]
    changes += told(order, added("b", "a"))
    assert drawn(changes) == ["a", "b", "c", "x"] or drawn(changes) == ["a", "b", "x", "c"]
    assert [change.item for change in changes].count("c") <= 2
    assert drawn(changes) == list(order.items)


def test_an_item_that_follows_itself_or_goes_in_a_circle_stands_once() -> None:
    order = Order()
    changes = told(order, added("a", "a"), added("b", "c"), added("c", "b"))
    assert sorted(drawn(changes)) == ["a", "b", "c"]


def test_a_text_before_its_item_waits_for_it() -> None:
    order = Order()
    assert list(order.text("a1", "hel")) == []
    changes = told(order, added("a1", None, "assistant"))
    changes += list(order.text("a1", "lo"))
    assert texts(changes) == {"a1": "hello"}


def test_a_text_whose_item_never_comes_is_shown_at_the_end_all_the_same() -> None:
    order = Order()
    changes = [*told(order, added("u1", None)), *order.text("a1", "lost")]
    assert order.early == ("a1",)
    changes += order.shown_all_the_same("a1")
    assert drawn(changes) == ["u1", "a1"]
    assert texts(changes) == {"a1": "lost"}
    assert changes[1].data["out_of_order"]


def test_a_transcript_that_is_another_than_its_pieces_replaces_them() -> None:
    order = Order()
    pieces = {"type": "conversation.item.input_audio_transcription.delta", "item_id": "u1", "delta": "I scream"}
    changes = told(order, added("u1", None), pieces, transcribed("u1", "Ice cream"))
    assert texts(changes) == {"u1": "Ice cream"}


def test_what_another_session_begins_with_stands_behind_what_there_is() -> None:
    order = Order()
    changes = told(order, added("a", None), added("b", "a"))
    order.begin_session()
    changes += told(order, added("restored_1", None), added("c", "restored_1"), added("d", None))
    assert drawn(changes)[:3] in (["a", "b", "c"], ["a", "b", "d"])
    assert "restored_1" not in drawn(changes)


@given(st.permutations(range(5)), st.lists(st.integers(0, 4), min_size=5, max_size=5))
def test_whatever_order_items_come_in_the_page_draws_what_the_server_has(came: list[int], moments: list[int]) -> None:
    chain = [None, "i0", "i1", "i2", "i3"]
    order = Order()
    changes: list[Change] = []
    for step, number in enumerate(came):
        changes += told(order, added(f"i{number}", chain[number], "assistant"))
        for late in itertools.compress(came[: step + 1], [moment == step for moment in moments]):
            changes += told(order, transcribed(f"i{late}", f"text {late}"))
    assert drawn(changes) == list(order.items)
    assert sorted(order.items) == [f"i{number}" for number in range(5)]
    moves = [change.item for change in changes if change.kind == "ItemPlaced"]
    assert all(moves.count(item) <= 2 for item in moves)


@given(st.permutations(range(4)))
def test_items_of_one_chain_stand_in_its_order_however_they_come(came: list[int]) -> None:
    chain = ["root", "i0", "i1", "i2"]
    order = Order()
    changes = [change for number in came for change in told(order, added(f"i{number}", chain[number]))]
    assert drawn(changes) == ["i0", "i1", "i2", "i3"]
