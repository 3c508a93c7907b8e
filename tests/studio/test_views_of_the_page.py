"""What the page's views make of a conversation, without a browser: steps, differences, tables, lanes."""

from __future__ import annotations

from typing import Any

from support.node import needs_node, told_by_node
from support.studio_page import Event, numbered, placed, studio_event, trace_event

pytestmark = needs_node

TALK = numbered(
    [
        studio_event("Connected", {}),
        placed("u1", "user", None),
        trace_event("UserSaid", {"text": "The other desk, please."}, item="u1"),
        trace_event("HandedOff", {"call_id": "k0", "to": "qa"}),
        trace_event("ContextChanged", {"variable": "name", "value": "Riley"}, agent="qa"),
        trace_event("StateEntered", {"state": "two", "previous": "one"}, agent="qa"),
        trace_event("StateRefused", {"state": "nine", "reason": "Not yet."}, agent="qa"),
        trace_event("HandedOff", {"call_id": "k1", "to": "main"}, agent="qa"),
        trace_event("HandedOff", {"call_id": "k2", "to": "qa"}),
    ]
)


def told(body: str, events: list[Event] = TALK) -> Any:
    return told_by_node(
        """
        const { initial, reduceAll } = await import(page + 'reduce.js');
        const history = await import(page + 'seeing/history.js');
        const { difference, counts, folded } = await import(page + 'seeing/difference.js');
        const tables = await import(page + 'seeing/tables.js');
        const lanes = await import(page + 'seeing/lanes.js');
        const state = reduceAll(initial(), given);
        """
        + body,
        events,
    )


def test_the_way_of_a_conversation_is_who_is_active_and_how_often_each_edge_was_taken() -> None:
    now, before, at_first = told(
        """
        return [null, 5, 0].map((until) => {
          const { agent, taken, last } = history.way(state, until, 'main');
          return [agent, Object.fromEntries(taken), last];
        });
        """
    )
    assert now == ["qa", {"main>qa": 2, "qa>main": 1}, "main>qa"]
    assert before == ["qa", {"main>qa": 1}, "main>qa"]
    assert at_first == ["main", {}, None]


def test_of_a_range_only_what_happened_in_it_is_counted_and_where_it_is_stays_so() -> None:
    ranged, at_its_end = told(
        """
        const told = ([since, until]) => {
          const { agent, taken, last } = history.way(state, until, 'main', since);
          const { here, refused } = history.moves(state, until, 'qa', 'one', since);
          return [agent, Object.fromEntries(taken), last, here, [...refused.keys()]];
        };
        return [told([8, null]), told([7, 7])];
        """
    )
    assert ranged == ["qa", {"qa>main": 1, "main>qa": 1}, "main>qa", "two", []]
    assert at_its_end == ["qa", {}, None, "two", ["two"]]


def test_a_refused_move_stands_at_the_state_that_was_not_left() -> None:
    here, refused = told(
        """
        const { here, refused } = history.moves(state, null, 'qa', 'one');
        return [here, [...refused].map(([at, moves]) => [at, moves.map((move) => [move.state, move.reason])])];
        """
    )
    assert here == "two" and refused == [["two", [["nine", "Not yet."]]]]


def test_the_steps_are_what_changed_in_order_after_the_beginning() -> None:
    steps = told("return history.steps(state).map((step) => [step.seq, step.kind]);")
    assert steps[0] == [0, "start"]
    assert [kind for _, kind in steps[1:]] == ["turn", "handoff", "context", "state", "refused", "handoff", "handoff"]
    assert [seq for seq, _ in steps] == sorted(seq for seq, _ in steps)


def test_lines_that_differ_are_found_and_long_stretches_of_the_same_are_folded() -> None:
    shown = told(
        """
        const same = Array.from({ length: 20 }, (_, at) => `line ${at}`).join('\\n');
        const lines = difference(`a\\n${same}\\nb\\nc`, `a\\n${same}\\nx\\nc`);
        const rows = folded(lines, 1).map((line) => (line.fold ? line.fold.length : [line.how, line.text]));
        return [counts(lines), rows];
        """
    )
    assert shown == [
        {"added": 1, "removed": 1},
        [20, ["same", "line 19"], ["removed", "b"], ["added", "x"], ["same", "c"]],
    ]


def test_rows_of_a_table_are_held_against_one_another_by_what_tells_them_apart() -> None:
    found = told(
        """
        return tables.cellsOf(
          [{ kind: 'x', id: 1, seat: '9A' }, { kind: 'x', id: 2, seat: '3B' }],
          [{ kind: 'x', id: 2, seat: '3B' }, { kind: 'x', id: 1, seat: '12C' }, { kind: 'x', id: 3, seat: '1A' }],
        ).rows.map((row) => [row.how, row.cells.seat.before ?? null, row.cells.seat.after ?? null]);
        """
    )
    assert found == [["changed", "9A", "12C"], ["new", None, "1A"]]


def test_what_was_not_heard_ends_where_the_ear_was_and_long_silence_within_a_call_is_found() -> None:
    events = numbered(
        [
            trace_event("ToolCalled", {"call_id": "k1", "tool": "look", "arguments": {}}, call="k1", at=1000),
            trace_event(
                "ToolReturned", {"call_id": "k1", "tool": "look", "outcome": "answered", "output": ""}, at=5000
            ),
            placed("a1", "assistant", None),
            studio_event("Heard", {"item": "a1", "ms": 900, "of_ms": 3000, "text": "You"}, item="a1"),
            trace_event("Interrupted", {"heard": "You"}, item="a1"),
            trace_event("AgentSaid", {"text": "You are in.", "interrupted": True, "audio_ms": 3000}, item="a1"),
        ]
    )
    events[2]["at"] = 4000
    spoken, quiet = told(
        """
        const told = lanes.lanesOf(state);
        const [said] = told.lanes.agent;
        return [[said.at, said.heard, said.until, said.kind], lanes.silences(told.lanes)];
        """,
        events,
    )
    assert spoken == [4000, 4900, 7000, "cut"]
    assert quiet == [{"at": 1000, "until": 4000}]
