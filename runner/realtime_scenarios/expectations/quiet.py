"""How long a caller hears nothing while a tool works."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from realtime_scenarios.document import Place
from realtime_scenarios.expectations.expected import Expected
from realtime_scenarios.model.bounds import Bounds, read_times
from realtime_scenarios.model.expectation import Failure, Scope, expectation
from realtime_scenarios.model.mention import Mention
from realtime_scenarios.model.tool import Json
from realtime_scenarios.model.values import Source


@expectation("quiet")
class Quiet(Expected, frozen=True, eq=False):
    """No tool worked longer than this at a stretch: a model that has called one says nothing until it has answered."""

    bounds: Bounds

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        return cls(place, read_times(value, place, source))

    def names(self) -> Iterable[Mention]:
        return ()

    def check(self, scope: Scope) -> Failure | None:
        longest = max((turn.longest_call for turn in scope.measures), default=0.0)
        if self.bounds.allow(longest):
            return None
        expected = self.bounds.in_words(lambda seconds: f"{seconds:g} s")
        return Failure(f"while a tool works it was to be quiet {expected}, but it was for {longest:g} s", scope.last)
