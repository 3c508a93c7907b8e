"""The output of a client's function, to how its call ended, as far as the text says so.

The words are those of openai-agents for Python (0.24) and JavaScript (0.20). Of any other client, a JSON object with an
`error` counts as a failure; whatever else it answers is an answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from realtime_scenarios.core import parsed_json
from realtime_scenarios.trace import Outcome

_WORDS: tuple[tuple[re.Pattern[str], Outcome], ...] = (
    (re.compile(r"An error occurred while running the tool\b"), "failed"),
    (re.compile(r"Tool \S+ not found"), "unknown"),
    (re.compile(r"Tool execution was not approved\b"), "rejected"),
    (re.compile(r"Tool '\S+' timed out\b"), "timed_out"),
    (re.compile(r"Invalid arguments for \S+: .* Nothing was done\b", re.DOTALL), "invalid"),
)


def outcome_of(output: str) -> Outcome:
    """How a call with this output ended."""
    for words, outcome in _WORDS:
        if words.match(output):
            return outcome
    data = _json_of(output)
    return "failed" if isinstance(data, dict) and data.get("error") else "answered"


def output_of(call: Mapping[str, Any]) -> str:
    """What came of a call that the server made itself, for the client's MCP server: an item `mcp_call` that is done."""
    return call["output"] if call["error"] is None else json.dumps({"error": call["error"]["message"]})


def says_handed_over(output: str) -> bool:
    """Whether a handoff's output says itself that another agent has taken over."""
    data = _json_of(output)
    return isinstance(data, dict) and (isinstance(data.get("assistant"), str) or data.get("did_transfer") is True)


def says_refused(output: str) -> bool:
    """Whether a handoff's output, or that of a move between states, says that nothing has changed."""
    data = _json_of(output)
    declined = isinstance(data, dict) and data.get("did_transfer") is False
    return declined or outcome_of(output) != "answered"


def _json_of(text: str) -> object:
    try:
        return parsed_json(text)
    except ValueError:
        return None
