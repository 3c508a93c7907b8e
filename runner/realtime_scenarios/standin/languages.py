"""Which language a text is in, as far as the stand-in has to know."""

from __future__ import annotations

import re
from collections.abc import Mapping

from realtime_scenarios.standin.language import Texts, understood
from realtime_scenarios.standin.words import words_of

_COMMON: Mapping[str, frozenset[str]] = {code: frozenset(words) for code, words in understood()["common"].items()}
_NAMES = {"english": "en", "french": "fr", "français": "fr", "spanish": "es", "español": "es"}
_TOLD = re.compile(
    r"\b(?:speak|answer in|reply in|parlez) (?:only )?(English|French|français|Spanish|español)\b(?! to)", re.I
)
_READ = 4_000


def language_of(text: str) -> str:
    """The code of the language whose commonest words the text has most of; English where none is."""
    if told := _TOLD.search(text[:_READ]):
        return _NAMES[told[1].lower()]
    words = words_of(text[:_READ])
    if _is_in_other_letters(text[:_READ]):
        return "other"
    counts = {code: sum(word in common for word in words) for code, common in _COMMON.items()}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] > counts["en"] else "en"


def is_foreign(text: str, texts: Texts) -> bool:
    """Whether a caller's text is plainly in another language than that of these texts."""
    own = texts.code
    found = language_of(text)
    words = words_of(text[:_READ])
    return found != own and (found == "other" or sum(word in _COMMON[found] for word in words) >= 2 or "¿" in text)


def _is_in_other_letters(text: str) -> bool:
    letters = [sign for sign in text if sign.isalpha()]
    return bool(letters) and sum(sign > "\u024f" for sign in letters) * 2 > len(letters)
