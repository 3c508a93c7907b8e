"""How a conversation begins: ordered words, calls in silence, pictures; and what is promised about all of it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import ScenarioError
from realtime_scenarios.expectations.standing import unkept_promises
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.realtime.responder import CallFunction, Output, SayText
from realtime_scenarios.session import Conversation
from realtime_scenarios.trace import AgentSaid, ToolCalled, ToolReturned, Trace, UserShowed
from support import Answers, Written
from support.conversations import held, of
from support.dialogues import played

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HOTEL = """
    scenario: hotel
    start: desk
    opening: {say: "Welcome to the hotel.", calls: [clock]}
    agents:
      desk: {instructions: You are the desk., tools: [clock, ask], handoffs: [{to: spa, say_first: true}]}
      spa: {instructions: You are the spa., handoffs: [desk]}
    tools:
      clock: {description: The time., returns: "{{ now.year }}"}
      ask:
        description: Ask the manager.
        filler: {say: [One moment please.], exact: true}
        supervisor: manager
    supervisors:
      manager: {instructions: You are the manager., read: verbatim}
"""


async def opened(conversation: Conversation) -> None:
    await conversation.agent_opens()
    await conversation.user_says("Hello")


def broken(path: Path, trace: Trace) -> list[str]:
    return [unkept.broken.message for unkept in unkept_promises(load(path).scenario, trace)]


def test_the_first_words_are_ordered_word_for_word_and_the_prompt_knows_them(written: Written) -> None:
    model = Answers([[SayText("Welcome to the hotel.")], [SayText("Hello.")]])
    held(written(HOTEL), model, opened)
    first, second = model.requests
    assert first.instructions == 'Say exactly these words, and nothing else: "Welcome to the hotel."'
    assert 'exactly these words: "Welcome to the hotel."' in second.instructions


def test_calls_in_silence_are_made_once_before_anybody_speaks(written: Written) -> None:
    model = Answers([[SayText("Welcome to the hotel.")], [SayText("Hello.")]])
    trace, _ = held(written(HOTEL), model, opened)
    assert [(event.turn, event.tool) for event in of(trace, ToolCalled)] == [(0, "clock")]
    assert of(trace, ToolReturned)[0].output == "2026"
    kinds = [item["type"] for item in model.requests[0].items]
    assert kinds == ["function_call", "function_call_output"]
    assert of(trace, AgentSaid)[0].seq > of(trace, ToolReturned)[0].seq


def test_the_offline_model_says_the_ordered_words(written: Written) -> None:
    from realtime_scenarios.standin import OfflineResponder

    trace, _ = held(written(HOTEL), OfflineResponder(), opened)
    assert of(trace, AgentSaid)[0].text == "Welcome to the hotel."


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([[SayText("Good day!")], [SayText("Hello.")]], "was to be opened with exactly 'Welcome to the hotel.'"),
        ([[SayText("Welcome to the hotel.")], [SayText("Welcome to the hotel.")]], "said again"),
        ([[SayText("Welcome to the hotel.")], [CallFunction("clock", "{}")], [SayText("Nine.")]], "called again"),
        (
            [[SayText("Welcome to the hotel.")], [CallFunction("transfer_to_spa", "{}")], [SayText("Spa.")]],
            "without being told",
        ),
    ],
)
def test_a_promise_of_the_scenario_that_is_broken_is_told(
    written: Written, answers: list[list[Output]], message: str
) -> None:
    path = written(HOTEL)
    trace, _ = held(path, Answers(answers), opened)
    (told,) = broken(path, trace)
    assert message in told


def test_kept_promises_say_nothing(written: Written) -> None:
    path = written(HOTEL)
    handoff: list[Output] = [SayText("I will bring you to the spa."), CallFunction("transfer_to_spa", "{}")]
    trace, _ = held(path, Answers([[SayText("Welcome to the hotel.")], handoff, [SayText("This is the spa.")]]), opened)
    assert broken(path, trace) == []


DIALOGUE = """
    dialogues:
      - id: asked
        turns:
          - user: May I bring a dog?
            agent:
              - FILLER
              - {call: ask, nested: [{answer: "# Message\\nDogs are welcome [House Rules](ID-1)."}]}
              - {say: READ}
