"""Which dialogues touch which parts of a scenario, by the traces of a run in which they passed.

Where it is not certain that a dialogue does not touch a part, it does: it is played in vain then, and nothing is
missed. What every conversation depends on, such as the opening or a variable, is touched by all of them (None).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from realtime_scenarios.document import Pointer
from realtime_scenarios.lint.walk import code_of
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.model.mention import Query
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import specs_of
from realtime_scenarios.trace import HandedOff, ToolCalled, Trace

Part = tuple[str, ...]
"""A part of a scenario: its kind, and its name."""


class Touching:
    """What dialogues of one scenario touch."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario

    def part_of(self, pointer: Pointer) -> Part | None:
        """The part that something at a pointer belongs to; None: all dialogues touch it."""
        match pointer:
            case ("tools", str(name), "catalogue", "functions", str(function), *_):
                return "tool", f"{name}.{function}"
            case ("agents", str(agent), "states", int(index), "transitions", int(number), *_):
                state = self._scenario.place.value["agents"][agent]["states"][index]
                if "handoff" in state["transitions"][number]:
                    return "agent", agent  # whether another state may hand off follows from all of them
                return "state", agent, state["id"]
            case (
                ("agents" | "tools" | "supervisors" | "guardrails" | "data" | "mcp") as key,
                str(name),
                *_,
            ):
                return _PARTS[key], name
            case _:
                return None

    def touched_by(self, dialogue: Dialogue, trace: Trace) -> frozenset[Part]:
        """All parts that a dialogue touches."""
        agents = self._agents(dialogue, trace)
        tools = self._tools(trace)
        found: set[Part] = {("agent", name) for name in agents} | {("tool", name) for name in tools}
        found |= self._states(dialogue, trace, agents)
        scenario = self._scenario
        for name in agents & scenario.agents.keys():
            found |= {("guardrail", guardrail) for guardrail in scenario.agents[name].guardrails}
            found |= {("server", server) for server in scenario.agents[name].mcp}
        found |= {("guardrail", guardrail) for guardrail in scenario.session_guardrails}
        for name in tools & self._supervisors.keys():
            found.add(("supervisor", self._supervisors[name]))
        tables = {table for name in tools for table in self._tables_of(name)}
        asked = " ".join(
            mention.text
            for expectation in dialogue.expectations
            for mention in expectation.names()
            if isinstance(mention, Query)
        )
        return frozenset(found | {("table", table) for table in tables | self._named_in([asked])})

    def _agents(self, dialogue: Dialogue, trace: Trace) -> set[str]:
        return {
            trace.start,
            *filter(None, [dialogue.agent]),
            *(event.agent for event in trace),
            *(event.to for event in trace if isinstance(event, HandedOff)),
        }

    def _tools(self, trace: Trace) -> set[str]:
        """Those that were called, whatever came of it. A call that means no function touches all of its catalogue."""
        found = set()
        for event in trace:
            if isinstance(event, ToolCalled):
                found.add(event.tool)
                spec = self._scenario.tools.get(event.tool)
                catalogue = spec.stub.catalogue if spec is not None else None
                if catalogue is None:
                    continue
                chosen = catalogue.chosen(event.arguments) if isinstance(event.arguments, Mapping) else None
                is_known = isinstance(chosen, str) and chosen in catalogue.functions
                names = [chosen] if is_known else list(catalogue.functions)
                found |= {f"{event.tool}.{name}" for name in names}
        return found

    def _states(self, dialogue: Dialogue, trace: Trace, agents: Iterable[str]) -> set[Part]:
        """Those that an agent was in; where that is not on record, it was in the one that it begins in."""
        found: set[Part] = set()
        for event in trace:
            for key in ("state", "previous"):
                if isinstance(state := getattr(event, key, None), str):
                    found.add(("state", event.agent, state))
        for agent in agents:
            spec = self._scenario.agents.get(agent)
            if spec is not None and spec.states is not None:
                found.add(("state", agent, spec.states.entry))
                if dialogue.state is not None and dialogue.state in spec.states.states:
                    found.add(("state", agent, dialogue.state))
        return found

    @cached_property
    def _supervisors(self) -> dict[str, str]:
        stubs = {name: spec.stub.supervisor for name, spec in specs_of(self._scenario.tools).items()}
        return {name: supervisor for name, supervisor in stubs.items() if supervisor is not None}

    @cached_property
    def _tables(self) -> dict[str, set[str]]:
        """The tables that a tool may read or change. An author's function may look at any."""
        found: dict[str, set[str]] = {}
        texts: dict[str, list[str]] = {}
        for tool, code in code_of(self._scenario, "sql"):
            texts.setdefault(tool.name, []).append(code.text)
        for name, statements in texts.items():
            found[name] = self._named_in(statements)
        for tool, _ in code_of(self._scenario, "python"):
            found[tool.name] = set(self._scenario.data)
        return found

    def _tables_of(self, tool: str) -> set[str]:
        """Those of a tool or function; who is asked before a function may be asked by a query of its own."""
        return self._tables.get(tool, set()) | self._tables.get(tool.rpartition(".")[2], set())

    def _named_in(self, texts: Iterable[str]) -> set[str]:
        """The tables that are named, and those that these refer to in their columns."""
        found: set[str] = set()
        waiting = [text for text in texts if text]
        while waiting:
            words = set(re.findall(r"\w+", waiting.pop().casefold()))
            for name, table in self._scenario.data.items():
                if name not in found and name.casefold() in words:
                    found.add(name)
                    waiting.append(" ".join(map(str, table.columns.values())))
        return found


_PARTS: Mapping[Any, str] = {
    "agents": "agent",
    "tools": "tool",
    "supervisors": "supervisor",
    "guardrails": "guardrail",
    "data": "table",
    "mcp": "server",
}
