"""How long it took, and how often the model was asked to do something."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, Self

from realtime_scenarios.document import Place
from realtime_scenarios.expectations.expected import Expected
from realtime_scenarios.model.bounds import Bounds, read_counts, read_times
from realtime_scenarios.model.expectation import Failure, Scope, expectation
from realtime_scenarios.model.mention import Mention
from realtime_scenarios.model.tool import Json
from realtime_scenarios.model.values import Source
from realtime_scenarios.trace import TurnMeasures


class _Measure(Expected, frozen=True, eq=False):
    """Something that is measured in every turn; over several turns it is what `_together` makes of theirs."""

    what: ClassVar[str]
    found: ClassVar[str] = "there were"
    bounds: Bounds

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        return cls(place, read_counts(value, place, source))

    def names(self) -> Iterable[Mention]:
        return ()

    def check(self, scope: Scope) -> Failure | None:
        measured = self._together(scope.measures)
        if self.bounds.allow(measured):
            return None
        expected = self.bounds.in_words(self._in_words)
        return Failure(f"{self.what} {expected}, but {self.found} {self._in_words(measured)}", scope.last)

    def _together(self, turns: Sequence[TurnMeasures]) -> float:
        raise NotImplementedError

    @property
    def _in_words(self) -> Callable[[float], str]:
        return lambda count: f"{count:g}"


@expectation("took")
class Took(_Measure, frozen=True, eq=False):
    """The turn, or the whole conversation, took so long, in the time that it took place in: mostly virtual time."""

    what = "it was to take"
    found = "it took"

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        return cls(place, read_times(value, place, source))

    def _together(self, turns: Sequence[TurnMeasures]) -> float:
        return round(sum(turn.seconds for turn in turns), 3)

    @property
    def _in_words(self) -> Callable[[float], str]:
        return lambda seconds: f"{seconds:g} s"


@expectation("responses")
class Responses(_Measure, frozen=True, eq=False):
    """The model was asked for so many responses."""

    what = "the number of responses was to be"

    def _together(self, turns: Sequence[TurnMeasures]) -> float:
        return sum(turn.responses for turn in turns)


@expectation("parallel")
class ParallelCalls(_Measure, frozen=True, eq=False):
    """No response made more calls and handoffs than this at once, and one made as many."""

    what = "the most calls of one response were to be"

    def _together(self, turns: Sequence[TurnMeasures]) -> float:
        return max((turn.parallel for turn in turns), default=0)
