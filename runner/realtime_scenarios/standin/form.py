"""What a tool or a state needs, as it is found out with the caller: arguments, questions, answers, what came of them.

Theory of operation. The stand-in keeps no state: what it asked stands in the conversation, in its own words. So a form
is filled in anew each time, from the first answer to the newest, each as one to the question that was open then. Its
values are said about the matter at hand, returned by a tool, known, or given by the schema; none is ever made up.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from realtime_scenarios.core.kinds import kind_of
from realtime_scenarios.standin.conversation import Called, Conversation, Exchange, Returned, parsed
from realtime_scenarios.standin.language import Texts, pattern, understood, word_set
from realtime_scenarios.standin.numerals import ordinal_in, with_digits
from realtime_scenarios.standin.smalltalk import ASIDE, corrected, corrects, is_no, is_plain_yes, is_yes, smalltalk_in
from realtime_scenarios.standin.telling import spoken_value
from realtime_scenarios.standin.tools import Offer, Schema, Slot, best_of, thing_of
from realtime_scenarios.standin.values import values_in
from realtime_scenarios.standin.words import asks, content_of, most_alike, name_words, words_of

Path = tuple[str, ...]

_MISSING: Any = object()
IN_PASSING: Path = ()
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


def open_form(matter: Sequence[Exchange], offers: Sequence[Offer], beside: Knowledge, texts: Texts) -> Form | None:
    """The form whose question the newest message answers, or whose call it amends; None where it does not."""
    words = (matter[-1].words if matter else None) or ""

    def has_asked(offer: Offer) -> bool:
        is_read = words.endswith(texts.take_a_yes) and not _asked_in(words, offer)
        question = form_of(offer, matter[:-1], beside, texts).to_confirm(texts) if is_read else ""
        return words.endswith(question) if is_read else _asked_in(words, offer) is not None

    asking = [offer for offer in offers if words and has_asked(offer)]
    return form_of(best_of(matter[0].text, asking), matter, beside, texts) if asking else None


def _amended(exchange: Exchange, offers: Sequence[Offer]) -> str | None:
    """The question for the value that the caller gives anew for what was called last, where they say nothing else."""
    offer = next((offer for offer in offers if offer.is_called_by(exchange.called) and not offer.handoff), None)
    if offer is None or exchange.called is None or asks(exchange.text):
        return None
    said = content_of(pattern("moment").sub(" ", with_digits(corrected(exchange.text))))
    words = {word for word in said if word.isalpha()} - {*content_of(" ".join(word_set("corrects")))}
    about = content_of(" ".join([offer.about, *offer.option.examples, *(thing_of(slot.name) for slot in offer.slots)]))
    made = [value for record in records_in(exchange.called.arguments) for value in record.values()]
    for slot in (slot for kind in understood()["given_anew"] for slot in offer.slots if slot.kind == kind):
        new = [*filter(slot.schema.accepts, values_in(slot, exchange.text, None, asked=False, sole=True))]
        beside = words - {*content_of(" ".join(map(str, new)))}
        if new and new[0] not in made and len(beside) < 2 and beside.issubset(about):
            return slot.question
    return None


def asked_again(misses: int, question: str, texts: Texts, instead: str) -> str:
    """The question after so many answers in vain, or what is said instead of it: never the same three times."""
    times = misses % (_MOST_ASKED + 1)
    return question if not times else instead if times == _MOST_ASKED else f"{texts.not_got} {question}"


def matter_of(conversation: Conversation, offers: Sequence[Offer], texts: Texts) -> list[Exchange]:
    """The caller's request, and their answers to what was asked about it; oldest first."""
    matter, amended = list[Exchange](), None
    for exchange in reversed(conversation.exchanges):
        if amended is not None and exchange.called is amended:
            continue  # talk between a call and what amends it
        words = exchange.words or ""
        is_open = words.endswith(texts.take_a_yes) or any(_asked_in(words, offer) for offer in offers)
        if not is_open and (question := _amended(exchange, offers)):
            exchange, amended, is_open = replace(exchange, words=question), exchange.called, True
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
    cut = tail if len(tail) >= _SHORTEST_CUT else "?"
    asked = (slot for slot in offer.slots if words.endswith(slot.question) or slot.question.startswith(cut))
    return next(asked, None) if words else None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something the caller said about the matter at hand.

    `asked` is the path of the slot whose question it answers, None for the request, `IN_PASSING` for neither.
    """

    text: str
    asked: Path | None = None


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What there is beside the matter at hand: calls that went through, what tools returned (both newest first), the
    day, and values by name that stand where nothing else was said."""

    calls: tuple[Called, ...] = ()
    records: tuple[Mapping[str, Any], ...] = ()
    today: datetime.date | None = None
    known: Mapping[str, Any] = field(default_factory=dict)

    def with_calls_of(self, returned: Sequence[Returned]) -> Knowledge:
        """The same with what these outputs hold; the records of one output stay in their order."""
        made = [(it.call, parsed(it.output)) for it in reversed(returned)]
        calls = (call for call, data in made if call and not (isinstance(data, dict) and "error" in data))
        records = (record for _, data in made for record in records_in(data))
        return replace(self, calls=tuple(islice(calls, 40)), records=tuple(islice(records, 200)))


