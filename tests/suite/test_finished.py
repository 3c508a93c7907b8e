"""Cases that are over, in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.suite import Finished, in_order


def finished(indexes: Sequence[int], *, problem: bool = False) -> Iterator[Finished]:
    nothing: Any = None
    yield from (Finished(index, nothing, nothing) for index in indexes)
    if problem:
        raise ScenarioError("there are no more workers")


def order(given: Iterator[Finished]) -> list[int]:
    return [each.index for each in in_order(given)]


def test_a_case_is_held_back_until_those_before_it_are_over() -> None:
    ordered = in_order(finished([1, 2, 0, 4, 3]))
    assert [each.index for each in ordered] == [0, 1, 2, 3, 4]


def test_what_is_finished_behind_a_gap_is_told_when_no_more_comes() -> None:
    assert order(finished([0, 4, 2])) == [0, 2, 4]


def test_what_is_finished_is_told_before_the_problem_that_ends_all() -> None:
    told = []
    with pytest.raises(ScenarioError, match="no more workers"):
        for each in in_order(finished([3, 0], problem=True)):
            told.append(each.index)
    assert told == [0, 3]
