"""A stub that rolls dice, the same ones in each conversation."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

from realtime_scenarios.document import Place
from realtime_scenarios.model.call import StubResult, ToolCall
from realtime_scenarios.model.tool import Answer, Assumptions
from realtime_scenarios.model.values import Source
from realtime_scenarios.model.written import Written
from realtime_scenarios.stubs.kind import WithoutModel
from realtime_scenarios.stubs.session import StubSession


class RollStub(WithoutModel, frozen=True, eq=False):
    """The sum of so many dice."""

    kind: ClassVar = "roll"
    keys: ClassVar = frozenset(("roll",))
    beside: ClassVar = frozenset[str]()
    properties: ClassVar[Mapping[str, Any]] = {
        "roll": {"description": "How many dice are rolled.", "type": "integer", "minimum": 1, "maximum": 10}
    }

    dice: int
    place: Place

    @classmethod
    def read(cls, data: Mapping[str, Any], place: Place, source: Source) -> Self:
        return cls(data["roll"], place / "roll")

    @property
    def answers(self) -> tuple[Answer, ...]:
        return (Answer(self.place, returns=0),)

    @property
    def assumptions(self) -> Assumptions:
        return Assumptions(looks_outside=True, may_fail=False, in_order=False, effect=None)

    def texts(self, place: Place, names: Any) -> Iterator[Written]:
        return iter(())

    async def answer(self, call: ToolCall, session: StubSession) -> StubResult:
        dice = random.Random(session.count(call.tool))
        return StubResult("answered", sum(dice.randint(1, 6) for _ in range(self.dice)))
