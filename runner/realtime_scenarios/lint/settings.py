"""Rules about settings of a session that its model, as the table of models has it, does not take."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from realtime_scenarios.core import Span, listed
from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.model import Scenario
from realtime_scenarios.model.scenario import Retention, SessionSpec
from realtime_scenarios.project.models import (
    TRANSCRIPTION_SETTINGS,
    Capabilities,
    Kind,
    Model,
    model_named,
    resolved_model,
    table,
    whose_models,
)

Takes = Callable[[Capabilities], bool | None]
"""Whether a model takes a setting; None: no source says."""


class _Setting(Struct, frozen=True):
    """A setting of sessions that not every model takes: whether a session has it, and whether a model takes it."""

    is_written: Callable[[SessionSpec], bool]
    takes: Takes


_OF_SESSIONS = {
    "reasoning": _Setting(lambda session: session.reasoning is not None, lambda able: bool(able.reasoning)),
    "parallel_tool_calls": _Setting(
        lambda session: session.parallel_tool_calls is not None, lambda able: able.parallel_tool_calls
    ),
    "truncation": _Setting(lambda session: session.truncation is not None, lambda able: able.truncation),
    "noise_reduction.strength": _Setting(
        lambda session: session.noise_reduction is not None and session.noise_reduction.strength is not None,
        lambda able: able.noise_strength,
    ),
}
"""By where they stand below `session`."""


class _Named(Struct, frozen=True):
    """A model that the table knows, and how messages call it: one that nobody wrote is the default."""

    model: Model
    words: str
    provider: str


@rule("SC810", "setting-not-taken")
def setting_not_taken(subject: Subject) -> Iterator[Finding]:
    """A setting of the session is not one of its model's.

    Problem: the service refuses the session, and nobody answers the call.
    Instead: leave the setting out, or name a model that takes it.
    """
    for named, key, takes in _settings_for_the_model(subject.scenario):
        if takes(named.model.capabilities) is False:
            span = _span_of_setting(subject.scenario, key)
            yield Finding(f"{named.words} does not take '{key}'", span, _who_takes("realtime", takes))


@rule("SC816", "setting-not-known", "warning")
def setting_not_known(subject: Subject) -> Iterator[Finding]:
    """No source says whether the session's model takes a setting.

    Problem: where it does not, the service refuses the session, and nobody answers the call.
    Instead: leave it out, or ignore this rule once a conversation has shown that it is taken.
    """
    for named, key, takes in _settings_for_the_model(subject.scenario):
        if takes(named.model.capabilities) is None:
            message = f"no source says whether {named.words} takes '{key}'"
            span = _span_of_setting(subject.scenario, key)
            yield Finding(message, span, "leave it out, or try it and ignore this rule")


@rule("SC811", "effort-not-taken")
def effort_not_taken(subject: Subject) -> Iterator[Finding]:
    """The model reasons, but not with this effort, or not with it at this provider.

    Problem: the service refuses the session, and nobody answers the call.
    Instead: choose one of the efforts that the model takes there. Azure documents none above `high`.
    """
    reasoning = subject.scenario.session.reasoning
    named = _realtime_model(subject.scenario) if reasoning is not None else None
    if reasoning is None or named is None or not named.model.capabilities.reasoning:
        return
    able = named.model.capabilities
    on_azure = named.provider == "azure" and able.reasoning_on_azure is not None
    efforts = (able.reasoning_on_azure if on_azure else None) or able.reasoning
    if reasoning.effort not in efforts:
        where = " on Azure" if on_azure else ""
        span = _span_of_setting(subject.scenario, "reasoning.effort")
        yield Finding(
            f"{named.words} does not take the effort '{reasoning.effort}'{where}",
            span,
            f"write {listed(efforts, joined_by='or')}",
        )


@rule("SC812", "transcription-setting-not-taken")
def transcription_setting_not_taken(subject: Subject) -> Iterator[Finding]:
    """A setting of the transcription is not one of its model's.

    Problem: the service refuses the session, or writes callers down without the help that it was to have.
    Instead: leave the setting out, or name a transcription model that takes it.
    """
    written = subject.scenario.session.transcription or {}
    wanted = [key for key in TRANSCRIPTION_SETTINGS if key in written]
    named = _transcription_model(subject.scenario) if wanted else None
    if named is None:
        return
    for key in wanted:
        if not TRANSCRIPTION_SETTINGS[key](named.model.capabilities):
            span = (subject.scenario.place / "session" / "transcription" / key).span
            hint = _who_takes("transcription", TRANSCRIPTION_SETTINGS[key])
            yield Finding(f"{named.words} does not take '{key}'", span, hint)


@rule("SC813", "transcription-needs-manual-turns")
def transcription_needs_manual_turns(subject: Subject) -> Iterator[Finding]:
    """The transcription model works without turn detection only, and the session has it.

    Problem: the service refuses the session (a session with `server_vad` was seen refused).
    Instead: write `turn_detection: off`, which is push to talk, or name another transcription model.
    """
    session = subject.scenario.session
    if session.turn_detection == "off" or "model" not in (session.transcription or {}):
        return
    named = _transcription_model(subject.scenario)
    if named is not None and named.model.capabilities.needs_manual_turns:
        span = (subject.scenario.place / "session" / "transcription" / "model").span
        hint = "write turn_detection: off, which is push to talk, or leave the model out: another one is then chosen"
        yield Finding(f"{named.words} is refused where the service finds the caller's turns", span, hint)


@rule("SC814", "truncation-on-azure", "warning")
def truncation_on_azure(subject: Subject) -> Iterator[Finding]:
    """Azure is reported to refuse `truncation` on the models that reason. Nobody has confirmed it.

    Problem: where the report is right, the session is refused, and nobody answers the call.
    Instead: leave it out on Azure, or ignore this rule once a conversation has shown that it is taken.
    """
    truncation = subject.scenario.session.truncation
    named = _realtime_model(subject.scenario) if truncation is not None else None
    if named is not None and named.provider == "azure" and named.model.capabilities.reasoning:
        span = (subject.scenario.place / "session" / "truncation").span
        message = f"Azure is reported to refuse 'truncation' with {named.words.removeprefix('the model ')}"
        yield Finding(message, span, "a report only, not confirmed: leave it out, or try it and ignore this rule")


@rule("SC815", "retention-beyond-context", "warning")
def retention_beyond_context(subject: Subject) -> Iterator[Finding]:
    """More tokens may follow the instructions than the model can read beside its longest answer.

    Problem: the limit is refused or never reached; the conversation is cut at the model's own.
    Instead: take a lower `post_instructions`, or leave `token_limits` out.
    """
    truncation = subject.scenario.session.truncation
    limit = truncation.post_instructions if isinstance(truncation, Retention) else None
    named = _realtime_model(subject.scenario) if limit is not None else None
    if limit is None or named is None:
        return
    able = named.model.capabilities
    if able.context is not None and able.max_output_tokens is not None:
        most = able.context - able.max_output_tokens
        if limit > most:
            span = (subject.scenario.place / "session" / "truncation" / "token_limits" / "post_instructions").span
            message = f"{named.words} reads at most {most} tokens beside its answer, not {limit}"
            yield Finding(message, span, f"write at most {most}, less what instructions and tools take")


def _settings_for_the_model(scenario: Scenario) -> Iterator[tuple[_Named, str, Takes]]:
    """The settings that the session has and not every model takes, with its model; nothing where that is unknown."""
    wanted = {key: setting for key, setting in _OF_SESSIONS.items() if setting.is_written(scenario.session)}
    named = _realtime_model(scenario) if wanted else None
    if named is not None:
        yield from ((named, key, setting.takes) for key, setting in wanted.items())


def _span_of_setting(scenario: Scenario, key: str) -> Span:
    """Where a setting of the session stands; a key within another one is behind a full stop."""
    place = scenario.place / "session"
    for step in key.split("."):
        place = place / step
    return place.span


def _realtime_model(scenario: Scenario) -> _Named | None:
    """The session's model; None where the table knows no Realtime model of that name."""
    provider = _provider_of(scenario)
    if provider is None:
        return None
    model = model_named(resolved_model(scenario.session.model, "realtime", provider))
    if model is None or model.kind != "realtime":
        return None
    default = "" if scenario.session.model else ", the default,"
    return _Named(model, f"the model '{model.name}'{default}", provider)


