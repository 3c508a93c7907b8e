"""`scenario test --explore`: what fails by a schedule is shrunk to the hurdles that it takes, and told so that it can be played again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from realtime_scenarios.cli.exploring import ExploreWish
from realtime_scenarios.cli.playing import Players, Playing
from realtime_scenarios.core.schedules import Schedule
from realtime_scenarios.expectations import Verdict
from realtime_scenarios.project import load
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.suite import Finished
from realtime_scenarios.trace import AgentSaid, ToolCalled, ToolReturned, Trace, TraceEvent
from realtime_scenarios.verdicts import DialogueResult
from support.command_line import SHOP, run


@pytest.fixture
def case(folder: Path) -> Case:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    return cases_of([load(folder / "shop.yaml")])[0]


def call(number: int, call_id: str) -> tuple[TraceEvent, TraceEvent]:
    return (
        ToolCalled(seq=number, turn=1, agent="desk", call_id=call_id, tool="hours", arguments={}),
        ToolReturned(
            seq=number + 1, turn=1, agent="desk", call_id=call_id, tool="hours", outcome="answered", output="nine"
        ),
    )


USUAL = Trace((*call(1, "call_1"), AgentSaid(seq=3, turn=1, agent="desk", text="Nine.")), "desk")
TWICE = Trace((*USUAL.events, *call(4, "call_2")), "desk")


class Fragile:
    """Players of a dialogue that fails, or does something twice, where both a double event and a slow tool come.

    `stops_after` so many plays they are interrupted; None: never. Then they have lost the first of the plays at hand.
    """

    def __init__(self, *, twice: bool = False, stops_after: int | None = None) -> None:
        self._twice = twice
        self._left = stops_after
        self.schedules: list[str | None] = []

    @property
    def players(self) -> Players:
        @contextmanager
        def play(cases: Sequence[Case]) -> Iterator[Playing]:
            taken = cases if self._left is None else cases[: self._left]
            is_cut = len(taken) < len(cases)
            if self._left is not None:
                self._left -= len(taken)
            plays = [Finished(at, case, self._result(case)) for at, case in enumerate(taken)]
            yield Playing(iter(plays[is_cut:]), lambda: is_cut)

        return play

    def _result(self, case: Case) -> DialogueResult:
        self.schedules.append(case.schedule)
        kinds = {hurdle.kind for hurdle in Schedule.of(case.schedule or "").hurdles}
        breaks = {"double", "tool"} <= kinds
        verdict = Verdict(case.dialogue.place, not breaks or self._twice, "it broke")
        return DialogueResult(case.dialogue, (verdict,), TWICE if breaks and self._twice else USUAL)


def explored(case: Case, model: Fragile, times: int = 60) -> DialogueResult:
    with ExploreWish(times, 3, None).exploring(model.players)([case]) as playing:
        (finished,) = list(playing.finished)
    assert finished.case.schedule is None, "reports are about the dialogue"
    return finished.result


def told_schedule(result: DialogueResult) -> Schedule:
    return Schedule.of(result.failures[0].message.split("'")[1])


def test_what_fails_is_shrunk_to_the_hurdles_that_it_takes_and_told_with_its_seed(case: Case) -> None:
    result = explored(case, Fragile())
    assert result.status == "failed"
    assert sorted(hurdle.kind for hurdle in told_schedule(result).hurdles) == ["double", "tool"]
    assert "(seed 3, number " in result.failures[0].message and "of 60 schedules)" in result.failures[0].message


def test_what_happens_twice_fails_though_the_dialogue_passes(case: Case) -> None:
    result = explored(case, Fragile(twice=True))
    assert result.status == "failed"
    assert any("happened 2 times, and usually 1" in verdict.message for verdict in result.failures)


def test_a_dialogue_that_was_played_by_some_of_its_schedules_is_not_told_as_explored(case: Case) -> None:
    model = Fragile(stops_after=3)
    with ExploreWish(60, 3, None).exploring(model.players)([case, case]) as playing:
        assert list(playing.finished) == [] and playing.is_interrupted()
    assert len(model.schedules) == 3, "nothing is played any more after that"


def test_a_dialogue_that_fails_before_all_its_schedules_are_played_says_how_many_were(case: Case) -> None:
    model = Fragile(stops_after=41)
    with ExploreWish(60, 3, None).exploring(model.players)([case, case]) as playing:
        (finished,) = list(playing.finished)
        assert playing.is_interrupted() and len(model.schedules) == 41
    message = finished.result.failures[0].message
    assert " of 39 schedules that were played of 60)" in message
    number = int(message.partition("number ")[2].partition(";")[0])
    assert told_schedule(finished.result) == Schedule.drawn(3, number, events=12), "the number is that of the schedule"


def test_the_same_seed_plays_the_same_schedules(case: Case) -> None:
    first, again = Fragile(), Fragile()
    explored(case, first, 10)
    explored(case, again, 10)
    assert first.schedules == again.schedules and len(first.schedules) >= 11


def test_the_shop_holds_whatever_the_network_does(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    result = run("test", "shop.yaml::good", "--explore", "25")
    assert result.exit_code == 0, result.output
    assert "25 schedules (seed 0): 0 dialogues fail by one" in result.output
    assert "\n1 schedule (seed 0): 0 dialogues" in run("test", "shop.yaml::good", "--explore", "1").output
    assert run("test", "shop.yaml::good", "--schedule", "double 3, delay 5 0.2s").exit_code == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--schedule", "nonsense 1"], "is no hurdle of a schedule"),
        (["--explore", "5", "--provider", "chat"], "--provider scripted or offline"),
        (["--explore-seed", "5"], "it needs --explore"),
        (["--explore", "5", "--schedule", "double 1"], "exclude each other"),
        (["--explore", "5", "--resume"], "exclude each other"),
    ],
)
def test_what_cannot_be_explored_is_told_in_one_line(folder: Path, options: list[str], told: str) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    result = run("test", *options)
    assert result.exit_code == 2 and told in " ".join(result.output.split())
