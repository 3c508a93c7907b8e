"""A tool that asks a supervisor: a text agent with tools of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from msgspec import Struct

from realtime_scenarios.document import Place
from realtime_scenarios.model.call import StubFailed, StubResult, ToolCall
from realtime_scenarios.model.stub import STUBS
from realtime_scenarios.model.tool import Answer, Assumptions
from realtime_scenarios.model.values import Source
from realtime_scenarios.model.written import Written
from realtime_scenarios.stubs.kind import TOLD, WITH_ITS_MODEL
from realtime_scenarios.stubs.reading import answer_in

if TYPE_CHECKING:
    from realtime_scenarios.stubs.session import StubSession
    from realtime_scenarios.templates import Names


class SupervisorStub(Struct, frozen=True, eq=False):
    """Asks `supervisor`. `given.returns` may be a template over `answer`; without it, the answer itself."""

    kind: ClassVar = "supervisor"
    keys: ClassVar = frozenset(("supervisor",))
    beside: ClassVar = TOLD
    question: ClassVar = None
    catalogue: ClassVar = None
    waits: ClassVar = True
    patience: ClassVar = WITH_ITS_MODEL

    supervisor: str
    given: Answer
    has_returns: bool

    @classmethod
    def read(cls, data: Mapping[str, Any], place: Place, source: Source) -> Self:
        return cls(data["supervisor"], answer_in(data, place, source), "returns" in data)

    @property
    def answers(self) -> tuple[Answer, ...]:
        return (self.given,)

    @property
    def assumptions(self) -> Assumptions:
        effect = ("supervisor", self.supervisor)
        return Assumptions(looks_outside=True, may_fail=True, in_order=False, effect=effect)

    def texts(self, place: Place, names: Names) -> Iterator[Written]:
        return self.given.texts({**names, "answer": None})

    async def answer(self, call: ToolCall, session: StubSession) -> StubResult:
        from realtime_scenarios.stubs.answers import given_answer, passed_on

        if session.text is None:
            raise StubFailed("there is no text model to ask")
        answer = await session.text.supervised(self.supervisor, call, session)
        if self.has_returns:
            return await given_answer(self.given, call, session, answer=answer)
        return await passed_on(self.given, answer, call, session, answer=answer)


STUBS.add(SupervisorStub.kind, SupervisorStub)
