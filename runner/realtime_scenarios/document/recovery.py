"""A text that is no YAML to the YAML around its mistakes: each broken stretch is left out and told.

A parser stops at its first complaint, and complains where it noticed, not where the mistake is. So the stretch that is
left out is the smallest without which it gets well past it. Quotes that stay open hide everything up to the next
quote, so those are looked for first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

import yaml
from yaml.nodes import Node

from realtime_scenarios.core import Diagnostic, Span, in_reading_order
from realtime_scenarios.document.codes import finding
from realtime_scenarios.document.files import lines_of
from realtime_scenarios.document.nodes import TooDeep, composed
from realtime_scenarios.document.syntax import line_of_problem, syntax_findings

MOST_MISTAKES = 20
_BUDGET = 6_000_000
"""Characters that are parsed in search of more mistakes."""

_FURTHEST_MOVE = 3
"""Columns that a line may be off without being meant."""

_KEY = re.compile(r"""\s*(?:-\s+)*(?:"[^"]*"|'[^']*'|[^\s#&*!|>%@`"'{}\[\],:-][^:#]*):(?=\s|$)""")
_ITEM = re.compile(r"\s*(?:-\s+)*-(?=\s|$)")
_CLOSE_LIST = "add ',' between items, and ']' at the end"
_STUCK_COMMENT = re.compile(r"\s(#)\w")
"""A `#` that was hardly meant as a comment: those have a blank behind it."""

_CLOSE_MAPPING = "add ',' between entries, and '}' at the end"
_BLOCK_TEXT = re.compile(r"(?:^|[:-])\s+[|>][+-]?\d?[+-]?\s*(?:#.*)?$")
_OPENS_BLOCK = re.compile(r"(?:[:-]|[|>][+-]?\d?[+-]?)\s*(?:#.*)?$")
_OPENING_QUOTE = re.compile(r"""(?:^\s*|[:-]\s+|[\[{,]\s*)(["'])""")
_CLOSING = {'"': re.compile(r'(?<!\\)(?:\\\\)*"'), "'": re.compile(r"(?<!')(?:'')*'(?!')")}


class Rest(NamedTuple):
    """What is left of a text. `root` None: too little to be looked at. `left_out` are lines, counted from 0.

    `moved` says of lines by how many columns further right they were read than they stand.
    """

    root: Node | None
    found: list[Diagnostic]
    left_out: frozenset[int]
    moved: Mapping[int, int]


class _Trial(NamedTuple):
    """A text without a stretch of lines, and what the parser says of it; `problem` None: it is YAML now."""

    lines: list[str]
    start: int
    end: int
    problem: yaml.YAMLError | None
    root: Node | None

    @property
    def reached(self) -> float:
        return float("inf") if self.problem is None else line_of_problem(self.problem)

    @property
    def is_well_past(self) -> bool:
        """Whether the next complaint is so far on that it must be about something else, or about a list further on."""
        context: yaml.Mark | None = getattr(self.problem, "context_mark", None)
        begins_later = context is not None and context.line >= self.end
        return self.reached > self.end + 1 or (begins_later and "flow" in str(getattr(self.problem, "context", "")))


class _Moved(NamedTuple):
    """A text with one line, counted from 0, moved from one indentation to another, and what the parser says of it."""

    number: int
    before: int
    after: int
    lines: list[str]
    problem: yaml.YAMLError | None
    root: Node | None

    def finding_in(self, file: str) -> Diagnostic:
        by = abs(self.after - self.before)
        message = f"this line begins in column {self.before + 1}, but what it stands beside begins in {self.after + 1}"
        hint = f"move it {by} to the {'left' if self.after < self.before else 'right'}"
        return finding("yaml-syntax", message, _span_at(file, self.number, self.before), hint)


