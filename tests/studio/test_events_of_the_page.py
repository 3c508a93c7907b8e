"""The events that the page keeps, and those that its log has asked of the server, run by node without a page."""

from __future__ import annotations

from typing import Any

from support.node import needs_node, told_by_node

pytestmark = needs_node


def told(body: str) -> Any:
    """What comes of a page that has 54,990 events from number 10,001 on: 5,001 go when there are 11 more."""
    return told_by_node(
        """
        const { Events } = await import(page + 'events.js');
        const { letGo, logged, takeIn } = await import(page + 'log_earlier.js');
        const numbers = (from, to, layer = 'wire') => Array.from({ length: to - from + 1 }, (_, at) => ({ seq: from + at, layer, type: 'x', at: from + at }));
        const events = new Events();
        events.append(numbers(10_001, 64_990));
        const answer = (from, to) => ({ events: numbers(from, to), left: from - 1, forgotten: 0 });
        const more = (count) => events.append(numbers(events.list.at(-1).seq + 1, events.list.at(-1).seq + count));
        const whole = (list) => list.every((event, at) => at === 0 || event.seq === list[at - 1].seq + 1);
        const seen = () => {
          const { list } = logged(events);
          return [list[0].seq, list.length, whole(list)];
        };
        """
        + body
    )


def test_what_was_asked_for_stays_and_what_leaves_the_page_joins_it() -> None:
    first, then, again, dropped = told(
        """
        takeIn(events, answer(5001, 10_000), 10_001);
        const first = seen();
        more(11);
        const then = seen();
        takeIn(events, answer(4001, 5000), 10_001);
        more(5001);
        return [first, then, seen(), events.dropped];
        """
    )
    assert first == [5001, 59_990, True]
    assert then == [5001, 60_001, True]
    assert again == [4001, 66_002, True]
    assert dropped == 10_002


def test_of_very_many_no_more_is_kept_and_the_gap_is_counted() -> None:
    kept, gap, first, rest = told(
        """
        takeIn(events, answer(5001, 10_000), 10_001);
        for (let at = 0; at < 14; at += 1) more(5001);
        const { list } = logged(events);
        const last = list.findIndex((event, index) => index > 0 && event.seq !== list[index - 1].seq + 1) - 1;
        return [events.earlier.events.length, events.earlier.gap, list[0].seq, list[last + 1].seq - list[last].seq - 1];
        """
    )
    assert kept == 50_000
    assert first == 5001
    assert gap == rest > 0


def test_what_is_let_go_leaves_what_the_page_has() -> None:
    assert told(
        """
        takeIn(events, answer(5001, 10_000), 10_001);
        letGo(events);
        return seen();
        """
    ) == [10_001, 54_990, True]


def test_what_was_told_while_the_page_dropped_events_is_known_not_to_join() -> None:
    gap, kept = told(
        """
        more(11);
        takeIn(events, answer(5001, 10_000), 10_001);
        more(5001);
        return [events.earlier.gap, events.earlier.events.length];
        """
    )
    assert gap == 10_002 and kept == 5000


def test_of_a_picture_only_what_stands_before_what_was_asked_for_leaves_the_log() -> None:
    before, after, dropped = told(
        """
        events.clear();
        events.append([...numbers(1, 3000, 'trace'), ...numbers(10_001, 61_990)]);
        takeIn(events, answer(5001, 10_000), 10_001);
        const before = [logged(events).list[0].seq, logged(events).list.length];
        more(11);
        return [before, seen(), logged(events).dropped];
        """
    )
    assert before == [1, 59_990]
    assert after == [5001, 57_001, True]
    assert dropped == 3000


def test_another_list_has_nothing_of_what_was_asked_for() -> None:
    assert (
        told(
            """
        takeIn(events, answer(5001, 10_000), 10_001);
        events.clear();
        return events.earlier;
        """
        )
        is None
    )
