"""What the caller heard of an answer that they cut into."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from realtime_scenarios.document import Place
from realtime_scenarios.expectations.expected import Expected
from realtime_scenarios.expectations.matching import mismatch
from realtime_scenarios.model.expectation import Failure, Scope, expectation
from realtime_scenarios.model.matcher import Matcher, read_matcher
from realtime_scenarios.model.mention import Mention
from realtime_scenarios.model.tool import Json
from realtime_scenarios.model.values import Source
from realtime_scenarios.trace import Interrupted


@expectation("heard")
class Heard(Expected, frozen=True, eq=False):
    """The caller cut into an answer, and what they had heard of it by then matches.

    Where nothing but `excludes` is said, they had heard it of none of the answers that they cut into.
    """

    words: Matcher

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        return cls(place, read_matcher(value, place, source))

    def names(self) -> Iterable[Mention]:
        return ()

    def check(self, scope: Scope) -> Failure | None:
        cut = [event for event in scope.of(Interrupted) if event.after is None]
        if not cut:
            return Failure("the caller cut into no answer", scope.last)
        reasons = [(mismatch(self.words, event.heard, heard=True), event.seq) for event in cut]
        failed = [(reason, seq) for reason, seq in reasons if reason is not None]
        if not failed or (len(failed) < len(cut) and not self.words.only_excludes):
            return None
        reason, seq = failed[-1]
        return Failure(f"the caller had not heard that: {reason}", seq)
