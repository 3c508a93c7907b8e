"""What a caller can say in a state, and what the stand-in makes of it: on a made-up desk that writes notes."""

from __future__ import annotations

import pytest

from realtime_scenarios.trace import AgentSaid, HandedOff, StateEntered, ToolCalled, Trace
from support import Written
from support.conversations import held, of, saying, talked_offline

NOTES = """
    scenario: notes
    start: desk
    context:
      member_id: {type: [string, "null"], default: null, pattern: '^M-\\d+$', description: "The member's id, written as M-1."}
      note: {type: [string, "null"], default: null}
    prompt: {escalation: "Say that somebody in the office can help."}
    agents:
      desk:
        instructions: You take down notes.
        tools: [keep_note]
        states_mode: MODE
        states:
          - {id: who, description: The member., examples: [Which member is it?], collect: [member_id], transitions: [{to: what, when: known}]}
          - {id: what, description: The note., examples: [What shall I note?], collect: [note], transitions: [{to: check, when: known}]}
          - id: check
            description: Make sure of both.
            instructions: [Read both back and wait for a yes.]
            examples: ["That is M, one, two, and the note: feed the cat. Is that right?"]
            transitions: [{to: keep, when: The member said yes.}, {to: who, when: The id is wrong.}, {to: what, when: The note is wrong.}]
          - {id: keep, description: Keep it., examples: [Your note is kept.], tools: [keep_note], terminal: true, transitions: [{to: who, when: Another note is wanted.}]}
    tools:
      keep_note: {description: Keep the note., parameters: {member_id: {type: string, pattern: '^M-\\d+$'}, note: string}, returns: "Kept for {{ args.member_id }}."}
"""


@pytest.fixture(params=["tracked", "focused"])
def desk(request: pytest.FixtureRequest, written: Written):
    def to(*lines: str) -> Trace:
        trace, _ = held(written(NOTES.replace("MODE", request.param)), None, saying(*lines))
        return trace

    return to


def said(trace: Trace) -> list[str]:
    return [event.text for event in of(trace, AgentSaid)]


def kept(trace: Trace) -> list[dict[str, str]]:
    return [dict(event.arguments) for event in of(trace, ToolCalled) if event.tool == "keep_note"]


def test_what_was_collected_is_read_back_and_not_what_the_sample_phrase_holds(desk) -> None:
    assert said(desk("hello", "M-7", "water the plants"))[-1] == "Member id M-7, note: Water the plants. Is that right?"


def test_only_a_yes_leads_on_to_what_is_done(desk) -> None:
    assert kept(desk("hello", "M-7", "water the plants", "hm", "yes")) == [
        {"member_id": "M-7", "note": "Water the plants."}
    ]
    assert kept(desk("hello", "M-7", "water the plants", "hm")) == []
    assert kept(desk("hello", "M-7", "water the plants", "no")) == []


def test_a_yes_does_not_answer_what_is_to_be_changed(desk) -> None:
    assert kept(desk("hello", "M-7", "water the plants", "no", "yes")) == []


def test_a_yes_to_what_was_given_up_confirms_nothing(desk) -> None:
    trace = desk("hello", "M-7", "water the plants", "hm", "hm", "hm", "yes")
    assert "Somebody in the office can help." in said(trace) and kept(trace) == []
    assert said(trace)[-1].endswith("Is that right?")


@pytest.mark.parametrize("correction", ["no, the id is M-8", "M-8", "no, M dash eight"])
def test_a_correction_is_taken_and_read_back_before_anything_is_done(desk, correction: str) -> None:
    trace = desk("hello", "M-7", "water the plants", correction, "yes")
    assert "Member id M-8, note: Water the plants. Is that right?" in said(trace)
    assert kept(trace) == [{"member_id": "M-8", "note": "Water the plants."}]


def test_after_a_no_the_caller_may_say_what_is_wrong(desk) -> None:
    trace = desk("hello", "M-7", "water the plants", "no", "the note is wrong", "feed the fish", "yes")
    assert kept(trace) == [{"member_id": "M-7", "note": "Feed the fish."}]


def test_nothing_is_said_to_be_done_without_a_call_and_the_end_is_not_left(desk) -> None:
    trace = desk("hello", "M-7", "water the plants", "yes", "thanks", "bye")
    assert said(trace)[-1].endswith("Goodbye!") and "Kept for M-7." in said(trace)
    assert of(trace, StateEntered)[-1].state == "keep"


def test_what_is_known_is_used_and_not_asked_for(written: Written) -> None:
    text = NOTES.replace("MODE", "tracked").replace("default: null, pattern", "default: M-3, pattern")
    trace, _ = held(written(text), None, saying("hello", "water the plants", "yes"))
    assert kept(trace) == [{"member_id": "M-3", "note": "Water the plants."}]
    assert said(trace)[0] == "What shall I note?"


def test_a_question_that_is_not_answered_comes_to_an_end(desk) -> None:
    trace = desk("hello", *["banana"] * 9)
    words = said(trace)
    assert words[1].startswith("I am sorry, I did not get that.") and "Somebody in the office can help." in words
    assert all(len(set(words[at : at + 3])) > 1 for at in range(len(words) - 2))


def test_a_courtesy_is_no_answer_and_the_question_is_put_again(desk) -> None:
    trace = desk("hello", "M-7", "thanks", "merci", "yes")
    assert of(trace, StateEntered)[-1].state == "what"
    assert said(trace)[2] == "You are welcome. What shall I note?"


def test_a_caller_may_leave_or_ask_for_a_person_in_any_state(desk) -> None:
    assert said(desk("hello", "goodbye"))[-1].endswith("Goodbye!")
    assert said(desk("hello", "I want to talk to a person"))[-1] == "Somebody in the office can help."
    assert said(desk("hello", "never mind"))[-1].startswith("All right, I will leave that.")


def test_a_detail_is_read_back_and_changed_on_a_no() -> None:
    trace = talked_offline("front_desk", "Hello", "Jon", "no, J-O-H-N", "yes", "Doe", "yes")
    assert "Jon, J-O-N. Is that right?" in said(trace) and "John, J-O-H-N. Is that right?" in said(trace)
    assert [event.state for event in of(trace, StateEntered)][-1] == "4_get_dob"


DETAILS = ["John", "Doe", "First of January 1980", "555 010 0199", "john.doe@example.com"]


def test_a_changed_detail_is_checked_again_and_a_yes_to_an_open_question_leads_nowhere() -> None:
    lines = ["Hello", *(line for detail in DETAILS for line in (detail, "yes"))]
    trace = talked_offline("front_desk", *lines, "yes", "I gave you the wrong phone number", "555 010 0200", "yes")
    calls = [event.arguments["phoneNumber"] for event in of(trace, ToolCalled) if event.tool == "authenticateUser"]
    assert calls == ["(555) 010-0199", "(555) 010-0200"]
    assert [event.to for event in of(trace, HandedOff)] == ["tourGuide", "authentication", "tourGuide"]


def test_a_number_that_is_wrong_is_asked_for_once_more() -> None:
    lines = [line for detail in DETAILS[:3] for line in (detail, "yes")]
    trace = talked_offline("front_desk", "Hello", *lines, "555 010 0198", "no, that is wrong", "555 010 0199", "yes")
    assert "5-5-5, 0-1-0, 0-1-9-9. Is that right?" in said(trace)
