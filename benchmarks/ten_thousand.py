"""Ten thousand dialogues on one machine: the memory of the command and of its workers while they are played, and the
CPU time of a dialogue beside the shipped scenarios'. With `--dask`, also the same on a cluster of one's own.

Memory is resident, in MB, sampled between the first dialogue that is over and the last one: what matters is whether it
grows. CPU time is of the command and of all that it starts, without what an empty suite costs.

Run: python benchmarks/ten_thousand.py [dialogues] [--workers N] [--dask]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from replay import SCENARIO
from startup import RUN

from realtime_scenarios.core import resource_folder

SCENARIOS = resource_folder("scenarios")
IN_A_FILE = 100
BETWEEN_LOOKS = 0.2
"""Seconds."""

REPORTS = ("junit", "jsonl", "markdown", "html")


class Measured(NamedTuple):
    """`memory` are samples of MB, by who has it: the command, or the largest of its workers."""

    cpu: float
    dialogues: int
    memory: Mapping[str, Sequence[float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dialogues", nargs="?", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--dask", action="store_true")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        one, many = Path(folder, "one"), Path(folder, "many")
        write_suite(one, 1)
        write_suite(many, wanted.dialogues)
        here = ["-n", str(wanted.workers)]
        begin = measured(one, [".", *here]).cpu
        shipped = measured(Path(folder), [str(SCENARIOS), *here])
        told("the shipped scenarios", shipped, begin)
        reports = [word for kind in REPORTS for word in ("--report", f"{kind}=report.{kind}")]
        ours = measured(many, [".", *here, *reports])
        told(f"{ours.dialogues} dialogues with {len(REPORTS)} reports", ours, begin)
        ratio = per_dialogue(ours, begin) / per_dialogue(shipped, begin)
        print(f"a dialogue of these beside one of the shipped: {ratio:.2f}")
        plain = measured(many, [".", *here])
        told("without reports", plain, begin)
        if wanted.dask:
            engine = ["--engine", f"dask://local?workers={wanted.workers}"]
            begin_there = measured(one, [".", *engine]).cpu
            there = measured(many, [".", *engine])
            told("on a cluster of one's own", there, begin_there)
            each = per_dialogue(there, begin_there) / per_dialogue(plain, begin)
            print(f"a dialogue on dask beside one in processes: {each:.2f}; to begin, {begin_there / begin:.1f}")


def write_suite(folder: Path, count: int) -> None:
    """The scenario of `replay.py`, with its standard dialogue so many times, in files beside it."""
    (folder / "dialogues").mkdir(parents=True)
    head, _, dialogue = SCENARIO.partition("dialogues:\n  - id: standard\n")
    (folder / "shop.yaml").write_text(head, encoding="utf-8")
    for first in range(0, count, IN_A_FILE):
        numbers = range(first, min(first + IN_A_FILE, count))
        texts = (f"  - id: order-{number}\n{dialogue.replace('A-17', f'A-{number}')}" for number in numbers)
        text = "scenario: ../shop.yaml\ndialogues:\n" + "".join(texts)
        (folder / "dialogues" / f"{first // IN_A_FILE:04}.yaml").write_text(text, encoding="utf-8")


def measured(folder: Path, arguments: Sequence[str]) -> Measured:
    """One `scenario test`, looked at from outside."""
    memory: dict[str, list[float]] = {"command": [], "worker": []}
    with (folder / "told.txt").open("w+", encoding="utf-8") as told:
        program = [sys.executable, "-c", RUN.format(["test", *arguments])]
        process = subprocess.Popen(program, cwd=folder, stdout=told, stderr=subprocess.STDOUT)
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            if Path(told.name).stat().st_size:
                memory["command"].append(resident(process.pid))
                memory["worker"].append(max(map(resident, descendants(process.pid)), default=0.0))
            time.sleep(BETWEEN_LOOKS)
        process.returncode = os.waitstatus_to_exitcode(ended[1])
        told.seek(0)
        lines = told.readlines()
    if process.returncode:
        raise SystemExit(f"{arguments} failed with {process.returncode}: {''.join(lines[-5:])}")
    usage = ended[2]
    return Measured(usage.ru_utime + usage.ru_stime, sum(line.startswith(("ok ", "skip")) for line in lines), memory)


def descendants(process: int) -> Iterator[int]:
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, file.read_text().split()):
            yield child
            yield from descendants(child)


def resident(process: int) -> float:
    """MB; 0 of one that is gone."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def per_dialogue(measured: Measured, begin: float) -> float:
    return (measured.cpu - begin) / measured.dialogues


def told(name: str, measured: Measured, begin: float) -> None:
    each = 1000 * per_dialogue(measured, begin)
    print(f"{name}: {measured.cpu:.1f} s CPU, {each:.1f} ms a dialogue", flush=True)
    for who, samples in measured.memory.items():
        tenths = [samples[len(samples) * tenth // 10] for tenth in range(1, 10)] if len(samples) > 10 else samples
        print(f"  {who}: {' '.join(f'{sample:.0f}' for sample in tenths)} MB", flush=True)


if __name__ == "__main__":
    main()
