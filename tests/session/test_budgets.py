"""What a conversation costs by the table's prices, and its end where it has taken what it was given."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import UsageError
from realtime_scenarios.project import load
from realtime_scenarios.project.models import Prices, Rates, model_named
from realtime_scenarios.project.spending import Budget, OverBudget, Spending, cost_of
from realtime_scenarios.providers import Opened
from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.realtime import Pace, connect_in_memory
from realtime_scenarios.realtime.responder import Output, ResponseRequest, SayText
from realtime_scenarios.session import Conversation, LoopClock, run_in_virtual_time
from realtime_scenarios.trace import AgentSaid, ModelError, Trace
from support import Answers, Written
from support.conversations import of

DESK = "scenario: desk\nstart: desk\nagents: {desk: {instructions: Help.}}\n"
PRICES = Prices(text=Rates(4.0, 0.4, 24.0), audio=Rates(32.0, 0.4, 64.0), image=Rates(5.0, 0.5))


def usage(**tokens: int) -> dict[str, Any]:
    cached = {f"{kind}_tokens": tokens.get(f"cached_{kind}", 0) for kind in ("text", "audio", "image")}
    read = {f"{kind}_tokens": tokens.get(kind, 0) for kind in ("text", "audio", "image")}
    written = {f"{kind}_tokens": tokens.get(f"out_{kind}", 0) for kind in ("text", "audio")}
    return {"input_token_details": {**read, "cached_tokens_details": cached}, "output_token_details": written}


@pytest.mark.parametrize(
    ("taken", "dollars"),
    [
        (usage(text=1_000_000), 4.0),
        (usage(text=1_000_000, cached_text=1_000_000), 0.4),
        (usage(text=1_000_000, cached_text=500_000), 2.2),
        (usage(audio=1_000_000, out_audio=1_000_000), 96.0),
        (usage(image=1_000_000), 5.0),
        (usage(out_text=1_000_000), 24.0),
        ({"input_token_details": {"text_tokens": 1_000_000, "cached_tokens": 1_000_000}}, 0.4),
        ({}, 0.0),
    ],
)
def test_every_kind_of_token_has_its_price(taken: dict[str, Any], dollars: float) -> None:
    assert cost_of(taken, PRICES) == pytest.approx(dollars)


def test_kinds_without_a_price_count_as_text() -> None:
    assert cost_of(usage(image=1_000_000), Prices(text=Rates(4.0, 0.4, 24.0))) == pytest.approx(4.0)


def held(written: Written, budget: Budget, *, model: str | None = "gpt-realtime-2.1", network: bool = True) -> Trace:
    """Five turns, as far as they come; each answer takes 20 seconds."""
    scenario = load(written(DESK)).scenario

    async def connect() -> object:
        return connect_in_memory(Answers([[SayText("word " * 10)]], repeat=True), pace=Pace(1, 2000))

    async def conversation() -> Trace:
        opened = Opened(WireModel(connect), {"url": "memory:", "headers": {}}, model, network=network)
        talked = Conversation(compiled(scenario), opened, clock=LoopClock(), budget=budget)
        kept.append(talked)
        async with talked:
            for _ in range(5):
                await talked.user_says("Hello")
            return talked.finished("over")

    kept.clear()
    return run_in_virtual_time(conversation())


kept: list[Conversation] = []


def test_a_conversation_ends_where_its_money_is_spent(written: Written) -> None:
    known = model_named("gpt-realtime-2.1")
    assert known is not None and known.entry.prices is not None
    with pytest.raises(OverBudget, match=r"the budget of \$0\.0006 is spent: \$0\.0\d+ by the prices of 2026-11-29"):
        held(written, Budget(dollars=0.0006))

    trace = kept[0].trace
    assert 1 <= len(of(trace, AgentSaid)) < 5
    assert [event.code for event in of(trace, ModelError)] == ["over_budget"]
    assert kept[0].dollars is not None and kept[0].dollars >= 0.0006


def test_a_conversation_ends_where_its_time_is_over_in_the_middle_of_a_turn(written: Written) -> None:
    with pytest.raises(OverBudget, match=r"the conversation has lasted its 0\.5 minutes"):
        held(written, Budget(minutes=0.5))

    assert len([event for event in of(kept[0].trace, AgentSaid) if not event.interrupted]) == 1


def test_a_conversation_within_its_bounds_goes_on_to_its_end(written: Written) -> None:
    trace = held(written, Budget(minutes=10, dollars=1))
    assert len(of(trace, AgentSaid)) == 5
    assert not of(trace, ModelError)


def test_what_each_model_has_cost_is_told_and_of_which_no_price_is_known() -> None:
    spending = Spending.of(Budget(), "gpt-realtime-2.1", costs=True)
    assert list(spending.told()) == []
    spending.add(usage(text=10_000))
    assert list(spending.told()) == ["about $0.0400 for the voice model, by the prices of 2026-11-29"]
    for _ in range(2):
        spending.add_text("gpt-4o-mini", usage(text=10_000))
        spending.add_text("ours", usage(text=10_000))
    assert list(spending.told()) == [
        "about $0.0430 by the prices of 2026-11-29:",
        "  $0.0400 gpt-realtime-2.1",
        "  $0.0030 gpt-4o-mini",
        "no price is known of 'ours': it is not in the sum",
    ]


def test_a_voice_without_a_price_is_told_where_others_have_one_and_no_sum_is_taken_for_the_whole() -> None:
    spending = Spending.of(Budget(), "ours", costs=True)
    spending.add(usage(text=10_000))
    assert list(spending.told()) == ["no price is known of 'ours'"]
    spending.add_text("gpt-4o-mini", usage(text=10_000))
    assert list(spending.told()) == [
        "about $0.0015 by the prices of 2026-11-29:",
        "  $0.0015 gpt-4o-mini",
        "no price is known of 'ours': it is not in the sum",
    ]
    assert not spending.is_known


def test_the_voice_model_is_told_first_whoever_was_asked_first() -> None:
    spending = Spending.of(Budget(), "gpt-realtime-2.1", costs=True)
    spending.add_text("gpt-4o-mini", usage(text=10_000))
    spending.add(usage(text=10_000))
    assert [line.split()[-1] for line in spending.told()][1:] == ["gpt-realtime-2.1", "gpt-4o-mini"]


def test_a_text_model_without_a_price_ends_what_is_bounded_by_its_cost() -> None:
    spending = Spending.of(Budget(dollars=1), "gpt-realtime-2.1", costs=True)
    assert spending.add(usage(text=10_000)) is None
    over = spending.add_text("ours", usage(text=10_000))
    assert over is not None
    assert over.message == "no price is known of 'ours', so that nobody can say when $1 is spent"
    assert spending.is_known and spending.dollars == pytest.approx(0.04)


def test_who_is_not_paid_has_no_price_to_tell() -> None:
    spending = Spending.of(Budget(), "ours", costs=False)
    spending.add(usage(text=10_000))
    assert list(spending.told()) == [] and not spending.is_known


@pytest.mark.parametrize("model", ["ours", None])
def test_money_cannot_be_counted_without_prices(written: Written, model: str | None) -> None:
    with pytest.raises(UsageError, match="no price is known of") as problem:
        held(written, Budget(dollars=1), model=model)
    assert "--max-minutes" in str(problem.value.hint)


def test_what_costs_nothing_is_never_too_dear(written: Written) -> None:
    assert len(of(held(written, Budget(dollars=0.0001), model=None, network=False), AgentSaid)) == 5


def test_how_long_a_caller_waits_for_the_first_words_of_each_turn_is_known(written: Written) -> None:
    scenario = load(written(DESK)).scenario

    class Thinking(Answers):
        async def respond(self, request: ResponseRequest) -> Sequence[Output]:
            await asyncio.sleep(len(request.items))
            return await super().respond(request)

    async def connect() -> object:
        return connect_in_memory(Thinking([[SayText("Yes.")], [], [SayText("No.")]]), pace=Pace(1, 100))

    async def conversation() -> list[float]:
        opened = Opened(WireModel(connect), {"url": "memory:", "headers": {}})
        async with Conversation(compiled(scenario), opened, clock=LoopClock()) as talked:
            for line in ("One", "Two", "Three"):
                await talked.user_says(line)
            return talked.waits

    assert run_in_virtual_time(conversation()) == pytest.approx([1, 4])  # the second turn had no words
