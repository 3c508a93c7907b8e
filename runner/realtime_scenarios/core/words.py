"""Names people type: the nearest right word, and lists as a person would write them."""

from __future__ import annotations

from collections.abc import Iterable

_MANY = 12


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice most like `word` (case does not count), or None where nothing is near enough to be a slip.

    It is never the word itself: whoever asks has just complained about it.
    """
    import difflib  # 5 ms of import that only a mistake needs

    by_fold = {choice.casefold(): choice for choice in choices if choice != word}
    close = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[close[0]] if close else None


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """A hint for an unknown `word`: the nearest choice, or the list of them all."""
    known = [choice for choice in choices if choice != word]
    if guess := nearest(word, known):
        return f"did you mean '{guess}'?"
    shown = known if len(known) <= _MANY else [*known[:_MANY], f"and {len(known) - _MANY} more"]
    return f"choose one of: {', '.join(shown)}" if known else "there are none to choose from"


def is_unsaid(value: object) -> bool:
    """Whether nothing was found out: null, or a text of nothing but white space."""
    return value is None or (isinstance(value, str) and not value.strip())


def caseless(text: str) -> str:
    """The text for comparisons in which neither case counts nor how white space runs."""
    return " ".join(text.casefold().split())


def sendable(text: str) -> str:
    """The text with half characters (lone surrogates) replaced, since nothing on a wire or in a file may hold them."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def counted(number: int, noun: str) -> str:
    """The number with its noun: `1 turn`, `2 turns`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(words: Iterable[str], *, joined_by: str = "and") -> str:
    """The words as in a sentence: `a`, `a and b`, `a, b and c`."""
    *rest, last = list(words) or [""]
    return f"{', '.join(rest)} {joined_by} {last}" if rest else last
