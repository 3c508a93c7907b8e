"""What a proof asks of a tool: who but the model has a say in it."""

from __future__ import annotations

from realtime_scenarios.model.tool import ToolSpec


def is_checked(tool: ToolSpec) -> bool:
    """Whether anything but the model has a say in what the tool does: a gate, a person, a look at something real."""
    reads_approval = any("approval." in text for answer in tool.stub.answers for text in answer.set.values())
    return bool(tool.requires or tool.approval or reads_approval or tool.stub.assumptions.looks_outside)
