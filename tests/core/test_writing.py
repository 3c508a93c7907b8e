"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.core.writing import refuse_unwritable, write_file, write_whole

TOO_MUCH = """
import resource, signal
from pathlib import Path
from realtime_scenarios.core.writing import write_whole

resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    write_whole(Path("report.xml"), "x" * 1000)
except OSError:
    print("refused")
"""


def test_a_file_that_does_not_fit_leaves_the_one_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_text("old", encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", TOO_MUCH], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "refused\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.xml"]
    assert (tmp_path / "report.xml").read_text(encoding="utf-8") == "old"


def test_modes_and_links_are_kept(tmp_path: Path) -> None:
    real, link = tmp_path / "real.xml", tmp_path / "link.xml"
    real.write_text("old", encoding="utf-8")
    real.chmod(0o640)
    link.symlink_to(real)
    write_whole(link, "new")
    assert link.is_symlink() and real.read_text(encoding="utf-8") == "new"
    assert real.stat().st_mode & 0o777 == 0o640


def test_what_is_no_file_is_written_to(tmp_path: Path) -> None:
    write_whole(Path(os.devnull), "gone")
    assert not Path(os.devnull).is_file()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, "through")
    assert os.read(reader, 100) == b"through" and pipe.is_fifo()
    os.close(reader)


def test_a_pipe_that_is_reached_by_the_number_of_a_stream_is_written_to() -> None:
    reader, writer = os.pipe()
    write_whole(Path(f"/dev/fd/{writer}"), "through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    os.close(writer)


def test_a_link_that_leads_to_itself_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ScenarioError, match="cannot be written"):
        write_file(tmp_path / "loop" / "report.xml", "told")


@pytest.mark.parametrize("name", ["link.xml", "file/../report.xml", "new/../report.xml"])
def test_where_a_file_can_be_it_is_written_with_the_folders_above_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "link.xml").symlink_to(tmp_path / "deep" / "report.xml")
    path = tmp_path / name
    refuse_unwritable([path])
    write_file(path, "told")
    assert path.resolve().read_text(encoding="utf-8") == "told"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("folder", "Is a directory"),
        ("file/report.xml", "Not a directory"),
        ("file/deep/report.xml", "Not a directory"),
        ("x" * 300, "File name too long"),
    ],
)
def test_a_place_where_no_file_can_be_is_known_before_anything_is_written(
    tmp_path: Path, name: str, problem: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(ScenarioError, match=f"cannot be written: {problem}"):
        refuse_unwritable([tmp_path / "fine.xml", tmp_path / name])


def test_a_folder_that_lets_nothing_be_written_is_known_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "there.xml").write_text("old", encoding="utf-8")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) == tmp_path / "there.xml")
    refuse_unwritable([tmp_path / "there.xml"])
    with pytest.raises(ScenarioError, match="cannot be written: Permission denied"):
        refuse_unwritable([tmp_path / "new" / "report.xml"])


def test_where_a_file_can_be_nothing_is_made(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    refuse_unwritable([tmp_path / "new" / "report.xml", pipe, Path(os.devnull)])
    assert [entry.name for entry in tmp_path.iterdir()] == ["pipe"]
