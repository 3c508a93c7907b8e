"""A file that its schema does not allow to the lines of it that have slipped: moved back, they belong where they stand.

A line that begins a few columns off is told by the parser where it noticed, and by the schema wherever something is
then missing or too much. So lines around what is told are moved, one after the other, to where they could have begun,
and the file is looked at anew: the move that leaves least to be told, and the straightest text, is what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from pathlib import Path

import yaml
from msgspec import Struct, structs

from realtime_scenarios.core import Diagnostic, Span, nearest
from realtime_scenarios.document.check import UNKNOWN, faults, is_valid, unmet
from realtime_scenarios.document.codes import finding
from realtime_scenarios.document.files import NO_SHIFTS, YAML_LIMIT, Shifts, Unreadable, lines_of, shifted, text_of
from realtime_scenarios.document.layout import Layout, Line, end_of_block, indent_of, opens_text
from realtime_scenarios.document.reader import Document, Trial, trial_of
from realtime_scenarios.document.schema import SchemaName, properties_of, schema
from realtime_scenarios.document.syntax import line_of_problem, tab_findings

MOST_SLIPS = 6
_BUDGET = 8_000_000
"""Characters that are read in search of slips."""

_FEW_FAULTS, _PER_FAULT = 50, 4_000
"""So many faults cost nothing; for each further one, so many characters are read in the time that it takes to tell."""

_LINES_BEFORE, _LINES_BEHIND = 12, 3
"""How many keys and items away from what is told the cause of it is looked for."""

_MOST_PLACES = 3
"""Around how many of the places that are told it is looked for."""

_FURTHEST = 8
"""Columns that a line may be off without being meant."""


class Slip(Struct, frozen=True):
    """Lines of a file, from `first` to `end` (from 0, exclusive), that belong `by` columns further right.

    `is_beside` says whether anything stands in that column beside them.
    """

    file: str
    first: int
    end: int
    by: int
    column: int
    is_beside: bool = True

    def diagnostic(self) -> Diagnostic:
        place = "what it stands beside begins in" if self.is_beside else "it belongs in"
        message = f"this line begins in column {self.column + 1}, but {place} {self.column + self.by + 1}"
        side = "right" if self.by > 0 else "left"
        what = "it" if self.end == self.first + 1 else f"it, down to line {self.end},"
        here = Span(self.file, self.first + 1, self.column + 1, self.first + 1, self.column + 2)
        return finding("yaml-syntax", message, here, f"move {what} {abs(self.by)} to the {side}")


class Slips(Struct, frozen=True):
    """The slips of a file and of those it includes, and the tabs that indent its lines; `shifts` undoes all of them."""

    found: tuple[Slip, ...] = ()
    shifts: Shifts = NO_SHIFTS
    tabs: tuple[Diagnostic, ...] = ()

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What is told of them; a line that is indented with a tab is told of that alone."""
        lines = {(tab.span.file, tab.span.line) for tab in self.tabs}
        return [*self.tabs, *(slip.diagnostic() for slip in self.found if (slip.file, slip.first + 1) not in lines)]


class _Fault(Struct, frozen=True):
    """Something that may be told: where, and in a word what. Lines count from 0; `missing` is a key that should be."""

    file: str
    line: int
    what: str
    missing: str = ""


class _Standing(Struct, frozen=True):
    """How things stand with a text. `unread` is where the parser stops in one that is no YAML; None: it is.

    `told` is how many faults there were to tell, each time that a line is read by its alias.
    """

    faults: frozenset[_Fault]
    told: int
    unread: _Fault | None
    document: Document | None

    @property
    def places(self) -> list[_Fault]:
        """What is told, in reading order, one for each line; of a text that is no YAML, where the parser stops."""
        if self.unread is not None:
            return [self.unread]
        by_line = {(fault.file, fault.line): fault for fault in sorted(self.faults, key=lambda fault: fault.missing)}
        return [by_line[place] for place in sorted(by_line)]

    def is_mended_by(self, other: _Standing) -> bool:
        """Whether it is better so, and nothing is worse."""
        if self.unread is None:
            return other.unread is None and other.faults < self.faults
        if other.unread is None:
            return True
        return other.unread.file == self.unread.file and other.unread.line > self.unread.line


class _Move(Struct, frozen=True):
    """Lines moved, and what comes of it: the less of each, the likelier it was meant."""

    slip: Slip
    after: _Standing
    rank: tuple[bool, int, int, bool, int]


def slips_in(path: Path, shown: str, name: SchemaName) -> Slips:
    """The lines that must be moved, and by how much, for the file to be more of what its schema allows."""
    text = text_of(path, shown, YAML_LIMIT)
    if isinstance(text, Unreadable):
        return Slips()
    return _Search(path, shown, text, name).slips()


