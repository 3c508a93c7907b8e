"""What it costs to have dialogues played by workers: CPU time of `scenario test`, of a command and all that it starts.

Each line is beside the same work in the command's own process (`--in-process`), or beside a bare import of the SDK,
measured in the same round: the median of ratios, since the machine may be busy.

Run: python benchmarks/workers.py [rounds]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from replay import SCENARIO
from startup import RUN, cpu_seconds

from realtime_scenarios.core import resource_folder

SCENARIOS = resource_folder("scenarios")
MANY = 300


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as folder:
        many = Path(folder) / "shop.yaml"
        many.write_text(many_dialogues(), encoding="utf-8")
        ours, rivals = (
            {
                "the ten scenarios": ["test", str(SCENARIOS)],
                f"{MANY} dialogues of one scenario": ["test", str(many)],
                "airline": ["test", str(SCENARIOS / "airline")],
                "realtime_next, with a server of MCP": ["test", str(SCENARIOS / "realtime_next")],
            },
            {
                "import agents.realtime": "import agents.realtime",
            },
        )
        spent: dict[str, list[float]] = {}
        for _ in range(rounds):
            for name, arguments in ours.items():
                spent.setdefault(name, []).append(cpu_of(program(arguments)))
                spent.setdefault(f"{name}, in process", []).append(cpu_of(program([*arguments, "--in-process"])))
            for name, code in rivals.items():
                spent.setdefault(name, []).append(cpu_of(code))
    for name, seconds in spent.items():
        beside = [f"{name}, in process"] if name in ours else []
        beside += ["import agents.realtime"] if name == "airline" else []
        ratios = "  ".join(f"{median_ratio(seconds, spent[other]):.2f}x '{other}'" for other in beside)
        print(f"{name:44} {statistics.median(seconds):6.2f} s CPU  {ratios}")


def many_dialogues() -> str:
    """The standard dialogue so many times."""
    head, mark, dialogue = SCENARIO.partition("  - id: standard\n")
    assert mark
    return head + "".join(f"  - id: standard-{number}\n{dialogue}" for number in range(MANY))


def program(arguments: Sequence[str]) -> str:
    return RUN.format(list(arguments))


def cpu_of(code: str) -> float:
    return cpu_seconds([sys.executable, "-c", code], None)


def median_ratio(own: Sequence[float], other: Sequence[float]) -> float:
    return statistics.median(mine / theirs for mine, theirs in zip(own, other, strict=True))


if __name__ == "__main__":
    main()
