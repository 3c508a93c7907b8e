"""The state tool and the states in the instructions as where a conversation stands and what to find out there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from runner.model.names import ALREADY_KNOWN, SET_STATE_TOOL
from runner.realtime.responders.conversation import Called, Conversation, Returned, Said, parsed
from runner.realtime.responders.offers import Offer, Schema, offers_of
from runner.realtime.responders.words import name_words

_FROM = re.compile(r"\bfrom '([^']+)'")
_GIVE = re.compile(r"Give what you found out: ([^.]*)\.")
_MACHINE = re.compile(r"^# Conversation States\s*$", re.MULTILINE)
_FOCUS = re.compile(r"^# Where the conversation is: (\S+)\s*$", re.MULTILINE)
_NEXT = re.compile(r"^- ([A-Za-z0-9_-]+)(?: \([A-Za-z0-9_]+\))?: ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """The state that the conversation is in.

    `ways` are the states that may follow, the later ones where there are any, `back` the others, `exits` the functions
    that hand off from here. `collects` is an offer whose slots are what has to be found out before the state is left.
    `tools` belong to this state, `elsewhere` are functions that belong to other states.
    """

    id: str
    ways: tuple[str, ...]
    exits: tuple[str, ...]
    back: tuple[str, ...]
    examples: tuple[str, ...]
    collects: Offer
    tools: tuple[str, ...]
    elsewhere: frozenset[str]


def place_of(tools: Sequence[Mapping[str, Any]], instructions: str) -> Place | None:
    """Where the conversation stands; None where no states are enforced, or none can be made out."""
    tool = next((tool for tool in tools if tool.get("name") == SET_STATE_TOOL), None)
    focus = _FOCUS.search(instructions)
    known = _known_in(instructions)
    if focus:
        return _focused(tool, instructions[focus.end() :], focus[1], known)
    states = _states_in(instructions)
    if tool is None:
        ends = [state for state in states if not any("_" not in way or way in states for way in _ways(states[state]))]
        return _tracked(tool, states, ends[0], known) if len(ends) == 1 and ends[0] in states else None
    found = _FROM.search(str(tool.get("description")))
    return _tracked(tool, states, found[1], known) if found and found[1] in states else None


def since_entry(conversation: Conversation) -> tuple[Any, ...]:
    """What happened since the state was entered, or since the agent took over."""
    for at in range(len(conversation.entries) - 1, -1, -1):
        entry = conversation.entries[at]
        if isinstance(entry, Returned) and (entry.agent is not None or entered(entry) is not None):
            return conversation.entries[at + 1 :]
    return conversation.entries


def entered(returned: Returned) -> str | None:
    """The state that a move has led to; None where it was refused, or is none."""
    if returned.call is None or returned.call.name != SET_STATE_TOOL:
        return None
    data = parsed(returned.output)
    state = data.get("state") if isinstance(data, dict) else None
    return state if isinstance(state, str) else None


def collected_in(conversation: Conversation) -> dict[str, Any]:
    """What was found out so far, as it was given with the moves that went through; the newest wins."""
    found: dict[str, Any] = {}
    for entry in conversation.entries:
        if isinstance(entry, Returned) and isinstance(entry.call, Called) and entered(entry) is not None:
            found |= {name: value for name, value in entry.call.arguments.items() if name != "next_state"}
    return found


def arguments_from(offer: Offer, collected: Mapping[str, Any]) -> dict[str, Any] | None:
    """The arguments of a tool out of what was collected, by their names; None where that does not do."""
    by_words = {frozenset(name_words(name)): value for name, value in collected.items()}
    arguments: dict[str, Any] = {}
    for slot in offer.slots:
        words = frozenset(name_words(slot.name))
        fitting = next((value for known, value in by_words.items() if known == words or words < known), None)
        if fitting is not None:
            inner = arguments
            for step in slot.path[:-1]:
                inner = inner.setdefault(step, {})
            inner[slot.name] = fitting
        elif slot.required:
            return None
    return arguments if offer.parameters.accepts(arguments) else None


def heard_here(conversation: Conversation) -> list[str]:
    """What the caller said in this state in answer to the agent, oldest first."""
    said: list[str] = []
    spoken = False
    for entry in since_entry(conversation):
        if isinstance(entry, Said):
            if entry.role == "assistant":
                spoken = True
            elif spoken:
                said.append(entry.text)
    return said


def _known_in(instructions: str) -> frozenset[str]:
    """What the instructions say is known already."""
    line = next((line for line in instructions.splitlines() if line.startswith(ALREADY_KNOWN)), "")
    return frozenset(one.partition(" = ")[0] for one in line.removeprefix(ALREADY_KNOWN).split("; ") if one)


def _focused(tool: Mapping[str, Any] | None, text: str, state: str, known: frozenset[str]) -> Place:
    examples = re.search(r"Sample phrases \(vary them\):\n((?:- .*\n?)+)", text)
    onward = re.search(r"From here:\n((?:- .*\n?)+)", text)
    own = re.search(r"^Tools of this state: (.*)\.$", text, re.MULTILINE)
    steps = _NEXT.findall(onward[1]) if onward else []
    ways = _enum(tool)
    return Place(
        id=state,
        ways=ways,
        exits=tuple(step for step in steps if step not in ways),
        back=(),
        examples=tuple(line[2:].strip(' "') for line in examples[1].splitlines()) if examples else (),
        collects=_collecting(tool, known),
        tools=tuple(own[1].split(", ")) if own else (),
        elsewhere=frozenset(),
    )


def _tracked(tool: Mapping[str, Any] | None, states: Mapping[str, Any], here: str, known: frozenset[str]) -> Place:
    state, order = states[here], list(states)
    exits = tuple(way for way in _ways(state) if way not in states)
    onward = tuple(way for way in _enum(tool) if way in order[order.index(here) :])
    ways = onward if onward or exits else _enum(tool)  # nobody is sent back who could go on
    owned = {name for one in states.values() for name in one.get("tools", ())}
    owned |= {way for one in states.values() for way in _ways(one) if way not in states}
    return Place(
        id=here,
        ways=ways,
        exits=exits,
        back=tuple(way for way in _enum(tool) if way not in ways),
        examples=tuple(map(str, state.get("examples", ()))),
        collects=_collecting(tool, known),
        tools=tuple(map(str, state.get("tools", ()))),
        elsewhere=frozenset(owned - set(state.get("tools", ())) - set(exits)),
    )


def _states_in(instructions: str) -> dict[str, Any]:
    heading = _MACHINE.search(instructions)
    if heading is None:
        return {}
    try:
        states, _ = json.JSONDecoder().raw_decode(instructions[heading.end() :].lstrip())
    except ValueError:
        return {}
    known = states if isinstance(states, list) else []
    return {str(state["id"]): state for state in known if isinstance(state, dict) and "id" in state}


def _ways(state: Mapping[str, Any]) -> list[str]:
    steps = (str(edge.get("next_step", "")) for edge in state.get("transitions", ()) if isinstance(edge, dict))
    return [step.partition(" ")[0] for step in steps]


def _enum(tool: Mapping[str, Any] | None) -> tuple[str, ...]:
    properties = (tool or {}).get("parameters", {}).get("properties", {})
    return tuple(map(str, properties.get("next_state", {}).get("enum", ())))


def _collecting(tool: Mapping[str, Any] | None, known: frozenset[str]) -> Offer:
    """What the state finds out, as if it were a tool of its own whose arguments are asked for."""
    parameters = (tool or {}).get("parameters", {})
    properties = {name: one for name, one in parameters.get("properties", {}).items() if name != "next_state"}
    given = _GIVE.search(str((tool or {}).get("description", "")))
    wanted = [name for name in re.split(r", | and ", given[1]) if name not in known] if given else []
    schema = {"type": "object", "properties": properties, "required": [name for name in wanted if name in properties]}
    sought = {name: _without_null(one) for name, one in properties.items() if name not in known}
    (offer,) = offers_of([{"name": SET_STATE_TOOL, "parameters": {**schema, "properties": sought}}], "")
    return replace(offer, parameters=Schema(schema))


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a value that was found out: null is what stands there until then."""
    found = dict(schema)
    if isinstance(found.get("type"), list):
        kinds = [kind for kind in found["type"] if kind != "null"]
        found["type"] = kinds[0] if len(kinds) == 1 else kinds
    if isinstance(found.get("enum"), list):
        found["enum"] = [value for value in found["enum"] if value is not None]
    return found
