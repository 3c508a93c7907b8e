"""`scenario test --repeat`, with a model that makes mistakes by chance and at a rate that is known."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import pytest

from realtime_scenarios.cli.playing import Players, Playing
from realtime_scenarios.cli.repeating import RepeatWish
from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import ProviderError
from realtime_scenarios.project import load
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.suite import Finished
from realtime_scenarios.trace import Trace
from realtime_scenarios.verdicts import DialogueResult
from support.command_line import SHOP, run
from support.fallible import in_other_words, result_of_another_model, with_a_wrong_id

ORDERS = """\
scenario: orders
start: desk
agents:
  desk: {instructions: x, tools: [track]}
tools:
  track: {description: x, parameters: {order: string}, returns: shipped}
dialogues:
  - {id: one, turns: [{user: Where is A-17?, agent: [{call: track, args: {order: A-17}}, {say: It is shipped.}]}]}
"""


class Fallible:
    """A model that gets an id wrong in so many of 100 conversations; `played` counts them."""

    def __init__(self, rate_of_mistakes: float, seed: int = 1) -> None:
        self._rate = rate_of_mistakes
        self._chance = random.Random(seed)
        self._results: dict[bool, DialogueResult] = {}
        self.played = 0

    @property
    def players(self) -> Players:
        @contextmanager
        def play(cases: Sequence[Case]) -> Iterator[Playing]:
            yield Playing((Finished(at, case, self._result(case)) for at, case in enumerate(cases)), lambda: False)

        return play

    def _result(self, case: Case) -> DialogueResult:
        self.played += 1
        is_wrong = self._chance.random() < self._rate
        if is_wrong not in self._results:  # the same mistake comes to the same
            wording = with_a_wrong_id if is_wrong else in_other_words
            self._results[is_wrong] = result_of_another_model(compiled(case.project.scenario), case.dialogue, wording)
        return self._results[is_wrong]


@pytest.fixture
def cases(folder: Path) -> list[Case]:
    (folder / "orders.yaml").write_text(ORDERS, encoding="utf-8")
    return cases_of([load(folder / "orders.yaml")])


def repeated(cases: list[Case], model: Fallible, times: int, wanted: float = 0.8) -> tuple[DialogueResult, RepeatWish]:
    wish = RepeatWish(times, wanted)
    with wish.repeating(model.players)(cases) as playing:
        (finished,) = list(playing.finished)
    return finished.result, wish


@pytest.mark.parametrize(
    ("rate_of_mistakes", "status"), [(0.0, "passed"), (0.02, "passed"), (0.7, "failed"), (0.2, "unsure")]
)
def test_what_is_said_of_a_model_is_what_it_is_like(cases: list[Case], rate_of_mistakes: float, status: str) -> None:
    result, _ = repeated(cases, Fallible(rate_of_mistakes), 60)
    assert result.status == status


def test_a_model_that_is_always_wrong_is_not_asked_to_the_end(cases: list[Case]) -> None:
    model = Fallible(1.0)
    result, _ = repeated(cases, model, 60)
    assert result.status == "failed" and "track" in result.failures[0].message
    assert model.played < 25


def test_a_doubt_says_how_often_it_passed_and_fails_the_run(
    cases: list[Case], capsys: pytest.CaptureFixture[str]
) -> None:
    result, wish = repeated(cases, Fallible(0.2), 30)
    assert result.status == "unsure" and result.fails_the_run
    assert result.doubt is not None and " passed: between" in result.doubt and "80% is wanted" in result.doubt
    wish.tell(lambda text, tone: text)
    shown = capsys.readouterr().out
    assert "flaky: passed and failed\n  orders.yaml::one: such as: orders.yaml:8:" in shown
    assert "pass^1" in shown and "pass^8" in shown


def test_a_model_out_of_reach_is_asked_once(cases: list[Case]) -> None:
    gone = DialogueResult(cases[0].dialogue, (), Trace((), "desk"), ProviderError("nobody answers"))
    asked: list[Case] = []

    @contextmanager
    def players(batch: Sequence[Case]) -> Iterator[Playing]:
        asked.extend(batch)
        yield Playing((Finished(at, case, gone) for at, case in enumerate(batch)), lambda: False)

    with RepeatWish(60, 0.8).repeating(players)(cases) as playing:
        (finished,) = list(playing.finished)
    assert len(asked) == 1 and isinstance(finished.result.error, ProviderError)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--repeat", "20"], "the scripted model does the same each time"),
        (["--repeat", "20", "--provider", "offline"], "answers the same each time"),
        (["--repeat", "5", "--provider", "chat"], "take --repeat 16, or a lower --pass-rate"),
        (["--pass-rate", "50"], "it needs --repeat"),
    ],
)
def test_repeats_that_tell_nothing_are_refused(folder: Path, options: list[str], told: str) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    result = run("test", *options)
    assert result.exit_code == 2 and told in " ".join(result.output.split())


def test_a_wish_of_nothing_changes_nothing(cases: list[Case]) -> None:
    players = Fallible(0.0).players
    assert RepeatWish(None, 0.8).repeating(players) is players
    with pytest.raises(click.UsageError):
        RepeatWish(20, 0.8).check("offline")
