"""Text to words, and to the time that they take to say."""

from __future__ import annotations

import re
from functools import cache

from realtime_scenarios.core.scripts import HAN_AND_KANA, THAI_AND_NEIGHBOURS

MS_PER_WORD = 400
"""150 words a minute, the pace of plain speech."""

_WORDS = re.compile(r"\S+\s*|\s+")
_UNSPACED = HAN_AND_KANA + THAI_AND_NEIGHBOURS
_MARKS = "\u3001-\u3003\u3008-\u303f\uff01-\uff0f\uff1a-\uff1f"


def words_of(text: str) -> list[str]:
    """The words with the space behind them; joined they are the text.

    Scripts that put no space between words are cut into pieces that take about as long to say: two characters of
    Chinese or Japanese, four of Thai, Lao, Khmer or Burmese, with the punctuation behind them.
    """
    if text.isascii() or not _unspaced().search(text):
        return _WORDS.findall(text)
    return _words_without_spaces().findall(text)


def spoken_ms(words: int, speed: float) -> int:
    """How long so many words last when spoken at `speed` (1.0 is plain speech)."""
    return round(words * MS_PER_WORD / speed)


@cache
def _unspaced() -> re.Pattern[str]:
    """Reading the ranges takes milliseconds, which only texts of more than ASCII need."""
    return re.compile(f"[{_UNSPACED}]")


@cache
def _words_without_spaces() -> re.Pattern[str]:
    return re.compile(
        rf"(?:[{HAN_AND_KANA}]{{1,2}}|[{THAI_AND_NEIGHBOURS}]{{1,4}})[{_MARKS}]*\s*|[^\s{_UNSPACED}]+\s*|\s+"
    )
