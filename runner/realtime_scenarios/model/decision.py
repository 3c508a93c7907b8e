"""What a person does who is asked to approve a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from realtime_scenarios.document import Place


class Decision(Struct, frozen=True, eq=False):
    """What the person does when asked. `times_out`: nobody answers. `fields` are given with an approval."""

    kind: Literal["approve", "reject", "times_out"]
    fields: Mapping[str, str]
    message: str | None
    place: Place
