"""A text that was edited with plain line ends, to the same text with the ends that its lines had on disk."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

_END = re.compile("\r\n|\r|\n")


def plain(text: str) -> str:
    """The text as an editor holds it: each line ends with one `\\n`."""
    return _END.sub("\n", text)


def with_ends_of(original: str, edited: str) -> str:
    """`edited` with the line ends of `original`, line by line; a new line ends as the one before it does.

    A last line without an end keeps none, and so does one to which none was given.
    """
    edited = plain(edited)
    ends = _END.findall(original)
    if len(set(ends)) < 2:
        return edited.replace("\n", ends[0]) if ends else edited
    before, after = plain(original).split("\n"), edited.split("\n")
    known: dict[int, str] = {}
    for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        known |= {
            block.b + offset: ends[block.a + offset] for offset in range(block.size) if block.a + offset < len(ends)
        }
    current, lines = ends[0], []
    for number, line in enumerate(after):
        current = known.get(number, current)
        lines.append(line if number == len(after) - 1 else f"{line}{current}")
    return "".join(lines)
