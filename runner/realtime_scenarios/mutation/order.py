"""In which order dialogues are played against a mutant: nearly all that a hunt costs is dialogues that notice nothing.

Likeliest to notice is a dialogue in which the words occur that stand in the changed line, above all those that hardly
any other dialogue has, and one that has noticed something close by. Of two that are as likely, the shorter one is
first. The order changes no outcome.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Collection, Mapping

from realtime_scenarios.document import Pointer
from realtime_scenarios.mutation.mutant import Mutant
from realtime_scenarios.trace import Trace

_WORD = re.compile(r"\w+")

_KEPT = 3
"""So many of the last killers are remembered of each place."""


class Order:
    """What is known of dialogues, by their positions: the words in their traces, and what they have killed."""

    def __init__(self, traces: Mapping[int, Trace]) -> None:
        self._words = {position: _words_in(" ".join(map(str, trace))) for position, trace in traces.items()}
        self._lengths = {position: len(trace.events) for position, trace in traces.items()}
        self._times = Counter(word for words in self._words.values() for word in words)
        self._killers: dict[Pointer, deque[int]] = {}

    def of(self, mutant: Mutant, positions: Collection[int]) -> list[int]:
        """These dialogues, the likeliest to notice first."""
        wanted = _words_in(f"{mutant.line} {mutant.change.changed}")
        likely = {position: self._likeness(wanted, position) for position in positions}
        most = max(likely.values(), default=0.0) or 1.0
        near = self._near(mutant.change.pointer)
        return sorted(
            positions,
            key=lambda position: (-(likely[position] / most + near.get(position, 0.0)), self._lengths[position]),
        )

    def killed(self, mutant: Mutant, killer: int) -> None:
        """Remember who has noticed."""
        pointer = mutant.change.pointer
        for length in range(1, len(pointer) + 1):
            killers = self._killers.setdefault(pointer[:length], deque(maxlen=_KEPT))
            if killer in killers:
                killers.remove(killer)
            killers.appendleft(killer)

    def _likeness(self, wanted: Collection[str], position: int) -> float:
        """The more the rarer the words are that both have."""
        words = self._words[position]
        return sum(1 / self._times[word] for word in wanted if word in words)

    def _near(self, pointer: Pointer) -> dict[int, float]:
        """Who has killed close by: the longer the way that both places share, the more; at most 1."""
        found: dict[int, float] = {}
        for length in range(1, len(pointer) + 1):
            for rank, killer in enumerate(self._killers.get(pointer[:length], ())):
                found[killer] = length / len(pointer) / (1 + rank)
        return found


def _words_in(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))
