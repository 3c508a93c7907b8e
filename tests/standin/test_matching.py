from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from realtime_scenarios.standin.matching import FITS, Option, scores
from realtime_scenarios.standin.words import stem, words_of

LABELLED = yaml.safe_load((Path(__file__).parent / "utterances.yaml").read_text("utf-8"))


def outcome():
    """How many utterances lead to the right option, how many of them for sure, and how many wrong ones for sure."""
    right = sure = wrong_and_sure = 0
    for agent in LABELLED.values():
        options = [Option(name, it["description"], tuple(it["examples"])) for name, it in agent["options"].items()]
        for name, it in agent["options"].items():
            for said in it["said"]:
                fitting = scores(said, options)
                best = fitting.index(max(fitting))
                right += options[best].name == name
                sure += options[best].name == name and fitting[best] >= FITS
                wrong_and_sure += options[best].name != name and fitting[best] >= FITS
    return right, sure, wrong_and_sure


def test_no_labelled_utterance_is_an_example():
    for agent in LABELLED.values():
        examples = {" ".join(words_of(text)) for it in agent["options"].values() for text in it["examples"]}
        said = [" ".join(words_of(text)) for it in agent["options"].values() for text in it["said"]]
        assert len(said) == len(set(said)) and examples.isdisjoint(said)


def test_words_lead_to_the_right_option_as_often_as_documented():
    assert outcome() == (40, 33, 2)


@pytest.mark.parametrize("text", ["", "?!", "🙂", "the of and", "x" * 10_000, "zzz qqq"])
def test_text_without_known_words_fits_nothing(text):
    assert scores(text, [Option("a", "Book a table."), Option("b", "")]) == [0.0, 0.0]


def test_no_options_no_scores():
    assert scores("hello", []) == []


def test_a_slip_of_the_pen_is_forgiven():
    options = [Option("refund", "Evaluate a refund."), Option("luggage", "Trace lost luggage.")]
    assert scores("a refnd please", options)[0] >= FITS


def test_an_example_of_mere_filler_counts_as_it_stands():
    options = [Option("add_to_cart", "Put an item into the cart.", ("I'll take it",)), Option("pay", "Pay.")]
    assert scores("i'll take it!", options) == [1.0, 0.0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("delays", "delayed"),
        ("bags", "luggage"),
        ("policies", "policy"),
        ("cancellation", "cancelled"),
        ("dog", "animals"),
    ],
)
def test_words_that_mean_the_same_have_one_stem(one, other):
    assert stem(one) == stem(other)


def test_hyphens_and_pairs_are_one_word():
    assert words_of("Carry-on, carry on; Wi-Fi: wi fi!") == ["carryon", "carryon", "wifi", "wifi"]
