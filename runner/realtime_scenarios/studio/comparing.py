"""Two conversations side by side: turn by turn, and in a turn what is alike beside each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from msgspec import Struct

from realtime_scenarios.studio.results import turns_data
from realtime_scenarios.trace import Trace

Line = dict[str, Any]


class Side(Struct, frozen=True):
    """One of the two. `title` is what people call it, `status` what came of it, None: nothing was held against it."""

    title: str
    trace: Trace
    name_of: Callable[[str], str]
    status: str | None = None
    marked: frozenset[int | None] = frozenset()


def compared(left: Side, right: Side) -> dict[str, Any]:
    """Both, with a row for each pair of lines; where one has nothing to put beside the other's, it is null."""
    turns = list(_turns(left, right))
    return {
        "left": {"title": left.title, "status": left.status},
        "right": {"title": right.title, "status": right.status},
        "turns": turns,
        "different": sum(not turn["same"] for turn in turns),
    }


def _turns(left: Side, right: Side) -> Iterator[dict[str, Any]]:
    sides = [
        {turn["number"]: turn["lines"] for turn in turns_data(side.trace.events, side.marked, side.name_of)}
        for side in (left, right)
    ]
    for number in sorted({*sides[0], *sides[1]}):
        rows = list(_rows(sides[0].get(number, []), sides[1].get(number, [])))
        yield {"number": number, "same": all(row["same"] for row in rows), "rows": rows}


def _rows(left: Sequence[Line], right: Sequence[Line]) -> Iterator[dict[str, Any]]:
    """Lines that say the same are beside each other; so are those between them that are of one kind, in their order."""
    matcher = SequenceMatcher(
        None, [_type_and_text(line) for line in left], [_type_and_text(line) for line in right], autojunk=False
    )
    for tag, first, last, other, end in matcher.get_opcodes():
        if tag == "equal":
            for pair in zip(left[first:last], right[other:end], strict=True):
                yield {"left": pair[0], "right": pair[1], "same": True}
        else:
            yield from _paired(left[first:last], right[other:end])


def _paired(left: Sequence[Line], right: Sequence[Line]) -> Iterator[dict[str, Any]]:
    kinds = SequenceMatcher(None, [line["type"] for line in left], [line["type"] for line in right], autojunk=False)
    for tag, first, last, other, end in kinds.get_opcodes():
        if tag == "equal":
            pairs = zip_longest(left[first:last], right[other:end])
            yield from ({"left": first_line, "right": second_line, "same": False} for first_line, second_line in pairs)
        else:
            yield from ({"left": line, "right": None, "same": False} for line in left[first:last])
            yield from ({"left": None, "right": line, "same": False} for line in right[other:end])


def _type_and_text(line: Line) -> tuple[str, str]:
    return line["type"], line["text"]
