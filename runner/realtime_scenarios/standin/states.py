"""The state tool and the states in the instructions as where a conversation stands and what to find out there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from realtime_scenarios.standin.conversation import Called, Conversation, Returned, parsed
from realtime_scenarios.standin.marks import ALREADY_KNOWN, SET_STATE_TOOL
from realtime_scenarios.standin.offers import Offer, Schema, offers_of
from realtime_scenarios.standin.words import name_words

_FROM = re.compile(r"\bfrom '([^']+)'")
_GIVE = re.compile(r"Give what you found out: ([^.]*)\.")
_MACHINE = re.compile(r"^# Conversation States\s*$", re.MULTILINE)
_FOCUS = re.compile(r"^# Where the conversation is: (\S+)\s*$", re.MULTILINE)
_NEXT = re.compile(r"^- ([A-Za-z0-9_-]+)(?: \([A-Za-z0-9_]+\))?: (.*)", re.MULTILINE)
_KNOWN = re.compile(r"(?P<name>\w+)(?:(?P<told> = )|; |$)")


@dataclass(frozen=True, slots=True)
class Way:
    """A transition to another state. `collects` names what that state finds out, as far as it is known."""

    to: str
    condition: str = ""
    collects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """The state that the conversation is in.

    `ways` are the states that may follow, the later ones where there are any, `back` the others, `exits` the functions
    that hand off from here. `collects` is an offer whose slots are what has to be found out before the state is left.
    `known` holds what was found out before, by name, None where a value is not told. `told` is what the state is about,
    sentence by sentence. `tools` belong to this state, `elsewhere` are functions that belong to other states. `ends`:
    nothing has to come after it. `begins`: it is the first one.
    """

    id: str
    ways: tuple[Way, ...]
    exits: tuple[str, ...]
    back: tuple[Way, ...]
    told: tuple[str, ...]
    examples: tuple[str, ...]
    collects: Offer
    known: Mapping[str, Any]
    tools: tuple[str, ...]
    elsewhere: frozenset[str]
    ends: bool = False
    begins: bool = False


@lru_cache(maxsize=64)
def _place_of(tool: str, instructions: str) -> Place | None:
    described = json.loads(tool)
    known = known_in(instructions)
    focus = _FOCUS.search(instructions)
    if focus:
        return _focused(described, instructions[focus.end() :], focus[1], known)
    states = _states_in(instructions)
    if described is None:
        ends = [state for state in states if not any("_" not in way or way in states for way in _ways(states[state]))]
        return _tracked(described, states, ends[0], known) if len(ends) == 1 and ends[0] in states else None
    found = _FROM.search(str(described.get("description")))
    return _tracked(described, states, found[1], known) if found and found[1] in states else None


def place_of(tools: Sequence[Mapping[str, Any]], instructions: str) -> Place | None:
    """Where the conversation stands; None where no states are enforced, or none can be made out."""
    tool = next((tool for tool in tools if tool.get("name") == SET_STATE_TOOL), None)
    return _place_of(json.dumps(tool, default=str), instructions)


def since_entry(conversation: Conversation) -> tuple[Any, ...]:
    """What happened since the state was entered, or since the agent took over."""
    for at in range(len(conversation.entries) - 1, -1, -1):
        entry = conversation.entries[at]
        if isinstance(entry, Returned) and (entry.agent is not None or entered(entry) is not None):
            return conversation.entries[at + 1 :]
    return conversation.entries


def since_arrival(conversation: Conversation) -> tuple[Any, ...]:
    """What happened since the agent took over."""
    for at in range(len(conversation.entries) - 1, -1, -1):
        entry = conversation.entries[at]
        if isinstance(entry, Returned) and entry.agent is not None:
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


def values_for(offer: Offer, known: Mapping[str, Any]) -> dict[tuple[str, ...], Any]:
    """The tool's values that are known by their names, and fit."""
    by_words = {_words(name): value for name, value in known.items() if value is not None}
    values: dict[tuple[str, ...], Any] = {}
    for slot in offer.slots:
        words = _words(slot.name)
        fitting = by_words.get(words, next((value for name, value in by_words.items() if words < name), None))
        if fitting is not None and slot.schema.accepts(fitting):
            values[slot.path] = fitting
    return values


def _words(name: str) -> frozenset[str]:
    return frozenset(name_words(name)) - {"number"}


