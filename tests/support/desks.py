"""A desk of a scenario as the stand-in sees it: the prompt, the tools on the wire, and what it is told beside."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from realtime_scenarios.compiler.state import ConversationState
from realtime_scenarios.core import Clock
from realtime_scenarios.model.names import SET_STATE_TOOL
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project.prompts import (
    NO_INPUTS,
    handoff_description,
    move_description,
    move_parameters,
    prompt_of,
    tool_description,
    wire_name,
)
from realtime_scenarios.providers.desk import briefing_of
from realtime_scenarios.realtime.responder import Output, ResponseRequest, SayText
from realtime_scenarios.standin import Briefing, OfflineResponder
from support.telephone import message

NOON = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)


class Noon(Clock):
    """It is always noon."""

    def now(self) -> datetime.datetime:
        return NOON

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody sleeps at a desk")


@dataclass
class SeatedLine:
    """A caller at one agent of a scenario, perhaps in one of its states; what it calls is answered by nobody."""

    scenario: Scenario
    agent: str
    state: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    on_the_wire_only: bool = False
    items: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.known = ConversationState.at_the_start(
            self.scenario, Noon(), agent=self.agent, state=self.state, context=self.context
        )
        self.responder = OfflineResponder(briefing=self._briefing)

    def answers(self, text: str | None, *, asked_for: str | None = None, tool_choice: Any = "auto") -> list[Output]:
        """The outputs of the next response; `text` None: the agent goes on by itself."""
        if text is not None:
            self.items.append(message("user", text))
        request = ResponseRequest("resp_1", self._prompt(), self._tools(), tool_choice, list(self.items), asked_for)
        outputs = list(asyncio.run(self.responder.respond(request)))
        self.items += [message("assistant", output.text) for output in outputs if isinstance(output, SayText)]
        return outputs

    def _briefing(self) -> Briefing | None:
        return None if self.on_the_wire_only else briefing_of(self.known, self.agent)

    def _prompt(self) -> str:
        spec = self.scenario.agents[self.agent]
        values = {"context": self.known.context, "now": NOON}
        return prompt_of(spec, self.scenario, values, self.state)

    def _tools(self) -> Sequence[dict[str, Any]]:
        spec = self.scenario.agents[self.agent]
        tools = [
            _wire(name, tool_description(self.scenario.tools[name]), self.scenario.tools[name].parameters)
            for name in spec.tools
        ]
        for edge in spec.handoffs:
            name = wire_name(edge, spec, self.scenario)
            tools.append(_wire(name, handoff_description(edge, self.scenario), edge.inputs or NO_INPUTS))
        if spec.states is not None and spec.states.is_enforced:
            here = spec.states.states[self.state or spec.states.entry]
            tools.append(_wire(SET_STATE_TOOL, move_description(here), move_parameters(here, self.scenario)))
        return tools


def _wire(name: str, description: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "function", "name": name, "description": description, "parameters": dict(parameters)}
