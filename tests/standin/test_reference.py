from __future__ import annotations

import pytest

from realtime_scenarios.standin.reference import relevant, units_of
from support.telephone import RULES


def line_for(question):
    return " / ".join(relevant([unit for unit in units_of(RULES) if "else" not in unit], question))


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("can I bring two bags", "Checked bags"),
        ("what is the free upgrade", "Upgrades"),
        ("and the checked one?", "Checked bags"),
        ("what happens if my flight is cancelled?", "Refunds"),
        (
            "Good morning, I hope you're well. I was wondering whether it would be possible to bring my small dog on "
            "board with me?",
            "Pets",
        ),
        ("My grandmother, who is ninety and rather nervous, would love to know about the wifi over the ocean", "Wi-Fi"),
    ],
)
def test_a_line_is_found_by_its_label_however_long_the_question_is(question, label):
    assert line_for(question).startswith(f"{label}:")


@pytest.mark.parametrize("question", ["what items are forbidden", "when is boarding", "do kids fly free", "is it safe"])
def test_one_word_inside_a_line_does_not_make_it_the_answer(question):
    assert line_for(question) == ""


def test_one_word_that_is_all_of_the_question_finds_its_line():
    assert line_for("delays?").startswith("Refunds:")
    assert list(relevant(["Skis are waxed.", "Boots are fitted."], "what about the skis?")) == ["Skis are waxed."]
