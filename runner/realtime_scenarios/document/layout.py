"""Lines of YAML to where each of them begins, and where it could: by their columns alone, whatever they mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

_KEY = re.compile(
    r"""(?P<items>[ ]*(?:-[ ]+)*)"""
    r"""(?:"[^"]*"|'[^']*'|(?P<key>[^\s#&*!|>%@`"'{}\[\],:-][^:#]*?))\s*:(?=\s|$)(?P<value>.*)"""
)
_ITEM = re.compile(r"(?P<items>[ ]*(?:-(?:[ ]+|$))+)(?P<value>.*)")
_OPENS_TEXT = re.compile(r"(?:^|[:-])\s+[|>][+-]?\d?[+-]?\s*(?:#.*)?$")
_NO_VALUE = re.compile(r"\s*(?:[&!]\S+\s*)?(?:#.*)?$")


_MOST_ODD = 8
"""Of more lines than this that begin oddly, something else is the matter."""


class Line(Struct, frozen=True):
    """A line that a key or a list item begins on. Lines and columns count from 0.

    `key` is its first key, None: it has none. `inner` is the column of what stands behind its `- `. `owner` is the line
    of what its block belongs to, None: nothing; `is_first` in that block. `is_open`: its value can only follow below.
    `is_cut`: it ends blocks above, and goes on with none of those around them. `is_text`: it is part of a text so far.
    `columns` are those of the blocks that it could go on with.
    """

    number: int
    indent: int
    inner: int
    key: str | None
    is_item: bool
    is_open: bool
    owner: int | None
    is_first: bool
    is_cut: bool
    is_text: bool
    columns: tuple[int, ...]


class _Block(Struct):
    """A block that is not over yet; `last` is its last line so far."""

    column: int
    is_list: bool
    owner: int | None
    last: int


class Layout:
    """The structure of a text, line by line. `steps` is how much further in blocks begin than what they belong to."""

    def __init__(self, text: Sequence[str]) -> None:
        self.lines = {line.number: line for line in _lines_of_structure(text)}
        self._order = [line for line in self.lines.values() if not line.is_text]
        taken = Counter(step for line in self._order if (step := self._step_to(line)) is not None)
        del taken[(False, 0)]  # a mapping on the line below its `-`, which begins there of necessity
        most = {is_list: max((taken[step] for step in taken if step[0] == is_list), default=0) for is_list in (0, 1)}
        self._usual = {(False, 0), *(step for step, times in taken.items() if times * 3 > most[step[0]])}

    @property
    def oddities(self) -> int:
        """How many lines begin where nothing in this text would make them begin."""
        return sum(map(self.is_odd, self._order))

    def is_odd(self, line: Line) -> bool:
        step = self._step_to(line)
        is_unusual = step is not None and step not in self._usual
        return line.is_cut or is_unusual or (step is not None and not self.lines[line.owner or 0].is_open)

    def columns_for(self, line: Line) -> Iterator[int]:
        """Where a line could begin: as a block above does, or a usual step further in than the line above."""
        columns = [*line.columns, 0]
        above = max((other.number for other in self._order if other.number < line.number), default=None)
        if above is not None and self.lines[above].is_open:
            columns += [self.lines[above].inner + step for _, step in self._usual]
        yield from (column for column in dict.fromkeys(columns) if column != line.indent)

    def numbers_around(self, number: int, before: int, behind: int) -> set[int]:
        """The lines before and behind a line, with those inside of texts there, the odd ones and what owns these."""
        above = [line.number for line in self._order if line.number <= number][-before:]
        below = [line.number for line in self._order if line.number > number][:behind]
        odd = [line for line in self._order if self.is_odd(line)]
        odd = sorted(odd, key=lambda line: abs(line.number - number))[:_MOST_ODD]
        first, last = min(above, default=0), max(below, default=number)
        texts = [line.number for line in self.lines.values() if line.is_text and first <= line.number <= last]
        owners = [line.owner for line in odd if line.owner is not None]
        return {*above, *below, *texts, *owners, *(line.number for line in odd)}

    def end_of_owner(self, number: int) -> int:
        """Behind the last line of the block that a line stands in, and of what that belongs to."""
        line = self.lines[number]
        inside = line.indent if line.owner is None else self.lines[line.owner].indent + 1
        outside = (other.number for other in self._order if other.number > number and other.indent < inside)
        return min(outside, default=max(self.lines) + 1)

    def owners_of(self, number: int, most: int | None = None) -> Iterator[int]:
        """The lines of what a line belongs to, from the nearest outwards, at most so many of them."""
        line = self.lines.get(number)
        while line is not None and line.owner is not None and most != 0:
            yield line.owner
            line, most = self.lines.get(line.owner), None if most is None else most - 1

    def has_neighbour(self, number: int) -> bool:
        """Whether a line stands in a block with others."""
        line = self.lines[number]
        return any(
            other.number != number and (other.owner, other.indent) == (line.owner, line.indent) for other in self._order
        )

    def blocks_below(self, line: Line) -> list[Line]:
        """The lines that stand below a line in its own column, up to the end of its block."""
        found: list[Line] = []
        for other in self._order:
            if other.number > line.number:
                if other.indent < line.inner:
                    break
                if other.indent == line.inner:
                    found.append(other)
        return found

    @property
    def usual_step(self) -> int:
        """How much further in a mapping begins than what it belongs to."""
        return next((step for is_list, step in self._usual if step > 0 and not is_list), 2)

    def _step_to(self, line: Line) -> tuple[bool, int] | None:
        if not line.is_first or line.owner is None:
            return None
        return line.is_item, line.indent - self.lines[line.owner].inner


