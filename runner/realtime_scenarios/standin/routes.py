"""Where a caller has been sent so far, and which handoffs are still open without going in circles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from realtime_scenarios.realtime.responder import CallFunction
from realtime_scenarios.standin.conversation import Called, Conversation, Returned, as_object
from realtime_scenarios.standin.tools import Offer

_MOST_HANDOFFS = 2
"""For one message of the caller."""


@dataclass(frozen=True)
class Routes:
    """The way of a conversation that began with the agent `first`; None: its name cannot be seen on the wire."""

    conversation: Conversation
    first: str | None

    @property
    def agent(self) -> str | None:
        return self._agents[-1]

    @cached_property
    def visited(self) -> Sequence[str | None]:
        """The agents that already had the message at hand; empty where it was not handed on."""
        since = self.conversation.since_user
        handoffs = sum(isinstance(entry, Returned) and entry.agent is not None for entry in since)
        return self._agents[-handoffs - 1 :] if handoffs else []

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
        returned = [entry for entry in self.conversation.since_user if isinstance(entry, Returned)]
        refused = {entry.call.name for entry in returned if entry.agent is None and entry.call}
        been = {_letters_of(agent) for agent in self.visited if agent}
        handoffs = [offer for offer in offers if offer.handoff and offer.name not in refused]
        new = [offer for offer in handoffs if _letters_of(offer.target) not in been]
        if None in self.visited:  # it may be the one behind a hub
            new = [offer for offer in new if len(handoffs) > 1 and not offer.is_hub]
        return new if self.may_go_on else []

    def was_called(self, call: CallFunction) -> bool:
        """Whether this very call was already made for the message at hand."""
        made = [entry for entry in self.conversation.since_user if isinstance(entry, Called)]
        return (call.name, as_object(call.arguments)) in [(entry.name, entry.arguments) for entry in made]

    @property
    def _agents(self) -> list[str | None]:
        return [self.first, *self.conversation.agents]


def _letters_of(name: str) -> str:
    """An agent's name as function names have it, whatever it was called by."""
    return "".join(filter(str.isalnum, name.lower())).removesuffix("agent")
