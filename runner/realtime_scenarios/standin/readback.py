"""What an agent says of its own in a state: its question, what it has understood, and that it has not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from realtime_scenarios.standin.contacts import spelled_in
from realtime_scenarios.standin.numerals import with_digits
from realtime_scenarios.standin.offers import Slot
from realtime_scenarios.standin.phrases import said_name
from realtime_scenarios.standin.states import Place
from realtime_scenarios.standin.words import sentences_of

_CONFIRMS = re.compile(
    r"\b(?:read|spell|say|repeat)\w*\b[^.;]*\bback\b|\brepeat (?:it|them|the|day)\b|\bconfirm|"
    r"\b(?:is|are) (?:that|it) (?:right|correct)\b|\bwait for (?:a |an |the )?(?:clear |plain )?yes\b|"
    r"\b(?:épele|relise|attendez un oui)",
    re.I,
)
_DENIED = re.compile(r"\b(?:not|never|don['’]t|without|ne)\b", re.I)
_QUOTED = re.compile(r"[\"“«](?P<words>[^\"”»]{12,})[\"”»]")
_SAYS = re.compile(r"\b(?:say|says|tell|hears?)(?: (?:them|the caller))? that (?P<words>[^.;]+)", re.I)
_FORM = re.compile(r"\b(?P<form>(?:written|formatted|given|spelled) (?:as|like|in) [^,.;()]+)", re.I)
_PATTERN = re.compile(r"[xyd]{2,}", re.I)
_SAMPLE = re.compile(r"\b(?:for example|such as|e\.g\.) (?P<sample>[^,;()]+)", re.I)
_NAMED = re.compile(r"(?<=[a-z,;] )(?!I\b|I['’])[A-Z][a-z]+")
_FRENCH = re.compile(r"\b(?:oui|vous|est)\b", re.I)

IS_IT_RIGHT = "Is that right?"
WHAT_ELSE = "What would you like to change?"


def wants_a_yes(place: Place) -> bool:
    """Whether the state wants what was understood to be read to the caller, and a yes to it."""
    ways = place.ways[:1] if place.ways else place.back
    texts = [*place.told, *(way.condition for way in ways)]
    sentences = (sentence for text in texts for sentence in sentences_of(text))
    return any(_CONFIRMS.search(sentence) and not _DENIED.search(_upto(sentence)) for sentence in sentences)


def own_words(place: Place) -> str | None:
    """What the state opens with: the text that it wants said, or a sample question without anybody's data."""
    if place.collects.slots or not place.told:
        pass
    elif text := next((text for text in place.told if "\n" in text.strip()), None):
        heading, _, rest = text.strip().partition("\n")
        return " ".join((rest if heading.endswith(":") else text).split())
    elif found := next((found for text in place.told if (found := _QUOTED.search(text))), None):
        return found["words"].strip()
    questions = (example for example in place.examples if "?" in example and _is_general(example))
    return next(questions, None)


def last_words(place: Place) -> str | None:
    """What is said where nothing is left to do."""
    return next((example for example in place.examples if _is_general(example)), None)


def read_back(values: Mapping[str, Any], place: Place) -> str:
    """`Customer id C-77, note: ring me. Is that right?`: the values, with their names where there are several."""
    told = [
        _spoken_value(name, value, named=len(values) > 1) for name, value in values.items() if value not in (None, "")
    ]
    asked = "C'est bien cela ?" if _FRENCH.search(" ".join(place.told)) else IS_IT_RIGHT
    text = ", ".join(told)
    text = f"{text[:1].upper()}{text[1:]}" if len(told) > 1 else text
    return f"{text}. {asked}" if text else "Shall we go on?"


def form_of(slot: Slot) -> str:
    """`It is written as C-88.`: the form that the value's description asks for; empty where it names none."""
    about = str(slot.schema.data.get("description") or "")
    form, sample = _FORM.search(about), _SAMPLE.search(about)
    if form and not _PATTERN.search(form["form"]):
        return f"It is {form['form'][0].lower()}{form['form'][1:].strip()}."
    return f"For example: {sample['sample'].strip(' .')}." if sample else ""


def escalation_in(instructions: str) -> str:
    """What the instructions want said to a caller who cannot be helped further; empty where they say nothing."""
    part = re.search(r"^# Escalation\n(?P<text>.*?)(?=^# |\Z)", instructions, re.MULTILINE | re.DOTALL)
    found = _SAYS.search(" ".join(part["text"].split())) if part else None
    return f"{found['words'][0].upper()}{found['words'][1:]}." if found else ""


def _spoken_value(name: str, value: Any, *, named: bool) -> str:
    if isinstance(value, bool):
        return f"{said_name(name)}: {'yes' if value else 'no'}"
    text = ", ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)
    text = text.replace("_", " ") if re.fullmatch(r"[a-z]+(?:_[a-z]+)+", text) else text.strip().rstrip(".?!")
    return f"{said_name(name)}{'' if re.search(r'[0-9@]', text) else ':'} {text}" if named else text


def _is_general(example: str) -> bool:
    """Whether a sample phrase holds no data of anybody's: no digits, spelled letters, names or quotations."""
    return not (
        re.search(r"\d|[\"“”«»:]|\b\w-\w\b", example) or spelled_in(with_digits(example)) or _NAMED.search(example)
    )


def _upto(sentence: str) -> str:
    found = _CONFIRMS.search(sentence)
    return sentence[: found.start()] if found else ""
