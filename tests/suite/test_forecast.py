"""What a live suite would cost is counted from a replay, by the dated table of prices."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_scenarios.cli.forecasting import SuiteBudget, require_known_prices
from realtime_scenarios.core import UsageError
from realtime_scenarios.project import load
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.project.models import model_named
from realtime_scenarios.suite.forecast import Estimate, forecast_of, summed, told_lines
from realtime_scenarios.trace import (
    AgentSaid,
    HandedOff,
    ModelAnswered,
    ModelAsked,
    ToolCalled,
    ToolReturned,
    Trace,
    TraceEvent,
    UserSaid,
)
from realtime_scenarios.verdicts import DialogueResult

SCENARIO = """\
scenario: shop
start: desk
session: {{model: {model}, output: {output}}}
agents:
  desk: {{instructions: "{instructions}", tools: [ask], handoffs: [bills]}}
  bills: {{instructions: Explain.}}
tools:
  ask: {{description: x, supervisor: wise}}
supervisors:
  wise: {{instructions: Think., model: gpt-6-luna}}
dialogues:
  - {{id: one, turns: [{{user: Hi, agent: [{{say: Hello.}}]}}]}}
"""
TALK: tuple[TraceEvent, ...] = (
    UserSaid(1, 1, "desk", text="Hello there"),
    AgentSaid(2, 1, "desk", text="One moment."),
    ToolCalled(3, 1, "desk", call_id="a", tool="ask", arguments={}),
    ModelAsked(4, 1, "desk", call_id="a", name="wise", instructions="Think.", question="x" * 400),
    ModelAnswered(5, 1, "desk", call_id="a", name="wise", text="y" * 40),
    ToolReturned(6, 1, "desk", call_id="a", tool="ask", outcome="answered", output="z" * 400),
    HandedOff(7, 1, "desk", call_id="b", to="bills"),
    AgentSaid(8, 1, "bills", text="So it is."),
    UserSaid(9, 2, "bills", text="Thanks"),
    AgentSaid(10, 2, "bills", text="You are welcome."),
)


def case(folder: Path, *, model: str = "gpt-realtime-2.1", output: str = "text", instructions: str = "Help.") -> Case:
    path = folder / "shop.yaml"
    path.write_text(SCENARIO.format(model=model, output=output, instructions=instructions))
    return cases_of([load(path)])[0]


def estimate(of: Case, events: tuple[TraceEvent, ...] = TALK) -> Estimate:
    result = DialogueResult(of.dialogue, (), Trace(events, "desk"))
    return forecast_of(of, result, provider="openai", model=None, on=None)


def test_responses_and_questions_are_counted_as_a_model_would_make_them(tmp_path: Path) -> None:
    found = estimate(case(tmp_path))
    # the line that leads into the call, the handoff, the first words of the other, and the answer to the thanks
    assert (found.responses, found.questions, found.dialogues) == (4, 1, 1)
    assert 0 < found.low < found.high and found.unpriced == ()


def test_every_response_reads_the_whole_conversation_again(tmp_path: Path) -> None:
    short, long = estimate(case(tmp_path), TALK[:2]), estimate(case(tmp_path, instructions="Help. " * 400), TALK[:2])
    assert long.read - short.read == pytest.approx(6 * 399 / 4, abs=2)
    again = (*TALK[:2], UserSaid(3, 2, "desk", text="Thanks"), AgentSaid(4, 2, "desk", text="You are welcome."))
    assert estimate(case(tmp_path), again).read > 2 * short.read


def test_the_cache_is_what_lies_between_the_two_sums(tmp_path: Path) -> None:
    first = estimate(case(tmp_path), TALK[:2])
    assert first.low == first.high  # nothing was read before
    prices = model_named("gpt-realtime-2.1")
    assert prices is not None and prices.entry.prices is not None and prices.entry.prices.text is not None
    rates = prices.entry.prices.text
    assert rates.input is not None and rates.output is not None
    assert first.high == pytest.approx((first.read * rates.input + first.written * rates.output) / 1e6)


def test_an_agent_that_speaks_costs_sound_and_takes_its_time(tmp_path: Path) -> None:
    written, spoken = estimate(case(tmp_path)), estimate(case(tmp_path, output="audio"))
    assert spoken.high > written.high and spoken.seconds > written.seconds


def test_a_model_without_a_price_is_named_and_in_no_sum(tmp_path: Path) -> None:
    found = estimate(case(tmp_path, model="gpt-realtime-of-ours"))
    assert found.unpriced == ("gpt-realtime-of-ours",)
    assert any("no price is known of 'gpt-realtime-of-ours'" in line for line in told_lines(found, 0, 1))
    with pytest.raises(UsageError, match="no price is known"):
        require_known_prices([case(tmp_path, model="gpt-realtime-of-ours")], "openai", {})
    with pytest.raises(UsageError, match="no price is known of what `--provider chat` asks"):
        require_known_prices([case(tmp_path)], "chat", {"model": "gpt-4o-mini"})
    require_known_prices([case(tmp_path, model="gpt-realtime-of-ours")], "offline", {})


def test_estimates_add_up_and_are_told(tmp_path: Path) -> None:
    one = estimate(case(tmp_path))
    lines = list(told_lines(summed([one, one, one]), 2, 2))
    assert (
        lines[0] == "3 dialogues (2 more only as a script): 12 responses of the voice model, 3 questions to text models"
    )
    assert "with 2 workers" in lines[-1]


def result(of: Case, dollars: float | None) -> DialogueResult:
    return DialogueResult(of.dialogue, (), Trace((), "desk"), dollars=dollars)


def test_a_run_ends_before_what_is_going_on_might_cost_too_much(tmp_path: Path) -> None:
    one, budget = case(tmp_path), SuiteBudget(1.0, workers=2)
    assert budget.add(result(one, 0.2)) and budget.add(result(one, None)) and budget.add(result(one, 0.25))
    assert not budget.add(result(one, 0.1))  # 0.55 is spent, and two more might cost 0.25 each
    assert str(budget) == "$0.5500 of $1 is spent, and another dialogue might cost more"
