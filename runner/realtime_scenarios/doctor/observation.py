"""What is found when it is looked whether a conversation can be held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "warn", "fail"]
"""`note`: nothing is wrong, and something could be better. `warn`: it may go wrong. `fail`: it will."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing that was looked at. `way_out` is what to do about it; None: nothing has to be done."""

    state: State
    says: str
    way_out: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """What was found about one thing; where it `was_tried` not, nobody knows whether it works."""

    about: str
    observations: tuple[Observation, ...]
    was_tried: bool = True

    @property
    def fails(self) -> bool:
        return any(found.state == "fail" for found in self.observations)
