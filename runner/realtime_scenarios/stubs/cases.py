"""A tool whose answer depends on conditions: the first case that holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from realtime_scenarios.document import Place
from realtime_scenarios.model.call import StubFailed, StubResult, ToolCall
from realtime_scenarios.model.stub import STUBS
from realtime_scenarios.model.tool import Answer, Assumptions, Condition
from realtime_scenarios.model.values import Source
from realtime_scenarios.model.written import Written
from realtime_scenarios.stubs.kind import WithoutModel
from realtime_scenarios.stubs.reading import answers_in

if TYPE_CHECKING:
    from realtime_scenarios.stubs.session import StubSession
    from realtime_scenarios.templates import Names


class CasesStub(WithoutModel, frozen=True, eq=False):
    """The first case whose `when` holds; a case without `when` always does. None holds: the model is told so."""

    kind: ClassVar = "cases"
    keys: ClassVar = frozenset(("cases",))
    beside: ClassVar = frozenset[str]()

    cases: tuple[Answer, ...]

    @classmethod
    def read(cls, data: Mapping[str, Any], place: Place, source: Source) -> Self:
        return cls(answers_in(data["cases"], place / "cases", source))

    @property
    def answers(self) -> tuple[Answer, ...]:
        return self.cases

    @property
    def assumptions(self) -> Assumptions:
        may_fail = any(case.fails for case in self.cases) or all(case.when is not None for case in self.cases)
        return Assumptions(looks_outside=True, may_fail=may_fail, in_order=True, effect=None)

    def texts(self, place: Place, names: Names) -> Iterator[Written]:
        for case in self.cases:
            yield from case.texts(names)

    async def answer(self, call: ToolCall, session: StubSession) -> StubResult:
        from realtime_scenarios.stubs.answers import given_answer

        return await given_answer(case_that_holds(self.cases, call), call, session)


def case_that_holds(cases: tuple[Answer, ...], call: ToolCall, **more: Any) -> Answer:
    """The first case whose condition holds. `more` are further names for conditions.

    Raises:
        StubFailed: none holds, or a condition fails.
    """
    for case in cases:
        if case.when is None or _holds(case.when, call.values(**more)):
            return case
    raise StubFailed(f"no case of '{call.tool}' fits {'what was found' if more else 'these arguments'}")


def _holds(condition: Condition, values: Mapping[str, Any]) -> bool:
    from realtime_scenarios.templates import Expression, TemplateError

    try:
        return bool(Expression(condition.expression).evaluate(values))
    except TemplateError as problem:
        raise StubFailed(f"the condition '{condition.expression}' fails: {problem.message}") from problem


STUBS.add(CasesStub.kind, CasesStub)
