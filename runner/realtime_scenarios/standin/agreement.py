"""Yes, no and the courtesies around them, in English, French, Spanish and German."""

from __future__ import annotations

import re

from realtime_scenarios.standin.language import word_set
from realtime_scenarios.standin.numerals import with_digits
from realtime_scenarios.standin.words import STOP_WORDS, words_of

_YES, _NO, _POLITE = word_set("agrees"), word_set("denies"), word_set("polite")
_AGREED = re.compile(
    r"^(?:(?:go ahead|do it|sounds good|why not|i do|i would|c['’]est (?:juste|exact|cela|ça|bon)|tout est juste|"
    r"that(?: is|['’]s)(?: right| it| correct)|it is(?=\W*$| right| correct)|très bien|de acuerdo|eso es|"
    r"let['’]?s (?:begin|go|start)|go on|"
    r"(?:i am|i['’]m|all) ready|ready)\b)",
    re.I,
)
_BEGINS_ANEW = re.compile(
    r"\b(?:no,? wait|wait,? no|hold on|i mean|i meant|scratch that|or rather|ou plutôt|pardon, je veux dire)\b", re.I
)
_TURNED_DOWN = re.compile(
    r"^(?:(?:no|nope|nah|non|nein|sorry|actually|wrong|that['’]?s (?:wrong|not (?:it|right)))\b[\s,.!:;-]*)+", re.I
)
_ENDS = re.compile(
    r"\b(?:ends?|ending|finit|termine|acaba|last (?:\w+ )?digits are) (?:in|with|on|par|en)?\s*(\d(?:[ ,-]*\d)*)", re.I
)
_CORRECTS = re.compile(
    r"\b(?:wrong|incorrect|mistake|misheard|chang\w*|correct(?:ed|ion)|actually|instead|another|different\w*|meant|then)\b",
    re.I,
)
_READ = 300


def is_yes(text: str) -> bool:
    """Whether the text agrees to what was asked, perhaps among other things."""
    words = words_of(text[:_READ])
    return bool(words) and _NO.isdisjoint(words) and (words[0] in _YES or bool(_AGREED.search(text[:_READ].strip())))


def is_plain_yes(text: str) -> bool:
    """Whether the text agrees and says nothing more."""
    words = [word for word in words_of(text[:_READ]) if word not in STOP_WORDS]
    return is_yes(text) and len([word for word in words if word not in _YES | _POLITE]) < (
        3 if _AGREED.search(text.strip()) else 1
    )


def is_no(text: str) -> bool:
    words = words_of(text[:_READ])
    return bool(words) and (words[0] in _NO or (bool(_NO & set(words[:4])) and len(words) < 8))


def is_courtesy(words: list[str]) -> bool:
    """Whether the words say no more than yes, no or thank you."""
    return not words or (words[0] in _YES | _NO | _POLITE and not set(words) - _YES - _NO - _POLITE - STOP_WORDS)


def corrects(text: str) -> bool:
    """Whether the words turn down what was said before, or want it changed."""
    return (is_no(text) and not is_yes(text)) or bool(_CORRECTS.search(text))


def corrected(text: str) -> str:
    """The text from where the speaker begins anew: `12A, no wait, 14C` is `14C`, and `no, 0134` is `0134`."""
    begun = _BEGINS_ANEW.split(text)[-1].strip(" ,.:;!-")
    begun = begun if words_of(begun) else text
    rest = _TURNED_DOWN.sub("", begun, count=1)
    return rest if words_of(rest) else begun


def amended(value: object, text: str) -> str | None:
    """The value with the end that the text gives it: `ends in nine nine`; None where it gives none."""
    found = _ENDS.search(with_digits(text))
    digits = re.sub(r"\D", "", found[1]) if found else ""
    if not digits or not isinstance(value, str) or sum(map(str.isdigit, value)) < len(digits):
        return None
    places = [at for at, sign in enumerate(value) if sign.isdigit()][-len(digits) :]
    new = list(value)
    for at, digit in zip(places, digits, strict=True):
        new[at] = digit
    return "".join(new)
