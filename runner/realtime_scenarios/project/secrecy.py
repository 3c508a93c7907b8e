"""Mistakes told without secrets: what files declare as secret is in no message, hint or note, and in no line shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from msgspec import Struct, structs

from realtime_scenarios.core import Diagnostic, Secrets, Span
from realtime_scenarios.core.schemas import schemas_in
from realtime_scenarios.document import Document, Place, Pointer
from realtime_scenarios.document.place import scalars_in
from realtime_scenarios.templates import columns_read

_OF_SCHEMAS = ("default", "enum", "const", "examples")
_SHORT = 4
"""A text of fewer characters is hidden only in what is told of the place where it stands."""

_LITERAL = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_PATH = re.compile(r"[A-Za-z_]\w*(?:\s*\.\s*\w+)+")
_WORD = re.compile(r"\w+")
_UNREAD = re.compile(rf"\b(?:{'|'.join(_OF_SCHEMAS)})\s*:([^,}}\]]*)")
_MARK = re.compile(r"[!*]([\w-]+)")
_OF_EXPRESSIONS = frozenset(["and", "else", "false", "if", "in", "is", "none", "not", "null", "or", "true"])


class _Secret(Struct, frozen=True):
    """A text that nobody may read. `span` is where it stands, with all that is told of it; `is_known` elsewhere too."""

    text: str
    span: Span
    is_known: bool


def without_secrets(
    found: Iterable[Diagnostic], scenario: Document | None, dialogues: Sequence[Document] = ()
) -> list[Diagnostic]:
    """What was found in a scenario's file, and in those of its dialogues, without what they hold of secrets."""
    told = list(found)
    written = list(_secrets(scenario, dialogues)) if told and scenario is not None else []
    if scenario is None or not written:
        return told
    names = _names(scenario.data)
    known = dict.fromkeys(each.text for each in written if each.is_known and each.text not in names)
    there = [each for each in written if each.text not in known]
    hiding = _Hiding(Secrets(tuple(known)), there, (scenario, *dialogues))
    return [hiding.hidden(diagnostic) for diagnostic in told]


def _names(data: Any) -> set[str]:
    """What is named in the scenario, as agents and tools are: it may be read elsewhere."""
    return {name for _, section in _entries(data) for name, _ in _entries(section)}


class _Hiding(Struct, frozen=True):
    """Secrets that are hidden `everywhere`, and others only in what is told of where they stand."""

    everywhere: Secrets
    there: Sequence[_Secret]
    documents: Sequence[Document]

    def hidden(self, found: Diagnostic) -> Diagnostic:
        secrets = self._told_at(found.span)
        return structs.replace(
            found,
            message=secrets.hidden(found.message),
            hint=None if found.hint is None else secrets.hidden(found.hint),
            related=tuple(
                structs.replace(each, message=secrets.hidden(each.message), line=self._line_at(each.span))
                for each in found.related
            ),
            line=self._line_at(found.span),
        )

    def _told_at(self, span: Span) -> Secrets:
        texts = tuple(each.text for each in self.there if _touch(span, each.span))
        return Secrets((*self.everywhere.values, *texts)) if texts else self.everywhere

    def _line_at(self, span: Span) -> str | None:
        """The line without its secrets; None: it has none."""
        own = next((each for each in self.documents if each.file == span.file), self.documents[0])
        line = own.line(span.line, span.file)
        shown = self._told_at(Span(span.file, span.line, 1, span.line, len(line) + 1)).blotted(line)
        return None if shown == line else shown


def _touch(here: Span, there: Span) -> bool:
    """Whether two stretches of a file have a character in common."""
    if here.line > there.end_line or there.line > here.end_line or here.file != there.file:
        return False
    first, second = sorted((here, there), key=lambda span: (span.line, span.column))
    return (second.line, second.column) < (first.end_line, first.end_column)


def _secrets(scenario: Document, dialogues: Sequence[Document]) -> Iterator[_Secret]:
    """All of them, as far as the data of files with mistakes can be read."""
    data = scenario.data if isinstance(scenario.data, dict) else {}
    variables = {name: value for name, value in _entries(data.get("context")) if _is_secret(value)}
    fields = {name for found in _fields(data) for name, value in found.items() if _is_secret(value)}
    named = {*variables, *fields}
    yield from chain.from_iterable(_left_out(document, named) for document in (scenario, *dialogues))
    if not named:
        return
    yield from chain.from_iterable(_of_variable(scenario, name, form) for name, form in variables.items())
    columns = set(variables)
    for pointer, mapping in _mappings((), data):
        if pointer[-1:] != ("set",):
            continue
        yield from _cut_off(scenario, pointer, mapping, set(variables))
        for name in variables.keys() & mapping.keys():
            yield from _of_expression(scenario, (*pointer, name), mapping[name])
            columns |= {read.name for read in columns_read(str(mapping[name]), "expression")}
    for name, table in _entries(data.get("data")):
        rows = table.get("rows") if isinstance(table, dict) else None
        yield from _under_names(scenario, ("data", name, "rows"), rows, columns)
    yield from _under_names(scenario, ("dialogues",), data.get("dialogues"), named)
    for document in dialogues:
        yield from _under_names(document, (), document.data, named)


