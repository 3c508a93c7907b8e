"""A text that has the form which a pattern and a format ask for, made of these alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from realtime_scenarios.core.formats import FORMATS
from realtime_scenarios.core.forms import misfit
from realtime_scenarios.core.regex import UNREADABLE, Step, ops, parsed

_DIGITS = "7391460285"
_LETTERS = "standin"
_OTHERS = " -.:/@_+#"
_MOST_REPEATS = 40

_CATEGORIES: Mapping[Any, Callable[[str], bool]] = {
    ops.CATEGORY_DIGIT: str.isdigit,
    ops.CATEGORY_NOT_DIGIT: lambda sign: not sign.isdigit(),
    ops.CATEGORY_SPACE: str.isspace,
    ops.CATEGORY_NOT_SPACE: lambda sign: not sign.isspace(),
    ops.CATEGORY_WORD: lambda sign: sign.isalnum() or sign == "_",
    ops.CATEGORY_NOT_WORD: lambda sign: not (sign.isalnum() or sign == "_"),
}


def sample_text(pattern: str | None, format: str | None, *, wanted: str) -> str | None:
    """`wanted` where it has the form, otherwise a text that has it; None where none is found. The same each time."""
    for text in _candidates(pattern, format, wanted):
        if misfit(text, pattern, format) is None:
            return text
    return None


def _candidates(pattern: str | None, format: str | None, wanted: str) -> Iterator[str]:
    yield wanted
    if format is not None and format in FORMATS:
        yield FORMATS[format].sample
    if pattern is not None:
        try:
            yield _Sampler().text_of(parsed(pattern))
        except (*UNREADABLE, _NoSample):  # no pattern, or one of another dialect
            return


class _NoSample(Exception):
    """Nothing that we know of stands for a part of the pattern."""


class _Sampler:
    """Makes one text of a pattern: the first way at each fork, and as little as will do of what repeats.

    Digits and letters go round, so that what is made is not found by chance within other words and amounts, where a
    secret would be masked.
    """

    def __init__(self) -> None:
        self._taken = 0
        self._groups: dict[int, str] = {}

    def text_of(self, parts: Sequence[Step]) -> str:
        return "".join(self._part(op, value) for op, value in parts)

    def _part(self, op: Any, value: Any) -> str:
        match op:
            case ops.LITERAL:
                return chr(value)
            case ops.NOT_LITERAL:
                return self._one_of([(ops.NEGATE, None), (ops.LITERAL, value)])
            case ops.ANY:
                return self._one_of([(ops.NEGATE, None)])
            case ops.IN:
                return self._one_of(value)
            case ops.BRANCH:
                return self.text_of(value[1][0])
            case ops.SUBPATTERN:
                group, _, _, inner = value
                text = self.text_of(inner)
                self._groups[group] = text
                return text
            case ops.ATOMIC_GROUP:
                return self.text_of(value)
            case ops.GROUPREF:
                return self._groups.get(value, "")
            case ops.MAX_REPEAT | ops.MIN_REPEAT | ops.POSSESSIVE_REPEAT:
                least, most, inner = value
                return "".join(self.text_of(inner) for _ in range(min(max(least, 1), most, _MOST_REPEATS)))
            case ops.AT | ops.ASSERT | ops.ASSERT_NOT:  # what is around; whether it holds is looked at in the end
                return ""
            case _:
                raise _NoSample

    def _one_of(self, members: Sequence[Step]) -> str:
        """A character of a set: a digit where it has them, then a letter, then anything else."""
        for alphabet in (_DIGITS, _LETTERS, _LETTERS.upper()):
            at = self._taken % len(alphabet)
            found = next((sign for sign in alphabet[at:] + alphabet[:at] if _is_in(sign, members)), None)
            if found is not None:
                self._taken += 1
                return found
        return _first_in(members)


def _first_in(members: Sequence[Step]) -> str:
    for op, value in members:
        if op is ops.LITERAL and _is_in(chr(value), members):
            return chr(value)
        if op is ops.RANGE and _is_in(chr(value[0]), members):
            return chr(value[0])
    found = next((sign for sign in _OTHERS if _is_in(sign, members)), None)
    if found is None:
        raise _NoSample
    return found


def _is_in(sign: str, members: Sequence[Step]) -> bool:
    negated = bool(members) and members[0][0] is ops.NEGATE
    return negated != any(_is_member(sign, op, value) for op, value in members if op is not ops.NEGATE)


def _is_member(sign: str, op: Any, value: Any) -> bool:
    match op:
        case ops.LITERAL:
            return sign == chr(value)
        case ops.RANGE:
            return bool(value[0] <= ord(sign) <= value[1])
        case ops.CATEGORY:
            return _CATEGORIES[value](sign)
        case _:
            return False
