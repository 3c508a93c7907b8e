"""`scenario test --forecast`: what the sum is of, what is not in it, and exit codes that do not call a part the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from realtime_scenarios.cli.forecasting import forecast
from realtime_scenarios.cli.playing import Playing, this_process
from realtime_scenarios.core import UsageError
from realtime_scenarios.project import load
from realtime_scenarios.project.cases import Case, cases_of
from support.command_line import run

DESK = """\
scenario: desk
start: desk
session: {model: gpt-realtime-2.1, output: audio}
agents: {desk: {instructions: Help.}}
dialogues:
  - {id: one, turns: [{user: Hi, agent: [{say: Hello.}], expect: [{agent: desk}]}]}
  - {id: two, turns: [{user: Hi, agent: [{say: Hello.}], expect: [{agent: desk}]}]}
"""
CALLER = "  - {id: three, caller: {opens: Hello, wants: [{says: Help me.}]}, expect: [{agent: desk}]}\n"


@pytest.fixture
def desk(folder: Path) -> Path:
    path = folder / "desk.yaml"
    path.write_text(DESK, encoding="utf-8")
    return path


def forecasted(*options: str) -> tuple[int, str]:
    result = run("test", "desk.yaml", "--forecast", "--in-process", *options)
    assert max(map(len, result.output.splitlines())) <= 80
    return result.exit_code, " ".join(result.output.split())


def test_an_interrupted_forecast_says_of_how_many_it_is(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    @contextmanager
    def interrupted(cases: Sequence[Case]) -> Iterator[Playing]:
        with this_process("scripted", {})(cases[:1]) as playing:
            yield Playing(playing.finished, lambda: True)

    assert forecast(cases_of([load(desk)]), interrupted, "openai", {}, workers=1) == 130
    told = capsys.readouterr().out
    assert "interrupted: 1 of 2 dialogues were counted, the others are in no sum" in told
    assert "1 dialogue: 1 response of the voice model" in told


def test_a_forecast_of_files_with_mistakes_is_of_the_rest_and_no_good_one(desk: Path) -> None:
    desk.write_text(DESK + "  - {id: wrong, turns: [{user: Hi, agent: [{call: nothing}]}]}\n", encoding="utf-8")
    code, told = forecasted("--provider", "openai")
    assert code == 1
    assert "2 dialogues: 2 responses" in told and "not in it: 1 dialogue with mistakes" in told


def test_a_forecast_from_scripts_that_fail_is_no_good_one(desk: Path) -> None:
    desk.write_text(DESK.replace("[{agent: desk}]", "[{said: goodbye}]", 1), encoding="utf-8")
    code, told = forecasted("--provider", "openai")
    assert code == 1 and "1 of them fail as a script already" in told


def test_where_nothing_can_be_forecast_that_is_told_and_no_sum(desk: Path) -> None:
    desk.write_text(DESK.partition("  - {id: one")[0] + CALLER, encoding="utf-8")
    code, told = forecasted("--provider", "openai")
    assert code == 1 and "$" not in told
    assert "nothing can be forecast" in told and "not in it: 1 dialogue whose caller has no script" in told


def test_a_forecast_of_repeats_is_of_all_of_them(desk: Path) -> None:
    code, told = forecasted("--provider", "openai", "--repeat", "20")
    assert code == 0 and "2 dialogues, each up to 20 times: 40 responses of the voice model" in told


@pytest.mark.parametrize(
    "option",
    [
        ["--max-cost", "1"],
        ["--junit", "a.xml"],
        ["--report", "jsonl=a.jsonl"],
        ["--html", "a.html"],
        ["--trace", "traces"],
        ["--callers", "3"],
        ["--explore", "3"],
        ["--resume"],
        ["--list"],
        ["--watch"],
        ["--coverage"],
    ],
    ids=lambda option: option[0],
)
def test_what_a_forecast_has_no_use_for_is_refused(desk: Path, option: list[str]) -> None:
    code, told = forecasted(*option)
    assert code == 2 and f"--forecast and {option[0]} exclude each other" in told


def test_the_stand_in_costs_nothing_and_is_not_counted_by_others_prices(desk: Path) -> None:
    code, told = forecasted("--provider", "offline")
    assert (code, told) == (
        0,
        "--provider offline costs nothing: the stand-in answers here, and no service is asked",
    )


def test_scripts_are_counted_as_what_they_stand_for_which_is_told(desk: Path) -> None:
    code, told = forecasted()
    assert code == 0 and told.startswith("counted as with --provider openai: a script costs nothing 2 dialogues:")


def test_a_text_model_as_the_voice_is_counted_by_its_own_price_and_as_text(desk: Path) -> None:
    code, told = forecasted("--provider", "chat", "--model", "gpt-6-luna")
    assert code == 0 and "by the prices of" in told and "counted as" not in told
    code, told = forecasted("--provider", "chat", "--model", "qwen3")
    assert code == 0 and "no price is known of 'qwen3' about" in told and "$" not in told
    with pytest.raises(UsageError, match="provider 'chat' needs a text model"):
        forecast(cases_of([load(desk)]), this_process("scripted", {}), "chat", {}, workers=1)


def test_of_a_voice_model_without_a_price_no_sum_is_told(desk: Path) -> None:
    code, told = forecasted("--provider", "openai", "--model", "nosuch")
    assert code == 0 and "no price is known of 'nosuch'" in told and "$" not in told
