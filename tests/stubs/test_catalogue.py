"""Many functions behind one tool: what is found, what is refused, and who is asked."""

from __future__ import annotations

import json
from typing import Any

from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.session import ApprovalAnswer
from realtime_scenarios.trace import ApprovalRequested, ContextChanged, ToolReturned
from support import Answers, Written
from support.conversations import Person, held, of, saying

OFFICE = """
    scenario: office
    start: desk
    context: {confirmed: {type: boolean, default: false}}
    agents: {desk: {instructions: x, tools: [call_api]}}
    tools:
      call_api:
        description: Call the office system.
        parameters: {function_name: string, parameters: object}
        catalogue:
          functions:
            GetPatient: {description: One patient., parameters: {PatNum: integer, Full?: boolean}, query: {sql: "SELECT name FROM patients WHERE id = :PatNum", result: value, empty: {raises: No such patient.}}}
            Confirm: {description: The caller agrees., set: {confirmed: "true"}}
            DeletePatient: {description: Delete., parameters: {PatNum: integer}, requires: context.confirmed, approval: always, query: "DELETE FROM patients WHERE id = :PatNum", writes: true}
            Next: {description: Counts., sequence: [{returns: one}, {returns: two}]}
    data:
      patients: {rows: [{id: 22, name: Sam Latif}]}
"""


def call(function: str, **parameters: Any) -> CallFunction:
    return CallFunction("call_api", json.dumps({"function_name": function, "parameters": parameters}))


def answers(written: Written, *calls: CallFunction, person: Person | None = None) -> list[Any]:
    model = Answers([*([output] for output in calls), [SayText("Done.")]])
    trace, _ = held(written(OFFICE), model, saying("Go"), person=person)
    return [(event.outcome, event.output) for event in of(trace, ToolReturned)]


def test_a_function_answers_with_its_own_stub(written: Written) -> None:
    assert answers(written, call("GetPatient", PatNum=22), call("Next"), call("Next")) == [
        ("answered", "Sam Latif"),
        ("answered", "one"),
        ("answered", "two"),
    ]


def test_an_unknown_function_is_refused_with_the_nearest_name(written: Written) -> None:
    ((outcome, output),) = answers(written, call("GetPatients", PatNum=22))
    assert outcome == "invalid"
    assert json.loads(output) == {
        "error": "There is no function 'GetPatients'. Did you mean 'GetPatient'? Nothing was done.",
        "nearest": "GetPatient",
    }


def test_missing_arguments_are_answered_with_what_to_ask(written: Written) -> None:
    ((outcome, output),) = answers(written, call("GetPatient", Full=True))
    told = json.loads(output)
    assert (outcome, told["action"], told["missing"], told["have"]) == (
        "invalid",
        "MUST_ASK_USER",
        ["PatNum"],
        {"Full": True},
    )


def test_arguments_that_do_not_fit_are_told(written: Written) -> None:
    ((outcome, output),) = answers(written, call("GetPatient", PatNum="22"))
    assert outcome == "invalid" and "'PatNum' must be of type integer" in output


def test_a_function_has_its_own_gate_and_its_own_approval(written: Written) -> None:
    person = Person(ApprovalAnswer("reject"))
    model = Answers(
        [[call("DeletePatient", PatNum=22)], [call("Confirm")], [call("DeletePatient", PatNum=22)], [SayText("No.")]]
    )
    trace, _ = held(written(OFFICE), model, saying("Delete Sam"), person=person)
    assert [event.outcome for event in of(trace, ToolReturned)] == ["refused", "answered", "rejected"]
    assert len(of(trace, ApprovalRequested)) == 1
    assert [event.variable for event in of(trace, ContextChanged)] == ["confirmed"]


def test_an_approved_write_changes_the_data(written: Written) -> None:
    person = Person(ApprovalAnswer("approve"))
    calls = [call("Confirm"), call("DeletePatient", PatNum=22), call("GetPatient", PatNum=22)]
    assert [outcome for outcome, _ in answers(written, *calls, person=person)] == ["answered", "answered", "failed"]


def test_the_model_reads_what_each_function_takes_and_an_argument_left_out_is_null_in_sql(written: Written) -> None:
    text = OFFICE.replace(
        'WHERE id = :PatNum", result: value, empty', 'WHERE id = :PatNum AND :Full IS NULL", result: value, empty'
    )
    model = Answers([[call("GetPatient", PatNum=22)], [SayText("Sam.")]])
    trace, _ = held(written(text), model, saying("Go"))
    assert [event.output for event in of(trace, ToolReturned)] == ["Sam Latif"]
    told = model.requests[0].tools[0]["description"]
    assert "- GetPatient(PatNum: integer, Full?: boolean): One patient." in told


def test_the_gate_of_the_tool_holds_for_all_its_functions(written: Written) -> None:
    text = OFFICE.replace(
        "description: Call the office system.", "description: Call it.\n        requires: context.confirmed"
    )
    model = Answers([[call("Next")], [SayText("No.")]])
    trace, _ = held(written(text), model, saying("Go"))
    assert [event.outcome for event in of(trace, ToolReturned)] == ["refused"]


def test_a_remembered_decision_is_about_one_function_and_not_about_the_others(written: Written) -> None:
    text = OFFICE.replace("approval: always, query", "approval: {remember: session}, query").replace(
        "requires: context.confirmed, ", ""
    )
    text = text.replace("Confirm: {", "Ask: {description: x, approval: always}\n            Confirm: {")
    person = Person(ApprovalAnswer("approve"), ApprovalAnswer("reject"))
    model = Answers(
        [[call("DeletePatient", PatNum=22)], [call("DeletePatient", PatNum=23)], [call("Ask")], [SayText("No.")]]
    )
    trace, _ = held(written(text), model, saying("Go"), person=person)
    assert [event.outcome for event in of(trace, ToolReturned)] == ["answered", "answered", "rejected"]
    assert len(of(trace, ApprovalRequested)) == 2
