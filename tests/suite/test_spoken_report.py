"""What a report says of callers who spoke: words that were misheard, lines that were not heard, and how long they waited."""

from __future__ import annotations

import pytest

from realtime_scenarios.suite.lines import line_of
from realtime_scenarios.suite.spoken import error_rate, percentile, spoken_properties, spoken_table, spoken_turns
from realtime_scenarios.trace import AgentSaid, Trace, UserSaid
from realtime_scenarios.voice.mistakes import distance, misheard

HEARD = UserSaid(1, 1, "desk", "what flight am eye on", said="What flight am I on?", audio_ms=1900)
ANSWER = AgentSaid(2, 1, "desk", "The 8am.", audio_ms=800, audio_bytes=1, latency_ms=540)
LATER = AgentSaid(3, 1, "desk", "To New York.", audio_ms=800, audio_bytes=1)
UNHEARD = UserSaid(4, 2, "desk", "", said="Hello?")
TYPED = UserSaid(5, 3, "desk", "Hi")
FIRST_PIECE = UserSaid(6, 4, "desk", "no thanks", said="No thanks, just looking", audio_ms=900)
SECOND_PIECE = UserSaid(7, 4, "desk", "just looking", audio_ms=900)
TRACE = Trace((HEARD, ANSWER, LATER, UNHEARD, TYPED, FIRST_PIECE, SECOND_PIECE), "desk")


def test_each_spoken_turn_is_told_and_typed_ones_are_not() -> None:
    told = [(turn.turn, turn.wrong, turn.words, turn.pieces, turn.latency_ms) for turn in spoken_turns(TRACE)]

    assert told == [(1, 1, 5, 1, 540), (2, 1, 1, 0, None), (4, 0, 4, 2, None)]


def test_a_line_in_two_pieces_is_heard_as_one() -> None:
    assert [turn.heard for turn in spoken_turns(TRACE)][-1] == "no thanks just looking"


def test_the_properties_of_a_report_say_what_was_said_and_heard() -> None:
    assert dict(spoken_properties(TRACE)) == {
        "spoken turn 1": "said: What flight am I on? | heard: what flight am eye on | 1 of 5 words wrong "
        "| answered after 540 ms",
        "spoken turn 2": "said: Hello? | heard:  | 1 of 1 words wrong | no answer",
        "spoken turn 4": "said: No thanks, just looking | heard: no thanks just looking | 0 of 4 words wrong "
        "| no answer",
        "word error rate": "0.200",
    }
    assert list(spoken_properties(Trace((TYPED,), "desk"))) == []


def test_the_table_fits_80_columns_and_is_not_there_where_all_typed() -> None:
    lines = list(spoken_table({"desk": [TRACE], "a_scenario_with_a_name_that_is_long": [TRACE, TRACE]}))

    assert [line.split() for line in lines[1:4]] == [
        ["desk", "3", "1", "1", "20.0", "%", "540/540"],
        ["…o_with_a_name_that_is_long", "6", "2", "2", "20.0", "%", "540/540"],
        ["all", "9", "3", "3", "20.0", "%", "540/540"],
    ]
    assert max(map(len, lines)) == 80
    assert list(spoken_table({"desk": [Trace((TYPED,), "desk")]})) == []


@pytest.mark.parametrize(
    ("said", "heard", "wrong", "words"),
    [
        ("My number is 206 135.", "my number is two oh six one three five", 1, 9),
        ("In 1979!", "in nineteen seventy nine", 0, 4),
        ("No.", "no no", 1, 1),
        ("空港はどこ", "空港はそこ", 1, 5),
        ("...", "well", 4, 0),
    ],
)
def test_words_are_compared_as_they_may_be_said(said: str, heard: str, wrong: int, words: int) -> None:
    found = misheard(said, heard)
    assert (found.wrong, found.words) == (wrong, words)


def test_the_distance_counts_what_is_put_in_left_out_and_changed() -> None:
    assert [distance("abc", other) for other in ("abc", "ab", "axc", "abcd", "")] == [0, 1, 1, 1, 3]


def test_half_and_nearly_all() -> None:
    assert [percentile(range(1, 101), share) for share in (0.5, 0.95, 1.0)] == [50, 95, 100]
    assert percentile([7], 0.5) == 7
    assert error_rate([]) == 0.0


def test_a_caller_who_is_misheard_is_shown_with_what_they_said() -> None:
    shown = [line_of(event).text for event in (HEARD, UNHEARD, TYPED)]
    assert shown == ["what flight am eye on (said: What flight am I on?)", "(speaks, and is not heard: Hello?)", "Hi"]
    exact = UserSaid(1, 1, "desk", "what flight am i on", said="What flight am I on?", audio_ms=1)
    assert line_of(exact).text == "what flight am i on"
