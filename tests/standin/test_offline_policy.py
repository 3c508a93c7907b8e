from __future__ import annotations

import json

import pytest

from realtime_scenarios.realtime.responder import CallFunction
from realtime_scenarios.standin import RESPONDERS, OfflineResponder
from support.telephone import STRING, Line, message, tool


def handoff(name, description, *examples):
    return tool(f"transfer_to_{name}", description, {}, examples)


@pytest.fixture
def hub():
    """A triage agent with two desks that hand back to it."""
    back = handoff("triage_agent", "Hand back to the triage agent, who delegates requests to the right desk.")
    return Line(
        {
            "Triage Agent": (
                "",
                [
                    tool("get_weather", "Get the weather in a city.", {"city": STRING}),
                    handoff(
                        "faq_agent",
                        "Hand over to the FAQ agent, who answers questions about the airline.",
                        "Is there wifi?",
                    ),
                    handoff("seat_agent", "Hand over to the seat agent, who changes seats.", "Change my seat"),
                ],
            ),
            "FAQ Agent": ("", [tool("faq", "Look up frequently asked questions.", {"question": STRING}), back]),
            "Seat Agent": ("", [tool("update_seat", "Update a seat.", {"seat": STRING}, ["Change my seat"]), back]),
        },
        {"faq": "Wi-Fi is free.", "get_weather": "It is sunny in Lima."},
    )


def test_a_desk_passes_on_what_is_not_its_own_through_the_hub(hub):
    assert hub.says("Is there wifi?") == "Wi-Fi is free."
    assert hub.says("Change my seat") == "What is your seat?"
    assert hub.agent == "Seat Agent"
    assert hub.says("what is the weather in Lima?") == "It is sunny in Lima."
    assert hub.agent == "Triage Agent"


def test_a_message_is_never_handed_back_to_where_it_came_from():
    examples = ("I want a pony",)
    ring = Line(
        {
            "A": ("", [handoff("b", "Ponies.", *examples)]),
            "B": ("", [handoff("a", "Ponies.", *examples)]),
        }
    )
    assert ring.says("I want a pony") == "Hello! This is the B. How can I help you?"
    assert ring.says("I want a pony") == "Hello! This is the A. How can I help you?"
    assert [name for name, _ in ring.calls] == ["transfer_to_b", "transfer_to_a"]


def test_a_message_is_handed_over_twice_at_most():
    names = ["A", "B", "C", "D", "E"]
    mesh = Line(
        {
            name: (
                "",
                [
                    handoff(other.lower(), "Ponies.", *(["I want a pony"] if other > name else []))
                    for other in names
                    if other != name
                ],
            )
            for name in names
        }
    )
    mesh.says("I want a pony")
    assert len(mesh.calls) <= 2


def test_a_refused_handoff_is_said_plainly_and_not_tried_again():
    desk = Line(
        {"Desk": ("", [handoff("vault", "Open the vault.", "Open the vault")])},
        {"transfer_to_vault": {"error": "This is not allowed now: it requires context.verified."}},
    )
    said = desk.says("Open the vault")
    assert said == "I am sorry, I cannot do that right now. Is there something else I can help you with?"
    assert len(desk.calls) == 1


def test_no_tool_is_called_under_tool_choice_none(line):
    desk = line(tool("hours", "Say when we are open.", {}, ["When are you open?"]))
    desk.tool_choice = "none"
    assert desk.says("When are you open?") and desk.calls == []


@pytest.mark.parametrize("choice", ["required", {"type": "function", "name": "hours"}])
def test_a_tool_is_called_where_tool_choice_wants_one(line, choice):
    desk = line(tool("hours", "Say when we are open."), hours="9 to 5")
    desk.tool_choice = choice
    desk.items.append(message("user", "hello there"))
    assert list(desk.respond()) == [CallFunction("hours", "{}")]


@pytest.mark.parametrize("choice", ["required", {"type": "function", "name": "track"}])
def test_a_forced_call_is_made_with_what_is_known_even_where_that_is_not_enough(line, choice):
    desk = line(tool("track", "Track a parcel.", {"parcel_id": STRING, "city": STRING}))
    desk.tool_choice = choice
    desk.items.append(message("user", "it went to a place in Lima"))
    assert list(desk.respond()) == [CallFunction("track", '{"city": "Lima"}')]


