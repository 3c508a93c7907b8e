"""A guardrail to sayings that trip it, as far as its own words tell what those are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from realtime_scenarios.core.samples import sample_text
from realtime_scenarios.model.scenario import Guardrail

_MOST = 4
"""Sayings of one guardrail that are tried."""


def stopped_by(guardrail: Guardrail, plain: str) -> Iterator[Mapping[str, Any]]:
    """Moves that say what the guardrail should stop; `plain` is said where only the model behind it decides.

    It must be another text than what the agent says instead: a text is classified once.
    """
    for phrase in guardrail.phrases[:_MOST]:
        yield {"say": f"{phrase[:1].upper()}{phrase[1:]}."}
    if guardrail.pattern is not None:
        found = sample_text(guardrail.pattern, None, wanted=plain)
        if found is not None and found != plain and found.strip():
            yield {"say": found}
    if guardrail.classify is not None:
        for category in list(guardrail.classify.categories)[:_MOST]:
            yield {"say": plain, "classified": {guardrail.name: category}}


def let_pass_by(guardrail: Guardrail, plain: str) -> Mapping[str, Any]:
    """A move that says what the guardrail should let pass."""
    return {"say": plain} if guardrail.classify is None else {"say": plain, "classified": {guardrail.name: "NONE"}}


def why_not_stopped(guardrail: Guardrail) -> str | None:
    """Why nothing is known that the guardrail stops, as a clause; None: something is."""
    if guardrail.python is not None:
        return f"what it stops is known to '{guardrail.python}' alone"
    if not any(True for _ in stopped_by(guardrail, "")):
        return "no text was found that its pattern stops"
    return None
