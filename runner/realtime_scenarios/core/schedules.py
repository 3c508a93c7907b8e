"""When things come on a line and from people, as data: what is late, what comes twice, drawn by a seed and shrunk.

A schedule is what the network may do to a conversation without doing anything wrong. Events of a server keep their
order, for a socket does; only the transcript of what a caller said comes when it is ready. Tools and people take their
time.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from realtime_scenarios.core.errors import UsageError

HurdleKind = Literal["delay", "double", "late", "tool", "decision"]
KINDS: tuple[HurdleKind, ...] = get_args(HurdleKind)

_HURDLE = re.compile(r"(?P<kind>[a-z]+) (?P<at>\d+)(?: (?P<seconds>\d+(?:\.\d+)?)s)?")
_SECONDS = (0.0, 0.05, 0.2, 0.7, 1.5)


class Hurdle(NamedTuple):
    """One thing that comes otherwise than usual; `at` counts from 1.

    `delay`: the server's event number `at`, and all behind it, comes `seconds` later. `double`: that event comes twice.
    `late`: that transcript comes after the events of the next `seconds`. `tool`: the answer of that call takes so many
    `seconds` more. `decision`: so does that decision of a person.
    """

    kind: HurdleKind
    at: int
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"{self.kind} {self.at}" + (f" {self.seconds:g}s" if self.kind != "double" else "")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Hurdles of one conversation; without any, everything comes as it usually does."""

    hurdles: tuple[Hurdle, ...] = ()

    @classmethod
    def of(cls, text: str) -> Schedule:
        """The schedule that is written so: `delay 14 0.5s, double 20, tool 2 1.5s`.

        Raises:
            UsageError: it is none.
        """
        hurdles = []
        for part in filter(None, (part.strip() for part in text.split(","))):
            found = _HURDLE.fullmatch(part)
            kind = next((kind for kind in KINDS if found is not None and kind == found["kind"]), None)
            if found is None or kind is None:
                hint = "write it as it was told, such as 'delay 14 0.5s, double 20, tool 2 1.5s'"
                raise UsageError(f"'{part}' is no hurdle of a schedule", hint=hint)
            hurdles.append(Hurdle(kind, int(found["at"]), float(found["seconds"] or 0)))
        return cls(tuple(hurdles))

    @classmethod
    def drawn(cls, seed: int, number: int, *, events: int) -> Schedule:
        """The schedule of that `number` which a seed gives to a conversation with about so many `events`."""
        chance = random.Random(f"{seed}/{number}")
        hurdles = set()
        for _ in range(chance.randint(1, 5)):
            kind = chance.choices(KINDS, weights=(5, 5, 2, 4, 3))[0]
            at = chance.randint(1, max(1, events if kind in ("delay", "double") else events // 8))
            hurdles.add(Hurdle(kind, at, 0.0 if kind == "double" else chance.choice(_SECONDS)))
        return cls(tuple(sorted(hurdles)))

    def __str__(self) -> str:
        return ", ".join(map(str, self.hurdles))

    def seconds(self, kind: HurdleKind, at: int) -> float | None:
        """How late it is; None: it is not."""
        found = [hurdle.seconds for hurdle in self.hurdles if hurdle.kind == kind and hurdle.at == at]
        return sum(found) if found else None

    def lateness(self, kind: HurdleKind) -> Callable[[], float]:
        """What gives the seconds by which the first thing of that kind is late, then the second, and so on."""
        count = 0

        def seconds() -> float:
            nonlocal count
            count += 1
            return self.seconds(kind, count) or 0.0

        return seconds

    @property
    def smaller(self) -> Sequence[Schedule]:
        """The schedules with a hurdle less."""
        return [Schedule((*self.hurdles[:at], *self.hurdles[at + 1 :])) for at in range(len(self.hurdles))]
