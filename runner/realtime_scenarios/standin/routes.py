"""Where a caller has been sent so far, and which handoffs are still open without going in circles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from realtime_scenarios.realtime.responder import CallFunction
from realtime_scenarios.standin.conversation import Called, Conversation, Returned, as_object
from realtime_scenarios.standin.tools import Offer

_MOST_HANDOFFS = 2
"""For one message of the caller."""


@dataclass(frozen=True, slots=True)
class Routes:
    """The calls since the caller's last message, and the agents that already had it.

    None among `visited` stands for the first agent, whose name cannot be seen on the wire.
    """

    agent: str | None
    visited: tuple[str | None, ...]
    calls: tuple[Called, ...]
    refused: frozenset[str]

    @classmethod
    def of(cls, conversation: Conversation, first: str | None) -> Routes:
        returned = [entry for entry in conversation.since_user if isinstance(entry, Returned)]
        handoffs = sum(entry.agent is not None for entry in returned)
        agents: list[str | None] = [first, *conversation.agents]
        return cls(
            agent=agents[-1],
            visited=tuple(agents[-handoffs - 1 :]) if handoffs else (),
            calls=tuple(entry for entry in conversation.since_user if isinstance(entry, Called)),
            refused=frozenset(entry.call.name for entry in returned if entry.agent is None and entry.call),
        )

    @property
    def has_arrived(self) -> bool:
        """Whether the caller came to the agent with the message at hand."""
        return bool(self.visited)

    @property
    def may_go_on(self) -> bool:
        """Whether the message at hand may be handed over once more."""
        return len(self.visited) <= _MOST_HANDOFFS

    def open(self, offers: Sequence[Offer]) -> list[Offer]:
        """The handoffs that may be used for the message at hand: never back to where it came from, two at most."""
        handoffs = [offer for offer in offers if offer.handoff and offer.name not in self.refused]
        been = {_letters_of(agent) for agent in self.visited if agent}
        new = [offer for offer in handoffs if _letters_of(offer.target) not in been]
        if None in self.visited:
            new = [offer for offer in new if len(handoffs) > 1 and not offer.is_hub]
        return new if self.may_go_on else []

    def was_called(self, call: CallFunction) -> bool:
        """Whether this very call was already made for the message at hand."""
        arguments = json.dumps(as_object(call.arguments), sort_keys=True, default=str)
        made = (
            json.dumps(made.arguments, sort_keys=True, default=str) for made in self.calls if made.name == call.name
        )
        return arguments in made


def _letters_of(name: str) -> str:
    """An agent's name as function names have it, whatever it was called by."""
    return "".join(filter(str.isalnum, name.lower())).removesuffix("agent")
