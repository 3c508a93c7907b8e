"""Guardrails of every kind, and what a broken one means."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_scenarios.compiler import guardrails
from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.trace import AgentSaid, ApprovalRequested, GuardrailChecked, GuardrailTripped, ToolReturned
from support import Answers, Written
from support.conversations import held, of, saying

CODE = """
import asyncio, time


def polite(text):
    return "shouts" if text.isupper() else None


def broken(text):
    raise RuntimeError("no dictionary")


def ends_everything(text):
    raise SystemExit(0)


async def awaits(text):
    await asyncio.sleep(0)
    return polite(text)


calls = []


def first_of_a_conversation(text):
    calls.append(text)
    return "again" if len(calls) > 2 else None  # each answer of this length is heard twice at most
"""


@pytest.mark.parametrize(
    ("rule", "text", "trips"),
    [
        ("{phrases: [a sure  thing]}", "It is A SURE thing, believe me.", True),
        ("{phrases: [art]}", "We start soon.", False),
        ("{pattern: '\\b\\d{16}\\b'}", "Your card is 4242424242424242.", True),
        ("{pattern: '\\b\\d{16}\\b'}", "Your card ends in 4242.", False),
        ("{python: 'code:polite'}", "GO AWAY", True),
        ("{python: 'code:polite'}", "Go away", False),
        ("{python: 'code:broken', on_error: closed}", "Hello", True),
        ("{python: 'code:broken', on_error: open}", "Hello", False),
        ("{python: 'code:ends_everything', on_error: closed}", "Hello", True),
        ("{python: 'code:ends_everything', on_error: open}", "Hello", False),
        ("{python: 'code:awaits'}", "GO AWAY", True),
        ("{python: 'code:awaits'}", "Go away", False),
    ],
)
def test_a_guardrail_trips_when_it_should(written: Written, rule: str, text: str, trips: bool) -> None:
    written(CODE, "code.py")
    path = written(
        f"""
        scenario: s
        start: a
        session: {{guardrails: {{apply: [rule]}}}}
        agents: {{a: {{instructions: x}}}}
        guardrails: {{rule: {rule}}}
        """
    )
    trace, _ = held(
        path, Answers([[SayText(text)], [SayText("Sorry.") if trips else SayText("unused")]]), saying("Well?")
    )
    assert bool(of(trace, GuardrailTripped)) is trips
    assert [event.text for event in of(trace, AgentSaid)] == ([text, "Sorry."] if trips else [text])


def guarded(written: Written, rule: str, **settings: object) -> Path:
    written(CODE, "code.py")
    more = "".join(f", {name}: {value}" for name, value in settings.items())
    return written(
        f"""
        scenario: s
        start: a
        session: {{guardrails: {{apply: [rule]{more}}}}}
        agents: {{a: {{instructions: x, tools: [pay]}}}}
        tools: {{pay: {{description: x, approval: always}}}}
        guardrails: {{rule: {rule}}}
        """
    )


@pytest.mark.parametrize(("on_error", "trips"), [("open", 0), ("closed", 1)])
def test_code_that_is_late_is_a_guardrail_that_failed(
    written: Written, monkeypatch: pytest.MonkeyPatch, on_error: str, trips: int
) -> None:
    monkeypatch.setattr(guardrails, "_CHECK_TIMEOUT", 0.2)
    path = guarded(written, f"{{python: 'slow:f', on_error: {on_error}}}")
    written("import time\ndef f(text): time.sleep(0.5 if text == 'Hello' else 0)\n", "slow.py")
    trace, _ = held(path, Answers([[SayText("Hello")], [SayText("Sorry.")]]), saying("Well?"))
    assert len(of(trace, GuardrailTripped)) == trips
    failed = [event.reason for event in (of(trace, GuardrailTripped) if trips else of(trace, GuardrailChecked))]
    assert failed == ["failed: no answer within 0.2 seconds"]


def test_what_the_code_of_a_guardrail_remembers_is_forgotten_after_the_conversation(written: Written) -> None:
    path = guarded(written, "{python: 'code:first_of_a_conversation'}")
    for _ in range(3):
        trace, _ = held(path, Answers([[SayText("Hello")]]), saying("Well?"))
        assert of(trace, GuardrailTripped) == []


def test_nothing_is_done_in_a_turn_that_guardrails_have_ended(written: Written) -> None:
    path = guarded(written, "{phrases: [promise]}", max_trips=1)
    model = Answers([[SayText("I promise."), CallFunction("pay", "{}")], [SayText("Hello again.")]])
    trace, _ = held(path, model, saying("Pay", "Hello?"))
    assert [(event.tool, event.outcome) for event in of(trace, ToolReturned)] == [("pay", "refused")]
    assert of(trace, ApprovalRequested) == []
    assert [event.text for event in of(trace, AgentSaid)] == ["I promise.", "Hello again."]
