"""What an author wrote and YAML, SQL or a schema reads as something else: numbers, lists, rows, forms, characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from realtime_scenarios.core import did_you_mean
from realtime_scenarios.core.formats import FORMATS
from realtime_scenarios.core.schemas import schemas_in
from realtime_scenarios.document import Document, Place
from realtime_scenarios.document.indentation import swallowed_in
from realtime_scenarios.document.look_alikes import IN_PATTERNS, LOOK_ALIKES, described, first_look_alike
from realtime_scenarios.document.place import scalars_in, value_at
from realtime_scenarios.document.schema import SchemaName
from realtime_scenarios.lint.code import is_sound, sound_statements, table_findings
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.lint.walk import code_places, span_of_character, span_of_line, texts_of
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import Answer, Condition, specs_of
from realtime_scenarios.model.written import Code, Written

_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_OTHER_BASE = re.compile(r"0[xo][0-9a-fA-F]+")
_POWER = re.compile(r"[0-9]+[eE][0-9]+")
_DIALLED = re.compile(r"\+[0-9]{5,}")
_GROUPED = re.compile(r"[0-9]{1,3}(?:_[0-9]{3})+")
_STEP_OF_ROW = re.compile(r"(?<![\w.])row\s*(?:\.\s*(\w+)|\[\s*['\"](\w+)['\"]\s*\])")
_HELD_AGAINST_NULL = re.compile(r"(?<![\w.])rows?\b(?!\s*[.\[])|\|\s*(?:d|default)\b|\bis\s+(?:not\s+)?defined\b")
_IN_CASES = ("args", "context", "now", "approval", "rows", "row")
_NEVER_HEARD_OF = "-- nothing is like this --"
_COMMENT = re.compile(r"[ \t]+(#\w.*)")
_MARKS_OF_TEXTS = ('"', "'", "|", ">")
_CLASS_OF_PATTERN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)


@rule("SC512", "number-in-disguise", "warning")
def number_in_disguise(subject: Subject) -> Iterator[Finding]:
    """What looks like a postcode, a phone number or a code is read as a number.

    Problem: YAML drops what numbers do not have: `02134` is 2134, `+33612345678` has no plus, `0x1F` is 31, `12e5` is a
    million and some. And `1_000` is a text.
    Instead: put it in quotes: "02134".
    """
    documents = {id(place.document): place for place in _roots(subject)}
    for root in documents.values():
        for place, value in scalars_in(root, root.document.data):
            if _may_be_disguised(value):
                yield from _disguised(place)


@rule("SC513", "cut-by-commas", "warning")
def cut_by_commas(subject: Subject) -> Iterator[Finding]:
    """A sentence in `[...]` falls into several items at its commas.

    Problem: `[Ask for the first, middle and last name, and the title.]` is three instructions, not one.
    Instead: put the sentence in quotes, or each item on a line of its own, after `- `.
    """
    for place in _lists_of_sentences(subject.scenario):
        items = place.value
        if not isinstance(items, list) or not _written_at(place).startswith("["):
            continue
        written = [_written_at(place / index) for index in range(len(items))]
        for index in range(1, len(items)):
            if _continues(written[index - 1], written[index]) and written[0][:1].isupper():
                before = written[index - 1]
                hint = "put the whole sentence in quotes"
                message = f"'{written[index]}' is an item of its own here, cut off from '{before}' by the comma"
                yield Finding(message, (place / index).span, hint)


@rule("SC514", "row-without-empty", "warning")
def row_without_empty(subject: Subject) -> Iterator[Finding]:
    """An answer reads a column of the first row, and nothing says what is answered where there is none.

    Problem: the call fails for every caller whose row is not there, and the model reads why in words not your own.
    Instead: give the query an `empty` answer, or ask first: `row.status if row else none`.
    """
    if any(table_findings(subject)):
        return
    for tool in specs_of(subject.scenario.tools).values():
        texts = list(tool.stub.texts(tool.place, {"args": None}))  # names that may be used are no matter here
        statements = [text.text for text in texts if isinstance(text, Code) and text.kind == "sql"]
        if not statements or (tool.place / "query" / "empty").exists:
            continue
        answers = _texts_without_row(tool.stub.answers)
        found = [finding for answer in answers for finding in _unheld_columns(answer)]
        if found and _may_find_nothing(statements, subject.scenario):
            yield from found


@rule("SC516", "unknown-format", "warning")
def unknown_format(subject: Subject) -> Iterator[Finding]:
    """A schema has a `format` that nobody checks.

    Problem: any text fits it.
    Instead: write one of those that are checked, such as `date`, `time`, `email` or `uuid`, or a `pattern`.
    """
    for path, schema, place in _schemas_of(subject.scenario):
        word = schema.get("format")
        if isinstance(word, str) and word not in FORMATS:
            there = _place_at(place, (*path, "format"))
            yield Finding(f"'{word}' is no format that is checked", there.span, did_you_mean(word, FORMATS))


@rule("SC517", "look-alike-character", "warning")
def look_alike_character(subject: Subject) -> Iterator[Finding]:
    """Code holds a character that only looks like the one that is meant, or that cannot be seen.

    Problem: curly quotes, dashes, no-break and zero-width spaces come along when text is copied from a document or a
    chat. A pattern or a comparison with one of them matches nothing that people write.
    Instead: type the character. In what is said they may stand, and in a character class of a pattern: who writes
    `['’]` or `[-–]` means to match what a word processor makes of a straight quote or a hyphen, so nothing is said
    there.
    """
    for written in texts_of(subject.scenario):
        at = first_look_alike(written.text, code_places(written.text, written.kind))
        if at is not None and is_sound(written):
            yield _look_alike(written.text, at, written.place)
    for statement in sound_statements(subject):
        at = first_look_alike(statement.text, code_places(statement.text, "sql"))
        if at is not None:
            yield _look_alike(statement.text, at, statement.place)
    for text, place in patterns_of(subject.scenario):
        classes = {at for found in _CLASS_OF_PATTERN.finditer(text) for at in range(*found.span())}
        here = next((at for at, sign in enumerate(text) if sign in IN_PATTERNS and at not in classes), None)
        if here is not None:
            yield _look_alike(text, here, place)


@rule("SC544", "text-cut-by-comment", "warning")
def text_cut_by_comment(subject: Subject) -> Iterator[Finding]:
    """A text without quotes ends before a `#`.

    Problem: to YAML ` #1` begins a comment: of `say: press #1` only "press" is said.
    Instead: put the whole text in quotes: "press #1". A comment that is meant has a blank after its `#`.
    """
    for root in {id(place.document): place for place in _roots(subject)}.values():
        for place, value in scalars_in(root, root.document.data) if _may_have_comments(root) else ():
            if not isinstance(value, str):
                continue
            span = place.span
            written = root.document.line(span.line, span.file)[span.column - 1 :]
            cut_off = _COMMENT.match(root.document.line(span.end_line, span.file)[span.end_column - 1 :])
            if cut_off is not None and written[:1] not in _MARKS_OF_TEXTS:
                hint = f'put it in quotes: "{value} {cut_off[1].strip()}"'
                yield Finding(f"'{cut_off[1].strip()}' is a comment, and no part of the text", span, hint)


def _may_have_comments(root: Place) -> bool:
    """Whether it is worth while to look where each text ends; what a file includes is not in its text."""
    return "$include" in root.document.text or _COMMENT.search(root.document.text) is not None


@rule("SC518", "key-inside-text", "warning")
def key_inside_text(subject: Subject) -> Iterator[Finding]:
    """A line of a text is a key that is missing beside it.

    Problem: whatever is indented as a text after `|` or `>` is part of it, so `tools: [...]` two columns too deep is
    read out to the model, and the agent has no tools.
    Instead: move the line out to where the other keys begin.
    """
    of_scenario = subject.scenario.place.document
    documents = {id(place.document): place.document for place in _roots(subject)}
    for document in documents.values():
        kind: SchemaName = "scenario" if document is of_scenario else "dialogue"
        for slip in swallowed_in(document, kind) if isinstance(document, Document) else ():
            told = slip.diagnostic()
            key = document.line(slip.first + 1).strip().partition(":")[0]
            yield Finding(f"'{key}' is part of the text above it here, and no key", told.span, told.hint)


def _look_alike(text: str, at: int, place: Place) -> Finding:
    return Finding(described(text[at]), span_of_character(text, at, place), LOOK_ALIKES[text[at]].hint)


def _roots(subject: Subject) -> Iterator[Place]:
    """The documents that the scenario and its dialogues stand in."""
    yield Place(subject.scenario.place.document)
    for dialogue in subject.dialogues:
        yield Place(dialogue.place.document)


def _may_be_disguised(value: Any) -> bool:
    """Whether it is a number, or a text that might be meant as one."""
    if isinstance(value, str):
        return value[:1].isdigit() and _GROUPED.fullmatch(value) is not None
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _disguised(place: Place) -> Iterator[Finding]:
    written, value = _written_at(place), place.value
    quoted = f'put it in quotes: "{written}"'
    if isinstance(value, str):
        if written == value:
            plain = value.replace("_", "")
            yield Finding(f"{written} is read as a text, not as a number", place.span, f"write {plain}, or {quoted}")
    elif any(form.fullmatch(written) for form in (_LEADING_ZERO, _OTHER_BASE, _POWER, _DIALLED)):
        hint = f"write {value:.12g}" if _wants_a_number(place) else quoted
        yield Finding(f"{written} is read as the number {value:.12g}", place.span, hint)


def _wants_a_number(place: Place) -> bool:
    """Whether the schema around a value, such as that of a parameter around its `default`, says that it is a number."""
    around = value_at(place.pointer[:-1], place.document.data)
    return isinstance(around, dict) and around.get("type") in ("integer", "number")


def _written_at(place: Place) -> str:
    """What stands in the file, up to the end of its first line."""
    span = place.span
    end = span.end_column - 1 if span.end_line == span.line else None
    return place.document.line(span.line, span.file)[span.column - 1 : end]


def _lists_of_sentences(scenario: Scenario) -> Iterator[Place]:
    for tool in specs_of(scenario.tools).values():
        yield tool.place / "examples"
        yield tool.place / "filler"
        yield tool.place / "filler" / "say"
    for agent in scenario.agents.values():
        for edge in agent.handoffs:
            yield edge.place / "examples"
        for state in agent.states.states.values() if agent.states is not None else ():
            yield state.place / "instructions"
            yield state.place / "examples"


def _continues(before: str, after: str) -> bool:
    """Whether an item goes on with the sentence of the one before it."""
    ends = before[-1:] in (".", "!", "?", "…", ":", ")", '"', "'")
    return not ends and (after[:1].islower() or after.startswith(("and ", "or ")))


def _texts_without_row(answers: Iterable[Answer]) -> Iterator[Written]:
    """The texts of those answers that may be given where there is no row, and what says when they are."""
    for answer in answers:
        if answer.when is not None and not is_sound(answer.when.written(dict.fromkeys(_IN_CASES))):
            return  # it is told, and nobody knows what it would hold back
        is_given = _holds_without_row(answer.when)
        if is_given is not False:
            texts = answer.texts({"args": None, "rows": None, "row": None})
            yield from (text for text in texts if isinstance(text, Written))
        if is_given:
            return  # nothing behind it is reached


def _holds_without_row(condition: Condition | None) -> bool | None:
    """Whether a case is the answer where there is no row; None: that hangs on more than the row, or cannot be told."""
    from realtime_scenarios.templates import Expression, TemplateError  # only queries that are not held are looked at

    if condition is None:
        return True
    try:
        return bool(Expression(condition.expression).evaluate({"row": None, "rows": []}))
    except TemplateError:
        return None


def _unheld_columns(text: Written) -> Iterator[Finding]:
    places = list(code_places(text.text, text.kind, with_literals=True))
    code = "".join(text.text[at] for at in places)
    found = _STEP_OF_ROW.search(code)
    if found is not None and not _HELD_AGAINST_NULL.search(code):
        name = found[1] or found[2]
        hint = "say what is answered then: `empty: ...` in the query"
        line = 1 + text.text.count("\n", 0, places[found.start()])
        span = span_of_line(text.text, text.place, line)
        yield Finding(f"'row.{name}' is read, but there may be no row", span, hint)


def _may_find_nothing(statements: list[str], scenario: Scenario) -> bool:
    """Whether the statements find no row for arguments that nobody thought of. What cannot be run is told elsewhere."""
    from realtime_scenarios.stubs.data import Database, QueryFailed, parameters_of  # only queries need SQLite

    database = Database(scenario.data)
    bound = {name: _NEVER_HEARD_OF for statement in statements for name in parameters_of(statement)}
    try:
        return not database.run(statements, bound)
    except QueryFailed:
        return False
    finally:
        database.close()


def _schemas_of(scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any], Place]]:
    """Every schema that the author wrote: its path in a place, itself, and that place."""
    for variable in scenario.context.values():
        yield from _schemas_at(variable.place)
    for tool in specs_of(scenario.tools).values():
        yield from _parameters_at(tool.place / "parameters")
        yield from _parameters_at(tool.place / "model" / "output")
    for agent in scenario.agents.values():
        for edge in agent.handoffs:
            yield from _parameters_at(edge.place / "inputs")


def _parameters_at(place: Place) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any], Place]]:
    written = place.value
    if not isinstance(written, dict):
        return
    if written.get("type") == "object":
        yield from _schemas_at(place)
        return
    for name in written:
        yield from _schemas_at(place / name)


def _schemas_at(place: Place) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any], Place]]:
    for path, schema in schemas_in(place.value):
        yield path, schema, place


def _place_at(place: Place, path: tuple[str | int, ...]) -> Place:
    for step in path:
        place = place / step
    return place


def patterns_of(scenario: Scenario) -> Iterator[tuple[str, Place]]:
    """The regular expressions of guardrails and schemas, each with its place."""
    for guardrail in scenario.guardrails.values():
        if guardrail.pattern is not None:
            yield guardrail.pattern, guardrail.place / "pattern"
    for path, schema, place in _schemas_of(scenario):
        pattern = schema.get("pattern")
        if isinstance(pattern, str):
            yield pattern, _place_at(place, (*path, "pattern"))
