"""Talk that is about nothing: seven kinds of it, a wish for a person, and the end of a call."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Literal

from realtime_scenarios.standin.language import understood, word_set
from realtime_scenarios.standin.tools import NEVER_CHOSEN, Offer
from realtime_scenarios.standin.words import name_words, sentences_of, unwrapped, words_of

Smalltalk = Literal["greeting", "thanks", "yes", "no", "who", "help", "again"]
"""`who`: who or how one is. `help`: what one can do. `again`: say it once more, I did not understand."""

Talk = Smalltalk | Literal["end", "angry"]
"""`angry` is talk only where nothing else is said; `end`: the caller is about to leave."""

_PHRASES: Mapping[Talk, Sequence[str]] = understood()["talk"]
"""By kind, the weightier first; whole phrases without apostrophes."""
_FILLER = word_set("filler")
_CANCELS = re.compile(
    r"\b(?:never ?mind|forget (?:it|that|about it)|leave it|don['’]?t bother|laissez tomber)|^(?:cancel|"
    r"stop)(?: (?:it|that))?$",
    re.I,
)
_SIGNS = {"👍": "yes", "👌": "yes", "✅": "yes", "👎": "no", "❌": "no", "👋": "hello", "🙏": "thank you"}
_READ = 300

_PERSON = (
    r"(?:(?:real |live |actual |human |vraie |)(?:person|people|human(?: being)?|representative|rep|"
    r"operator|manager|supervisor|"
    r"colleague|receptionist|employee|staff(?: member)?|member of (?:the )?staff|front desk|somebody from the staff|"
    r"personne|être humain|humain|responsable|conseiller humain|persona(?: real)?|humano|agente humano|"
    r"encargado|mensch(?:en)?)|"
    r"(?:real|live|human|actual) (?:agent|one)|(?:somebody|someone|anybody|anyone) (?:real|human|else))"
)
_SOMEBODY = r"(?:someone|somebody|anyone|anybody|an?(?: human)? agent|quelqu['’]un|alguien|jemand(?:em|en)?)"
_BETWEEN = (
    r"(?:\W+(?:a|an|the|your|some|any|one|of|with|to|over|through|me|us|in|charge|another|right|now|à|un|une|le|la|moi|par|"
    r"con|una|mit|einem|einer|je|peux|other))*?\W+"
)
_REACH = (
    r"(?:\b(?:(?:speak|talk|chat)(?:ing)?|(?:connect|transfer|forward|put|pass|hand|"
    r"switch)(?:ing)?\W+(?:me|us|my call)|parler|"
    r"passez-moi|rappeler|hablar|páseme|sprechen)\b)"
)
_GET = (
    r"\b(?:get|want|need|give|have|reach|prefer|bring|call|fetch|ask for|asking for|veux|voudrais|quiero|is there|"
    r"y a-t-il)\b"
)
_PLAINLY = re.compile(
    rf"(?:{_REACH}|{_GET}){_BETWEEN}{_PERSON}\b|{_PERSON}(?: \w+)? (?:i can|à qui je peux) {_REACH}", re.I
)
_ALONE = re.compile(
    rf"^\W*(?:(?:no|just|hi|hello|please|ok|okay)\W+)*(?:an?\W+|the\W+|your\W+)?(?:{_PERSON}|"
    rf"agent)(?:\W+(?:please|now|right now))*\W*$",
    re.I,
)
_ANYBODY = re.compile(
    rf"{_REACH}{_BETWEEN}{_SOMEBODY}\b|{_GET}{_BETWEEN}an? agent\b|{_SOMEBODY}(?: \w+)? (?:i can|"
    rf"à qui je peux) {_REACH}",
    re.I,
)
_PERSON_NAMES = word_set("person_names")
_WHO_ASKS = re.compile(
    rf"\b(?:asks?|wants?|wishes|insists?|requests?|needs?)\b[^.!?]{{0,40}}?\b{_PERSON}\b[^.!?]*?,?\s"
    r"(?:(?:say|hears?|tell (?:them|the \w+)|explain|answer|mention)(?: (?:kindly|politely|plainly|clearly))?"
    r"(?P<that> that|:)?|(?:send|direct|refer|point) (?:them|the \w+) to)\s(?P<told>[^\n]+?)[.\s]*$",
    re.I,
)
_SENT = re.compile(r"\b(?:send|direct|refer|point) (?:them|the \w+) to\s", re.I)


def smalltalk_in(text: str) -> Talk | None:
    """The kind of talk that a message is as a whole; None where it is about something."""
    if not words_of(text[:_READ]):
        text = next((word for sign, word in _SIGNS.items() if sign in text[:_READ]), "")
    rest = f" {_folded(text[:_READ])} "
    found: list[Talk] = []
    for kind, phrase in _LONGEST_FIRST:
        if f" {phrase} " in rest:
            rest = rest.replace(f" {phrase} ", " ")
            found.append(kind)
    if not found or not set(rest.split()) <= _FILLER:
        return None
    if rest.split() and found == ["again"] and len(rest.split()) > 3:
        return None
    return next(kind for kind in _PHRASES if kind in found)


def is_cancel(text: str) -> bool:
    return bool(_CANCELS.search(text[:_READ].strip(" .!")))


def wish_for_a_person(text: str) -> Literal["plainly", "anybody"] | None:
    """Whether the caller wants a person; `anybody` where whoever knows about the matter will do as well."""
    text = text[:_READ]
    if _PLAINLY.search(text) or _ALONE.search(text):
        return "plainly"
    return "anybody" if _ANYBODY.search(text) else None


def without_the_wish(text: str) -> str:
    """What else the text says beside that somebody is wanted."""
    return _ANYBODY.sub(" ", text)


def leads_to_a_person(offer: Offer) -> bool:
    """Whether a person, or who stands in for one, is reached this way: by its name or by its examples."""
    return not _PERSON_NAMES.isdisjoint(name_words(offer.name)) or (
        offer.handoff
        and (
            any(wish_for_a_person(example) for example in offer.option.examples)
            or bool(
                re.search(
                    rf"\b(?:who (?:asks?|wants?)|wants?|asks?|to|reach)\b[^.]*\b{_PERSON}\b",
                    offer.option.description,
                    re.I,
                )
            )
        )
    )


def told_about_persons(instructions: str) -> str | None:
    """What an author's instructions want a caller to hear who asks for a person; None where they do not say."""
    sentences = sentences_of(unwrapped(instructions))
    for before, sentence in zip(["", *sentences], sentences, strict=False):
        if (found := _WHO_ASKS.search(sentence)) is not None:
            told = re.split(r"(?<=[.!?])\s", found["told"])[0].strip(' ."“”')
            if not found["that"] and re.match(r"(?:so|this|it)\b", told, re.I):
                told = before.rstrip(".")
            elif _SENT.search(found.group()):
                told = f"please turn to {told}"
            return f"{told[:1].upper()}{told[1:]}." if told else None
    return None


