"""Talk that is about nothing, with what is replied to it, and wishes for a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from realtime_scenarios.standin.conversation import Conversation
from realtime_scenarios.standin.language import Texts, pattern, understood, word_set
from realtime_scenarios.standin.routes import Routes
from realtime_scenarios.standin.tools import NEVER_CHOSEN, Offer
from realtime_scenarios.standin.words import name_words, sentences_of, unwrapped, words_of

Talk = Literal["greeting", "thanks", "yes", "no", "who", "help", "again", "end", "angry"]
"""`who`: who or how one is. `help`: what one can do. `again`: say it once more. `end`: the caller is about to leave."""

ASIDE: frozenset[Talk | None] = frozenset(["greeting", "thanks", "who", "help", "again", "end"])
"""Talk that answers no question."""

_PHRASES: Mapping[Talk, Sequence[str]] = understood()["talk"]
"""By kind, the weightier first; whole phrases without apostrophes."""
_LONGEST_FIRST = sorted(
    ((kind, phrase) for kind, phrases in _PHRASES.items() for phrase in phrases), key=lambda entry: -len(entry[1])
)
_FILLER, _SIGNS = word_set("filler"), understood()["signs_of_talk"]
_PERSONS, _SOMEBODY, _PERSON_NAMES = word_set("persons"), word_set("somebody"), word_set("person_names")
_SPEAK, _GET, _BETWEEN = word_set("speak"), word_set("get"), word_set("between")
_ASKS_FOR = _SPEAK | _GET | word_set("asks_for")
_READ = 300


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
    if not found or not set(rest.split()) <= _FILLER or (found == ["again"] and len(rest.split()) > 3):
        return None
    return next(kind for kind in _PHRASES if kind in found)


def is_cancel(text: str) -> bool:
    return bool(pattern("cancels").search(text[:_READ].strip(" .!")))


@dataclass(frozen=True, slots=True)
class Replies:
    """The stand-in's own words at this point of a conversation."""

    texts: Texts
    conversation: Conversation
    routes: Routes
    offers: Sequence[Offer]

    def to(self, talk: Talk) -> str:
        texts = self.texts
        match talk:
            case "greeting":
                return self.greeting()
            case "thanks":
                return f"{texts.welcome} {texts.anything_else}"
            case "end":
                thanked = smalltalk_in(self.conversation.text_at(self.conversation.last_user).split(",")[0]) == "thanks"
                return f"{texts.welcome if thanked else texts.all_right} {texts.goodbye}"
            case "who" | "angry":
                this = texts.this_is.format(agent=spoken_name(self.routes.agent)) if self.routes.agent else ""
                return " ".join(filter(None, [this, texts.who, self.examples()]))
            case "help":
                return self.examples() or texts.go_ahead
            case "again":
                last = next(iter(self.conversation.said), "").removeprefix(texts.once_more.format(words=""))
                return texts.once_more.format(words=last) if last else texts.not_heard
            case "yes":
                return texts.how_can_i_help
            case "no":
                return f"{texts.all_right} {texts.anything_else}"

    def aside(self, talk: Talk | None) -> str:
        """The same before a question that is still open, without one of its own."""
        said = self.to(talk) if talk is not None and talk != "again" else ""
        return said.removesuffix(self.texts.anything_else).removesuffix(self.texts.how_can_i_help).strip()

    def greeting(self) -> str:
        """A short hello; with the agent's name where the caller has just come to it, or hears it first."""
        texts, agent = self.texts, self.routes.agent
        is_new = not self.conversation.said or self.routes.has_arrived
        this = texts.this_is.format(agent=spoken_name(agent)) if agent is not None and is_new else ""
        return " ".join(filter(None, [texts.hello if is_new else texts.hello_again, this, texts.how_can_i_help]))

    def examples(self) -> str:
        """What a caller may say here, others after a while; without examples, what the tools are called."""
        recent = sum(said.startswith(self.texts.do_not_know) for said in self.conversation.said[:4])
        own_first = sorted((o for o in self.offers if o.name not in NEVER_CHOSEN), key=lambda offer: offer.handoff)
        examples = [o.option.examples[min(recent, len(o.option.examples) - 1)] for o in own_first if o.option.examples]
        if examples:
            return self.texts.example.format(examples=self.texts.either.join(f"“{words}”" for words in examples[:2]))
        names = [" ".join(name_words(o.name)) for o in self.offers if o.name not in NEVER_CHOSEN]
        return self.texts.can_do.format(what=self.texts.either.join(names[:4])) if names else ""


def wants_a_person(text: str) -> bool:
    return _is_wished(words_of(text[:_READ]), _PERSONS, _SPEAK | _GET, alone=True)


def wants_anybody(text: str) -> bool:
    """Whether whoever knows about the matter will do."""
    words = words_of(text[:_READ])
    return _is_wished(words, _SOMEBODY, _SPEAK) or _is_wished(words, ["agent"], _SPEAK | _GET, alone=True)


def leads_to_a_person(offer: Offer) -> bool:
    """Whether a person, or who stands in for one, is reached this way: by its name or by its examples."""
    by_words = _mentions_a_wish(offer.option.description) or any(map(wants_a_person, offer.option.examples))
    return not _PERSON_NAMES.isdisjoint(name_words(offer.name)) or (offer.handoff and by_words)


def told_about_persons(text: str, *, throughout: bool = False) -> str | None:
    """What an author wants a caller to hear who asks for a person; None where nothing is said about it.

    `throughout`: the whole text is about such callers.
    """
    sentences = sentences_of(unwrapped(text))
    for before, sentence in zip(["", *sentences], sentences, strict=False):
        found = pattern("says_to_callers").search(sentence)
        if found is not None and (throughout or _mentions_a_wish(sentence[: found.start()])):
            words = found["words"].strip(' ."“”')
            told = before.rstrip(".") if re.match(r"(?:so|this|it)\b", words, re.I) else words
            told = f"please turn to {told}" if found["sends"] else told
            return f"{told[:1].upper()}{told[1:]}." if told else None
    is_for_callers = throughout and sentences and re.match(r"(?:there is|nobody|people|you)\b", sentences[0], re.I)
    return sentences[0] if is_for_callers else None


def _is_wished(words: Sequence[str], wanted: Collection[str], reach: Collection[str], *, alone: bool = False) -> bool:
    """Whether one of the wanted is reached for in these words, with small words between at most, or stands alone."""
    for at in (at for at, word in enumerate(words) if word in wanted):
        before = next((word for word in reversed(words[:at]) if word not in _BETWEEN), None)
        after = next((word for word in words[at + 1 :] if word not in _BETWEEN), None)
        if before in reach or after in _SPEAK or (alone and before is None and set(words[at + 1 :]) <= _FILLER):
            return True
    return False


def _mentions_a_wish(text: str) -> bool:
    words = set(words_of(text))
    return not words.isdisjoint(_PERSONS) and not words.isdisjoint(_ASKS_FOR)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"(?<=\w)['’\-](?=\w)", "", plain)))


def spoken_name(name: str) -> str:
    """An agent's name as a caller hears it: `tourGuide` and `tour_guide` are the `tour guide`, names stay names."""
    return " ".join(name_words(name)) if name.isidentifier() and (name[:1].islower() or "_" in name) else name
