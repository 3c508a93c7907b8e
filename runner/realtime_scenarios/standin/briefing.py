"""What the stand-in may be told beside the wire, as plain data: whose desk it is, and what the author wrote there."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ToolBriefing:
    """A tool or a handoff. `filler` is said before the call, None: nothing. `verbatim`: its answer is read out whole.
    `asks_a_person`: somebody says yes or no to each call.

    `functions` are those of a catalogue by name, each with its `parameters`, called through the arguments that
    `called_with` names: the function's name, and its arguments.
    """

    description: str
    examples: Sequence[str] = ()
    writes: bool = False
    asks_a_person: bool = False
    filler: str | None = None
    verbatim: bool = False
    target: str | None = None
    functions: Mapping[str, ToolBriefing] = field(default_factory=dict)
    called_with: Sequence[str] = ()
    parameters: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """A way on from a state: to another state, or by a handoff function, where the author's `condition` holds."""

    to: str
    hands_off: bool = False
    condition: str = ""


@dataclass(frozen=True, slots=True)
class StateBriefing:
    """A state. `collects` maps what it finds out to the schemas, `required` are those without which it is not left."""

    id: str
    description: str = ""
    instructions: Sequence[str] = ()
    examples: Sequence[str] = ()
    collects: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    required: Sequence[str] = ()
    tools: Sequence[str] = ()
    ways: Sequence[Way] = ()
    terminal: bool = False


@dataclass(frozen=True, slots=True)
class Briefing:
    """The desk that is active now. Nothing secret is in it.

    `first` is the agent that the conversation began with. `known` are values that the agent's states have found out.
    `prose` is what the author wrote of the agent and its business. `persons` is what is to be said to somebody who asks
    for a person; None where nothing is said about it.
    """

    agent: str
    first: str | None = None
    language: str = "en"
    today: datetime.date | None = None
    tools: Mapping[str, ToolBriefing] = field(default_factory=dict)
    states: Mapping[str, StateBriefing] = field(default_factory=dict)
    here: str | None = None
    known: Mapping[str, Any] = field(default_factory=dict)
    opening: str | None = None
    prose: str = ""
    persons: str | None = None
