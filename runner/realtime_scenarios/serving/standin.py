"""The stand-in for a client of somebody else's: it knows what callers say by the scenario's examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project.prompts import described, wire_name
from realtime_scenarios.realtime.responder import Answer, Responder, ResponseRequest
from realtime_scenarios.standin import RESPONDERS
from realtime_scenarios.standin.tools import told_by_its_words

Examples = Mapping[str, tuple[str, ...]]
"""What callers say when they want a function, by its name."""

_READ = 32 * 1024
"""Characters of a prompt, of a description and of what a tool answered in prose that are read, since others wait."""


class ExemplifiedStandIn:
    """The offline responder, given examples for the functions whose own descriptions have none."""

    never_waits = True

    def __init__(self, examples: Examples) -> None:
        self._responder: Responder = RESPONDERS["offline"]()
        self._examples = examples

    async def respond(self, request: ResponseRequest) -> Answer:
        tools = [self._with_examples(tool) for tool in request.tools]
        request = replace(request, instructions=request.instructions[:_READ], tools=tools)
        if any(map(_is_long_prose, request.items)):
            request = replace(request, items=[_begun(item) for item in request.items])
        return await self._responder.respond(request)

    def _with_examples(self, tool: Mapping[str, Any]) -> Mapping[str, Any]:
        description = (tool.get("description") or "")[:_READ]
        if len(tool.get("description") or "") > _READ:
            tool = {**tool, "description": description}
        examples = self._examples.get(tool["name"], ())
        if not examples or told_by_its_words(description).examples:
            return tool
        return {**tool, "description": described(description, examples)}


def _is_long_prose(item: Mapping[str, Any]) -> bool:
    """Whether it is what a tool answered, and more of it than is read; data has to be whole."""
    output = item["output"] if item["type"] == "function_call_output" else ""
    return len(output) > _READ and not output.lstrip().startswith(("{", "[", '"'))


def _begun(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**item, "output": item["output"][:_READ]} if _is_long_prose(item) else item


def examples_in(scenario: Scenario) -> Examples:
    """The examples of its tools and handoffs."""
    examples = {name: tuple(tool.examples) for name, tool in scenario.tools.items()}
    for agent in scenario.agents.values():
        if agent.handoff_style == "sdk":
            for edge in agent.handoffs:
                examples.setdefault(wire_name(edge, agent, scenario), tuple(edge.examples))
    return examples
