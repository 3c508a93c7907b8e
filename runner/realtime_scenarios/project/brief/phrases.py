"""A step of a brief to sample phrases: what the agent might say in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from realtime_scenarios.project.brief.kinds import kind_of
from realtime_scenarios.project.brief.model import Brief, Part, Step
from realtime_scenarios.project.brief.sentences import phrase_texts
from realtime_scenarios.project.brief.temperament import voices
from realtime_scenarios.project.brief.words import label_of, lowered, title_of

_PEOPLE = r"(?:the )?(?:callers?|customers?|clients?|patients?|guests?|users?|visitors?|listeners?|members?)"


def examples_of(
    step: Step, part: Part | None, brief: Brief, known: Mapping[str, None], used: set[str], heir: str | None
) -> list[str]:
    """What the agent might say in this part of the call: nothing that is in `used`, to which it is added.

    `known` holds what states before have collected, `heir` is the agent who takes over after this one.
    """
    said = phrase_texts().said
    if part == "greeting":
        examples = [greeting(brief)]
        if more := re.search(r" and (?:then )?((?:say|mention|tell|explain|inform|warn|remind)\b.+)", step.text):
            examples.append(_phrase_for(more.group(1)))
    elif part == "handing_over":
        examples = []
    elif part == "closing" or re.match(r"(thank|say good-?bye|close|end|wish)\b", step.text, re.IGNORECASE):
        examples = [_farewell_phrase(brief)]
    else:
        examples = [] if step.collect else [_phrase_for(step.text)]
    for name in step.collect:
        kind = kind_of(name)
        texts = [said.known] if name in known else [kind.ask, kind.back]
        examples += [text.format(label=label_of(name)) for text in texts]
    if step.tool:
        examples += [text for text in said.waiting if text not in used][:1]
    if heir:
        examples.append(said.hand_over.format(heir=title_of(heir)))
    return unused(examples, used) or [said.next_point.format(what=lowered(step.text.rstrip(". ")))]


def greeting(brief: Brief) -> str:
    """The first words of a call, as the temperament suggests."""
    who = f"{brief.name} from {brief.company}" if brief.company else brief.name
    return voices()[brief.temperament].greeting.format(who=who)


def _farewell_phrase(brief: Brief) -> str:
    return voices()[brief.temperament].farewell.format(place=f" {brief.company}" if brief.company else "")


def _phrase_for(text: str) -> str:
    """What an agent might say who does what the text tells it to."""
    first = re.split(r"[,;.]|, and | and ", text.strip())[0]
    to_you = re.sub(rf"\b{_PEOPLE}'s?\b", "your", first, flags=re.IGNORECASE)
    to_you = re.sub(rf"\b{_PEOPLE}\b", "you", to_you, flags=re.IGNORECASE)
    for pattern, word in ((r"their", "your"), (r"they|them", "you"), (r"theirs", "yours"), (r"themselves", "yourself")):
        to_you = re.sub(rf"\b(?:{pattern})\b", word, to_you, flags=re.IGNORECASE)
    to_you = lowered(to_you)
    for phrase in phrase_texts().phrases:
        if found := re.fullmatch(phrase.step, to_you, re.IGNORECASE):
            return phrase.said.format(what=found.group(1))
    return phrase_texts().said.otherwise.format(what=to_you)


def unused(texts: Iterable[str], used: set[str]) -> list[str]:
    """The texts that have not been used before; from now on they have."""
    fresh = [text for text in dict.fromkeys(texts) if text not in used]
    used.update(fresh)
    return fresh
