"""Who is asked when a call needs a person's yes, and what they may answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from realtime_scenarios.model.tool import Field


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """`arguments` are those of the call, and `question` is what the person is asked about it, both without secrets.

    `question` None: the rule has none. `missing` names the required fields that the last answer left empty, `unfit`
    says of others what was wrong with their form; both are empty when asked for the first time.
    """

    call_id: str
    tool: str
    agent: str
    arguments: Any
    fields: Sequence[Field]
    missing: tuple[str, ...] = ()
    question: str | None = None
    unfit: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApprovalAnswer:
    """`message` replaces what the model is told about a rejection; None: the scenario's own words."""

    kind: Literal["approve", "reject"]
    fields: Mapping[str, str] = field(default_factory=dict)
    message: str | None = None


class Approver(Protocol):
    async def decide(self, request: ApprovalRequest) -> ApprovalAnswer:
        """The person's answer. May take as long as it likes: the rule's timeout cancels it."""
        ...


class NoApprover:
    """Nobody is there to ask: every request is rejected."""

    async def decide(self, request: ApprovalRequest) -> ApprovalAnswer:
        return ApprovalAnswer("reject")
