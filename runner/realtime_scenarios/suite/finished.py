"""Cases that are over, as they come and in their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.project.cases import Case
from realtime_scenarios.verdicts import DialogueResult


class Finished(Struct, frozen=True):
    """A case that is over. `index` is its position among those asked for; `printed` is what author's code printed.

    `play` is how it was played, packed; None: it was not, or it did not come to an end.
    """

    index: int
    case: Case
    result: DialogueResult
    printed: str = ""
    play: bytes | None = None


def in_order(finished: Iterable[Finished]) -> Iterator[Finished]:
    """The same in the order of the cases. When there are no more to come, also those behind a gap."""
    early: dict[int, Finished] = {}
    following, problem = 0, None
    try:
        for each in finished:
            early[each.index] = each
            while following in early:
                yield early.pop(following)
                following += 1
    except ScenarioError as raised:
        problem = raised
    yield from (early[index] for index in sorted(early))
    if problem is not None:
        raise problem
