"""An agent's states, as they were told as data, as the next step on the way through them.

Theory of operation. A state is walked in one order: what it finds out is asked for, and read back where its author
wants that; a tool of its own is called with what is known (or before, where only the tool can know what the caller is
to choose from); then the way on is taken. What the caller said since they came to the agent counts in every state, so
that nothing is asked twice. The runner decides whether a move is legal: one that is refused is followed by the next.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from realtime_scenarios.realtime.responder import CallFunction, Output, SayText
from realtime_scenarios.standin.arguments import Knowledge, given_early
from realtime_scenarios.standin.briefing import Way
from realtime_scenarios.standin.conversation import (
    Called,
    Returned,
    as_object,
    parsed,
)
from realtime_scenarios.standin.form import asked_again, form_of, is_general, read_back
from realtime_scenarios.standin.smalltalk import ASIDE, Talk, corrects
from realtime_scenarios.standin.stay import GIVEN_EARLY, SET_STATE_TOOL, Stay, asking, only_asks, telling
from realtime_scenarios.standin.telling import has_worked, reading_of, spoken_answer
from realtime_scenarios.standin.tools import Slot
from realtime_scenarios.standin.words import asks, words_of

_MOST_MOVES = 12
"""So many moves between states are made for one message at most."""


class Walk(Stay):
    """The way from where the caller is: what a message of theirs or an output leads to."""

    def takes(self, text: str, talk: Talk | None) -> bool:
        """Whether the caller's newest words are for the state, and no courtesy or question beside it."""
        if talk in ASIDE:
            opens = not self.here.collects or (bool(self.here.required) and self.question() is None)
            return talk == "greeting" and opens and not self.is_recap
        is_answer = bool(self.here.collects) and not self.form.misses
        return self.is_recap or is_answer or not (self.here.tools and asks(text))

    def is_answered(self) -> bool:
        """Whether the newest words gave what was asked for, or a yes or no to what was read back."""
        form = self.form
        is_of_use = form.confirmed or form.withdrawn or (bool(self.here.collects) and not form.misses)
        return bool(self.exchanges) and is_of_use

    def does(self, name: str) -> bool:
        """Whether the function is part of the way from here."""
        return name in (*self.here.tools, *(way.to for way in self.here.ways))

    def elsewhere(self) -> frozenset[str]:
        """Functions that belong to other states than this one."""
        states = self.briefing.states.values()
        owned = {name for state in states for name in (*state.tools, *(way.to for way in state.ways if way.hands_off))}
        return frozenset(name for name in owned if not self.does(name))

    def onward(self) -> list[Output]:
        """The next step: find out what is missing, do what belongs here, move on; empty where there is none."""
        last = self.conversation.text_at(self.conversation.last_user)
        brings_one_back = self.has_arrived and not self.here.collects and not self.exchanges and self.back
        if brings_one_back and (step := self._to(self._way_meant(last))):
            return step
        if self.here.collects or self.is_recap:
            return self._find_out()
        if step := self._own_tool({}):
            return step
        if self.forward and not self.here.tools and not self.was_spoken_to and (words := self._own_words()):
            return [SayText(words)]
        done = not self.here.tools or self.has_worked(self.since_entry, self.here.tools)
        return self._on({}) if done and not self.here.terminal else self._leave()

    def after_a_move(self, last: Returned) -> list[Output]:
        """Go on in the state that was entered, or another way where the move was refused."""
        if "state" in as_object(last.output):
            return self.onward() or self._last_words()
        values = self.new(self.form.found.arguments) if self.form.found.missing is None else {}
        way = next((way for way in (*self.forward, *self.back[:1]) if way.to not in self.tried), None)
        return self._to(way, values if way in self.forward else {}) or [SayText(self.texts.refused)]

    def after_a_call(self, last: Returned, told: str) -> list[Output]:
        """What follows on an answer of a tool of the state's own: it is told, and the way gone on where it may be."""
        tells = spoken_answer(parsed(last.output), "", self.texts) not in ("", self.texts.failed)
        said: list[Output] = [SayText(told)] if tells else []
        if has_worked(last.output):
            if said and (self.chooses_from_tools or not self.forward):
                return said
            onward = self.onward() or ([] if said else self._last_words())
            return [*said, *onward] if not said or all(isinstance(step, CallFunction) for step in onward) else said
        if reading_of(last.output).manner not in ("answer", "failed"):
            return []
        step = self._to(next((way for way in self.back if way.to not in self.tried), None))
        return [SayText(told if said else self.texts.failed), *step] if step else []

    def question(self) -> str | None:
        """What is open here, to be asked again after something else was talked about."""
        missing = self.form.found.missing
        if not self.is_recap and not (self.here.collects and (self.exchanges or self.here.required)):
            return None
        return self._asks(missing) if missing else self._read_back() if self.is_to_be_read else None

    # --- steps --------------------------------------------------------------------------------------------------------

    def _find_out(self) -> list[Output]:
        form, found, text = self.form, self.form.found, self.exchanges[-1].text if self.exchanges else ""
        turns_back = (corrects(text) and (form.misses or form.withdrawn)) or (self.is_recap and text)
        if turns_back and not form.confirmed and (step := self._to(self._way_meant(text))):
            return step
        if found.missing is not None:
            step = self._own_tool(found.arguments) if self.chooses_from_tools else []
            return step or self._in_vain(form.misses, self._asks(found.missing), found.missing)
        if self.is_recap and form.withdrawn:
            return [SayText(self.texts.what_else)]
        if self.is_to_be_read and not form.confirmed:
            return self._in_vain(len(self.exchanges) if self.is_recap else form.misses, self._read_back(), None)
        new = self.new(found.arguments)
        if not (self.here.required or new or self.was_spoken_to) and (words := self._own_words()):
            return [SayText(words)]
        chosen = self.is_recap or (not new and self.chooses_from_tools)
        return ([] if chosen else self._own_tool(found.arguments)) or self._on(new)

    def _own_tool(self, found: Mapping[str, Any]) -> list[Output]:
        """A call of a tool that belongs to the state and did not yet work, or the question for what it needs."""
        called = [entry.name for entry in self.since_entry if isinstance(entry, Called)]
        known = {**self.briefing.known, **found}
        if self.here.terminal and any(way.hands_off for way in self.here.ways):
            return []  # what is done in passing is the caller's wish
        for offer in self.offers:
            is_done = offer.name in called or self.has_worked(self.since_arrival, [offer.name])
            if offer.name not in self.here.tools or is_done:
                continue
            is_answered = self.here.collects and found and not self.chooses_from_tools
            beside = Knowledge(today=self.briefing.today, known=known)
            form = form_of(offer, [] if is_answered else self.exchanges, beside, self.texts)
            if (missing := form.found.missing) is not None:
                words = None if self.exchanges else self._own_words()
                return self._in_vain(form.misses, words or missing.question, missing)
            if form.found.complete:
                return offer.called(form.found.arguments)
        return []

    def _on(self, values: Mapping[str, Any]) -> list[Output]:
        """The first way on that was not tried; after a correction, the one to where all is read."""
        ways = [way for way in self.forward if way.to not in self.tried]
        if not ways:
            return self._leave()
        recap = next((way for way in ways if self.is_back and only_asks(self.briefing.states[way.to])), None)
        return self._to(recap or ways[0], values)

    def _leave(self) -> list[Output]:
        """The handoff that leads on from here, where it is the only one and what belongs here is done."""
        tried = [entry.call.name for entry in self.since_entry if isinstance(entry, Returned) and entry.call]
        names = [way.to for way in self.here.ways if way.hands_off and way.to not in tried]
        exits = [offer for offer in self.offers if offer.name in names]
        done = not self.here.tools or self.has_worked(self.since_arrival, self.here.tools)
        return exits[0].called({}) if len(exits) == 1 and done and not self.forward else []

    def _way_meant(self, text: str) -> Way | None:
        """The way to what the text has another value for, or whose words it shares; None where that is not one way."""
        ways = [*self.forward[0 if self.here.collects or not self.back else 1 :], *self.back]
        valued = [way for way in ways if self._has_another_value(way, text)]
        if len(valued) == 1 and (corrects(text) or self.is_recap):
            return valued[0]
        shared = [len(telling(words_of(text)) & self.words_about(way)) for way in ways]
        best = max(shared, default=0)
        return ways[shared.index(best)] if best and shared.count(best) == 1 else None

    def _has_another_value(self, way: Way, text: str) -> bool:
        given = given_early(asking(self.briefing.states[way.to], self.texts), text, GIVEN_EARLY - {"text"})
        return any(value != self.briefing.known.get(name) for name, value in given.items())

    def _to(self, way: Way | None, values: Mapping[str, Any] | None = None) -> list[Output]:
        if way is None or len(self.tried) >= _MOST_MOVES or way.to in self.tried:
            return []
        return [CallFunction(SET_STATE_TOOL, json.dumps({"next_state": way.to, **(values or {})}, ensure_ascii=False))]

    # --- words --------------------------------------------------------------------------------------------------------

    def _own_words(self) -> str | None:
        """What the state opens with: a text that its author wants said, or a sample question without anybody's data."""
        text = next((text for text in self.here.instructions if "\n" in text.strip()), None)
        if text and not self.here.collects:
            heading, _, rest = text.strip().partition("\n")
            return " ".join((rest if heading.endswith(":") else text).split())
        return next((example for example in self.here.examples if "?" in example and is_general(example)), None)

    def _last_words(self) -> list[Output]:
        words = next((words for words in self.here.examples if is_general(words)), None)
        return [SayText(words)] if words and not any(way.hands_off for way in self.here.ways) else []

    def _asks(self, missing: Slot) -> str:
        """The question for a value: in the state's own words where it is the first of them."""
        own = self._own_words() if missing.name in self.here.required[:1] else None
        return own or missing.question

    def _read_back(self) -> str:
        given = {name: value for name, value in self.to_read.items() if value not in (None, "")}
        return read_back(given, self.texts, " ".join(self.here.instructions) if self.here.collects else "")

    def _in_vain(self, misses: int, words: str, missing: Slot | None) -> list[Output]:
        """The words, or what is said instead after an answer that was of no use: never the same three times."""
        instead = self.briefing.persons or f"{self.texts.given_up} {self.texts.anything_else}"
        words = missing.question if missing is not None and misses > 1 else words
        return [SayText(asked_again(misses, words, self.texts, instead))]
