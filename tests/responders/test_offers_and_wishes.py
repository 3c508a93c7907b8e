"""What a caller agreed to, wished for twice over, or wants from a person."""

from __future__ import annotations

import pytest
from telephone import RULES, STRING, Line, message, tool

OFFER = "Would you like me to hand you to the desk that answers questions?"


@pytest.mark.parametrize("yes", ["yes", "y", "yup", "fine", "exactly", "right", "yes, please do"])
def test_a_yes_to_an_offered_desk_takes_the_question_along(yes):
    desk = Line(
        {
            "Front": ("", [tool("transfer_to_rules", "Hand the caller to the desk that answers questions.")]),
            "Rules": ("", [tool("look_up", "Look up an answer.", {"question": STRING})]),
        },
        {"look_up": RULES},
    )
    desk.items += [message("user", "my cat comes along, you know"), message("assistant", OFFER)]
    assert desk.says(yes).startswith("Pets:")
    assert desk.calls[-1] == ("look_up", {"question": "my cat comes along, you know"})


def test_a_yes_to_an_offer_keeps_the_request_while_values_are_asked_for(line):
    desk = line(
        tool("refund", "Evaluate a refund.", {"order_id": STRING, "request": STRING}, ["I want a refund"]),
        tool("hours", "Say when we are open.", {}, ["When are you open?"]),
    )
    desk.says("Refund it now, it arrived broken", "yes", "SNP-77")
    assert desk.calls == [("refund", {"order_id": "SNP-77", "request": "Refund it now, it arrived broken"})]