def end_of_block(text: Sequence[str], number: int) -> int:
    """Behind the last line of what belongs to a line: those below it that are further in."""
    indent = indent_of(text[number])
    end = number + 1
    for following in range(number + 1, len(text)):
        if text[following].strip():
            if indent_of(text[following]) <= indent:
                break
            end = following + 1
    return end


def indent_of(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def opens_text(line: str) -> bool:
    """Whether a text may begin on the line below, after `|` or `>`."""
    return _OPENS_TEXT.search(line) is not None


def _lines_of_structure(text: Sequence[str]) -> Iterator[Line]:
    blocks: list[_Block] = []
    text_deeper_than: int | None = None
    for number, written in enumerate(text):
        match = _KEY.match(written) or _ITEM.match(written)
        if not written.strip() or written.lstrip().startswith("#"):
            continue
        indent = indent_of(written)
        is_text = text_deeper_than is not None and indent > text_deeper_than
        if not is_text:
            text_deeper_than = None
        if match is None:
            continue
        inner, is_item = len(match["items"]), written.lstrip(" ").startswith("-")
        key, is_open = match.groupdict().get("key"), _NO_VALUE.match(match["value"]) is not None
        columns = tuple(dict.fromkeys(block.column for block in blocks))
        if is_text:
            yield Line(number, indent, inner, key, is_item, is_open, None, False, False, True, columns)
            continue
        is_cut = _ended(blocks, indent, is_list=is_item)
        is_first = not blocks or blocks[-1].column != indent or blocks[-1].is_list != is_item
        if is_first:
            blocks.append(_Block(indent, is_item, blocks[-1].last if blocks else None, number))
        blocks[-1].last = number
        owner = blocks[-1].owner
        if is_item and match.re is _KEY:
            blocks.append(_Block(inner, False, number, number))
        yield Line(number, indent, inner, key, is_item, is_open, owner, is_first, is_cut, False, columns)
        if opens_text(written):
            text_deeper_than = inner


def _ended(blocks: list[_Block], indent: int, *, is_list: bool) -> bool:
    """End the blocks that do not go on in that column; whether some end, and none goes on."""
    before = len(blocks)
    while blocks and blocks[-1].column > indent:
        blocks.pop()
    if blocks and blocks[-1].column == indent and blocks[-1].is_list and not is_list:
        blocks.pop()  # a list that begins in the column of its key
    return len(blocks) < before and (not blocks or blocks[-1].column < indent)
