"""What a stub is given and what it gives back."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call, with arguments that fit their schema.

    `approval` holds what a person gave, secrets in plain form: a stub is the only one that may see them.
    """

    tool: str
    call_id: str
    args: Mapping[str, Any]
    context: Mapping[str, Any]
    approval: Mapping[str, str]
    now: datetime.datetime
    agent: str
    agent_name: str

    def values(self, **more: Any) -> dict[str, Any]:
        """The names that templates and expressions of a stub may use."""
        return {"args": self.args, "context": self.context, "approval": self.approval, "now": self.now, **more}


@dataclass(frozen=True, slots=True)
class StubResult:
    """`output` is JSON-like; `updates` are new values of context variables."""

    outcome: Literal["answered", "failed", "timed_out"]
    output: Any
    updates: Mapping[str, Any] = field(default_factory=dict)


class StubFailed(Exception):
    """The stub cannot answer; the message is for the model."""
