"""What is heard of a text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from realtime_scenarios.core.folding import folded, is_found, is_heard
from realtime_scenarios.core.patterns import pattern_of


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("You can’t lose.", "you can't lose"),
        ("Riley, you are **booked** on _it_ (really?). ", "riley you are booked on it really"),
        ("wait—what--no...yes", "wait what no yes"),
        ("“Sure”, he said: `now`", "sure he said now"),
        ("ex\u00adtra\u200bordinary", "extraordinary"),
        ("guar**an**tee", "guarantee"),
        ("Ｆｕｌｌ\u3000ｗｉｄｔｈ", "full width"),
        ("a no\u00a0break space", "a no break space"),
        ("yes,no", "yes no"),
        ("Straße", "strasse"),
        ("- one\n- two", "one two"),
        ("...", ""),
    ],
)
def test_the_dress_of_words_is_not_heard(written: str, heard: str) -> None:
    assert folded(written) == heard


@pytest.mark.parametrize(
    "text", ["8:30", "1,000.50", "n-1001", "a@b.example", "o'clock", "order_1_x", "-5", ".5", "2 * 3"]
)
def test_what_is_part_of_a_word_or_number_stays(text: str) -> None:
    assert folded(text) == text


def test_numbers_with_different_dashes_are_the_same_number() -> None:
    assert folded("555–1234") == folded("555-1234") == folded("555\u20111234")


def test_scripts_without_spaces_have_no_edges() -> None:
    assert folded("はい、無料 です。") == "はい無料です"
    assert is_heard("無料", "これは無料です。", whole_words=True)
    assert is_heard("ฟรี", "ของนี้ฟรีนะ", whole_words=True)


def test_whole_words_are_not_found_inside_of_others() -> None:
    assert is_heard("art", "state of the art.", whole_words=True)
    assert not is_heard("art", "a party", whole_words=True)
    assert is_heard("art", "a party")


def test_an_end_with_punctuation_is_the_end_of_a_word() -> None:
    assert is_heard("it costs $5.", "It costs $5!")
    assert not is_heard("it costs $5.", "It costs $50.")


def test_punctuation_alone_is_looked_for_as_it_stands() -> None:
    assert is_heard("?", "Really?")
    assert not is_heard("?", "Really.")


def test_a_pattern_is_held_against_what_is_heard_with_its_case() -> None:
    assert is_found(pattern_of("can't Lose"), "You can’t **Lose**")
    assert not is_found(pattern_of("can't lose"), "You can’t **Lose**")
    assert is_found(pattern_of("Riley, you"), "Riley, you are booked")


def test_the_end_of_a_text_is_its_end_to_a_pattern() -> None:
    assert not is_found(pattern_of("(a+)+$"), "aaaa!")
    assert is_found(pattern_of(r"can't lose\.$"), "You can’t lose.")


@example("A*_A")
@given(st.text(max_size=40))
def test_folding_again_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(st.text(max_size=30), st.text(max_size=10), st.text(max_size=10))
def test_what_stands_in_a_text_is_heard_in_it(words: str, before: str, after: str) -> None:
    if words.strip() and folded(words):
        assert is_heard(words, f"{before} {words} {after}")
