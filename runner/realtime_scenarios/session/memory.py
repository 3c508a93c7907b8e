"""What has happened, as conversation items: what a model has to be told that takes a conversation over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from realtime_scenarios.project.prompts import LOST_UNAPPROVED, LOST_WITH_THE_LINE, picture_shown
from realtime_scenarios.trace import (
    AgentSaid,
    ApprovalDecided,
    ApprovalRequested,
    ToolCalled,
    ToolReturned,
    TraceEvent,
    UserSaid,
    UserShowed,
)


def remembered_items(events: Sequence[TraceEvent]) -> Iterator[dict[str, Any]]:
    """The conversation in order, each call with what came of it, as far as that is known.

    What callers and agents have said and what tools have answered: handoffs and states are in the instructions that
    the session has, and calls that a text model made inside of a tool are the tool's own matter. A call that has not
    come back may have been done, unless it waits for somebody's yes.
    """
    asked = {event.call_id for event in events if isinstance(event, ApprovalRequested)}
    approved = {event.call_id for event in events if isinstance(event, ApprovalDecided) if event.decision == "approved"}
    returned = {event.call_id: event.output for event in events if isinstance(event, ToolReturned)}
    outputs = dict.fromkeys(asked - approved, LOST_UNAPPROVED) | returned
    for event in events:
        match event:
            case UserSaid() if event.text:
                yield _message("user", "input_text", event.text)
            case UserShowed():
                yield _message("user", "input_text", picture_shown(event.image))
            case AgentSaid():
                yield _message("assistant", "output_text", event.text)
            case ToolCalled(within=None):
                yield _call(event)
                yield _output(event, outputs.get(event.call_id, LOST_WITH_THE_LINE))


def _message(role: str, kind: str, text: str) -> dict[str, Any]:
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}


def _call(event: ToolCalled) -> dict[str, Any]:
    given = event.arguments
    arguments = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    return {"type": "function_call", "call_id": event.call_id, "name": event.tool, "arguments": arguments}


def _output(event: ToolCalled, output: str) -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": event.call_id, "output": output}
