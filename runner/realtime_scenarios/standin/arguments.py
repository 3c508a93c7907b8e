"""A tool's arguments out of what is known, or the one value that has to be asked for. None is ever made up."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from realtime_scenarios.core.kinds import Kind
from realtime_scenarios.standin.conversation import Called, Returned, parsed
from realtime_scenarios.standin.moments import weekdays_in
from realtime_scenarios.standin.numerals import ordinal_in
from realtime_scenarios.standin.tools import Offer, Slot
from realtime_scenarios.standin.values import request_in, unsaid_choice, values_in
from realtime_scenarios.standin.words import content_of, name_words

Path = tuple[str, ...]

_CLAIMED_FIRST: tuple[Kind, ...] = ("email", "phone", "date", "seat", "zip", "choice", "address", "digits")
_LASTING: frozenset[Kind] = frozenset(["email", "phone", "zip", "name", "address"])
_ONLY_IF_ASKED: frozenset[Kind] = frozenset(["boolean", "other"])
_MISSING: Any = object()
IN_PASSING: Path = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something the caller said about the matter at hand.

    `asked` is the path of the slot whose question it answers, None for the request, `IN_PASSING` for neither.
    """

    text: str
    asked: Path | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """What the conversation holds beside the matter at hand: calls that went through, and what tools returned."""

    calls: tuple[Called, ...] = ()
    records: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, entries: Sequence[object]) -> Memory:
        """All of it newest first, but the records of one output in their order."""
        calls: list[Called] = []
        records: list[Mapping[str, Any]] = []
        for returned in reversed(entries):
            if isinstance(returned, Returned):
                data = parsed(returned.output)
                if returned.call is not None and not (isinstance(data, dict) and "error" in data):
                    calls.append(returned.call)
                records += records_in(data)
        return cls(tuple(calls[:40]), tuple(records[:200]))


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
    known: Mapping[str, Any] | None = None,
) -> Filling:
    """The arguments for a call: each was said about this matter, was returned, is known, or is given by the schema.

    `known` are values by name that stand where nothing else was said.
    """
    found: dict[Path, Any] = {}
    taken: list[Any] = []
    for slot in sorted(offer.slots, key=lambda slot: slot.kind not in _CLAIMED_FIRST):
        value = next(_candidates(slot, offer, evidence, memory, today, taken, known or {}), _MISSING)
        if value is not _MISSING:
            found[slot.path] = value
            taken.append(value)
    for slot in offer.slots:
        if slot.required and slot.path not in found:
            return Filling(_nested(offer, found), slot)
    arguments = _nested(offer, found)
    if not offer.parameters.accepts(arguments):
        arguments = _nested(offer, {slot.path: found[slot.path] for slot in offer.slots if slot.required})
    return Filling(arguments, complete=offer.parameters.accepts(arguments))


def known_as(slot: Slot, known: Mapping[str, Any]) -> Iterator[Any]:
    """The known values that go by the slot's name."""
    words = frozenset(name_words(slot.name)) - {"number"}
    by_words = {
        frozenset(name_words(name)) - {"number"}: value for name, value in known.items() if value not in (None, "")
    }
    yield from (
        [by_words[words]] if words in by_words else [value for name, value in by_words.items() if words < name][:1]
    )


def records_in(data: object, depth: int = 0) -> Iterable[Mapping[str, Any]]:
    """The objects that stand in lists inside a tool's output, and the output itself where it is one object."""
    if depth <= 4 and isinstance(data, dict):
        if depth == 0 and any(not isinstance(value, (dict, list)) for value in data.values()):
            yield data
        for value in data.values():
            yield from records_in(value, depth + 1)
    elif depth <= 4 and isinstance(data, list):
        for entry in data:
            if isinstance(entry, dict):
                yield entry
            yield from records_in(entry, depth + 1)


