"""An author's regular expression as something that is found in a text in time that grows with the text alone.

Theory of operation: `re` tries one way through a pattern after another, and `(a+)+$` has two to the power of n of them.
Here all ways are followed at once, character by character (Thompson's construction): a pattern is a row of parts, a set
of parts is the bits of a number, and the set that a character leads to is kept, so that most steps look up one key (a
lazy automaton). There is one meaning all the same: the pattern is read by Python's parser, and what a class or an edge
(`^`, `$`, a word's) matches is asked of `re` itself, one character at a time. Only yes or no is answered, so it makes
no difference whether a repetition is greedy. What needs to know more than a character and its neighbours is refused
where it is written.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any, TypeVar

from msgspec import Struct

from realtime_scenarios.core.regex import REPEATS, UNREADABLE, Item, flags_inside, ops, parsed

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

MOST_PARTS = 5_000
"""Parts of a pattern once its counted repetitions are written out: `[0-9]{3}` has three."""

_MOST_KEPT = 10_000
"""Steps that are kept of one pattern; with more it begins anew."""


class PatternProblem(Struct, frozen=True):
    """Why a regular expression cannot be used; `hint` None: how to mend it depends on what was meant."""

    message: str
    hint: str | None = None


class _Refused(Exception):
    def __init__(self, problem: PatternProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


_LOOKING_AROUND = PatternProblem(
    "a pattern cannot look ahead or behind",
    r"name what may stand there instead: [^a] is any other character, and \b the edge of a word",
)
_GIVING_NOTHING_BACK = PatternProblem(
    "atomic groups and possessive repetitions are not known here", "write (?:a+) for (?>a+), and a+ for a++"
)
_TOO_MANY_PARTS = PatternProblem(
    f"the repetitions of the pattern come to more than {MOST_PARTS:,} parts",
    "repeat less often, or without an upper bound, as in {3,}",
)
_REFUSED: Mapping[Any, PatternProblem] = {
    ops.ASSERT: _LOOKING_AROUND,
    ops.ASSERT_NOT: _LOOKING_AROUND,
    ops.FAILURE: _LOOKING_AROUND,  # as the parser reads `(?!)`
    ops.GROUPREF: PatternProblem("a pattern cannot refer back to a group", "write out what is repeated"),
    ops.GROUPREF_EXISTS: PatternProblem(
        "a pattern cannot ask whether a group matched", "write both ways with | between them"
    ),
    ops.ATOMIC_GROUP: _GIVING_NOTHING_BACK,
    ops.POSSESSIVE_REPEAT: _GIVING_NOTHING_BACK,
}


class _Takes(Struct, frozen=True):
    """One character that has the bit `bit` leads to the part `then`."""

    bit: int
    then: int


class _Stands(Struct, frozen=True):
    """An edge (`^`, `$`, `\\b` ...) must be here for the part `then`."""

    edge: int
    then: int


class _Forks(Struct, frozen=True):
    """Each of the parts is a way on."""

    ways: tuple[int, ...]


_Part = _Takes | _Stands | _Forks

_FOUND_PART = 0
"""The number of the part that a pattern ends with, a fork without a way on."""


class _Program:
    """The parts of a pattern by their numbers. Each is made after those that it leads to, loops aside.

    `classes` are the classes of characters, `edges` the edges, each once.
    """

    def __init__(self, text: str) -> None:
        tree = parsed(text)
        self.parts: list[_Part] = [_Forks(())]
        self.classes: dict[str, Item] = {}
        self.edges: dict[str, Item] = {}
        self.start = self._parts_of(tree, tree.state.flags, _FOUND_PART)

    def _parts_of(self, tree: Any, flags: int, then: int) -> int:
        """The part with which the items of a parsed pattern begin that lead to `then`."""
        for item in reversed(tree):
            then = self._part_of(item, flags, then)
        return then

    def _part_of(self, item: Any, flags: int, then: int) -> int:
        kind, told = item
        if kind in _REFUSED:
            raise _Refused(_REFUSED[kind])
        if kind in REPEATS:
            least, most, inner = told
            return self._repeated(least, most, inner, flags, then)
        if kind is ops.SUBPATTERN:
            _, added, removed, inner = told
            return self._parts_of(inner, flags_inside(flags, added, removed), then)
        if kind is ops.BRANCH:
            return self._added(_Forks(tuple(self._parts_of(branch, flags, then) for branch in told[1])))
        if kind is ops.AT:
            return self._added(_Stands(_index_of(item, flags, self.edges), then))
        return self._added(_Takes(_FIRST_CLASS + _index_of(item, flags, self.classes), then))

    def _repeated(self, least: int, most: int, tree: Any, flags: int, then: int) -> int:
        end = then
        if most == ops.MAXREPEAT:
            then = self._added(_Forks(()))
            self.parts[then] = _Forks((self._parts_of(tree, flags, then), end))
            most = least
        for times in range(most, 0, -1):
            inner = self._parts_of(tree, flags, then)
            if inner == then:
                break  # it is nothing, and a million times nothing as well
            then = inner if times <= least else self._added(_Forks((inner, end)))
        return then

    def _added(self, part: _Part) -> int:
        if len(self.parts) > MOST_PARTS:
            raise _Refused(_TOO_MANY_PARTS)
        self.parts.append(part)
        return len(self.parts) - 1


def _index_of(item: Any, flags: int, known: dict[str, Item]) -> int:
    """The index of an item among those that are known; the same item twice is one."""
    key = f"{item!r} {flags}"
    known.setdefault(key, Item(item, flags))
    return list(known).index(key)


_END, _LAST, _NEWLINE, _WORD, _ASCII_WORD = 1, 2, 4, 8, 16
_FIRST_CLASS = 5
"""A character is known by bits: what edges ask of it, and from this bit on the classes that it belongs to."""

_SEEN_BY_EDGES = _END | _LAST | _NEWLINE | _WORD | _ASCII_WORD
_SAMPLES = {_NEWLINE: "\n", _WORD: "é", _WORD | _ASCII_WORD: "a", 0: "-"}
"""A character for each kind that edges can tell from others."""

_WORD_CHARACTER, _ASCII_WORD_CHARACTER = re.compile(r"\w"), re.compile(r"\w", re.ASCII)


class _Kept(dict[_Key, _Value]):
    """What was made for each key that was asked for."""

    def __init__(self, make: Callable[[_Key], _Value]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: _Key) -> _Value:
        value = self[key] = self._make(key)
        return value


class _State:
    """The parts at which a match may be, what edges see of the character before them, and the states that follow."""

    __slots__ = ("after", "before", "parts")

    def __init__(self, parts: int, before: int) -> None:
        self.parts, self.before = parts, before
        self.after: dict[int, _State] = {}


_FOUND = _State(1 << _FOUND_PART, _END)


class Pattern:
    """A regular expression that can be asked whether it is found in a text. It means what it means to `re`.

    Raises:
        ValueError: it cannot be read, or cannot be had; `pattern_problem` says why.
    """

    def __init__(self, text: str) -> None:
        try:
            self._program = _Program(text)
        except (*UNREADABLE, _Refused) as problem:
            raise ValueError(str(problem)) from problem
        self._classes = tuple(enumerate(self._program.classes.values(), _FIRST_CLASS))
        self._edges = tuple(self._program.edges.values())
        self._alphabet = _Kept(self._bits_of)
        self._begin_anew()

    def is_found_in(self, text: str) -> bool:
        """Whether `re.match` would match it at any place."""
        state = self._start
        for bits in self._read(text):
            state = state.after.get(bits) or self._next(state, bits)
            if state is _FOUND:
                return True
        return False

    def _read(self, text: str) -> Iterator[int]:
        """The bits of the characters, and of the end. `$` may stand before an end of line that ends the text."""
        if text.endswith("\n"):
            return chain(map(self._alphabet.__getitem__, text[:-1]), (self._alphabet["\n"] | _LAST, _END))
        return chain(map(self._alphabet.__getitem__, text), (_END,))

    def _next(self, state: _State, bits: int) -> _State:
        """The state that a character leads to, made and kept. A match may begin at every character."""
        seen = bits & _SEEN_BY_EDGES if self._edges else 0
        waiting = self._waiting(state.parts, self._onward[state.before, seen])
        if waiting >> _FOUND_PART & 1:
            after = _FOUND
        else:
            after = self._states[self._moved(waiting & self._taking[bits]) | 1 << self._program.start, seen]
        self._kept += 1
        if self._kept > _MOST_KEPT:
            self._begin_anew()
        state.after[bits] = after
        return after

    def _begin_anew(self) -> None:
        self._kept = 0
        self._states = _Kept[tuple[int, int], _State](lambda key: _State(*key))
        self._taking = _Kept(self._parts_taking)
        self._onward = _Kept[tuple[int, int], _Kept[int, int]](
            lambda sides: _Kept(lambda part: self._parts_from(part, *sides))
        )
        self._start = self._states[1 << self._program.start, _END]

    def _waiting(self, parts: int, onward: Mapping[int, int]) -> int:
        """The parts that wait for a character once all forks are followed; `onward` says where each fork leads."""
        waiting = parts & self._takers
        forks = parts & ~self._takers
        while forks:
            lowest = forks & -forks
            waiting |= onward[lowest.bit_length() - 1]
            forks ^= lowest
        return waiting

    def _moved(self, taken: int) -> int:
        """Where the parts lead that took a character. Most lead to the one below: all of those move at once."""
        parts = 0
        for far, movers in self._moves.items():
            moving = taken & movers
            parts |= moving >> far if far > 0 else moving << -far
        return parts

    @functools.cached_property
    def _moves(self) -> Mapping[int, int]:
        """The parts that take a character, by how far down they lead."""
        moves: dict[int, int] = {}
        for number, part in enumerate(self._program.parts):
            if isinstance(part, _Takes):
                moves[number - part.then] = moves.get(number - part.then, 0) | 1 << number
        return moves

    @functools.cached_property
    def _takers(self) -> int:
        return functools.reduce(operator.or_, self._moves.values(), 0)

    def _parts_taking(self, bits: int) -> int:
        parts = enumerate(self._program.parts)
        return sum(1 << number for number, part in parts if isinstance(part, _Takes) and bits >> part.bit & 1)

    def _parts_from(self, number: int, before: int, after: int) -> int:
        """The parts that wait for a character behind one part, between what edges see before and after it."""
        found = 0
        reached: set[int] = set()
        numbers = [number]
        while numbers:
            number = numbers.pop()
            if number in reached:
                continue
            reached.add(number)
            match self._program.parts[number]:
                case _Takes():
                    found |= 1 << number
                case _Forks(ways):
                    numbers += ways
                    found |= (number == _FOUND_PART) << _FOUND_PART
                case _Stands(edge, then):
                    numbers += [then] if self._is_edge(edge, before, after) else []
        return found

    def _is_edge(self, edge: int, before: int, after: int) -> bool:
        """Whether an edge is between two characters; `re` is shown two that edges cannot tell from them."""
        text = "" if before == _END else _SAMPLES[before & ~_LAST]
        at = len(text)
        if after != _END:
            text += _SAMPLES[after & ~_LAST] + ("" if after & _LAST else "-")
        return self._edges[edge].is_at(text, at)

    def _bits_of(self, character: str) -> int:
        bits = _NEWLINE if character == "\n" else 0
        bits |= _WORD if _WORD_CHARACTER.match(character) else 0
        bits |= _ASCII_WORD if _ASCII_WORD_CHARACTER.match(character) else 0
        return bits | sum(item.is_at(character) << bit for bit, item in self._classes)


@functools.lru_cache(maxsize=512)
def pattern_of(text: str) -> Pattern:
    """The pattern, read once.

    Raises:
        ValueError: as `Pattern`.
    """
    return Pattern(text)


def pattern_problem(text: str) -> PatternProblem | None:
    """Why a text is no regular expression that can be used; None where it is."""
    try:
        pattern_of(text)
    except ValueError as problem:
        cause = problem.__cause__
        if isinstance(cause, _Refused):
            return cause.problem
        return PatternProblem(
            f"this is no regular expression: {getattr(cause, 'msg', cause)}",
            "put a '\\' before characters that stand for themselves, such as ( [ { * + ? . |",
        )
    return None
