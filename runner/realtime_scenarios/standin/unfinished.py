"""The agent's own last words as what is still open: a question for a value, or an offer that waits for a yes."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from realtime_scenarios.standin.arguments import Evidence, Memory, filled
from realtime_scenarios.standin.conversation import Called, Conversation, Returned, Said
from realtime_scenarios.standin.heard import corrects
from realtime_scenarios.standin.matching import Matcher
from realtime_scenarios.standin.offers import Kind, Offer, Slot
from realtime_scenarios.standin.spoken import reading_of
from realtime_scenarios.standin.values import corrected, is_yes
from realtime_scenarios.standin.words import word_set, words_of

_OPEN = word_set("how what which who whom whose when where why for")
_CORRECTABLE: frozenset[Kind] = frozenset(
    ["seat", "date", "time", "phone", "email", "zip", "digits", "number", "choice"]
)
_IF_TURNED_DOWN: frozenset[Kind] = frozenset(["code", "place", "name"])
_OFFERS = "Would you like me to "
_OTHER = re.compile(rf"You also asked: “(?P<wish>[^”]+)” {_OFFERS}")
_BETWEEN_WISHES = re.compile(r"(?<=[?!.])\s+|;\s+|,?\s+(?:and|plus|also)(?: (?:also|then))?\s+", re.I)
_READ = 600
_SHORTEST_CUT = 8
"""So many characters of a question must have been heard for an answer to count, where the caller cut in."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A call that waits for a value. `evidence` is what was said for it so far, the caller's newest words last."""

    offer: Offer
    asked: Slot
    evidence: tuple[Evidence, ...]

    @property
    def times_asked(self) -> int:
        """How often the question was put in a row."""
        count = 0
        for said in reversed(self.evidence):
            if said.asked != self.asked.path:
                break
            count += 1
        return count


def unfinished(conversation: Conversation, offers: Sequence[Offer], matcher: Matcher) -> Unfinished | None:
    """The call that the caller's newest message answers a question for; None where no question was open."""
    user = conversation.last_user
    if user is None:
        return None
    words = _words_before(conversation, user)
    asked = [(offer, slot) for offer in offers for slot in offer.slots if words and _asks(words, slot.question)]
    found = [Unfinished(offer, slot, tuple(_evidence(conversation, offer, user))) for offer, slot in asked]
    if len(found) < 2:
        return found[0] if found else None
    scores = [matcher.scores(call.evidence[0].text, [call.offer.option])[0] for call in found]
    return found[scores.index(max(scores))]


def offer_question(offer: Offer) -> str:
    return f"{_OFFERS}{offer.capability}?"


def wishes_in(text: str) -> list[str]:
    """The questions and requests that a message is made of, each as it stands."""
    parts = (part.strip(" ,") for part in _BETWEEN_WISHES.split(text[:_READ]))
    return [part for part in parts if len(part.split()) > 1]


def other_wish(text: str, offer: Offer) -> str:
    """An offer for what the caller asked beside what has just been done."""
    return f"You also asked: “{text}” {offer_question(offer)}"


def offered(conversation: Conversation, offers: Sequence[Offer]) -> tuple[Offer, str] | None:
    """What was offered just before the caller's newest message, and what the caller had said before that."""
    user = conversation.last_user
    words = _words_before(conversation, user) if user is not None else ""
    offer = next((offer for offer in offers if words and _asks(words, offer_question(offer))), None)
    if offer is None or user is None:
        return None
    before = _user_before(conversation, user)
    other = _OTHER.search(words)
    return offer, other["wish"] if other else _wished_at(conversation, before) if before is not None else ""


def wish(conversation: Conversation) -> str:
    """What the caller wants: the newest message, or where that is a yes to an offer, what the offer was made for."""
    user = conversation.last_user
    return _wished_at(conversation, user) if user is not None else ""


