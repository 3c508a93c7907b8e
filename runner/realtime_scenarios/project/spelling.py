"""A dialogue that calls things by other spellings of their names to one that calls them by their ids.

An agent may be called by its id, its name or the function that hands off to it; tools and guardrails without regard to
case, spaces and underscores: what people read in a transcript they may write into a dialogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from realtime_scenarios.model.dialogue import Call, Dialogue, ExpectationSpec, Handoff, Move, Turn
from realtime_scenarios.model.names import handoff_tool_name
from realtime_scenarios.model.scenario import Scenario


class Spelling:
    """The ids of a scenario, found by what people may write for them."""

    def __init__(self, scenario: Scenario) -> None:
        agents = scenario.agents.values()
        wire = [(edge.tool_name, edge.to) for agent in agents for edge in agent.handoffs if edge.tool_name]
        names = [(name, agent.id) for agent in agents for name in (agent.name, handoff_tool_name(agent.name))]
        self._agents = _lookup(scenario.agents, [*names, *wire])
        self._tools = _lookup(scenario.tools, ())
        self._guardrails = _lookup(scenario.guardrails, ())

    def with_ids(self, dialogue: Dialogue) -> Dialogue:
        """The dialogue with ids in place of names; what means nothing stays as it is."""
        return replace(
            dialogue,
            agent=self._agent(dialogue.agent) if dialogue.agent else None,
            turns=tuple(self._turn(turn) for turn in dialogue.turns),
            expect=tuple(map(self._expectation, dialogue.expect)),
        )

    def _turn(self, turn: Turn) -> Turn:
        moves = None if turn.moves is None else tuple(map(self._move, turn.moves))
        return replace(turn, moves=moves, expect=tuple(map(self._expectation, turn.expect)))

    def _move(self, move: Move) -> Move:
        match move:
            case Handoff():
                return replace(move, to=self._agent(move.to))
            case Call():
                nested = tuple(self._call(one) if isinstance(one, Call) else one for one in move.nested)
                return replace(self._call(move), nested=nested)
            case _:
                return move

    def _call(self, move: Call) -> Call:
        return replace(move, tool=self._tool(move.tool))

    def _expectation(self, spec: ExpectationSpec) -> ExpectationSpec:
        value = spec.value
        match spec.kind:
            case "agent":
                value = self._agent(value)
            case "handoff":
                ends = {key: self._agent(one) for key, one in value.items()} if isinstance(value, Mapping) else None
                value = ends if ends is not None else self._agent(value)
            case "called" | "not_called" | "approval" if isinstance(value, Mapping):
                value = {**value, "tool": self._tool(value["tool"])} if "tool" in value else value
            case "called" | "not_called":
                value = self._tool(value)
            case "guardrail":
                value = self._guardrails.get(_plain(value), value)
            case "order":
                value = [self._step(step) for step in value]
        return spec if value == spec.value else replace(spec, value=value)

    def _step(self, step: Any) -> Any:
        if not isinstance(step, Mapping):
            return self._tool(step)
        kinds = {"call": self._tool, "handoff": self._agent}
        return {kind: kinds[kind](name) if kind in kinds else name for kind, name in step.items()}

    def _agent(self, name: str) -> str:
        return self._agents.get(_plain(name), name)

    def _tool(self, name: str) -> str:
        return self._tools.get(_plain(name), name)


def _lookup(ids: Iterable[str], names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Ids by their plain spelling and by further names; an id wins over a name, and what is ambiguous finds nothing."""
    found: dict[str, str | None] = {}
    for name, target in names:
        found[_plain(name)] = target if found.get(_plain(name), target) == target else None
    own: dict[str, str | None] = {}
    for one in ids:
        own[_plain(one)] = None if _plain(one) in own else one
    return {name: target for name, target in (found | own).items() if target is not None}


def _plain(name: Any) -> str:
    return re.sub(r"[\s_-]", "", str(name)).casefold()
