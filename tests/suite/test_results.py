"""What of a run's results is kept in memory: their plays lie on disk, and each is judged when somebody asks for it."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Iterator

import pytest
from msgspec import structs

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.processes import Wishes
from realtime_scenarios.project import load
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.suite import REPORTS, Finished, Supervisor, in_order
from realtime_scenarios.suite.results import Results
from realtime_scenarios.trace import Trace
from realtime_scenarios.verdicts import DialogueResult
from support import Written

SCENARIO = """\
    scenario: s
    start: desk
    agents: {desk: {instructions: Help.}}
    dialogues:
"""
MANY = 60


@pytest.fixture
def cases(written: Written) -> list[Case]:
    """So many dialogues, of which every fifth fails."""
    dialogues = "".join(
        f"      - {{id: d-{number}, turns: [{{user: hi, agent: [{{say: hello {number}}}], "
        f"expect: [{{said: {'hello' if number % 5 else 'goodbye'}}}]}}]}}\n"
        for number in range(MANY)
    )
    return cases_of([load(written(SCENARIO + dialogues))])


def played(cases: list[Case]) -> Iterator[Finished]:
    with Supervisor(Wishes.of("scripted", {})) as supervisor:
        yield from in_order(supervisor.finished(cases))


def said_in_memory() -> list[Trace]:
    gc.collect()
    return [each for each in gc.get_objects() if type(each) is Trace and any("hello" in str(said) for said in each)]


def test_nothing_that_was_said_is_kept_in_memory(cases: list[Case]) -> None:
    results = Results()
    for finished in played(cases):
        results.add(finished)
    del finished
    assert len(results) == MANY and not said_in_memory()
    results_here = list(results)
    assert len(said_in_memory()) == len(results_here) == MANY


def test_what_is_asked_for_is_what_came_whole(cases: list[Case]) -> None:
    all_finished = list(played(cases))
    results = Results()
    for finished in all_finished:
        results.add(finished)
    for (case, result), finished in zip(results, all_finished, strict=True):
        assert case is finished.case
        assert result.status == finished.result.status and result.trace.events == finished.result.trace.events
        assert [str(verdict.message) for verdict in result.verdicts] == [
            str(verdict.message) for verdict in finished.result.verdicts
        ]
    assert str(results.tally(MANY + 1)) == f"{MANY - MANY // 5} passed, {MANY // 5} failed, 1 not run"
    assert results.fails_the_run and not results.is_out_of_reach


def test_reports_are_the_same_as_of_results_that_are_kept(cases: list[Case]) -> None:
    all_finished = list(played(cases))
    whole = [(finished.case, finished.result) for finished in all_finished]
    results = Results()
    for finished in all_finished:
        results.add(finished)
    for kind in ("junit", "jsonl", "markdown", "github", "html"):
        assert REPORTS[kind](results) == REPORTS[kind](whole), kind


def test_a_report_asks_for_each_result_once(cases: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    own = Results.__getitem__

    def heard(results: Results, index: int) -> object:
        asked.append(index)
        return own(results, index)

    monkeypatch.setattr(Results, "__getitem__", heard)
    results = Results()
    for finished in played(cases):
        results.add(finished)
    for kind in ("junit", "jsonl", "markdown", "github", "html"):
        asked.clear()
        REPORTS[kind](results)
        assert asked in (list(range(MANY)), [*range(MANY + 1)]), kind  # a sequence tells its end by an error


def test_what_has_no_play_of_its_own_is_kept_as_it_is(cases: list[Case]) -> None:
    result = DialogueResult(cases[0].dialogue, (), Trace((), "desk"), ScenarioError("its process ended"))
    results = Results()
    results.add(Finished(0, cases[0], result))
    assert results[0] == (cases[0], result)


def test_where_the_disk_is_full_plays_stay_in_memory(cases: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    results = Results()
    for finished in played(cases[:2]):
        results.add(finished)
    assert [result.status for _, result in results] == ["failed", "passed"]
    assert all(isinstance(kept, bytes) for kept in results._kept)


def test_cases_that_are_kept_from_before_are_asked_for_when_it_is_their_turn(cases: list[Case]) -> None:
    first, second, third = played(cases[:3])
    asked: list[int] = []

    class Kept(dict[int, Finished]):
        def __getitem__(self, index: int) -> Finished:
            asked.append(index)
            return super().__getitem__(index)

    def others() -> Iterator[Finished]:
        assert asked == [0]
        yield structs.replace(second, index=1)
        assert asked == [0, 2]

    ordered = in_order(others(), Kept({0: first, 2: third}))
    assert [finished.index for finished in ordered] == [0, 1, 2]
