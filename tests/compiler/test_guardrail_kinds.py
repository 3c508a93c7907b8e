"""Guardrails of every kind, and what a broken one means."""

from __future__ import annotations

import pytest

from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.trace import AgentSaid, GuardrailTripped
from support import Answers, Written
from support.conversations import held, of, saying

CODE = """
def polite(text):
    return "shouts" if text.isupper() else None


def broken(text):
    raise RuntimeError("no dictionary")
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
