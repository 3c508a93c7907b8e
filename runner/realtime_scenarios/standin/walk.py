"""A conversation in one of an agent's states as the next step on its way through them."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from realtime_scenarios.realtime.responder import CallFunction, Output, SayText
from realtime_scenarios.standin import readback, smalltalk
from realtime_scenarios.standin.arguments import IN_PASSING, Evidence, Memory, filled
from realtime_scenarios.standin.contacts import joined_in
from realtime_scenarios.standin.conversation import Called, Conversation, Returned, Said, parsed
from realtime_scenarios.standin.heard import (
    MOST_ASKED,
    Heard,
    answers_here,
    corrects,
    heard_in,
    is_plain_yes,
    said_on_entry,
)
from realtime_scenarios.standin.marks import SET_STATE_TOOL
from realtime_scenarios.standin.offers import Offer, Slot
from realtime_scenarios.standin.spoken import REFUSED, reading_of, spoken_answer
from realtime_scenarios.standin.states import (
    Place,
    Way,
    collected_in,
    entered,
    since_arrival,
    since_entry,
    values_for,
)
from realtime_scenarios.standin.values import is_no, is_yes
from realtime_scenarios.standin.words import STOP_WORDS, name_words, stem, words_of

_MOST_MOVES = 12
"""So many moves between states are made for one message at most."""


@dataclass
class Walk:
    """The way through an agent's states, from the one that the conversation is in.

    `has_arrived`: the caller was handed to the agent with the message at hand. `way_out` is what the instructions want
    said to a caller with whom it does not go on.
    """

    place: Place
    conversation: Conversation
    offers: tuple[Offer, ...]
    today: datetime.date | None
    has_arrived: bool
    way_out: str = ""

    @property
    def is_answered(self) -> bool:
        """Whether the caller's newest words are of use for what the state asks for."""
        if not self._answers:
            return False
        if self.place.collects.slots:
            return not self._heard.misses
        text = self._answers[-1]
        return self._asks_for_a_yes and (is_yes(text) or is_no(text) or self._way_meant(text) is not None)

    def does(self, name: str) -> bool:
        """Whether the function is part of the way from here."""
        return name in (*self.place.tools, *self.place.exits)

    def onward(self) -> Output | None:
        """The next step: find out what is missing, do what belongs here, move on; None where there is none."""
        if self._is_over:
            return self._elsewhere() or (self._leave() if not self._answers else None)
        if self.place.collects.slots:
            return self._find_out()
        if self.has_arrived and not self._answers and self.place.back:
            way = self._way_meant(said_on_entry(self.conversation))
            return self._to(way) if way is not None else SayText(readback.WHAT_ELSE)
        return self._elsewhere() or self._own_tool({}) or self._pass() or self._leave()

    def after_a_move(self, last: Returned) -> Output | None:
        """Go on in the state that was entered, or another way where the move was refused; None where all is done."""
        if entered(last) is None:
            return self._another_way() or SayText(REFUSED)
        if (step := self.onward()) is not None:
            return step
        words = readback.last_words(self.place) if not self.place.exits else None
        return SayText(words) if words else None

    def after_a_call(self, last: Returned) -> Output | None:
        """What follows on an answer of a tool of the state's own; None where the answer is to be told first."""
        if reading_of(last.output).manner != "answer":
            return None
        told = spoken_answer(parsed(last.output), "", looked_up=False, done="")
        return None if told else self.onward()

    def question(self) -> str | None:
        """What is still open here, to be asked again after something else was talked about."""
        heard = self._heard
        if not self.place.collects.slots or (heard.found.missing is None and not self._asks_for_a_yes):
            return None
        if heard.found.missing is None:
            return readback.read_back(self._new(heard.found.arguments), self.place)
        if self._looked_up_first and (step := self._own_tool(heard.found.arguments)) is not None:
            return step.text if isinstance(step, SayText) else None
        return self._asks(heard.found.missing)

    @cached_property
    def _answers(self) -> list[str]:
        return answers_here(self.conversation, (*self.place.tools, SET_STATE_TOOL))

    @cached_property
    def _heard(self) -> Heard:
        known = {} if self._is_back else values_for(self.place.collects, self.place.known)
        return heard_in(
            self.place.collects,
            answers_here(self.conversation, (*self.place.tools, SET_STATE_TOOL), after=self._looked_up_first),
            self._records,
            self.today,
            known={**known, **self._volunteered},
            reads_back=self._asks_for_a_yes,
        )

    @property
    def _volunteered(self) -> dict[tuple[str, ...], Any]:
        """What the words that led here hold for this state, and did not hold for another."""
        said = Evidence(said_on_entry(self.conversation), IN_PASSING)
        found = filled(self.place.collects, [said], Memory(), self.today).arguments
        used = list(collected_in(self.conversation).values())
        return {(name,): value for name, value in found.items() if value not in used}

    @cached_property
    def _records(self) -> Memory:
        """What the tools of this state have returned in it."""
        memory = Memory.of(Conversation(since_entry(self.conversation)))
        return Memory(records=memory.records)

    @cached_property
    def _asks_for_a_yes(self) -> bool:
        if self.place.collects.slots:
            return readback.wants_a_yes(self.place)
        return not self.place.tools and (len(self.place.ways) > 1 or readback.wants_a_yes(self.place))

    @cached_property
    def _is_back(self) -> bool:
        """Whether the caller's words have led back to a value that was known: it is asked for anew."""
        said = said_on_entry(self.conversation)
        move = next((made for made in reversed(self._moves_here) if entered(made) is not None), None)
        if not said or move is None or move.call is None or len(move.call.arguments) > 1:
            return False
        return corrects(said) or (self._was_here_before and not is_yes(said))

    @cached_property
    def _moves_here(self) -> list[Returned]:
        """The moves between the agent's states since the caller came to it."""
        since = since_arrival(self.conversation)
        return [
            entry for entry in since if isinstance(entry, Returned) and entry.call and entry.call.name == SET_STATE_TOOL
        ]

    @cached_property
    def _was_here_before(self) -> bool:
        states = [entered(move) for move in self._moves_here]
        return self.place.begins or states.count(self.place.id) > 1

    @property
    def _is_over(self) -> bool:
        """Whether nothing has to follow on this state, and what it does is done."""
        if not self.place.tools:
            return self.place.ends
        visited = {entered(move) for move in self._moves_here}
        ends = self.place.ends or (bool(self.place.ways) and all(way.to in visited for way in self.place.ways))
        return ends and not self.place.collects.slots and (self._was_done_here or self._own_tool({}) is None)

    @property
    def _was_done_here(self) -> bool:
        return any(_has_worked(entry, self.place.tools) for entry in since_entry(self.conversation))

    def _find_out(self) -> Output | None:
        """The question that is open, the values read back, a tool that needs them, or the way on with them."""
        heard, place = self._heard, self.place
        found, new = heard.found, self._new(heard.found.arguments)
        if self._is_meant_otherwise and (step := self._elsewhere()) is not None:
            return step
        if found.missing is not None:
            if self._looked_up_first and (step := self._own_tool(found.arguments)) is not None:
                return step
            return SayText(self._in_vain(heard, self._asks(found.missing), found.missing))
        if not new and not self._answers and not any(slot.required for slot in place.collects.slots):
            words = readback.own_words(place)
            if words:
                return SayText(words)
        if self._asks_for_a_yes and new and not heard.confirmed:
            return SayText(self._in_vain(heard, readback.read_back(new, place), None))
        return self._own_tool(found.arguments) or self._on(new)

    def _elsewhere(self) -> Output | None:
        """The way that the caller's newest words name, where they turn something down or want another thing."""
        text = self._answers[-1] if self._answers else ""
        if not text or (is_plain_yes(text) and not corrects(text)):
            return None
        way = self._way_meant(text)
        return self._to(way) if way is not None else None

    @property
    def _is_meant_otherwise(self) -> bool:
        return (
            bool(self._answers) and corrects(self._answers[-1]) and (bool(self._heard.misses) or self._heard.withdrawn)
        )

    def _pass(self) -> Output | None:
        """On from a state that finds nothing out: after a yes where several ways or a read-back hang on it."""
        place, text = self.place, self._answers[-1] if self._answers else ""
        if not place.ways or (place.tools and not self._was_done_here):
            return None
        if not self._asks_for_a_yes:
            words = readback.own_words(place) if not place.tools else None
            return self._on({}) if self._was_spoken_to or not words else SayText(words)
        asked = self._last_words.endswith("?") and self._last_words != readback.WHAT_ELSE
        if text and asked and is_yes(text):
            return self._on({})
        if text and asked and is_no(text):
            return SayText(readback.WHAT_ELSE)
        words = readback.own_words(place) if not readback.wants_a_yes(place) else None
        words = words or readback.read_back(place.known, place)
        misses = len(self._answers) if asked else 0
        return SayText(self._in_vain(Heard(misses=misses), words, None))

    @property
    def _was_spoken_to(self) -> bool:
        """Whether the caller has said something since the state was entered."""
        return any(isinstance(entry, Said) and entry.role == "user" for entry in since_entry(self.conversation))

    @property
    def _last_words(self) -> str:
        """What the agent said last."""
        entries = reversed(self.conversation.entries)
        return next((entry.text for entry in entries if isinstance(entry, Said) and entry.role == "assistant"), "")

    def _leave(self) -> Output | None:
        """The handoff that leads on from here, once what comes before it has worked."""
        place = self.place
        if place.ways or len(place.exits) != 1 or (place.tools and not self._has_worked):
            return None
        here = since_entry(self.conversation)
        refused = [entry.call.name for entry in here if isinstance(entry, Returned) and entry.call]
        if place.exits[0] in refused or (self.has_arrived and not place.tools):
            return None
        return CallFunction(place.exits[0], "{}")

    @property
    def _has_worked(self) -> bool:
        return any(_has_worked(entry, self.place.tools) for entry in since_arrival(self.conversation))

    def _own_tool(self, found: Mapping[str, Any]) -> Output | None:
        """A call of a tool that belongs to the state and was not made in it, or the question for what it needs."""
        since = [entry for entry in since_entry(self.conversation) if isinstance(entry, Called)]
        for offer in self.offers:
            if offer.name in self.place.tools and offer.name not in [entry.name for entry in since]:
                known = values_for(offer, {**collected_in(self.conversation), **self.place.known, **found})
                answers = [] if self.place.collects.slots and found else self._answers
                heard = heard_in(offer, answers, Memory(), self.today, known=known)
                if heard.found.missing is not None:
                    words = readback.own_words(self.place) if not self._answers else None
                    return SayText(self._in_vain(heard, words or heard.found.missing.question, heard.found.missing))
                if heard.found.complete and not self._was_done(offer, heard.found.arguments):
                    return offer.call(heard.found.arguments)
        return None

    def _was_done(self, offer: Offer, arguments: Mapping[str, Any]) -> bool:
        """Whether the very same call has gone through since the caller came to this agent."""
        return any(
            _has_worked(entry, (offer.name,)) and entry.call.arguments == arguments
            for entry in since_arrival(self.conversation)
            if isinstance(entry, Returned) and entry.call is not None
        )

    @property
    def _looked_up_first(self) -> tuple[str, ...]:
        """The tools of the state that need none of its values: what they return is what the caller chooses from."""
        required = [slot for slot in self.place.collects.slots if slot.required]
        own = [offer for offer in self.offers if required and offer.name in self.place.tools]
        return tuple(offer.name for offer in own if not any(_takes(offer, slot) for slot in required))

    def _asks(self, missing: Slot) -> str:
        """The question for a value: in the state's own words where it is the first of them."""
        first = next((slot for slot in self.place.collects.slots if slot.required), None)
        words = readback.own_words(self.place) if first is missing or first == missing else None
        return words or missing.question

    def _in_vain(self, heard: Heard, words: str, missing: Slot | None) -> str:
        """The words, or what is said instead after an answer that was of no use: never the same three times."""
        misses = heard.misses % (MOST_ASKED + 1)
        if not misses:
            return words
        if misses == MOST_ASKED:
            return self.way_out or f"{smalltalk.GIVEN_UP} {smalltalk.ANYTHING_ELSE}"
        form = readback.form_of(missing) if missing is not None else ""
        if misses > 1 and missing is not None:
            words = f"{missing.question} {form}" if form else missing.question
            return f"I am sorry, I still did not get that. {words}"
        return f"{smalltalk.NOT_GOT} {form} {words}".replace("  ", " ")

    def _new(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """The values that were not known before."""
        known = {} if self._is_back else self.place.known
        return {name: value for name, value in found.items() if known.get(name) != value}

    def _way_meant(self, text: str) -> Way | None:
        """The way whose condition shares most words with the text, or that leads to what the text has a value for."""
        said = _content(text)
        for name, value in self.place.known.items():
            if _is_like(value, text):
                said |= {stem(word) for word in name_words(name)}
        ways = (*self.place.ways[0 if self._is_over or self.place.collects.slots else 1 :], *self.place.back)
        shared = [len(said.intersection(_about(way))) for way in ways]
        best = max(shared, default=0)
        return ways[shared.index(best)] if best and shared.count(best) == 1 else None

    def _on(self, values: Mapping[str, Any]) -> Output | None:
        """The first way on that was not refused since the caller spoke."""
        way = next((way for way in self.place.ways if way.to not in self._tried), None)
        return self._to(way, values) if way is not None else None

    def _another_way(self) -> Output | None:
        """Another way, after one was refused: on if there is one, otherwise back."""
        values = self._new(self._heard.found.arguments) if self._heard.found.missing is None else {}
        ways = [way for way in (*self.place.ways, *self.place.back[:1]) if way.to not in self._tried]
        return self._to(ways[0], values if ways[0] in self.place.ways else {}) if ways else None

    def _to(self, way: Way, values: Mapping[str, Any] | None = None) -> Output | None:
        if len(self._tried) >= _MOST_MOVES or way.to in self._tried:
            return None
        return CallFunction(SET_STATE_TOOL, json.dumps({"next_state": way.to, **(values or {})}, ensure_ascii=False))

    @cached_property
    def _since_the_caller(self) -> Sequence[Any]:
        return self.conversation.since(self.conversation.last_user)

    @cached_property
    def _tried(self) -> list[Any]:
        """The states that the conversation has moved to, or was refused, since the caller spoke."""
        return [
            entry.arguments.get("next_state")
            for entry in self._since_the_caller
            if isinstance(entry, Called) and entry.name == SET_STATE_TOOL
        ]


def _has_worked(entry: object, tools: Sequence[str]) -> bool:
    """Whether this is an answer of one of the tools that says it did what it was called for."""
    if not isinstance(entry, Returned) or entry.call is None or entry.call.name not in tools:
        return False
    data = parsed(entry.output)
    said_no = isinstance(data, dict) and any(data.get(name) is False for name in ("success", "ok", "result"))
    return reading_of(entry.output).manner == "answer" and data is not False and not said_no


def _takes(offer: Offer, wanted: Slot) -> bool:
    words = set(name_words(wanted.name))
    return any(set(name_words(slot.name)) <= words or words <= set(name_words(slot.name)) for slot in offer.slots)


def _about(way: Way) -> set[str]:
    named = [word for name in (way.to, *way.collects) for word in name_words(name)]
    return {*_content(way.condition), *map(stem, named)}


def _content(text: str) -> set[str]:
    """The stems of the words that tell something; `id` is one here."""
    return {stem(word) for word in words_of(text) if word not in STOP_WORDS or word == "id"}


def _is_like(value: object, text: str) -> bool:
    """Whether a word of the text has the shape of the value: letters for letters, digits for digits."""
    if not isinstance(value, str) or not re.search(r"[\d@]", value):
        return False
    words = [*joined_in(text), *(word.strip(".,!?;:") for word in text.split())]
    return any(_shape(word) == _shape(value) for word in words)


def _shape(text: str) -> str:
    if "@" in text:
        return "@"
    return re.sub(r"[A-Za-z]+", "a", re.sub(r"\d+", "0", text))