def _candidates(
    slot: Slot,
    offer: Offer,
    evidence: Sequence[Evidence],
    memory: Memory,
    today: datetime.date | None,
    taken: Sequence[Any],
    known: Mapping[str, Any],
) -> Iterator[Any]:
    """Values for the slot that its schema accepts, the best founded first."""
    for value in _found(slot, offer, evidence, memory, today, known):
        for form in _typed(value):
            if slot.schema.accepts(form) and not (form in taken and slot.kind in ("place", "name", "code", "number")):
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
    known: Mapping[str, Any],
) -> Iterator[Any]:
    alike = sum(other.kind == slot.kind for other in offer.slots)
    for said in reversed(evidence):
        if said.asked == slot.path:
            if slot.kind == "code" or (slot.kind == "other" and not known):
                yield from _of_records(slot, said.text, memory.records)
            yield from values_in(slot, said.text, today, asked=True, sole=True)
    if slot.kind == "request" and slot.required and evidence and evidence[0].asked is None:
        yield from values_in(
            slot, evidence[-1].text if len(evidence) == 1 else evidence[0].text, today, asked=False, sole=True
        )
        yield request_in(evidence[0].text)
    if offer.handoff and slot.kind == "text" and slot.required and evidence:
        yield evidence[0].text.strip()
    for said in reversed(evidence) if slot.kind not in _ONLY_IF_ASKED else ():
        meant = said.asked in (None, slot.path, IN_PASSING)
        yield from values_in(slot, said.text, today, asked=False, sole=slot.required and alike == 1 and meant)
    yield from known_as(slot, known) if slot.required else ()  # what may stay open is not dragged along
    if slot.required and offer.handoff and slot.kind == "choice" and evidence:
        yield from _by_an_example(slot, offer, evidence[0].text, today)
    if slot.required:
        yield from _remembered(slot, offer, evidence, memory)
        if slot.kind == "choice" and (choice := unsaid_choice(slot)) is not None:
            yield choice


def _by_an_example(slot: Slot, offer: Offer, text: str, today: datetime.date | None) -> Iterator[Any]:
    """The choice that the author's nearest example names, where a third of the caller's words stand in it."""
    asked = frozenset(content_of(text))
    shared = {example: len(asked & frozenset(content_of(example))) for example in offer.option.examples}
    for example in sorted(shared, key=lambda example: -shared[example]):
        if shared[example] and shared[example] * 3 >= len(asked):
            yield from values_in(slot, example, today, asked=False, sole=True)


def _remembered(slot: Slot, offer: Offer, evidence: Sequence[Evidence], memory: Memory) -> Iterator[Any]:
    """What the caller gave for the same thing before, or what a tool returned that they now speak of."""
    if slot.kind in _LASTING or slot.kind == "code" or "birth" in slot.name.lower():
        for call in memory.calls:
            if slot.kind != "code" or not offer.is_called_by(call):
                yield from (value for name, value in _leaves(call.arguments) if _is_same(slot, name))
    if slot.kind in ("code", "number", "other") and evidence:
        yield from _of_records(slot, evidence[0].text, memory.records)
    if slot.kind == "list":
        single = slot.name.removesuffix("s")
        earlier = [call.arguments[single] for call in reversed(memory.calls) if single in call.arguments]
        yield from [list(dict.fromkeys(value for value in earlier if isinstance(value, (str, int))))] if earlier else []


def _of_records(slot: Slot, text: str, records: Sequence[Mapping[str, Any]]) -> Iterator[Any]:
    """The identifier of the record that the caller names: by its words, its day, or its place in the list."""
    fitting = [record for record in records if any(_is_same(slot, str(name)) for name in record)]
    if not fitting:
        return
    place, asked = ordinal_in(text), set(content_of(text))
    days = {number for _, number in weekdays_in(text)}
    likeness = [
        len(asked.intersection(content_of(" ".join(map(str, record.values())))))
        + 2 * bool(days & set(_days_of(record)))
        for record in fitting
    ]
    best = max(likeness)
    if best and likeness.count(best) == 1:
        chosen = fitting[likeness.index(best)]
    elif place is not None and place < len(fitting):
        chosen = fitting[place]
    elif len(fitting) == 1 and _agrees(text):
        chosen = fitting[0]
    else:
        return
    yield from (value for name, value in chosen.items() if _is_same(slot, str(name)))


def _agrees(text: str) -> bool:
    from realtime_scenarios.standin.agreement import is_yes

    return is_yes(text) or not set(content_of(text)) - {"it"}


def _days_of(record: Mapping[str, Any]) -> Iterator[int]:
    for value in record.values():
        try:
            yield datetime.date.fromisoformat(str(value)[:10]).weekday()
        except ValueError:
            continue


def _typed(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) < 16:
        yield int(value)


def _given_by_the_schema(slot: Slot) -> Iterator[Any]:
    """The only value that is allowed, the author's default, or null where null is a value."""
    data = slot.schema.data
    options = data.get("enum")
    if "const" in data:
        yield data["const"]
    if isinstance(options, list) and len(options) == 1:
        yield options[0]
    if "default" in data and slot.schema.accepts(data["default"]):
        yield data["default"]
    kinds = data.get("type")
    if isinstance(kinds, list) and "null" in kinds and (not isinstance(options, list) or None in options):
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
        return any(word in name.lower() for word in {"zip": ("zip", "postal")}.get(slot.kind, (slot.kind,)))
    return set(name_words(slot.name)) - {"new"} == set(name_words(name)) - {"new"}


def _leaves(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in arguments.items():
        if isinstance(value, Mapping):
            yield from _leaves(value)
        else:
            yield name, value
