"""Rules about the models that a scenario names: whether they still answer, and whether they can do what is asked.

None of them keeps a scenario from being run: offline it can be rehearsed with any name in it, and what a service
answers depends on the day. So `lint` alone tells, and `validate`, `run` and `test` do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from realtime_scenarios.lint.rule import Finding, Subject, rule
from realtime_scenarios.project.models import ROLES, Kind, Role, kind_of, table
from realtime_scenarios.project.named_models import named_models

_AT = {"openai": "", "azure": " on Azure"}

_ELSEWHERE: dict[Kind, str] = {
    "live": "speaks GPT-Live at /v1/live/sessions, which is another protocol than Realtime",
    "translation": "translates at /v1/realtime/translations, and holds no conversation",
}

_WORDS: dict[Kind, str] = {
    "realtime": "a voice model",
    "transcription": "a transcription model",
    "text": "a text model",
    "audio": "an audio model for chat completions",
    "speech": "a model that reads texts out",
}


@rule("SC801", "model-gone", keeps_from_running=False)
def model_gone(subject: Subject) -> Iterator[Finding]:
    """A model that is named answers no longer.

    Problem: the service has shut it down, so that every conversation fails before its first word.
    Instead: name what follows it, or a role; `scenario models --write` does so. Offline it can still be rehearsed.
    """
    day = subject.as_of
    for named in named_models(subject.scenario) if day is not None else ():
        life = named.life
        if day is not None and life is not None and life.is_over(day):
            successor = named.successor(day)
            message = f"'{named.name}' was shut down{_AT[named.provider or 'openai']} on {life.shutdown}"
            yield Finding(message, named.place.span, successor.advice if successor else _NOTHING_FOLLOWS)


@rule("SC802", "model-ending", "warning")
def model_ending(subject: Subject) -> Iterator[Finding]:
    """A model that is named will answer no longer in 90 days or less.

    Problem: from that day on every conversation fails before its first word.
    Instead: name what follows it, or a role, and play the dialogues against that; `scenario models --write` changes it.
    """
    day = subject.as_of
    for named in named_models(subject.scenario) if day is not None else ():
        life = named.life
        if day is not None and life is not None and life.shutdown is not None and life.is_ending(day):
            left = (life.shutdown - day).days
            successor = named.successor(day)
            where = _AT[named.provider or "openai"]
            message = f"'{named.name}' ends{where} on {life.shutdown}, in {left} day{'s' if left > 1 else ''}"
            yield Finding(message, named.place.span, successor.advice if successor else _NOTHING_FOLLOWS)


@rule("SC803", "model-of-another-protocol", keeps_from_running=False)
def model_of_another_protocol(subject: Subject) -> Iterator[Finding]:
    """A model is named that does not speak the Realtime protocol.

    Problem: it is reached at another address and with other events; a Realtime session that asks for it is refused.
    Instead: name a Realtime model, or the role `realtime`.
    """
    for named in named_models(subject.scenario):
        if named.model is not None and (why := _ELSEWHERE.get(named.model.kind)) is not None:
            yield Finding(f"'{named.name}' {why}", named.place.span, _wanted(named.role))


@rule("SC804", "model-of-another-kind", keeps_from_running=False)
def model_of_another_kind(subject: Subject) -> Iterator[Finding]:
    """A model or role is named that cannot do what is asked of it there.

    Problem: a text model cannot hold a Realtime session, a voice model cannot judge a text, and the service says so.
    Instead: name a model of the right kind, or the role that stands there.
    """
    for named in named_models(subject.scenario):
        kind = named.kind
        if kind is not None and kind not in _ELSEWHERE and named.is_misplaced:
            what = f"the role '{named.name}' stands for" if named.is_role else f"'{named.name}' is"
            message = f"{what} {_WORDS[kind]}, and {_WORDS[kind_of(named.role)]} is wanted here"
            yield Finding(message, named.place.span, _wanted(named.role))


@rule("SC225", "misspelt-role", "warning")
def misspelt_role(subject: Subject) -> Iterator[Finding]:
    """A name of a model is almost a role, or almost that of a model.

    Problem: names that nobody knows are let through, as those of new models, and the service refuses the session.
    Instead: write the role, such as `realtime-mini`, or the model as it is called.
    """
    for named in named_models(subject.scenario):
        if named.provider == "openai" and not named.is_role and named.model is None:
            known = [*ROLES, *table().models]
            guess = next((name for name in known if _is_slip_of(named.name, name)), None)
            if guess is not None:
                what = "role" if guess in ROLES else "model"
                yield Finding(f"'{named.name}' is no {what}", named.place.span, f"did you mean '{guess}'?")


def _is_slip_of(written: str, name: str) -> bool:
    """Whether they differ in their signs, or by a letter of one long word. Other numbers are other models."""
    here, there = (re.split(r"[-_. ]", text.casefold()) for text in (written.strip(), name))
    changed = [pair for pair in zip(here, there, strict=False) if pair[0] != pair[1]]
    return len(here) == len(there) and len(changed) <= 1 and all(_is_slip_in_word(*pair) for pair in changed)


def _is_slip_in_word(written: str, word: str) -> bool:
    """Whether a letter is too much, missing or another one, or two have changed places."""
    are_words = word.isalpha() and written.isalpha() and len(word) >= _LONG_ENOUGH
    return are_words and not {written, *_with_a_letter_less(written)}.isdisjoint({word, *_with_a_letter_less(word)})


def _with_a_letter_less(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


_LONG_ENOUGH = 4
"""Letters of a word in which a slip can be told from another word."""

_NOTHING_FOLLOWS = "nothing is known to follow it; docs/models.md lists what there is"


def _wanted(role: Role) -> str:
    return f"use the role '{role}', or '{table().roles[role].models[0]}'"