def _of_variable(document: Document, name: str, form: Any) -> Iterator[_Secret]:
    """What the schema of a variable gives away of its values; all of the schema is told of them."""
    around = document.span(("context", name))
    for path, schema in schemas_in(form):
        yield from _cut_off(document, ("context", name, *path), schema, set(_OF_SCHEMAS))
        for key in _OF_SCHEMAS:
            pointer = ("context", name, *path, key)
            yield from _texts(document, pointer, schema.get(key), around)


def _left_out(document: Document, names: set[str]) -> Iterator[_Secret]:
    """What lines that could not be read give away, where they declare a secret themselves or name one."""
    named = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, names))})[\"']?\s*:([^,}}\]]*)") if names else None
    for number in document.left_out:
        line = document.line(number + 1)
        span = Span(document.file, number + 1, 1, number + 1, len(line) + 1)
        values = [*(_UNREAD.findall(line) if "secret" in line else ()), *(named.findall(line) if named else ())]
        for value in values:
            yield from (_Secret(word, span, False) for word in _WORD.findall(value))


def _of_expression(document: Document, pointer: Pointer, value: Any) -> Iterator[_Secret]:
    """The texts and words of an expression that a secret is set to; what it reads elsewhere is no secret."""
    span = document.span(pointer)
    if not isinstance(value, str):
        yield from _texts(document, pointer, value, span)
        return
    literals = [first or second for first, second in _LITERAL.findall(value)]
    rest = _PATH.sub(" ", _LITERAL.sub(" ", value))
    words = [word for word in _WORD.findall(rest) if word.lower() not in _OF_EXPRESSIONS]
    yield from (_Secret(text, span, len(text) >= _SHORT) for text in literals)
    if _PATH.search(_LITERAL.sub(" ", value)) is None:
        yield _Secret(value, span, False)
    yield from (_Secret(word, span, False) for word in words)


def _under_names(document: Document, pointer: Pointer, data: Any, names: set[str]) -> Iterator[_Secret]:
    """The values in the data whose keys are those names."""
    for above, mapping in _mappings(pointer, data):
        yield from _cut_off(document, above, mapping, names)
        for name in names & mapping.keys():
            there = (*above, name)
            if above[-1:] == ("context",) or not isinstance(mapping[name], dict):
                yield from _texts(document, there, mapping[name], document.span(there))


def _cut_off(document: Document, above: Pointer, mapping: Mapping[str, Any], names: set[str]) -> Iterator[_Secret]:
    """The rest of a secret that YAML reads as a key: behind a comma in `{...}`, and behind a colon without a space."""
    before: Span | None = None
    for key, value in mapping.items():
        if value is not None:
            before = document.span((*above, key)) if key in names else None
            continue
        span = document.span((*above, key), key=True)
        name, colon, rest = str(key).partition(":")
        if colon and name in names:
            yield _Secret(rest, span, False)
            before = span
        elif before is not None and not _is_followed_by_colon(document, span):
            yield from (_Secret(str(key), place, False) for place in (before, span))


def _is_followed_by_colon(document: Document, span: Span) -> bool:
    return document.line(span.end_line, span.file)[span.end_column - 1 :].lstrip().startswith(":")


def _texts(document: Document, pointer: Pointer, value: Any, around: Span) -> Iterator[_Secret]:
    """Each scalar in a value: as it is meant, as numbers are told, and as it is written, with what cuts it off."""
    for place, scalar in scalars_in(Place(document, pointer), value):
        if scalar is None and len(place.pointer) > len(pointer):  # the key of a mapping in `{...}`, meant as a text
            yield _Secret(str(place.pointer[-1]), around, False)
        if (mark := _anchored(place)) is not None:
            yield _Secret(mark, around, False)
        if scalar is not None and not isinstance(scalar, bool):
            texts = {str(scalar), *_written_forms(place)}
            if not isinstance(scalar, str):
                texts.add(f"{scalar:.12g}")
            yield from (_Secret(text, around, len(text) >= _SHORT) for text in texts)


def _written_forms(place: Place) -> Iterator[str]:
    span = place.span
    if span.line != span.end_line:
        return
    line = place.document.line(span.line, span.file)
    written = line[span.column - 1 : span.end_column - 1]
    yield written
    yield written.strip("'\"")
    yield written.replace("_", "")
    behind = line[span.end_column - 1 :].strip()
    if behind.startswith("#") and behind[1:2].strip():
        yield behind


def _anchored(place: Place) -> str | None:
    """The name of a tag or an alias, as which YAML reads a text that begins with its sign."""
    span = place.span
    written = place.document.line(span.line, span.file)[span.column - 1 :]
    found = _MARK.match(written)
    return found[1] if found else None


def _fields(data: Any) -> Iterator[dict[str, Any]]:
    """The fields of approvals, wherever functions are declared."""
    return (found for pointer, found in _mappings((), data) if pointer[-2:] == ("approval", "fields"))


def _mappings(pointer: Pointer, data: Any) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """The mappings in the data, each with where it stands."""
    waiting: list[tuple[Pointer, Any]] = [(pointer, data)]
    while waiting:
        at, value = waiting.pop()
        if isinstance(value, dict):
            yield at, value
            waiting += [((*at, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [((*at, index), inner) for index, inner in enumerate(value)]


def _entries(data: Any) -> Iterable[tuple[str, Any]]:
    return data.items() if isinstance(data, dict) else ()


def _is_secret(declared: Any) -> bool:
    """Whether it is declared as a secret, or may be meant as one."""
    return isinstance(declared, dict) and declared.get("secret", False) not in (False, None)
