"""A conversation over the SDK's session: when a turn is over, what stands in the trace, and what never stalls it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from realtime_scenarios.core import StalledError
from realtime_scenarios.realtime import Pace
from realtime_scenarios.realtime.responder import CallFunction, FailResponse, Output, ResponseRequest, SayText
from realtime_scenarios.session import ApprovalAnswer, Conversation
from realtime_scenarios.trace import (
    AgentSaid,
    ApprovalDecided,
    ApprovalIncomplete,
    ContextChanged,
    GuardrailTripped,
    HandedOff,
    HandoffRefused,
    Interrupted,
    ModelError,
    ToolCalled,
    ToolReturned,
    to_json_lines,
)
from support import Answers, Written
from support.conversations import Person, held, kinds, of, saying

DESK = """
    scenario: desk
    start: desk
    context: {signed_in: {type: boolean, default: false}, note: {type: [string, "null"], default: null}}
    agents:
      desk:
        instructions: You are the desk.
        tools: [lookup, slow, pay, sign_in, vault]
        handoffs:
          - back_office
          - {to: vault_room, requires: context.signed_in}
        guardrails: [no_promises]
      back_office: {name: Back Office, instructions: You are the back office., handoffs: [desk]}
      vault_room: {instructions: You are in the vault., handoffs: [desk]}
    tools:
      lookup:
        description: Look something up.
        parameters: {code: string}
        returns: "found {{ args.code }}"
      slow: {description: Takes its time., delay: 5s, returns: done}
      sign_in: {description: Sign the caller in., returns: welcome, set: {signed_in: "true"}}
      vault: {description: Open the vault., requires: context.signed_in, returns: open}
      pay:
        description: Pay.
        approval:
          fields: {name: {label: Name}, pin: {label: PIN, secret: true}}
          timeout: 60s
        returns: "paid by {{ approval.name }}"
        set: {note: "approval.name"}
    guardrails:
      no_promises: {phrases: [I promise], say: Promise nothing.}
