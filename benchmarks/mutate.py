"""What a mutant costs: CPU time of `scenario mutate`, of the command and all that it starts.

Beside it the same scenario is changed by hand, as one would without the command: each mutant is written to a file, and
linted and tested there by commands of its own. Measured in the same round, since the machine may be busy; of the
mutants that are written so many are tried that it takes no minutes.

Run: python benchmarks/mutate.py [scenario] [rounds]
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from startup import RUN, cpu_seconds

from realtime_scenarios.core import resource_folder
from realtime_scenarios.mutation import Mutant, Subject, mutants_of
from realtime_scenarios.project import load
from realtime_scenarios.project.variation import edited

SCENARIOS = resource_folder("scenarios")
BY_HAND = 5


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else "airline_seats"
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    path = SCENARIOS / name / f"{name}.yaml"
    mutants = list(mutants_of(Subject(load(path))))
    chosen = mutants[:: max(1, len(mutants) // BY_HAND)][:BY_HAND]
    ratios, rates = [], []
    for _ in range(rounds):
        whole = cpu_of(["mutate", str(path)])
        by_hand = statistics.mean(cpu_of_file(path, mutant) for mutant in chosen)
        bare = cpu_seconds([sys.executable, "-c", "import agents.realtime"], None)
        rates.append(len(mutants) / whole)
        ratios.append((by_hand * len(mutants) / whole, whole / len(mutants) / bare))
    print(f"{name}: {len(mutants)} mutants, {statistics.median(rates):.1f} per CPU-second")
    print(f"  {statistics.median(ratio for ratio, _ in ratios):.0f}x as many as by files of their own")
    print(f"  {statistics.median(share for _, share in ratios):.3f} of 'import agents.realtime' for each")


def cpu_of(arguments: list[str]) -> float:
    """User and system time of a command, whatever it comes to, and of all that it has waited for."""
    command = [sys.executable, "-c", RUN.format(arguments)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def cpu_of_file(path: Path, mutant: Mutant) -> float:
    """CPU time of linting and testing the mutant as a file."""
    document = load(path).document
    assert document is not None
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.parent.name
        shutil.copytree(path.parent, copy)
        data = edited(document.data, mutant.change.edits)
        (copy / path.name).write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
        return cpu_of(["lint", "--strict", str(copy)]) + cpu_of(["test", "-x", str(copy)])


if __name__ == "__main__":
    main()
