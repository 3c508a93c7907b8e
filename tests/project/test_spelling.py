"""What people may write for agents, tools and guardrails in dialogues."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.project import Project, load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from support import Written
from support.dialogues import played

SHOP = """
    scenario: shop
    start: desk
    context: {verified: {type: boolean, default: false}}
    agents:
      desk:
        name: Front Desk
        instructions: x
        tools: [look_up]
        handoffs: [{to: pay, requires: context.verified}]
        states_mode: tracked
        states:
          - {id: one, description: x, transitions: [{to: two, when: y}]}
          - {id: two, description: x, tools: [look_up], terminal: true}
      pay: {name: Cash Desk, instructions: x, handoffs: [desk], guardrails: [no_rude_words]}
    tools: {look_up: {description: x, returns: found}}
    guardrails: {no_rude_words: {phrases: [you fool]}}
    dialogues:
      - DIALOGUE
"""


def shop(written: Written, dialogue: str) -> Project:
    path: Path = written(SHOP.replace("DIALOGUE", dialogue))
    return load(path)


@pytest.mark.parametrize(
    "dialogue",
    [
        "{id: d, agent: Cash Desk, turns: [{user: x, agent: [{handoff: Front Desk}, {say: y}], expect: [{agent: front desk}]}]}",
        "{id: d, agent: pay, turns: [{user: x, agent: [{handoff: transfer_to_front_desk}, {say: y}], expect: [{handoff: {from: Cash Desk, to: desk}}]}]}",
        "{id: d, agent: desk, state: two, turns: [{user: x, agent: [{call: lookUp}, {say: y}], expect: [{called: Look Up}, {order: [LOOK_UP]}, {state: two}]}]}",
        "{id: d, agent: pay, turns: [{user: x, agent: [{say: you fool}, {say: sorry}], expect: [{guardrail: No rude words}]}]}",
        "{id: d, agent: desk, context: {verified: true}, turns: [{user: x, agent: [{handoff: Cash Desk}, {say: y}], expect: [{agent: pay}]}]}",
    ],
)
def test_a_dialogue_may_call_things_by_what_they_are_called(written: Written, dialogue: str) -> None:
    project = shop(written, dialogue)
    assert not project.errors, project.errors
    result = played(compiled(project.scenario), project.dialogues[0], PROVIDERS["scripted"], ProviderRequest())
    assert result.passed, [verdict.message for verdict in result.failures]


def test_a_name_that_means_two_things_means_nothing(written: Written) -> None:
    text = SHOP.replace(
        "look_up: {description: x, returns: found}", "look_up: {description: x}, lookup: {description: x}"
    )
    path = written(text.replace("DIALOGUE", "{id: d, turns: [{user: x, agent: [{call: LookUp}]}]}"))
    assert load(path).dialogues[0].turns[0].moves[0].tool == "LookUp"  # type: ignore[index,union-attr]
