"""Where a caller has been sent so far, and which handoffs are still open without going in circles."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.standin.conversation import Called, Conversation, Returned
from realtime_scenarios.standin.offers import Offer
from realtime_scenarios.standin.persons import leads_to_a_person

_MOST_HANDOFFS = 2
"""For one message of the caller."""


@dataclass(frozen=True, slots=True)
class Routes:
    """The calls and handoffs since the caller's last message, and the agents that are known by name.

    `agent` is the active agent, None where it is the one the session began with. `arrived_at` is the same agent where
    the caller came to it with the message at hand. `visited` are agents that already had that message; None among them
    stands for the first agent, whose name is nowhere to be seen.
    """

    agent: str | None
    arrived_at: str | None
    visited: tuple[str | None, ...]
    calls: tuple[Called, ...]
    refused: frozenset[str]
    tools_to: Mapping[str, str]

    @classmethod
    def of(cls, conversation: Conversation) -> Routes:
        since = conversation.since(conversation.last_user)
        transfers = [entry for entry in since if isinstance(entry, Returned) and entry.agent is not None]
        agents: list[str | None] = [None, *conversation.agents()]
        refused = [
            entry.call.name for entry in since if isinstance(entry, Returned) and entry.agent is None and entry.call
        ]
        return cls(
            agent=agents[-1],
            arrived_at=agents[-1] if transfers else None,
            visited=tuple(agents[-len(transfers) - 1 :]) if transfers else (),
            calls=tuple(entry for entry in since if isinstance(entry, Called)),
            refused=frozenset(refused),
            tools_to={
                entry.call.name: entry.agent
                for entry in conversation.returns()
                if entry.call and entry.agent is not None
            },
        )

    def open(self, offers: Sequence[Offer]) -> list[Offer]:
        """The handoffs that may be used for the message at hand: never back to where it came from, two at most."""
        handoffs = [offer for offer in offers if offer.handoff and offer.name not in self.refused]
        if not self.visited:
            return handoffs
        if not self.may_go_on:
            return []
        been = {_letters_of(agent) for agent in self.visited if agent}
        open_ones = [
            offer
            for offer in handoffs
            if _letters_of(offer.target) not in been and _letters_of(self.tools_to.get(offer.name, "")) not in been
        ]
        if None in self.visited:
            return [offer for offer in open_ones if len(handoffs) > 1 and not offer.is_hub]
        return open_ones

    @property
    def may_go_on(self) -> bool:
        """Whether the message at hand may be handed over once more."""
        return len(self.visited) <= _MOST_HANDOFFS

    def was_called(self, name: str, arguments: Mapping[str, Any]) -> bool:
        """Whether this very call was already made for the message at hand."""
        text = json.dumps(arguments, sort_keys=True, default=str)
        return any(
            call.name == name and json.dumps(call.arguments, sort_keys=True, default=str) == text for call in self.calls
        )


def taker_of(offers: Sequence[Offer], *, is_question: bool) -> Offer | None:
    """Who takes what fits nothing: an own lookup, a switchboard, a desk that answers questions, the hub."""
    lookup = next((offer for offer in offers if offer.looks_up), None)
    if lookup is not None and (is_question or lookup.takes_requests):
        return lookup
    boards = (offer for offer in offers if offer.routes_on and not is_question and not leads_to_a_person(offer))
    desks = (offer for offer in offers if offer.answers_questions and (is_question or not offer.is_hub))
    return next(boards, lookup) or next(desks, None) or next((offer for offer in offers if offer.is_hub), None)


def _letters_of(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
