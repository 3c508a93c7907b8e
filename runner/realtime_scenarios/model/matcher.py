"""What stands in a file for a value that is looked for, to a matcher."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from realtime_scenarios.document import Place
from realtime_scenarios.model.tool import Json
from realtime_scenarios.model.values import Source

MATCHER_KEYS = frozenset({"contains", "excludes", "matches", "equals", "any_of"})


class Matcher(Struct, frozen=True, eq=False):
    """What a text or value must look like. All that is set must hold; `equals` is unset when `has_equals` is False.

    `any_of` are matchers of which one must hold; empty: none need to. `written` is how the author put it, to be shown
    in messages.
    """

    place: Place
    written: Json
    contains: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    pattern: str | None = None
    has_equals: bool = False
    equals: Json = None
    any_of: tuple[Matcher, ...] = ()

    @property
    def only_excludes(self) -> bool:
        """Whether it asks for nothing that must be there."""
        return bool(self.excludes) and not (self.contains or self.pattern or self.has_equals or self.any_of)

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that a value may have to hold or to be."""
        equals = (self.equals,) if isinstance(self.equals, str) else ()
        return (*self.contains, *equals, *(text for choice in self.any_of for text in choice.texts))

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns that a value may have to match."""
        own = (self.pattern,) if self.pattern is not None else ()
        return (*own, *(pattern for choice in self.any_of for pattern in choice.patterns))

    def on_record(self, masked: Mapping[str, str]) -> Matcher:
        """The matcher that looks for texts as they are `masked`; itself where none of its own is.

        In place of a pattern that a masked text matches, it looks for the mark of that.
        """
        if masked.keys().isdisjoint((*self.texts, *self.patterns)):
            return self
        marks = (masked[self.pattern],) if self.pattern is not None and self.pattern in masked else ()
        return replace(
            self,
            written=", ".join(dict.fromkeys(masked.get(text, text) for text in (*self.texts, *self.patterns))),
            contains=(*(masked.get(text, text) for text in self.contains), *marks),
            pattern=None if marks else self.pattern,
            equals=masked.get(self.equals, self.equals) if isinstance(self.equals, str) else self.equals,
            any_of=tuple(choice.on_record(masked) for choice in self.any_of),
        )


def read_matcher(data: Json, place: Place, source: Source) -> Matcher:
    """`matcher_of`; a pattern that is no regular expression is found."""
    for pattern, where in _patterns_in(data, place):
        source.pattern(pattern, where)
    return matcher_of(data, place)


def read_value_matcher(data: Json, place: Place, source: Source) -> Matcher:
    """The same, but a bare text must be equalled: a value is expected, not words that it holds."""
    return read_matcher(data, place, source) if is_conditions(data) else _equal_to(data, place)


def matcher_of(data: Json, place: Place) -> Matcher:
    """A matcher: a bare text must be contained, another bare value must equal, a mapping of conditions says more."""
    if isinstance(data, str):
        return Matcher(place, data, contains=(data,))
    if not is_conditions(data):
        return _equal_to(data, place)
    return Matcher(
        place,
        data,
        contains=_texts(data.get("contains", ())),
        excludes=_texts(data.get("excludes", ())),
        pattern=data.get("matches"),
        has_equals="equals" in data,
        equals=data.get("equals"),
        any_of=tuple(matcher_of(choice, place / "any_of" / at) for at, choice in enumerate(data.get("any_of", ()))),
    )


def _patterns_in(data: Json, place: Place) -> Iterator[tuple[str, Place]]:
    if is_conditions(data):
        if "matches" in data:
            yield data["matches"], place / "matches"
        for at, choice in enumerate(data.get("any_of", ())):
            yield from _patterns_in(choice, place / "any_of" / at)


def without(keys: Collection[str], data: Mapping[str, Json]) -> Json:
    """The conditions of a mapping that says something else as well, by these keys."""
    return {key: value for key, value in data.items() if key not in keys}


def is_conditions(data: Json) -> bool:
    """Whether a value is a mapping of conditions, and not a value that must be equalled."""
    return isinstance(data, dict) and bool(data) and data.keys() <= MATCHER_KEYS


def _equal_to(value: Json, place: Place) -> Matcher:
    return Matcher(place, value, has_equals=True, equals=value)


def _texts(data: str | Sequence[str]) -> tuple[str, ...]:
    return (data,) if isinstance(data, str) else tuple(data)
