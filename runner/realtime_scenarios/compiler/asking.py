"""What a text model is asked, and whom: the provider's side of tools and guardrails that need one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from agents import Model

from realtime_scenarios.model.scenario import Guardrail
from realtime_scenarios.trace import NOT_ASKED


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks a text model: the call that waits for it, the supervisor or tool, and the model the author named.

    `model` None: the provider's own. `offline` is the author's answer where there is no text model at all; it counts
    where `has_offline`.
    """

    call_id: str
    tool: str
    name: str
    model: str | None
    has_offline: bool = False
    offline: Any = None


NO_CATEGORY = "NONE"
"""What a classifier says of a text that fits none of its categories."""


class Classification(NamedTuple):
    """The category that a text was put into, and why."""

    category: str
    rationale: str

    @property
    def stops(self) -> bool:
        return self.category != NO_CATEGORY


UNCLASSIFIED = Classification(NO_CATEGORY, "")

UNASKED = Classification(NO_CATEGORY, NOT_ASKED)
"""What stands for it where there is no text model to classify anything."""


class TextModels(Protocol):
    """Where text models are."""

    def model(self, question: Question) -> Model:
        """The model that answers the question.

        Raises:
            ScenarioError: there is none, for want of a key or an address.
        """
        ...

    async def category(self, guardrail: Guardrail, text: str) -> Classification:
        """What a classifying guardrail's model says of the text."""
        ...
