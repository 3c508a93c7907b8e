"""A tool that answers its first call in one way, its second in another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from realtime_scenarios.document import Place
from realtime_scenarios.model.call import StubResult, ToolCall
from realtime_scenarios.model.stub import STUBS
from realtime_scenarios.model.tool import Answer, Assumptions
from realtime_scenarios.model.values import Source
from realtime_scenarios.model.written import Written
from realtime_scenarios.stubs.kind import WithoutModel
from realtime_scenarios.stubs.reading import answers_in

if TYPE_CHECKING:
    from realtime_scenarios.stubs.session import StubSession
    from realtime_scenarios.templates import Names


class SequenceStub(WithoutModel, frozen=True, eq=False):
    """The first call gets the first answer, the second the second; the last one repeats."""

    kind: ClassVar = "sequence"
    keys: ClassVar = frozenset(("sequence",))
    beside: ClassVar = frozenset[str]()

    answers: tuple[Answer, ...]

    @classmethod
    def read(cls, data: Mapping[str, Any], place: Place, source: Source) -> Self:
        return cls(answers_in(data["sequence"], place / "sequence", source))

    @property
    def assumptions(self) -> Assumptions:
        may_fail = any(answer.fails for answer in self.answers)
        return Assumptions(looks_outside=True, may_fail=may_fail, in_order=False, effect=None)

    def texts(self, place: Place, names: Names) -> Iterator[Written]:
        for answer in self.answers:
            yield from answer.texts(names)

    async def answer(self, call: ToolCall, session: StubSession) -> StubResult:
        from realtime_scenarios.stubs.answers import given_answer

        before = session.count(call.tool)
        return await given_answer(self.answers[min(before, len(self.answers) - 1)], call, session)


STUBS.add(SequenceStub.kind, SequenceStub)
