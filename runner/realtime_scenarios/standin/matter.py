"""The matter at hand: what the caller wants, what they said about it, and the question that is open.

Theory of operation. The stand-in keeps no state: what it asked stands in the conversation, in its own words. So the
newest message is followed back: as long as the agent's words before it end with a question of one of its tools, or read
values back, the message is an answer, and the one before it belongs to the same matter. The first is the request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from realtime_scenarios.standin.agreement import amended
from realtime_scenarios.standin.arguments import IN_PASSING, Evidence, Filling, Path
from realtime_scenarios.standin.conversation import Conversation
from realtime_scenarios.standin.language import Texts
from realtime_scenarios.standin.telling import spoken_value
from realtime_scenarios.standin.tools import Offer, Slot, thing_of
from realtime_scenarios.standin.words import name_words

_SHORTEST_CUT = 12
"""So much of a question must have been said to be known where the caller cut in."""

Fill = Callable[[Offer, Sequence[Evidence]], Filling]


@dataclass(frozen=True, slots=True)
class Matter:
    """`evidence` begins with the request. `offer` is what the open question belongs to; None: no question is open.

    `asked` is the value that was asked for; None: a yes was. `times` counts the same question in a row.
    """

    evidence: tuple[Evidence, ...] = ()
    offer: Offer | None = None
    asked: Slot | None = None
    times: int = 0

    @property
    def request(self) -> str:
        return self.evidence[0].text if self.evidence else ""


def matter_of(
    conversation: Conversation,
    offers: Sequence[Offer],
    texts: Texts,
    fill: Fill,
    likeness: Callable[[str, Offer], float],
) -> Matter:
    """What the caller's newest message is about."""
    at = conversation.last_user
    exchanges: list[tuple[str, str]] = []
    while at is not None:
        words = conversation.words_before(at)
        is_answer = bool(words) and (
            words.endswith((texts.is_that_right, texts.shall_i)) or any(_asked_in(words, offers))
        )
        exchanges.append((words if is_answer else "", conversation.text_at(at)))
        at = conversation.user_before(at) if is_answer else None
    exchanges.reverse()
    if len(exchanges) < 2:
        return Matter(tuple(Evidence(text) for _, text in exchanges))
    before = exchanges[:-1]
    candidates = [
        (offer, slot)
        for offer, slot in [
            *_asked_in(exchanges[-1][0], offers),
            *((offer, None) for offer in offers if not offer.handoff),
        ]
        if slot is not None or _is_confirmed_by(exchanges[-1][0], offer, fill(offer, _evidence(before, offer)), texts)
    ]
    if not candidates:
        return Matter((Evidence(exchanges[-1][1]),))
    offer, slot = max(candidates, key=lambda found: likeness(exchanges[0][1], found[0]))
    times = sum(
        1
        for words, _ in exchanges
        if words and (slot is None or any(found == slot for _, found in _asked_in(words, [offer])))
    )
    return Matter(_evidence(exchanges, offer, fill), offer, slot, times)


def confirmation(offer: Offer, filling: Filling, texts: Texts) -> str:
    """What is read to the caller before it is done: every value, and a question that takes a yes."""
    values = [(slot, value) for slot in offer.slots for value in _values_at(filling.arguments, slot.path)]
    told = [
        spoken_value(value, texts).rstrip(".")
        if texts.code != "en" or len(values) == 1
        else f"{_name_of(slot)} {spoken_value(value, texts).rstrip('.')}"
        for slot, value in values
    ]
    if not told:
        return f"{' '.join(name_words(offer.name)).capitalize()}. {texts.shall_i}"
    text = ", ".join(told)
    return f"{text[:1].upper()}{text[1:]}. {texts.is_that_right}"


def _name_of(slot: Slot) -> str:
    new = "new " if name_words(slot.name)[:1] == ["new"] else ""
    return f"{new}{thing_of(slot.name)}"


def _values_at(arguments: Any, path: Path) -> Iterator[Any]:
    for step in path:
        arguments = arguments.get(step) if isinstance(arguments, dict) else None
    if arguments not in (None, ""):
        yield arguments


def _is_confirmed_by(words: str, offer: Offer, filling: Filling, texts: Texts) -> bool:
    return filling.complete and words.endswith(confirmation(offer, filling, texts))


def _asked_in(words: str, offers: Sequence[Offer]) -> Iterator[tuple[Offer, Slot]]:
    """The values whose questions the words end with, or with the beginning of which where the caller cut in."""
    tail = words[max(words.rfind(mark) for mark in (". ", "! ", "? ")) + 1 :].strip()
    for offer in offers:
        for slot in offer.slots:
            if words and (
                words.endswith(slot.question) or (len(tail) >= _SHORTEST_CUT and slot.question.startswith(tail))
            ):
                yield offer, slot


def _evidence(exchanges: Sequence[tuple[str, str]], offer: Offer, fill: Fill | None = None) -> tuple[Evidence, ...]:
    """The caller's messages, each with what it answers; the end of a value that is corrected is made whole."""
    found: list[Evidence] = []
    for words, text in exchanges:
        slot = next((slot for _, slot in _asked_in(words, [offer])), None)
        said = Evidence(text, slot.path if slot else None if not found else IN_PASSING)
        if found and slot is None and fill is not None:
            said = _made_whole(said, offer, fill(offer, found))
        found.append(said)
    return tuple(found)


def _made_whole(said: Evidence, offer: Offer, before: Filling) -> Evidence:
    """An answer to a read-back: it is about the only value, or about the one whose end it gives."""
    slots = [slot for slot in offer.slots for _ in _values_at(before.arguments, slot.path)]
    for slot in slots:
        for value in _values_at(before.arguments, slot.path):
            if whole := amended(value, said.text):
                return replace(said, text=whole, asked=slot.path)
    return replace(said, asked=slots[0].path) if len(slots) == 1 else said
