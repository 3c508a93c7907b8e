"""A tool to what a proof asks of it: who but the model has a say in it, and what may be assumed of its stub."""

from __future__ import annotations

import functools

from realtime_scenarios.model.tool import Assumptions, ToolSpec


@functools.lru_cache(maxsize=4096)
def assumptions_of(tool: ToolSpec) -> Assumptions:
    """What may be assumed of the tool's stub: asked at every step of a search, and always the same."""
    return tool.stub.assumptions


def is_checked(tool: ToolSpec) -> bool:
    """Whether anything but the model has a say in what the tool does: a gate, a person, a look at something real."""
    reads_approval = any("approval." in text for answer in tool.stub.answers for text in answer.set.values())
    return bool(tool.requires or tool.approval or reads_approval or assumptions_of(tool).looks_outside)
