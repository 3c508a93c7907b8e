"""What was said, and first of all, what was never said, and what must stand nowhere at all."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from msgspec.structs import asdict

from realtime_scenarios.document import Place
from realtime_scenarios.expectations.expected import Expected
from realtime_scenarios.expectations.matching import mismatch, shown
from realtime_scenarios.model.expectation import Failure, Scope, expectation
from realtime_scenarios.model.matcher import Matcher, read_matcher
from realtime_scenarios.model.mention import Mention
from realtime_scenarios.model.tool import Json
from realtime_scenarios.model.values import Source
from realtime_scenarios.trace import BY_THE_CALLER, AgentSaid, ModelAsked


class _Words(Expected, frozen=True, eq=False):
    words: Matcher

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        return cls(place, read_matcher(value, place, source))

    def names(self) -> Iterable[Mention]:
        return ()


class _Unsaid(_Words, frozen=True, eq=False):
    """What must not come to light. A secret is looked for as it looks on record."""

    @property
    def sought(self) -> tuple[str, ...]:
        return self.words.texts

    def parts_of(self, secret: str) -> tuple[str, ...]:
        texts = [Matcher(self.place, text, contains=(text,)) for text in self.words.texts]
        patterns = [Matcher(self.place, pattern, pattern=pattern) for pattern in self.words.patterns]
        held = (wanted for wanted in (*texts, *patterns) if mismatch(wanted, secret, heard=True) is None)
        return tuple(str(wanted.written) for wanted in held)

    def _masked(self, scope: Scope) -> Matcher | None:
        """The words with the secrets among them hidden; None where there are none."""
        masked = self.words.on_record(scope.trace.masked)
        return None if masked is self.words else masked


def _holds(event: AgentSaid, masked: Matcher | None) -> bool:
    """Whether a message holds the mark of a secret, as it stands: heard without brackets it were a word like others."""
    return masked is not None and mismatch(masked, event.text) is None


@expectation("said")
class Said(_Words, frozen=True, eq=False):
    """One of the agent's messages matches, or all of them taken together do.

    Where nothing but `excludes` is said, none of the messages holds it.
    """

    def check(self, scope: Scope) -> Failure | None:
        spoken = scope.of(AgentSaid)
        together = " ".join(event.text for event in spoken)
        if not spoken:
            return Failure("the agent said nothing", scope.last)
        if self.words.only_excludes:
            return next(filter(None, map(self._held_in, spoken)), None)
        if any(
            mismatch(self.words, text, heard=True) is None for text in [*(event.text for event in spoken), together]
        ):
            return None
        reason = mismatch(self.words, together, heard=True)
        return Failure(f"the agent did not say it: {reason}", spoken[-1].seq)

    def _held_in(self, event: AgentSaid) -> Failure | None:
        """That a message holds what it must not."""
        reason = mismatch(self.words, event.text, heard=True)
        return Failure(f"the agent did not say it: {reason}", event.seq) if reason else None


@expectation("never_said")
class NeverSaid(_Unsaid, frozen=True, eq=False):
    """None of the agent's messages matches, not even one that was cut off, and no secret in it that is looked for."""

    def check(self, scope: Scope) -> Failure | None:
        masked = self._masked(scope)
        for event in scope.of(AgentSaid):
            if mismatch(self.words, event.text, heard=True) is None or _holds(event, masked):
                return Failure(f"the agent said what it must not: {shown(event.text)}", event.seq)
        return None


@expectation("opens")
class Opens(_Words, frozen=True, eq=False):
    """The agent spoke before the caller did anything, and its first message matches."""

    def check(self, scope: Scope) -> Failure | None:
        first = next((event for event in scope.trace if isinstance(event, (AgentSaid, *BY_THE_CALLER))), None)
        if not isinstance(first, AgentSaid):
            return Failure("the agent did not open the conversation", first.seq if first else scope.last)
        reason = mismatch(self.words, first.text, heard=True)
        return Failure(f"the agent opened with something else: {reason}", first.seq) if reason else None


@expectation("nowhere")
class Nowhere(_Unsaid, frozen=True, eq=False):
    """Nothing on record matches: not what was said, nor arguments, answers, approvals or context.

    A secret is hidden on record, as it should be; what the agent said aloud is out all the same.
    """

    def check(self, scope: Scope) -> Failure | None:
        masked = self._masked(scope)
        for event in scope.events:
            if isinstance(event, AgentSaid) and masked is not None and _holds(event, masked):
                return Failure(f"{shown(masked.written)} was said aloud", event.seq)
            on_record = {name: value for name, value in asdict(event).items() if name not in _WHERE_IT_BELONGS}
            if any(mismatch(self.words, leaf, heard=True) is None for leaf in _leaves(on_record)):
                return Failure(f"{shown(self.words.written)} stands in this event", event.seq)
            if isinstance(event, ModelAsked) and event.is_cut:
                message = f"what the text model of '{event.name}' was shown is too long to be kept whole"
                return Failure(f"{message}, so that nobody knows what stands in it", event.seq)
        return None


_WHERE_IT_BELONGS = frozenset(["seq", "turn", "agent", "call_id", "within", "phase"])
"""Fields that say where an event belongs, and nothing of what happened."""


def _leaves(value: Any) -> Iterator[Any]:
    """All texts, numbers and names inside of a value, and inside of texts that are JSON."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _leaves(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str):
        yield value
        if value[:1] in ("{", "[", '"'):
            with contextlib.suppress(ValueError, RecursionError):
                yield from _leaves(json.loads(value))
    elif value is not None:
        yield value
