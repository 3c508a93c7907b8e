"""`scenario run --voice` on a terminal, with a microphone and a loudspeaker of a sound server that nobody hears."""

from __future__ import annotations

import wave
from pathlib import Path

from realtime_scenarios.trace import AgentSaid, UserSaid, from_json_lines
from realtime_scenarios.voice import PCM16, decoded
from realtime_scenarios.voice.waves import wave_of
from support import PROGRAM
from support.null_sink import needs_sound, null_sink
from support.sounds import RATE, hum, joined, quiet
from support.terminal import at_terminal

DESK = """\
scenario: desk
start: desk
session: {turn_detection: {type: server_vad, silence_duration_ms: 400}}
agents: {desk: {instructions: You are a desk., tools: [hours]}}
tools:
  hours: {description: Tell when we are open., examples: [When are you open?], returns: From nine to five.}
"""
PARTS = ["--vad", "loudness", "--tts", "tone", "--stt", "script:lines.txt"]


@needs_sound
def test_a_person_speaks_mutes_types_and_leaves_and_both_sides_are_on_the_tape(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(DESK, encoding="utf-8")
    (tmp_path / "lines.txt").write_text("When are you open?\n", encoding="utf-8")
    (tmp_path / "said.wav").write_bytes(wave_of(joined([hum(300, 900), quiet(1000)]), RATE))
    command = [*PROGRAM, "run", "desk.yaml", "--voice", *PARTS, "--wav", "both.wav", "--trace", "trace.jsonl"]
    with (
        null_sink(tmp_path / "sound") as sink,
        at_terminal(command, tmp_path, sink.environment) as screen,
    ):
        screen.until("● open")
        with sink.say(tmp_path / "said.wav"):
            screen.until("When are you open?")
            screen.until("From nine to five.")
        screen.type("m")
        screen.until("○ muted")
        screen.type("/agent\r")
        screen.until("desk (desk)")
        screen.type("When are you open?\r")
        screen.until("\x1b[0m  From nine to five.")
        screen.until("m opens")  # what is typed while something is printed above the prompt may be lost
        screen.type("\x04")
        assert screen.code() == 0, screen.shown

    events = from_json_lines((tmp_path / "trace.jsonl").read_text(encoding="utf-8"))
    assert [event.audio_ms is not None for event in events if isinstance(event, UserSaid)] == [True, False]
    (spoken, *_) = [event.text for event in events if isinstance(event, AgentSaid)]
    assert spoken and "From nine to five.".startswith(spoken)  # who types may cut in before all of it was heard
    with wave.open(str(tmp_path / "both.wav")) as file:
        assert file.getnchannels() == 2
        both = decoded(file.readframes(file.getnframes()), PCM16)
    assert max(both[::2]) > 5000 and max(both[1::2]) > 3000
    assert "ALSA" not in screen.shown
    assert "wear headphones" in screen.shown and "both sides are recorded in both.wav" in screen.shown
    assert "voice     microphone default, loudspeaker default" in screen.shown
