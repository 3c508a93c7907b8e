"""Dialogues whose callers speak: what they say goes through detector, codec and transcription, in virtual time.

A tone says the lines where no words have to be understood: it needs no program.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from realtime_scenarios.cli.options import request_of
from realtime_scenarios.project import load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.providers import PROVIDERS
from realtime_scenarios.suite import spoken_turns
from realtime_scenarios.trace import AgentSaid, Interrupted, UserSaid, to_json_lines
from realtime_scenarios.verdicts import DialogueResult
from realtime_scenarios.voice.calling import Calling
from realtime_scenarios.voice.waves import wave_of
from realtime_scenarios.workers.player import played_here
from support import Written
from support.conversations import of
from support.sounds import hum, needs_flite, needs_pocketsphinx

DESK = """
    scenario: desk
    start: desk
    session: {turn_detection: DETECTION}
    agents:
      desk: {instructions: You help callers., tools: [opening_hours], handoffs: [billing]}
      billing: {instructions: You know about bills., handoff_description: Questions about a bill.}
    tools:
      opening_hours:
        description: When the shop is open.
        examples: [When are you open?, What are your opening hours?]
        returns: From nine to five.
    dialogues:
      - id: hours
        turns:
          - {user: When are you open?, agent: [{call: opening_hours}, {say: From nine to five.}]}
          - {user: Thank you., agent: [{say: Goodbye.}]}
