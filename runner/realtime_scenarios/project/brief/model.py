"""What an author says about an agent that does not exist yet, as frozen data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from realtime_scenarios.project.brief.temperament import Temperament, temperament_of
from realtime_scenarios.project.brief.words import slug

Part = Literal["greeting", "closing", "handing_over"]
"""What a step is that every call has. Only we add the last two."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the call. `collect` names what is found out in it, as context variables; `verify`: no way on without
    a yes; `tool` is called in it."""

    text: str
    collect: tuple[str, ...] = ()
    verify: bool = False
    tool: str | None = None


@dataclass(frozen=True, slots=True)
class BriefTool:
    """A function the agent may call. `parameters` is written as in a scenario."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Brief:
    """What an author says about an agent that does not exist yet.

    `manner` is a personality in one text, `qualities` holds those given one by one, by the keys of the schema. `ending`
    is one word, the agent who takes over, or a text that says how the call ends.
    """

    role: str
    name: str = "Assistant"
    manner: str | None = None
    qualities: Mapping[str, str] | None = None
    company: str | None = None
    language: str | None = None
    steps: tuple[Step, ...] = ()
    tools: tuple[BriefTool, ...] = ()
    ending: str | None = None

    @property
    def agent_id(self) -> str:
        return slug(self.name) or "assistant"

    @property
    def scenario_id(self) -> str:
        return slug(self.name).lstrip("_") or "assistant"

    @property
    def heir(self) -> str | None:
        """The id of the agent who takes over at the end; None where the call just ends."""
        word = re.fullmatch(r"[A-Za-z_]\w*", self.ending or "", re.ASCII)
        return self.ending if word and self.ending != self.agent_id else None

    @property
    def temperament(self) -> Temperament:
        """What the words of the brief suggest about qualities that it leaves open."""
        few = [text for text in (self.qualities or {}).values() if len(text.split()) <= 8]
        return temperament_of(" ".join([self.role, self.manner or "", *few]))

    def with_quality(self, name: str, text: str) -> Brief:
        return replace(self, qualities={**(self.qualities or {}), name: text})
