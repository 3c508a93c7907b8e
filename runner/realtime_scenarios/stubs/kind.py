"""What several kinds of stub have in common: the keys beside their own, and what they do without."""

from __future__ import annotations

from msgspec import Struct

from realtime_scenarios.model.tool import Catalogue, ModelQuestion

TIMED = frozenset(("delay", "set"))
"""The keys beside a stub that makes its answer by itself."""

TOLD = TIMED | {"returns"}
"""The keys beside a stub whose answer may be told in other words."""

WITH_ITS_MODEL = 600.0
"""Seconds: a text model's own timeout ends the waiting, with its fallback; the tool's must not come before it."""


class WithoutModel(Struct, frozen=True, eq=False):
    """A stub that asks no text model, has no functions behind it, and keeps nobody waiting for somebody else."""

    @property
    def supervisor(self) -> str | None:
        return None

    @property
    def question(self) -> ModelQuestion | None:
        return None

    @property
    def catalogue(self) -> Catalogue | None:
        return None

    @property
    def waits(self) -> bool:
        return False

    @property
    def patience(self) -> float:
        return 30.0
