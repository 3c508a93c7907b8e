"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from realtime_scenarios.core.writing import write_whole

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