"""


@pytest.mark.parametrize(
    ("filler", "read", "message"),
    [
        ("{say: One moment please.}", "Dogs are welcome.", None),
        ("{say: Let me see.}", "Dogs are welcome.", "one of the filler lines"),
        ("{handoff: spa, refused: true}", "Dogs are welcome.", "without a word"),
        ("{say: One moment please.}", "Sure. Bring it.", "word for word"),
    ],
)
def test_fillers_are_heard_and_answers_are_read_out(
    written: Written, filler: str, read: str, message: str | None
) -> None:
    text = HOTEL.replace("{to: spa, say_first: true}", "{to: spa, requires: context.never}")
    text = text.replace("    start: desk", "    context: {never: {type: boolean, default: false}}\n    start: desk")
    path = written(text + DIALOGUE.replace("FILLER", filler).replace("READ", read))
    project = load(path)
    assert not project.errors, project.errors
    result = played(compiled(project.scenario), project.dialogues[0], PROVIDERS["scripted"], ProviderRequest())
    told = [verdict.message for verdict in result.failures]
    assert told == [] if message is None else len(told) == 1 and message in told[0]


def test_a_picture_is_sent_as_it_is_with_words_or_without(written: Written) -> None:
    path = written(HOTEL)
    picture = path.parent / "map.png"
    picture.write_bytes(PIXEL)

    async def shows(conversation: Conversation) -> None:
        await conversation.user_shows(picture)
        await conversation.user_shows(picture, "What is this?")

    model = Answers([[SayText("A map.")]])
    trace, _ = held(path, model, shows)
    contents = [item["content"] for item in model.requests[0].items if item["type"] == "message"]
    assert [[part["type"] for part in content] for content in contents] == [
        ["input_image"],
        ["input_image", "input_text"],
    ]
    assert contents[0][0]["image_url"].startswith("data:image/png;base64,iVBOR")
    assert [event.image for event in of(trace, UserShowed)] == ["map.png", "map.png"]
    assert len(model.requests) == 1


def test_something_that_is_no_picture_is_told(written: Written) -> None:
    path = written(HOTEL)

    async def shows(conversation: Conversation) -> None:
        await conversation.user_shows(path)

    with pytest.raises(ScenarioError, match="is no picture"):
        held(path, Answers([]), shows)


TURNS = """
    dialogues:
      - id: one
        turns: [TURN]
"""


def replayed(written: Written, turn: str) -> list[str]:
    path = written(HOTEL + TURNS.replace("TURN", turn))
    (path.parent / "map.png").write_bytes(PIXEL)
    project = load(path)
    assert not project.errors, project.errors
    result = played(compiled(project.scenario), project.dialogues[0], PROVIDERS["scripted"], ProviderRequest())
    return [verdict.message for verdict in result.failures]


@pytest.mark.parametrize(
    "turn",
    [
        "{silence: 10s, agent: [{say: Are you still there?}]}",
        "{silence: 10s, agent: []}",
        "{image: map.png, agent: [{say: A map.}]}",
        "{image: map.png}",
        "{image: map.png, user: What is this?, agent: [{say: A map.}]}",
        "{user: Hello, agent: [{say: one two three four five, interrupt: {after_words: 3}}]}",
    ],
)
def test_a_turn_without_words_of_the_caller_can_be_answered_or_not(written: Written, turn: str) -> None:
    assert replayed(written, turn) == []


def test_a_caller_who_never_cuts_in_is_told(written: Written) -> None:
    (told,) = replayed(written, "{user: Hello, agent: [{say: one two three, interrupt: {after_words: 99}}]}")
    assert told == "the caller was to cut in, but the line was over before"


def test_a_call_in_silence_belongs_to_the_first_turn(written: Written) -> None:
    assert replayed(written, "{user: Hello, agent: [{say: Hello.}], expect: [{called: clock}]}") == []


def test_a_broken_promise_is_shown_at_the_turn_and_says_where_it_was_made(written: Written) -> None:
    turn = '{user: "Dogs?", agent: [{call: ask, nested: [{answer: Yes.}]}, {say: Yes.}]}'
    (told,) = replayed(written, turn)
    assert "was called without a word to the caller before (promised at " in told and "scenario.yaml:12:" in told
