"""Patterns about what is said, held against what is heard of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from realtime_scenarios.core.folding import folded
from realtime_scenarios.core.regex import UNREADABLE, Item, needed_items, ops, parsed
from realtime_scenarios.document import Place
from realtime_scenarios.lint.patterns import patterns_said_to_match
from realtime_scenarios.lint.rule import Finding, Subject, rule

_ABOUT_WORDS = frozenset(["said", "never_said", "opens", "nowhere", "asked", "asks", "say"])
"""Keys of dialogues whose patterns are about what somebody hears."""

_ENDS_OF_SENTENCES = ".,;:!?"
_EMPHASIS = "*`~"
_BLANKS = ((ops.CATEGORY, ops.CATEGORY_SPACE), *((ops.LITERAL, ord(blank)) for blank in " \t\r\n"))


@rule("SC850", "unheard-character", "warning")
def unheard_character(subject: Subject) -> Iterator[Finding]:
    """A pattern about what is said holds a character that nobody hears.

    Problem: guardrails and expectations hear words: emphasis, backquotes, curly quotes, soft hyphens and punctuation
    between words are folded away before a pattern is tried, so that it matches only where a text is typed just so.
    Instead: leave it out, or make it optional: `Riley,? you`.
    """
    for guardrail in subject.scenario.guardrails.values():
        if guardrail.pattern is not None:
            yield from _unheard_in(guardrail.pattern, guardrail.place / "pattern")
    for dialogue in subject.dialogues:
        for pattern, place in patterns_said_to_match(dialogue):
            if not _ABOUT_WORDS.isdisjoint(place.pointer):
                yield from _unheard_in(pattern, place)


def _unheard_in(pattern: str, place: Place) -> Iterator[Finding]:
    unheard = next(_unheard_characters(pattern), None)
    if unheard is not None:
        shown = unheard if unheard.isprintable() else f"U+{ord(unheard):04X}"
        yield Finding(f"nobody hears the '{shown}' of this pattern", place.span, "leave it out, or make it optional")


def _unheard_characters(pattern: str) -> Iterator[str]:
    """The characters that a text must have for the pattern to match, and that folding takes out of every text."""
    try:
        tree = parsed(pattern)
    except UNREADABLE:
        return  # told elsewhere
    items = list(needed_items(tree, tree.state.flags))
    for item, follower in itertools.zip_longest(items, items[1:]):
        if item is not None and item.kind is ops.LITERAL:
            character = chr(item.told)
            if _is_folded_away(character) or (character in _ENDS_OF_SENTENCES and _is_blank(follower)):
                yield character


def _is_folded_away(character: str) -> bool:
    """Whether it is heard neither between letters nor between numbers. A line break in a pattern is meant as one."""
    if character.isalnum() or character.isspace():
        return False
    return character in _EMPHASIS or all(
        character not in folded(f"{beside}{character}{beside}", keeps_case=True) for beside in "a8"
    )


def _is_blank(item: Item | None) -> bool:
    match item:
        case Item(kind=ops.LITERAL, told=character):
            return bool(character == ord(" "))
        case Item(kind=ops.IN, told=taken):  # `[\s\S]` takes a letter as well, and so `v1\.[\s\S]+` hears "v1.5"
            return all(part in _BLANKS for part in taken)
        case _:
            return False
