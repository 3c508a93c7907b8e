"""Characters that look like those of code and are others: what each one is, what is meant, and where it stands.

Word processors and chat windows put them into what is copied from there. Prose may have them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from realtime_scenarios.core import Span
from realtime_scenarios.document.place import Place


class LookAlike(Struct, frozen=True):
    """`instead` is what is meant, empty where nothing is."""

    noun: str
    instead: str

    @property
    def hint(self) -> str:
        return f"write {_in_words(self.instead)} instead" if self.instead else "take it out"


def _in_words(character: str) -> str:
    return {" ": "an ordinary space", '"': 'a straight "', "'": "a straight '"}.get(character, character)


def _each(characters: str, noun: str, instead: str) -> dict[str, LookAlike]:
    return dict.fromkeys(characters, LookAlike(noun, instead))


_QUOTES = {**_each("“”„‟", "a curly quote", '"'), **_each("‘’‚‛", "a curly quote", "'")}
_DASHES = _each("‐‑‒–—―−", "a dash, not a hyphen", "-")
_NO_BREAK = _each("\u00a0\u2007\u202f", "a no-break space", " ")
_WIDE = _each("\u1680\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u205f\u3000", "no ordinary space", " ")
_UNSEEN = _each(
    "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff",
    "a character that cannot be seen",
    "",
)
_FULL_WIDTH = {chr(at): LookAlike("a full-width character", chr(at - 0xFEE0)) for at in range(0xFF01, 0xFF5F)}

LOOK_ALIKES: Mapping[str, LookAlike] = {**_QUOTES, **_NO_BREAK, **_WIDE, **_UNSEEN, **_DASHES, **_FULL_WIDTH}

OPENING_QUOTES = "“„‟‘‚‛"
CLOSING_QUOTES = "”’"

IN_PATTERNS: Mapping[str, LookAlike] = {**_QUOTES, **_NO_BREAK, **_UNSEEN, **_DASHES}
"""Those that a pattern does not mean either: full-width characters belong to some scripts."""


def first_look_alike(text: str, places: Iterable[int] | None = None) -> int | None:
    """Where the first of them stands in the text, or among these places of it; None where there is none."""
    if text.isascii():
        return None
    return next((at for at in (range(len(text)) if places is None else places) if text[at] in LOOK_ALIKES), None)


def described(character: str) -> str:
    """The character as a person can find it: `'“' is a curly quote`, `U+00A0 is a no-break space`."""
    shown = f"'{character}'" if character.isprintable() and not character.isspace() else f"U+{ord(character):04X}"
    return f"{shown} is {LOOK_ALIKES[character].noun}"


def span_of_character(text: str, at: int, place: Place, whole: Span | None = None) -> Span:
    """Where the character at `at` of a text stands in the file; the whole text, where it is written as an escape.

    `whole` is where the text stands, None: at the place's value.
    """
    whole = whole or place.span
    wanted = text[at]
    before = text.count(wanted, 0, at)
    for number in range(whole.line, whole.end_line + 1):
        line = place.document.line(number, whole.file)
        begin = whole.column - 1 if number == whole.line else 0
        end = whole.end_column - 1 if number == whole.end_line else len(line)
        here = line.count(wanted, begin, end)
        if before < here:
            column = begin - 1
            for _ in range(before + 1):
                column = line.index(wanted, column + 1)
            return Span(whole.file, number, column + 1, number, column + 2)
        before -= here
    return whole