@dataclass(frozen=True, slots=True)
class Filling:
    """`arguments` fit the tool's schema where `complete`; `missing` is what has to be asked for first. `values` are
    those that say something, each by the path of its slot."""

    arguments: dict[str, Any] = field(default_factory=dict)
    values: Mapping[Path, Any] = field(default_factory=dict)
    missing: Slot | None = None
    complete: bool = False


def filled(offer: Offer, evidence: Sequence[Evidence], beside: Knowledge) -> Filling:
    """The arguments for a call: each was said about this matter, was returned, is known, or is given by the schema."""
    found: dict[Path, Any] = {}
    for slot in sorted(offer.slots, key=lambda slot: slot.kind not in word_set("claimed_first")):
        taken = list(found.values()) if slot.kind in word_set("given_once") else []
        forms = (form for value in _founded(slot, offer, evidence, beside) for form in _forms_of(value))
        value = next((form for form in forms if slot.schema.accepts(form) and form not in taken), _MISSING)
        if value is not _MISSING:
            found[slot.path] = value
    missing = next((slot for slot in offer.slots if slot.required and slot.path not in found), None)
    arguments = _nested(offer, found)
    values = {slot.path: found[slot.path] for slot in offer.slots if found.get(slot.path) not in (None, "")}
    return Filling(arguments, values, missing, missing is None and offer.parameters.accepts(arguments))


def given_early(offer: Offer, text: str) -> Mapping[str, Any]:
    """The values in a text that are known for what they are, though nobody has asked for them."""
    known = (slot for slot in offer.slots if slot.kind in word_set("given_early"))
    telling = tuple(slot for slot in known if slot.kind != "code" or "pattern" in slot.schema.data)
    form = replace(offer, slots=telling, parameters=Schema({}))
    return filled(form, [Evidence(text, IN_PASSING)], Knowledge()).arguments


def records_in(data: object, depth: int = 5) -> Iterator[Mapping[str, Any]]:
    """The objects inside a tool's output that hold a plain value, the outer ones first."""
    if isinstance(data, dict) and any(not isinstance(value, (dict, list)) for value in data.values()):
        yield data
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    for entry in inner if depth else ():
        yield from records_in(entry, depth - 1)


def _founded(slot: Slot, offer: Offer, evidence: Sequence[Evidence], beside: Knowledge) -> Iterator[Any]:
    """Values for the slot, the best founded first."""
    request = evidence[0].text.strip() if evidence and evidence[0].asked is None else ""
    for said in reversed(evidence):
        if said.asked == slot.path:
            if slot.kind == "code" or (slot.kind == "other" and not beside.known):
                yield from _of_records(slot, said.text, beside.records)
            yield from values_in(slot, said.text, beside.today, asked=True, sole=True)
        elif said.asked is not None and corrects(said.text) and slot.kind not in word_set("only_if_asked"):
            yield from values_in(slot, said.text, beside.today, asked=False, sole=False)
    if slot.kind == "request" and slot.required and request:
        yield from values_in(slot, request, beside.today, asked=False, sole=True)
    if (slot.kind == "request" or (slot.kind == "text" and offer.handoff)) and slot.required and request:
        yield request
    alike = sum(other.kind == slot.kind for other in offer.slots)
    for said in reversed(evidence) if slot.kind not in word_set("only_if_asked") else ():
        sole = slot.required and alike == 1 and said.asked in (None, slot.path, IN_PASSING)
        yield from values_in(slot, said.text, beside.today, asked=False, sole=sole)
    if slot.required:  # what may stay open is not dragged along
        # the known value that goes by its name: `phone` is a `phone_number`, or a `user_phone`
        words, shortest_first = {*name_words(slot.name)} - {"number"}, sorted(beside.known, key=len)
        named = [beside.known[it] for it in shortest_first if words.issubset(name_words(it))]
        yield from [value for value in named if value not in (None, "")][:1]
        yield from _remembered(slot, offer, evidence, beside)
        yield from _given_by_the_schema(slot)