def examples_of(offers: Sequence[Offer], *, skip: int = 0) -> list[str]:
    """One or two things that a caller may say here; `skip` leaves so many of a tool's out, where it has others."""
    own_first = sorted((offer for offer in offers if offer.name not in NEVER_CHOSEN), key=lambda offer: offer.handoff)
    with_examples = [offer.option.examples for offer in own_first if offer.option.examples]
    return [f"“{examples[min(skip, len(examples) - 1)]}”" for examples in with_examples[:2]]


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"(?<=\w)['’\-](?=\w)", "", plain)))


_LONGEST_FIRST = sorted(
    ((kind, phrase) for kind, phrases in _PHRASES.items() for phrase in phrases), key=lambda entry: -len(entry[1])
)


def told_in_escalation(text: str) -> str | None:
    """What an author's words about escalation want a caller to hear; None where they are no words for a caller."""
    sentences = sentences_of(" ".join(text.split()))
    says = re.compile(
        r"\b(?:says?|tell|hears?|send them to|said)(?: (?:them|the caller))?(?: kindly)?(?: that)? (?P<words>[^.;]+)",
        re.I,
    )
    for at, sentence in enumerate(sentences):
        found = says.search(sentence)
        if found and not re.match(r"(?:so|this|it)\b", found["words"], re.I):
            told = found["words"] if "send" not in found.group().lower() else f"please turn to {found['words']}"
            return f"{told[0].upper()}{told[1:]}."
        if found and at:
            return sentences[0]
    first = sentences[0] if sentences else ""
    return first if re.match(r"(?:there is|nobody|people|you)\b", first, re.I) else None
