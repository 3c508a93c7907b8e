"""What came back of a call, as a caller is told."""

from __future__ import annotations

from collections.abc import Sequence

from realtime_scenarios.standin import smalltalk
from realtime_scenarios.standin.conversation import Conversation, Returned, parsed
from realtime_scenarios.standin.offers import Offer, Slot
from realtime_scenarios.standin.phrases import past
from realtime_scenarios.standin.spoken import CANCELLED, FAILED, REFUSED, TOO_SLOW, reading_of, spoken_answer
from realtime_scenarios.standin.unfinished import evidence_for


def told(returned: Returned, offers: Sequence[Offer], conversation: Conversation, *, whole: bool) -> str:
    """What is said about one output. `whole`: what was looked up is read out as it stands."""
    found = reading_of(returned.output)
    offer = next((offer for offer in offers if returned.call and offer.is_called_by(returned.call)), None)
    match found.manner:
        case "invalid":
            slot = _blamed(returned, offer, conversation)
            return slot.question if slot else FAILED
        case "cancelled":
            return CANCELLED
        case "slow":
            return TOO_SLOW
        case "refused":
            return REFUSED
        case "failed":
            return f"I am sorry, that did not work. {found.reason} {smalltalk.ANYTHING_ELSE}".replace("  ", " ")
        case "answer":
            if whole and isinstance(found.data, str) and offer is not None and offer.looks_up:
                return str(parsed(returned.output)).strip() if found.data else ""
            asked = " ".join(said.text for said in evidence_for(conversation, offer, returned))
            done = past(offer.capability) if offer else None
            done = f"Done, I have {done}." if done else "Done."
            return spoken_answer(found.data, asked, looked_up=offer is not None and offer.looks_up, done=done)


def _blamed(returned: Returned, offer: Offer | None, conversation: Conversation) -> Slot | None:
    """The value that an output calls wrong or missing; None where it names none, or it was asked for before."""
    if offer is None or returned.call is None:
        return None
    named = [slot for slot in offer.slots if slot.name in returned.output]
    rejected = [
        other
        for other in conversation.returns()
        if other.call and offer.is_called_by(other.call) and reading_of(other.output).manner == "invalid"
    ]
    named.sort(key=lambda slot: not slot.required)
    return named[0] if named and len(rejected) <= 2 else None
