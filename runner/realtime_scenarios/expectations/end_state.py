"""What a conversation left behind: context variables and data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from realtime_scenarios.core.redaction import MARK, is_something
from realtime_scenarios.document import Place
from realtime_scenarios.expectations.difference import SIGNS, difference, is_shown_as_diff
from realtime_scenarios.expectations.expected import Expected
from realtime_scenarios.expectations.matching import mismatch, shown
from realtime_scenarios.model.expectation import Failure, Scope, expectation
from realtime_scenarios.model.matcher import Matcher, read_value_matcher
from realtime_scenarios.model.mention import Mention, Query, VariableName
from realtime_scenarios.model.tool import Json
from realtime_scenarios.model.values import Source
from realtime_scenarios.trace import ContextChanged


@expectation("context")
class ContextValues(Expected, frozen=True, eq=False):
    """Each variable has this value at the end; a bare text must be equal, and conditions may say more."""

    values: Mapping[str, Matcher]

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        return cls(place, {name: read_value_matcher(data, place / name, source) for name, data in value.items()})

    def names(self) -> Iterable[Mention]:
        return tuple(VariableName(name, matcher.place) for name, matcher in self.values.items())

    def check(self, scope: Scope) -> Failure | None:
        variables = scope.trace.context_after(scope.end)
        for name, matcher in self.values.items():
            reason = mismatch(matcher, variables.get(name))
            at = max((event.seq for event in scope.of(ContextChanged) if event.variable == name), default=scope.last)
            if variables.get(name) == MARK and _is_about_what_is_hidden(matcher):
                told = "expect '[secret]', that there is one, or an empty value, that there is none"
                return Failure(f"context variable '{name}' holds a secret: {told}", at)
            if reason:
                return _different(f"context variable '{name}'", reason, matcher, variables.get(name), at)
        return None


@expectation("data")
class DataRows(Expected, frozen=True, eq=False):
    """The rows of a query over the tables as they are now; one row with one column may be given as its bare value."""

    query: Query
    returns: Matcher

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        returns = read_value_matcher(value["returns"], place / "returns", source)
        return cls(place, Query(value["query"], place / "query"), returns)

    def names(self) -> Iterable[Mention]:
        return (self.query,)

    def check(self, scope: Scope) -> Failure | None:
        if scope.trace.query is None:
            return Failure("the scenario has no data", scope.last)
        try:
            rows = scope.trace.query(self.query.text)
        except Exception as problem:  # the query is the author's, and may be wrong in any way
            return Failure(f"the query cannot be run: {problem}", scope.last)
        found = rows_as_written(self.returns, rows)
        reason = mismatch(self.returns, found) or _only_named(self.returns, found)
        return _different("the data is not as expected", reason, self.returns, found, scope.last) if reason else None


def rows_as_written(returns: Matcher, rows: Sequence[dict[str, Any]]) -> Any:
    """Rows in the form in which those that are expected are written."""
    return _with_truths(returns.equals, _in_the_form_of(returns.written, rows))


def _is_about_what_is_hidden(matcher: Matcher) -> bool:
    """Whether it is about the value itself, and not about whether there is one."""
    if matcher.has_equals:
        return is_something(matcher.equals) and matcher.equals != MARK
    return MARK not in matcher.texts and matcher.pattern is None


def _only_named(matcher: Matcher, found: Any) -> str | None:
    """That words which rows are to contain stand only in the names of their columns; None where they do not."""
    rows = found if isinstance(found, list) else [found]
    if not all(isinstance(row, dict) for row in rows):
        return None
    for words in matcher.contains:
        wanted = Matcher(matcher.place, words, contains=(words,))
        is_name = mismatch(wanted, [list(row) for row in rows]) is None
        if is_name and mismatch(wanted, [list(row.values()) for row in rows]) is not None:
            return f"'{words}' stands only in the names of columns: {shown(found)}"
    choices = [_only_named(choice, found) for choice in matcher.any_of if mismatch(choice, found) is None]
    return choices[0] if choices and all(choices) else None


def _different(what: str, reason: str, matcher: Matcher, found: Any, at: int | None) -> Failure:
    """That a value is not as expected: both in a line where they are short, and else what differs, line by line."""
    if matcher.has_equals and is_shown_as_diff(matcher.equals, found):
        return Failure(f"{what}: {SIGNS}", at, difference(matcher.equals, found))
    return Failure(f"{what}: {reason}", at)


def _in_the_form_of(wanted: Json, rows: Sequence[dict[str, Any]]) -> Any:
    """Rows as they were written down: all of them, the only one, or the only value of the only one."""
    if isinstance(wanted, list) or len(rows) != 1:
        return rows
    if isinstance(wanted, dict):
        return rows[0]
    return next(iter(rows[0].values())) if len(rows[0]) == 1 else rows


def _with_truths(wanted: Json, found: Any) -> Any:
    """What was found, with a yes or no wherever one is wanted: in tables these are the numbers 1 and 0."""
    match wanted, found:
        case bool(), 0 | 1:
            return bool(found)
        case dict(), dict():
            return {name: _with_truths(wanted.get(name), value) for name, value in found.items()}
        case list(), list() if len(wanted) == len(found):
            return [_with_truths(*pair) for pair in zip(wanted, found, strict=True)]
        case _:
            return found
