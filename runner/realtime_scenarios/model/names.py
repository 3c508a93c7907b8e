"""Names as they stand on the wire."""

from __future__ import annotations

import functools
import re

SET_STATE_TOOL = "set_conversation_state"
"""The tool that a tracked state machine gives the model."""

TRANSFER_TOOL = "transfer_agents"
"""The one tool of agents that hand off in the style `transfer_agents`."""

LONGEST_FUNCTION_NAME = 64
"""Characters of a function's name that the Realtime and chat APIs take."""


SERVER_EVENTS = (
    "session.created",
    "session.updated",
    "conversation.item.added",
    "conversation.item.done",
    "conversation.item.retrieved",
    "conversation.item.truncated",
    "conversation.item.deleted",
    "conversation.item.input_audio_transcription.delta",
    "conversation.item.input_audio_transcription.completed",
    "conversation.item.input_audio_transcription.failed",
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "input_audio_buffer.cleared",
    "input_audio_buffer.timeout_triggered",
    "output_audio_buffer.started",
    "output_audio_buffer.stopped",
    "output_audio_buffer.cleared",
    "response.created",
    "response.done",
    "response.output_item.added",
    "response.output_item.done",
    "response.content_part.added",
    "response.content_part.done",
    "response.output_text.delta",
    "response.output_text.done",
    "response.output_audio.delta",
    "response.output_audio.done",
    "response.output_audio_transcript.delta",
    "response.output_audio_transcript.done",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.mcp_call_arguments.delta",
    "response.mcp_call_arguments.done",
    "response.mcp_call.in_progress",
    "response.mcp_call.completed",
    "response.mcp_call.failed",
    "mcp_list_tools.in_progress",
    "mcp_list_tools.completed",
    "mcp_list_tools.failed",
    "rate_limits.updated",
    "error",
)
"""All events that our Realtime engine sends; the strict reader of the tests holds every one to it."""


def is_function_name(name: str) -> bool:
    """Whether the APIs take it as the name of a function; they refuse the whole session otherwise."""
    return re.fullmatch(rf"[a-zA-Z0-9_-]{{1,{LONGEST_FUNCTION_NAME}}}", name) is not None


@functools.lru_cache(maxsize=4096)
def handoff_tool_name(agent_name: str) -> str:
    """The function name of a handoff to an agent: what `agents.Handoff.default_tool_name` makes of it (0.24)."""
    return re.sub(r"[^a-zA-Z0-9_]", "_", f"transfer_to_{agent_name}").lower()
