"""A scenario to a graph of its agents, or of one agent's states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from realtime_scenarios.core import UsageError, did_you_mean, listed
from realtime_scenarios.document import Place
from realtime_scenarios.model.scenario import Scenario, Transition
from realtime_scenarios.model.tool import Condition, ToolSpec

Mark = Literal["approval", "gate"]

Seen = Callable[[str, Place], bool | None]
"""Whether dialogues met what stands at a place: an `agent`, a `handoff`, a `tool`, a `state`, a `transition`.

None: nobody knows.
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A line in a node, such as a tool, with what guards it.

    `covered` None: nobody has looked. `tool` None: it is no tool.
    """

    text: str
    marks: tuple[Mark, ...] = ()
    covered: bool | None = None
    tool: ToolSpec | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Node:
    """`is_elsewhere`: it stands for an agent among states, where the conversation leaves them.

    `covered`: whether dialogues came there; None: nobody has looked. `place` is where what it stands for is written.
    """

    id: str
    title: str
    lines: tuple[Line, ...]
    is_start: bool
    is_elsewhere: bool = False
    covered: bool | None = None
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Edge:
    """`label` says when the edge is taken, None where nothing is known; `gate` is what it requires, None: nothing.

    `covered`: whether dialogues took it; None: nobody has looked.
    """

    source: str
    target: str
    label: str | None
    gate: str | None
    covered: bool | None = None
    place: Place | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Graph:
    """`kind` tells what the nodes are. Edges lead to nodes that exist."""

    title: str
    kind: Literal["agents", "states"]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def is_overlaid(self) -> bool:
        """Whether it says what dialogues have met."""
        return any(node.covered is not None for node in self.nodes) or any(
            edge.covered is not None for edge in self.edges
        )

    def layers(self) -> list[list[Node]]:
        """The nodes by their distance from the start; those out of reach come last, in a layer of their own."""
        by_id = {node.id: node for node in self.nodes}
        targets: dict[str, list[str]] = {}
        for edge in self.edges:
            targets.setdefault(edge.source, []).append(edge.target)
        layer = [node.id for node in self.nodes if node.is_start]
        layers: list[list[Node]] = []
        seen: set[str] = set()
        while layer:
            layers.append([by_id[name] for name in layer])
            seen.update(layer)
            following = (target for name in layer for target in targets.get(name, ()))
            layer = [name for name in dict.fromkeys(following) if name not in seen]
        rest = [node for node in self.nodes if node.id not in seen]
        return [*layers, rest] if rest else layers


def nobody_knows(kind: str, place: Place) -> None:
    """The `Seen` of a scenario of which nothing was played."""


def handoff_graph(scenario: Scenario, seen: Seen = nobody_knows) -> Graph:
    """Who hands off to whom, and which tools each agent has."""
    nodes = tuple(
        Node(
            id=agent.id,
            title=agent.name,
            lines=tuple(
                line
                for name in agent.tools
                if name in scenario.tools
                for line in _tool_lines(scenario.tools[name], scenario, seen)
            ),
            is_start=agent.id == scenario.start,
            covered=seen("agent", agent.place),
            place=agent.place,
        )
        for agent in scenario.agents.values()
    )
    edges = tuple(
        Edge(
            agent.id,
            handoff.to,
            handoff.description,
            _gate_text(handoff.requires),
            seen("handoff", handoff.place),
            handoff.place,
        )
        for agent in scenario.agents.values()
        for handoff in agent.handoffs
        if handoff.to in scenario.agents
    )
    return Graph(scenario.title, "agents", nodes, edges)


def state_graph(scenario: Scenario, agent: str, seen: Seen = nobody_knows) -> Graph:
    """The state machine of one agent.

    Raises:
        UsageError: there is no such agent, or it has no states.
    """
    if agent not in scenario.agents:
        raise UsageError(f"there is no agent '{agent}'", hint=did_you_mean(agent, scenario.agents))
    spec = scenario.agents[agent]
    if spec.states is None:
        others = [other.id for other in scenario.agents.values() if other.states]
        raise UsageError(f"agent '{agent}' has no states", hint=f"these have: {', '.join(others)}" if others else None)
    states = spec.states.states
    targets = dict.fromkeys(edge.handoff for state in states.values() for edge in state.transitions if edge.handoff)
    nodes = tuple(
        Node(
            state.id,
            state.id,
            (Line(state.description),),
            state.id == spec.states.entry,
            covered=seen("state", state.place),
            place=state.place,
        )
        for state in states.values()
    ) + tuple(
        Node(_agent_node(agent.id), f"agent {agent.name}", (), is_start=False, is_elsewhere=True, place=agent.place)
        for agent in (scenario.agents[name] for name in targets if name in scenario.agents)
    )
    known = {node.id for node in nodes}
    edges = tuple(
        Edge(state.id, target, _way_label(edge), _gate_text(edge.requires), seen("transition", edge.place), edge.place)
        for state in states.values()
        for edge in state.transitions
        for target in [_agent_node(edge.handoff) if edge.handoff else edge.to]
        if target in known
    )
    return Graph(f"{scenario.title}: {spec.name}", "states", nodes, edges)


def _agent_node(agent: str) -> str:
    """The id of the node that stands for an agent among states, whose own ids hold no ':'."""
    return f"agent:{agent}"


def _tool_lines(tool: ToolSpec, scenario: Scenario, seen: Seen) -> Iterator[Line]:
    """The tool, and below it those of the supervisor behind it."""
    yield _tool_line(tool, seen)
    supervisor = scenario.supervisors.get(tool.stub.supervisor or "")
    for name in supervisor.tools if supervisor is not None else ():
        if supervisor is not None and name in scenario.tools:
            line = _tool_line(scenario.tools[name], seen)
            yield Line(f"{supervisor.name}: {line.text}", line.marks, line.covered, line.tool)


def _tool_line(tool: ToolSpec, seen: Seen) -> Line:
    marks: list[Mark] = []
    if tool.requires:
        marks.append("gate")
    if tool.approval is not None:
        marks.append("approval")
    return Line(tool.name, tuple(marks), seen("tool", tool.place), tool)


def _way_label(way: Transition) -> str:
    """When the transition is taken, and what it changes."""
    changes = [f"clears {listed(way.clear)}"] if way.clear else []
    changes += [f"sets {listed(way.set)}"] if way.set else []
    return f"{way.condition} [{'; '.join(changes)}]" if changes else way.condition


def _gate_text(conditions: Iterable[Condition]) -> str | None:
    return " and ".join(condition.expression for condition in conditions) or None
