"""How many dialogues the stand-in gets right by the caller's lines alone: `python tools/rehearsals.py`.

Every dialogue of the packaged scenarios (but those with MCP servers) is played with `--provider offline`, its moves as
expectations; those that suit no other model than the script are left out. `--write FILE` keeps the names of those that
pass; `--against FILE` names what was won and lost since.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from realtime_scenarios.project import load
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.workers.player import played_here

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"


def rehearsed(cases: list[Case]) -> Iterator[tuple[str, bool]]:
    """The name of each dialogue, and whether the stand-in passed it."""
    for finished in played_here(cases, PROVIDERS["offline"], ProviderRequest()):
        if finished.result.status != "skipped":
            yield f"{finished.case.project.scenario.id}::{finished.case.dialogue.id}", finished.result.passed


def packaged_cases() -> list[Case]:
    """All dialogues of the packaged scenarios that need no server beside them."""
    projects = [load(file) for file in sorted(SCENARIOS.glob("*/*.yaml")) if file.stem == file.parent.name]
    return cases_of([project for project in projects if not project.scenario.mcp])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("scenarios", nargs="*")
    wanted = parser.parse_args()
    cases = [case for case in packaged_cases() if not wanted.scenarios or case.project.scenario.id in wanted.scenarios]
    results = dict(rehearsed(cases))
    passed = {name for name, is_right in results.items() if is_right}
    whole, right = (Counter(name.partition("::")[0] for name in names) for names in (results, passed))
    for scenario in whole:
        say(f"{scenario:28}{right[scenario]:4} of {whole[scenario]}")
    say(f"{'all':28}{len(passed):4} of {len(results)}")
    if wanted.against:
        before = set(wanted.against.read_text(encoding="utf-8").split()) & set(results)
        say("\n  ".join(["won:", *sorted(passed - before)]))
        say("\n  ".join(["lost:", *sorted(before - passed)]))
    if wanted.write:
        wanted.write.write_text("\n".join(sorted(passed)) + "\n", encoding="utf-8")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main()
