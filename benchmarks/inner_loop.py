"""The inner loop: from a save to the verdict with `scenario test --watch`, beside a bare import of the SDK.

A copy of airline is watched. Its scenario file is saved, which touches all of its dialogues; then the file of some of
them. Each is beside `import agents.realtime` in the same round, by the wall clock: the median of ratios, since the
machine may be busy.

Run: python benchmarks/inner_loop.py [rounds, 10]
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from realtime_scenarios.core import resource_folder

AIRLINE = resource_folder("scenarios") / "airline"
WATCH = [sys.executable, "-c", "from realtime_scenarios.cli.main import main; main()", "test", "--watch", "."]
IMPORT = [sys.executable, "-c", "import agents.realtime"]


class Watched:
    """`scenario test --watch` in a folder. A context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(WATCH, stdout=subprocess.PIPE, text=True, cwd=folder)

    def __enter__(self) -> Self:
        self._read_until("watching")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate()

    def seconds_to_verdict(self, name: str) -> float:
        """Seconds from the moment at which a file is saved, with one more comment, to the last word on it."""
        file = self._folder / name
        text = f"{file.read_text(encoding='utf-8')}# saved at {time.time_ns()}\n"
        began = time.perf_counter()
        file.write_text(text, encoding="utf-8")
        self._read_until(" passed in ")
        return time.perf_counter() - began

    def _read_until(self, word: str) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if word in line:
                return
        raise SystemExit("`scenario test --watch` has ended")


def seconds_of(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - began


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    saved = {"the scenario, 15 dialogues": "airline.yaml", "a file of 5 dialogues": "dialogues/policy.yaml"}
    spent: dict[str, list[float]] = {name: [] for name in saved}
    imports = []
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(AIRLINE, copy, dirs_exist_ok=True)
        with Watched(Path(copy)) as watched:
            for _ in range(rounds):
                imports.append(seconds_of(IMPORT))
                for name, file in saved.items():
                    spent[name].append(watched.seconds_to_verdict(file))
    print(f"{'import agents.realtime':32} {statistics.median(imports):6.2f} s")
    for name, seconds in spent.items():
        ratio = statistics.median(mine / theirs for mine, theirs in zip(seconds, imports, strict=True))
        print(f"{name:32} {statistics.median(seconds):6.2f} s  {ratio:.2f}x 'import agents.realtime'")


if __name__ == "__main__":
    main()
