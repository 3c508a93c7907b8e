"""Which case is where."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_scenarios.suite.assignments import Assignments, OutOfOrder


def test_a_worker_has_its_next_case_before_it_has_finished_the_last() -> None:
    assignments = Assignments(range(5))
    assert [assignments.given(1, workers=1) for _ in range(3)] == [0, 1, None]
    assignments.answered(1, 0)
    assert (assignments.playing(1), assignments.given(1, workers=1)) == (1, 2)


def test_near_the_end_no_worker_has_a_second_case_that_another_could_begin() -> None:
    assignments = Assignments(range(3))
    assert [assignments.given(1, workers=2) for _ in range(2)] == [0, None]
    assert assignments.given(2, workers=2) == 1
    assert assignments.waiting == 1


def test_a_worker_that_is_gone_loses_what_it_was_at_and_nothing_else() -> None:
    assignments = Assignments(range(5))
    assignments.given(1, workers=1), assignments.given(1, workers=1)
    assert assignments.lost(1) == 0
    assert assignments.lost(1) is None
    assert [assignments.given(2, workers=1) for _ in range(2)] == [1, 2]


def test_what_a_retired_worker_had_not_begun_comes_first() -> None:
    assignments = Assignments(range(5))
    assignments.given(1, workers=1), assignments.given(1, workers=1)
    assignments.answered(1, 0)
    assignments.retired(1)
    assert assignments.playing(1) is None and assignments.given(2, workers=1) == 1


@pytest.mark.parametrize("case", [1, 2, 7])
def test_an_answer_to_what_was_not_asked_is_told(case: int) -> None:
    assignments = Assignments(range(5))
    assignments.given(1, workers=1), assignments.given(1, workers=1)
    with pytest.raises(OutOfOrder, match=f"answers case {case}, but it is at 0"):
        assignments.answered(1, case)


@given(st.integers(0, 12), st.integers(1, 4), st.randoms(use_true_random=False))
def test_every_case_is_answered_or_lost_once_whatever_happens_to_workers(
    cases: int, workers: int, chance: random.Random
) -> None:
    assignments, over, born = Assignments(range(cases)), list[int](), workers
    living = list(range(workers))
    while not assignments.are_over:
        position = chance.randrange(workers)
        worker = living[position]
        assignments.given(worker, workers=workers)
        playing = assignments.playing(worker)
        match chance.choice(["plays", "plays", "dies", "retires"]):
            case "plays" if playing is not None:
                assignments.answered(worker, playing)
                over.append(playing)
            case "dies":
                lost = assignments.lost(worker)
                over += [] if lost is None else [lost]
                living[position], born = born, born + 1
            case "retires":
                assignments.retired(worker)
                living[position], born = born, born + 1
    assert sorted(over) == list(range(cases))


def test_what_is_withdrawn_is_given_to_nobody_and_what_a_worker_has_comes_back() -> None:
    assignments = Assignments(range(6))
    assignments.given(1, workers=1), assignments.given(1, workers=1)
    assignments.withdrawn({1, 2, 4})
    assert assignments.waiting == 2 and assignments.playing(1) == 0
    assignments.answered(1, 0)
    assignments.answered(1, 1)
    assert [assignments.given(1, workers=1) for _ in range(2)] == [3, None]
    assignments.answered(1, 3)
    assert assignments.given(1, workers=1) == 5
    assignments.answered(1, 5)
    assert assignments.are_over
