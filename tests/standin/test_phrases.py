from __future__ import annotations

import pytest

from realtime_scenarios.standin.phrases import capability, past, spoken_name


@pytest.mark.parametrize(
    ("description", "said"),
    [
        ("Move the passenger of a booking to another seat.", "move you to another seat"),
        ("How a patient is insured.", "tell you how you are insured"),
        ("Who works where.", "tell you who works where"),
        (
            "A patient's appointments, from DateStart to DateEnd.",
            "help with your appointments, from date start to date end",
        ),
        ("Have somebody decide whether it is possible.", "have somebody decide whether it is possible"),
        ("Get a customer's account.", "get your account"),
        ("Hand a verified caller to sales.", "hand you to sales"),
        ("Hand a caller who asks for a person or is upset to the lobby.", "hand you to the lobby"),
        ("Hand the caller back, because they want something else.", "hand you back, because you want something else"),
        ("Handoff to the tourGuide agent to handle the request.", "connect you with the tour guide agent"),
        ("Look up what NewTelco sells.", "look up what NewTelco sells"),
    ],
)
def test_a_description_is_an_offer_in_plain_english(description, said):
    assert capability("tool", description, handoff=True) == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tourGuide", "tour guide"),
        ("simulatedHuman", "simulated human"),
        ("main_agent", "main agent"),
        ("QA Agent", "QA Agent"),
        ("Lexi", "Lexi"),
        ("NewTelco", "NewTelco"),
    ],
)
def test_an_agents_name_is_said_in_words(name, said):
    assert spoken_name(name) == said


def test_what_was_done_is_said_in_the_past():
    assert past("have somebody decide") == "had somebody decide"
