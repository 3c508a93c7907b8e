"""SQL that brings about an end state, as tests of LiveKit have it, to queries that find that state.

SQLite itself says what the statements mean; a few words of each are read by us, to know its table and its parts.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from realtime_scenarios.importers.sources import words

IGNORED = "IGNORED"
"""What LiveKit's hotel example writes where a value does not matter."""

_TOKEN = re.compile(
    r"""--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|[^\W\d]\w*|\d[\w.]*|\s+|.""", re.DOTALL
)
_MOST_COLUMNS = 60
_MOST_STEPS = 100_000
_ALLOWED = (
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_INSERT,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
)


class NoState(Exception):
    """The statement says nothing that a query could find; the text says why."""


class State(Struct, frozen=True):
    """A query with what it must return, and the columns of the table that it reads, with their SQL types."""

    query: str
    returns: int
    table: str
    columns: Mapping[str, str]


class _Token(Struct, frozen=True):
    text: str
    start: int
    depth: int

    @property
    def word(self) -> str:
        return self.text.upper()


def states_of(statement: str) -> list[State]:
    """What is to be found once the statement has been carried out.

    Raises:
        NoState: that cannot be said in a query.
    """
    tokens = _tokens(statement)
    match [token.word for token in tokens[:2]]:
        case ["INSERT", "INTO"]:
            return list(_inserted(statement, tokens))
        case ["UPDATE", _]:
            return [_updated(statement, tokens)]
        case ["DELETE", "FROM"]:
            return [_deleted(statement, tokens)]
        case [first, second]:
            raise NoState(f"{first} {second} is none of INSERT INTO, UPDATE and DELETE FROM")
        case _:
            raise NoState("it is no statement")


def _tokens(text: str) -> list[_Token]:
    """What means something in the text, with how many brackets are open around it; without a `;` at the end."""
    tokens: list[_Token] = []
    depth = 0
    for found in _TOKEN.finditer(text):
        part = found[0]
        if part.isspace() or part.startswith(("--", "/*")):
            continue
        depth -= part == ")"
        tokens.append(_Token(part, found.start(), depth))
        depth += part == "("
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    if any(token.text == ";" for token in tokens):
        raise NoState("it is several statements")
    return tokens


def _inserted(statement: str, tokens: list[_Token]) -> Iterator[State]:
    table = _name(tokens[2] if len(tokens) > 2 else None)
    at = next((index for index, token in enumerate(tokens) if token.word == "VALUES" and token.depth == 0), None)
    if at is None or len(tokens) < 6 or tokens[3].text != "(":
        raise NoState("it does not name its columns, or takes its rows from elsewhere")
    columns = [_name(token) for token in tokens[4 : at - 1] if token.text != ","]
    if any(token.word in ("ON", "RETURNING") and token.depth == 0 for token in tokens[at:]):
        raise NoState("what it does hangs on what is there already")
    rows = Counter(_rows(statement, table, columns))
    for row, times in rows.items():
        known = {column: value for column, value in zip(columns, row, strict=True) if value != IGNORED}
        if not known:
            raise NoState("it says nothing of the row")
        where = " AND ".join(f"{_quoted(column)} IS {_literal(value)}" for column, value in known.items())
        types = {column: _type(known.get(column, "")) for column in columns}
        yield State(f"SELECT count(*) FROM {_quoted(table)} WHERE {where}", times, table, types)  # noqa: S608


def _updated(statement: str, tokens: list[_Token]) -> State:
    table = _name(tokens[1])
    if len(tokens) < 6 or tokens[2].word != "SET":
        raise NoState("it is no UPDATE of a table by its name")
    if any(token.word in ("FROM", "RETURNING") and token.depth == 0 for token in tokens):
        raise NoState("it reads other tables, or returns rows")
    at = next((index for index, token in enumerate(tokens) if token.word == "WHERE" and token.depth == 0), len(tokens))
    end = tokens[at].start if at < len(tokens) else len(statement)
    values = dict(_assignments(statement, tokens[3:at], end))
    condition, read = _condition(statement, tokens, at, table, values)
    if any(column.casefold() in {other.casefold() for other in read} for column in values):
        raise NoState("it asks for what it changes")
    holds = " AND ".join(f"{_quoted(column)} IS {_literal(value)}" for column, value in values.items())
    query = f"SELECT count(*) > 0 AND min({holds}) FROM {_quoted(table)}{condition}"  # noqa: S608
    types = {**dict.fromkeys(read, "TEXT"), **{column: _type(value) for column, value in values.items()}}
    return State(query, 1, table, types)


