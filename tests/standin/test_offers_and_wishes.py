"""What a caller agreed to, wished for twice over, or wants from a person."""

from __future__ import annotations

import pytest

from support.telephone import STRING, Line, tool


def test_a_person_is_reached_by_the_handoff_that_speaks_of_one(line):
    desk = Line(
        {
            "Front": (
                "",
                [
                    tool("count_people", "Count the people; a person has to say yes first."),
                    tool("transfer_to_lobby", "Hand a caller who asks for a person to the lobby."),
                ],
            ),
            "Lobby": ("", []),
        }
    )
    assert desk.says("I want to talk to a person") == "Hello! This is the Lobby. How can I help you?"
    assert desk.calls == [("transfer_to_lobby", {})]


def test_where_no_person_can_be_reached_that_is_said_plainly_and_not_three_times(line):
    desk = line(tool("count_people", "Count the people; a person has to say yes first.", {}, ["How many came?"]))
    said = [desk.says("get me a human") for _ in range(3)]
    assert said[0].startswith("I am sorry, I cannot reach a person from here: I am an offline stand-in")
    assert said[0].endswith("You could say, for example: “How many came?”")
    assert len(set(said)) == 2 and desk.calls == []


def test_somebody_is_whoever_knows_about_the_matter(line):
    desk = line(tool("hours", "Say when we are open.", {}, ["When are you open?"]), hours="9 to 5")
    assert desk.says("can I talk to someone about when you are open?") == "9 to 5."


@pytest.mark.parametrize(
    ("instructions", "told"),
    [
        ("If the caller asks for a person, say that the lobby is open.", "The lobby is open."),
        (
            "A caller who wants a human, or is upset, hears that people\nanswer by mail. Promise no more.",
            "People answer by mail.",
        ),
        ("Nobody else is here. If the caller asks for a person, say so kindly.", "Nobody else is here."),
        ("If the caller asks for a person, send them to the lobby.", "Please turn to the lobby."),
        ('When the user requests a human, say: "Please write to us."', "Please write to us."),
    ],
)
def test_instructions_say_what_becomes_of_a_wish_for_a_person(line, instructions, told):
    assert line(instructions=instructions).says("I want a human") == told


@pytest.mark.parametrize(
    "text", ["hello", "yes", "What is your phone number", "asdf", "qq zz?", "no", "🙂", "can I have a person"]
)
def test_nothing_is_said_three_times_in_a_row(line, text):
    desk = line(
        tool("track", "Track a parcel.", {"parcel_id": STRING}, ["Where is my parcel?"]),
        tool("look_up", "Look up an answer.", {"question": STRING}),
        look_up="Nobody knows.",
    )
    said = [desk.says(text) for _ in range(8)]
    assert all(len(set(three)) > 1 for three in zip(said, said[1:], said[2:], strict=False))
