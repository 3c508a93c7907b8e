"""What a model gives is held against its schema, with forms and defaults, wherever there is a schema."""

from __future__ import annotations

import json

import pytest

from realtime_scenarios.core import UsageError
from realtime_scenarios.lint import findings
from realtime_scenarios.project import load
from realtime_scenarios.project.beginning import beginning
from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.session import ApprovalAnswer
from realtime_scenarios.trace import ContextChanged, HandedOff, HandoffRefused, StateEntered, ToolCalled, ToolReturned
from support import Answers, Written
from support.conversations import Person, held, of, saying

HOTEL = """
    scenario: hotel
    start: desk
    context:
      day: {type: [string, "null"], format: date, default: null}
      name: {type: [string, "null"], default: null}
      phone: {type: [string, "null"], default: null}
    agents:
      desk:
        instructions: You are the desk.
        tools: [book, set_day, office]
        handoffs: [{to: chef, inputs: {at: {type: string, format: time}, table?: {type: integer, default: 4}}, set: {name: "'table %d' % args.table"}}]
        states_mode: tracked
        states:
          - {id: ask, description: Ask., collect: [name, day?, phone?], transitions: [{to: done, when: All is known.}]}
          - {id: done, description: Done., terminal: true}
      chef: {instructions: You are the chef., handoffs: [desk]}
    tools:
      book:
        description: Book a room.
        parameters: {day: {type: string, format: date}, mail?: {type: string, format: email}, nights: {type: integer, default: 2}}
        requires: {when: args.nights < 10, message: Too long.}
        approval: {when: args.nights > 5, fields: {}}
        returns: "{{ args.nights }} nights from {{ args.day }}"
      set_day: {description: Set the day., parameters: {day: string}, set: {day: args.day}}
      office:
        description: The office.
        parameters: {function_name: string, parameters: object}
        catalogue:
          functions:
            remind: {description: Remind., parameters: {at: {type: string, format: time}, how: {type: string, default: mail}}, returns: "{{ args.how }} at {{ args.at }}"}
"""


def called(written: Written, tool: str, **arguments: object) -> ToolReturned:
    responder = Answers([[CallFunction(tool, json.dumps(arguments))], [SayText("Done.")]])
    trace, _ = held(written(HOTEL), responder, saying("Go on."))
    returned: ToolReturned = of(trace, ToolReturned)[0]
    return returned


def test_a_day_that_there_is_not_is_told_and_nothing_is_done(written: Written) -> None:
    returned = called(written, "book", day="2026-02-30")
    assert returned.outcome == "invalid"
    assert "argument 'day' is no date: 2026-02-30; write it as YYYY-MM-DD" in returned.output


def test_an_address_that_is_none_is_told(written: Written) -> None:
    returned = called(written, "book", day="2026-03-01", mail="nope")
    assert (returned.outcome, "argument 'mail' is no email address: nope" in returned.output) == ("invalid", True)


def test_the_stub_gets_the_default_and_the_trace_keeps_what_was_sent(written: Written) -> None:
    responder = Answers([[CallFunction("book", '{"day": "2026-03-01"}')], [SayText("Done.")]])
    trace, _ = held(written(HOTEL), responder, saying("Book."))
    assert of(trace, ToolReturned)[0].output == "2 nights from 2026-03-01"
    assert of(trace, ToolCalled)[0].arguments == {"day": "2026-03-01"}


def test_a_default_counts_for_gates(written: Written) -> None:
    responder = Answers([[CallFunction("book", '{"day": "2026-03-01"}')], [SayText("Done.")]])
    trace, _ = held(written(HOTEL.replace("default: 2", "default: 12")), responder, saying("Book."))
    assert (of(trace, ToolReturned)[0].outcome, of(trace, ToolReturned)[0].output) == ("refused", "Too long.")


