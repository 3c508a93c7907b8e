"""What a tool or a state needs, as it is found out with the caller: questions, answers, and what came of them.

Theory of operation. The stand-in keeps no state: what it asked stands in the conversation, in its own words. So a form
is filled in anew each time, from the first answer to the newest, each as one to the question that was open then.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from realtime_scenarios.standin.arguments import IN_PASSING, Evidence, Filling, Knowledge, filled
from realtime_scenarios.standin.briefing import StateBriefing
from realtime_scenarios.standin.conversation import Conversation, Exchange
from realtime_scenarios.standin.language import Texts, pattern
from realtime_scenarios.standin.smalltalk import ASIDE, corrects, is_no, is_plain_yes, is_yes, smalltalk_in
from realtime_scenarios.standin.telling import spoken_value
from realtime_scenarios.standin.tools import Offer, Slot, best_of, thing_of
from realtime_scenarios.standin.values import spelled_in
from realtime_scenarios.standin.words import name_words, sentences_of

_NAMED = re.compile(r"(?<=[a-zé,;] )(?!I\b|I['’])[A-Z][a-z]+")
_SIGNS = {"@": "at", ".": "dot", "_": "underscore"}
_MOST_ASKED = 3
"""So often the same thing is asked before it is given up; then it may begin anew."""
_SHORTEST_CUT = 12
"""So much of a question must have been said to be known where the caller cut in."""


@dataclass(frozen=True, slots=True)
class Form:
    """What came of the caller's answers so far, the newest included.

    `asked` is what the newest was asked for, None: nothing, or a yes to what was read back (`was_read`). `confirmed`:
    they said yes to that. `withdrawn`: it was a no, without another value. `misses` counts the answers in vain since
    the last one that was of use.
    """

    offer: Offer
    found: Filling
    evidence: tuple[Evidence, ...] = ()
    asked: Slot | None = None
    was_read: bool = False
    confirmed: bool = False
    withdrawn: bool = False
    misses: int = 0

    def to_confirm(self, texts: Texts) -> str:
        """What is read to the caller before it is done: every value, and a question that takes a yes."""
        values = {path[-1]: value for path, value in self.found.values.items()}
        is_asked = f"{' '.join(name_words(self.offer.name)).capitalize()}. {texts.shall_i}"
        return read_back(values, texts) if values else is_asked


def form_of(offer: Offer, exchanges: Sequence[Exchange], beside: Knowledge, texts: Texts) -> Form:
    """The form as it is after these exchanges; courtesies among them answer nothing."""
    form = Form(offer, filled(offer, (), beside))
    for exchange in exchanges:
        if smalltalk_in(exchange.text) not in ASIDE:
            form = _answered(form, exchange, beside, texts)
    return form


def open_form(conversation: Conversation, offers: Sequence[Offer], beside: Knowledge, texts: Texts) -> Form | None:
    """The form whose question the caller's newest message answers; None where no tool has asked anything."""
    matter = exchanges_of_the_matter(conversation, offers, texts)
    words = (matter[-1].words if matter else None) or ""

    def has_asked(offer: Offer) -> bool:
        if _asked_in(words, offer) or not words.endswith(texts.take_a_yes):
            return _asked_in(words, offer) is not None
        return words.endswith(form_of(offer, matter[:-1], beside, texts).to_confirm(texts))

    asking = [offer for offer in offers if words and has_asked(offer)]
    return form_of(best_of(matter[0].text, asking), matter, beside, texts) if asking else None


def asked_again(misses: int, question: str, texts: Texts, instead: str) -> str:
    """The question after so many answers in vain, or what is said instead of it: never the same three times."""
    times = misses % (_MOST_ASKED + 1)
    return question if not times else instead if times == _MOST_ASKED else f"{texts.not_got} {question}"


def exchanges_of_the_matter(conversation: Conversation, offers: Sequence[Offer], texts: Texts) -> list[Exchange]:
    """The caller's request, and their answers to what was asked about it; oldest first."""
    matter: list[Exchange] = []
    for exchange in reversed(conversation.exchanges):
        words = exchange.words or ""
        is_open = words.endswith(texts.take_a_yes) or any(_asked_in(words, offer) for offer in offers)
        matter.insert(0, exchange if is_open else replace(exchange, words=None))
        if not is_open:
            break
    return [replace(matter[0], words=None), *matter[1:]] if matter else []