def recovered(problem: yaml.YAMLError, text: str, file: str) -> Rest:
    """All mistakes that keep `text` from being YAML, as far as they can be told apart, and the nodes around them."""
    search = _Search(lines_of(text), file, _BUDGET // (len(text) + 1))
    root = search.rest(problem)
    return Rest(root, in_reading_order(search.found), frozenset(search.left_out), search.moved)


class _Search:
    """`parses` is how often the text may still be parsed."""

    def __init__(self, lines: list[str], file: str, parses: int) -> None:
        self.found: list[Diagnostic] = []
        self.left_out: set[int] = set()
        self.moved: dict[int, int] = {}
        self._original = lines
        self._lines = lines
        self._file = file
        self._parses = parses

    def rest(self, problem: yaml.YAMLError | None) -> Node | None:
        """Tell what is wrong, and leave it out; the root of what is left, or None where the end was not reached."""
        assert problem is not None
        quotes = list(_quotes_left_open(self._lines))[:MOST_MISTAKES]
        root: Node | None = None
        for line, column in quotes:
            here = _span_at(self._file, line, column)
            message = "the quote that opens here is never closed"
            self.found.append(finding("yaml-syntax", message, here, "add the closing quote"))
            trial = _trial_without(self._lines, line, line + 1, keep_key=True)
            self._leave_out(trial)
            problem, root = trial.problem, trial.root
        for _ in range(MOST_MISTAKES):
            if problem is None:
                return root
            if (moved := self._moved_line(problem)) is not None:
                self.found.append(moved.finding_in(self._file))
                self.moved[moved.number] = self.moved.get(moved.number, 0) + moved.after - moved.before
                self._lines, problem, root = moved.lines, moved.problem, moved.root
                continue
            if not self._is_only_an_anchor_left_out(problem):
                self.found += syntax_findings(problem, "\n".join(self._lines), self._file)
            best = self._best_trial(problem)
            if best is None:
                return None
            is_far_from_cause = self.found and (self.found[-1].span.line > best.end or self._is_behind_the_end(problem))
            if is_far_from_cause and best.end == best.start + 1:
                self.found[-1] = self._moved_to_cause(self.found[-1], problem, best.start)
            self._leave_out(best)
            problem, root = best.problem, best.root
        return None

    def _moved_line(self, problem: yaml.YAMLError) -> _Moved | None:
        """The line where the parser stopped, moved to where the lines that it belongs beside begin; None: no such slip.

        So nothing has to be left out, and what stands below the line is still its own.
        """
        number = line_of_problem(problem)
        if "did not find expected" not in str(getattr(problem, "problem", "")) or not 0 < number < len(self._lines):
            return None
        line = self._lines[number]
        if not (_KEY.match(line) or _ITEM.match(line)) or "block" not in str(getattr(problem, "context", "")):
            return None
        for indent in _indents_beside(self._lines, number):
            self._parses -= 1
            if self._parses < 0:
                return None
            lines = [*self._lines[:number], " " * indent + line.lstrip(" "), *self._lines[number + 1 :]]
            moved = _Moved(number, _indent_of(line), indent, lines, *_parsed(lines))
            if moved.problem is None or line_of_problem(moved.problem) >= _end_of_owner(lines, number):
                return moved
        return None

    def _is_behind_the_end(self, problem: yaml.YAMLError) -> bool:
        """Whether the parser only noticed when the text was over, on a line that the text does not have."""
        mark = getattr(problem, "problem_mark", None)
        return mark is not None and mark.line >= len(self._lines)

    def _moved_to_cause(self, found: Diagnostic, problem: yaml.YAMLError, line: int) -> Diagnostic:
        """The finding at the line without which there is nothing to complain about, unless it is sure of its own."""
        if "needs quotes" in found.message:
            return found
        context: yaml.Mark | None = getattr(problem, "context_mark", None)
        bracket = re.search(r"[\[{]", self._lines[line])
        if bracket is None or context is None or "flow" not in str(getattr(problem, "context", "")):
            here = _span_at(self._file, line, _indent_of(self._lines[line]))
            return finding(found.name, found.message, here, found.hint)
        column = context.column if context.line == line else bracket.start()
        here = _span_at(self._file, line, column)
        if (comment := _STUCK_COMMENT.search(self._lines[line], column)) is not None:
            here = _span_at(self._file, line, comment.start(1))
            message = "a comment begins at this '#', before what opens in this line is closed"
            return finding(found.name, message, here, "put the text that holds it in quotes")
        if self._lines[line][column] == "{":
            return finding(found.name, "the mapping in {...} that opens here is not closed", here, _CLOSE_MAPPING)
        return finding(found.name, "the list in [...] that opens here is not closed", here, _CLOSE_LIST)

    def _leave_out(self, trial: _Trial) -> None:
        self.left_out |= set(range(trial.start, trial.end))
        self._lines = trial.lines

    def _best_trial(self, problem: yaml.YAMLError) -> _Trial | None:
        """The stretch to leave out; None where the parser gets no further without any."""
        singles = list(_suspect_lines(self._lines, problem))
        furthest: _Trial | None = None
        owned = [next(_enclosing_blocks(self._lines, start)) for start, _ in singles]
        noticed = min(line_of_problem(problem), len(self._lines) - 1)  # see `_is_behind_the_end`
        for start, end in (*singles, *owned, *_enclosing_blocks(self._lines, noticed)):
            if self.left_out.issuperset(range(start, end)):
                continue
            for keep_key in (True, False):
                self._parses -= 1
                if self._parses < 0:
                    return None
                trial = _trial_without(self._lines, start, end, keep_key=keep_key)
                if trial.reached >= end and (furthest is None or trial.reached > furthest.reached):
                    furthest = trial
            if furthest is not None and furthest.is_well_past and (start, end) not in singles[:-1]:
                return furthest
        return furthest

    def _is_only_an_anchor_left_out(self, problem: yaml.YAMLError) -> bool:
        """Whether an alias is only unknown because its anchor has been left out."""
        mark = getattr(problem, "problem_mark", None)
        if mark is None or "undefined alias" not in str(getattr(problem, "problem", "")):
            return False
        name = re.match(r"\*([^\s,\[\]{}]*)", self._lines[mark.line][mark.column :])
        anchor = re.compile(rf"&{re.escape(name[1] if name else '')}(?=[\s,\]}}]|$)")
        return any(anchor.search(self._original[line]) for line in self.left_out)


def _quotes_left_open(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Line and column of quotes that are not closed before the text they would swallow goes on further out."""
    number = 0
    while number < len(lines):
        line = lines[number]
        indent = _indent_of(line)
        number += 1
        if _BLOCK_TEXT.search(line):
            while number < len(lines) and (not lines[number].strip() or _indent_of(lines[number]) > indent):
                number += 1
            continue
        column = _open_quote(line)
        if column is None:
            continue
        closing = _CLOSING[line[column]]
        following = number
        while following < len(lines) and (not lines[following].strip() or _indent_of(lines[following]) > indent):
            if closing.search(lines[following]):
                break
            following += 1
        else:
            yield number - 1, column


def _open_quote(line: str) -> int | None:
    """Where a quote opens that is not closed on the line; None where all are."""
    position = 0
    while (quote := _OPENING_QUOTE.search(line, position)) is not None:
        end = _CLOSING[quote[1]].search(line, quote.end())
        if end is None:
            return quote.start(1)
        position = end.end()
    return None


def _suspect_lines(lines: list[str], problem: yaml.YAMLError) -> Iterator[tuple[int, int]]:
    """The line where the parser stopped, the one before it, and the one where what it was in begins."""
    here = line_of_problem(problem)
    context: yaml.Mark | None = getattr(problem, "context_mark", None)
    words = str(getattr(problem, "context", ""))
    begun = context.line if context is not None and "block" not in words else here
    if "single document" in words:
        yield here, len(lines)
        return
    above = here if "expected ':'" in str(getattr(problem, "problem", "")) else here - 1
    for number in dict.fromkeys((here, begun, above)):
        if 0 <= number < len(lines):
            yield number, number + 1


def _trial_without(lines: list[str], start: int, end: int, *, keep_key: bool) -> _Trial:
    head = _KEY.match(lines[start]) or _ITEM.match(lines[start]) if keep_key else None
    first = f"{head[0]} null" if head is not None else ""
    # Blank lines stay, so that marks go on counting the lines of the file.
    without = [*lines[:start], first, *[""] * (end - start - 1), *lines[end:]]
    return _Trial(without, start, end, *_parsed(without))


def _parsed(lines: list[str]) -> tuple[yaml.YAMLError | None, Node | None]:
    """What the parser says of the lines, and what it makes of them; one of the two is None."""
    try:
        return None, composed("\n".join(lines))
    except yaml.YAMLError as problem:
        return problem, None
    except TooDeep:
        return yaml.YAMLError(), None  # has no mark: counts as no line further


def _indents_beside(lines: list[str], number: int) -> list[int]:
    """Where a line may have been meant to begin: as lines above it do, the likeliest first.

    What stands below it must stay below it. Likeliest is where the lines above have what stands below them begin in the
    same column, then what is nearest, then what the line above does.
    """
    here = _indent_of(lines[number])
    below = next((_indent_of(line) for line in lines[number + 1 :] if line.strip()), 0)
    inner = below if below > here and _OPENS_BLOCK.search(lines[number]) else None
    above = [line for line in lines[:number] if line.strip() and not line.lstrip().startswith("#")]
    known: dict[int, bool] = {}
    for line, following in pairwise([*above, ""]):
        indent = _indent_of(line)
        known[indent] = known.get(indent, False) or (inner is not None and _indent_of(following) == inner > indent)
    fitting = [indent for indent in known if indent != here and (inner is None or indent < inner)]
    near = [indent for indent in fitting if abs(indent - here) <= _FURTHEST_MOVE]
    before = _indent_of(above[-1]) if above else 0
    return sorted(near, key=lambda indent: (not known[indent], abs(indent - here), indent != before))


def _end_of_owner(lines: list[str], number: int) -> int:
    """Behind the last line of the block that a line stands in."""
    blocks = list(_enclosing_blocks(lines, number))
    return blocks[1][1] if len(blocks) > 1 else len(lines)


def _enclosing_blocks(lines: list[str], number: int) -> Iterator[tuple[int, int]]:
    """The line with all that is indented deeper below it, then what that belongs to, and so on outwards."""
    while True:
        indent = _indent_of(lines[number])
        end = number + 1
        while end < len(lines) and (not lines[end].strip() or _indent_of(lines[end]) > indent):
            end += 1
        while end > number + 1 and not lines[end - 1].strip():
            end -= 1
        yield number, end
        owner = number - 1
        while owner >= 0 and (not lines[owner].strip() or _indent_of(lines[owner]) >= indent):
            owner -= 1
        if owner < 0:
            return
        number = owner


def _indent_of(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _span_at(file: str, line: int, column: int) -> Span:
    """One character; line and column count from 0 here."""
    return Span(file, line + 1, column + 1, line + 1, column + 2)
