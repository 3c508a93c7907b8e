"""Two agents with the same states, one of which begins elsewhere: written once, lived through twice."""

from __future__ import annotations

import json

import pytest

from realtime_scenarios.lint import findings
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import load
from realtime_scenarios.project.graph import state_graph
from realtime_scenarios.project.prompts import states_text
from realtime_scenarios.proof import departures, property_proofs
from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.trace import StateEntered
from support import Answers, Written
from support.conversations import held, of, saying

DESKS = """
    scenario: desks
    start: front
    context: {name: {type: [string, "null"], default: null}}
    agents:
      front:
        instructions: x
        handoffs: [back]
        tools: [pay]
        states_mode: tracked
        states: &steps
          - {id: ask, description: x, instructions: [x], examples: [x], collect: [name], transitions: [{to: done, when: y}]}
          - {id: done, description: x, instructions: [x], examples: [x], tools: [pay], terminal: true,
             transitions: [{to: ask, when: z}]}
      back:
        instructions: x
        handoffs: [front]
        tools: [pay]
        states_mode: tracked
        states_entry: done
        states: *steps
    tools: {pay: {description: x, requires: context.name}}
    properties: [{before: state:done -> pay}, {never: pay, when: context.name is none}]
"""


@pytest.fixture
def desks(written: Written) -> Scenario:
    return load(written(DESKS)).scenario


def test_each_agent_begins_in_its_own_state_and_never_leaves_the_model(written: Written) -> None:
    steps = [
        ("transfer_to_back", {}),
        ("set_conversation_state", {"next_state": "ask"}),
        ("set_conversation_state", {"next_state": "done", "name": "Ana"}),
        ("pay", {}),
        ("transfer_to_front", {}),
        ("set_conversation_state", {"next_state": "done"}),
    ]
    path = written(DESKS)
    model = Answers([*([CallFunction(name, json.dumps(given))] for name, given in steps), [SayText("Done.")]])
    trace, _ = held(path, model, saying("Go"))

    moves = [(event.agent, event.previous, event.state) for event in of(trace, StateEntered)]
    assert moves == [("back", "done", "ask"), ("back", "ask", "done"), ("front", "ask", "done")]
    assert list(departures(load(path).scenario, trace)) == []


def test_the_proof_knows_where_each_begins(desks: Scenario) -> None:
    assert [proof.verdict for proof in property_proofs(desks)] == ["proved", "proved"]


def test_pictures_and_prompts_say_where_it_begins(desks: Scenario) -> None:
    starts = {name: [node.id for node in state_graph(desks, name).nodes if node.is_start] for name in desks.agents}
    assert starts == {"front": ["ask"], "back": ["done"]}
    assert "Begin in the state done." in states_text(desks.agents["back"], desks, "done")
    assert "Begin in" not in states_text(desks.agents["front"], desks, "ask")


def test_a_state_is_within_reach_where_one_of_those_who_share_it_comes_there(written: Written) -> None:
    text = DESKS.replace("             transitions: [{to: ask, when: z}]}", "             transitions: []}")
    assert "unreachable-state" not in [found.name for found in findings(load(written(text)), warnings=True)]
    alone = text.replace("start: front", "start: back").replace(
        "states: &steps", "states_entry: done\n        states: &steps"
    )
    unreachable = [
        found for found in findings(load(written(alone)), warnings=True) if found.name == "unreachable-state"
    ]
    assert [found.message for found in unreachable] == ["no transition leads to state 'ask'"]


def test_a_state_to_begin_in_that_does_not_exist_is_told(written: Written) -> None:
    found = findings(load(written(DESKS.replace("states_entry: done", "states_entry: dnoe"))), warnings=False)
    assert [(one.name, one.message, one.hint) for one in found] == [
        ("unknown-state", "state 'dnoe' does not exist", "did you mean 'done'?")
    ]