def _deleted(statement: str, tokens: list[_Token]) -> State:
    table = _name(tokens[2] if len(tokens) > 2 else None)
    condition, read = _condition(statement, tokens, 3, table, {})
    return State(f"SELECT count(*) FROM {_quoted(table)}{condition}", 0, table, dict.fromkeys(read, "TEXT"))  # noqa: S608


def _assignments(statement: str, tokens: list[_Token], end: int) -> Iterator[tuple[str, Any]]:
    """The columns that are set, and the values that they get."""
    starts = [0, *(index + 1 for index, token in enumerate(tokens) if token.text == "," and token.depth == 0)]
    for here, there in zip(starts, [*starts[1:], len(tokens) + 1], strict=True):
        if len(tokens[here : there - 1]) < 3 or tokens[here + 1].text != "=":
            raise NoState("it sets something else than a column to a value")
        stop = tokens[there - 1].start if there <= len(tokens) else end
        yield _name(tokens[here]), _constant(statement[tokens[here + 2].start : stop])


def _condition(
    statement: str, tokens: list[_Token], at: int, table: str, columns: Mapping[str, Any]
) -> tuple[str, list[str]]:
    """The WHERE of a statement as it stands there, and the columns that it reads."""
    if at >= len(tokens):
        return "", []
    if tokens[at].word != "WHERE":
        raise NoState("something else than WHERE stands behind the table")
    last = tokens[-1]
    text = " ".join(statement[tokens[at].start : last.start + len(last.text)].split())
    read: list[str] = []
    while True:
        with _database(table, [*columns, *read]) as database:
            try:
                database.execute(f"SELECT 1 FROM {_quoted(table)} {text}")  # noqa: S608
            except sqlite3.OperationalError as problem:
                missing = re.fullmatch(r"no such column: \"?(\w+)\"?.*", str(problem))
                if missing is None or len(read) > _MOST_COLUMNS or missing[1] in read:
                    raise NoState(f"SQLite says: {problem}") from None
                read.append(missing[1])
                continue
            except sqlite3.Error as problem:
                raise NoState(f"SQLite says: {problem}") from None
        return f" {text}", [*read, *(column for column in columns if _mentions(text, column))]


def _mentions(text: str, column: str) -> bool:
    return any(token.text.strip('"`[]').casefold() == column.casefold() for token in _tokens(text))


def _rows(statement: str, table: str, columns: list[str]) -> list[tuple[Any, ...]]:
    with _database(table, columns) as database:
        try:
            database.execute(statement)
            rows = database.execute(f"SELECT * FROM {_quoted(table)}").fetchall()  # noqa: S608
        except (sqlite3.Error, sqlite3.Warning, OverflowError) as problem:
            raise NoState(f"SQLite says: {problem}") from None
    if any(isinstance(value, bytes) for row in rows for value in row):
        raise NoState("a value is no text and no number")
    return rows


def _constant(expression: str) -> Any:
    with _database("nothing", ["nothing"]) as database:
        try:
            (value,) = database.execute(f"SELECT {expression}").fetchone()
        except (sqlite3.Error, sqlite3.Warning, OverflowError, ValueError):
            raise NoState("it sets a value that is made of others") from None
    if isinstance(value, bytes):
        raise NoState("a value is no text and no number")
    return value


class _database:
    """An empty table in memory, where a statement can do nothing but read and insert, and not for long."""

    def __init__(self, table: str, columns: list[str]) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        try:
            listed = ", ".join(f'"{column}"' for column in columns) or "x"
            self._connection.execute(f'CREATE TABLE "{table}" ({listed})')
        except sqlite3.Error as problem:
            self._connection.close()
            raise NoState(f"SQLite says: {problem}") from None
        self._connection.set_authorizer(
            lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY
        )
        self._steps = 0
        self._connection.set_progress_handler(self._is_too_long, 1000)

    def _is_too_long(self) -> int:
        self._steps += 1000
        return self._steps > _MOST_STEPS

    def __enter__(self) -> sqlite3.Connection:
        return self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _name(token: _Token | None) -> str:
    text = token.text.strip('"`[]') if token is not None else ""
    if not re.fullmatch(r"[A-Za-z_]\w*", text, re.ASCII):
        raise NoState("a table or a column has a name that none can have here")
    return text


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) and name.upper() not in _WORDS else f'"{name}"'


_WORDS = words(
    "ALL AND AS BY CASE CHECK DEFAULT FROM GROUP IN INDEX IS KEY LIMIT NOT NULL ON OR ORDER REFERENCES SELECT SET TABLE"
    " TO UNION UNIQUE VALUES WHERE"
)


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def _type(value: Any) -> str:
    return {int: "INTEGER", float: "REAL"}.get(type(value), "TEXT")
