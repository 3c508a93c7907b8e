"""A conversation flow of Retell as the states of an agent: its nodes and the edges between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from realtime_scenarios.document import Place
from realtime_scenarios.importers.collecting import Collected, Wish, as_walked
from realtime_scenarios.importers.exports import items_at, mapping_at, text_at
from realtime_scenarios.importers.found import FoundState, FoundTransition
from realtime_scenarios.importers.sources import words
from realtime_scenarios.importers.workflows import ids_of_states
from realtime_scenarios.importers.written import fitting_name

_STATES = words("conversation function extract_dynamic_variables branch end transfer_call press_digit sms")
_EDGES = {
    "else_edge": "None of the others holds.",
    "always_edge": "What this state is for has been done.",
    "skip_response_edge": "At once, without waiting for the caller.",
    "edge": "The transfer failed.",
    "success_edge": "The message was sent.",
    "failed_edge": "The message was not sent.",
}
_OF_A_NODE = frozenset(
    {"id", "type", "name", "instruction", "edges", "tool_id", "tool_type", "variables", "display_position", "agent_id"}
    | {"global_node_setting", "wait_for_result", *_EDGES}
)
_DONE = {
    "transfer_call": "Say that you are putting the caller through.",
    "press_digit": "Say which keys of the telephone would be pressed.",
    "sms": "Say that a text message is on its way.",
    "branch": "Say nothing, and go on at once.",
}


def states_of_flow(flow: Place, agent: str, tools: Mapping[str, str], collected: Collected) -> tuple[FoundState, ...]:
    """The nodes as states, that of the start first, as one comes to them.

    `tools` are names by the ids that function nodes have for them. Agents that are handed to are wished for.
    """
    nodes: dict[str, Place] = {}
    for node in items_at(flow / "nodes", collected.told):
        key = node.value.get("id")
        if not isinstance(key, str) or not key or key in nodes:
            collected.told.at(node, "a node without an id of its own")
        else:
            nodes[key] = node
    reader = _Reader(nodes, agent, tools, collected)
    states = [reader.state(key) for key in reader.ids]
    start = flow.value.get("start_node_id")
    entry = reader.ids.get(start) if isinstance(start, str) else None
    return as_walked(reader.with_ways_from_everywhere(states), entry)


class _Reader:
    def __init__(self, nodes: dict[str, Place], agent: str, tools: Mapping[str, str], collected: Collected) -> None:
        self._nodes, self._agent, self._tools, self._collected = nodes, agent, tools, collected
        self._told = collected.told
        labels = {key: node.value.get("name") for key, node in nodes.items() if _kind(node) in _STATES}
        self.ids = ids_of_states(labels)
        for key, node in nodes.items():
            if key not in self.ids and node.value.get("type") != "agent_swap":
                self._told.at(node, f"a node of kind '{node.value.get('type')}'")

    def state(self, key: str) -> FoundState:
        node, told = self._nodes[key], self._told
        kind, name = _kind(node), self._collected.words_at(node / "name")
        told.rest(node, _OF_A_NODE, f"node '{name or key}'")
        lines = list(self._instructions(node))
        called: tuple[str, ...] = ()
        if kind == "function":
            tool = self._tools.get(str(node.value.get("tool_id")))
            if tool is None:
                told.at(node, "the tool of a node, which is not in what was given")
            else:
                called = (tool,)
                lines.append(f"Call {fitting_name(tool)}.")
        if kind in _DONE:
            lines.append(_DONE[kind])
        if kind in ("transfer_call", "press_digit", "sms"):
            told.at(node, f"what a node of kind '{kind}' does is the platform's")
        ways = () if kind == "end" else tuple(self._ways(node))
        collect = tuple(self._collected_in(node)) if kind == "extract_dynamic_variables" else ()
        if collect and not ways:
            told.at(node, "the variables of a node from which no way leads on")
            collect = ()
        return FoundState(
            self.ids[key],
            name or key,
            "\n\n".join(lines),
            called,
            collect,
            ways,
        )

    def with_ways_from_everywhere(self, states: list[FoundState]) -> list[FoundState]:
        """The states, with a way from each that goes on to those that can be reached from everywhere."""
        for key, node in self._nodes.items():
            setting = node / "global_node_setting"
            if key not in self.ids or not mapping_at(setting, self._told):
                continue
            self._told.rest(setting, {"condition"}, "a node that can be reached from everywhere")
            when = self._collected.words_at(setting / "condition")
            if when is None:
                continue
            way = FoundTransition(when, to=self.ids[key])
            states = [
                replace(state, transitions=(*state.transitions, way))
                if state.transitions and state.id != way.to and way.to not in [other.to for other in state.transitions]
                else state
                for state in states
            ]
        return states

    def _instructions(self, node: Place) -> Iterator[str]:
        instruction = node / "instruction"
        if not mapping_at(instruction, self._told):
            return
        text = text_at(instruction / "text", self._told)
        if text is not None:
            template = self._collected.variables.template(text, instruction / "text")
            yield f"Say: {template}" if instruction.value.get("type") == "static_text" else template

    def _collected_in(self, node: Place) -> Iterator[str]:
        for variable in items_at(node / "variables", self._told):
            name = text_at(variable / "name", self._told)
            schema = schema_of_variable(variable, self._collected)
            kept = self._collected.variables.collected(name, schema) if name else None
            if kept is None:
                self._told.at(variable, "a variable without a name that one can have")
            else:
                yield kept if variable.value.get("required") else f"{kept}?"

    def _ways(self, node: Place) -> Iterator[FoundTransition]:
        met: set[str] = set()
        edges = [(edge, None) for edge in items_at(node / "edges", self._told)]
        others = [(node / key, usual) for key, usual in _EDGES.items() if mapping_at(node / key, self._told)]
        for edge, usual in [*edges, *others]:
            target = edge.value.get("destination_node_id")
            if target is None and usual is not None:
                continue
            when = self._when(edge / "transition_condition", usual)
            there = self._nodes.get(target) if isinstance(target, str) else None
            if there is not None and there.value.get("type") == "agent_swap":
                key = text_at(there / "agent_id", self._told) or ""
                self._collected.wish(self._agent, Wish(key, there, when))
                self._told.at(edge, "from which node an agent is handed to; here it can be from each")
            elif not isinstance(target, str) or target not in self.ids:
                self._told.at(edge, "an edge to a node that there is not, or that is left out")
            elif target in met:
                self._told.at(edge, "a second edge between the same nodes")
            else:
                met.add(target)
                yield FoundTransition(when, to=self.ids[target])

    def _when(self, condition: Place, usual: str | None) -> str:
        done = usual or "What this state is for has been done."
        if not mapping_at(condition, self._told):
            return done
        if condition.value.get("type") == "equation":
            if usual is None or condition.value.get("equations"):
                self._told.at(condition, "a condition that is an equation; here the model judges")
            return self._collected.variables.words(_in_words(condition.value), condition) or done
        return done if usual is not None else self._collected.words_at(condition / "prompt") or done


def _kind(node: Place) -> str:
    return str(node.value.get("type"))


def schema_of_variable(variable: Place, collected: Collected) -> dict[str, Any]:
    """The JSON Schema of a variable that Retell extracts."""
    kind, choices = variable.value.get("type"), variable.value.get("choices")
    description = collected.words_at(variable / "description")
    return {
        "type": kind if kind in ("string", "number", "boolean") else "string",
        **({"description": description} if description else {}),
        **({"enum": choices} if kind == "enum" and isinstance(choices, list) and choices else {}),
    }


def _in_words(condition: Mapping[str, Any]) -> str:
    """An equation as a model reads it; "" where there is none."""
    given = condition.get("equations")
    parts = [
        " ".join(str(part[key]) for key in ("left", "operator", "right") if part.get(key) is not None)
        for part in (given if isinstance(given, list) else ())
        if isinstance(part, dict)
    ]
    return (" or " if condition.get("operator") == "||" else " and ").join(part for part in parts if part)
