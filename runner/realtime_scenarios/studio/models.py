"""Where the models of conversations come from, as the studio asks for them; who starts it says how that is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from realtime_scenarios.project import Project

if TYPE_CHECKING:
    from realtime_scenarios.providers import Opened


@dataclass(frozen=True, slots=True)
class WishedModel:
    """`provider` and `model` None: the scenario's own. `voice`: it is spoken to, and speaks.

    `sessions_before` is how many sessions the conversation has had. `call` is the id of a call that a page holds with
    the engine here, whose model it is then; None: the sound, if there is any, comes by the studio.
    """

    provider: str | None = None
    model: str | None = None
    voice: bool = False
    sessions_before: int = 0
    call: str | None = None


class Models(Protocol):
    """Opens models. Nothing that it says holds a key, or whether one is set to what."""

    def listed(self) -> Sequence[Mapping[str, Any]]:
        """The providers: `name`, whether it is `ready`, and what it `needs` where it is not."""
        ...

    async def open(self, project: Project, wished: WishedModel) -> Opened:
        """A model for one conversation.

        Raises:
            ScenarioError: it cannot be had; the hint says what to do.
        """
        ...
