"""A dialogue that calls things by other spellings of their names to one that calls them by their ids.

An agent may be called by its id, its name or the function that hands off to it; tools and guardrails without regard to
case, spaces and underscores: what people read in a transcript they may write into a dialogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from realtime_scenarios.model.dialogue import Call, Dialogue, Handoff, Move, Turn
from realtime_scenarios.model.expectation import Expectation
from realtime_scenarios.model.mention import AgentName, GuardrailName, M, SupervisorName, ToolName
from realtime_scenarios.model.names import handoff_tool_name
from realtime_scenarios.model.persona import Persona
from realtime_scenarios.model.scenario import Scenario


class Spelling:
    """The ids of a scenario, found by what people may write for them."""

    def __init__(self, scenario: Scenario) -> None:
        agents = scenario.agents.values()
        wire = [(edge.tool_name, edge.to) for agent in agents for edge in agent.handoffs if edge.tool_name]
        names = [(name, agent.id) for agent in agents for name in (agent.name, handoff_tool_name(agent.name))]
        self._ids: Mapping[type, Mapping[str, str]] = {
            AgentName: _ids_by_spelling(scenario.agents, [*names, *wire]),
            ToolName: _ids_by_spelling(scenario.tools, ()),
            GuardrailName: _ids_by_spelling(scenario.guardrails, ()),
            SupervisorName: _ids_by_spelling(scenario.supervisors, ()),
        }

    def with_ids(self, dialogue: Dialogue) -> Dialogue:
        """The dialogue with ids in place of names; what means nothing stays as it is."""
        return replace(
            dialogue,
            agent=self._id_for(AgentName, dialogue.agent) if dialogue.agent else None,
            turns=tuple(self._turn_with_ids(turn) for turn in dialogue.turns),
            expect=tuple(map(self._expectation_with_ids, dialogue.expect)),
            caller=None if dialogue.caller is None else self._persona_with_ids(dialogue.caller),
        )

    def _persona_with_ids(self, persona: Persona) -> Persona:
        approvals = {self._id_for(ToolName, tool): decided for tool, decided in persona.approvals.items()}
        return replace(persona, approvals=approvals)

    def _turn_with_ids(self, turn: Turn) -> Turn:
        moves = None if turn.moves is None else tuple(map(self._move_with_ids, turn.moves))
        return replace(turn, moves=moves, expect=tuple(map(self._expectation_with_ids, turn.expect)))

    def _move_with_ids(self, move: Move) -> Move:
        match move:
            case Handoff():
                return replace(move, to=self._id_for(AgentName, move.to))
            case Call():
                nested = tuple(
                    self._call_with_ids(inner) if isinstance(inner, Call) else inner for inner in move.nested
                )
                return replace(self._call_with_ids(move), nested=nested)
            case _:
                return move

    def _call_with_ids(self, move: Call) -> Call:
        return replace(move, tool=self._id_for(ToolName, move.tool))

    def _expectation_with_ids(self, expectation: Expectation) -> Expectation:
        return expectation.renamed(self._mention_with_id)

    def _mention_with_id(self, mention: M) -> M:
        written = self._id_for(type(mention), mention.text)
        return mention if written == mention.text else replace(mention, text=written)

    def _id_for(self, kind: type, text: str) -> str:
        return self._ids.get(kind, {}).get(_folded(text), text)


def _ids_by_spelling(ids: Iterable[str], names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Ids by their spelling and by further names; an id wins over a name, and what is ambiguous finds nothing."""
    found: dict[str, str | None] = {}
    for name, target in names:
        found[_folded(name)] = target if found.get(_folded(name), target) == target else None
    own: dict[str, str | None] = {}
    for identifier in ids:
        own[_folded(identifier)] = None if _folded(identifier) in own else identifier
    return {name: target for name, target in (found | own).items() if target is not None}


def _folded(name: str) -> str:
    """What is left of a name where case, spaces, hyphens and underscores do not count."""
    return re.sub(r"[\s_-]", "", name).casefold()
