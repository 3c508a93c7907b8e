"""The scenario's tables as a private SQLite database, and SQL over it that can reach nothing else."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.core import did_you_mean
from realtime_scenarios.model.scenario import Table

_MOST_STEPS = 5_000_000
"""Steps of SQLite's virtual machine that statements may take which run together: about a second."""

_STEPS_AT_ONCE = 100
_MOST_SECONDS = 3.0
"""Of the processor: a step takes as long as the texts that it works on are long."""

_LONGEST_VALUE = 100_000
"""Bytes of one text or row. SQLite looks for a text in another one in the square of their lengths, in one step."""

_MOST_ROWS = 10_000
_MOST_CHARACTERS = 2_000_000
"""Of all the rows that are found, as text."""

_MOST_PAGES = 16_384
"""Of 4,096 bytes each, in which the tables are kept."""

_LONGEST_LIKE = 500

_NOT_ALLOWED = "only reading and changing the scenario's own rows is allowed"

_ALLOWED = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_INSERT,
    sqlite3.SQLITE_UPDATE,
    sqlite3.SQLITE_DELETE,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_TRANSACTION,
}
_WRITING = {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE}
_PARAMETER = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/|[:@$]([A-Za-z_]\w*)", re.DOTALL)
_SILENT = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_UNKNOWN = re.compile(r"(?:no such (?:table|column|function)|ambiguous column name): ((?:\w+\.)*(\w+))")
_NEAR = re.compile(r'near "(.+)": syntax error|unrecognized token: "(.+)"', re.DOTALL)
_MARKS_OF_TEMPLATES = ('unrecognized token: "{', 'unrecognized token: "$', 'near "%', 'near "{', "a '?' stands for")
_NOT_CLOSED = ("unrecognized token: \"'", 'unrecognized token: ""')
_NO_TABLE = re.compile(r"no such table: (?:main\.)?(\w+)")
_NO_COLUMN_AT_ALL = re.compile(r"no such column: \"?(.+?)\"?(?: - .*)?$", re.DOTALL)
_IN_DOUBLE_QUOTES = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|\"([^\"\]]+)\"", re.DOTALL)
_NO_COLUMN = re.compile(r"no such column: (?:\w+\.)*(\w+)")


class QueryFailed(Exception):
    """SQL that cannot be run; the message says why in one line. `is_too_much`: it does more than a query may."""

    def __init__(self, message: str, *, is_too_much: bool = False) -> None:
        super().__init__(message)
        self.is_too_much = is_too_much


class _TooMuchFound(sqlite3.Error):
    """More rows than may be found; the message says how many may."""


class _BadRow(sqlite3.Error):
    """A row that its table does not take; `index` counts from 0."""

    def __init__(self, index: int, problem: Exception) -> None:
        super().__init__(str(problem))
        self.index = index


@dataclass(frozen=True, slots=True)
class SqlProblem:
    """`row` is the index of the row that the table does not take; None where it is about no row.

    `stretch` is from where to where in the statement that stands which it is about; None: that cannot be told.
    `missing` is the name of a table, column or parameter that there is not; None: it is about something else.
    """

    message: str
    hint: str | None = None
    row: int | None = None
    stretch: tuple[int, int] | None = None
    missing: str | None = None