def _answered(form: Form, exchange: Exchange, beside: Knowledge, texts: Texts) -> Form:
    """The form after one more answer; one to what was read back is to the only value."""
    words, text, found, slots = exchange.words, exchange.text, form.found, form.offer.slots
    asked = _asked_in(words or "", form.offer) or (found.missing if words is not None else None)
    was_read = bool(words) and str(words).endswith(texts.take_a_yes) and bool(found.arguments or found.complete)
    only = slots[0].path if len(slots) == 1 else next(iter(found.values)) if was_read and len(found.values) == 1 else ()
    said = Evidence(text, None if words is None else asked.path if asked else only or IN_PASSING)
    again = filled(form.offer, [*form.evidence, said], beside)
    unchanged = again.arguments == found.arguments and again.missing == found.missing
    form = replace(form, asked=asked, was_read=was_read, confirmed=False, withdrawn=False)
    if was_read and found.missing is None and (is_plain_yes(text) or unchanged):
        is_once_more = filled(form.offer, [said], beside).arguments == found.arguments != {}
        if is_plain_yes(text) or (is_once_more and not corrects(text)) or (is_yes(text) and not is_no(text)):
            return replace(form, confirmed=True, misses=0)
    if not unchanged:
        return replace(form, found=again, evidence=(*form.evidence, said), misses=0)
    if was_read and is_no(text):
        return replace(form, found=filled(form.offer, (), beside), evidence=(), withdrawn=True, misses=0)
    if words is None:
        return replace(form, evidence=(said,))
    return replace(form, misses=form.misses + any(slot.required for slot in slots))


def _asked_in(words: str, offer: Offer) -> Slot | None:
    """The value whose question the words end with, or with the beginning of which where the caller cut in."""
    tail = words[max(words.rfind(mark) for mark in (". ", "! ", "? ")) + 1 :].strip()
    is_cut = len(tail) >= _SHORTEST_CUT
    asked = (
        slot for slot in offer.slots if words.endswith(slot.question) or (is_cut and slot.question.startswith(tail))
    )
    return next(asked, None) if words else None


def wants_a_yes(state: StateBriefing, conditions: Sequence[str]) -> bool:
    """Whether the author wants what was understood to be read to the caller, and a yes to it."""
    texts = (state.description, *state.instructions, *conditions)
    found = (pattern("confirms").search(sentence) for text in texts for sentence in sentences_of(text or ""))
    return any(match is not None and not pattern("is_denied").search(match.string[: match.start()]) for match in found)


def read_back(values: Mapping[str, Any], texts: Texts, wanted: str = "") -> str:
    """`Customer id C-77, note: ring me. Is that right?`: the values, in English with their names where there are
    several. `wanted` is what their author says about how they are read."""
    told = []
    for name, value in values.items():
        heard = _as_heard(value, wanted, texts)
        thing = f"{'new ' if name_words(name)[:1] == ['new'] else ''}{thing_of(name)}"
        named = f"{thing}{'' if re.search('[0-9@]', heard) else ':'} {heard}"
        told.append(named if len(values) > 1 and texts.code == "en" else heard)
    text = ", ".join(told)
    return f"{text[:1].upper()}{text[1:]}. {texts.is_that_right}" if text else texts.go_on


def is_general(example: str) -> bool:
    """Whether a sample phrase holds no data of anybody's: no digits, spelled letters, names or quotations."""
    return not (re.search(r"\d|[\"“”«»:]|\b\w-\w\b", example) or spelled_in(example) or _NAMED.search(example))


def _as_heard(value: Any, wanted: str, texts: Texts) -> str:
    """A value as its author wants it read: spelled, or digit by digit; a date with its month as a word."""
    told = spoken_value(value, texts).rstrip(".?!")
    if not isinstance(value, str) or not wanted:
        return told
    if pattern("spells").search(wanted) and not re.search(r"\d", value):
        parts = [part for part in re.split(r"([@._]|\s+)", value) if part.strip()]
        return ", ".join([value, *(_SIGNS.get(part, "-".join(part.upper())) for part in parts)])
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value) and texts.code == "en":
        return f"{datetime.date.fromisoformat(value):%B %-d, %Y}"
    if texts.code == "en" and re.search(r"\d", value) and not re.search(r"[^\W\d]", value):
        return ", ".join("-".join(group) for group in re.findall(r"\d+", value))
    return told