def _remembered(slot: Slot, offer: Offer, evidence: Sequence[Evidence], beside: Knowledge) -> Iterator[Any]:
    """What the caller gave for the same thing before, or what a tool returned that they now speak of."""
    if slot.kind in word_set("lasting") or slot.kind == "code" or "birth" in slot.name.lower():
        calls = (call for call in beside.calls if slot.kind != "code" or not offer.is_called_by(call))
        given = (item for call in calls for record in records_in(call.arguments) for item in record.items())
        yield from (value for name, value in given if _is_same(slot, name))
    if slot.kind in ("code", "number", "other") and evidence:
        yield from _of_records(slot, evidence[0].text, beside.records)
    if slot.kind == "list":  # all that was given one by one, such as the items of a cart
        single = slot.name.removesuffix("s")
        each = [call.arguments[single] for call in reversed(beside.calls) if single in call.arguments]
        yield from [list(dict.fromkeys(map(str, each)))] if each else []


def _of_records(slot: Slot, text: str, records: Sequence[Mapping[str, Any]]) -> Iterator[Any]:
    """The identifier of the record that the caller names: by its words, or by its place in the list."""
    fitting = [record for record in records if any(_is_same(slot, str(name)) for name in record)]
    place, named = ordinal_in(text), most_alike(text, [" ".join(map(str, record.values())) for record in fitting])
    points = is_yes(text) or not {*content_of(text)} - {"it"} or not word_set("points").isdisjoint(words_of(text))
    if len(named) == 1:
        fitting = [fitting[named[0]]]
    elif place is not None:
        fitting = fitting[place:][:1]
    elif len(fitting) > 1 or not points:
        return
    yield from (value for record in fitting for name, value in record.items() if _is_same(slot, str(name)))


def _forms_of(value: Any) -> Iterator[Any]:
    """The value, and as a text or a number where the schema may want the other."""
    yield value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 16:
        yield int(value)


def _given_by_the_schema(slot: Slot) -> Iterator[Any]:
    """What stands where nobody names anything: any, the only value, the author's default, or null."""
    data = slot.schema.data
    options, kinds = data.get("enum"), data.get("type")
    if isinstance(options, list) and pattern("unless_said").search(slot.description):
        yield from (option for option in options if option in ("any", "all"))
    yield from (data[key] for key in ("const", "default") if key in data)
    yield from options if isinstance(options, list) and len(options) == 1 else ()
    if isinstance(kinds, list) and "null" in kinds:
        yield None


def _nested(offer: Offer, found: Mapping[Path, Any]) -> dict[str, Any]:
    """Flat values as the object the tool takes, in the order of its schema."""
    arguments: dict[str, Any] = {}
    for slot in offer.slots:
        if slot.path in found:
            inner = arguments
            for step in slot.path[:-1]:
                inner = inner.setdefault(step, {})
            inner[slot.name] = found[slot.path]
    return arguments


def _is_same(slot: Slot, name: str) -> bool:
    if slot.kind in ("phone", "email", "zip"):
        return kind_of(name, {}) == slot.kind
    return set(name_words(slot.name)) - {"new", "number"} == set(name_words(name)) - {"new", "number"}


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


def _as_heard(value: Any, wanted: str, texts: Texts) -> str:
    """A value as its author wants it read: spelled, or digit by digit; a date with its month as a word."""
    told = spoken_value(value, texts).rstrip(".?!")
    if not isinstance(value, str) or not wanted:
        return told
    if pattern("spells").search(wanted) and not re.search(r"\d", value):
        parts = [part for part in re.split(r"([@._]|\s+)", value) if part.strip()]
        return ", ".join([value, *(understood()["said_of_signs"].get(part, "-".join(part.upper())) for part in parts)])
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value) and texts.code == "en":
        return f"{datetime.date.fromisoformat(value):%B %-d, %Y}"
    if texts.code == "en" and re.search(r"\d", value) and not re.search(r"[^\W\d]", value):
        return ", ".join("-".join(group) for group in re.findall(r"\d+", value))
    return told
