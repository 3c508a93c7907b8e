"""Talk that is about nothing: courtesies, yes and no, corrections, wishes for a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Literal

from realtime_scenarios.standin.language import pattern, understood, word_set
from realtime_scenarios.standin.tools import Offer
from realtime_scenarios.standin.words import name_words, sentence_of, sentences_of, unwrapped, words_of

Talk = Literal["greeting", "thanks", "yes", "no", "who", "help", "again", "end", "angry"]
"""`who`: who or how one is. `help`: what one can do. `again`: say it once more. `end`: the caller is about to leave."""

ASIDE: frozenset[Talk | None] = frozenset(["greeting", "thanks", "who", "help", "again", "end"])
"""Talk that answers no question."""

_PHRASES: Mapping[Talk, Sequence[str]] = understood()["talk"]
"""By kind, the weightier first; whole phrases without apostrophes."""
_LONGEST_FIRST = sorted(
    ((kind, it) for kind, phrases in _PHRASES.items() for it in phrases), key=lambda it: -len(it[1])
)
_YES, _NO, _POLITE = word_set("agrees"), word_set("denies"), word_set("polite")
_ALONE, _STANDS_ALONE = word_set("agrees_alone"), re.compile(r"\W*\w+\s*(?:[,.!;]|$)")


def smalltalk_in(text: str) -> Talk | None:
    """The kind of talk that a message is as a whole; None where it is about something."""
    if not words_of(text):
        text = next((word for sign, word in understood()["signs_of_talk"].items() if sign in text), "")
    rest = f" {_folded(text)} "
    found: list[Talk] = []
    for kind, phrase in _LONGEST_FIRST:
        if f" {phrase} " in rest:
            rest = rest.replace(f" {phrase} ", " ")
            found.append(kind)
    if not found or not set(rest.split()) <= word_set("filler") or (found == ["again"] and len(rest.split()) > 3):
        return None
    return next(kind for kind in _PHRASES if kind in found)


def is_yes(text: str) -> bool:
    """Whether the text agrees to what was asked, perhaps among other things."""
    words = words_of(text)
    begins = bool(words) and words[0] in _YES and (words[0] not in _ALONE or _STANDS_ALONE.match(text) is not None)
    return _NO.isdisjoint(words) and (begins or pattern("agrees_at_first").search(text) is not None)


def is_plain_yes(text: str) -> bool:
    """Whether the text agrees and says nothing more."""
    rest = [word for word in words_of(text) if word not in word_set("stop") | _YES | _POLITE]
    return is_yes(text) and len(rest) < (3 if pattern("agrees_at_first").search(text) else 1)


def is_no(text: str) -> bool:
    words = words_of(text)
    return bool(words) and (words[0] in _NO or (not _NO.isdisjoint(words[:4]) and len(words) < 8))


def is_courtesy(words: list[str]) -> bool:
    """Whether the words say no more than yes, no or thank you."""
    courteous = _YES | _NO | _POLITE
    return not words or (words[0] in courteous and not set(words) - courteous - word_set("stop"))


def corrects(text: str) -> bool:
    """Whether the words turn down what was said before, or want it changed."""
    return (is_no(text) and not is_yes(text)) or not word_set("corrects").isdisjoint(words_of(text))


def corrected(text: str) -> str:
    """The text from where the speaker begins anew: `12A, no wait, 14C` is `14C`, and `no, 0134` is `0134`."""
    begun = pattern("begins_anew").split(text)[-1].strip(" ,.:;!-")
    begun = begun if words_of(begun) else text
    rest = pattern("turns_down").sub("", begun, count=1)
    return rest if words_of(rest) else begun


def says(wish: Literal["cancels", "wants_a_person", "wants_anybody"], text: str) -> bool:
    """Whether the words hold this wish; anybody is whoever knows about the matter."""
    return bool(pattern(wish).search(_folded(text)))


def leads_to_a_person(offer: Offer) -> bool:
    """Whether a person, or who stands in for one, is reached this way: by its name or by its examples."""
    is_wished = pattern("tells_of_a_wish").search(offer.option.description)
    by_words = offer.handoff and (is_wished or any(says("wants_a_person", it) for it in offer.option.examples))
    return bool(by_words) or not word_set("person_names").isdisjoint(name_words(offer.name))


def told_about_persons(text: str, *, throughout: bool = False) -> str | None:
    """What an author wants a caller to hear who asks for a person; None where nothing is said about it.

    `throughout`: the whole text is about such callers.
    """
    sentences = sentences_of(unwrapped(text))
    for before, sentence in zip(["", *sentences], sentences, strict=False):
        found = pattern("says_to_callers").search(sentence)
        if found is not None and (throughout or pattern("tells_of_a_wish").search(sentence[: found.start()])):
            words = found["words"].strip(' ."“”')
            told = before.rstrip(".") if re.match(r"(?:so|this|it)\b", words, re.I) else words
            return sentence_of(f"please turn to {told}" if found["sends"] else told) or None
    return None


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"(?<=\w)['’\-](?=\w)", "", plain)))