def corrected_call(
    conversation: Conversation, offers: Sequence[Offer], today: datetime.date | None
) -> tuple[Offer, dict[str, Any]] | None:
    """The call that was answered just before, with the one value replaced that the caller gives instead now."""
    user = conversation.last_user
    entry = conversation.entries[user] if user is not None else None
    if user is None or not isinstance(entry, Said) or "?" in entry.text:
        return None
    turned_down = corrects(entry.text) or corrected(entry.text) != entry.text
    last = next((earlier for earlier in reversed(conversation.entries[:user]) if not isinstance(earlier, Said)), None)
    if (len(words_of(entry.text)) > 3 and not turned_down) or not isinstance(last, Returned) or last.call is None:
        return None
    for offer in offers:
        if offer.is_called_by(last.call) and offer.within is None and reading_of(last.output).manner == "answer":
            for slot in offer.slots:
                if len(slot.path) > 1 or slot.kind not in _CORRECTABLE | (_IF_TURNED_DOWN if turned_down else set()):
                    continue
                alone = replace(offer, slots=(slot,))
                value = filled(alone, [Evidence(entry.text, slot.path)], Memory(), today).arguments.get(slot.name)
                arguments = {**last.call.arguments, slot.name: value}
                if value not in (None, last.call.arguments.get(slot.name)) and offer.parameters.accepts(arguments):
                    return offer, arguments
    return None


def asks_for_a_yes(conversation: Conversation) -> bool:
    """Whether the caller's newest message answers a question that takes a yes, as no open one does."""
    user = conversation.last_user
    words = _words_before(conversation, user) if user is not None else ""
    last = words[max(words.rfind(mark, 0, -1) for mark in (". ", "! ", "? ")) + 1 :].strip()
    return last.endswith("?") and not _OPEN.intersection(words_of(last)[:1])


def evidence_for(conversation: Conversation, offer: Offer | None, returned: Returned) -> tuple[Evidence, ...]:
    """What was said for a call that has come back, from the request that began it."""
    user = conversation.user_before(returned)
    if user is None:
        return ()
    if offer is not None:
        return tuple(_evidence(conversation, offer, user))
    entry = conversation.entries[user]
    return (Evidence(entry.text),) if isinstance(entry, Said) else ()


def _evidence(conversation: Conversation, offer: Offer, user: int) -> Iterator[Evidence]:
    """What was said for the call, from the request that began it."""
    said: list[Evidence] = []
    at: int | None = user
    while at is not None:
        entry = conversation.entries[at]
        words = _words_before(conversation, at)
        slot = next((slot for slot in offer.slots if words and _asks(words, slot.question)), None)
        text = entry.text if isinstance(entry, Said) else ""
        said.append(Evidence(text if slot else _wished_at(conversation, at), slot.path if slot else None))
        at = _user_before(conversation, at) if slot else None
    return reversed(said)


def _wished_at(conversation: Conversation, at: int) -> str:
    """The message at `at`, or the one before it where this one only says yes to an offer."""
    while True:
        entry = conversation.entries[at]
        text = entry.text if isinstance(entry, Said) else ""
        before = _user_before(conversation, at)
        words = _words_before(conversation, at)
        if before is None or _OFFERS not in words or not is_yes(text):
            return text
        if (other := _OTHER.search(words)) is not None:
            return other["wish"]
        at = before


def _words_before(conversation: Conversation, at: int) -> str:
    """What the agent had said just before; empty where the caller had spoken, or something was called, since."""
    for entry in reversed(conversation.entries[:at]):
        if isinstance(entry, Said):
            return entry.text if entry.role == "assistant" else ""
        if isinstance(entry, Called):
            return ""
    return ""


def _user_before(conversation: Conversation, at: int) -> int | None:
    earlier = (
        place
        for place in range(at - 1, -1, -1)
        if isinstance(entry := conversation.entries[place], Said) and entry.role == "user"
    )
    return next(earlier, None)


def _asks(words: str, question: str) -> bool:
    """Whether the words end with the question, or with its beginning where the caller cut in."""
    if words.endswith(question):
        return True
    tail = words[max(words.rfind(mark) for mark in (". ", "! ", "? ")) + 1 :].strip()
    return len(tail) >= _SHORTEST_CUT and question.startswith(tail)
