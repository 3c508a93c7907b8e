"""The person at the terminal, who is asked for the approval of a call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from realtime_scenarios.cli.keyboard import EndOfInput, Keyboard
from realtime_scenarios.cli.output import echo
from realtime_scenarios.cli.style import width
from realtime_scenarios.core.snippets import Paint
from realtime_scenarios.core.wrapping import wrapped

if TYPE_CHECKING:
    from realtime_scenarios.session import ApprovalAnswer, ApprovalRequest


@dataclass(frozen=True, slots=True)
class PersonAtTheKeyboard:
    """Asks the person at the terminal; leaving a question open means no."""

    keys: Keyboard
    paint: Paint

    async def decide(self, request: ApprovalRequest) -> ApprovalAnswer:
        from realtime_scenarios.session import ApprovalAnswer

        echo(self.paint(f"  ┌ {request.tool} needs your yes{': fill this in' if request.fields else ''}", "ask"))
        for line in (*_wrapped(request.question or ""), *_argument_lines(request.arguments)):
            echo(f"{self.paint('  │', 'ask')} {line}")
        if request.missing:
            echo(self.paint(f"  │ still empty: {', '.join(request.missing)}", "ask"))
        labels = {field.name: field.label for field in request.fields}
        for name, reason in request.unfit.items():
            echo(self.paint(f"  │ {labels[name]}: {reason}", "ask"))
        try:
            if not request.fields:
                reply = await self.keys.line("  └ allow it? [y/N] ")
                allowed = reply.strip().casefold() in ("y", "yes")
                return ApprovalAnswer("approve" if allowed else "reject")
            echo(self.paint(f"  │ /cancel{' or Ctrl-C' if self.keys.is_person else ''} says no", "quiet"))
            given: dict[str, str] = {}
            for field in request.fields:
                reply = await self.keys.line(f"  │ {field.label}: ", secret=field.secret)
                if reply.strip() == "/cancel":
                    return ApprovalAnswer("reject")
                given[field.name] = reply
            return ApprovalAnswer("approve", given)
        except EndOfInput:
            return ApprovalAnswer("reject")


def _argument_lines(arguments: Any) -> Iterator[str]:
    """All that a person says yes or no to: every argument, whole, on lines that fit."""
    given = arguments if isinstance(arguments, dict) else {}
    for name, value in given.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield from _wrapped(f"{name}: {text}", "  ") or [f"{name}:"]


def _wrapped(text: str, indent: str = "") -> list[str]:
    """The text on lines that fit behind the bar of a question; those after the first begin with `indent`."""
    return wrapped(text, max(20, width(least=0) - 4), indent=indent)
