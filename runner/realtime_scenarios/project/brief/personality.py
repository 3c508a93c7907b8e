"""A brief to the personality of its agent, in full sentences."""

from __future__ import annotations

import re

from realtime_scenarios.project.brief.model import Brief
from realtime_scenarios.project.brief.qualities import FILLER_WORDS, QUALITIES
from realtime_scenarios.project.brief.words import lowered, sentence


def personality_of(brief: Brief) -> dict[str, str]:
    """Every quality in full sentences: the author's words where there are any, otherwise what suits the role."""
    texts = {}
    for name, quality in QUALITIES.items():
        given = (brief.qualities or {}).get(name)
        if name == "identity":
            texts[name] = sentence(given) if given else _identity(brief)
        elif name == "task":
            texts[name] = sentence(given) if given else _task(brief)
        elif name == "filler_words":
            texts[name] = FILLER_WORDS[given or default_of(name, brief)]
        elif given:
            few = len(given.split()) <= 4
            texts[name] = f"{sentence(given)} {quality.more}".rstrip() if few else sentence(given)
        else:
            texts[name] = default_of(name, brief)
    return texts


def open_qualities(brief: Brief) -> list[str]:
    """The qualities that a person may still be asked about, in order; the role itself says who and what for."""
    return [name for name, quality in QUALITIES.items() if quality.options and name not in (brief.qualities or {})]


def default_of(name: str, brief: Brief) -> str:
    """What suits the role, for a quality that nobody chose."""
    option = QUALITIES[name].options[brief.temperament]
    return option.value or option.text


def _identity(brief: Brief) -> str:
    who = f"You are {brief.name}" + (f", the voice that callers of {brief.company} hear" if brief.company else "")
    role = brief.role.rstrip(". ")
    if re.match(r"you\b", role, re.IGNORECASE):
        text = f"{who}. {sentence(role)}"
    elif re.match(r"(an?|the)\b", role, re.IGNORECASE):
        text = f"{who}: {lowered(role)}."
    else:
        text = f"{who}. Your role: {lowered(role)}."
    if brief.manner and re.match(r"(an?|the)\b", brief.manner, re.IGNORECASE):
        return f"{text} At heart you are {lowered(sentence(brief.manner))}"
    if brief.manner and len(brief.manner.split()) <= 8:
        return f"{text} Your manner: {lowered(sentence(brief.manner))}"
    return f"{text} {sentence(brief.manner)}" if brief.manner else text


def _task(brief: Brief) -> str:
    if not brief.steps:
        return (
            "Find out what the caller wants, help with it as far as your role goes, and say so openly where it does "
            "not. Let the caller decide where the conversation goes."
        )
    first, *rest = [lowered(step.text.rstrip(". ")) for step in brief.steps]
    if not rest:
        return f"One thing, done well: {first}."
    return (
        f"Take every caller through the call in this order: {first}; {'; '.join([*rest[:-1], 'finally, ' + rest[-1]])}."
    )
