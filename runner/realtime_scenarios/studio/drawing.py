"""Agents, or the states of one of them, to a drawing as JSON: boxes and lines with ids, lengths in pixels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from realtime_scenarios.core import UsageError, did_you_mean
from realtime_scenarios.model.scenario import AgentSpec, Collected, Scenario, State, Transition
from realtime_scenarios.project.graph import Edge, Graph, Node, Seen, handoff_graph, nobody_knows, state_graph
from realtime_scenarios.project.graph.layout import LINE, PAD, Box, Curve, laid_out
from realtime_scenarios.studio.places import shown_place

Json = Mapping[str, Any]

_LABEL_HEIGHT = 20
_CHARACTER = 7.0
_LONGEST_LABEL = 48
_ROOM_FOR_COUNT = 24.0
_PANE = (780, 600)
"""What a drawing mostly has: its shape decides whether the graph runs to the right or down."""
_MOST_WITH_TOOLS = 60
"""Of a graph with more boxes only the boxes are drawn; what is in them stands in the list beside it."""


def agents_drawn(scenario: Scenario, seen: Seen = nobody_knows) -> Json:
    """Who hands off to whom. The id of an edge is `from>to`, with `#2` behind it where there is another before it.

    `covered` of what is drawn: whether dialogues met it, null where nobody knows.
    """
    return _drawn(handoff_graph(scenario, seen))


def states_drawn(scenario: Scenario, agent: str, seen: Seen = nobody_knows) -> Json:
    """The states of an agent, drawn and in words; without any, `mode` and `graph` are null and the lists are empty.

    Raises:
        UsageError: there is no such agent.
    """
    spec = agent_named(scenario, agent)
    others = [
        {"id": each.id, "name": each.name, "has_states": each.states is not None} for each in scenario.agents.values()
    ]
    told = {"agent": spec.id, "name": spec.name, "agents": others, "place": shown_place(spec.place)}
    if spec.states is None:
        return {**told, "mode": None, "entry": None, "graph": None, "states": []}
    machine = spec.states
    return {
        **told,
        "mode": machine.mode,
        "entry": machine.entry,
        "graph": _drawn(state_graph(scenario, agent, seen)),
        "states": [_state_told(state, scenario, seen) for state in machine.states.values()],
    }


def agent_named(scenario: Scenario, agent: str) -> AgentSpec:
    """The agent with this id.

    Raises:
        UsageError: there is none.
    """
    if agent not in scenario.agents:
        raise UsageError(f"there is no agent '{agent}'", hint=did_you_mean(agent, scenario.agents))
    return scenario.agents[agent]


def transition_id(state: State, index: int) -> str:
    """How one of a state's transitions is called in what the page is told; `index` from 0."""
    return f"{state.id}/{index}"


def _drawn(graph: Graph) -> Json:
    if len(graph.nodes) > _MOST_WITH_TOOLS:
        graph = replace(graph, nodes=tuple(replace(node, lines=()) for node in graph.nodes))
    ways = [laid_out(graph, paired=False, labelled=False, room=_ROOM_FOR_COUNT, down=down) for down in (False, True)]
    layout = max(ways, key=lambda way: min(_PANE[0] / way.width, _PANE[1] / way.bottom))  # the one that is seen larger
    seen: Counter[str] = Counter()
    edges = []
    for link, curve in zip(layout.links, layout.curves, strict=True):
        name = f"{link.source}>{link.target}"
        seen[name] += 1
        edges.append(_edge_told(link.edge, curve, name if seen[name] == 1 else f"{name}#{seen[name]}", graph))
    reach = [edge["label_box"]["x"] + edge["label_box"]["w"] for edge in edges]
    return {
        "kind": graph.kind,
        "title": graph.title,
        "nodes": [_node_told(box, graph) for box in layout.boxes.values()],
        "edges": edges,
        "width": round(max([layout.width, *(x + PAD for x in reach)])),
        "height": round(layout.bottom + PAD),
    }


def _node_told(box: Box, graph: Graph) -> Json:
    node = box.node
    return {
        "id": node.id,
        "kind": _kind_of(node, graph),
        "label": node.title,
        "start": node.is_start,
        "covered": node.covered,
        "x": round(box.x),
        "y": round(box.y),
        "w": round(box.width),
        "h": round(box.height),
        "place": shown_place(node.place),
        "lines": [
            {
                "text": line.text,
                "marks": list(line.marks),
                "tool": line.tool.name if line.tool is not None else None,
                "covered": line.covered,
                "y": round(box.y + PAD + 11 + LINE * number),
                "place": shown_place(line.tool.place if line.tool is not None else node.place),
            }
            for number, line in enumerate(node.lines, 1)
        ],
    }


def _kind_of(node: Node, graph: Graph) -> str:
    if node.is_elsewhere:
        return "elsewhere"
    return "agent" if graph.kind == "agents" else "state"


def _edge_told(edge: Edge, curve: Curve, name: str, graph: Graph) -> Json:
    shown = edge.label or (f"if {edge.gate}" if edge.gate else "")
    width = min(len(shown), _LONGEST_LABEL) * _CHARACTER + 2 * PAD
    return {
        "id": name,
        "from": edge.source,
        "to": edge.target,
        "kind": "handoff" if graph.kind == "agents" or edge.target.startswith("agent:") else "transition",
        "label": edge.label,
        "gate": edge.gate,
        "covered": edge.covered,
        "path": curve.path,
        "label_box": {
            "x": max(0, round(curve.label.x - width / 2)),
            "y": round(curve.label.y - _LABEL_HEIGHT / 2),
            "w": round(width),
            "h": _LABEL_HEIGHT,
        },
        "place": shown_place(edge.place),
    }


def _state_told(state: State, scenario: Scenario, seen: Seen) -> Json:
    return {
        "id": state.id,
        "description": state.description,
        "terminal": state.terminal,
        "covered": seen("state", state.place),
        "collect": [_collected_told(field, scenario) for field in state.collect],
        "tools": list(state.tools),
        "transitions": [
            _transition_told(way, transition_id(state, index), seen) for index, way in enumerate(state.transitions)
        ],
        "place": shown_place(state.place),
    }


def _collected_told(field: Collected, scenario: Scenario) -> Json:
    variable = scenario.context.get(field.variable)
    return {
        "variable": field.variable,
        "required": field.required,
        "description": variable.description if variable is not None else None,
        "secret": variable is not None and variable.secret,
        "place": shown_place(field.place),
    }


def _transition_told(way: Transition, name: str, seen: Seen) -> Json:
    return {
        "id": name,
        "to": way.to,
        "handoff": way.handoff,
        "condition": way.condition,
        "requires": [condition.expression for condition in way.requires],
        "set": sorted(way.set),
        "clear": list(way.clear),
        "covered": seen("transition", way.place),
        "place": shown_place(way.place),
    }
