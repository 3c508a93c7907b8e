"""That nothing is claimed before the tool has done it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from realtime_scenarios.document import Place
from realtime_scenarios.expectations.expected import Expected
from realtime_scenarios.expectations.matching import mismatch, shown
from realtime_scenarios.model.expectation import Failure, Scope, expectation
from realtime_scenarios.model.matcher import Matcher, read_matcher
from realtime_scenarios.model.mention import Mention, ToolName
from realtime_scenarios.model.tool import Json
from realtime_scenarios.model.values import Source
from realtime_scenarios.trace import AgentSaid, ToolReturned


@expectation("claims")
class Claims(Expected, frozen=True, eq=False):
    """What matches `text` was said only after a call of the tool `after` had been answered, be it in an earlier turn.

    A call that was refused, rejected or failed is none. Where it is not said at all, nothing is claimed.
    """

    text: Matcher
    after: ToolName

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        after = ToolName(value["after"], place / "after")
        return cls(place, read_matcher(value["text"], place / "text", source), after)

    def names(self) -> Iterator[Mention]:
        yield self.after

    def check(self, scope: Scope) -> Failure | None:
        done = next(
            (
                event.seq
                for event in scope.trace
                if isinstance(event, ToolReturned) and event.tool == self.after.text and event.outcome == "answered"
            ),
            None,
        )
        for event in scope.of(AgentSaid):
            if mismatch(self.text, event.text, heard=True) is None and (done is None or event.seq < done):
                said = shown(event.text)
                return Failure(f"the agent claimed it before '{self.after.text}' had succeeded: {said}", event.seq)
        return None
