"""What the kinds of expectation have in common."""

from __future__ import annotations

from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from realtime_scenarios.document import Place
from realtime_scenarios.model.mention import Mention, Renaming


class Expected(Struct, frozen=True, eq=False):
    """A base for kinds, not one of them: to be one takes `read`, `names` and `check` as well.

    `place` is where the value stands. A kind that keeps mentions deeper than in its fields has a `renamed` of its own.
    """

    place: Place

    @property
    def needs_scripted_model(self) -> bool:
        return False

    def parts_of(self, secret: str) -> tuple[str, ...]:
        """Of the texts and patterns that it must not find, those that a secret value itself holds or matches."""
        return ()

    @property
    def sought(self) -> tuple[str, ...]:
        """Texts that it must not find. Only the process that plays knows which are secret, and how these look there."""
        return ()

    def renamed(self, rename: Renaming) -> Self:
        fields = ((name, getattr(self, name)) for name in self.__struct_fields__)
        renamed = {name: rename(value) for name, value in fields if isinstance(value, Mention)}
        return replace(self, **renamed) if renamed else self