def swallowed_in(document: Document, name: SchemaName) -> list[Slip]:
    """The lines that are part of a text, and would be keys that may stand there if they began further out.

    A text may well hold a line such as `name: Maya`. So only what is no mere text counts, and what is indented deeper
    than the lines of the text before it.
    """
    lines = lines_of(document.text)
    if not any(map(opens_text, lines)):
        return []
    layout = Layout(lines)
    keys = {key for part in schema(name)["$defs"].values() for key in part.get("properties", {})}
    keys |= schema(name)["properties"].keys()
    found: list[Slip] = []
    for line in layout.lines.values():
        if not line.is_text or line.is_item or line.key not in keys:
            continue
        is_deeper = lines[line.number - 1].strip() != "" and line.indent > indent_of(lines[line.number - 1])
        for column in sorted((column for column in line.columns if column < line.indent), reverse=True):
            slip = Slip(document.file, line.number, line.number + 1, column - line.indent, line.indent)
            trial = trial_of(document.path, document.file, document.text, _with_slip(NO_SHIFTS, slip))
            if trial is None or trial.document is None or trial.found or not is_valid(trial.document, name):
                continue
            if is_deeper or _is_more_than_text(trial.document, line.number):
                found.append(slip)
                break
    return found


def _is_more_than_text(document: Document, number: int) -> bool:
    """Whether the value of the key on a line, from 0, is a list, a mapping, a number, or true or false."""
    value = document.value_on(number)
    return value is not None and not isinstance(value, str)


class _Search:
    def __init__(self, path: Path, shown: str, text: str, name: SchemaName) -> None:
        self._path = path
        self._shown = shown
        self._text = text
        self._name: SchemaName = name
        self._left = _BUDGET
        self._texts: Mapping[str, str] = {shown: text}

    def slips(self) -> Slips:
        found: list[Slip] = []
        shifts: Shifts = NO_SHIFTS
        standing = self._standing(shifts)
        tabs: tuple[Diagnostic, ...] = ()
        if standing is not None and standing.unread is not None and standing.unread.file == self._shown:
            tabs = tuple(tab_findings(lines_of(self._text), self._shown))
            shifts = {self._shown: {tab.span.line - 1: 0 for tab in tabs}} if tabs else NO_SHIFTS
            standing = self._standing(shifts) if tabs else standing
        while standing is not None and standing.faults and len(found) < MOST_SLIPS:
            move = self._best_move(standing, shifts)
            if move is None:
                break
            found.append(_as_written(move.slip, shifts))
            shifts, standing = _with_slip(shifts, move.slip), move.after
        if tabs and (standing is None or standing.unread is not None):
            return Slips()
        return Slips(tuple(found), shifts, tabs)

    def _best_move(self, standing: _Standing, shifts: Shifts) -> _Move | None:
        """A line alone, or else with what belongs to it, or else what should belong to it and does not."""
        misspelt = frozenset(_misspelt_in(standing.document, self._name)) if standing.document else frozenset()
        around = [
            _Surroundings(place, lines_of(shifted(self._texts[place.file], shifts.get(place.file, {}))), misspelt)
            for place in standing.places[:_MOST_PLACES]
            if place.file in self._texts
        ]
        for slips_of in (_Surroundings.lines_moved, _Surroundings.blocks_moved, _Surroundings.blocks_taken_in):
            tried = ((slip, here) for here in around for slip in slips_of(here))
            moves = [move for slip, here in tried if (move := self._move(slip, here, standing, shifts)) is not None]
            if moves:
                return min(moves, key=lambda move: move.rank)
        return None

    def _move(self, slip: Slip, around: _Surroundings, standing: _Standing, shifts: Shifts) -> _Move | None:
        """The move, if it mends something and makes nothing worse."""
        self._left -= len(self._text) + _PER_FAULT * max(0, standing.told - _FEW_FAULTS)
        after = self._standing(_with_slip(shifts, slip)) if self._left >= 0 else None
        if after is None or not standing.is_mended_by(after):
            return None
        was_odd = around.layout.is_odd(around.layout.lines[slip.first])
        if not was_odd and around.is_told_otherwise(slip, standing.faults - after.faults):
            return None
        layout = Layout(_moved(around.text, slip))
        if after.unread is not None and after.unread.line < layout.end_of_owner(slip.first):
            return None
        # What an unknown key holds is looked at by nobody: there, everything would be hidden, and nothing mended.
        unknown = {fault.line for fault in after.faults if fault.what in UNKNOWN and fault.file == slip.file}
        if not unknown.isdisjoint(layout.owners_of(slip.first)):
            return None
        # What is beside it counts only where nothing could be told before.
        margin = 1 if standing.unread is not None else 0
        touched = range(slip.first - margin, slip.end + margin)
        if after.unread is None and any(fault.file == slip.file and fault.line in touched for fault in after.faults):
            return None
        rank = (after.unread is not None, len(after.faults), layout.oddities, not was_odd, abs(slip.by))
        return _Move(structs.replace(slip, is_beside=layout.has_neighbour(slip.first)), after, rank)

    def _standing(self, shifts: Shifts) -> _Standing | None:
        trial = trial_of(self._path, self._shown, self._text, shifts)
        if trial is None:
            return None
        if trial.document is not None:
            self._texts = {**trial.document.texts, **self._texts}
        unread = next((_unread(file, problem) for file, problem in trial.problems.items()), None)
        faults = list(self._faults(trial, unread))
        return _Standing(frozenset(faults), len(faults), unread, trial.document)

    def _faults(self, trial: Trial, unread: _Fault | None) -> Iterator[_Fault]:
        if unread is not None:
            yield unread
        for found in trial.found:
            yield _Fault(found.span.file, found.span.line - 1, found.name)
        if trial.document is not None:
            for failure in unmet(trial.document, self._name):
                span = trial.document.span(failure.pointer, key=True)
                yield _Fault(span.file, span.line - 1, failure.what, failure.missing)


