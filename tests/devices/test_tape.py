"""A call that is recorded is a WAV file at every moment, of both sides in time."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import wave
from pathlib import Path

import pytest

from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.devices import RATE, Tape

LEFT, RIGHT = b"\x01\x00\x02\x00", b"\x03\x00\x04\x00"


def read(path: Path) -> tuple[int, int, bytes]:
    with wave.open(str(path)) as file:
        return file.getnchannels(), file.getframerate(), file.readframes(file.getnframes())


def test_the_caller_is_left_and_the_agent_right(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "new" / "both.wav", sides=2, option="--wav")
    tape.add(LEFT, RIGHT)
    tape.close()
    assert read(tmp_path / "new" / "both.wav") == (2, RATE, b"\x01\x00\x03\x00\x02\x00\x04\x00")


def test_it_can_be_played_before_it_is_closed(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "one.wav", sides=1, option="--out")
    assert read(tmp_path / "one.wav") == (1, RATE, b"")
    tape.add(LEFT)
    assert read(tmp_path / "one.wav") == (1, RATE, LEFT)
    tape.add(RIGHT)
    assert read(tmp_path / "one.wav") == (1, RATE, LEFT + RIGHT)
    tape.close()


def test_a_killed_process_leaves_all_that_was_said(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from realtime_scenarios.devices import Tape\n"
        "tape = Tape(Path(sys.argv[1]), sides=2, option='--wav')\n"
        "for _ in range(50): tape.add(bytes(960), bytes(960))\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "both.wav")], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(read(tmp_path / "both.wav")[2]) == 50 * 2 * 960


def test_only_its_owner_may_hear_it(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "both.wav", sides=2, option="--wav")
    tape.add(bytes(2), bytes(2))
    tape.close()
    assert stat.S_IMODE((tmp_path / "both.wav").stat().st_mode) == 0o600


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "both.wav").write_text("mine")
    with pytest.raises(UsageError, match="exists already") as refused:
        Tape(tmp_path / "both.wav", sides=2, option="--wav")
    assert refused.value.hint == "choose another name for --wav"
    assert (tmp_path / "both.wav").read_text() == "mine"


def test_a_folder_that_cannot_be_written_to_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ScenarioError, match="cannot be written"):
        Tape(tmp_path / "file" / "both.wav", sides=2, option="--wav")


def test_a_full_disk_is_told_and_what_was_written_can_be_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tape = Tape(tmp_path / "one.wav", sides=1, option="--out")
    tape.add(LEFT)
    whole = os.write
    monkeypatch.setattr(os, "write", lambda file, data: whole(file, data[:1]))
    tape.add(RIGHT)
    monkeypatch.undo()
    tape.add(RIGHT)
    tape.close()
    assert tape.problem is not None and "No space left" in tape.problem.message
    assert read(tmp_path / "one.wav") == (1, RATE, LEFT)
