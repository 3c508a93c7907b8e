from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from realtime_scenarios.standin import embedding
from realtime_scenarios.standin.embedding import BestMatcher, EmbeddingMatcher, embeddings_installed
from realtime_scenarios.standin.matching import FITS, LexicalMatcher, Option
from realtime_scenarios.standin.words import stem, words_of

LABELLED = yaml.safe_load((Path(__file__).parent / "utterances.yaml").read_text("utf-8"))


def outcome(matcher):
    """How many utterances lead to the right option, how many of them for sure, and how many wrong ones for sure."""
    right = sure = wrong_and_sure = 0
    for agent in LABELLED.values():
        options = [Option(name, it["description"], tuple(it["examples"])) for name, it in agent["options"].items()]
        for name, it in agent["options"].items():
            for said in it["said"]:
                scores = matcher.scores(said, options)
                best = scores.index(max(scores))
                right += options[best].name == name
                sure += options[best].name == name and scores[best] >= FITS
                wrong_and_sure += options[best].name != name and scores[best] >= FITS
    return right, sure, wrong_and_sure


def test_no_labelled_utterance_is_an_example():
    for agent in LABELLED.values():
        examples = {" ".join(words_of(text)) for it in agent["options"].values() for text in it["examples"]}
        said = [" ".join(words_of(text)) for it in agent["options"].values() for text in it["said"]]
        assert len(said) == len(set(said)) and examples.isdisjoint(said)


def test_words_lead_to_the_right_option_as_often_as_documented():
    assert outcome(LexicalMatcher()) == (40, 33, 2)


@pytest.mark.skipif(not embeddings_installed(), reason="the embeddings extra is not installed")
def test_meanings_lead_to_the_right_option_as_often_as_documented():
    assert outcome(EmbeddingMatcher()) == (45, 44, 4)


def test_the_best_matcher_at_hand_is_used():
    options = [Option("a", "Say the time.", ("What time is it?",)), Option("b", "Book a table.")]
    scores = BestMatcher().scores("what time is it?", options)
    assert scores[0] == 1.0 and scores[0] > scores[1]


@pytest.mark.parametrize("text", ["", "?!", "🙂", "the of and", "x" * 10_000, "zzz qqq"])
def test_text_without_known_words_fits_nothing(text):
    assert LexicalMatcher().scores(text, [Option("a", "Book a table."), Option("b", "")]) == [0.0, 0.0]


def test_no_options_no_scores():
    assert LexicalMatcher().scores("hello", []) == []


def test_a_slip_of_the_pen_is_forgiven():
    options = [Option("refund", "Evaluate a refund."), Option("luggage", "Trace lost luggage.")]
    assert LexicalMatcher().scores("a refnd please", options)[0] >= FITS


def test_an_example_of_mere_filler_counts_as_it_stands():
    options = [Option("add_to_cart", "Put an item into the cart.", ("I'll take it",)), Option("pay", "Pay.")]
    assert LexicalMatcher().scores("i'll take it!", options) == [1.0, 0.0]


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


def test_the_model_is_read_once_for_all_conversations() -> None:
    options = [Option("hours", "When the shop is open.")]
    for _ in range(3):
        BestMatcher().scores("are you open?", options)
    assert embedding._best.cache_info().currsize == 1
    assert embedding._best() is embedding._best()
