"""A caller's answers in a state as the values they hold, whether these were confirmed, and how often it was in vain."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from realtime_scenarios.standin.agreement import amended, corrects, is_no, is_plain_yes, is_yes
from realtime_scenarios.standin.arguments import IN_PASSING, Evidence, Filling, Knowledge, filled
from realtime_scenarios.standin.tools import Offer

MOST_ASKED = 3
"""So often the same thing is asked before it is given up; then it may begin anew."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of the caller's answers so far, the newest included.

    `confirmed`: they said yes to the values that were read back. `misses` counts the answers in vain since the last
    one that was of use. `withdrawn`: the newest was a no to the values, without another.
    """

    found: Filling
    confirmed: bool = False
    misses: int = 0
    withdrawn: bool = False


def heard_in(
    offer: Offer,
    answers: Sequence[str],
    memory: Knowledge,
    today: datetime.date | None,
    known: Mapping[str, Any],
    *,
    reads_back: bool,
) -> Heard:
    """The answers taken in one after the other, each as one to the question that was open then.

    `reads_back`: the values were read to the caller as soon as they were complete.
    """
    evidence: list[Evidence] = []
    heard = Heard(filled(offer, evidence, replace(memory, today=today, known=known)))
    for text in answers:
        found = heard.found
        is_read = found.missing is None and reads_back and bool(found.arguments)
        only = offer.slots[0].path if len(offer.slots) == 1 else IN_PASSING
        ends = (amended(value, text) for value in found.arguments.values() if is_read)
        newest = Evidence(next(filter(None, ends), text), found.missing.path if found.missing else only)
        again = filled(offer, [*evidence, newest], replace(memory, today=today, known=known))
        if is_read and is_plain_yes(text) and heard.misses % (MOST_ASKED + 1) < MOST_ASKED:
            heard = Heard(found, confirmed=True)  # what was given up takes no yes
        elif again.arguments != found.arguments or again.missing != found.missing:
            evidence, heard = [*evidence, newest], Heard(again)
        elif is_read and _is_said_once_more(offer, newest, found, memory, today) and not corrects(text):
            heard = Heard(found, confirmed=True)
        elif is_read and is_no(text):
            evidence, heard = [], Heard(filled(offer, [], replace(memory, today=today)), withdrawn=True)
        elif is_read and is_yes(text):
            heard = Heard(found, confirmed=True)
        elif any(slot.required for slot in offer.slots):
            heard = Heard(found, misses=heard.misses + 1)
    return heard


def _is_said_once_more(
    offer: Offer, newest: Evidence, found: Filling, memory: Knowledge, today: datetime.date | None
) -> bool:
    return filled(offer, [newest], replace(memory, today=today)).arguments == found.arguments
