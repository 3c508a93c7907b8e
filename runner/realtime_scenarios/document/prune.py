"""A document with mistakes to the part of it that its schema allows, so that more can be said about it at once."""

from __future__ import annotations

import copy
from typing import Any

from realtime_scenarios.document.check import faults
from realtime_scenarios.document.conflicts import conflict_of
from realtime_scenarios.document.place import Pointer, value_at
from realtime_scenarios.document.reader import Document
from realtime_scenarios.document.schema import SchemaName, properties_of, schema

_ROUNDS = 5
_STAND_INS: dict[str, Any] = {
    "scenario": "unnamed",
    "description": "-",
    "instructions": "-",
    "personality": {"task": "-"},
}
_WHOLE: dict[str, Any] = {
    "agents": {"instructions": "-"},
    "tools": {"description": "-"},
    "supervisors": {"instructions": "-"},
    "guardrails": {"phrases": ["-"]},
}
"""What stands for an agent, a tool and the like that is no mapping: its name is still one that others may use."""


def _dialogue(number: int, written: Any = None) -> dict[str, Any]:
    """What stands for a dialogue of which too little is left: its name, and its place among the others."""
    name = written.get("id") if isinstance(written, dict) else None
    return {"id": name if isinstance(name, str) else f"unnamed-{number}", "turns": [{"user": "-"}]}


def pruned(document: Document, name: SchemaName) -> Document | None:
    """The document without what its schema does not allow; None where too little would be left.

    Places still lead to where things stand in the file.
    """
    if not isinstance(document.data, dict):
        return None
    sketch = copy.copy(document)
    sketch.data = copy.deepcopy(document.data)
    for _ in range(_ROUNDS):
        found = faults(sketch, name)
        if not found:
            return sketch
        for fault in found:
            _mend(sketch.data, tuple(fault.absolute_path), fault, schema(name))
    return None


def _mend(data: Any, pointer: Pointer, fault: Any, root: dict[str, Any]) -> None:
    """Change `data` so that the fault is gone: what is missing is made up, what is not allowed is taken out."""
    if pointer and not _has(value_at(pointer[:-1], data), pointer[-1]):
        return  # it went with something else that was wrong with it
    owner = value_at(pointer, data)
    if (conflict := conflict_of(fault, root)) is not None:
        if conflict.is_told and isinstance(owner, dict):
            owner.pop(conflict.key, None)
        return
    if fault.validator == "required" and _is_dialogue(pointer) and isinstance(owner, dict):
        for key, value in _dialogue(int(pointer[1])).items():
            owner.setdefault(key, value)
        return
    if fault.validator == "required" and isinstance(owner, dict):
        agents = owner.get("agents")
        stand_ins = {**_STAND_INS, "start": next(iter(agents))} if isinstance(agents, dict) and agents else _STAND_INS
        for key in fault.validator_value:
            if key in stand_ins:
                owner.setdefault(key, stand_ins[key])
        if all(key in owner for key in fault.validator_value):
            return
    if fault.validator in ("additionalProperties", "unevaluatedProperties") and isinstance(owner, dict):
        known = properties_of(root, fault.schema)
        for key in [key for key in owner if key not in known]:
            del owner[key]
        return
    if fault.validator == "pattern" and "propertyNames" in fault.absolute_schema_path and isinstance(owner, dict):
        owner.pop(fault.instance, None)
        return
    _remove(data, pointer)


def _has(owner: Any, step: str | int) -> bool:
    if isinstance(owner, list):
        return isinstance(step, int) and step < len(owner)
    return isinstance(owner, dict) and step in owner


def _remove(data: Any, pointer: Pointer) -> None:
    """Take out what `pointer` leads to; of a list, the whole list, so that the places of the others stay true."""
    while pointer:
        if _is_dialogue(pointer[:2]) and pointer[2:3] == ("each",):
            pointer = pointer[:2]  # its placeholders would stand for nothing
        owner, step = value_at(pointer[:-1], data), pointer[-1]
        if _is_dialogue(pointer) and isinstance(owner, list):
            owner[int(step)] = _dialogue(int(step), owner[int(step)])
            return
        if isinstance(owner, dict) and step in owner:
            if len(pointer) == 2 and pointer[0] in _WHOLE:
                owner[step] = copy.deepcopy(_WHOLE[str(pointer[0])])
            else:
                del owner[step]
            return
        pointer = pointer[:-1]


def _is_dialogue(pointer: Pointer) -> bool:
    return len(pointer) == 2 and pointer[0] == "dialogues" and isinstance(pointer[1], int)
