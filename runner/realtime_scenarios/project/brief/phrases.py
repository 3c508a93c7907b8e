"""A step of a brief to sample phrases: what the agent might say in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from realtime_scenarios.project.brief.kinds import kind_of
from realtime_scenarios.project.brief.model import Brief, Part, Step
from realtime_scenarios.project.brief.temperament import Temperament
from realtime_scenarios.project.brief.words import label_of, lowered, title_of

_WAITING = (
    "Just a moment, please.",
    "One second, I am on it.",
    "Give me a moment to do that for you.",
    "Bear with me, this takes a second or two.",
)

_PEOPLE = r"(?:the )?(?:callers?|customers?|clients?|patients?|guests?|users?|visitors?|listeners?|members?)"

_PHRASES = (
    (r"ask (?:you )?about (.+)", "Tell me a little about {0}."),
    (r"ask (?:you )?for (.+)", "May I ask you for {0}?"),
    (r"ask (?:you )?((?:whether|if|what|which|when|where|how|why|who)\b.+)", "May I ask {0}?"),
    (r"(?:get|collect|take|note|find out|learn) (.+)", "Could you tell me {0}?"),
    (r"(?:offer|propose) (?:you )?(.+)", "What I can offer you is {0}."),
    (r"(?:recommend|suggest) (?:you )?(.+)", "From what you have told me, I would suggest {0}."),
    (r"(?:explain|describe|outline) (?:to you )?(.+)", "Let me explain {0}."),
    (r"(?:say|mention) that (.+)", "You should know that {0}."),
    (r"(?:tell|inform|advise|warn|remind) you (.+)", "I would like to tell you {0}."),
    (r"((?:check|look up|find|search|verify|see) .+)", "Let me {0}."),
    (r"(?:confirm|repeat|summari[sz]e|sum up|review|go over|read back) (.+)", "Let me go over {0} with you once more."),
    (r"(?:guide|lead|walk|take) you through (.+)", "Let us go through {0} together."),
    (r"(?:book|reserve|schedule|arrange|set up) (.+)", "I am arranging {0} for you now."),
)


def examples_of(
    step: Step, part: Part | None, brief: Brief, known: Mapping[str, None], used: set[str], heir: str | None
) -> list[str]:
    """What the agent might say in this part of the call: nothing that is in `used`, to which it is added.

    `known` holds what states before have collected, `heir` is the agent who takes over after this one.
    """
    if part == "greeting":
        examples = [greeting(brief)]
        if more := re.search(r" and (?:then )?((?:say|mention|tell|explain|inform|warn|remind)\b.+)", step.text):
            examples.append(_phrase_for(more.group(1)))
    elif part == "handing_over":
        examples = []
    elif part == "closing" or re.match(r"(thank|say good-?bye|close|end|wish)\b", step.text, re.IGNORECASE):
        examples = [_farewell(brief)]
    else:
        examples = [] if step.collect else [_phrase_for(step.text)]
    for one in step.collect:
        kind, label = kind_of(one), label_of(one)
        examples += (
            [f"Is your {label} still the one you gave me?"]
            if one in known
            else [kind.ask.format(label=label), kind.back.format(label=label)]
        )
    if step.tool:
        examples += [one for one in _WAITING if one not in used][:1]
    if heir:
        examples.append(f"From here on {title_of(heir)} looks after you. I am putting you through now.")
    return unused(examples, used) or [f"Let us come to the next point: {lowered(step.text.rstrip('. '))}."]


_GREETINGS: Mapping[Temperament, str] = {
    "lively": "Hey there, you're talking to {who}! What can I do for you today?",
    "calm": "Hello, this is {who}. I am glad you called. What can I do for you?",
    "plain": "Good day, you are speaking with {who}. How may I help you?",
}

_FAREWELLS: Mapping[Temperament, str] = {
    "lively": "Thanks for calling{place}, that was fun. See you soon!",
    "calm": "Thank you for calling{place}. Take good care of yourself.",
    "plain": "Thank you for calling{place}. Good-bye.",
}


def greeting(brief: Brief) -> str:
    """The first words of a call, as the temperament suggests."""
    who = f"{brief.name} from {brief.company}" if brief.company else brief.name
    return _GREETINGS[brief.temperament].format(who=who)


def _farewell(brief: Brief) -> str:
    return _FAREWELLS[brief.temperament].format(place=f" {brief.company}" if brief.company else "")


def _phrase_for(text: str) -> str:
    """What an agent might say who does what the text tells it to."""
    first = re.split(r"[,;.]|, and | and ", text.strip())[0]
    said = re.sub(rf"\b{_PEOPLE}'s?\b", "your", first, flags=re.IGNORECASE)
    said = re.sub(rf"\b{_PEOPLE}\b", "you", said, flags=re.IGNORECASE)
    for pattern, word in ((r"their", "your"), (r"they|them", "you"), (r"theirs", "yours"), (r"themselves", "yourself")):
        said = re.sub(rf"\b(?:{pattern})\b", word, said, flags=re.IGNORECASE)
    said = lowered(said)
    for pattern, phrase in _PHRASES:
        if found := re.fullmatch(pattern, said, re.IGNORECASE):
            return phrase.format(found.group(1))
    return f"Now I would like to {said}."


def unused(texts: Iterable[str], used: set[str]) -> list[str]:
    """The texts that have not been used before; from now on they have."""
    fresh = [text for text in dict.fromkeys(texts) if text not in used]
    used.update(fresh)
    return fresh
