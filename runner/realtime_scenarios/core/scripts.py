"""Scripts that put no blanks between words, as ranges of a class of characters."""

from __future__ import annotations

HAN_AND_KANA = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # kana, with the marks of repetition and length
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
THAI_AND_NEIGHBOURS = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
)
TIBETAN = "\u0f00-\u0fff"
"""It has a mark between syllables, so that these can be told apart as words can elsewhere."""
