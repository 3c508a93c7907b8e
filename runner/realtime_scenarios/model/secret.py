"""Values of context variables that are declared secret: which they are, and what of them may be shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from realtime_scenarios.core import Secrets
from realtime_scenarios.core.redaction import MARK, is_something, leaves
from realtime_scenarios.model.decision import Decision
from realtime_scenarios.model.dialogue import Call, Dialogue, EnterState
from realtime_scenarios.model.scenario import ContextVariable, Scenario
from realtime_scenarios.model.tool import ApprovalRule, spec_called, specs_of


def secret_values(variables: Mapping[str, ContextVariable], values: Mapping[str, Any]) -> Iterator[str]:
    """The texts and numbers that belong to secret variables."""
    for name, value in values.items():
        variable = variables.get(name)
        if variable is not None and variable.secret:
            yield from map(str, leaves(value))


def written_secrets(scenario: Scenario, dialogue: Dialogue) -> Iterator[str]:
    """The secrets that a dialogue tells: what it begins with, what its callers give to agents and to approvals."""
    variables = scenario.context
    yield from secret_values(variables, {name: variable.default for name, variable in variables.items()})
    yield from secret_values(variables, dialogue.context)
    for move in (move for turn in dialogue.turns for move in turn.moves or ()):
        if isinstance(move, EnterState):
            yield from secret_values(variables, move.arguments)
        elif isinstance(move, Call):
            yield from _secrets_of_call(scenario, move)
    for name, decisions in dialogue.caller.approvals.items() if dialogue.caller is not None else ():
        tool = scenario.tools.get(name)
        for spec in specs_of({name: tool}).values() if tool is not None else ():
            yield from _secrets_of_decisions(decisions, spec.approval)


def _secrets_of_call(scenario: Scenario, call: Call) -> Iterator[str]:
    """What is typed into secret fields of the approval, and of those of the calls that a text model makes."""
    tool = scenario.tools.get(call.tool)
    rule = spec_called(tool, call.arguments).approval if tool is not None else None
    yield from _secrets_of_decisions(call.approval, rule)
    for nested in call.nested:
        if isinstance(nested, Call):
            yield from _secrets_of_call(scenario, nested)


def _secrets_of_decisions(decisions: Iterable[Decision], rule: ApprovalRule | None) -> Iterator[str]:
    asked = {} if rule is None else rule.fields
    for decision in decisions:
        yield from (value for name, value in decision.fields.items() if name in asked and asked[name].secret)


def shown_values(
    variables: Mapping[str, ContextVariable], values: Mapping[str, Any], secrets: Secrets
) -> dict[str, Any]:
    """The values as a trace shows them.

    Of a secret variable it is shown whether it holds anything, be it short or no text at all; of the others, all but
    the secrets inside of them.
    """
    return {
        name: MARK if name in variables and variables[name].secret and is_something(value) else secrets.hidden_in(value)
        for name, value in values.items()
    }
