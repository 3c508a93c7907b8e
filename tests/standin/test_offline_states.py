"""The stand-in walks through states, asks supervisors and uses catalogues: the example scenarios run by hand, offline."""

from __future__ import annotations

from realtime_scenarios.core import resource_folder
from realtime_scenarios.session import ApprovalAnswer
from realtime_scenarios.trace import AgentSaid, HandedOff, StateEntered, ToolCalled, ToolReturned, Trace
from support import Written
from support.conversations import Person, held, of, saying, talked_offline

SCENARIOS = resource_folder("scenarios")


def states(trace: Trace) -> list[str]:
    return [event.state for event in of(trace, StateEntered)]


def test_a_caller_is_verified_step_by_step_and_handed_on() -> None:
    details = ["John", "Doe", "First of January 1980", "555 010 0199", "john.doe@example.com"]
    trace = talked_offline("front_desk", "Hello", *(line for detail in details for line in (detail, "yes")))
    assert states(trace)[0] == "2_get_first_name" and states(trace)[-1] == "7_completion"
    (call,) = [event for event in of(trace, ToolCalled) if event.tool == "authenticateUser"]
    assert call.arguments["dateOfBirth"] == "1980-01-01" and call.arguments["phoneNumber"] == "(555) 010-0199"
    assert [event.to for event in of(trace, HandedOff)] == ["tourGuide"]


def test_what_a_state_asks_for_is_asked_in_its_own_words() -> None:
    trace = talked_offline(
        "phone_support", "note on my account", "C-88", "call me back", "yes", person=Person(ApprovalAnswer("approve"))
    )
    assert "What shall I write down?" in [event.text for event in of(trace, AgentSaid)]
    written = [event for event in of(trace, ToolReturned) if event.tool == "update_customer_record"]
    assert [event.outcome for event in written] == ["answered"]


def test_in_another_language_the_examples_of_the_states_carry_the_conversation() -> None:
    details = ["Marie Dupont", "0612345678", "marie@example.com"]
    trace = talked_offline(
        "real_estate",
        "Je voudrais prendre rendez-vous",
        *(line for detail in details for line in (detail, "oui, c'est juste")),
    )
    assert len(states(trace)) == 3
    assert not [event.text for event in of(trace, AgentSaid) if "What is" in event.text]


def test_a_supervisor_asks_through_the_voice_agent_and_gets_the_answer() -> None:
    trace = talked_offline("chat_supervisor", "Why was my bill so high?", "206 135 1246")
    calls = [(event.tool, event.within is not None) for event in of(trace, ToolCalled)]
    asks = ("getNextResponseFromSupervisor", False)
    assert calls == [asks, asks, ("getUserAccountInfo", True)]
    assert of(trace, AgentSaid)[-1].text.startswith("Alex Johnson")


FOCUSED = """
    scenario: intake
    start: nurse
    context: {name: {type: [string, "null"], default: null}, found: {type: boolean, default: false}}
    agents:
      nurse:
        instructions: You take down who is calling.
        tools: [find_patient]
        states_mode: focused
        states:
          - {id: ask, description: Name., examples: [Who is calling?], collect: [name], transitions: [{to: find, when: known}]}
          - {id: find, description: Find., tools: [find_patient], transitions: [{to: done, when: found, requires: context.found}]}
          - {id: done, description: Done., examples: [The doctor will call you.], terminal: true}
    tools:
      find_patient: {description: Look the patient up., set: {found: "true"}}
"""


def test_in_a_focused_machine_the_tools_of_the_state_are_used(written: Written) -> None:
    trace, _ = held(written(FOCUSED), None, saying("Hello", "Maya"))
    assert states(trace) == ["find", "done"]
    assert [event.tool for event in of(trace, ToolCalled) if event.tool == "find_patient"] == ["find_patient"]


CATALOGUE = """
    scenario: office
    start: desk
    agents: {desk: {instructions: x, tools: [call_api]}}
    tools:
      call_api:
        description: Call the office system.
        parameters: {function_name: string, parameters: object}
        catalogue:
          functions:
            GetProviders: {description: Look up which doctors there are., returns: [Dr. Pearl, Dr. Stone]}
            GetPatient: {description: Look a patient up by the phone number., parameters: {phone: string}, returns: "Sam ({{ args.phone }})"}
"""


def test_a_function_of_a_catalogue_is_found_by_what_it_does(written: Written) -> None:
    trace, _ = held(written(CATALOGUE), None, saying("Which doctors are there?", "Look up a patient", "206 555 0143"))
    assert [event.arguments["function_name"] for event in of(trace, ToolCalled)] == ["GetProviders", "GetPatient"]
    assert "Sam" in of(trace, AgentSaid)[-1].text
