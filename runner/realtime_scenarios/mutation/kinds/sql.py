"""What is asked of the tables: conditions, constants, order and how many rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from realtime_scenarios.document import Pointer
from realtime_scenarios.lint.walk import span_of_part
from realtime_scenarios.mutation.mutant import kind
from realtime_scenarios.mutation.statements import (
    Changed,
    with_higher_limit,
    with_other_constants,
    with_other_order,
    without_conditions,
)
from realtime_scenarios.mutation.subject import Change, Subject, Written
from realtime_scenarios.project.variation import Edit


class _Statement(NamedTuple):
    """`tells_one`: nothing but the first row of what it comes to is ever read."""

    tool: str
    written: Written
    tells_one: bool
    is_question: bool


@kind("sql-condition-dropped")
def sql_condition_dropped(subject: Subject) -> Iterator[Change]:
    """A query does not ask for one of its conditions."""
    yield from _changes(subject, without_conditions, "does not ask for `{}`")


@kind("sql-constant-changed")
def sql_constant_changed(subject: Subject) -> Iterator[Change]:
    """A query has another text or number in it."""
    yield from _changes(subject, with_other_constants, "has another value for `{}`")


@kind("sql-order-turned")
def sql_order_turned(subject: Subject) -> Iterator[Change]:
    """A query gives its rows in the opposite order."""
    yield from _changes(subject, with_other_order, "turns the order by `{}` around")


@kind("sql-limit-raised")
def sql_limit_raised(subject: Subject) -> Iterator[Change]:
    """A query gives one row more."""
    for statement in _statements(subject):
        if not statement.tells_one:
            yield from _changes_of(subject, statement, with_higher_limit, "gives more rows than {}")


def _changes(subject: Subject, ways: Callable[[str], Iterator[Changed]], says: str) -> Iterator[Change]:
    for statement in _statements(subject):
        yield from _changes_of(subject, statement, ways, says)


def _changes_of(
    subject: Subject, statement: _Statement, ways: Callable[[str], Iterator[Changed]], says: str
) -> Iterator[Change]:
    pointer, text = statement.written
    what = (
        f"the query of the question about '{statement.tool}'"
        if statement.is_question
        else (f"the query of '{statement.tool}'")
    )
    for changed in ways(text):
        yield Change(
            (Edit(pointer, changed.text),),
            pointer,
            span_of_part(text, subject.place(pointer), *changed.stretch),
            f"{what} {says.format(changed.what)}",
            f"one that calls '{statement.tool}' where this alone decides which rows are found",
        )


def _statements(subject: Subject) -> Iterator[_Statement]:
    for tool in subject.tools:
        query = tool.data.get("query")
        if query is not None:
            full = isinstance(query, dict) and "sql" in query
            data, pointer = (
                (query["sql"], (*tool.pointer, "query", "sql")) if full else (query, (*tool.pointer, "query"))
            )
            texts = list(_texts(subject, data, pointer))
            for number, written in enumerate(texts, 1):
                yield _Statement(tool.name, written, number == len(texts) and _tells_one(tool.data), is_question=False)
    for rule in subject.approvals:
        query = rule.data.get("query")
        if query is not None:
            full = isinstance(query, dict) and "sql" in query
            data, pointer = (
                (query["sql"], (*rule.pointer, "query", "sql")) if full else (query, (*rule.pointer, "query"))
            )
            for written in _texts(subject, data, pointer):
                tells_one = "rows" not in str(rule.data.get("question", ""))
                yield _Statement(rule.name, written, tells_one, is_question=True)


def _texts(subject: Subject, data: Any, pointer: Pointer) -> Iterator[Written]:
    if isinstance(data, list):
        for index, each in enumerate(data):
            yield from _texts(subject, each, (*pointer, index))
    elif (written := subject.written(pointer, data)) is not None:
        yield written


def _tells_one(data: Any) -> bool:
    """Whether an answer reads nothing but the first row."""
    query = data["query"]
    told = {key: data[key] for key in ("returns", "cases", "set") if key in data}
    if told:
        return "rows" not in str(told)
    return isinstance(query, dict) and query.get("result") in ("row", "value")
