"""Answers and questions that read a column which their query does not have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from realtime_scenarios.core import Span, did_you_mean
from realtime_scenarios.lint.code import table_findings
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.lint.walk import queries_of, span_of_line, span_of_part
from realtime_scenarios.model.written import Written
from realtime_scenarios.templates import ColumnRead, columns_read, place_of_name


@rule("SC531", "unknown-column")
def unknown_column(subject: Subject) -> Iterator[Finding]:
    """A text reads a column of the rows which its query does not have.

    Problem: the call fails as soon as there is a row.
    Instead: write the column as the query names it (`SELECT total AS amount` has `amount`), or select it too.
    """
    scenario = subject.scenario
    queries = [query for query in queries_of(scenario) if any(_columns_read_by(query.readers))]
    if not queries or any(table_findings(subject)):
        return
    from realtime_scenarios.stubs.data import Database  # only a scenario with queries needs SQLite

    with closing(Database(scenario.data, rows=False)) as database:
        columns = [database.columns(query.statement.text) for query in queries]
    for query, known in zip(queries, columns, strict=True):
        for written, column in _columns_read_by(query.readers) if known else ():
            if column.name not in known:
                message = f"the query has no column '{column.name}'"
                yield Finding(message, _span_of_column(column, written), did_you_mean(column.name, known))


def _columns_read_by(readers: tuple[Written, ...]) -> Iterator[tuple[Written, ColumnRead]]:
    for written in readers:
        for column in columns_read(written.text, written.kind):
            yield written, column


def _span_of_column(column: ColumnRead, written: Written) -> Span:
    stretch = place_of_name(written.text, written.kind, column.shown, column.line)
    if stretch is None:
        return span_of_line(written.text, written.place, column.line)
    return span_of_part(written.text, written.place, *stretch)
