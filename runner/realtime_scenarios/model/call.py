"""What a stub is given and what it gives back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

from realtime_scenarios.core.locales import DEFAULT_LOCALE

if TYPE_CHECKING:
    import datetime


class ToolCall(Struct, frozen=True, eq=False):
    """One call, with arguments that fit their schema.

    `approval` holds what a person gave, secrets in plain form: a stub is the only one that may see them. `declared` are
    the names that arguments may have; to templates those that were left out are null.
    """

    tool: str
    call_id: str
    args: Mapping[str, Any]
    context: Mapping[str, Any]
    approval: Mapping[str, str]
    now: datetime.datetime
    agent: str
    agent_name: str
    declared: Collection[str] = ()
    locale: str = DEFAULT_LOCALE

    def values(self, **more: Any) -> dict[str, Any]:
        """The names that templates and expressions of a stub may use."""
        from realtime_scenarios.templates import Arguments  # a file can be checked without templates

        args = Arguments(self.args, self.declared)
        values = {"args": args, "context": self.context, "approval": self.approval, "now": self.now}
        return {**values, "locale": self.locale, **more}


class StubResult(Struct, frozen=True):
    """`output` is JSON-like; `updates` are new values of context variables."""

    outcome: Literal["answered", "failed", "timed_out"]
    output: Any
    updates: Mapping[str, Any] = field(default_factory=dict)


class StubFailed(Exception):
    """The stub cannot answer; the message is for the model."""
