"""A tool that always gives the same answer, fails in the same words, or never answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from realtime_scenarios.document import Place
from realtime_scenarios.model.call import StubResult, ToolCall
from realtime_scenarios.model.stub import STUBS
from realtime_scenarios.model.tool import Answer, Assumptions
from realtime_scenarios.model.values import Source
from realtime_scenarios.model.written import Written
from realtime_scenarios.stubs.kind import TIMED, WithoutModel
from realtime_scenarios.stubs.reading import answer_in

if TYPE_CHECKING:
    from realtime_scenarios.stubs.session import StubSession
    from realtime_scenarios.templates import Names


class ReturnsStub(WithoutModel, frozen=True, eq=False):
    """Always the same answer; its templates may still look at the arguments."""

    kind: ClassVar = "returns"
    keys: ClassVar = frozenset(("returns", "raises", "times_out"))
    beside: ClassVar = TIMED

    given: Answer

    @classmethod
    def read(cls, data: Mapping[str, Any], place: Place, source: Source) -> Self:
        return cls(answer_in(data, place, source))

    @property
    def answers(self) -> tuple[Answer, ...]:
        return (self.given,)

    @property
    def assumptions(self) -> Assumptions:
        return Assumptions(looks_outside=False, may_fail=self.given.fails, in_order=False, effect=None)

    def texts(self, place: Place, names: Names) -> Iterator[Written]:
        return self.given.texts(names)

    async def answer(self, call: ToolCall, session: StubSession) -> StubResult:
        from realtime_scenarios.stubs.answers import given_answer

        return await given_answer(self.given, call, session)


STUBS.add(ReturnsStub.kind, ReturnsStub)
