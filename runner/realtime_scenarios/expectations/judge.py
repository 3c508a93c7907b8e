"""What only somebody who reads it can say of a conversation: a judge with a rubric, who can say no."""

from __future__ import annotations

from typing import Self

from realtime_scenarios.document import Place
from realtime_scenarios.expectations.expected import Expected
from realtime_scenarios.model.expectation import Failure, Scope, expectation
from realtime_scenarios.model.mention import Mention
from realtime_scenarios.model.tool import Json
from realtime_scenarios.model.values import Source


@expectation("judge")
class Judge(Expected, frozen=True, eq=False):
    """A text model says that the `rubric` holds. `model` is which one, None: the one that is there.

    It is asked where the conversation was held, and its word stands in the trace. Whoever holds it against a trace in
    which there is none leaves it out before (`verdicts/unchecked.py`): here that is a failure, and never a yes.
    """

    rubric: str
    model: str | None = None

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        if isinstance(value, str):
            return cls(place, value)
        return cls(place, value["rubric"], value.get("model"))

    def names(self) -> tuple[Mention, ...]:
        return ()

    def check(self, scope: Scope) -> Failure | None:
        judgement = scope.trace.judgements.get(self.place.json_pointer)
        if judgement is None or not judgement.is_clear:
            return Failure("nobody has judged this", scope.last)
        if judgement.answer == "passes":
            return None
        return Failure(f"the judge says that this does not hold: {judgement.reason}", scope.last)
