"""What the studio's page is told of prompts: as the file makes them, and where each line was written."""

from __future__ import annotations

import pytest

from realtime_scenarios.core import UsageError, resource_folder
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import load
from realtime_scenarios.project.prompts import functions_of, prompt_of
from realtime_scenarios.session.time import DEFAULT_NOW
from realtime_scenarios.studio.prompts import prompt_led_back, prompt_read
from support import Written

AIRLINE = resource_folder("scenarios") / "airline" / "airline.yaml"

DESK = """
scenario: desk
start: main
session: {voice: cedar}
context:
  name: {type: [string, "null"], default: null}
  pin: {type: string, default: "4711-0815", secret: true}
agents:
  main:
    personality:
      identity: A clerk who has seen it all.
      task: Helps callers with their parcels.
    instructions: |
      You speak with {{ context.name or "a stranger" }} now.

      - Be short.
      - Their secret is {{ context.pin }}, tell nobody.
    tools: [look_up]
    handoffs: [other]
    states_mode: tracked
    states:
      - id: greeting
        description: Say hello to the caller.
        instructions: [Ask how you can help them.]
        collect: [name]
        transitions: [{to: helping, when: They said what they want.}]
      - id: helping
        description: Help.
  other: {handoff_description: The other desk., instructions: Help., handoffs: [main]}
tools:
  look_up: {description: Looks a parcel up., parameters: {what: string}}
"""


@pytest.fixture
def desk(written: Written) -> Scenario:
    return load(written(DESK)).scenario


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(DESK.splitlines(), 1) if text in line)


def test_the_prompt_is_the_one_that_the_model_reads() -> None:
    scenario = load(AIRLINE).scenario
    agent = scenario.agents["main"]
    values = {name: variable.default for name, variable in scenario.context.items()}
    read = prompt_read(scenario, "main", None, {}, DEFAULT_NOW)
    assert read["instructions"] == prompt_of(agent, scenario, {"context": values, "now": DEFAULT_NOW})
    assert [tool["name"] for tool in read["tools"]] == [tool["name"] for tool in functions_of(agent, scenario)]
    assert "\n".join(line["text"] for line in read["lines"]) == read["instructions"]
    assert read["tokens"] > len(read["instructions"]) // 4


def test_each_line_of_the_author_leads_to_where_it_was_written(desk: Scenario) -> None:
    read = prompt_read(desk, "main", None, {"name": "Riley"}, DEFAULT_NOW)
    places = {line["text"].strip(): line["place"] for line in read["lines"]}
    for text, written in [
        ("You speak with Riley now.", "You speak with"),
        ("- Be short.", "- Be short."),
        ('"description": "Say hello to the caller.",', "Say hello to the caller."),
        ('"Ask how you can help them."', "Ask how you can help them."),
    ]:
        assert places[text] is not None, text
        assert places[text][:2] == ("scenario.yaml", line_of(written))
    assert any(place and place[1] == line_of("A clerk who") for place in places.values())
    assert places["# Conversation States"] is None


def test_functions_lead_to_the_tool_the_handoff_and_the_states(desk: Scenario) -> None:
    read = prompt_read(desk, "main", None, {}, DEFAULT_NOW)
    lines = {tool["name"]: tool["place"][1] for tool in read["tools"]}
    assert lines == {
        "look_up": line_of("look_up: {description"),
        "set_conversation_state": line_of("- id: greeting"),
        "transfer_to_other": line_of("handoffs: [other]"),
    }
    assert read["settings"] == {"voice": "cedar"}


def test_values_of_secret_variables_are_not_told(desk: Scenario) -> None:
    read = prompt_read(desk, "main", None, {}, DEFAULT_NOW)
    assert "4711" not in str(read) and "Their secret is [secret], tell nobody." in read["instructions"]


def test_a_prompt_from_the_wire_is_led_back_whatever_its_values_are(desk: Scenario) -> None:
    text = "You speak with Zoë now.\n\n- Be short.\nAnd something that nobody wrote."
    led = prompt_led_back(desk, "main", text)
    assert [line["place"] and line["place"][1] for line in led["lines"]] == [
        line_of("You speak with"),
        None,
        line_of("- Be short."),
        None,
    ]
    assert led["functions"]["look_up"][1] == line_of("look_up: {description")


def test_an_unknown_agent_or_state_is_named(desk: Scenario) -> None:
    with pytest.raises(UsageError, match="no agent 'mian'"):
        prompt_read(desk, "mian", None, {}, DEFAULT_NOW)
    with pytest.raises(UsageError, match="no state 'x'"):
        prompt_read(desk, "main", "x", {}, DEFAULT_NOW)
    with pytest.raises(UsageError, match="has no states"):
        prompt_read(desk, "other", "x", {}, DEFAULT_NOW)