def test_a_default_counts_for_asking_a_person(written: Written) -> None:
    person = Person(ApprovalAnswer("reject"))
    responder = Answers([[CallFunction("book", '{"day": "2026-03-01"}')], [SayText("Done.")]])
    trace, _ = held(written(HOTEL.replace("default: 2", "default: 6")), responder, saying("Book."), person=person)
    assert (len(person.asked), of(trace, ToolReturned)[0].outcome) == (1, "rejected")


def test_functions_of_a_catalogue_have_forms_and_defaults(written: Written) -> None:
    good = called(written, "office", function_name="remind", parameters={"at": "10:30"})
    bad = called(written, "office", function_name="remind", parameters={"at": "half past ten"})
    assert (good.outcome, good.output) == ("answered", "mail at 10:30")
    assert (bad.outcome, "argument 'at' is no time of day" in bad.output) == ("invalid", True)


def test_what_a_handoff_gives_has_forms_and_defaults(written: Written) -> None:
    responder = Answers(
        [
            [CallFunction("transfer_to_chef", '{"at": "noonish"}')],
            [CallFunction("transfer_to_chef", '{"at": "12:00"}')],
            [SayText("Chef.")],
        ]
    )
    trace, _ = held(written(HOTEL), responder, saying("The chef, please."))
    assert "argument 'at' is no time of day: noonish" in of(trace, HandoffRefused)[0].reason
    assert of(trace, HandedOff)[0].arguments == {"at": "12:00"}
    assert [(event.variable, event.value) for event in of(trace, ContextChanged)] == [("name", "table 4")]


def test_what_a_state_collects_has_a_form(written: Written) -> None:
    returned = called(written, "set_conversation_state", next_state="done", name="Maya", day="Friday")
    assert (returned.outcome, "argument 'day' is no date: Friday" in returned.output) == ("invalid", True)


@pytest.mark.parametrize("blank", ["", " ", "\\t\\n", "\\u00a0"])
def test_white_space_alone_is_not_collected(written: Written, blank: str) -> None:
    responder = Answers(
        [
            [CallFunction("set_conversation_state", f'{{"next_state": "done", "name": "{blank}"}}')],
            [SayText("Your name?")],
        ]
    )
    trace, _ = held(written(HOTEL), responder, saying("Go on."))
    assert of(trace, StateEntered) == [] and of(trace, ContextChanged) == []
    assert of(trace, ToolReturned)[0].output.startswith("Find out name first")


def test_white_space_in_an_optional_value_changes_nothing(written: Written) -> None:
    responder = Answers(
        [
            [CallFunction("set_conversation_state", '{"next_state": "done", "name": "Maya", "phone": "  "}')],
            [SayText("Done.")],
        ]
    )
    trace, _ = held(written(HOTEL), responder, saying("Go on."))
    assert [(event.variable, event.value) for event in of(trace, ContextChanged)] == [("name", "Maya")]


def test_a_variable_is_not_set_to_what_has_not_its_form(written: Written) -> None:
    returned = called(written, "set_day", day="2026-02-30")
    assert returned.outcome == "failed"
    assert "'day' cannot be set to '2026-02-30': it does not fit the variable" in returned.output


def test_a_conversation_does_not_begin_with_what_has_not_the_form(written: Written) -> None:
    with pytest.raises(UsageError, match="'day' does not fit"):
        beginning(load(written(HOTEL)).scenario, context={"day": "2026-02-30"})


def test_a_default_that_a_call_could_not_give_is_told_where_it_stands(written: Written) -> None:
    text = HOTEL.replace("default: 2}", "default: two}").replace("default: mail}", "format: email, default: nope}")
    path = written(text)
    found = findings(load(path), warnings=False)
    assert [diagnostic.message for diagnostic in found] == [
        'the default of \'nights\' does not fit: "two" is not of type "integer"',
        "the default of 'how' is no email address: nope",
    ]
    lines = path.read_text(encoding="utf-8").splitlines()
    where = [lines[diagnostic.span.line - 1][diagnostic.span.column - 1 :] for diagnostic in found]
    assert (where[0].split("}")[0], where[1].split("}")[0]) == ("two", "nope")
