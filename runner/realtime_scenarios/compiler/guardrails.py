"""A guardrail of the scenario as an output guardrail of the SDK, and as a check of a finished answer."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable, Iterable
from typing import Any

from agents import GuardrailFunctionOutput, OutputGuardrail

from realtime_scenarios.compiler.asking import TextModels
from realtime_scenarios.compiler.state import ConversationState, Talk
from realtime_scenarios.core import ScenarioError
from realtime_scenarios.core.patterns import pattern_of
from realtime_scenarios.model.scenario import Guardrail, Scenario
from realtime_scenarios.project.prompts import classifier_prompt
from realtime_scenarios.stubs.code import Modules, loaded_function
from realtime_scenarios.trace import GuardrailChecked, GuardrailTripped

_INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xAD, 0xFEFF))

_CLASSIFIER_TIMEOUT = 10.0
"""Seconds after which a classification has failed: nothing more is heard while one is waited for."""


class _CheckFailed(Exception):
    """The author's code failed, and says nothing about the text; the message says how."""


Check = Callable[[str], str | None]
"""The reason why a text must not be said, or None."""


def check_of(guardrail: Guardrail, scenario: Scenario) -> Check:
    """The guardrail as a function of the text. A python guardrail that fails trips or passes, as the author chose.

    That of a classifying guardrail says nothing: its model is asked by `trips`.
    """
    if guardrail.classify is not None:
        return lambda text: None
    if guardrail.python is not None:
        return _python_check(guardrail, scenario)
    if guardrail.pattern is not None:
        pattern = pattern_of(guardrail.pattern)
        return lambda text: f"matches {guardrail.pattern}" if pattern.is_found_in(text) else None
    spaced = (r"\s+".join(map(re.escape, _normalized(phrase).split())) for phrase in guardrail.phrases)
    phrases = re.compile("|".join(rf"(?<!\w){phrase}(?!\w)" for phrase in spaced), re.IGNORECASE)

    def contains_a_phrase(text: str) -> str | None:
        found = phrases.search(_normalized(text))
        return f"says '{found.group()}'" if found else None

    return contains_a_phrase


def _normalized(text: str) -> str:
    """The text with straight apostrophes, and without characters that cannot be seen."""
    return text.replace("\u2019", "'").translate(_INVISIBLE)


def compiled_guardrail(guardrail: Guardrail, check: Check) -> OutputGuardrail[Talk]:
    """The SDK's guardrail, which listens while the agent speaks.

    The SDK tells the model "guardrail triggered: NAME" and nothing more, so what to say instead travels in the name.
    """

    async def listen(context: Any, agent: Any, text: Any) -> GuardrailFunctionOutput:
        talk: Talk = context.context
        tripped = await trips(talk.state, talk.text, [(guardrail, check)], str(text))
        if tripped is not None:
            talk.tripped()
        return GuardrailFunctionOutput(
            output_info={"guardrail": guardrail.name}, tripwire_triggered=tripped is not None
        )

    return OutputGuardrail(guardrail_function=listen, name=spoken_name(guardrail))


async def trips(
    state: ConversationState,
    models: TextModels | None,
    guardrails: Iterable[tuple[Guardrail, Check]],
    text: str,
    *,
    final: bool = False,
) -> Guardrail | None:
    """The first guardrail that the text trips, put on record; None if it may be said. `final`: the text is complete.

    `models` are asked by those that classify; None: there are none, and these fail.

    A response trips once, and a turn not more often than the session's `max_trips`: a model that repeats itself would
    otherwise be corrected without end.
    """
    settings = state.scenario.session.guardrails
    response = state.response_id
    if state.tripped_response == response or state.trips >= settings.max_trips:
        return None
    for guardrail, check in guardrails:
        try:
            if guardrail.classify is None:
                reason = check(text)
            else:
                reason = await _classifier_reason(state, models, guardrail, text, final=final)
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
        async with asyncio.timeout(_CLASSIFIER_TIMEOUT):
            classified = await models.category(guardrail, text)
        category, rationale, stops = classified.category, classified.rationale, classified.stops
    except Exception as problem:  # a model may fail in any way; what that means is the author's choice
        slow = isinstance(problem, TimeoutError)
        rationale = f"failed: no answer within {_CLASSIFIER_TIMEOUT:g} seconds" if slow else f"failed: {problem}"
        stops = guardrail.on_error == "closed"
    if stops:
        state.record(GuardrailChecked, guardrail=name, status="fail", category=category, reason=rationale)
        return f"{category}: {rationale}" if category else rationale
    if final:
        state.record(GuardrailChecked, guardrail=name, status="pass", category=category, reason=rationale)
    return None


def spoken_name(guardrail: Guardrail) -> str:
    return f"{guardrail.name} ({guardrail.say})" if guardrail.say else guardrail.name


def _python_check(guardrail: Guardrail, scenario: Scenario) -> Check:
    assert guardrail.python is not None
    target = guardrail.python
    modules: Modules = {}

    def checked(text: str) -> str | None:
        try:
            reason = loaded_function(target, scenario.folder, modules)(text)
            if inspect.iscoroutine(reason):
                reason.close()
                raise TypeError("a guardrail cannot be asynchronous")
        except (Exception, SystemExit) as problem:  # the author's code may raise anything; on_error says what it means
            failure = f"failed: {type(problem).__name__}: {problem}"
            if guardrail.on_error == "closed":
                return failure
            raise _CheckFailed(failure) from problem
        return str(reason) if reason else None

    return checked
