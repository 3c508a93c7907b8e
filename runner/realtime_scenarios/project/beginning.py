"""Where a conversation begins: what was asked for by name, held against the scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from realtime_scenarios.core import UsageError, did_you_mean
from realtime_scenarios.core.arguments import check_of
from realtime_scenarios.model import Scenario


class Beginning(Struct, frozen=True):
    """`state` None: the agent's first one, if it has any. `context`: the variables that differ from their defaults."""

    agent: str
    state: str | None
    context: Mapping[str, Any]


def beginning(
    scenario: Scenario, *, agent: str | None = None, state: str | None = None, context: Mapping[str, Any] | None = None
) -> Beginning:
    """The beginning that was asked for; None: where the scenario begins.

    Raises:
        UsageError: the agent, state or variable does not exist, or the value does not fit the variable.
    """
    wanted = agent or scenario.start
    if wanted not in scenario.agents:
        raise UsageError(f"there is no agent '{wanted}'", hint=did_you_mean(wanted, scenario.agents))
    machine = scenario.agents[wanted].states
    if state is not None and (machine is None or state not in machine.states):
        hint = did_you_mean(state, machine.states) if machine is not None else "leave the state out: it has none"
        raise UsageError(f"agent '{wanted}' has no state '{state}'", hint=hint)
    for name, value in (context or {}).items():
        _require_variable(scenario, name, value)
    return Beginning(wanted, state, dict(context or {}))


def _require_variable(scenario: Scenario, name: str, value: Any) -> None:
    if name not in scenario.context:
        hint = did_you_mean(name, scenario.context) if scenario.context else "the scenario declares no context"
        raise UsageError(f"there is no context variable '{name}'", hint=hint)
    if not check_of(scenario.context[name].schema).fits(value):
        raise UsageError(f"the value of '{name}' does not fit the variable", hint="begin with one that it can have")
