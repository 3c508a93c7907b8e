"""Text of anybody's as text that a terminal, a browser or an XML reader shows and never obeys."""

from __future__ import annotations

import re

_OBEYED = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but for tab and newline, DEL and C1: escape sequences begin with these
    "\u2028\u2029\u202a-\u202e\u2066-\u2069"  # line separators, and what turns the direction of the text around it
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # halves of characters and noncharacters, which no file may hold
    "]"
)


def printable(text: str) -> str:
    r"""The text with each character that could be obeyed as its escape, such as `\u001b`; tabs and newlines stay.

    Inside JSON the escape means the very same character, so JSON text stays the same data.
    """
    if text.isascii() and text.isprintable():
        return text
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\r\n", "\n"))
