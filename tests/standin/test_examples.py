from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from realtime_scenarios.standin.examples import described, split_description


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
