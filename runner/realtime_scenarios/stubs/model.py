"""A tool that asks a text model one question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from msgspec import Struct

from realtime_scenarios.document import Place
from realtime_scenarios.model.call import StubFailed, StubResult, ToolCall
from realtime_scenarios.model.stub import STUBS
from realtime_scenarios.model.tool import Answer, Assumptions, ModelQuestion
from realtime_scenarios.model.values import Source, history, seconds
from realtime_scenarios.model.written import Written
from realtime_scenarios.stubs.kind import TOLD, WITH_ITS_MODEL
from realtime_scenarios.stubs.reading import answer_in, bare_answer_in

if TYPE_CHECKING:
    from realtime_scenarios.stubs.session import StubSession
    from realtime_scenarios.templates import Names


class ModelStub(Struct, frozen=True, eq=False):
    """Asks `question`. `given.returns` may be a template over `answer`; without it, the answer itself."""

    kind: ClassVar = "model"
    keys: ClassVar = frozenset(("model",))
    beside: ClassVar = TOLD
    supervisor: ClassVar = None
    catalogue: ClassVar = None
    waits: ClassVar = True
    patience: ClassVar = WITH_ITS_MODEL

    question: ModelQuestion
    given: Answer
    has_returns: bool

    @classmethod
    def read(cls, data: Mapping[str, Any], place: Place, source: Source) -> Self:
        question = _question(data["model"], place / "model", source)
        return cls(question, answer_in(data, place, source), "returns" in data)

    @property
    def answers(self) -> tuple[Answer, ...]:
        answers = (self.given, self.question.offline, self.question.fallback)
        return tuple(answer for answer in answers if answer is not None)

    @property
    def assumptions(self) -> Assumptions:
        return Assumptions(looks_outside=True, may_fail=True, in_order=False, effect=None)

    def texts(self, place: Place, names: Names) -> Iterator[Written]:
        asked: Names = {name: after for name, after in names.items() if name != "approval"}
        asked = {**asked, "scenario": ("id", "title")}
        yield Written(self.question.instructions.text, self.question.instructions.place, "template", asked)
        if self.question.input is not None:
            yield Written(self.question.input, place / "model" / "input", "template", asked)
        for answer in self.answers:
            yield from answer.texts({**names, "answer": None})

    async def answer(self, call: ToolCall, session: StubSession) -> StubResult:
        from realtime_scenarios.stubs.answers import given_answer, passed_on

        if session.text is None:
            raise StubFailed("there is no text model to ask")
        answer = await session.text.answered(self.question, call)
        if self.has_returns:
            return await given_answer(self.given, call, session, answer=answer)
        return await passed_on(self.given, answer, call, session, answer=answer)


def _question(data: Mapping[str, Any], place: Place, source: Source) -> ModelQuestion:
    return ModelQuestion(
        model=data.get("model"),
        instructions=source.text(data["instructions"], place / "instructions"),
        history=history(data.get("history", 0)),
        input=data.get("input"),
        output=source.parameters(data["output"], place / "output") if "output" in data else None,
        offline=bare_answer_in(data, "offline", place, source),
        retries=data.get("retries", 1),
        timeout=seconds(data.get("timeout", 30)),
        fallback=bare_answer_in(data, "fallback", place, source),
    )


STUBS.add(ModelStub.kind, ModelStub)
