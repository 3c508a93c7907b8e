"""`scenario test --callers` that ends before all seeds were played: what is known to fail is told, and nothing more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from realtime_scenarios.cli.callers import CallersWish
from realtime_scenarios.cli.playing import Players, Playing
from realtime_scenarios.core import ScenarioError
from realtime_scenarios.expectations import Verdict
from realtime_scenarios.project import load
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.suite import Finished
from realtime_scenarios.trace import Trace, UserSaid
from realtime_scenarios.verdicts import DialogueResult
from support import Written
from support.parcels import PARCELS

CALLERS = """
  - {id: first, caller: {opens: Hello, wants: [{says: Where is my parcel?}]}, expect: [{called: track}]}
  - {id: second, caller: {opens: Hello, wants: [{says: Where is my parcel?}]}, expect: [{called: track}]}
"""
SPOKEN = Trace((UserSaid(seq=1, turn=1, agent="desk", text="Hello"),), "desk")


@pytest.fixture
def cases(written: Written) -> list[Case]:
    return cases_of([load(written(PARCELS + CALLERS))])[-2:]


class Cut:
    """Players of whom the seeds `bad` fail, and who end after so many plays: interrupted, or by a `problem`."""

    def __init__(self, plays: int, bad: Sequence[int], problem: ScenarioError | None = None) -> None:
        self._plays = plays
        self._bad = bad
        self._problem = problem
        self.asked = 0

    @property
    def players(self) -> Players:
        @contextmanager
        def play(cases: Sequence[Case]) -> Iterator[Playing]:
            self.asked += 1
            yield Playing(self._finished(cases), lambda: self._problem is None)

        return play

    def _finished(self, cases: Sequence[Case]) -> Iterator[Finished]:
        for at, case in enumerate(cases[: self._plays]):
            verdict = Verdict(case.dialogue.place, case.caller_seed not in self._bad, "no parcel")
            yield Finished(at, case, DialogueResult(case.dialogue, (verdict,), SPOKEN))
        if self._problem is not None:
            raise self._problem


def played(cases: list[Case], cut: Cut) -> Iterator[Finished]:
    wish = CallersWish(5)
    with wish.playing(cut.players, replay=cut.players, provider="offline")(cases) as playing:
        yield from playing.finished
        assert playing.is_interrupted()
    assert cut.asked == 1, "nothing is shortened any more"


def test_a_seed_that_failed_is_told_though_the_others_were_not_played(cases: list[Case]) -> None:
    first, second = played(cases, Cut(8, bad=[1]))
    assert (first.index, second.index) == (0, 1)
    assert first.result.failures[0].message == "it fails with --caller-seed 1 (1 of 5 seeds fails)"
    assert second.result.failures[0].message == (
        "it fails with --caller-seed 1 (1 of 3 seeds that were played of 5 fails)"
    )


def test_a_caller_who_got_through_by_some_of_the_seeds_is_not_told_as_played(cases: list[Case]) -> None:
    (first,) = played(cases, Cut(8, bad=[]))
    assert first.index == 0 and first.result.passed


def test_what_failed_is_told_before_what_keeps_the_others_from_being_played(cases: list[Case]) -> None:
    cut = Cut(7, bad=[0], problem=ScenarioError("the workers are gone"))
    with CallersWish(5).playing(cut.players, replay=cut.players, provider="offline")(cases) as playing:
        assert [next(playing.finished).result.status for _ in cases] == ["failed", "failed"]
        with pytest.raises(ScenarioError, match="the workers are gone"):
            next(playing.finished)