"""
SERVER = "{type: server_vad, silence_duration_ms: 300}"
TONE = Calling(tts="tone", stt="script")


def path_of(written: Written, detection: str = SERVER) -> Path:
    return written(DESK.replace("DETECTION", detection))


def played(path: Path, calling: Calling | None = TONE, provider: str = "scripted") -> Sequence[DialogueResult]:
    project = load(path)
    assert not project.errors, project.errors
    request = request_of({"spoken": None if calling is None else calling.written})
    return [finished.result for finished in played_here(cases_of([project]), PROVIDERS[provider], request)]


def test_a_dialogue_passes_spoken_and_the_trace_has_what_was_said_and_heard(written: Written) -> None:
    (result,) = played(path_of(written))

    assert result.passed, [verdict.message for verdict in result.failures]
    assert [(said.turn, said.text, said.said) for said in of(result.trace, UserSaid)] == [
        (1, "When are you open?", "When are you open?"),
        (2, "Thank you.", "Thank you."),
    ]
    first, second = of(result.trace, UserSaid)
    assert 4 * 400 < first.audio_ms < 4 * 400 + 900  # four words of 400 ms, the padding before and the silence behind
    assert second.audio_ms < first.audio_ms


def test_how_long_the_caller_waits_is_the_silence_that_ends_a_turn(written: Written) -> None:
    (short,) = played(path_of(written))
    (long,) = played(path_of(written, "{type: server_vad, silence_duration_ms: 700}"))

    waits = [[turn.latency_ms for turn in spoken_turns(result.trace)] for result in (short, long)]
    assert all(300 <= ms <= 400 for ms in waits[0] if ms is not None)
    assert [later - ms for ms, later in zip(*waits, strict=True) if ms is not None and later is not None] == [400, 400]


def test_what_a_turn_took_is_counted_from_when_the_caller_was_heard_out(written: Written) -> None:
    slow = DESK.replace("DETECTION", SERVER).replace("returns: From", "delay: 3s\n        returns: From")
    (typed,), (spoken,) = played(written(slow), None), played(written(slow))

    assert typed.trace.measures[1].seconds == spoken.trace.measures[1].seconds == 3.0


def test_the_same_seed_gives_the_same_trace_byte_by_byte(written: Written) -> None:
    path = path_of(written)
    noisy = Calling(tts="tone", stt="script", noise="white:10", telephone=True, seed=3)
    traces = [to_json_lines(result.trace) for _ in range(2) for result in played(path, noisy)]

    assert traces[0] == traces[1]


def test_noise_in_which_nobody_hears_the_caller_fails_the_dialogue_and_says_so(written: Written) -> None:
    sure = path_of(written, "{type: server_vad, threshold: 1.0, silence_duration_ms: 300}")
    (result,) = played(sure, Calling(tts="tone", stt="script", noise="white:3"))

    assert not result.passed
    (turn,) = spoken_turns(result.trace)
    assert (turn.said, turn.heard, turn.is_heard) == ("When are you open?", "", False)
    assert turn.wrong == turn.words == 4


@pytest.mark.parametrize(
    "detection", ["'off'", "{type: server_vad, create_response: false}", "{type: semantic_vad, eagerness: high}"]
)
def test_a_turn_is_answered_however_its_end_is_found(written: Written, detection: str) -> None:
    (result,) = played(path_of(written, detection))

    assert result.passed, [verdict.message for verdict in result.failures]
    assert [turn.pieces for turn in spoken_turns(result.trace)] == [1, 1]


def test_a_line_with_a_long_pause_is_heard_in_two_pieces(written: Written) -> None:
    (result,) = played(path_of(written, "{type: server_vad, silence_duration_ms: 60}"))

    assert max(turn.pieces for turn in spoken_turns(result.trace)) > 1
    assert not result.passed  # the model was asked twice, and the dialogue has moves for one answer


def test_the_caller_cuts_in_by_saying_the_next_line_and_the_answer_ends_where_it_does_typed(written: Written) -> None:
    say = "{say: From nine to five.}"
    cut = "{say: From nine to five., interrupt: {after_words: 2}}"
    path = written(DESK.replace("DETECTION", SERVER).replace(say, cut, 1))
    (typed,), (spoken,) = played(path, None), played(path)

    assert typed.passed and spoken.passed
    heard = [[(said.text, said.interrupted) for said in of(result.trace, AgentSaid)] for result in (typed, spoken)]
    assert heard[0] == heard[1]
    assert [(cut.turn, cut.heard) for cut in of(spoken.trace, Interrupted)] == [(1, "From nine ")]
    assert [turn.pieces for turn in spoken_turns(spoken.trace)] == [1, 1]
    assert spoken.trace.measures[1].seconds > typed.trace.measures[1].seconds  # it takes a moment to hear a voice


def test_who_cuts_in_and_has_no_next_line_is_taken_at_their_word(written: Written) -> None:
    cut = "{say: Goodbye to you., interrupt: {after_words: 2}}"
    (result,) = played(written(DESK.replace("DETECTION", SERVER).replace("{say: Goodbye.}", cut)))

    assert result.passed, [verdict.message for verdict in result.failures]
    assert of(result.trace, AgentSaid)[-1].text == "Goodbye to "


def test_a_line_that_was_recorded_is_played_also_where_nobody_asks_for_speech(written: Written) -> None:
    recorded = "{audio: hours.wav, transcript: When are you open?}"
    path = written(DESK.replace("DETECTION", SERVER).replace("user: When are you open?", f"user: {recorded}"))
    Path(path.parent, "hours.wav").write_bytes(wave_of(hum(300, 1500, rate=16000), 16000))
    (result,) = played(path, None)

    assert result.passed, [verdict.message for verdict in result.failures]
    first, second = of(result.trace, UserSaid)
    assert (first.text, first.said) == ("When are you open?", "When are you open?")
    assert 1500 < first.audio_ms < 2400
    assert (second.said, second.audio_ms) == (None, None)  # and what was not recorded is typed


def test_what_is_no_word_is_typed(written: Written) -> None:
    flite = Calling(tts="silence", stt="script")
    (result,) = played(path_of(written), flite)

    assert result.passed
    assert [said.said for said in of(result.trace, UserSaid)] == [None, None]


@needs_flite
@needs_pocketsphinx
def test_the_stand_in_answers_what_was_heard(written: Written) -> None:
    (result,) = played(path_of(written), Calling(), "offline")

    called = next(turn for turn in spoken_turns(result.trace))
    assert called.heard == "When are you open?"
    assert "From nine to five" in of(result.trace, AgentSaid)[0].text


def test_a_voice_that_is_not_there_is_told_in_one_line(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    (result,) = played(path_of(written), Calling(tts="flite", stt="script"))

    assert result.error is not None and result.error.message == "flite is not installed"