"""


def test_a_turn_is_over_only_after_the_answer_that_a_tool_led_to(written: Written) -> None:
    model = Answers([[CallFunction("lookup", '{"code": "A1"}')], [SayText("It is A1.")]])
    trace, _ = held(written(DESK), model, saying("Look up A1"))
    assert kinds(trace) == ["UserSaid", "ToolCalled", "ToolReturned", "AgentSaid", "SessionEnded"]
    assert of(trace, ToolReturned)[0].output == "found A1"


def test_a_handoff_changes_who_answers(written: Written) -> None:
    model = Answers([[CallFunction("transfer_to_back_office", "{}")], [SayText("Back office here.")]])
    trace, _ = held(written(DESK), model, saying("The back office please"))
    assert of(trace, HandedOff)[0].to == "back_office"
    assert of(trace, AgentSaid)[0].agent == "back_office"
    assert model.requests[1].instructions == "You are the back office."
    assert [tool["name"] for tool in model.requests[1].tools] == ["transfer_to_desk"]


def test_a_gated_handoff_is_refused_and_the_agent_stays(written: Written) -> None:
    model = Answers([[CallFunction("transfer_to_vault_room", "{}")], [SayText("Not yet.")]])
    trace, _ = held(written(DESK), model, saying("To the vault"))
    assert of(trace, HandoffRefused)[0].to == "vault_room"
    assert not of(trace, HandedOff)
    assert of(trace, AgentSaid)[0].agent == "desk"
    assert "context.signed_in" in model.requests[1].items[-1]["output"]


def test_a_gate_opens_when_the_context_says_so(written: Written) -> None:
    model = Answers(
        [[CallFunction("vault", "{}")], [CallFunction("sign_in", "{}")], [CallFunction("vault", "{}")], [SayText("ok")]]
    )
    trace, _ = held(written(DESK), model, saying("Open it"))
    assert [event.outcome for event in of(trace, ToolReturned)] == ["refused", "answered", "answered"]
    assert of(trace, ContextChanged)[0].value is True


def test_a_call_with_wrong_arguments_is_answered_so_that_the_model_can_mend_it(written: Written) -> None:
    model = Answers(
        [[CallFunction("lookup", '{"cod": "A1"}')], [CallFunction("lookup", '{"code": "A1"}')], [SayText("A1.")]]
    )
    trace, _ = held(written(DESK), model, saying("Look up A1"))
    first, second = of(trace, ToolReturned)
    assert (first.outcome, second.outcome) == ("invalid", "answered")
    assert "code" in first.output


@pytest.mark.parametrize("arguments", ["", "{", "[]", "null", '"text"', "{'a': 1}"])
def test_arguments_that_are_no_json_object_never_reach_a_stub(written: Written, arguments: str) -> None:
    model = Answers([[CallFunction("lookup", arguments)], [SayText("Sorry.")]])
    trace, _ = held(written(DESK), model, saying("Look up A1"))
    assert [event.outcome for event in of(trace, ToolReturned)] == ["invalid"]


def test_an_unknown_tool_does_not_leave_the_line_dead(written: Written) -> None:
    model = Answers([[CallFunction("fly", "{}")], [SayText("I cannot do that.")]])
    trace, _ = held(written(DESK), model, saying("Fly"))
    assert kinds(trace) == ["UserSaid", "ToolCalled", "ToolReturned", "AgentSaid", "SessionEnded"]
    assert of(trace, ToolReturned)[0].outcome == "unknown"


def test_several_calls_in_one_response_are_all_waited_for(written: Written) -> None:
    model = Answers(
        [[CallFunction("slow", "{}"), CallFunction("lookup", '{"code": "A"}')], [SayText("One.")], [SayText("Both.")]]
    )
    trace, seconds = held(written(DESK), model, saying("Both"))
    assert {event.tool for event in of(trace, ToolReturned)} == {"slow", "lookup"}
    assert of(trace, AgentSaid)[-1].seq > max(event.seq for event in of(trace, ToolReturned))
    assert seconds == pytest.approx(5)


def test_an_approval_is_asked_before_the_tool_runs_and_its_fields_reach_it(written: Written) -> None:
    person = Person(ApprovalAnswer("approve", {"name": "Riley", "pin": "9217"}))
    model = Answers([[CallFunction("pay", "{}")], [SayText("Paid.")]])
    trace, _ = held(written(DESK), model, saying("Pay"), person=person)
    assert kinds(trace)[1:6] == ["ToolCalled", "ApprovalRequested", "ApprovalDecided", "ContextChanged", "ToolReturned"]
    assert of(trace, ToolReturned)[0].output == "paid by Riley"
    assert "9217" not in to_json_lines(trace)
    assert "9217" not in str([request.items for request in model.requests])


def test_a_rejected_approval_is_respected(written: Written) -> None:
    person = Person(ApprovalAnswer("reject"))
    model = Answers([[CallFunction("pay", "{}")], [SayText("As you wish.")]])
    trace, _ = held(written(DESK), model, saying("Pay"), person=person)
    assert of(trace, ApprovalDecided)[0].decision == "rejected"
    assert of(trace, ToolReturned)[0].outcome == "rejected"
    assert not of(trace, ContextChanged)


def test_an_approval_that_nobody_answers_ends_after_its_timeout(written: Written) -> None:
    model = Answers([[CallFunction("pay", "{}")], [SayText("No answer.")]])
    trace, seconds = held(written(DESK), model, saying("Pay"), person=Person())
    assert of(trace, ApprovalDecided)[0].decision == "timed_out"
    assert seconds == pytest.approx(60)
    told = model.requests[1].items[-1]["output"]
    assert told == "A person was asked and did not answer in time. Do not do this; offer to help with something else."
    assert [event.text for event in of(trace, AgentSaid)] == ["No answer."]


def test_an_approval_with_an_empty_field_stays_pending_until_it_is_filled_in(written: Written) -> None:
    person = Person(
        ApprovalAnswer("approve", {"name": "Riley", "pin": ""}),
        ApprovalAnswer("approve", {"name": "Riley", "pin": "9217"}),
    )
    model = Answers([[CallFunction("pay", "{}")], [SayText("Paid.")]])
    trace, _ = held(written(DESK), model, saying("Pay"), person=person)
    assert of(trace, ApprovalIncomplete)[0].missing == ("pin",)
    assert person.asked[1].missing == ("pin",)
    assert of(trace, ApprovalDecided)[0].decision == "approved"


def test_a_short_answer_is_checked_by_the_guardrails_too(written: Written) -> None:
    model = Answers([[SayText("I promise.")], [SayText("I take that back.")]])
    trace, _ = held(written(DESK), model, saying("Will it work?"))
    assert of(trace, GuardrailTripped)[0].guardrail == "no_promises"
    assert of(trace, AgentSaid)[-1].text == "I take that back."
    assert "Promise nothing." in model.requests[1].items[-1]["content"][0]["text"]


def test_a_long_answer_is_cut_off_while_it_is_being_spoken(written: Written) -> None:
    words = "I promise you " + "very much " * 60
    model = Answers([[SayText(words)], [SayText("I take that back.")]])
    trace, _ = held(written(DESK), model, saying("Will it work?"), pace=Pace(words_per_delta=1, ms_per_word=200))
    first, last = of(trace, AgentSaid)
    assert first.interrupted and len(first.text) < len(words) / 2
    assert last.text == "I take that back."
    assert len(of(trace, GuardrailTripped)) == 1


@pytest.mark.parametrize("pace", [None, Pace(words_per_delta=1, ms_per_word=50)])
@pytest.mark.parametrize("length", [1, 200])
def test_a_model_that_repeats_itself_is_corrected_a_bounded_number_of_times(
    written: Written, pace: Pace | None, length: int
) -> None:
    model = Answers([[SayText("I promise. " * length)]], repeat=True)
    trace, _ = held(written(DESK), model, saying("Well?", "Well?"), pace=pace)
    assert [len([trip for trip in of(trace, GuardrailTripped) if trip.turn == turn]) for turn in (1, 2)] == [3, 3]
    assert [error.code for error in of(trace, ModelError)] == ["guardrail_limit"] * 2
    assert len(model.requests) <= 8


def test_a_model_that_stays_silent_is_no_hang(written: Written) -> None:
    trace, _ = held(written(DESK), Answers([]), saying("Hello?"))
    assert kinds(trace) == ["UserSaid", "SessionEnded"]


def test_a_model_that_never_ends_its_answer_is_given_up_with_what_was_waited_for(written: Written) -> None:
    class Stuck:
        async def respond(self, request: ResponseRequest) -> Sequence[Output]:
            await asyncio.Event().wait()
            return ()

    with pytest.raises(StalledError, match=r"nothing happened for 30 s while waiting for an answer to 'Hello\?'"):
        held(written(DESK), Stuck(), saying("Hello?"))


def test_text_that_is_no_text_does_not_stall_the_line(written: Written) -> None:
    model = Answers([[CallFunction("lookup", '{"code": "\ud800"}')], [SayText("A1 \ud800.")]])
    trace, _ = held(written(DESK), model, saying("Look up A1 \ud800"))
    assert kinds(trace) == ["UserSaid", "ToolCalled", "ToolReturned", "AgentSaid", "SessionEnded"]


def test_a_failed_response_is_on_record_and_the_conversation_goes_on(written: Written) -> None:
    model = Answers([[FailResponse("server_error", "out of order")], [SayText("Back again.")]])
    trace, _ = held(written(DESK), model, saying("One", "Two"))
    assert (of(trace, ModelError)[0].code, of(trace, ModelError)[0].message) == ("server_error", "out of order")
    assert of(trace, AgentSaid)[0].text == "Back again."


def test_the_caller_can_cut_in_and_the_rest_is_never_said(written: Written) -> None:
    model = Answers([[SayText("one two three four five six")], [SayText("Yes?")]])

    async def talk(conversation: Conversation) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(1.1, conversation.interrupt_soon)
        await conversation.user_says("Count")
        await conversation.user_says("Stop")

    trace, _ = held(written(DESK), model, talk, pace=Pace(words_per_delta=1, ms_per_word=400))
    first = of(trace, AgentSaid)[0]
    assert first.interrupted and "six" not in first.text and first.text.startswith("one")
    assert of(trace, Interrupted)[0].heard == first.text


def test_the_agent_can_open(written: Written) -> None:
    async def talk(conversation: Conversation) -> None:
        await conversation.agent_opens()

    trace, _ = held(written(DESK), Answers([[SayText("Good morning.")]]), talk)
    assert kinds(trace) == ["AgentSaid", "SessionEnded"]


def test_the_same_conversation_twice_gives_the_same_trace_byte_for_byte(written: Written) -> None:
    def once() -> str:
        model = Answers(
            [
                [SayText("A moment."), CallFunction("lookup", '{"code": "A"}')],
                [CallFunction("transfer_to_back_office", "")],
                [SayText("Here.")],
            ]
        )
        return to_json_lines(held(path, model, saying("Look up A"))[0])

    path = written(DESK)
    assert once() == once()


def test_a_caller_may_say_anything(written: Written) -> None:
    texts = ["", " ", "🙂" * 500, "x" * 20_000, "'; drop table", "{{ 7 * 7 }}", "\x00\x1b[31m", "\u202eabc"]
    model = Answers([[SayText("Yes.")]], repeat=True)
    trace, _ = held(written(DESK), model, saying(*texts))
    assert len(of(trace, AgentSaid)) == len(texts)
    assert not of(trace, ModelError)


def test_calls_are_recorded_with_their_arguments(written: Written) -> None:
    model = Answers([[CallFunction("lookup", '{"code": "Ä 1"}')], [SayText("Yes.")]])
    trace, _ = held(written(DESK), model, saying("Look"))
    assert of(trace, ToolCalled)[0].arguments == {"code": "Ä 1"}
