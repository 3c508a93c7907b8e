"""What was said, what was never said, and what must stand nowhere at all."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from runner.document import Place
from runner.expectations.matching import mismatch, shown
from runner.expectations.verdict import Failure, Scope, expectation
from runner.model import matcher_of
from runner.trace import AgentSaid


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
    """The text stands in no event: not in what was said, not in arguments, answers, approvals or context."""
    wanted = str(value).casefold()
    for event in scope.events:
        if wanted in json.dumps(asdict(event), ensure_ascii=False, default=str).casefold():
            return Failure(f"'{value}' stands in this event", event.seq)
    return None
