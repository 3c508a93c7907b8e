"""Words about an agent to the kind of voice that they call for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

Temperament = Literal["lively", "calm", "plain"]

_HINTS: Mapping[Temperament, str] = {
    "lively": "snowboard ski surf skate sport fitness gym shop store boutique game gaming music festival party travel "
    "tour outdoor adventure bike restaurant cafe bakery kids toy fan fun funny friendly energetic upbeat cheerful "
    "lively enthusiastic playful bubbly bright",
    "calm": "calm gentle soothing quiet meditation mindfulness sleep breathing yoga hospital clinic pharmacy medicine "
    "medical doctor nurse health patient care hospice therapy therapist counsellor counselor grief funeral elderly "
    "support crisis slow patient reassuring warm unhurried kind caring relaxed tender sympathetic empathetic "
    "compassionate",
    "plain": "bank insurance legal law tax government office authority airline billing account corporate enterprise "
    "precise formal professional businesslike efficient",
}

_WORDS: Mapping[Temperament, frozenset[str]] = {name: frozenset(hints.split()) for name, hints in _HINTS.items()}


def temperament_of(text: str) -> Temperament:
    """What kind of voice the words call for; `plain` where they say nothing about it."""
    counts = dict.fromkeys(_WORDS, 0)
    for word in re.findall(r"[a-z]+", text.casefold()):
        for name, hints in _WORDS.items():
            counts[name] += not hints.isdisjoint((word, word.removesuffix("s")))
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else "plain"
