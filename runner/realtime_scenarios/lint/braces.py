"""Marks of templates where none is filled in, those of other languages, and names without any."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from realtime_scenarios.document import Place
from realtime_scenarios.document.place import scalars_in
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.lint.walk import code_of, span_of_part, texts_of
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.model.each import placeholders_in
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.written import Written
from realtime_scenarios.templates import Names

_MARKED = re.compile(r"\{\{.{0,1000}?\}\}|\{%.{0,1000}?%\}", re.DOTALL)
_OTHER_MARKS = re.compile(r"(?<![{\\])\$?\{[ \t]*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)[ \t]*\}(?!\})")
_TEMPLATES_AND_CODE = re.compile(
    r"\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z)|\{#.*?(?:#\}|\Z)|```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL
)
"""What is opened and never closed goes on to the end: to look for the end of each anew would take for ever."""
_BARE_NAME = re.compile(r"(?<![\w.$/@-])([A-Za-z_]\w*)\.([A-Za-z_]\w*)(?![\w(/@-]|\.\w)")
_READ_AS_THEY_STAND = frozenset(("matches", "excludes", "never_said", "nowhere", "pattern", "dialogues"))
"""Keys below which braces may be meant: of patterns, and of what must not be said."""


@rule("SC529", "template-not-filled-in", "warning")
def template_not_filled_in(subject: Subject) -> Iterator[Finding]:
    """A template or placeholder stands where texts are taken as they are, as in dialogues and in descriptions.

    Problem: `{{ context.name }}` is said, sent or shown, and so is `<city>` in a dialogue without `each`, and `{city}`
    in one that has it.
    Instead: write out what is meant. A dialogue can be played for several values with `each`: its placeholders are
    written `<city>`.
    """
    scenario = subject.scenario
    marked = [(there, text, found) for there, text in _texts_below(scenario.place) if (found := _MARKED.search(text))]
    filled_in = {(id(place.document), place.pointer) for place in _places_of_code(scenario)} if marked else ()
    for place, text, found in marked:
        around = (place.pointer[:depth] for depth in range(len(place.pointer) + 1))
        if not any((id(place.document), pointer) in filled_in for pointer in around):
            yield _not_filled_in(found, text, place, "write out what is meant")
    scripts = {dialogue.script: dialogue for dialogue in subject.dialogues}
    for dialogue in scripts.values():
        yield from _marks_of(dialogue)


@rule("SC530", "marks-of-another-language", "warning")
def marks_of_another_language(subject: Subject) -> Iterator[Finding]:
    """A template has a name between single braces, in `${...}`, or without any, as in `Pay args.amount`.

    Problem: nothing is filled in, and the name is said or shown.
    Instead: write two braces on either side: `{{ context.name }}`.
    """
    for written in texts_of(subject.scenario):
        if written.kind == "template":
            for found, meant in _names_left_in(written):
                span = span_of_part(written.text, written.place, *found.span())
                yield Finding(f"nothing is filled in for '{found.group()}'", span, f"write {{{{ {meant} }}}}")


def _names_left_in(written: Written) -> Iterator[tuple[re.Match[str], str]]:
    """What stands in a text where a name was to be filled in, each with that name."""
    text = _blanked(_TEMPLATES_AND_CODE, written.text)
    for found in _OTHER_MARKS.finditer(text):
        is_told = "agent" in written.names and re.fullmatch(r"\{[a-z_]+\}", found.group())  # SC613: in a prompt
        meant = _meant_by(found[1], written.names)
        if meant is not None and not is_told:
            yield found, meant
    for found in _BARE_NAME.finditer(_blanked(_OTHER_MARKS, text)):
        if found[2] in (written.names.get(found[1]) or ()):
            yield found, found.group()


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    """The text with blanks in place of what the pattern finds: all else keeps its column."""
    return pattern.sub(lambda found: " " * len(found.group()), text)


def _meant_by(path: str, names: Names) -> str | None:
    """The name that may be used there, as it is written; None where it is no such name."""
    root = path.partition(".")[0]
    if root in names:
        return path
    return next((f"{owner}.{path}" for owner, known in names.items() if known is not None and root in known), None)


def _marks_of(dialogue: Dialogue) -> Iterator[Finding]:
    for place, text in _texts_below(dialogue.place):
        if found := _MARKED.search(text):
            yield _not_filled_in(found, text, place, "a dialogue is no template: write out what is said")
        for name, _ in placeholders_in(place, text) if not dialogue.values and "</" not in text else ():
            hint = f"say for which values it is played: each: [{{{name}: ...}}]"
            yield Finding(f"'<{name}>' stays as it is: the dialogue has no `each`", place.span, hint)
    if dialogue.values:
        yield from _values_in_braces(dialogue)


def _values_in_braces(dialogue: Dialogue) -> Iterator[Finding]:
    """Names of values of `each`, written as other languages write them, wherever they stand."""
    for place, text in _texts_below(dialogue.place, as_they_stand=frozenset()):
        for found in _OTHER_MARKS.finditer(text):
            if found[1] in dialogue.values:
                yield _not_filled_in(found, text, place, f"write <{found[1]}>")


def _not_filled_in(found: re.Match[str], text: str, place: Place, hint: str) -> Finding:
    span = span_of_part(text, place, *found.span())
    return Finding(f"'{found.group()}' is no template here, and stays as it is", span, hint)


def _places_of_code(scenario: Scenario) -> Iterator[Place]:
    """Where templates, expressions and code stand, whose braces are looked at by other rules."""
    yield from (written.place for written in texts_of(scenario))
    yield from (statement.place for _, statement in code_of(scenario, "sql"))
    if scenario.opening is not None:
        yield scenario.opening.place


def _texts_below(place: Place, as_they_stand: Set[str] = _READ_AS_THEY_STAND) -> Iterator[tuple[Place, str]]:
    """The texts of a place, without those below keys that are read `as_they_stand`."""
    for there, value in scalars_in(place, place.value):
        if isinstance(value, str) and as_they_stand.isdisjoint(there.pointer[len(place.pointer) :]):
            yield there, value
