"""A call's arguments to what the call is of: the tool itself, or a function of its catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.compiler.gates import ShutGate, closed_gate, enforced_machine, wrong_state_message
from realtime_scenarios.compiler.state import ConversationState
from realtime_scenarios.core.arguments import check_of
from realtime_scenarios.model.tool import ApprovalRule, ToolSpec, Unresolved
from realtime_scenarios.templates import Arguments


@dataclass(frozen=True, slots=True)
class Target:
    """`spec` is the tool or the function behind it, with its own `arguments`; `outer` are those of the tool."""

    tool: ToolSpec
    spec: ToolSpec
    arguments: Mapping[str, Any]
    outer: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What the call is called by: the tool, or the tool with the function of its catalogue behind a dot."""
        return self.tool.name if self.spec is self.tool else f"{self.tool.name}.{self.spec.name}"

    @property
    def rule(self) -> ApprovalRule | None:
        return self.spec.approval or self.tool.approval

    @property
    def values(self) -> Arguments:
        """The arguments as conditions and templates see them."""
        return Arguments(self.arguments, self.spec.parameters.get("properties", {}))

    @property
    def values_of_rule(self) -> Arguments:
        """The arguments as the approval rule sees them: those of the function or of the tool, where it stands."""
        if self.spec.approval is not None:
            return self.values
        return Arguments(self.outer, self.tool.parameters.get("properties", {}))

    def shut_gate(self, state: ConversationState) -> ShutGate | None:
        """A gate of the tool, or of the function, that is shut; None: all are open."""
        shut = closed_gate(self.spec.requires, state, self.values)
        if self.spec is self.tool or shut:
            return shut
        return closed_gate(self.tool.requires, state, Arguments(self.outer, self.tool.parameters.get("properties", {})))


def target_of(spec: ToolSpec, arguments: Mapping[str, Any]) -> Target | Unresolved:
    """What a call of the tool with these arguments is of, or what the model is told where that is nothing."""
    if spec.stub.catalogue is None:
        return Target(spec, spec, arguments, arguments)
    found = spec.stub.catalogue.resolved(arguments)
    if isinstance(found, Unresolved):
        return found
    return Target(spec, found.function, found.arguments, arguments)


def may_be_asked_about(spec: ToolSpec, arguments: Mapping[str, Any]) -> bool:
    """Whether the arguments are worth a person's time; of a catalogue its functions' schemas decide, in `target_of`."""
    return spec.stub.catalogue is not None or not check_of(spec.parameters).problems(arguments)


def misplaced_message(spec: ToolSpec, state: ConversationState) -> str | None:
    """What the model is told where the tool belongs to other states than the present one; None where it does not."""
    machine = enforced_machine(state)
    return wrong_state_message(spec.name, machine.homes_of_tools, state) if machine else None
