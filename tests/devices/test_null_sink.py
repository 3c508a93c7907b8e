"""The sound card of this machine by PortAudio, over a sound server that nobody hears."""

from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path

from realtime_scenarios.voice import PCM16, decoded
from realtime_scenarios.voice.waves import wave_of
from support.null_sink import needs_sound, null_sink
from support.sounds import RATE, hum, power_at

CALL = """
import asyncio, sys
from pathlib import Path
from realtime_scenarios.devices import Tape
from realtime_scenarios.devices.portaudio import SoundCard

async def call():
    device = SoundCard()
    tape = Tape(Path(sys.argv[2]), sides=2, option="--wav")
    device.play("item", Path(sys.argv[1]).read_bytes())
    heard_ms, frames = 0, device.frames()
    for _ in range(1000):  # a busy machine plays with gaps
        frame = await anext(frames)
        tape.add(frame.said, frame.heard)
        heard_ms += sum(piece.ms for piece in frame.pieces)
        if heard_ms == 500:
            break
    await frames.aclose()
    print(round(heard_ms))

asyncio.run(call())
"""


@needs_sound
def test_what_is_said_and_what_is_heard_go_through_a_real_sound_server(tmp_path: Path) -> None:
    answer, question = hum(440, 500), hum(880, 3000)
    (tmp_path / "answer").write_bytes(answer.tobytes())
    (tmp_path / "question.wav").write_bytes(wave_of(question, RATE))
    with null_sink(tmp_path / "sound") as sink:
        speaking = sink.say(tmp_path / "question.wav")
        command = [sys.executable, "-c", CALL, str(tmp_path / "answer"), str(tmp_path / "both.wav")]
        done = subprocess.run(
            command, env=dict(sink.environment), capture_output=True, text=True, timeout=60, check=False
        )
        speaking.terminate()
        speaking.wait(timeout=10)
    assert (done.stdout, done.stderr) == ("500\n", "")
    with wave.open(str(tmp_path / "both.wav")) as file:
        both = decoded(file.readframes(file.getnframes()), PCM16)
    said, heard = both[::2], both[1::2]
    assert power_at(said, 880) > 100 * power_at(said, 440)
    assert power_at(heard, 440) > 100 * power_at(heard, 880)
