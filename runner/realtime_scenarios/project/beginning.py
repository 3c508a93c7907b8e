"""Where a conversation begins: what was asked for by name, held against the scenario."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from realtime_scenarios.core import UsageError, did_you_mean
from realtime_scenarios.core.arguments import ArgumentCheck, check_of
from realtime_scenarios.document import read_text
from realtime_scenarios.model import Scenario


class Beginning(Struct, frozen=True):
    """`state` None: the agent's first one, if it has any. `context`: the variables that differ from their defaults.

    `now` is the moment at which it begins, None: the present one.
    """

    agent: str
    state: str | None
    context: Mapping[str, Any]
    now: datetime.datetime | None = None


class WishedBeginning(Struct, frozen=True):
    """A beginning as somebody types it: `now` in ISO 8601, each item of `context` as NAME=VALUE."""

    agent: str | None = None
    state: str | None = None
    now: str | None = None
    context: tuple[str, ...] = ()

    def in_scenario(self, scenario: Scenario) -> Beginning:
        """The beginning in this scenario.

        Raises:
            UsageError: the scenario has no such beginning, or something cannot be read.
        """
        context = context_typed(scenario, self.context, option="--context")
        now = None if self.now is None else moment_typed(self.now)
        return beginning(scenario, agent=self.agent, state=self.state, context=context, now=now)


def beginning(
    scenario: Scenario,
    *,
    agent: str | None = None,
    state: str | None = None,
    context: Mapping[str, Any] | None = None,
    now: datetime.datetime | None = None,
) -> Beginning:
    """The beginning that was asked for; None: where the scenario begins.

    Raises:
        UsageError: the agent, state or variable does not exist, the value does not fit the variable, or the moment has
            no zone.
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
    if now is not None and now.tzinfo is None:
        raise UsageError(f"'{now.isoformat()}' does not say in which zone", hint="give it a zone, such as UTC")
    return Beginning(wanted, state, dict(context or {}), now)


def context_typed(scenario: Scenario, values: Sequence[str], *, option: str) -> dict[str, Any]:
    """The variables that NAME=VALUE give values to: as YAML reads them where that fits the variable, or else as text.

    Raises:
        UsageError: there is no '=', no such variable, or no reading that fits it.
    """
    context: dict[str, Any] = {}
    for written in values:
        name, equals, text = written.partition("=")
        if not equals:
            raise UsageError(f"{option} {written}: there is no '='", hint=f"write it as {option} name=value")
        if name not in scenario.context:
            hint = did_you_mean(name, scenario.context) if scenario.context else "the scenario declares no context"
            raise UsageError(f"there is no context variable '{name}'", hint=hint)
        variable = scenario.context[name]
        fitting = [value for value in (_as_yaml(text), text) if _is_fit(check_of(variable.schema), value)]
        if not fitting:
            shown = "[secret]" if variable.secret else repr(text)
            hint = f"it is declared as {json.dumps(variable.schema)}"
            raise UsageError(f"{option}: '{name}' cannot be {shown}", hint=hint)
        context[name] = fitting[0]
    return context


def moment_typed(text: str, zone: datetime.tzinfo | None = None) -> datetime.datetime:
    """The moment that ISO 8601 says. `zone` is that of a moment which says none; None: it must say one.

    Raises:
        UsageError: it is no moment, or has no zone.
    """
    hint = "write it as 2026-03-01T09:00Z"
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text}' is no moment in time", hint=hint) from None
    if moment.tzinfo is None and zone is None:
        raise UsageError(f"'{text}' does not say in which zone", hint=hint)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _as_yaml(text: str) -> Any:
    """What the text means as a value in a file; the text itself where it means nothing there."""
    document, mistakes = read_text(f"value: {text}\n", "typed") if text.strip() else (None, [])
    return text if document is None or mistakes else document.data["value"]


def _is_fit(check: ArgumentCheck, value: Any) -> bool:
    """Whether a value fits that YAML may have read as what JSON does not have."""
    try:
        return check.fits(value)
    except (ValueError, OverflowError):
        return False


def _require_variable(scenario: Scenario, name: str, value: Any) -> None:
    if name not in scenario.context:
        hint = did_you_mean(name, scenario.context) if scenario.context else "the scenario declares no context"
        raise UsageError(f"there is no context variable '{name}'", hint=hint)
    if not check_of(scenario.context[name].schema).fits(value):
        raise UsageError(f"the value of '{name}' does not fit the variable", hint="begin with one that it can have")
