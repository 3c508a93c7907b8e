"""Whether a scenario with a change is the same scenario all the same: nobody could notice, and nobody should."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from realtime_scenarios.document import Pointer
from realtime_scenarios.model.scenario import Scenario


def is_same(scenario: Scenario, other: Scenario) -> bool:
    """Whether both are built alike, wherever their parts stand: what was changed was there by default anyway."""
    return _is_same(scenario, other)


def is_same_by_proof(scenario: Scenario, other: Scenario, changed: Pointer) -> bool:
    """Whether they differ in a gate alone that opens as the other one does on every way through the scenario.

    `changed` is where they differ.
    """
    if "requires" not in changed:
        return False
    from realtime_scenarios.proof import gates_are_alike

    return gates_are_alike(scenario, other)


def _is_same(thing: Any, other: Any) -> bool:
    if thing is other:
        return True
    if type(thing) is not type(other):
        return False
    if isinstance(thing, Struct):
        names = thing.__struct_fields__
        return all(name == "place" or _is_same(getattr(thing, name), getattr(other, name)) for name in names)
    if isinstance(thing, Mapping):
        return list(thing) == list(other) and all(_is_same(value, other[key]) for key, value in thing.items())
    if isinstance(thing, (list, tuple)):
        return len(thing) == len(other) and all(map(_is_same, thing, other))
    return bool(thing == other)
