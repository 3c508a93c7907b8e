"""A tool that asks or changes the scenario's tables with SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from msgspec.structs import replace

from realtime_scenarios.document import Place
from realtime_scenarios.model.call import StubFailed, StubResult, ToolCall
from realtime_scenarios.model.stub import STUBS
from realtime_scenarios.model.tool import Answer, Assumptions, Condition, Json, Text
from realtime_scenarios.model.values import Source, expressions
from realtime_scenarios.model.written import Code, Written
from realtime_scenarios.stubs.cases import case_that_holds
from realtime_scenarios.stubs.kind import TOLD, WithoutModel
from realtime_scenarios.stubs.reading import answer_in, answers_in, value_in

if TYPE_CHECKING:
    from realtime_scenarios.stubs.session import StubSession
    from realtime_scenarios.templates import Names

_ANSWER_KEYS = {"returns", "raises", "times_out", "delay", "set"}
_COLUMN_OF_ROW = re.compile(r"\brow\s*[.\[]")
_NO_ROW = "row is none"
"""When `empty` is the answer, as an expression: nobody but the tables knows, so a proof takes both ways."""


class QueryStub(WithoutModel, frozen=True, eq=False):
    """SQL over the scenario's tables. Arguments are bound by name (`:phone`); `params` adds expressions to them.

    `sql` holds one or more statements, run in one transaction; the rows of the last one are the result.
    `result`: `rows` a list of objects, `row` the first or null, `value` its first column or null.
    `empty` answers when there is no row; None: the empty result itself. `given.returns` may be a template over `rows`
    (and `row`); when the author gave none the result itself is returned (`has_returns` False). Of `cases`, which read
    them as well, the first one that holds is the answer instead.
    """

    kind: ClassVar = "query"
    keys: ClassVar = frozenset(("query",))
    beside: ClassVar = TOLD | {"cases"}

    sql: tuple[Text, ...]
    params: Mapping[str, str]
    result: Literal["rows", "row", "value"]
    empty: Answer | None
    given: Answer
    has_returns: bool
    cases: tuple[Answer, ...]

    @classmethod
    def read(cls, data: Mapping[str, Any], place: Place, source: Source) -> Self:
        asked, there = data["query"], place / "query"
        query: Mapping[str, Any] = asked if isinstance(asked, dict) else {"sql": asked}
        return cls(
            sql=_statements(query["sql"], there / "sql" if isinstance(asked, dict) else there, source),
            params=expressions(query.get("params", {})),
            result=query.get("result", "rows"),
            empty=_answer_when_empty(query["empty"], there / "empty", source) if "empty" in query else None,
            given=answer_in(data, place, source),
            has_returns="returns" in data,
            cases=answers_in(data["cases"], place / "cases", source) if "cases" in data else (),
        )

    @property
    def answers(self) -> tuple[Answer, ...]:
        told = self.cases or (self.given,)
        if self.empty is None:
            return told
        return (replace(self.empty, when=Condition(_NO_ROW, self.empty.place)), *told)

    @property
    def assumptions(self) -> Assumptions:
        """Its rows may not be there, but it answers all the same, unless it must tell a column of one."""
        statements = tuple(" ".join(statement.text.split()).rstrip("; ").casefold() for statement in self.sql)
        needs_row = self.empty is None and any(_COLUMN_OF_ROW.search(text.text) for text in self.given.texts({}))
        may_fail = (
            needs_row or any(answer.fails for answer in self.answers) or all(answer.when for answer in self.answers)
        )
        return Assumptions(looks_outside=True, may_fail=may_fail, in_order=True, effect=("query", statements))

    def texts(self, place: Place, names: Names) -> Iterator[Written | Code]:
        bound = (*(names["args"] or ()), *self.params)
        for statement in self.sql:
            yield Code(statement.text, statement.place, "sql", bound)
        for name, text in self.params.items():
            yield Written(text, place / "query" / "params" / name, "expression", names)
        for answer in self.answers:
            yield from answer.texts({**names, "rows": None, "row": None})

    async def answer(self, call: ToolCall, session: StubSession) -> StubResult:
        from realtime_scenarios.stubs.answers import given_answer

        rows = self._rows(call, session)
        row = rows[0] if rows else None
        if row is None and self.empty is not None:
            return await given_answer(self.empty, call, session, rows=rows, row=row)
        try:
            return await self._result_of_rows(rows, row, call, session)
        except StubFailed as problem:
            if row is None:
                raise StubFailed(f"no row was found: {problem}") from problem
            raise

    async def _result_of_rows(
        self, rows: list[dict[str, Any]], row: dict[str, Any] | None, call: ToolCall, session: StubSession
    ) -> StubResult:
        from realtime_scenarios.stubs.answers import given_answer, passed_on

        if self.cases:
            case = case_that_holds(self.cases, call, rows=rows, row=row)
            return await given_answer(case, call, session, rows=rows, row=row)
        if self.has_returns:
            return await given_answer(self.given, call, session, rows=rows, row=row)
        value = next(iter(row.values())) if row else None
        output = {"rows": rows, "row": row, "value": value}[self.result]
        return await passed_on(self.given, output, call, session, rows=rows, row=row)

    def _rows(self, call: ToolCall, session: StubSession) -> list[dict[str, Any]]:
        from realtime_scenarios.stubs.data import QueryFailed  # only a call needs SQLite
        from realtime_scenarios.templates import Expression, TemplateError

        try:
            computed = {name: Expression(text).evaluate(call.values()) for name, text in self.params.items()}
            return session.tables.run([statement.text for statement in self.sql], {**call.args, **computed})
        except (QueryFailed, TemplateError) as problem:
            raise StubFailed(f"the query failed: {problem}") from problem


def _statements(data: Any, place: Place, source: Source) -> tuple[Text, ...]:
    if isinstance(data, list):
        return tuple(source.text(statement, place / index) for index, statement in enumerate(data))
    return (source.text(data, place),)


def _answer_when_empty(data: Json, place: Place, source: Source) -> Answer:
    if isinstance(data, dict) and data and data.keys() <= _ANSWER_KEYS:
        return answer_in(data, place, source)
    return Answer(place=place, returns=value_in(data, place, source))


STUBS.add(QueryStub.kind, QueryStub)
