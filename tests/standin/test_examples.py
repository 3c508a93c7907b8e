"""What the stand-in reads in descriptions and prompts is what `project/prompts` writes there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from realtime_scenarios.model import names
from realtime_scenarios.project import load, prompts
from realtime_scenarios.project.prompts import (
    described,
    handoff_description,
    known_text,
    move_description,
    tool_description,
    word_for_word,
)
from realtime_scenarios.standin import marks
from realtime_scenarios.standin.examples import split_description, split_filler
from realtime_scenarios.standin.offers import offers_of
from realtime_scenarios.standin.offline import ordered_words
from realtime_scenarios.standin.states import known_in, to_be_given
from support import Written

DESK = """
    scenario: desk
    start: main
    context:
      order: {type: [string, "null"], default: null}
      pin: {type: [string, "null"], default: null, secret: true}
    agents:
      main:
        instructions: x
        tools: [plain, short, exact, many]
        handoffs:
          - {to: other, description: Back to the start., say_first: true, examples: [Start again]}
        states_mode: tracked
        states:
          - {id: ask, description: x, instructions: [x], collect: [order, pin], transitions: [{to: end, when: x}]}
          - {id: end, description: x, instructions: [x]}
      other: {instructions: x}
    tools:
      plain: {description: x, examples: [What is it?]}
      short: {description: x, filler: true, examples: [What is it?]}
      exact: {description: x, filler: {say: [One second., A moment.], exact: true}}
      many:
        description: x
        parameters: {name: string, with: {type: object, description: Its parameters.}}
        catalogue:
          function: name
          arguments: with
          functions:
            find: {description: Finds one., parameters: {size: {enum: [small, large], description: How large.}, "note?": string}}
"""


def test_examples_stand_below_the_description():
    text = described("Look up the flight.", ["What flight am I on?", "When  do I leave?"])
    assert text == 'Look up the flight.\n\nCallers may say:\n- "What flight am I on?"\n- "When do I leave?"'
    assert split_description(text) == ("Look up the flight.", ("What flight am I on?", "When do I leave?"))


def test_without_examples_the_description_stays_as_it_is():
    assert described("Look it up. ", []) == "Look it up. "
    assert split_description("Look it up.\n\n- a list\n- of things") == ("Look it up.\n\n- a list\n- of things", ())


def test_other_hands_may_have_written_the_block():
    text = "Look it up.\nCustomers can say\n* one\n  - 'two'\n\nUse it once."
    assert split_description(text) == ("Look it up.\nUse it once.", ("one", "two"))


words = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="\"'“”‘’«»"), min_size=1)


@given(words, st.lists(words, max_size=4))
def test_what_is_written_is_read_back(description, examples):
    assert split_description(described(description, examples)) == (description, tuple(examples))


def test_words_before_a_call_are_read_back(written: Written):
    scenario = load(written(DESK)).scenario
    tools = scenario.tools
    assert split_filler(tool_description(tools["plain"]))[1] is None
    rest, line = split_filler(tool_description(tools["short"]))
    assert (split_description(rest), line) == (("x", ("What is it?",)), "One moment, please.")
    assert split_filler(tool_description(tools["exact"])) == ("x", "One second.")
    (edge,) = scenario.agents["main"].handoffs
    rest, line = split_filler(handoff_description(edge, scenario))
    assert (split_description(rest), line) == (
        ("Back to the start.", ("Start again",)),
        "I will connect you now.",
    )


def test_the_functions_of_a_catalogue_are_read_back(written: Written):
    tool = load(written(DESK)).scenario.tools["many"]
    wire = {"name": tool.name, "description": tool_description(tool), "parameters": dict(tool.parameters)}
    find = next(offer for offer in offers_of([wire], "") if offer.name == "find")
    assert [(slot.name, slot.required) for slot in find.slots] == [("size", True), ("note", False)]
    assert find.slots[0].schema.data == {"type": "string", "enum": ["small", "large"], "description": "How large"}


def test_what_states_ask_for_and_know_is_read_back(written: Written):
    scenario = load(written(DESK)).scenario
    agent = scenario.agents["main"]
    assert to_be_given(move_description(agent.states.states["ask"])) == ("order", "pin")
    assert known_in(known_text(agent, scenario, {"order": 'A "1"', "pin": "1234"})) == {"order": 'A "1"', "pin": None}


def test_ordered_words_are_read_back():
    assert ordered_words(word_for_word("Hello there.")) == "Hello there."
    assert ordered_words("You are a desk.") is None


def test_both_know_the_same_marks():
    assert marks.SET_STATE_TOOL == names.SET_STATE_TOOL
    assert (marks.SAY_EXACTLY, marks.ALREADY_KNOWN) == (prompts.SAY_EXACTLY, prompts.ALREADY_KNOWN)
