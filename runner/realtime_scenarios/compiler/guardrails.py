"""A guardrail of the scenario as an output guardrail of the SDK, and as a check of a finished answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from agents import GuardrailFunctionOutput, OutputGuardrail

from realtime_scenarios.compiler.asking import TextModels
from realtime_scenarios.compiler.state import ConversationState, Talk
from realtime_scenarios.core import ScenarioError
from realtime_scenarios.core.folding import is_found, is_heard
from realtime_scenarios.core.patterns import pattern_of
from realtime_scenarios.model.scenario import Guardrail
from realtime_scenarios.project.prompts import classifier_prompt
from realtime_scenarios.stubs.authors import AuthorsCode
from realtime_scenarios.stubs.threads import AuthorsError, Settled
from realtime_scenarios.trace import GuardrailChecked, GuardrailTripped

_CHECK_TIMEOUT = 10.0
"""Seconds after which asking a model or the author's code has failed: nothing more is heard while one is waited for."""


class _CheckFailed(Exception):
    """The author's code failed, and says nothing about the text; the message says how."""


Check = Callable[[str], str | None]
"""The reason why a text must not be said, or None."""


def check_of(guardrail: Guardrail) -> Check:
    """The guardrail as a function of the text.

    That of a guardrail which classifies, or calls the author's code, says nothing: `trips` asks those.
    """
    if guardrail.classify is not None or guardrail.python is not None:
        return lambda text: None
    if guardrail.pattern is not None:
        pattern = pattern_of(guardrail.pattern)
        return lambda text: f"matches {guardrail.pattern}" if is_found(pattern, text) else None
    return lambda text: next(
        (f"says '{phrase}'" for phrase in guardrail.phrases if is_heard(phrase, text, whole_words=True)), None
    )


def compiled_guardrail(guardrail: Guardrail, check: Check) -> OutputGuardrail[Talk]:
    """The SDK's guardrail, which listens while the agent speaks.

    The SDK tells the model "guardrail triggered: NAME" and nothing more, so what to say instead travels in the name.
    """

    async def listen(context: Any, agent: Any, text: Any) -> GuardrailFunctionOutput:
        talk: Talk = context.context
        tripped = await trips(talk.state, talk.text, talk.stubs.code, [(guardrail, check)], str(text))
        if tripped is not None:
            talk.tripped()
        return GuardrailFunctionOutput(
            output_info={"guardrail": guardrail.name}, tripwire_triggered=tripped is not None
        )

    return OutputGuardrail(guardrail_function=listen, name=spoken_name(guardrail))


async def trips(
    state: ConversationState,
    models: TextModels | None,
    code: AuthorsCode,
    guardrails: Iterable[tuple[Guardrail, Check]],
    text: str,
    *,
    final: bool = False,
) -> Guardrail | None:
    """The first guardrail that the text trips, put on record; None if it may be said. `final`: the text is complete.

    `models` are asked by those that classify; None: there are none, and these fail. `code` is what python guardrails
    call.

    A response trips once, and a turn not more often than the session's `max_trips`: a model that repeats itself would
    otherwise be corrected without end.
    """
    response = state.response_id
    if state.tripped_response == response or state.has_ended_turn:
        return None
    for guardrail, check in guardrails:
        try:
            if guardrail.classify is not None:
                reason = await _classifier_reason(state, models, guardrail, text, final=final)
            elif guardrail.python is not None:
                reason = await _code_reason(state, code, guardrail, guardrail.python, text)
            else:
                reason = check(text)
        except _CheckFailed as problem:
            if final:
                state.record(
                    GuardrailChecked, guardrail=guardrail.name, status="fail", category=None, reason=str(problem)
                )
            continue
        if reason and state.tripped_response == response is not None:
            return None  # it tripped while this was being thought about
        if reason:
            state.trips += 1
            state.tripped_response = response
            state.record(GuardrailTripped, guardrail=guardrail.name, text=text, reason=reason)
            return guardrail
    return None


async def _classifier_reason(
    state: ConversationState, models: TextModels | None, guardrail: Guardrail, text: str, *, final: bool
) -> str | None:
    """The reason why a classifying guardrail stops the text, or None; both stand in the trace."""
    name = guardrail.name
    pending = (name, state.response_id)
    is_first = pending not in state.pending_checks
    if (is_first or final) and guardrail.classify is not None:  # what lies between is the beginning of the same text
        state.record_question(None, name, classifier_prompt(guardrail.classify), text)
    if is_first:
        state.pending_checks.add(pending)
        state.record(GuardrailChecked, guardrail=name, status="pending", category=None, reason="")
    category: str | None = None
    try:
        if models is None:
            raise ScenarioError("there is no text model to ask")
        async with asyncio.timeout(_CHECK_TIMEOUT):
            classified = await models.category(guardrail, text)
        category, rationale, stops = classified.category, classified.rationale, classified.stops
    except Exception as problem:  # a model may fail in any way; what that means is the author's choice
        slow = isinstance(problem, TimeoutError)
        rationale = f"failed: no answer within {_CHECK_TIMEOUT:g} seconds" if slow else f"failed: {problem}"
        stops = guardrail.on_error == "closed"
    if stops:
        state.record(GuardrailChecked, guardrail=name, status="fail", category=category, reason=rationale)
        return f"{category}: {rationale}" if category else rationale
    if final:
        state.record(GuardrailChecked, guardrail=name, status="pass", category=category, reason=rationale)
    return None


def spoken_name(guardrail: Guardrail) -> str:
    return f"{guardrail.name} ({guardrail.say})" if guardrail.say else guardrail.name


async def _code_reason(
    state: ConversationState, code: AuthorsCode, guardrail: Guardrail, target: str, text: str
) -> str | None:
    """The reason why the author's code stops the text, or None.

    Raises:
        _CheckFailed: it failed, and the author chose that the text passes then.
    """

    def reason_of(function: Callable[..., Any], settled: Settled) -> str | None:
        reason = settled(function(text))
        return str(reason) if reason else None

    try:
        async with state.clock.limit(_CHECK_TIMEOUT):
            return await code.result_of(target, reason_of)
    except (AuthorsError, TimeoutError) as problem:
        slow = isinstance(problem, TimeoutError)
        failure = f"failed: no answer within {_CHECK_TIMEOUT:g} seconds" if slow else f"failed: {problem}"
        if guardrail.on_error == "closed":
            return failure
        raise _CheckFailed(failure) from problem
