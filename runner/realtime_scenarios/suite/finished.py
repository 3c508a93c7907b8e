"""Cases that are over, as they come and in their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from msgspec import Struct

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.project.cases import Case
from realtime_scenarios.verdicts import DialogueResult


class Finished(Struct, frozen=True):
    """A case that is over. `index` is its position among those asked for; `printed` is what author's code printed.

    `play` is how it was played, packed, where the result is what that comes to; None: it was not played, or did not
    come to an end, or the result is of several plays.
    """

    index: int
    case: Case
    result: DialogueResult
    printed: str = ""
    play: bytes | None = None


def in_order(finished: Iterable[Finished], kept: Mapping[int, Finished] | None = None) -> Iterator[Finished]:
    """The same in the order of the cases. When there are no more to come, also those behind a gap.

    `kept` are others, by their indexes, of which each is asked for when it is its turn.
    """
    others = kept if kept is not None else {}
    early: dict[int, Finished] = {}
    following, problem = 0, None
    try:
        for each in chain((None,), finished):
            if each is not None:
                early[each.index] = each
            while following in early or following in others:
                yield early.pop(following) if following in early else others[following]
                following += 1
    except ScenarioError as raised:
        problem = raised
    left = sorted({*early, *(index for index in others if index >= following)})
    yield from (early[index] if index in early else others[index] for index in left)
    if problem is not None:
        raise problem
