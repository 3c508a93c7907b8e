"""A call of a catalogue's tool to the function that it means, or to what the model must mend or ask first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.core import nearest
from realtime_scenarios.core.arguments import check_of
from realtime_scenarios.model.tool import CatalogueStub, ToolSpec


@dataclass(frozen=True, slots=True)
class Resolved:
    """The function, and its own arguments, which fit."""

    function: ToolSpec
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Nothing was done; `output` is for the model."""

    output: Any


def resolved(stub: CatalogueStub, arguments: Mapping[str, Any]) -> Resolved | Unresolved:
    """What a call with these arguments means."""
    name, given = arguments.get(stub.function), arguments.get(stub.arguments, {})
    function = stub.functions.get(str(name))
    if function is None:
        guess = nearest(str(name), stub.functions)
        hint = f" Did you mean '{guess}'?" if guess else ""
        return Unresolved({"error": f"There is no function '{name}'.{hint} Nothing was done.", "nearest": guess})
    if not isinstance(given, Mapping):
        return Unresolved({"error": f"'{stub.arguments}' must hold the arguments of {name}. Nothing was done."})
    required = function.parameters.get("required", ())
    missing = [key for key in required if given.get(key) in (None, "")]
    if missing:
        return Unresolved(
            {
                "error": True,
                "action": "MUST_ASK_USER",
                "message": f"{name} needs {', '.join(missing)}. Ask the caller; do not guess.",
                "missing": missing,
                "have": {key: value for key, value in given.items() if value not in (None, "")},
                "doNotCallOtherFunctions": True,
            }
        )
    problems = check_of(function.parameters).problems(given)
    if problems:
        return Unresolved({"error": f"Invalid arguments for {name}: {'; '.join(problems)}. Nothing was done."})
    return Resolved(function, given)
