"""Text to words, and to the time that they take to say."""

from __future__ import annotations

import re

MS_PER_WORD = 400
"""150 words a minute, the pace of plain speech."""

_WORDS = re.compile(r"\S+\s*|\s+")
_HAN_AND_KANA = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_THAI_AND_NEIGHBOURS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_UNSPACED = _HAN_AND_KANA + _THAI_AND_NEIGHBOURS
_MARKS = "\u3001-\u3003\u3008-\u303f\uff01-\uff0f\uff1a-\uff1f"
_WORDS_WITHOUT_SPACES = re.compile(
    rf"(?:[{_HAN_AND_KANA}]{{1,2}}|[{_THAI_AND_NEIGHBOURS}]{{1,4}})[{_MARKS}]*\s*|[^\s{_UNSPACED}]+\s*|\s+"
)
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")


def words_of(text: str) -> list[str]:
    """The words with the space behind them; joined they are the text.

    Scripts that put no space between words are cut into pieces that take about as long to say: two characters of
    Chinese or Japanese, four of Thai, Lao, Khmer or Burmese, with the punctuation behind them.
    """
    if text.isascii() or not _HAS_UNSPACED.search(text):
        return _WORDS.findall(text)
    return _WORDS_WITHOUT_SPACES.findall(text)


def spoken_ms(words: int, speed: float) -> int:
    """How long so many words last when spoken at `speed` (1.0 is plain speech)."""
    return round(words * MS_PER_WORD / speed)
