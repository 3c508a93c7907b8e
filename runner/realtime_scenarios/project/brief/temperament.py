"""Words about an agent to the kind of voice that they call for."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from realtime_scenarios.project.brief.wording import data_in

Temperament = Literal["lively", "calm", "plain"]


class Voice(Struct, frozen=True, forbid_unknown_fields=True):
    """A temperament: the words that call for it, and how it says hello and good-bye."""

    words: str
    greeting: str
    farewell: str


@functools.cache
def voices() -> Mapping[Temperament, Voice]:
    return data_in("temperaments", dict[Temperament, Voice])


def temperament_of(text: str) -> Temperament:
    """What kind of voice the words call for; `plain` where they say nothing about it."""
    hints = {name: frozenset(voice.words.split()) for name, voice in voices().items()}
    counts = dict.fromkeys(hints, 0)
    for word in re.findall(r"[a-z]+", text.casefold()):
        for name, known in hints.items():
            counts[name] += not known.isdisjoint((word, word.removesuffix("s")))
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else "plain"
