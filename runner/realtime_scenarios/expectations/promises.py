"""Promises of the scenario that a dialogue breaks on purpose, so that whoever takes one away is told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from realtime_scenarios.core import listed
from realtime_scenarios.document import Place
from realtime_scenarios.expectations.expected import Expected
from realtime_scenarios.model.expectation import Failure, Scope, expectation
from realtime_scenarios.model.mention import Mention
from realtime_scenarios.model.tool import Json
from realtime_scenarios.model.values import Source
from realtime_scenarios.trace import Promise


@expectation("breaks")
class Breaks(Expected, frozen=True, eq=False):
    """The promise is not kept, and this is noticed. Elsewhere a broken promise is a failure of the dialogue."""

    promise: Promise

    @property
    def needs_scripted_model(self) -> bool:
        """A model that answers by itself cannot be ordered to break its word."""
        return True

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        return cls(place, value)

    def names(self) -> Iterable[Mention]:
        return ()

    def check(self, scope: Scope) -> Failure | None:
        broken = [promise for promise in scope.trace.broken if scope.turn in (None, promise.turn)]
        if any(promise.promise == self.promise for promise in broken):
            return None
        others = dict.fromkeys(f"'{promise.promise}'" for promise in broken)
        known = f"broken was {listed(others)}" if others else "none was broken"
        return Failure(f"the promise '{self.promise}' was to be broken, but {known}", scope.last)
