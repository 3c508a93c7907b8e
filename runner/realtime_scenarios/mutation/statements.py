"""Statements of SQL to those in which one condition, one constant or one order is another."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from realtime_scenarios.mutation.expressions import Stretch, parts_between

_TOKEN = re.compile(
    r"""(?P<text>'(?:[^']|'')*') | (?P<quoted>"(?:[^"]|"")*") | (?P<comment>--[^\n]*|/\*.*?\*/) | (?P<bound>[:@$]\w+)
    | (?P<number>\b\d+(?:\.\d+)?\b) | (?P<word>\w+) | (?P<open>\() | (?P<close>\)) | (?P<end>;)""",
    re.VERBOSE | re.DOTALL,
)
_TERMS_BEFORE = re.compile(r"(?i)\b(?:ORDER|GROUP)\s+BY\s+(?:[\w.]+(?:\s+(?:ASC|DESC))?\s*,\s*)*$")
_ENDS = {"GROUP", "ORDER", "LIMIT", "RETURNING", "UNION", "EXCEPT", "INTERSECT", "HAVING", "WINDOW"}


class Token(NamedTuple):
    """A word of a statement in capitals, or the kind of what is none; `depth` is in how many brackets it stands."""

    kind: str
    word: str
    depth: int
    stretch: Stretch


class Changed(NamedTuple):
    """A statement that was changed at a stretch of its text, and what was there."""

    text: str
    stretch: Stretch
    what: str


def without_conditions(sql: str) -> Iterator[Changed]:
    """Lacks one of the conditions that a WHERE holds against the rows."""
    tokens = _tokens(sql)
    for index, token in enumerate(tokens):
        if token.word != "WHERE":
            continue
        joints, end = _joints(tokens, index, len(sql))
        parts = parts_between(sql[:end], joints) if joints else [Stretch(token.stretch.end, end)]
        parts[0] = Stretch(token.stretch.end, parts[0].end)
        for number, part in enumerate(parts):
            what = _trimmed(sql, part)
            if len(parts) == 1:
                cut = Stretch(token.stretch.start, what.end)
            elif number == 0:
                cut = Stretch(what.start, _trimmed(sql, parts[1]).start)
            else:
                cut = Stretch(joints[number - 1].start, what.end)
            yield Changed(sql[: cut.start] + sql[cut.end :], what, " ".join(sql[what.start : what.end].split()))


def with_other_constants(sql: str) -> Iterator[Changed]:
    """Has another text or number in it.

    What stands behind SELECT alone, as in `EXISTS (SELECT 1 ...)`, says nothing; a number by which rows are ordered or
    grouped is the place of a column, and ESCAPE takes a single sign.
    """
    before = ""
    for token in _tokens(sql):
        start, end = token.stretch
        if token.kind == "text" and before != "ESCAPE":
            yield Changed(f"{sql[: end - 1]}~{sql[end - 1 :]}", token.stretch, sql[start:end])
        elif token.kind == "number" and before not in ("SELECT", "LIMIT") and not _is_column(sql, start):
            number = sql[start:end]
            other = f"{float(number) + 1:g}" if "." in number else str(int(number) + 1)
            yield Changed(sql[:start] + other + sql[end:], token.stretch, number)
        before = token.word


def with_other_order(sql: str) -> Iterator[Changed]:
    """Gives its rows in the opposite order, as far as the first term of its last ORDER BY decides."""
    tokens = _tokens(sql)
    orders = [index for index, token in enumerate(tokens) if token.word == "BY" and tokens[index - 1].word == "ORDER"]
    if not orders:
        return
    start = orders[-1]
    depth = tokens[start].depth
    end = len(sql)
    for token in tokens[start + 1 :]:
        if token.depth < depth or (token.depth == depth and token.word in _ENDS):
            end = token.stretch.start
            break
    comma = _comma(sql, tokens[start].stretch.end, end)
    term = _trimmed(sql, Stretch(tokens[start].stretch.end, comma))
    written = sql[term.start : term.end]
    turned = re.sub(r"(?i)\s+DESC$", "", written) if re.search(r"(?i)\sDESC$", written) else None
    if turned is None:
        turned = re.sub(r"(?i)\s+ASC$", "", written) + " DESC"
    yield Changed(sql[: term.start] + turned + sql[term.end :], term, " ".join(written.split()))


def with_higher_limit(sql: str) -> Iterator[Changed]:
    """Gives one row more."""
    tokens = _tokens(sql)
    for before, token in itertools.pairwise(tokens):
        if before.word == "LIMIT" and token.kind == "number" and before.depth == 0:
            start, end = token.stretch
            number = sql[start:end]
            yield Changed(f"{sql[:start]}{int(number) + 1}{sql[end:]}", token.stretch, number)


def _is_column(sql: str, start: int) -> bool:
    """Whether a number stands alone behind ORDER BY or GROUP BY, or behind another such term."""
    return _TERMS_BEFORE.search(sql, 0, start) is not None


def _tokens(sql: str) -> list[Token]:
    found, depth = [], 0
    for match in _TOKEN.finditer(sql):
        kind = str(match.lastgroup)
        if kind == "comment":
            continue
        if kind == "close":
            depth -= 1
        found.append(Token(kind, match[0].upper() if kind == "word" else "", depth, Stretch(*match.span())))
        if kind == "open":
            depth += 1
    return found


def _joints(tokens: Sequence[Token], where: int, end: int) -> tuple[list[Stretch], int]:
    """What joins the conditions behind a WHERE, and where these end. Those of OR are the outer ones."""
    depth = tokens[where].depth
    found: dict[str, list[Stretch]] = {"AND": [], "OR": []}
    is_between = False
    for index, token in enumerate(tokens[where + 1 :], where + 1):
        if token.depth < depth or token.kind == "end":
            end = token.stretch.start
            break
        if token.depth > depth:
            continue
        if token.word in _ENDS or (token.word == "ON" and tokens[index + 1].word == "CONFLICT"):
            end = token.stretch.start
            break
        if token.word == "BETWEEN":
            is_between = True
        elif token.word == "AND" and is_between:
            is_between = False
        elif token.word in found:
            found[token.word].append(token.stretch)
    return found["OR"] or found["AND"], end


def _comma(sql: str, start: int, end: int) -> int:
    """The first comma on the outermost level."""
    depth = 0
    for index in range(start, end):
        if sql[index] in "()":
            depth += 1 if sql[index] == "(" else -1
        elif sql[index] == "," and depth == 0:
            return index
    return end


def _trimmed(sql: str, stretch: Stretch) -> Stretch:
    text = sql[stretch.start : stretch.end]
    return Stretch(stretch.start + len(text) - len(text.lstrip()), stretch.end - (len(text) - len(text.rstrip())))
