"""A caller's stay in a state of an agent: what was said in it, what it finds out, and where it leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from realtime_scenarios.core.kinds import Kind
from realtime_scenarios.standin.arguments import Knowledge, given_early, known_as
from realtime_scenarios.standin.briefing import Briefing, StateBriefing, ToolBriefing, Way
from realtime_scenarios.standin.conversation import Called, Conversation, Entry, Returned, Said, as_object, is_said_by
from realtime_scenarios.standin.form import Exchange, Form, form_of, wants_a_yes
from realtime_scenarios.standin.language import Texts
from realtime_scenarios.standin.smalltalk import ASIDE, smalltalk_in
from realtime_scenarios.standin.telling import has_worked
from realtime_scenarios.standin.tools import Offer, offer_of
from realtime_scenarios.standin.words import STOP_WORDS, name_words, stem, words_of

SET_STATE_TOOL = "set_conversation_state"
"""The function that moves on between states."""
GIVEN_EARLY: frozenset[Kind] = frozenset(["email", "phone", "name", "date", "text", "code"])
"""Kinds of values that are known for what they are when nobody has asked for them."""


@dataclass
class Stay:
    """The state `here` of the active agent. `has_arrived`: the caller came to the agent with the message at hand."""

    briefing: Briefing
    here: StateBriefing
    conversation: Conversation
    offers: tuple[Offer, ...]
    texts: Texts
    has_arrived: bool

    @cached_property
    def since_arrival(self) -> Sequence[Entry]:
        return self.conversation.since_return(lambda returned: returned.agent is not None)

    @cached_property
    def since_entry(self) -> Sequence[Entry]:
        return min(self.conversation.since_return(_moved_on), self.since_arrival, key=len)

    @cached_property
    def tried(self) -> list[Any]:
        """The states that the conversation has moved to, or was refused, since the caller spoke."""
        since = self.conversation.since_user
        moves = [entry for entry in since if isinstance(entry, Called) and entry.name == SET_STATE_TOOL]
        return [move.arguments.get("next_state") for move in moves]

    @property
    def was_spoken_to(self) -> bool:
        return any(is_said_by(entry, "user") for entry in self.since_entry)

    @cached_property
    def exchanges(self) -> list[Exchange]:
        """What was said to the caller in this state, and what they said, without what led to other tools."""
        exchanges: list[Exchange] = []
        words = ""
        for entry in self.since_entry:
            match entry:
                case Said(role="assistant", text=words):
                    pass
                case Said(text=text):
                    is_answer = bool(words_of(text)) and smalltalk_in(text) not in ASIDE
                    exchanges += [Exchange(words, text)] if is_answer else []
                    words = ""
                case Called(name=name) if name in self.chooses_from_tools:
                    exchanges.clear()
                case Called(name=name) if exchanges and name not in (*self.here.tools, SET_STATE_TOOL):
                    exchanges.pop()
        return exchanges

    @cached_property
    def is_back(self) -> bool:
        """Whether the caller's words have led back to this state: what was known here is to be corrected."""
        order = list(self.briefing.states)
        moves = [as_object(entry.output).get("state") for entry in self.since_arrival if isinstance(entry, Returned)]
        states = [order[0], *(state for state in moves if state in order)]
        return self.here.id in self.tried and len(states) > 1 and order.index(states[-1]) < order.index(states[-2])

    @cached_property
    def needs_no_question(self) -> dict[str, Any]:
        """What needs no question here: what was found out before, and what the caller gave early."""
        before, collects = self.briefing.known, asking(self.here, self.texts)
        known = {} if self.is_back else dict(before)
        earlier = self.since_arrival[: len(self.since_arrival) - len(self.since_entry)]
        texts = [entry.text for entry in earlier if isinstance(entry, Said) and entry.role == "user"]
        came = self.conversation.user_before(len(self.conversation.entries) - len(self.since_arrival))
        for text in texts[-1:] if self.is_back else texts or [self.conversation.text_at(came)]:
            given = given_early(collects, text, GIVEN_EARLY)
            known |= {name: value for name, value in given.items() if value not in (None, *before.values())}
        return known

    @cached_property
    def form(self) -> Form:
        """What the state finds out, as if it were a tool whose arguments are asked for."""
        records = Knowledge().with_calls_of(self.since_entry).records
        beside = Knowledge((), records, self.briefing.today, self.needs_no_question)
        return form_of(asking(self.here, self.texts), self.exchanges, beside, self.texts)

    @cached_property
    def wants_a_yes(self) -> bool:
        """Whether what was understood is read to the caller; a correction is not, where all is read afterwards."""
        recaps = (self.briefing.states.get(way.to) for way in self.here.ways)
        is_read_later = self.is_back and any(state and only_asks(state) and len(state.ways) > 1 for state in recaps)
        return not is_read_later and wants_a_yes(self.here, [way.condition for way in self.forward[:1]])

    @property
    def is_recap(self) -> bool:
        """Whether the state does nothing but make sure of what is known, or lets the caller choose where to go."""
        return only_asks(self.here) and bool(self.forward) and (self.wants_a_yes or len(self.here.ways) > 1)

    @cached_property
    def forward(self) -> list[Way]:
        order = list(self.briefing.states)
        on = order[order.index(self.here.id) :]
        return [way for way in self.here.ways if not way.hands_off and way.to in on]

    @property
    def back(self) -> list[Way]:
        return [way for way in self.here.ways if not way.hands_off and way not in self.forward]

    @property
    def to_read(self) -> dict[str, Any]:
        """What there is to read to the caller: what is new, or all that was found out in the order of the states."""
        if not self.is_recap:
            return self.new(self.form.found.arguments)
        names = dict.fromkeys(name for state in self.briefing.states.values() for name in state.collects)
        return {name: self.briefing.known[name] for name in names if name in self.briefing.known}

    @property
    def is_to_be_read(self) -> bool:
        return self.is_recap or (self.wants_a_yes and bool(self.to_read))

    def new(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """The values that were not known before."""
        return {name: value for name, value in found.items() if self.is_back or self.briefing.known.get(name) != value}

    @cached_property
    def chooses_from_tools(self) -> tuple[str, ...]:
        """The tools of the state that need none of its values: what they return is what the caller chooses from."""
        wanted = dict.fromkeys(self.here.required, True)
        own = [offer for offer in self.offers if wanted and offer.name in self.here.tools]
        return tuple(o.name for o in own if not any(next(known_as(slot, wanted), False) for slot in o.slots))

    def words_about(self, way: Way) -> frozenset[str]:
        names = [way.to, *self.briefing.states[way.to].collects]
        return telling([*words_of(way.condition), *(word for name in names for word in name_words(name))])

    def has_worked(self, entries: Sequence[Entry], tools: Sequence[str]) -> bool:
        """Whether one of the tools did among these entries what it was called for."""
        returns = [entry for entry in entries if isinstance(entry, Returned) and entry.call]
        return any(entry.call.name in tools and has_worked(entry.output) for entry in returns if entry.call)


def _moved_on(returned: Returned) -> bool:
    return bool(returned.call and returned.call.name == SET_STATE_TOOL and "state" in as_object(returned.output))


def only_asks(state: StateBriefing) -> bool:
    return not state.collects and not state.tools


def asking(state: StateBriefing, texts: Texts) -> Offer:
    """A state as if it were a tool that takes what the state finds out."""
    schema = {"type": "object", "properties": dict(state.collects), "required": list(state.required)}
    return offer_of(SET_STATE_TOOL, ToolBriefing(""), schema, texts)


def telling(words: Sequence[str]) -> frozenset[str]:
    """The stems of the words that tell something; `id` is one here."""
    return frozenset(stem(word) for word in words if word not in STOP_WORDS or word == "id")
