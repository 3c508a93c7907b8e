"""What an author's own prose says that a caller may hear: facts, an opening, agents by name, deeds that a tool does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from realtime_scenarios.standin.language import understood, word_set
from realtime_scenarios.standin.matching import Option
from realtime_scenarios.standin.telling import relevant
from realtime_scenarios.standin.words import content_of, name_words, sentence_of, sentences_of, unwrapped, words_of

_DIRECTIVE = re.compile(
    r"\b(?:you|your|callers?|customers?|users?|patients?|if|when|where|unless|until|never|always|must|"
    r"should|do not|don't|ask|say|tell|use|call|"
    r"repeat|read|give|offer|hand|vous|appelant|si|ne|demandez|dites)\b|[\"“«{]",
    re.I,
)
_STATES = re.compile(r"\b(?:is|are|has|have|takes?|costs?|opens?|closed|open|come|comes)\b", re.I)
_CASE = re.compile(r"[a-z]_[a-z]|[a-z][A-Z][a-z]")
_ASKED_AS = {"where": "address", "when": "hours", "where's": "address"}
_OPENING = re.compile(r"\b(?:open|begin|start|greet)\b[^\"“.]{0,60}[\"“](?P<line>[^\"”]{8,200})[\"”]", re.I)
_DESK_WORDS = word_set("desk_words")
_BY_NAME = re.compile(
    r"\b(?:hand|transfer|connect|put|pass|switch|take|bring|send|speak|talk|forward)(?:ing)?\b(?: \w+){0,3}? "
    r"(?:to|with) (?P<name>[\w ]{2,40}?)(?:,? (?:please|again))?[\s.!?]*$",
    re.I,
)
_NAME_ALONE = re.compile(
    r"^\W*(?:back to |get me |the )*(?P<name>[\w ]{2,40}? (?:agent|desk|department|team|"
    r"expert))(?:,? please)?[\s.!?]*$",
    re.I,
)
_DEED = re.compile(
    r"^\W*(?:(?:please|hi|hello|hey|ok|okay|so|and|now|then|just|can|could|would|will|you|i|want|need|like|would|i['’]d|to|me|let|us|kindly)\b[\W]*)*"
    r"(?P<verb>book|reserve|order|buy|purchase|cancel|delete|remove|send|sell|pay|charge|rent|hire|play|sing|fix|repair|paint|write|"
    r"compose|recommend|translate|win|teach)\b",
    re.I,
)
_SAME_DEED = [frozenset(deeds) for deeds in understood()["same_deed"]]
_WORD_FOR_WORD = re.compile(r"\b(?:word for word|verbatim|exactly as (?:it|they|returned|given))\b", re.I)


def fact_about(question: str, instructions: str) -> str:
    """The fact of the prompt that answers a caller's question; empty where it holds none."""
    words = words_of(question)[:40]
    asked = " ".join([question, *(meaning for word, meaning in _ASKED_AS.items() if word in words)])
    facts, matter = _facts(instructions), frozenset(content_of(question))
    told = list(relevant(facts, asked)) or [
        fact for fact in facts if 0 < len(matter) < 3 and matter <= frozenset(content_of(fact))
    ]
    return " ".join(map(sentence_of, told[:2]))


def opening_line(instructions: str) -> str | None:
    """The words that an author's instructions want said first, where they quote them."""
    found = _OPENING.search(instructions[:4_000])
    return found["line"].strip() if found else None


def agent_named(text: str) -> frozenset[str] | None:
    """The words of the agent that the caller asks for by name; None where they ask for none."""
    found = _BY_NAME.search(text[:300]) or _NAME_ALONE.search(text[:300])
    return frozenset(words_of(found["name"])) - _DESK_WORDS or None if found else None


def shares_a_deed(text: str, option: Option) -> bool:
    """Whether the option does what the text wants done, where that is a deed: to book is not to look a booking up."""
    wanted = _DEED.match(text[:300])
    if wanted is None:
        return True
    deeds = next((same for same in _SAME_DEED if wanted["verb"].lower() in same), frozenset([wanted["verb"].lower()]))
    return not deeds.isdisjoint(_words_in(option))


def reads_out(instructions: str) -> bool:
    """Whether a client's instructions want a tool's answer said word for word."""
    return any(
        _WORD_FOR_WORD.search(line)
        and re.search(r"\b(?:say|speak|read)\b", line, re.I)
        and re.search(r"\b(?:answer|result|response|returns?)", line, re.I)
        for line in sentences_of(unwrapped(instructions))
    )


@lru_cache(maxsize=256)
def _words_in(option: Option) -> frozenset[str]:
    texts = [option.description, *option.examples, *option.hints]
    return frozenset(word for text in texts for word in words_of(text)) | frozenset(name_words(option.name))


@lru_cache(maxsize=64)
def _facts(instructions: str) -> tuple[str, ...]:
    return tuple(_facts_in(instructions))


def _facts_in(instructions: str) -> Iterator[str]:
    """Sentences that say how things are, and nothing about what the agent is to do."""
    for line in unwrapped(instructions).splitlines():
        if line.lstrip().startswith("#"):
            continue
        for sentence in sentences_of(line):
            if ":" in sentence[:40] and not _CASE.search(sentence) and sentence[0].isupper():
                label, _, rest = sentence.partition(":")
                if (
                    len(label.split()) <= 2
                    and not _DIRECTIVE.search(rest)
                    and not re.match(r"(?:To|No|Promise|Do|Never)\b| no\b", label + rest[:4])
                    and " no " not in rest[:5]
                ):
                    yield sentence
                    continue
            if (
                len(sentence.split()) > 3
                and not _DIRECTIVE.search(sentence)
                and not _CASE.search(sentence)
                and _STATES.search(sentence)
            ):
                yield sentence
