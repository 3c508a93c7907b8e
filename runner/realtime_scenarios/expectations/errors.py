"""What went wrong on the way: a text model that failed, a response cut short, an error of the service."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from realtime_scenarios.core import listed
from realtime_scenarios.document import Place
from realtime_scenarios.expectations.expected import Expected
from realtime_scenarios.expectations.matching import mismatch
from realtime_scenarios.model.expectation import Failure, Scope, expectation
from realtime_scenarios.model.matcher import Matcher, read_matcher
from realtime_scenarios.model.mention import Mention
from realtime_scenarios.model.tool import Json
from realtime_scenarios.model.values import Source
from realtime_scenarios.trace import ModelError


@expectation("errors")
class Errors(Expected, frozen=True, eq=False):
    """There was an error of this `code` (None: any) with this `message` (None: any); `never`: there was none at all."""

    code: str | None
    message: Matcher | None
    never: bool

    @property
    def needs_scripted_model(self) -> bool:
        """A model that answers by itself cannot be ordered to fail."""
        return not self.never

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        if isinstance(value, str):
            return cls(place, None if value == "none" else value, None, never=value == "none")
        message = read_matcher(value["message"], place / "message", source) if "message" in value else None
        return cls(place, value.get("code"), message, never=False)

    def names(self) -> Iterable[Mention]:
        return ()

    def check(self, scope: Scope) -> Failure | None:
        errors = scope.of(ModelError)
        if self.never:
            return Failure(f"there was {_in_words(errors[0])}", errors[0].seq) if errors else None
        if any(self._is_wanted(event) for event in errors):
            return None
        wanted = f"error '{self.code}'" if self.code is not None else "such an error"
        known = listed(map(_in_words, errors)) if errors else "none"
        return Failure(f"expected {wanted}; what came was {known}", errors[-1].seq if errors else scope.last)

    def _is_wanted(self, event: ModelError) -> bool:
        is_of_the_kind = self.code is None or event.code == self.code
        return is_of_the_kind and (self.message is None or mismatch(self.message, event.message) is None)


def _in_words(event: ModelError) -> str:
    return f"error '{event.code}': {event.message}" if event.code else f"an error: {event.message}"
