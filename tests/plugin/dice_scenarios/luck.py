"""An expectation: what a tool rolled was at least so much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

from realtime_scenarios.document import Place
from realtime_scenarios.expectations import Expected
from realtime_scenarios.model.expectation import Failure, Scope
from realtime_scenarios.model.mention import Mention, ToolName
from realtime_scenarios.model.values import Source
from realtime_scenarios.trace import ToolReturned


class Lucky(Expected, frozen=True, eq=False):
    """The last roll of the tool came to at least `least`."""

    definition: ClassVar[Mapping[str, Any]] = {
        "description": "What a tool rolled was at least so much.",
        "type": "object",
        "additionalProperties": False,
        "required": ["tool", "least"],
        "properties": {"tool": {"type": "string"}, "least": {"type": "integer"}},
    }

    tool: ToolName
    least: int

    @classmethod
    def read(cls, value: Any, place: Place, source: Source) -> Self:
        return cls(place, ToolName(value["tool"], place / "tool"), value["least"])

    def names(self) -> Iterator[Mention]:
        yield self.tool

    def check(self, scope: Scope) -> Failure | None:
        rolls = [event for event in scope.of(ToolReturned) if event.tool == self.tool.text]
        if not rolls:
            return Failure(f"'{self.tool.text}' rolled nothing", scope.last)
        if int(rolls[-1].output) < self.least:
            return Failure(f"'{self.tool.text}' rolled {rolls[-1].output}, less than {self.least}", rolls[-1].seq)
        return None
