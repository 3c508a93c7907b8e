"""A transcript is drawn in pieces: whatever comes, goes and moves, each row stands once, in its place."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from support.node import needs_node, told_by_node

pytestmark = needs_node

_DRAWN = """
const { Pieces } = await import(page + 'pieces.js');
const pieces = new Pieces();
const made = new Map();
const row = (key) => made.get(key) ?? made.set(key, { key, height: 10, vnode: { key } }).get(key);
const drawn = (keys) => pieces.of(keys.map(row)).map((piece) => ({ piece, rows: [piece.props.children].flat(2) }));
return given.map((keys) => {
  const first = drawn(keys);
  const again = drawn(keys);
  return {
    pieces: first.map(({ piece, rows }) => [piece.key, rows.map((vnode) => vnode.key)]),
    kept: first.every(({ piece }, index) => piece === again[index].piece),
  };
});
"""


def drawn(steps: list[list[int]]) -> list[dict[str, Any]]:
    """The pieces after each step, [number, rows]; and whether none of them is made anew where nothing has changed."""
    told: list[dict[str, Any]] = told_by_node(_DRAWN, steps)
    return told


@settings(max_examples=25)
@given(st.lists(st.lists(st.integers(0, 150), unique=True, max_size=120), min_size=1, max_size=12))
def test_each_row_stands_once_and_in_its_place(steps: list[list[int]]) -> None:
    for rows, told in zip(steps, drawn(steps), strict=True):
        numbers = [number for number, _ in told["pieces"]]
        assert [row for _, own in told["pieces"] for row in own] == rows
        assert len(set(numbers)) == len(numbers)
        assert all(own for _, own in told["pieces"])
        assert told["kept"]


def test_a_row_stays_in_its_piece_whatever_comes_after_it_and_goes_before_it() -> None:
    steps = [list(range(first, first + 100)) for first in range(0, 300, 7)]
    piece_of: dict[int, set[int]] = {}
    for told in drawn(steps):
        for number, own in told["pieces"]:
            for row in own:
                piece_of.setdefault(row, set()).add(number)
    assert all(len(numbers) == 1 for numbers in piece_of.values())
    sizes = [len(list(rows)) for _, rows in groupby(sorted(number for (number,) in piece_of.values()))]
    assert max(sizes) == 24
