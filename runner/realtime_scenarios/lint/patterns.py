"""Patterns that decide nothing: every text matches them, or none does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from realtime_scenarios.core.patterns import MOST_PARTS, pattern_of
from realtime_scenarios.core.regex import Item, needed_items, ops, parsed
from realtime_scenarios.document import Place
from realtime_scenarios.document.place import scalars_in
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.lint.slips import patterns_of
from realtime_scenarios.model import Dialogue
from realtime_scenarios.model.tool import specs_of

_UNLIKE_ANYTHING = ("", "Zq7 ~", "\u00e9_9!", "Zq7 ~" * MOST_PARTS)
"""Texts that nothing but a pattern for everything matches all of; the last is too long for one that has an end."""


class _Edge(Struct, frozen=True):
    """What stands at an edge of a text, or of a line. `spared`: the one character that may be beyond it; "": none."""

    sign: str
    is_beginning: bool
    spared: str = ""
    is_of_line: bool = False


_EDGES = {
    ops.AT_BEGINNING: _Edge("^", is_beginning=True),
    ops.AT_BEGINNING_STRING: _Edge(r"\A", is_beginning=True),
    ops.AT_BEGINNING_LINE: _Edge("^", is_beginning=True, spared="\n", is_of_line=True),
    ops.AT_END: _Edge("$", is_beginning=False, spared="\n"),
    ops.AT_END_STRING: _Edge(r"\Z", is_beginning=False),
    ops.AT_END_LINE: _Edge("$", is_beginning=False, spared="\n", is_of_line=True),
}


@rule("SC538", "pattern-without-effect", "warning")
def pattern_without_effect(subject: Subject) -> Iterator[Finding]:
    """Every text matches a pattern, or none does but the empty one.

    Problem: `.*` checks nothing and stops everything; and nothing comes after the end, so that `$50` matches no text.
    Instead: leave the pattern out, or put a `\\` before a sign that stands for itself: `\\$50`.
    """
    for pattern, place in _patterns_in(subject):
        if (finding := _finding_about(pattern, place)) is not None:
            yield finding


def _finding_about(pattern: str, place: Place) -> Finding | None:
    try:
        compiled, tree = pattern_of(pattern), parsed(pattern)
    except ValueError:
        return None  # that is told where it is read
    items = list(needed_items(tree, tree.state.flags))
    if (edge := _misplaced_edge(items)) is not None:
        where = "comes before the beginning" if edge.is_beginning else "comes after the end"
        hint = f"put a '\\' before '{edge.sign}' where it stands for itself"
        return Finding(f"no text matches {pattern}: nothing {where}", place.span, hint)
    if _is_for_nothing(items) and compiled.is_found_in(""):
        return Finding(f"only the empty text matches {pattern}", place.span, "say what it is to look like")
    if "never_said" in place.pointer:
        return None  # that nothing is said at all can be asked for
    is_for_all = all(map(compiled.is_found_in, _UNLIKE_ANYTHING))
    return Finding(f"every text matches {pattern}", place.span, "say more, or leave it out") if is_for_all else None


def _misplaced_edge(items: Sequence[Item | None]) -> _Edge | None:
    """The edge that keeps any text from matching; None where there is none, or where it takes more to tell."""
    for at, item in enumerate(items):
        edge = _edge_of(item)
        if edge is not None and _is_crossed(edge, items[at::-1] if edge.is_beginning else items[at:]):
            return edge
    return None


def _edge_of(item: Item | None) -> _Edge | None:
    if item is None or item.kind is not ops.AT:
        return None
    by_line = ops.AT_MULTILINE if item.flags & re.MULTILINE else {}
    return _EDGES.get(by_line.get(item.told, item.told))


def _is_crossed(edge: _Edge, beyond: Iterable[Item | None]) -> bool:
    """Whether the items that lead away from an edge take a character that cannot be beyond it."""
    spared = edge.spared
    for item in beyond:
        if item is not None and item.kind is ops.AT:
            continue
        if item is not None and not item.is_at(spared):
            return True
        if edge.is_of_line:
            return False  # another line may begin here
        if item is not None:
            spared = ""
    return False


def _is_for_nothing(items: Sequence[Item | None]) -> bool:
    if not all(item is not None and item.kind is ops.AT for item in items):
        return False
    edges = [edge for item in items if (edge := _edge_of(item)) is not None]
    return {edge.is_beginning for edge in edges if not edge.is_of_line} == {True, False}


def _patterns_in(subject: Subject) -> Iterator[tuple[str, Place]]:
    yield from patterns_of(subject.scenario)
    for tool in specs_of(subject.scenario.tools).values():
        for field in tool.approval.fields.values() if tool.approval is not None else ():
            if field.pattern is not None:
                yield field.pattern, field.place / "pattern"
    for dialogue in {dialogue.script: dialogue for dialogue in subject.dialogues}.values():
        yield from patterns_said_to_match(dialogue)


def patterns_said_to_match(dialogue: Dialogue) -> Iterator[tuple[str, Place]]:
    """The regular expressions that texts of a dialogue are held against, each with its place."""
    for place, value in scalars_in(dialogue.place, dialogue.place.value):
        if place.pointer[-1:] == ("matches",) and isinstance(value, str):
            yield value, place
