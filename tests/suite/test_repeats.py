"""What many tries tell of a rate: intervals that keep their word, verdicts that are seldom wrong, and when to stop."""

from __future__ import annotations

import random

import pytest

from realtime_scenarios.suite.repeats import Clear, Tries, tries_needed


def verdict_on(rate: float, wanted: float, most: int, seed: int) -> tuple[Clear, int]:
    """What is said of a model that passes with that rate, and after how many tries."""
    chance, tries = random.Random(seed), Tries(0, 0)
    while (verdict := tries.decided(wanted, most)) is None:
        for _ in range(tries.until_decided(wanted, most)):
            tries = Tries(tries.passed + (chance.random() < rate), tries.tries + 1)
    return verdict, tries.tries


def share(verdict: Clear, rate: float, wanted: float, most: int = 40, runs: int = 400) -> float:
    return sum(verdict_on(rate, wanted, most, seed)[0] == verdict for seed in range(runs)) / runs


@pytest.mark.parametrize(
    ("passed", "tries", "low", "high"), [(0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (8, 10, 0.490, 0.943), (0, 0, 0, 1)]
)
def test_the_interval_is_wilsons(passed: int, tries: int, low: float, high: float) -> None:
    interval = Tries(passed, tries).interval
    assert interval.low == pytest.approx(low, abs=0.001)
    assert interval.high == pytest.approx(high, abs=0.001)


@pytest.mark.parametrize("rate", [0.5, 0.8, 0.95])
def test_the_interval_holds_the_true_rate_about_95_times_in_100(rate: float) -> None:
    chance, held = random.Random(7), 0
    for _ in range(2000):
        low, high = Tries(sum(chance.random() < rate for _ in range(30)), 30).interval
        held += low <= rate <= high
    assert 0.92 <= held / 2000 <= 0.98


def test_a_model_that_just_misses_the_rate_hardly_ever_passes_and_one_that_just_has_it_hardly_ever_fails() -> None:
    assert share("passed", 0.79, 0.8) <= 0.08
    assert share("failed", 0.8, 0.8) <= 0.08


def test_a_good_model_passes_a_bad_one_fails_and_between_them_nobody_is_sure() -> None:
    assert share("passed", 0.99, 0.8) >= 0.95
    assert share("failed", 0.4, 0.8) >= 0.95
    assert share("unsure", 0.8, 0.8) >= 0.9


def test_the_verdict_is_that_on_all_tries_though_they_end_before() -> None:
    for rate in (0.1, 0.5, 0.8, 0.97):
        for seed in range(60):
            chance = random.Random(seed)
            whole = Tries(sum(chance.random() < rate for _ in range(40)), 40)
            assert verdict_on(rate, 0.8, 40, seed)[0] == whole.verdict(0.8)
    verdict, tries = verdict_on(0.0, 0.8, 100, 1)
    assert verdict == "failed" and tries < 35


@pytest.mark.parametrize(("wanted", "needed"), [(0.5, 4), (0.8, 16), (0.95, 73)])
def test_the_fewest_tries_that_can_show_a_rate(wanted: float, needed: int) -> None:
    assert tries_needed(wanted) == needed
    assert Tries(needed, needed).verdict(wanted) == "passed"
    assert Tries(needed - 1, needed - 1).verdict(wanted) == "unsure"


@pytest.mark.parametrize(
    ("passed", "tries", "k", "rate"), [(9, 10, 1, 0.9), (9, 10, 2, 0.8), (1, 10, 2, 0.0), (3, 3, 4, None)]
)
def test_pass_hat_k_is_the_share_of_draws_without_a_failure(
    passed: int, tries: int, k: int, rate: float | None
) -> None:
    assert Tries(passed, tries).pass_hat(k) == (None if rate is None else pytest.approx(rate))
