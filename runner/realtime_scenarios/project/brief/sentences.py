"""The sentences that states, phrases and scenarios are made of, as their data files hold them."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from msgspec import Struct

from realtime_scenarios.project.brief.model import Part
from realtime_scenarios.project.brief.wording import data_in


@functools.cache
def state_texts() -> StateTexts:
    return data_in("states", StateTexts)


@functools.cache
def phrase_texts() -> PhraseTexts:
    return data_in("phrases", PhraseTexts)


@functools.cache
def scenario_texts() -> ScenarioTexts:
    return data_in("scenario", ScenarioTexts)


class AddedSteps(Struct, frozen=True, forbid_unknown_fields=True):
    """The last step of a call, where the brief does not have it."""

    closing: str
    handing_over: str


class PartTexts(Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in the state of a part that every call has; None where there is nothing of its own."""

    purpose: str
    told: str | None = None
    done: str | None = None


class Purposes(Struct, frozen=True, forbid_unknown_fields=True):
    """What a state is for, by what is done in it."""

    collect_and_call: str
    collect: str
    call: str
    verify: str


class Instructions(Struct, frozen=True, forbid_unknown_fields=True):
    """What the agent is told, by what there is to do; of `confirm`, a different text each time."""

    several: str
    known: str
    confirm: tuple[str, ...]
    review: str
    review_known: str
    call: str
    call_confirmed: str
    hand_over: str


class Ways(Struct, frozen=True, forbid_unknown_fields=True):
    """How to do a step that begins with a verb, a regular expression."""

    verb: str
    told: tuple[str, ...]


class Conditions(Struct, frozen=True, forbid_unknown_fields=True):
    """When a state is left, by what is done in it."""

    call: str
    collect: str
    asked: str
    otherwise: str


class StateTexts(Struct, frozen=True, forbid_unknown_fields=True):
    """`prompts/brief/states.yaml`."""

    added: AddedSteps
    parts: Mapping[Part, PartTexts]
    purpose: Purposes
    told: Instructions
    ways: tuple[Ways, ...]
    done: Conditions


class Said(Struct, frozen=True, forbid_unknown_fields=True):
    """What may be said in any step; of `waiting`, a different text each time."""

    known: str
    waiting: tuple[str, ...]
    hand_over: str
    otherwise: str
    next_point: str


class Phrase(Struct, frozen=True, forbid_unknown_fields=True):
    """What is said by who does a step that is all of a regular expression."""

    step: str
    said: str


class PhraseTexts(Struct, frozen=True, forbid_unknown_fields=True):
    """`prompts/brief/phrases.yaml`."""

    said: Said
    phrases: tuple[Phrase, ...]


class HeirTexts(Struct, frozen=True, forbid_unknown_fields=True):
    """The agent who takes over."""

    handoff_description: str
    instructions: str
    handoff: str


class DialogueTexts(Struct, frozen=True, forbid_unknown_fields=True):
    """What is said in the dialogue; of `agrees` and `answers`, the caller says one after the other."""

    title: str
    title_without_states: str
    hello: str
    taking_over: str
    given: str
    agrees: tuple[str, ...]
    answers: tuple[str, ...]


class ScenarioTexts(Struct, frozen=True, forbid_unknown_fields=True):
    """`prompts/brief/scenario.yaml`."""

    title: str
    variable: str
    handoff: str
    heir: HeirTexts
    dialogue: DialogueTexts
