"""What an importer finds: agents, their tools and handoffs, and what a scenario cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct


class Note(Struct, frozen=True):
    """Something that was not carried over. `place` is where it stands: `file:line:column`, or a name in a program."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class FoundTool(Struct, frozen=True):
    """A function. `parameters` is its JSON Schema.

    `returns` is what it always answers; None: that is code. `approval`: a person is asked each time.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    returns: Answered | None = None
    approval: bool = False


class Answered(Struct, frozen=True):
    """An answer that is plain data, `None` and `False` among it."""

    value: Any


class FoundHandoff(Struct, frozen=True):
    """A way to the agent called `to`. What is None is as the SDK makes it."""

    to: str
    tool_name: str | None = None
    description: str | None = None
    inputs: Mapping[str, Any] | None = None


class FoundAgent(Struct, frozen=True):
    """An agent by its own name. `tools` are names; `voice` and the rest None: nothing is said of it."""

    name: str
    instructions: str
    handoff_description: str | None = None
    voice: str | None = None
    tools: tuple[str, ...] = ()
    handoffs: tuple[FoundHandoff, ...] = ()
    transfers_by_one_tool: bool = False


class Found(Struct, frozen=True):
    """All that was found. The first of the `agents` is the one that callers meet."""

    agents: tuple[FoundAgent, ...]
    tools: Mapping[str, FoundTool]
    notes: tuple[Note, ...]