def known_in(instructions: str) -> dict[str, Any]:
    """What the instructions say is known already, by name; None for a value that they do not tell."""
    at = instructions.rfind(f"\n{ALREADY_KNOWN}")
    rest = instructions[at + 1 + len(ALREADY_KNOWN) :].partition("\n")[0] if at >= 0 else ""
    known: dict[str, Any] = {}
    while named := _KNOWN.match(rest):
        rest, value = rest[named.end() :], None
        if named["told"]:
            try:
                value, end = json.JSONDecoder().raw_decode(rest)
            except ValueError:
                break
            rest = rest[end:].removeprefix("; ")
        known[named["name"]] = value
    return known


def _focused(tool: Mapping[str, Any] | None, text: str, state: str, known: Mapping[str, Any]) -> Place:
    text = text.partition(f"\n{ALREADY_KNOWN}")[0]
    examples = re.search(r"Sample phrases \(vary them\):\n((?:- .*\n?)+)", text)
    onward = re.search(r"From here:\n((?:- .*\n?)+)", text)
    own = re.search(r"^Tools of this state: (.*)\.$", text, re.MULTILINE)
    steps = dict(_NEXT.findall(onward[1])) if onward else {}
    told = re.split(r"\n\n(?:Find out, |Tools of this|Sample phrases|From here)", text)[0].strip()
    ways = _enum(tool)
    return Place(
        id=state,
        ways=tuple(Way(way, steps.get(way, "")) for way in ways),
        exits=tuple(step for step in steps if step not in ways),
        back=(),
        told=tuple(line.removeprefix("- ") for line in told.split("\n") if line.strip()),
        examples=tuple(line[2:].strip(' "') for line in examples[1].splitlines()) if examples else (),
        collects=_collecting(tool),
        known=known,
        tools=tuple(own[1].split(", ")) if own else (),
        elsewhere=frozenset(),
        ends=not steps,
    )


def _tracked(tool: Mapping[str, Any] | None, states: Mapping[str, Any], here: str, known: Mapping[str, Any]) -> Place:
    state, order = states[here], list(states)
    exits = tuple(way for way in _ways(state) if way not in states)
    conditions = {
        str(edge.get("next_step", "")): str(edge.get("condition", ""))
        for edge in state.get("transitions", ())
        if isinstance(edge, dict)
    }
    legal = [
        Way(way, conditions.get(way, ""), tuple(map(str, states.get(way, {}).get("collect", ()))))
        for way in _enum(tool)
    ]
    onward = tuple(way for way in legal if way.to in order[order.index(here) :])
    ways = onward if onward or exits else tuple(legal)  # nobody is sent back who could go on
    owned = {name for state in states.values() for name in state.get("tools", ())}
    owned |= {way for state in states.values() for way in _ways(state) if way not in states}
    return Place(
        id=here,
        ways=ways,
        exits=exits,
        back=tuple(way for way in legal if way not in ways),
        told=(str(state.get("description", "")), *map(str, state.get("instructions", ()))),
        examples=tuple(map(str, state.get("examples", ()))),
        collects=_collecting(tool),
        known=known,
        tools=tuple(map(str, state.get("tools", ()))),
        elsewhere=frozenset(owned - set(state.get("tools", ())) - set(exits)),
        ends=bool(state.get("terminal")) or not state.get("transitions"),
        begins=here == order[0],
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


def _collecting(tool: Mapping[str, Any] | None) -> Offer:
    """What the state finds out, as if it were a tool of its own whose arguments are asked for."""
    parameters = (tool or {}).get("parameters", {})
    properties = {name: prop for name, prop in parameters.get("properties", {}).items() if name != "next_state"}
    wanted = [name for name in to_be_given(str((tool or {}).get("description", ""))) if name in properties]
    schema = {"type": "object", "properties": properties, "required": wanted}
    sought = {name: _without_null(prop) for name, prop in properties.items()}
    (offer,) = offers_of([{"name": SET_STATE_TOOL, "parameters": {**schema, "properties": sought}}], "")
    return replace(offer, parameters=Schema(schema))


def to_be_given(description: str) -> tuple[str, ...]:
    """What must be found out before the state is left, as the description of the function says that leaves it."""
    given = _GIVE.search(description)
    return tuple(re.split(r", | and ", given[1])) if given else ()


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a value that was found out: null is what stands there until then."""
    found = dict(schema)
    if isinstance(found.get("type"), list):
        kinds = [kind for kind in found["type"] if kind != "null"]
        found["type"] = kinds[0] if len(kinds) == 1 else kinds
    if isinstance(found.get("enum"), list):
        found["enum"] = [value for value in found["enum"] if value is not None]
    return found
