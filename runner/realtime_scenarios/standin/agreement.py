"""Yes, no and corrections, in English, French, Spanish and German."""

from __future__ import annotations

import re

from realtime_scenarios.standin.language import pattern, word_set
from realtime_scenarios.standin.words import STOP_WORDS, words_of

_YES, _NO, _POLITE, _CORRECTING = word_set("agrees"), word_set("denies"), word_set("polite"), word_set("corrects")
_ALONE, _STANDS_ALONE = word_set("agrees_alone"), re.compile(r"\W*\w+\s*(?:[,.!;]|$)")
_AGREED, _BEGINS_ANEW, _TURNED_DOWN = pattern("agrees_at_first"), pattern("begins_anew"), pattern("turns_down")
_READ = 300


def is_yes(text: str) -> bool:
    """Whether the text agrees to what was asked, perhaps among other things."""
    words = words_of(text[:_READ])
    begins = bool(words) and words[0] in _YES and (words[0] not in _ALONE or _STANDS_ALONE.match(text) is not None)
    return bool(words) and _NO.isdisjoint(words) and (begins or _AGREED.search(text[:_READ]) is not None)


def is_plain_yes(text: str) -> bool:
    """Whether the text agrees and says nothing more."""
    rest = [word for word in words_of(text[:_READ]) if word not in STOP_WORDS | _YES | _POLITE]
    return is_yes(text) and len(rest) < (3 if _AGREED.search(text) else 1)


def is_no(text: str) -> bool:
    words = words_of(text[:_READ])
    return bool(words) and (words[0] in _NO or (not _NO.isdisjoint(words[:4]) and len(words) < 8))


def is_courtesy(words: list[str]) -> bool:
    """Whether the words say no more than yes, no or thank you."""
    courteous = _YES | _NO | _POLITE
    return not words or (words[0] in courteous and not set(words) - courteous - STOP_WORDS)


def corrects(text: str) -> bool:
    """Whether the words turn down what was said before, or want it changed."""
    return (is_no(text) and not is_yes(text)) or not _CORRECTING.isdisjoint(words_of(text[:_READ]))


def corrected(text: str) -> str:
    """The text from where the speaker begins anew: `12A, no wait, 14C` is `14C`, and `no, 0134` is `0134`."""
    begun = _BEGINS_ANEW.split(text)[-1].strip(" ,.:;!-")
    begun = begun if words_of(begun) else text
    rest = _TURNED_DOWN.sub("", begun, count=1)
    return rest if words_of(rest) else begun
