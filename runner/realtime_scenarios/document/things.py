"""A place in a scenario or dialogue file, in the words that its author would use for it."""

from __future__ import annotations

from typing import Any

from realtime_scenarios.document.place import Pointer, value_at

_NAMED = {
    "agents": "agent",
    "tools": "tool",
    "context": "context variable",
    "guardrails": "guardrail",
    "data": "table",
    "fields": "field",
    "parameters": "parameter",
    "inputs": "input",
    "args": "argument",
    "columns": "column",
}
_NUMBERED = {
    "dialogues": "dialogue",
    "turns": "turn",
    "expect": "expectation",
    "agent": "move",
    "handoffs": "handoff",
    "states": "state",
    "transitions": "transition",
    "cases": "case",
    "sequence": "answer",
    "rows": "row",
    "approval": "decision",
}
_LANDMARKS = {"agents", "tools", "context", "guardrails", "data", "dialogues"}


def thing(pointer: Pointer, data: Any) -> str:
    """What stands at `pointer`: `agent 'main'`, `turn 2`, `item 3 of 'tags'`, `'title'`, or `the file`."""
    if not pointer:
        return "the file"
    last, parent = pointer[-1], pointer[-2] if len(pointer) > 1 else None
    if isinstance(last, str):
        noun = _noun_of_key(pointer)
        return f"{noun} '{last}'" if noun else f"'{last}'"
    noun = _NUMBERED.get(str(parent))
    if noun is None:
        return f"item {last + 1} of '{parent}'"
    value = value_at(pointer, data)
    name = value.get("id") if isinstance(value, dict) else None
    return f"{noun} '{name}'" if isinstance(name, str) else f"{noun} {last + 1}"


def thing_in_context(pointer: Pointer, data: Any) -> str:
    """The same with the agent, tool or dialogue around it: `'approval' of tool 'check_flights'`."""
    here = thing(pointer, data)
    for length in range(len(pointer) - 1, 1, -1):
        if pointer[length - 2] in _LANDMARKS:
            return f"{here} of {thing(pointer[:length], data)}"
    return here


def noun_of_names(pointer: Pointer) -> str | None:
    """What the names are names of that stand as keys in the mapping at `pointer`; None where they are just keys."""
    return _noun_of_key((*pointer, ""))


def _noun_of_key(pointer: Pointer) -> str | None:
    parent = str(pointer[-2]) if len(pointer) > 1 else ""
    if parent in _LANDMARKS and len(pointer) > 2 and parent != "context":
        return None
    return _NAMED.get(parent)
