"""A conversation is the same whatever the network does to its events without doing anything wrong."""

from __future__ import annotations

import asyncio
import functools
from typing import Any

import pytest

from realtime_scenarios.compiler import CompiledScenario, compiled
from realtime_scenarios.core.schedules import Schedule
from realtime_scenarios.model import Dialogue
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.suite.effects import doubled_effects
from realtime_scenarios.trace import to_json_lines
from realtime_scenarios.verdicts import DialogueResult
from support import Written
from support.dialogues import played

BANK = """
    scenario: bank
    start: desk
    context: {paid: {type: integer, default: 0}}
    agents:
      desk: {instructions: x, tools: [pay], handoffs: [vault]}
      vault: {instructions: x, tools: [pay, rows], handoffs: [desk]}
    tools:
      pay: {description: x, approval: {timeout: 60s}, returns: paid, delay: 1s, set: {paid: context.paid + 1}}
      rows: {description: x, query: {sql: INSERT INTO ledger VALUES (1)}}
    data:
      ledger: {rows: [{n: 0}]}
    dialogues:
      - id: one
        turns:
          - user: Pay
            agent: [{call: pay, approval: approve}, {handoff: vault}, {say: You are with the vault now.}]
          - user: Note it down, and pay once more
            agent: [{call: rows}, {call: pay, approval: reject}, {say: It is noted.}]
            expect: [{context: {paid: 1}}, {data: {query: SELECT count(*) AS n FROM ledger, returns: 2}}]
"""


@pytest.fixture
def bank(written: Written) -> tuple[CompiledScenario, Dialogue]:
    project = load(written(BANK))
    assert not project.errors, project.errors
    return compiled(project.scenario), project.dialogues[0]


def by(bank: tuple[CompiledScenario, Dialogue], schedule: str) -> DialogueResult:
    return played(*bank, PROVIDERS["scripted"], ProviderRequest(schedule=Schedule.of(schedule)))


def test_an_event_that_comes_twice_changes_nothing(bank: tuple[CompiledScenario, Dialogue]) -> None:
    usual = by(bank, "")
    assert usual.passed, (usual.failures, usual.error)
    for number in range(1, 90):
        twice = by(bank, f"double {number}")
        assert to_json_lines(twice.trace) == to_json_lines(usual.trace), number


@pytest.mark.parametrize("seed", range(3))
def test_what_is_late_makes_nothing_happen_twice(bank: tuple[CompiledScenario, Dialogue], seed: int) -> None:
    usual = by(bank, "")
    for number in range(30):
        schedule = str(Schedule.drawn(seed, number, events=80))
        result = by(bank, schedule)
        assert result.passed, (schedule, result.failures, result.error)
        assert list(doubled_effects(result.trace, usual.trace)) == [], schedule


def test_the_answer_of_a_tool_and_a_decision_come_as_late_as_the_schedule_says(
    bank: tuple[CompiledScenario, Dialogue],
) -> None:
    def seconds(schedule: str) -> float:
        return by(bank, schedule).trace.measures[1].seconds

    assert seconds("tool 1 1.5s") == pytest.approx(seconds("") + 1.5)
    assert seconds("decision 1 2s") == pytest.approx(seconds("") + 2)
    assert by(bank, "decision 1 61s").failures, "nobody waits for a decision beyond the time of its rule"


def test_events_that_share_an_id_are_all_taken() -> None:
    from realtime_scenarios.providers.wire import WireModel

    taken: list[Any] = []

    class Listening(WireModel):
        async def _emit_event(self, event: Any) -> None:
            taken.append(event)

    async def hear(*ids: str) -> int:
        taken.clear()
        model = Listening(functools.partial(asyncio.sleep, 0))
        for number, name in enumerate(ids):
            await model._handle_ws_event(
                {"type": "rate_limits.updated", "event_id": name, "rate_limits": [], "n": number}
            )
            await model._handle_ws_event({"type": "made.up", "event_id": name, "n": number})
        return len([event for event in taken if event.type == "raw_server_event"])

    assert asyncio.run(hear("same", "same", "same")) == 3
