"""An agent's states, as they were told as data, as the next step on the way through them.

Theory of operation. A state is walked in one order: what it finds out is asked for, and read back where its author
wants that; a tool of its own is called with what is known; then the way on is taken. What the caller said since they
came to the agent counts in every state, so that nothing is asked twice. The runner decides whether a move is legal: one
that is refused is followed by the next.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import dropwhile
from typing import Any

from realtime_scenarios.realtime.responder import CallFunction, Output, SayText
from realtime_scenarios.standin.briefing import Briefing, StateBriefing, ToolBriefing, Way
from realtime_scenarios.standin.conversation import Called, Conversation, Exchange, Returned, as_object, parsed
from realtime_scenarios.standin.form import Form, Knowledge, asked_again, form_of, given_early, read_back
from realtime_scenarios.standin.language import Texts, pattern
from realtime_scenarios.standin.smalltalk import ASIDE, Talk, corrects, smalltalk_in
from realtime_scenarios.standin.telling import has_worked, spoken_answer
from realtime_scenarios.standin.tools import Offer, offer_of
from realtime_scenarios.standin.values import spelled_in
from realtime_scenarios.standin.words import asks, most_alike, name_words, sentences_of, words_of

SET_STATE_TOOL = "set_conversation_state"
"""The function that moves on between states."""


@dataclass
class Walk:
    """The way on from the state `here` of the active agent: what a message of the caller or an output leads to."""

    briefing: Briefing
    here: StateBriefing
    conversation: Conversation
    offers: tuple[Offer, ...]
    texts: Texts

    def takes(self, text: str, talk: Talk | None) -> bool:
        """Whether the caller's newest words are for the state, and no courtesy or question beside it."""
        if talk in ASIDE:
            opens = not self.here.collects or (bool(self.here.required) and self.question() is None)
            return talk == "greeting" and opens and not self.is_recap
        is_answer = bool(self.here.collects) and not self.form.misses
        return self.is_recap or is_answer or not (self.here.tools and asks(text))

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
        brings_one_back = self.conversation.visited and not self.here.collects and not self.exchanges and self.back
        if brings_one_back and (step := self._to(self._way_meant(self.conversation.text))):
            return step
        if self.here.collects or self.is_recap:
            return self._find_out()
        if step := self._own_tool({}):
            return step
        if self.forward and not self.here.tools and not self._in_state.exchanges and (words := self._own_words()):
            return [SayText(words)]
        done = not self.here.tools or _has_worked(self._in_state, self.here.tools)
        return self._on({}) if done and not self.here.terminal else self._leave()

    def after_a_move(self, last: Returned) -> list[Output]:
        """Go on in the state that was entered, or another way where the move was refused."""
        if "state" in as_object(last.output):
            return self.onward()
        values = self._new if self.form.found.missing is None else {}
        way = next((way for way in (*self.forward, *self.back[:1]) if way.to not in self._tried), None)
        return self._to(way, values if way in self.forward else {}) or [SayText(self.texts.refused)]

    def after_a_call(self, last: Returned, told: str) -> list[Output]:
        """What follows on an answer of a tool of the state's own: it is told, and the way gone on where it may be."""
        if not has_worked(last.output):
            return []
        tells = spoken_answer(parsed(last.output), "", self.texts) not in ("", self.texts.failed)
        onward = self.onward() if self.forward or not tells else []
        says_more = any(isinstance(step, SayText) for step in onward)
        return [*([SayText(told)] if tells else []), *([] if tells and says_more else onward)]

    def question(self) -> str | None:
        """What is open here, to be asked again after something else was talked about."""
        is_open = self.is_recap or (self.here.collects and (self.exchanges or self.here.required))
        return self._open if is_open else None

    # --- what is known ------------------------------------------------------------------------------------------------

    @cached_property
    def _with_agent(self) -> Conversation:
        """What happened since the caller came to the agent."""
        return self.conversation.after(lambda returned: returned.agent is not None)

    @cached_property
    def _in_state(self) -> Conversation:
        """What happened since the caller came to this state."""

        def is_move(returned: Returned) -> bool:
            is_ours = returned.call is not None and returned.call.name == SET_STATE_TOOL
            return is_ours and "state" in as_object(returned.output)

        return min(self.conversation.after(is_move), self._with_agent, key=lambda part: len(part.entries))

    @cached_property
    def _tried(self) -> list[Any]:
        """The states that the conversation has moved to, or was refused, since the caller spoke."""
        made = self.conversation.since_user.called
        return [call.arguments.get("next_state") for call in made if call.name == SET_STATE_TOOL]

    @cached_property
    def exchanges(self) -> list[Exchange]:
        """What was said to the caller in this state, and what they said, without what led to other tools."""
        own, entries, said = (*self.here.tools, SET_STATE_TOOL), self._in_state.entries, self._in_state.exchanges
        led_on = [at for at, e in enumerate(entries) if isinstance(e, Called) and e.name not in own]
        others = {max((it.at for it in said if it.at < at), default=-1) for at in led_on}
        answers = [it for it in said if words_of(it.text) and smalltalk_in(it.text) not in ASIDE]
        return [exchange for exchange in answers if exchange.at not in others]

    @cached_property
    def _is_back(self) -> bool:
        """Whether the caller's words have led back to this state: what was known here is to be corrected."""
        order = list(self.briefing.states)
        moves = [as_object(it.output).get("state") for it in self._with_agent.returned]
        been = [order.index(state) for state in (order[0], *moves) if state in order]
        return self.here.id in self._tried and been[-1] < max(been[-2:])

    @cached_property
    def form(self) -> Form:
        """What the state finds out, as if it were a tool whose arguments are asked for.

        What was found out before needs no question, nor what the caller gave early: since they came to the agent, or
        with what led to it.
        """
        form, before, known = asking(self.here, self.texts), self.briefing.known, dict[str, Any]()
        said, here = self.conversation.exchanges, len(self._in_state.exchanges)
        own = 1 if self._is_back else max(1, len(self._with_agent.exchanges) - here)
        for exchange in said[: len(said) - here][-own:]:
            given = given_early(form, exchange.text)
            known |= {name: value for name, value in given.items() if value not in (None, *before.values())}
        known = known if self._is_back else {**before, **known}
        records = Knowledge().with_calls_of(self._in_state.returned).records
        return form_of(form, self.exchanges, Knowledge((), records, self.briefing.today, known), self.texts)

    @cached_property
    def _wants_a_yes(self) -> bool:
        """Whether its author wants what was understood read to the caller."""
        texts = (self.here.description, *self.here.instructions, *(way.condition for way in self.forward[:1]))
        found = (pattern("confirms").search(sentence) for text in texts for sentence in sentences_of(text or ""))
        return any(it is not None and not pattern("is_denied").search(it.string[: it.start()]) for it in found)

    @property
    def is_recap(self) -> bool:
        """Whether the state does nothing but make sure of what is known, or lets the caller choose where to go."""
        only_asks = bool(self.forward) and not self.here.collects and not self.here.tools
        return only_asks and (self._wants_a_yes or len(self.here.ways) > 1)

    @cached_property
    def forward(self) -> list[Way]:
        on = [*dropwhile(lambda state: state != self.here.id, self.briefing.states)]
        return [way for way in self.here.ways if not way.hands_off and way.to in on]

    @property
    def back(self) -> list[Way]:
        return [way for way in self.here.ways if not way.hands_off and way not in self.forward]

    @property
    def _new(self) -> dict[str, Any]:
        """The values that were not known before."""
        before, found = self.briefing.known, self.form.found.arguments
        return {name: value for name, value in found.items() if before.get(name) != value}

    # --- steps --------------------------------------------------------------------------------------------------------

    def _find_out(self) -> list[Output]:
        form, found, text = self.form, self.form.found, self.exchanges[-1].text if self.exchanges else ""
        turns_back = (corrects(text) and (form.misses or form.withdrawn)) or (self.is_recap and text)
        if turns_back and not form.confirmed and (step := self._to(self._way_meant(text))):
            return step
        if self.is_recap and form.withdrawn:
            return [SayText(self.texts.what_else)]
        if self._open is not None and not (found.missing is None and form.confirmed):
            return self._says(len(self.exchanges) if self.is_recap else form.misses, self._open)
        if not (self.here.required or self._new or self._in_state.exchanges) and (words := self._own_words()):
            return [SayText(words)]
        return ([] if self.is_recap else self._own_tool(found.arguments)) or self._on(self._new)

    def _own_tool(self, found: Mapping[str, Any]) -> list[Output]:
        """A call of a tool that belongs to the state and did not yet work, or the question for what it needs."""
        if self.here.terminal and any(way.hands_off for way in self.here.ways):
            return []  # what is done in passing is the caller's wish
        beside = Knowledge(today=self.briefing.today, known={**self.briefing.known, **found})
        for offer in self.offers:
            is_called = offer.name in [call.name for call in self._in_state.called]
            if offer.name not in self.here.tools or is_called or _has_worked(self._with_agent, [offer.name]):
                continue
            form = form_of(offer, [] if self.here.collects and found else self.exchanges, beside, self.texts)
            if (missing := form.found.missing) is not None:
                words = None if self.exchanges else self._own_words()
                return self._says(form.misses, words or missing.question)
            if form.found.complete:
                return offer.called(form.found.arguments)
        return []

    def _on(self, values: Mapping[str, Any]) -> list[Output]:
        """The first way on that was not tried."""
        way = next((way for way in self.forward if way.to not in self._tried), None)
        return self._to(way, values) if way else self._leave()

    def _leave(self) -> list[Output]:
        """The handoff that leads on from here, where it is the only one and what belongs here is done."""
        tried = [returned.call.name for returned in self._in_state.returned if returned.call]
        names = [way.to for way in self.here.ways if way.hands_off and way.to not in tried]
        exits = [offer for offer in self.offers if offer.name in names]
        done = not self.here.tools or _has_worked(self._with_agent, self.here.tools)
        return exits[0].called({}) if len(exits) == 1 and done and not self.forward else []

    def _way_meant(self, text: str) -> Way | None:
        """The way to what the text has another value for, or whose words it shares; None where that is not one way."""
        ways = [*self.forward[0 if self.here.collects or not self.back else 1 :], *self.back]
        known = self.briefing.known
        given = [given_early(asking(self.briefing.states[way.to], self.texts), text) for way in ways]
        valued = [way for way, new in zip(ways, given, strict=True) if any(known.get(it) != new[it] for it in new)]
        if len(valued) == 1 and (corrects(text) or self.is_recap):
            return valued[0]
        names = [" ".join([way.to, *self.briefing.states[way.to].collects]) for way in ways]
        told = [f"{way.condition} {' '.join(name_words(it))}" for way, it in zip(ways, names, strict=True)]
        named = most_alike(text, told)
        return ways[named[0]] if len(named) == 1 else None

    def _to(self, way: Way | None, values: Mapping[str, Any] | None = None) -> list[Output]:
        if way is None or way.to in self._tried:
            return []
        return [CallFunction(SET_STATE_TOOL, json.dumps({"next_state": way.to, **(values or {})}, ensure_ascii=False))]

    # --- words --------------------------------------------------------------------------------------------------------

    def _own_words(self) -> str | None:
        """What the state opens with: a text that its author wants said, or a sample question without anybody's data (no
        digits, spelled letters, names or quotations)."""
        text = next((text for text in self.here.instructions if "\n" in text.strip()), None)
        if text and not self.here.collects:
            heading, _, rest = text.strip().partition("\n")
            return " ".join((rest if heading.endswith(":") else text).split())
        general = (it for it in self.here.examples if not pattern("somebodys").search(it) and not spelled_in(it))
        return next((example for example in general if "?" in example), None)

    @cached_property
    def _open(self) -> str | None:
        """What is asked or read to the caller: the question for what is missing, in the state's own words where it is
        the first of it; what is new, or all that was found out in the order of the states; None: there is nothing."""
        missing, known = self.form.found.missing, self.briefing.known
        if missing is not None:
            own = self._own_words() if missing.name in self.here.required[:1] and self.form.misses < 2 else None
            return own or missing.question
        names = [name for state in self.briefing.states.values() for name in state.collects]
        all_known = {name: known[name] for name in names if name in known}
        values = all_known if self.is_recap else self._new if self._wants_a_yes else {}
        given = {name: value for name, value in values.items() if value not in (None, "")}
        as_wanted = " ".join(self.here.instructions) if self.here.collects else ""
        return read_back(given, self.texts, as_wanted) if given or self.is_recap else None

    def _says(self, misses: int, words: str) -> list[Output]:
        """The words, or what is said instead after so many answers in vain."""
        instead = self.briefing.persons or f"{self.texts.given_up} {self.texts.anything_else}"
        return [SayText(asked_again(misses, words, self.texts, instead))]


def _has_worked(part: Conversation, tools: Sequence[str]) -> bool:
    """Whether one of the tools did in this part what it was called for."""
    return any(it.call and it.call.name in tools and has_worked(it.output) for it in part.returned)


def asking(state: StateBriefing, texts: Texts) -> Offer:
    """A state as if it were a tool that takes what the state finds out."""
    schema = {"type": "object", "properties": dict(state.collects), "required": list(state.required)}
    return offer_of(SET_STATE_TOOL, ToolBriefing(""), schema, texts)
