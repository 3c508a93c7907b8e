"""A caller's wish for a person, or for an agent by name, as where that leads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from realtime_scenarios.standin.offers import Offer, unwrapped
from realtime_scenarios.standin.phrases import to_the_caller
from realtime_scenarios.standin.words import name_words, sentences_of, word_set, words_of

NO_PERSON = "I am sorry, I cannot reach a person from here: I am an offline stand-in that follows fixed rules."

_PERSON = (
    r"(?:(?:real |live |actual |human )?(?:person|people|human(?: being)?|representative|rep|operator|manager|"
    r"supervisor|colleague|receptionist|employee|staff(?: member)?|member of (?:the )?staff|front desk)|"
    r"(?:real|live|human|actual) (?:agent|one))"
)
_SOMEBODY = r"(?:someone|somebody|anyone|anybody|(?:an?|another|the next|some) (?:other |support |service )?agent)"
_BETWEEN = r"(?:\W+(?:a|an|the|your|some|any|one|of|with|to|over|through|me|us|in|charge|another|else|right|now))*?\W+"
_REACH = (
    r"\b(?:(?:speak|talk|chat)(?:ing)?|(?:connect|transfer|forward|put|pass|hand|switch)(?:ing)?\W+(?:me|us|my call))\b"
)
_GET = r"\b(?:get|want|need|give|have|reach|prefer|bring|call|fetch|ask for|asking for)\b"
_PLAINLY = re.compile(rf"(?:{_REACH}|{_GET}){_BETWEEN}{_PERSON}\b", re.I)
_ALONE = re.compile(
    rf"^\W*(?:(?:no|just|hi|hello|please|ok|okay)\W+)*(?:an?\W+|the\W+|your\W+)?(?:{_PERSON}|agent)"
    r"(?:\W+(?:please|now|right now))*\W*$",
    re.I,
)
_ANYBODY = re.compile(rf"{_REACH}{_BETWEEN}{_SOMEBODY}\b", re.I)
_MEANS_PERSON = re.compile(
    r"\b(?:to|for|with|by|from|reach\w*|wants?|needs?|requests?|live|real|of)"
    rf"(?: (?:a|an|the|our|your|another))* {_PERSON}\b",
    re.I,
)
_PERSON_NAMES = word_set("human person representative operator staff receptionist manager supervisor colleague")
_WHO_ASKS = re.compile(
    rf"\b(?:asks?|wants?|wishes|insists?|requests?|needs?)\b[^.!?]{{0,40}}?\b{_PERSON}\b[^.!?]*?,?\s"
    r"(?:(?:say|hears?|tell (?:them|the \w+)|explain|answer|mention)(?: (?:kindly|politely|plainly|clearly))?"
    r"(?P<that> that|:)?|(?:send|direct|refer|point) (?:them|the \w+) to)\s(?P<told>[^\n]+?)[.\s]*$",
    re.I,
)
_SENT = re.compile(r"\b(?:send|direct|refer|point) (?:them|the \w+) to\s", re.I)
_SO = re.compile(r"^(?:so|this|it)\b", re.I)
_DESK_WORDS = word_set("agent desk department team expert line assistant bot the a an your my to please")
_AGENT_NOUNS = word_set("agent desk department team expert")
_BY_NAME = re.compile(
    r"\b(?:hand|transfer|connect|put|pass|switch|take|bring|send|speak|talk|forward)(?:ing)?\b(?: \w+){0,3}? "
    r"(?:to|with) (?P<name>[\w ]{2,40}?)(?:,? please)?[\s.!?]*$",
    re.I,
)
_NAME_ALONE = re.compile(
    r"^\W*(?P<name>[\w ]{2,40}? (?:agent|desk|department|team|expert))(?:,? please)?[\s.!?]*$", re.I
)
_READ = 300


def wish_for_a_person(text: str) -> Literal["plainly", "anybody"] | None:
    """Whether the caller wants a person; `anybody` where whoever knows about the matter will do as well."""
    text = text[:_READ]
    if _PLAINLY.search(text) or _ALONE.search(text):
        return "plainly"
    return "anybody" if _ANYBODY.search(text) else None


def without_the_wish(text: str) -> str:
    """What else the text says."""
    return _ANYBODY.sub(" ", text)


def leads_to_a_person(offer: Offer) -> bool:
    """Whether a person can be reached this way: a tool says so by its name or its examples, a handoff also in words."""
    return (
        not _PERSON_NAMES.isdisjoint(name_words(offer.name))
        or any(wish_for_a_person(example) == "plainly" for example in offer.option.examples)
        or (offer.handoff and bool(_MEANS_PERSON.search(offer.option.description)))
    )


def told_about_persons(instructions: str) -> str | None:
    """What the instructions want a caller to hear who asks for a person; None where they do not say."""
    sentences = sentences_of(unwrapped(instructions))
    for before, sentence in zip(["", *sentences], sentences, strict=False):
        found = _WHO_ASKS.search(sentence)
        if found is None:
            continue
        told = re.split(r"(?<=[.!?])\s", found["told"])[0].strip(' ."“”')
        if not found["that"] and _SO.match(told):
            told = before.rstrip(".")
        elif _SENT.search(found.group()):
            told = f"please turn to {told}"
        told = to_the_caller(told)
        return f"{told[:1].upper()}{told[1:]}." if told else None
    return None


def agent_named(text: str) -> frozenset[str] | None:
    """The words of the agent that the caller asks for by name; None where they ask for none."""
    text = text[:_READ]
    found = _BY_NAME.search(text) or _NAME_ALONE.search(text)
    words = frozenset(words_of(found["name"])) - _DESK_WORDS if found else frozenset[str]()
    return words or None


def not_reached(words: frozenset[str], text: str) -> str | None:
    """That the agent of this name is not to be reached; None where the text does not say that it is an agent."""
    order = [word for word in words_of(text[:_READ]) if word in words]
    noun = next((word for word in words_of(text[:_READ]) if word in _AGENT_NOUNS), None)
    if noun is None or len(order) > 3:
        return None
    return f"I cannot hand you to the {' '.join(order)} {noun} from here; you may be speaking to them already."


def is_called(name: str, words: frozenset[str]) -> bool:
    """Whether these words name the agent: `qa` is the `QA Agent`."""
    own = frozenset([*name_words(name), *words_of(name)])
    return bool(words) and words <= own


def handoff_to(words: frozenset[str], offers: Sequence[Offer]) -> Offer | None:
    """The handoff to the agent of this name."""
    return next((offer for offer in offers if offer.handoff and is_called(offer.target, words)), None)
