"""Text to what a listener hears of it: the same words give the same text, however they were typed.

It is one folding for guardrails, expectations, promises and the comparison of what was sent with what was to be: what
one of them hears, all of them hear. Characters that cannot be seen, emphasis and the dress of quotes and dashes go; so
do white space beyond one blank, punctuation between words, and case. Punctuation inside of a word or a number
(`o'clock`, `8:30`, `1,000`, `N-1001`, `a@b.example`) is part of it, and stays.

Scripts that are written without spaces have no edges of words: blanks between two of their characters go, too.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from realtime_scenarios.core.patterns import Pattern
from realtime_scenarios.core.scripts import HAN_AND_KANA, THAI_AND_NEIGHBOURS, TIBETAN

_SINGLE_QUOTES = "‘’‚‛‹›′ʼ`´"
_DOUBLE_QUOTES = "“”„‟«»″"
_HYPHENS = "‐‑‒−⁃"
_LONG_DASHES = "–—―"

_DRESS = str.maketrans(
    {
        **dict.fromkeys(_SINGLE_QUOTES, "'"),
        **dict.fromkeys(_DOUBLE_QUOTES, '"'),
        **dict.fromkeys(_HYPHENS, "-"),
    }
)

_SPACELESS = HAN_AND_KANA + THAI_AND_NEIGHBOURS + TIBETAN

_LONG_DASH = re.compile(rf"(?<=\d)[{_LONG_DASHES}](?=\d)|([{_LONG_DASHES}]+|--+|\.\.+)")
_EMPHASIS = re.compile(r"(?<=[^\W\d_])[_~]*\*[*_~]*(?=[^\W\d_])|(?<!\w)[*_~]+(?=\S)|(?<=\S)[*_~]+(?!\w)")
_BETWEEN_LETTERS = re.compile(r"(?<=[^\W\d_])[,;:!?()\[\]\"]+(?=[^\W\d_])|[\u3001\u3002\u30fb\u300c-\u300f]")
_BEFORE_A_WORD = "'\"([{\u00a1\u00bf,;:!?"
_AFTER_A_WORD = "'\")]}.,;:!?-\u2022"
_BEFORE_NO_NUMBER = ".-\u2022"
_IS_PLAIN = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*\Z")
_UNSEEN = frozenset(["Cf", "Cc", "Cn"])
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f]")


@lru_cache(maxsize=4096)
def folded(text: str, *, keeps_case: bool = False) -> str:
    """What is heard of the text; "" where it is made of punctuation alone.

    `keeps_case`: the case stays as it was, as patterns want it, and so does the punctuation at the very end: to a
    pattern, `$` is no word.
    """
    if not _IS_PLAIN.match(text):
        text = _undressed(text, keeps_end=keeps_case)
    return text if keeps_case else unicodedata.normalize("NFKC", text.casefold())


def is_heard(phrase: str, text: str, *, whole_words: bool = False) -> bool:
    """Whether the phrase is heard in the text, neither of them folded.

    `whole_words`: not inside of other words. Without, that only holds for an end of the phrase that has punctuation:
    `$5.` is not heard in `$50`. A phrase of punctuation alone is looked for as it stands.
    """
    words, heard = folded(phrase), folded(text)
    if not words:
        return phrase.strip() in text
    begins = whole_words or phrase.lstrip()[:1] in _BEFORE_A_WORD
    ends = whole_words or phrase.rstrip()[-1:] in _AFTER_A_WORD
    at = heard.find(words)
    while at >= 0:
        end = at + len(words)
        if (not begins or _is_edge(heard, at)) and (not ends or _is_edge(heard, end)):
            return True
        at = heard.find(words, at + 1)
    return False


def is_found(pattern: Pattern, text: str) -> bool:
    """Whether the pattern matches somewhere in what is heard of the text, case and all, or in the text as it stands."""
    return pattern.is_found_in(folded(text, keeps_case=True)) or pattern.is_found_in(text)


def _undressed(text: str, *, keeps_end: bool) -> str:
    text = unicodedata.normalize("NFKC", " ".join(text.translate(_DRESS).split()))
    text = "".join(character for character in text if unicodedata.category(character) not in _UNSEEN)
    text = _LONG_DASH.sub(lambda found: " " if found.group(1) else "-", _VARIATION_SELECTORS.sub("", text))
    text = _BETWEEN_LETTERS.sub(" ", _EMPHASIS.sub("", text))
    heard = " ".join(filter(None, map(_word, text.split())))
    if not heard.isascii():
        heard = _blank_between_spaceless().sub("", heard)
    return heard + text.rstrip()[len(text.rstrip(_AFTER_A_WORD + " ")) :] if keeps_end and heard else heard


def _word(token: str) -> str:
    """What is between two blanks, without the punctuation around it; "" where nothing is left."""
    token = token.rstrip(_AFTER_A_WORD).lstrip(_BEFORE_A_WORD)
    word = token.lstrip(_BEFORE_A_WORD + _BEFORE_NO_NUMBER)
    return token if word[:1].isdigit() and token[: -len(word)].strip(_BEFORE_A_WORD) in (".", "-", "-.") else word


def _is_edge(text: str, at: int) -> bool:
    """Whether a word may end or begin between the character before the position and the one at it."""
    if at in (0, len(text)):
        return True
    before, after = text[at - 1], text[at]
    if _is_spaceless(before) or _is_spaceless(after):
        return True
    return not (_is_of_a_word(before) and _is_of_a_word(after))


def _is_spaceless(character: str) -> bool:
    return not character.isascii() and _spaceless().match(character) is not None


@cache
def _spaceless() -> re.Pattern[str]:
    """Reading the ranges takes milliseconds, which only texts of more than ASCII need."""
    return re.compile(f"[{_SPACELESS}]")


@cache
def _blank_between_spaceless() -> re.Pattern[str]:
    return re.compile(rf"(?<=[{_SPACELESS}]) (?=[{_SPACELESS}])")


def _is_of_a_word(character: str) -> bool:
    return character.isalnum() or character == "_"
