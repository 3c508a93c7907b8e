"""A conversation in one of an agent's states as the next step on its way through them."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from runner.model.names import SET_STATE_TOOL
from runner.realtime.responder import CallFunction, Output, SayText
from runner.realtime.responders import smalltalk
from runner.realtime.responders.arguments import Evidence, Memory, filled
from runner.realtime.responders.conversation import Called, Conversation, Returned
from runner.realtime.responders.offers import Offer
from runner.realtime.responders.spoken import REFUSED, reading_of
from runner.realtime.responders.states import (
    Place,
    arguments_from,
    collected_in,
    entered,
    heard_here,
    since_entry,
)

_MOST_MOVES = 5
"""So many moves between states are made for one message at most."""


@dataclass
class Walk:
    """The way through an agent's states, from the one that the conversation is in.

    `has_arrived`: the caller was handed to the agent with the message at hand.
    """

    place: Place
    conversation: Conversation
    offers: tuple[Offer, ...]
    today: datetime.date | None
    has_arrived: bool

    @property
    def is_answered(self) -> bool:
        """Whether the caller has said something to what the state asks for."""
        return bool(self._heard) and bool(self.place.collects.slots)

    def does(self, name: str) -> bool:
        """Whether the function is part of the way from here."""
        return name in (*self.place.tools, *self.place.exits)

    def onward(self) -> Output | None:
        """The next step: find out what is missing, do what belongs here, move on; None where there is none."""
        place = self.place
        evidence: list[Evidence] = []
        found = filled(place.collects, evidence, Memory(), self.today)
        for words in self._heard:
            evidence.append(Evidence(words, found.missing.path if found.missing else None))
            found = filled(place.collects, evidence, Memory(), self.today)
        if found.missing is not None:
            again = bool(evidence) and len(place.collects.slots) > 1
            return SayText(found.missing.question if again or not place.examples else place.examples[0])
        if (own := self._own_tool(found.arguments)) is not None:
            return own
        has_what_it_needs = self._heard or not place.collects.slots or found.arguments
        if place.ways and self._moves < _MOST_MOVES and has_what_it_needs:
            return _move({"next_state": self._way, **found.arguments})
        if not place.ways and len(place.exits) == 1 and not self.has_arrived:
            return CallFunction(place.exits[0], "{}")
        return None

    def after_a_move(self, last: Returned) -> Output:
        """Go on in the state that was entered: with its own words, or with what there is to do."""
        place = self.place
        if entered(last) is None:
            return self._own_tool({}) or self._another_way() or SayText(REFUSED)
        words = SayText(place.examples[0]) if place.examples else None
        if words is not None and (place.collects.slots or not place.tools):
            return words
        return self.onward() or words or SayText(smalltalk.ANYTHING_ELSE)

    @cached_property
    def _heard(self) -> list[str]:
        return heard_here(self.conversation)

    def _own_tool(self, found: Mapping[str, Any]) -> Output | None:
        """A call of a tool that belongs to the state and was not made in it, or the question for what it needs."""
        since = [entry.name for entry in since_entry(self.conversation) if isinstance(entry, Called)]
        for offer in self.offers:
            if offer.name in self.place.tools and offer.name not in since:
                arguments = arguments_from(offer, {**collected_in(self.conversation), **found})
                if self._was_done(offer):
                    return None
                return self._asked_for(offer) if arguments is None else offer.call(arguments)
        return None

    def _asked_for(self, offer: Offer) -> Output | None:
        """A call with what the caller said in this state, or the question for the first value that is missing."""
        memory = Memory.of(self.conversation)
        evidence: list[Evidence] = []
        found = filled(offer, evidence, memory, self.today)
        for words in self._heard:
            evidence.append(Evidence(words, found.missing.path if found.missing else None))
            found = filled(offer, evidence, memory, self.today)
        if found.missing is not None:
            first = self.place.examples[0] if self.place.examples and not evidence else found.missing.question
            return SayText(first)
        return offer.call(found.arguments) if found.complete else None

    def _was_done(self, offer: Offer) -> bool:
        """Whether such a call has gone through before."""
        return any(
            returned.call is not None
            and offer.is_called_by(returned.call)
            and reading_of(returned.output).manner == "answer"
            for returned in self.conversation.returns()
        )

    def _another_way(self) -> Output | None:
        """Another way, after one was refused: on if there is one, otherwise back."""
        if self._moves >= _MOST_MOVES:
            return None
        if len(self.place.ways) > 1:
            return _move({"next_state": self._way})
        return _move({"next_state": self.place.back[0]}) if self.place.back else None

    @property
    def _way(self) -> str:
        """The first way on that was not refused since the caller spoke."""
        since = self.conversation.since(self.conversation.last_user)
        moves = [entry for entry in since if isinstance(entry, Returned) and entry.call is not None]
        refused = [
            move.call.arguments.get("next_state")
            for move in moves
            if move.call is not None and move.call.name == SET_STATE_TOOL and entered(move) is None
        ]
        return next((way for way in self.place.ways if way not in refused), self.place.ways[0])

    @property
    def _moves(self) -> int:
        """How often the conversation has moved since the caller spoke."""
        since = self.conversation.since(self.conversation.last_user)
        return sum(isinstance(entry, Called) and entry.name == SET_STATE_TOOL for entry in since)


def _move(arguments: Mapping[str, Any]) -> CallFunction:
    return CallFunction(SET_STATE_TOOL, json.dumps(arguments, ensure_ascii=False))
