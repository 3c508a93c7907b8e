"""Names as they stand on the wire."""

from __future__ import annotations

import re

SET_STATE_TOOL = "set_conversation_state"
"""The tool that a tracked state machine gives the model."""

TRANSFER_TOOL = "transfer_agents"
"""The one tool of agents that hand off in the style `transfer_agents`."""

LONGEST_FUNCTION_NAME = 64
"""Characters of a function's name that the Realtime and chat APIs take."""


def is_function_name(name: str) -> bool:
    """Whether the APIs take it as the name of a function; they refuse the whole session otherwise."""
    return re.fullmatch(rf"[a-zA-Z0-9_-]{{1,{LONGEST_FUNCTION_NAME}}}", name) is not None


def handoff_tool_name(agent_name: str) -> str:
    """The function name of a handoff to an agent: what `agents.Handoff.default_tool_name` makes of it (0.24)."""
    return re.sub(r"[^a-zA-Z0-9_]", "_", f"transfer_to_{agent_name}").lower()
