"""Hints for a word that is not known."""

from __future__ import annotations

import pytest

from realtime_scenarios.core import Registry, UsageError, counted, did_you_mean, nearest


def test_the_nearest_word_is_suggested_whatever_its_case() -> None:
    assert did_you_mean("Maim", ["main", "billing"]) == "did you mean 'main'?"
    assert did_you_mean("MAIN", ["main", "billing"]) == "did you mean 'main'?"


def test_a_word_is_never_suggested_in_place_of_itself() -> None:
    assert nearest("code", ["code"]) is None
    assert nearest("code", ["code", "codes"]) == "codes"
    assert did_you_mean("code", ["code", "rooms"]) == "choose one of: rooms"
    assert did_you_mean("code", ["code"]) == "there are none to choose from"


def test_a_number_of_things_is_told_with_their_noun() -> None:
    assert [counted(number, "turn") for number in (0, 1, 2)] == ["0 turns", "1 turn", "2 turns"]


def test_of_a_catalogue_with_many_names_some_are_told() -> None:
    catalogue: Registry[int] = Registry("kind of change")
    for number in range(20):
        catalogue.add(f"change-{number:02}", number)
    with pytest.raises(UsageError, match="unknown kind of change 'nosuch'") as raised:
        catalogue.known("nosuch")
    assert raised.value.hint is not None and raised.value.hint.endswith("change-11, and 8 more")
