"""The characters of a text to where each of them stands in its YAML, which folds, indents and escapes."""

from __future__ import annotations

_DIGITS = {"x": 2, "u": 4, "U": 8}


def indexes_in(source: str, value: str, style: str | None) -> list[int] | None:
    """For each character of `value`, and for its end, the index in `source`; None where the two do not belong together.

    `source` is what stands in the file from the first character of the scalar on: with its header, or its quotes.
    `style` is PyYAML's: `|`, `>`, a quote, or nothing. White space that YAML made of other white space stands where
    that begins.
    """
    at = _index_of_content(source, style)
    found: list[int] = []
    for character in value:
        is_space = character.isspace()
        while not is_space and at < len(source) and source[at].isspace():
            at += 1
        if style == '"' and source[at : at + 2] == "\\\n":  # a line that goes on below
            at += 2
            while at < len(source) and source[at] in " \t":
                at += 1
        found.append(min(at, len(source)))
        written = _written_length(source, at, character, style)
        if written is None:
            if not is_space:
                return None
            continue
        at += written
    return [*found, min(at, len(source))]


def _index_of_content(source: str, style: str | None) -> int:
    if style in ("|", ">"):
        return source.find("\n") + 1
    return 1 if style in ("'", '"') else 0


def _written_length(source: str, at: int, character: str, style: str | None) -> int | None:
    """How many characters stand for this one in the source; None where it does not stand there."""
    if style == '"' and source[at : at + 1] == "\\":
        return 2 + _DIGITS.get(source[at + 1 : at + 2], 0)
    if style == "'" and source[at : at + 2] == "''":
        return 2 if character == "'" else None
    return 1 if source[at : at + 1] == character else None
