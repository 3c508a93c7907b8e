"""What was said, what was never said, and what must stand nowhere at all."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import asdict

from realtime_scenarios.document import Place
from realtime_scenarios.expectations.matching import mismatch, shown
from realtime_scenarios.expectations.verdict import Failure, Scope, expectation
from realtime_scenarios.model import matcher_of
from realtime_scenarios.trace import AgentSaid


@expectation("said")
def said(value: Any, scope: Scope, place: Place) -> Failure | None:
    """One of the agent's messages matches, or all of them taken together do."""
    matcher = matcher_of(value, place)
    spoken = scope.of(AgentSaid)
    together = " ".join(event.text for event in spoken)
    if any(mismatch(matcher, text) is None for text in [*(event.text for event in spoken), together]):
        return None
    if not spoken:
        return Failure("the agent said nothing", scope.last)
    reason = mismatch(matcher, together)
    return Failure(f"the agent did not say it: {reason}", spoken[-1].seq)


@expectation("never_said")
def never_said(value: Any, scope: Scope, place: Place) -> Failure | None:
    """None of the agent's messages matches, not even one that was cut off."""
    matcher = matcher_of(value, place)
    for event in scope.of(AgentSaid):
        if mismatch(matcher, event.text) is None:
            return Failure(f"the agent said what it must not: {shown(event.text)}", event.seq)
    return None


@expectation("nowhere")
def nowhere(value: Any, scope: Scope, place: Place) -> Failure | None:
    """Nothing on record matches: not what was said, nor arguments, answers, approvals or context."""
    matcher = matcher_of(value, place)
    for event in scope.events:
        told = {name: one for name, one in asdict(event).items() if name not in _NOT_TOLD}
        if any(mismatch(matcher, one) is None for one in _leaves(told)):
            return Failure(f"{shown(value)} stands in this event", event.seq)
    return None


_NOT_TOLD = frozenset(["seq", "turn", "agent", "call_id", "within"])
"""What says where an event belongs, and nothing of what happened."""


def _leaves(value: Any) -> Iterator[Any]:
    """All texts, numbers and names inside of a value, and inside of texts that are JSON."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield name
            yield from _leaves(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _leaves(one)
    elif isinstance(value, str):
        yield value
        if value[:1] in ("{", "[", '"'):
            with contextlib.suppress(ValueError, RecursionError):
                yield from _leaves(json.loads(value))
    elif value is not None:
        yield value