class Database:
    """The tables of one conversation, in memory. Use `close` when it is over."""

    def __init__(self, tables: Mapping[str, Table], *, rows: bool = True, saved: bytes | None = None) -> None:
        """`saved` is what another one held; None: the tables are made, with their `rows`."""
        self.tables = tables
        self._connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, _LONGEST_LIKE)
        if saved is not None:
            self._connection.deserialize(saved)
        self._connection.execute(f"PRAGMA max_page_count = {_MOST_PAGES}")
        self._begin_counting()
        for table in tables.values() if saved is None else ():
            self._create_table(table, table.rows if rows else ())
        self._connection.set_authorizer(_authorizer(_ALLOWED))
        self._connection.set_progress_handler(self._takes_too_long, _STEPS_AT_ONCE)

    def run(self, statements: Sequence[str], parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Run the statements in one transaction: the rows of the last one. Nothing is kept of a failed one.

        Raises:
            QueryFailed: a statement cannot be run, is not allowed, or takes too long.
        """
        bound = {name: _sql_value(value) for name, value in parameters.items()}
        rows: list[dict[str, Any]] = []
        self._begin_counting()
        try:
            self._connection.execute("BEGIN")
            for statement in statements:
                rows = list(_bounded(self._connection.execute(statement, bound)))
            self._connection.execute("COMMIT")
        except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError, MemoryError) as problem:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise QueryFailed(_failure_message(problem), is_too_much=_is_too_much(problem)) from problem
        return rows

    def read(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Rows of a statement that may only read.

        Raises:
            QueryFailed: it cannot be run, or it would change something.
        """
        self._connection.set_authorizer(_authorizer(_ALLOWED - _WRITING))
        try:
            return self.run([statement], parameters or {})
        finally:
            self._connection.set_authorizer(_authorizer(_ALLOWED))

    def columns(self, statement: str) -> tuple[str, ...]:
        """The columns of the rows that a statement comes to; none where it cannot be run, or has no rows."""
        self._begin_counting()
        try:
            self._connection.execute("BEGIN")
            found = self._connection.execute(statement, dict.fromkeys(parameters_of(statement))).description
            return tuple(column[0] for column in found or ())
        except (sqlite3.Error, sqlite3.Warning):
            return ()
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def has_no_column(self, statement: str, name: str) -> bool:
        """Whether that is what there is to say about a statement."""
        try:
            self._connection.execute(f"EXPLAIN {statement}", dict.fromkeys(parameters_of(statement)))
        except (sqlite3.Error, sqlite3.Warning) as problem:
            return (found := _NO_COLUMN_AT_ALL.search(str(problem))) is not None and found[1] == name
        return False

    def complains_about(self, statement: str, message: str) -> bool:
        """Whether that is what there is to say about the beginning of a statement."""
        try:
            self._connection.execute(f"EXPLAIN {statement}")
        except (sqlite3.Error, sqlite3.Warning) as problem:
            return str(problem) == message
        return False

    @property
    def saved(self) -> bytes:
        """All that it holds, for another one to begin with."""
        self._connection.set_authorizer(None)  # it asks for a number of pages, which no statement of an author may
        try:
            return self._connection.serialize()
        finally:
            self._connection.set_authorizer(_authorizer(_ALLOWED))

    def close(self) -> None:
        self._connection.close()

    def _create_table(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        columns = ", ".join(f"{_quoted_name(name)} {kind}" for name, kind in table.columns.items())
        self._connection.execute(f"CREATE TABLE {_quoted_name(table.name)} ({columns})")
        for index, row in enumerate(rows):
            names, places = ", ".join(map(_quoted_name, row)), ", ".join("?" for _ in row)
            given = f"({names}) VALUES ({places})" if row else "DEFAULT VALUES"
            insert = f"INSERT INTO {_quoted_name(table.name)} {given}"
            try:
                self._connection.execute(insert, [_sql_value(value) for value in row.values()])
            except (sqlite3.Error, sqlite3.Warning, OverflowError) as problem:
                raise _BadRow(index, problem) from problem

    def _begin_counting(self) -> None:
        self._steps = 0
        self._began = time.thread_time()

    def _takes_too_long(self) -> bool:
        self._steps += _STEPS_AT_ONCE
        return self._steps > _MOST_STEPS or time.thread_time() - self._began > _MOST_SECONDS


def _bounded(found: Iterable[sqlite3.Row]) -> Iterator[dict[str, Any]]:
    """The rows that are found.

    Raises:
        _TooMuchFound: they are too many, or too large.
    """
    characters = 0
    for count, row in enumerate(found, 1):
        characters += sum(len(value) if isinstance(value, (str, bytes)) else 1 for value in row)
        if count > _MOST_ROWS:
            raise _TooMuchFound(f"the query finds more than {_MOST_ROWS:,} rows")
        if characters > _MOST_CHARACTERS:
            raise _TooMuchFound(f"the rows of the query come to more than {_MOST_CHARACTERS:,} characters")
        yield dict(row)


_VARYING = re.compile(r"\b(?:random|randomblob)\s*\(|'now'|\bcurrent_(?:date|time|timestamp)\b", re.IGNORECASE)


def sql_problems(
    statement: str, database: Database, parameters: Iterable[str], *, reading: bool = False
) -> Iterator[SqlProblem]:
    """What is wrong with a statement: it cannot be read, or names an unknown table, column or parameter.

    `database` has the tables, and needs no rows. `reading`: only statements that change nothing are allowed.
    """
    known = list(parameters)
    names = parameters_of(statement)
    if varying := _VARYING.search(statement):
        hint = "bind the conversation's own time: params: {now: now}"
        shown = varying.group().replace("(", "()")
        yield SqlProblem(f"{shown} is another one in every run", hint, stretch=varying.span())
    for name in names:
        if name not in known:
            stretch = _stretch_of(f"[:@$]{name}", statement)
            message = f"':{name}' is no argument of this tool"
            yield SqlProblem(message, did_you_mean(name, known), stretch=stretch, missing=name)
    try:
        if reading:
            database.read(statement, dict.fromkeys(names))
        else:
            database.run([f"EXPLAIN {statement}"], dict.fromkeys(names))
    except QueryFailed as problem:
        cause = str(problem.__cause__)
        unknown = _UNKNOWN.search(cause)
        yield SqlProblem(
            str(problem),
            _hint(str(problem), database.tables, reading=reading),
            stretch=_stretch_of_failure(cause, statement, database),
            missing=unknown[2] if unknown else None,
        )


def too_much_in(statements: Sequence[str], tables: Mapping[str, Table]) -> Iterator[tuple[int, str]]:
    """Which bounds statements meet over these rows, one after the other, their parameters being null."""
    database = Database(tables)
    try:
        for index, statement in enumerate(statements):
            try:
                database.run([statement], dict.fromkeys(parameters_of(statement)))
            except QueryFailed as problem:
                if problem.is_too_much:
                    yield index, str(problem)
    finally:
        database.close()


def _stretch_of(pattern: str, statement: str) -> tuple[int, int] | None:
    """Where the pattern first stands as a word of its own, outside of texts and comments."""
    silent = _SILENT.sub(lambda found: " " * len(found.group()), statement)
    found = re.search(rf"(?<!\w){pattern}(?!\w)", silent, re.IGNORECASE)
    return found.span() if found else None


def _stretch_of_failure(message: str, statement: str, database: Database) -> tuple[int, int] | None:
    """Where that stands which SQLite complains about: it names a word, but not its place."""
    if found := _UNKNOWN.search(message):
        return _stretch_of(re.escape(found[1]), statement) or _stretch_of(re.escape(found[2]), statement)
    if found := _NEAR.search(message):
        for token in re.finditer(re.escape(found[1] or found[2]), statement):
            if database.complains_about(statement[: token.end()], message):
                return token.span()
    return None


def table_problem(table: Table) -> SqlProblem | None:
    """Why SQLite would not take the table; None where it does."""
    try:
        Database({table.name: table}).close()
    except _BadRow as problem:
        return SqlProblem(
            _failure_message(problem), "look at what the constraints of the columns demand of a row", problem.index
        )
    except (sqlite3.Error, sqlite3.Warning) as problem:
        return SqlProblem(_failure_message(problem), "look at the types and constraints of the columns")
    return None


def texts_in_double_quotes(statement: str, database: Database) -> Iterator[tuple[int, int]]:
    """From where to where names in double quotes stand that SQLite takes for texts, as there is no such column.

    In brackets it takes them for nothing but names: what it misses then was a text.
    """
    for found in _IN_DOUBLE_QUOTES.finditer(statement):
        if found[1] is None:
            continue
        as_name = f"{statement[: found.start()]}[{found[1]}]{statement[found.end() :]}"
        if database.has_no_column(as_name, found[1]):
            yield found.span()


def parameters_of(statement: str) -> list[str]:
    """The names of the parameters (`:name`) in a statement, in order."""
    return list(dict.fromkeys(name for name in _PARAMETER.findall(statement) if name))


def _authorizer(allowed: set[int]) -> Any:
    def authorize(action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> int:
        if action == sqlite3.SQLITE_FUNCTION and second in ("load_extension", "fts3_tokenizer"):
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY

    return authorize


def _sql_value(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list, tuple)) else value


def _quoted_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _is_too_much(problem: Exception) -> bool:
    return isinstance(problem, (_TooMuchFound, MemoryError)) or any(
        sign in str(problem) for sign in ("interrupted", "too big", "is full")
    )


def _failure_message(problem: Exception) -> str:
    message = str(problem)
    if "not authorized" in message or "prohibited" in message:
        return _NOT_ALLOWED
    if "interrupted" in message:
        return "the query takes too long"
    if "has no name" in message:
        return "a '?' stands for no argument"
    if "too big" in message:
        return f"a text or row is longer than {_LONGEST_VALUE:,} bytes"
    if "is full" in message or isinstance(problem, MemoryError):
        return "the tables grow too large"
    if missing := re.search(r"value for binding (?:parameter )?:?(\w+)", message):
        return f"there is no value for ':{missing.group(1)}'"
    return " ".join(message.split())  # it quotes the statement, be that of one line or of many


def _hint(message: str, tables: Mapping[str, Table], *, reading: bool) -> str | None:
    if message == _NOT_ALLOWED and reading:
        return "write SELECT over the tables below `data`: nothing may be changed here"
    if message == _NOT_ALLOWED:
        return "write SELECT, INSERT, UPDATE or DELETE over the tables below `data`"
    if message.startswith(_MARKS_OF_TEMPLATES):
        return "SQL is no template: bind a value by its name, as in :phone"
    if message.startswith(_NOT_CLOSED):
        return "close the text that begins there"
    if found := _NO_TABLE.search(message):
        return did_you_mean(found.group(1), tables)
    if found := _NO_COLUMN.search(message):
        return did_you_mean(found.group(1), dict.fromkeys(name for table in tables.values() for name in table.columns))
    return None
