"""A tool's arguments out of what the caller said, or the one value that has to be asked for."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from realtime_scenarios.standin.conversation import Called, Conversation, Said, parsed
from realtime_scenarios.standin.matching import near_examples
from realtime_scenarios.standin.numerals import ordinal_in
from realtime_scenarios.standin.offers import Kind, Offer, Slot
from realtime_scenarios.standin.values import answers, is_no, list_answers, mentions
from realtime_scenarios.standin.words import content_of, name_words

_CLAIMED_FIRST: tuple[Kind, ...] = ("email", "phone", "date", "seat", "zip", "choice", "address", "digits")
_LASTING: frozenset[Kind] = frozenset(["email", "phone", "zip", "name", "date", "address"])
_ONLY_IF_ASKED: frozenset[Kind] = frozenset(["string", "boolean", "other"])
_NOTHING: Any = object()
IN_PASSING: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something the caller said.

    `asked` is the path of the slot whose question it answers, None for the request, `IN_PASSING` for neither.
    """

    text: str
    asked: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """What the conversation holds: earlier calls that went through, records that tools returned, older words."""

    calls: tuple[Called, ...] = ()
    records: tuple[Mapping[str, Any], ...] = ()
    texts: tuple[str, ...] = ()

    @classmethod
    def of(cls, conversation: Conversation) -> Memory:
        """All of it newest first, but the records of one output in their order."""
        calls: list[Called] = []
        records: list[Mapping[str, Any]] = []
        for returned in conversation.returns():
            data = parsed(returned.output)
            if returned.call is not None and not (isinstance(data, dict) and "error" in data):
                calls.append(returned.call)
            records += _records(data)
        texts = [
            entry.text for entry in reversed(conversation.entries) if isinstance(entry, Said) and entry.role == "user"
        ]
        return cls(tuple(calls[:40]), tuple(records[:200]), tuple(texts[:40]))


@dataclass(frozen=True, slots=True)
class Filling:
    """`arguments` fit the tool's schema where `missing` is None and `complete` is True."""

    arguments: dict[str, Any] = field(default_factory=dict)
    missing: Slot | None = None
    complete: bool = False


def filled(
    offer: Offer,
    evidence: Sequence[Evidence],
    memory: Memory,
    today: datetime.date | None,
    known: Mapping[tuple[str, ...], Any] | None = None,
) -> Filling:
    """The arguments for a call. None is made up: a value was said, was returned, or is the only one allowed.

    `known` are values, by the paths of their slots, that stand where nothing else was said.
    """
    found: dict[tuple[str, ...], Any] = dict(known or {})
    taken: set[str] = set()
    for slot in sorted(offer.slots, key=lambda slot: slot.kind not in _CLAIMED_FIRST):
        if slot.path in found and not any(said.asked == slot.path for said in evidence):
            continue
        value = next(_candidates(slot, offer, evidence, memory, today, taken), _NOTHING)
        if value is not _NOTHING:
            found[slot.path] = value
            if slot.kind != "text":
                taken.add(str(value))
    for slot in offer.slots:
        if slot.required and slot.path not in found:
            return Filling(_nested(offer, found), slot)
    arguments = _nested(offer, found)
    if not offer.parameters.accepts(arguments):
        arguments = _nested(offer, {slot.path: found[slot.path] for slot in offer.slots if slot.required})
    return Filling(arguments, complete=offer.parameters.accepts(arguments))


def _candidates(
    slot: Slot,
    offer: Offer,
    evidence: Sequence[Evidence],
    memory: Memory,
    today: datetime.date | None,
    taken: set[str],
) -> Iterator[Any]:
    """Values for the slot that its schema accepts, the best founded first."""
    if slot.kind == "list":
        values = _list(slot, offer, evidence, memory, today)
        if values and slot.schema.accepts(values):
            yield values
    for value in _found(slot, offer, evidence, memory, today, taken):
        for form in _typed(slot, value):
            if slot.schema.accepts(form):
                yield form
                break
    if slot.required:
        yield from _given_by_the_schema(slot)


def _found(
    slot: Slot,
    offer: Offer,
    evidence: Sequence[Evidence],
    memory: Memory,
    today: datetime.date | None,
    taken: set[str],
) -> Iterator[Any]:
    for said in reversed(evidence):
        if said.asked == slot.path:
            if slot.kind == "code" and memory.records:
                yield from _of_records(slot, said.text, memory.records, named=True)
            yield from answers(slot, said.text, today)
    if slot.kind == "text":
        if slot.required and evidence and evidence[0].asked is None:
            yield evidence[0].text.strip()
        return
    if slot.kind in _ONLY_IF_ASKED:
        return
    sole = slot.required and sum(other.kind == slot.kind for other in offer.slots) == 1
    for said in reversed(evidence):
        meant = said.asked in (None, slot.path) or is_no(said.text)
        yield from mentions(slot, said.text, today, sole=sole and meant, taken=taken)
    if slot.kind == "choice" and slot.required and evidence:
        for example in near_examples(evidence[0].text, offer.option):
            yield from mentions(slot, example, today, sole=True, taken=taken)
    if slot.required:
        yield from _remembered(slot, offer, evidence, memory, today)


