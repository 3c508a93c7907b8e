"""A workflow of ElevenLabs as the states of an agent: its nodes, and the edges between them both ways."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from realtime_scenarios.document import Place
from realtime_scenarios.importers.exports import Told, mapping_at, places_in, text_at
from realtime_scenarios.importers.found import FoundState, FoundTransition
from realtime_scenarios.importers.sources import words

_OF_A_NODE = words("type position edge_order label additional_prompt additional_tool_ids tools message edges")
_LABELS = {"start": "The beginning.", "end": "The end.", "phone_number": "The transfer."}
_SPEAKING = ("override_agent", "say", "tool")


def states_of_workflow(
    workflow: Place,
    told: Told,
    *,
    template: Callable[[str, Place], str],
    tools: Callable[[list[Place]], list[str]],
    words: Callable[[Place], str | None],
    handoff: Callable[[str, Place, str], None],
) -> list[FoundState]:
    """The nodes as states, that of the start first; none where there is nothing but a start.

    `template` makes a template of a prompt, `words` reads a text that is none, `tools` reads the tools whose ids stand
    there, `handoff` takes down which agent is handed to, where it is named, and when.
    """
    nodes = {key: workflow / "nodes" / key for key in _mappings(workflow / "nodes", told)}
    edges = [
        edge
        for key in _mappings(workflow / "edges", told)
        if _is_between((edge := workflow / "edges" / key), nodes, told)
    ]
    if not any(node.value.get("type") in (*_SPEAKING, "end", "phone_number") for node in nodes.values()):
        for node in nodes.values():
            if node.value.get("type") not in ("start", None):
                told.at(node, f"a node of kind '{node.value.get('type')}'")
        return []
    of_states = ("start", "end", "phone_number", *_SPEAKING)
    ids = ids_of_states(
        {key: node.value.get("label") for key, node in nodes.items() if node.value.get("type") in of_states}
    )
    reader = _Reader(nodes, edges, ids, told, words, handoff)
    states = [reader.state(key, node, template, tools) for key, node in nodes.items() if key in ids]
    return sorted(states, key=lambda state: state.id != ids.get(reader.start or ""))


class _Reader:
    def __init__(
        self,
        nodes: dict[str, Place],
        edges: list[Place],
        ids: dict[str, str],
        told: Told,
        words: Callable[[Place], str | None],
        handoff: Callable[[str, Place, str], None],
    ) -> None:
        self._nodes, self._edges, self._ids, self._told = nodes, edges, ids, told
        self._words, self._handoff = words, handoff
        self.start = next((key for key, node in nodes.items() if node.value.get("type") == "start"), None)
        for key, node in nodes.items():
            if node.value.get("type") == "standalone_agent":
                told.rest(node, {*_OF_A_NODE, "agent_id"}, f"node '{key}'")
            elif key not in ids:
                told.at(node, f"a node of kind '{node.value.get('type')}'")

    def state(
        self,
        key: str,
        node: Place,
        template: Callable[[str, Place], str],
        tools: Callable[[list[Place]], list[str]],
    ) -> FoundState:
        told = self._told
        label = self._words(node / "label")
        told.rest(node, _OF_A_NODE, f"node '{label or key}'")
        lines = []
        if text := text_at(node / "additional_prompt", told):
            lines.append(template(text, node / "additional_prompt"))
        message = node / "message"
        if mapping_at(message, told):
            if words := text_at(message / "text", told):
                lines.append(f"Say: {template(words, message / 'text')}")
            if words := text_at(message / "prompt", told):
                lines.append(template(words, message / "prompt"))
            told.rest(message, {"type", "text", "prompt"}, f"node '{label or key}'")
        kind = node.value.get("type")
        if kind == "phone_number":
            told.at(node, "the number of a transfer; the conversation ends in this state")
            lines.append("Say that you are putting the caller through.")
        return FoundState(
            self._ids[key],
            label or _LABELS.get(str(kind), key),
            "\n\n".join(lines),
            tuple(dict.fromkeys(tools([*places_in(node / "additional_tool_ids"), *self._tool_node(node)]))),
            transitions=tuple(self._ways(key)),
        )

    def _tool_node(self, node: Place) -> Iterator[Place]:
        """Where the ids of the tools stand that a node of tools calls."""
        for place in places_in(node / "tools"):
            if isinstance(place.value, dict) and "tool_id" in place.value:
                yield place / "tool_id"
            else:
                self._told.at(place, "a tool of a node")

    def _ways(self, key: str) -> Iterator[FoundTransition]:
        met: set[str] = set()
        for edge in self._edges:
            source, target = edge.value.get("source"), edge.value.get("target")
            for here, there, condition in (
                (source, target, edge / "forward_condition"),
                (target, source, edge / "backward_condition"),
            ):
                if here != key or not isinstance(condition.value, dict):
                    continue
                when = self._when(condition)
                way = self._way(str(there), when, edge)
                if way is None:
                    continue
                if str(there) in met:
                    self._told.at(edge, "a second edge between the same nodes")
                    continue
                met.add(str(there))
                yield way

    def _way(self, there: str, when: str, edge: Place) -> FoundTransition | None:
        if there in self._ids:
            return FoundTransition(when, to=self._ids[there])
        node = self._nodes[there]
        if node.value.get("type") == "standalone_agent" and (agent := text_at(node / "agent_id", self._told)):
            self._handoff(agent, node, when)
            self._told.at(edge, "from which node an agent is handed to; here it can be from each")
        else:
            self._told.at(edge, "an edge to a node that is left out")
        return None

    def _when(self, condition: Place) -> str:
        data = condition.value
        if data.get("type") == "llm" and (words := self._words(condition / "condition")):
            return words
        label = self._words(condition / "label")
        if data.get("type") == "unconditional":
            return label or "What this state is for has been done."
        if data.get("type") == "result":
            return label or f"The tool {'succeeded' if data.get('successful') else 'failed'}."
        self._told.at(condition, "a condition that is an expression; here the model judges")
        return label or "What this state is for has been done."


def _is_between(edge: Place, nodes: dict[str, Place], told: Told) -> bool:
    """Whether it leads from a node that there is to another; what does not is told."""
    if all(isinstance(key := edge.value.get(end), str) and key in nodes for end in ("source", "target")):
        return True
    told.at(edge, "an edge from or to a node that there is not")
    return False


def _mappings(place: Place, told: Told) -> list[str]:
    if not mapping_at(place, told):
        return []
    for key, value in place.value.items():
        if not isinstance(value, dict):
            told.at(place / key, f"'{key}' is no mapping")
    return [key for key, value in place.value.items() if isinstance(value, dict)]


def ids_of_states(labels: Mapping[str, Any]) -> dict[str, str]:
    """An id of a state for each node, made of its label where it has one, and of its key otherwise."""
    ids: dict[str, str] = {}
    for key, label in labels.items():
        named = label if isinstance(label, str) and label else key
        base = re.sub(r"[^a-z0-9]+", "_", named.lower()).strip("_")[:60] or "state"
        number, free = 1, base
        while free in ids.values():
            number += 1
            free = f"{base}_{number}"
        ids[key] = free
    return ids