class _Surroundings:
    """The lines around what is told of a text, and how each of them may have slipped.

    The keys of `misspelt` lines resemble one that may stand where they are.
    """

    def __init__(self, fault: _Fault, text: list[str], misspelt: frozenset[tuple[str, int]]) -> None:
        self.misspelt = misspelt
        self._file = fault.file
        self.text = text
        self.layout = Layout(text)
        near = self.layout.numbers_around(fault.line, _LINES_BEFORE, _LINES_BEHIND)
        is_missed = re.compile(rf"\s*(?:-\s+)*{re.escape(fault.missing)}:") if fault.missing else None
        self._near = [
            line
            for number, line in self.layout.lines.items()
            if number in near or (is_missed is not None and is_missed.match(text[number]))
        ]

    def is_told_otherwise(self, slip: Slip, mended: Set[_Fault]) -> bool:
        """Whether misspelt keys are all that a move would mend: where lines go, keys may be called anything."""
        misspelt = {line for file, line in self.misspelt if file == slip.file}
        owners = {owner for line in misspelt for owner in self.layout.owners_of(line, 1)}
        # where one key of an object is unknown, the schema may know none of the others either, or say so of the object
        beside = {number for number in self.layout.lines if not owners.isdisjoint(self.layout.owners_of(number, 1))}
        explained = misspelt | owners | beside
        return all(fault.line in explained if fault.what in UNKNOWN else fault.line in owners for fault in mended)

    def lines_moved(self) -> Iterator[Slip]:
        for line in self._near:
            for column in self._columns_for(line):
                yield self._slip(line.number, line.number + 1, column - line.indent)

    def blocks_moved(self) -> Iterator[Slip]:
        """Lines with what is further in below them."""
        for line in self._near:
            end = end_of_block(self.text, line.number)
            if end > line.number + 1 and not line.is_text:
                for column in self._columns_for(line):
                    yield self._slip(line.number, end, column - line.indent)

    def blocks_taken_in(self) -> Iterator[Slip]:
        """What stands beside a key without a value, and may be its value."""
        for line in self._near:
            if (
                line.is_open
                and line.key
                and not line.is_text
                and end_of_block(self.text, line.number) == line.number + 1
            ):
                below = self.layout.blocks_below(line)
                for last in below:
                    end = end_of_block(self.text, last.number)
                    yield self._slip(below[0].number, end, self.layout.usual_step)

    def _columns_for(self, line: Line) -> Iterator[int]:
        return (column for column in self.layout.columns_for(line) if abs(column - line.indent) <= _FURTHEST)

    def _slip(self, first: int, end: int, by: int) -> Slip:
        return Slip(self._file, first, end, by, indent_of(self.text[first]))


def _as_written(slip: Slip, shifts: Shifts) -> Slip:
    """The slip as it is told: of a line that another move has taken along, from where it stands in the file."""
    moved = shifts.get(slip.file, {}).get(slip.first, 0)
    return structs.replace(slip, column=slip.column - moved, by=slip.by + moved or slip.by)


def _with_slip(shifts: Shifts, slip: Slip) -> Shifts:
    of_file = dict(shifts.get(slip.file, {}))
    for number in range(slip.first, slip.end):
        of_file[number] = of_file.get(number, 0) + slip.by
    return {**shifts, slip.file: of_file}


def _moved(text: list[str], slip: Slip) -> list[str]:
    return lines_of(shifted("\n".join(text), dict.fromkeys(range(slip.first, slip.end), slip.by)))


def _unread(file: str, problem: yaml.YAMLError) -> _Fault:
    return _Fault(file, line_of_problem(problem), "unread")


def _misspelt_in(document: Document, name: SchemaName) -> Iterator[tuple[str, int]]:
    """File and line of the keys that are unknown where they stand, and resemble one that may stand there."""
    for error in faults(document, name):
        is_unknown = error.validator in UNKNOWN
        if is_unknown and isinstance(error.schema, dict) and isinstance(error.instance, dict):
            known = properties_of(schema(name), error.schema)
            for key in error.instance:
                if key not in known and nearest(key, known):
                    span = document.span((*error.absolute_path, key), key=True)
                    yield span.file, span.line - 1