def test_an_example_that_is_said_wins_over_what_the_instructions_name_first(line):
    desk = line(
        tool("recommend", "Recommend restaurants, taxis and hotels.", {}, ["What do you recommend?"]),
        tool("order_taxi", "Order a taxi.", {"time": STRING}, ["I need a taxi"]),
        instructions="Use recommend when the guest needs anything, such as a taxi. Use order_taxi for taxis.",
    )
    assert desk.says("I need a taxi") == "For which time?"
    assert desk.calls == []


def test_an_opening_line_in_the_instructions_is_said_as_it_stands(line):
    instructions = 'You MUST open with exactly "Hello, this is ABC customer service. How can I help you today?"'
    assert line(instructions=instructions).goes_on() == "Hello, this is ABC customer service. How can I help you today?"


def test_a_greeting_is_short(line):
    desk = line(tool("hours", "Say when we are open."))
    assert desk.says("hi") == "Hello! How can I help you?"


def test_a_call_that_is_still_running_is_waited_for(line):
    desk = line(tool("hours", "Say when we are open.", {}, ["When are you open?"]))
    desk.items += [
        message("user", "When are you open?"),
        {"type": "function_call", "call_id": "c", "name": "hours", "arguments": "{}"},
    ]
    assert desk.goes_on() == "One moment, please. I am still waiting for an answer."
    assert desk.calls == []


def test_two_outputs_are_both_said(line):
    desk = line(tool("hours", "Say when we are open."), tool("place", "Say where we are."))
    desk.items.append(message("user", "when and where are you?"))
    for name, output in (("hours", "We open at nine."), ("place", "We are at 1 Main Street.")):
        desk.items.append({"type": "function_call", "call_id": name, "name": name, "arguments": "{}"})
        desk.items.append({"type": "function_call_output", "call_id": name, "output": output})
    assert desk.goes_on() == "We open at nine. We are at 1 Main Street."


def test_the_last_answer_is_repeated_on_request(line):
    desk = line(tool("hours", "Say when we are open.", {}, ["When are you open?"]), hours="We are open from 9 to 5.")
    desk.says("When are you open?")
    assert desk.says("sorry, say that again?") == "Once more: We are open from 9 to 5."


def test_bookkeeping_tools_are_left_to_those_who_understand_them(line):
    state = tool(
        "set_conversation_state", "Enter a state.", {"next_state": {**STRING, "enum": ["done"]}}, ["I am done"]
    )
    assert line(state).says("I am done") and line(state).calls == []


def test_it_is_in_the_catalogue():
    assert RESPONDERS["offline"] is OfflineResponder


def test_broken_tools_and_items_are_passed_over(line):
    desk = line(tool("hours", "Say when we are open.", {}, ["When are you open?"]), hours="9 to 5")
    desk.agents = {
        "Desk": (
            "",
            [{}, {"name": 7}, {"name": "x", "parameters": {"$ref": "https://example.com/x"}}, *desk.agents["Desk"][1]],
        )
    }
    desk.items += [{}, {"type": "message"}, {"type": "function_call_output", "call_id": "?", "output": "{"}]
    assert desk.says("When are you open?") == "9 to 5."


def test_arguments_are_json_that_keeps_every_letter(line):
    desk = line(tool("note", "Write a note.", {"note": STRING}, ["Write a note"]))
    assert desk.says('Write a note: "Zoë 🙂" is here') == '"Zoë 🙂" is here. Is that right?'
    desk.items.append(message("user", "yes"))
    (call,) = desk.respond()
    assert json.loads(call.arguments) == {"note": '"Zoë 🙂" is here.'}


def test_an_own_lookup_comes_before_the_desk_that_finds_the_right_place(line):
    desk = line(
        tool("transfer_to_triage", "Hand back to the triage desk, who delegates requests."),
        tool("ask", "Look up the next answer from the supervisor.", {"request": STRING}),
        ask="Skis are waxed.",
    )
    assert desk.says("tell me something of your skis") == "Skis are waxed."


def test_a_desk_that_needs_to_be_told_something_gets_no_odd_questions(line):
    reason = {"type": "string", "enum": ["emergency", "abusive"]}
    desk = line(tool("transfer_to_front", "Put the caller through to the front desk.", {"reason": reason}))
    assert "Which reason" not in desk.says("is there somewhere to park?") and desk.calls == []


def test_what_an_answer_wants_of_the_agent_is_not_said(hub):
    hub.outputs = {"faq": "Nothing was found. Hand the caller back to triage."}
    assert hub.says("is there wifi?") == "Nothing was found."
