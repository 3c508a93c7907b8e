"""A result to the same result without secrets: what became one only later, and what verdicts and files say of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from msgspec import structs

from realtime_scenarios.core import ScenarioError, Secrets
from realtime_scenarios.core.redaction import MARK
from realtime_scenarios.verdicts.result import DialogueResult


def without_secrets(result: DialogueResult, values: Iterable[str]) -> DialogueResult:
    """The result as it may be shown to everybody. It was judged before: a verdict is about what really happened."""
    secrets = Secrets(tuple(values))
    if not secrets.values:
        return result
    return replace(
        result,
        verdicts=tuple(
            structs.replace(verdict, message=secrets.hidden(verdict.message), diff=_hidden_lines(verdict.diff, secrets))
            for verdict in result.verdicts
        ),
        trace=result.trace.hidden(secrets),
        error=None if result.error is None else _hidden_error(result.error, secrets),
        secrets=secrets,
    )


def _hidden_lines(lines: tuple[str, ...], secrets: Secrets) -> tuple[str, ...]:
    """The lines of a diff; all of those with one sign are one mark where a secret was broken over some of them."""
    hidden = [secrets.hidden(line) for line in lines]
    for sign in {line[:1] for line in lines}:
        inside = [line[1:].strip() for line in hidden if line[:1] == sign]
        if any(secrets.hidden(whole) != whole for whole in ("".join(inside), " ".join(inside))):
            hidden = [f"{sign}{MARK}" if line[:1] == sign else line for line in hidden]
    return tuple(hidden)


def _hidden_error(error: ScenarioError, secrets: Secrets) -> ScenarioError:
    hint = None if error.hint is None else secrets.hidden(error.hint)
    return type(error)(secrets.hidden(error.message), hint=hint)
