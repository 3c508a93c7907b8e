"""Slips in templates and expressions that bring along what other languages write, each with what is written here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from realtime_scenarios.core import nearest

_OPENS = re.compile(r"\{[{%#]")
_CLOSED_BY = {"{{": "}}", "{%": "%}", "{#": "#}"}
_QUOTED = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\"""", re.DOTALL)
_OPENING = ("if", "for")
_TAGS = ("if", "elif", "else", "endif", "for", "endfor", "set")

_OPERATORS: tuple[tuple[str, str], ...] = (
    ("===", "write =="),
    ("!==", "write !="),
    ("<>", "write !="),
    ("&&", "write and"),
    (r"\|\|", "write or"),
    (r"!(?!=)", "write not"),
    (r"\?\?", "write {{ a if a is not none else b }}"),
    (r"\?", "write {{ a if condition else b }}"),
    (r"\bAND\b", "write and"),
    (r"\bOR\b", "write or"),
    (r"\bNOT\b", "write not"),
    (r"\bequals\b", "write =="),
    (r"\bcontains\b", "write it the other way round: 'a' in b"),
    (r"\bthen\b", "leave it out"),
    ("[\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}]", "write a straight quote: '"),
    ("[\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}]", 'write a straight quote: "'),
)
_ASSIGNMENT = re.compile(r"(?<![=!<>:])=(?!=)")

VALUES: Mapping[str, str] = {
    **dict.fromkeys(("null", "nil", "NULL", "undefined", "NONE"), "none"),
    **dict.fromkeys(("TRUE", "yes", "on"), "true"),
    **dict.fromkeys(("FALSE", "no", "off"), "false"),
    "len": "x | length",
    "str": "x | string",
    "int": "x | int",
    "float": "x | float",
    "round": "x | round",
}
"""Names of other languages for values and functions that have another name here."""


class Slip(Struct, frozen=True):
    """What is wrong between the characters `start` and `end` of a text."""

    message: str
    hint: str
    start: int
    end: int


class Stretch(Struct, frozen=True):
    """A piece of code in a text: an expression, or what stands in `{{ }}` (`tag` False) or `{% %}`.

    `code` has the length of what is written from `start` on, its texts in quotes being blanked out.
    """

    code: str
    start: int
    tag: bool = False


def stretches(text: str, kind: str) -> Iterator[Stretch]:
    """All code in a template; of an expression, the whole."""
    if kind == "expression":
        yield Stretch(_blanked(text), 0)
        return
    at = 0
    unclosed: set[str] = set()
    while found := _OPENS.search(text, at):
        opening = found.group()
        end = -1 if opening in unclosed else text.find(_CLOSED_BY[opening], found.end())
        if end < 0:
            unclosed.add(opening)  # looking again from each of them would take the square of the text's length
            at = found.start() + 1
            continue
        at = end + 2
        if opening != "{#":
            yield _inside(text, found.end(), end, tag=opening == "{%")


def _inside(text: str, start: int, end: int, *, tag: bool) -> Stretch:
    """The code between two marks, without the signs at them that take white space away."""
    start += text[start:end].startswith(("-", "+"))
    end -= text[start:end].endswith(("-", "+"))
    return Stretch(_blanked(text[start:end]), start, tag=tag)


def slip_in(text: str, kind: str, line: int, complaint: str) -> Slip | None:
    """The slip behind what Jinja complains about at a line (from 1); None where it is none that is known."""
    if kind == "template" and (slip := _slip_of_tags(text, complaint)) is not None:
        return slip
    for stretch in stretches(text, kind):
        if text.count("\n", 0, stretch.start + len(stretch.code)) + 1 < line:
            continue
        if (slip := _slip_of_operators(stretch, complaint)) is not None:
            return slip
    return None


def place_of_name(text: str, kind: str, name: str, line: int) -> tuple[int, int] | None:
    """From where to where a name stands in the code of a text, at that line (from 1) or below; None: nowhere."""
    wanted = re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)")
    for stretch in stretches(text, kind):
        for found in wanted.finditer(stretch.code):
            start = stretch.start + found.start()
            if text.count("\n", 0, start) + 1 >= line:
                return start, stretch.start + found.end()
    return None


def _slip_of_operators(stretch: Stretch, complaint: str) -> Slip | None:
    for pattern, hint in _OPERATORS:
        if found := re.search(pattern, stretch.code):
            return _operator_slip(stretch, found, hint)
    is_about_it = "got '='" in complaint or "chunk after" in complaint
    if is_about_it and (found := _ASSIGNMENT.search(stretch.code)):
        return _operator_slip(stretch, found, "write ==")
    return None


def _operator_slip(stretch: Stretch, found: re.Match[str], hint: str) -> Slip:
    start = stretch.start + found.start()
    return Slip(f"'{found.group()}' means nothing here", hint, start, start + len(found.group()))


def _slip_of_tags(text: str, complaint: str) -> Slip | None:
    """A tag that is none, that closes what is not open, or that is never closed."""
    is_unclosed = "Unexpected end of template" in complaint
    opened: list[tuple[str, int, int]] = []
    for stretch in stretches(text, "template"):
        words = list(re.finditer(r"[^\s(]+", stretch.code))
        word = words[0].group() if words else ""
        if not words or (not stretch.tag and word not in _OPENING):
            continue
        start, end = stretch.start + words[0].start(), stretch.start + words[0].end()
        if not stretch.tag:
            return Slip(f"'{word}' is a tag", f"write {{% {word} ... %}}", start, end)
        if word == "else" and len(words) > 1:
            return Slip("'else' takes no condition", "write elif", start, stretch.start + words[1].end())
        if word in _OPENING:
            opened.append((word, start, end))
        elif word.startswith("end") and word[3:] in _OPENING:
            if not opened:
                return Slip(f"'{word}' closes nothing", f"write {{% {word[3:]} ... %}} before it", start, end)
            if opened[-1][0] != word[3:]:
                return Slip(f"'{word}' closes no '{opened[-1][0]}'", f"write end{opened[-1][0]}", start, end)
            opened.pop()
        elif f"unknown tag '{re.match(r'[A-Za-z_]*', word)[0]}'" in complaint:  # type: ignore[index]
            return Slip(f"'{word}' is no tag", _meant_instead(word, opened), start, end)
    if is_unclosed and opened:
        word, start, end = opened[-1]
        return Slip(f"this '{word}' is never closed", f"write {{% end{word} %}} where it ends", start, end)
    return None


def _meant_instead(word: str, opened: list[tuple[str, int, int]]) -> str:
    if word.casefold() in ("elseif", "elsif", "elsif:", "else:"):
        return "write elif"
    if word in ("end", "fi", "done") and opened:
        return f"write end{opened[-1][0]}"
    guess = nearest(word, _TAGS)
    return f"did you mean '{guess}'?" if guess else f"a value is shown with {{{{ {word} }}}}"


def _blanked(code: str) -> str:
    return _QUOTED.sub(lambda found: "'" + " " * (len(found.group()) - 2) + "'", code)
