"""What a move sends, to what another model must send: free text may be worded otherwise, an id may not differ.

The rule, argument by argument: what `expect_args` says, wherever it says something. Else numbers, booleans, choices and
strings with a pattern or a format as they stand in the dialogue; of other strings a single word, which is an id, a name
or a city, apart from case and outer punctuation; and of a text of several words only that there is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.core import is_unsaid
from realtime_scenarios.core.folding import folded
from realtime_scenarios.core.schemas import filled, parts_of_member
from realtime_scenarios.expectations.matching import argument_mismatch, shown
from realtime_scenarios.model.dialogue import Call, EnterState, Handoff
from realtime_scenarios.model.scenario import AgentSpec, Scenario

Schema = Mapping[str, Any]

_FIXED_FORMS = frozenset(("enum", "const", "pattern", "format"))


def argument_difference(
    move: Call | Handoff | EnterState, sent: Any, schema: Schema, masked: Mapping[str, str]
) -> str | None:
    """Why what was sent is not what the move expects; None where it is.

    `schema` is that of the arguments; an empty one says nothing of them. `masked` are values that are secret, as they
    look where they were sent.
    """
    sent = {} if sent is None else sent
    if not isinstance(sent, Mapping):
        return f"its arguments are {shown(sent)}" if move.arguments or move.expect_args else None
    sent = filled(sent, schema, schema)
    if reason := argument_mismatch(move.expect_args, sent):
        return reason
    derived = {name: value for name, value in move.arguments.items() if name not in move.expect_args}
    return _members_difference(derived, sent, [schema], _Known(schema, masked), "")


@dataclass(frozen=True, slots=True)
class _Known:
    """What is the same for all arguments: the schema that references lead into, and which values are secret."""

    root: Schema
    masked: Mapping[str, str]


def _members_difference(
    wanted: Mapping[str, Any], sent: Mapping[str, Any], parts: Sequence[Schema], known: _Known, path: str
) -> str | None:
    for name, value in wanted.items():
        if name not in sent:
            return f"it has no argument '{path}{name}'"
        if reason := _difference(value, sent[name], parts_of_member(parts, name, known.root), known, f"{path}{name}"):
            return reason
    return None


def _difference(wanted: Any, sent: Any, parts: Sequence[Schema], known: _Known, path: str) -> str | None:
    match wanted, sent:
        case Mapping(), Mapping():
            return _members_difference(wanted, sent, parts, known, f"{path}.")
        case list(), list() if len(wanted) == len(sent):
            inner = parts_of_member(parts, 0, known.root)
            items = enumerate(zip(wanted, sent, strict=True))
            reasons = (_difference(*pair, inner, known, f"{path}.{index}") for index, pair in items)
            return next(filter(None, reasons), None)
        case str(), str() if _is_free(wanted, parts):
            return f"argument '{path}': there is no text in it" if is_unsaid(sent) else None
        case _:
            if _is_as_wanted(wanted, sent, parts) or known.masked.get(str(wanted)) == sent:
                return None
            return f"argument '{path}': expected {shown(wanted)}, but it is {shown(sent)}"


def _is_as_wanted(wanted: Any, sent: Any, parts: Sequence[Schema]) -> bool:
    if isinstance(wanted, str) and isinstance(sent, str) and not _has_fixed_form(parts):
        return folded(wanted) == folded(sent)
    return bool(wanted == sent) and isinstance(wanted, bool) == isinstance(sent, bool)


def _is_free(wanted: str, parts: Sequence[Schema]) -> bool:
    return len(wanted.split()) > 1 and not _has_fixed_form(parts)


def _has_fixed_form(parts: Sequence[Schema]) -> bool:
    return any(not _FIXED_FORMS.isdisjoint(part) for part in parts)


def schema_of(move: Call | Handoff | EnterState, agent: AgentSpec | None, scenario: Scenario) -> Schema:
    """What is known of the arguments of a move by this agent; nothing of a tool that a server brings."""
    match move:
        case Call():
            return _call_schema(move, scenario)
        case Handoff():
            edges = agent.handoffs if agent is not None else ()
            return next((edge.inputs for edge in edges if edge.to == move.to and edge.inputs), {})
        case EnterState():
            return {"properties": {name: variable.schema for name, variable in scenario.context.items()}}


def _call_schema(call: Call, scenario: Scenario) -> Schema:
    tool = scenario.tools.get(call.tool)
    if tool is None:
        return {}
    catalogue = tool.stub.catalogue
    function = catalogue.functions.get(str(catalogue.chosen(call.arguments))) if catalogue is not None else None
    if catalogue is None or function is None:
        return tool.parameters
    return {"properties": {**tool.parameters.get("properties", {}), catalogue.arguments: function.parameters}}