def _remembered(
    slot: Slot, offer: Offer, evidence: Sequence[Evidence], memory: Memory, today: datetime.date | None
) -> Iterator[Any]:
    if slot.kind in _LASTING or slot.kind == "code":
        for call in memory.calls:
            if slot.kind in _LASTING or call.name != offer.name:
                yield from (value for name, value in _leaves(call.arguments) if _same(slot, name))
    if slot.kind in ("code", "number") and evidence:
        answering = [said for said in evidence if said.asked == slot.path][-1:] or evidence[:1]
        yield from _of_records(slot, answering[0].text, memory.records)
    if slot.kind in ("phone", "email"):
        for text in memory.texts:
            yield from mentions(slot, text, today, sole=True, taken=())


def _of_records(slot: Slot, text: str, records: Sequence[Mapping[str, Any]], *, named: bool = False) -> Iterator[Any]:
    """The identifier of the record that the caller means, by its place in the list or by its words.

    `named`: one that they say nothing of is not meant, even if there is no other.
    """
    fitting = [record for record in records if any(_same(slot, str(name)) for name in record)]
    if not fitting:
        return
    place = ordinal_in(text)
    asked = set(content_of(text))
    likeness = [len(asked.intersection(content_of(" ".join(map(str, record.values()))))) for record in fitting]
    best = max(likeness)
    if best and likeness.count(best) == 1:
        chosen = fitting[likeness.index(best)]
    elif place is not None and place < len(fitting):
        chosen = fitting[place]
    elif len(fitting) == 1 and not named:
        chosen = fitting[0]
    else:
        return
    yield from (value for name, value in chosen.items() if _same(slot, str(name)))


def _list(
    slot: Slot, offer: Offer, evidence: Sequence[Evidence], memory: Memory, today: datetime.date | None
) -> list[Any]:
    for said in reversed(evidence):
        values = list_answers(slot, said.text, today, asked=said.asked == slot.path)
        if values:
            return values
    if not slot.required:
        return []
    single = slot.name.removesuffix("s")
    earlier = [
        call.arguments[single]
        for call in reversed(memory.calls)
        if call.name != offer.name and single in call.arguments
    ]
    return list(dict.fromkeys(value for value in earlier if isinstance(value, (str, int))))


def _typed(slot: Slot, value: Any) -> Iterator[Any]:
    yield value
    limit = slot.schema.data.get("maxLength")
    if slot.kind == "text" and isinstance(value, str) and isinstance(limit, int) and 0 < limit < len(value):
        yield value[:limit].rstrip()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 16:
        yield int(value)


def _given_by_the_schema(slot: Slot) -> Iterator[Any]:
    """The only value that is allowed, the author's default, or null where null is a value."""
    data = slot.schema.data
    if "const" in data:
        yield data["const"]
    options = data.get("enum")
    if isinstance(options, list) and len(options) == 1:
        yield options[0]
    if "default" in data and slot.schema.accepts(data["default"]):
        yield data["default"]
    if _allows_null(data):
        yield None


def _allows_null(data: Mapping[str, Any]) -> bool:
    kinds = data.get("type")
    options = data.get("enum")
    return isinstance(kinds, list) and "null" in kinds and (not isinstance(options, list) or None in options)


def _nested(offer: Offer, found: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    """Flat values as the object the tool takes, in the order of its schema."""
    arguments: dict[str, Any] = {}
    for slot in offer.slots:
        if slot.path in found:
            inner = arguments
            for step in slot.path[:-1]:
                inner = inner.setdefault(step, {})
            inner[slot.name] = found[slot.path]
    return arguments


def _same(slot: Slot, name: str) -> bool:
    if slot.kind in ("phone", "email", "zip"):
        return any(word in name.lower() for word in {"zip": ("zip", "postal")}.get(slot.kind, (slot.kind,)))
    if slot.kind == "date" and "birth" not in slot.name.lower() and slot.name.lower() != "dob":
        return False
    own, other = set(name_words(slot.name)) - {"new"}, set(name_words(name)) - {"new"}
    return own == other


def _leaves(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in arguments.items():
        if isinstance(value, Mapping):
            yield from _leaves(value)
        else:
            yield name, value


def _records(data: object, depth: int = 0) -> Iterable[Mapping[str, Any]]:
    """The objects that stand in lists inside a tool's output, and the output itself where it is one object."""
    if depth > 4:
        return
    if isinstance(data, dict):
        if depth == 0 and any(not isinstance(value, (dict, list)) for value in data.values()):
            yield data
        for value in data.values():
            yield from _records(value, depth + 1)
    elif isinstance(data, list):
        for entry in data:
            if isinstance(entry, dict):
                yield entry
            yield from _records(entry, depth + 1)
