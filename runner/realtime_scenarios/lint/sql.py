"""What SQL and tables hold that SQLite reads as something else than was meant."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

from realtime_scenarios.core import Related, nearest
from realtime_scenarios.lint.code import table_findings
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.lint.walk import code_of, span_of_part
from realtime_scenarios.model.mention import Query
from realtime_scenarios.model.scenario import Table
from realtime_scenarios.model.written import Code

_TEXT = re.compile(r"'((?:[^']|'')*)'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_BOUND = re.compile(r"[:@$]([A-Za-z_]\w*)")
_MARKED = re.compile(r"\{\{.*?\}\}|\$?\{[ \t]*[A-Za-z_][\w.]*[ \t]*\}", re.DOTALL)


@rule("SC532", "value-in-quotes", "warning")
def value_in_quotes(subject: Subject) -> Iterator[Finding]:
    """A value that should be bound stands in quotes, or in braces, inside of SQL.

    Problem: `':phone'` is a text of six characters, and SQL is no template, so that no row is found.
    Instead: write `:phone` without quotes; around it, `'%' || :phone || '%'`.
    """
    for statement in _statements_of(subject):
        for found in _TEXT.finditer(statement.text):
            text = found[1] or ""
            bound = next((name for name in _BOUND.findall(text) if name in statement.bound), None)
            marked = _MARKED.search(text)
            if bound is not None and text.strip("%_") == f":{bound}":
                hint = f"write :{bound}" if text == f":{bound}" else f"join them: {_joined(text, bound)}"
                yield _finding(f"':{bound}' in quotes is a text", found, statement, hint)
            elif marked is not None:
                hint = "bind it by its name, without quotes: :name"
                yield _finding(f"SQL is no template: '{marked.group()}' stays as it is", found, statement, hint)


@rule("SC533", "text-in-double-quotes", "warning")
def text_in_double_quotes(subject: Subject) -> Iterator[Finding]:
    """SQL has a text in double quotes.

    Problem: double quotes are for names of columns. SQLite takes what is none for a text, so that a slip in a name is a
    text as well, and nobody says so.
    Instead: write texts in single quotes.
    """
    statements = [statement for statement in _statements_of(subject) if '"' in statement.text]
    if not statements or any(table_findings(subject)):
        return  # what keeps the tables from being made is told by another rule
    from realtime_scenarios.stubs.data import Database, texts_in_double_quotes  # only queries need SQLite

    with closing(Database(subject.scenario.data, rows=False)) as database:
        for statement in statements:
            for start, end in texts_in_double_quotes(statement.text, database):
                text = statement.text[start + 1 : end - 1]
                span = span_of_part(statement.text, statement.place, start, end)
                columns = [name for table in subject.scenario.data.values() for name in table.columns]
                guess = nearest(text, columns)
                hint = f"write '{text}' in single quotes" + (f", or did you mean the column {guess}?" if guess else "")
                yield Finding(f'"{text}" is no column, and read as a text', span, hint)


@rule("SC534", "odd-column", "warning")
def odd_column(subject: Subject) -> Iterator[Finding]:
    """One row of a table has a column that no other has, and lacks one that all others have.

    Problem: the table has both columns, and the row has nothing in the one that is asked for.
    Instead: write the column as the other rows do.
    """
    for table in subject.scenario.data.values():
        if not (table.place / "columns").exists:
            yield from _odd_columns(table)


def _odd_columns(table: Table) -> Iterator[Finding]:
    times = Counter(name for row in table.rows for name in row)
    told: set[str] = set()
    for index, row in enumerate(table.rows):
        missing = [name for name, number in times.items() if name not in row and number == len(table.rows) - 1]
        for name in row if len(table.rows) > 1 else ():
            if times[name] > 1 or name in told:
                continue
            lacked = nearest(name, missing) or (missing[0] if len(table.rows) > 2 and missing else None)
            if lacked is not None:
                told.add(lacked)
                place = table.place / "rows" / index / name
                other = next(at for at, row in enumerate(table.rows) if lacked in row)
                related = Related(f"another row has '{lacked}'", (table.place / "rows" / other / lacked).key_span)
                message = f"no other row of '{table.name}' has '{name}', and this one has no '{lacked}'"
                yield Finding(message, place.key_span, f"did you mean '{lacked}'?", (related,))


def _statements_of(subject: Subject) -> Iterator[Code]:
    """The SQL of tools, of questions to people, and of dialogues."""
    yield from (statement for _, statement in code_of(subject.scenario, "sql"))
    for dialogue in subject.dialogues:
        for expectation in dialogue.expectations:
            for mention in expectation.names():
                if isinstance(mention, Query):
                    yield Code(mention.text, mention.place, "sql")


def _joined(text: str, name: str) -> str:
    before, _, after = text.partition(f":{name}")
    return " || ".join([*([f"'{before}'"] if before else []), f":{name}", *([f"'{after}'"] if after else [])])


def _finding(message: str, found: re.Match[str], statement: Code, hint: str) -> Finding:
    return Finding(message, span_of_part(statement.text, statement.place, *found.span()), hint)