def _transcription_model(scenario: Scenario) -> _Named | None:
    """What writes the caller down; None where the table knows no transcription model of that name."""
    provider, written = _provider_of(scenario), (scenario.session.transcription or {}).get("model")
    if provider is None:
        return None
    model = model_named(resolved_model(str(written) if written else None, "transcription", provider))
    if model is None or model.kind != "transcription":
        return None
    default = "" if written else ", the default,"
    return _Named(model, f"the transcription model '{model.name}'{default}", provider)


def _provider_of(scenario: Scenario) -> str | None:
    return whose_models(scenario.provider.name if scenario.provider is not None else None)


def _who_takes(kind: Kind, takes: Takes) -> str:
    """A hint: the models that take a setting, and what is not known of them."""
    names = list(_models_that(kind, takes))
    if not names:
        return "leave it out: no model is known to take it"
    disputed = any(table().models[name].capabilities.in_voice_session == "disputed" for name in names)
    doubt = "; sources do not agree whether a voice session takes them" if disputed else ""
    return f"leave it out, or name {listed(names, joined_by='or')}{doubt}"


def _models_that(kind: Kind, takes: Takes) -> Iterator[str]:
    """The models of that kind of which it holds and whose end nobody has announced; if there are none, all of them."""
    having = [name for name, entry in table().models.items() if entry.kind == kind and takes(entry.capabilities)]
    lasting = [name for name in having if table().models[name].openai.shutdown is None]
    yield from lasting or having
