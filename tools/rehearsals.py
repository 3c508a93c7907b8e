"""How many dialogues the stand-in gets right by the caller's lines alone: `python tools/rehearsals.py`.

Every dialogue of the packaged scenarios (but those with MCP servers) is played with `--provider offline`, its moves as
expectations. `--write FILE` keeps the names of those that pass; `--against FILE` names what was won and lost since.
`--as-live` looks at moves as live models are held to them: what only a script would do to prove a rule is left
out, and a value of several words needs only be there.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from realtime_scenarios.model.dialogue import Call, Dialogue, EnterState, Handoff, Turn
from realtime_scenarios.project import load
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.suite import replayed

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
PROVOKED = ("refused", "invalid", "unknown")


def rehearsed(cases: list[Case]) -> Iterator[tuple[str, bool]]:
    """The name of each dialogue, and whether the stand-in passed it."""
    for case, result in replayed(cases, PROVIDERS["offline"], ProviderRequest()):
        yield f"{case.project.scenario.id}::{case.dialogue.id}", result.passed


def packaged_cases() -> list[Case]:
    """All dialogues of the packaged scenarios that need no server beside them."""
    projects = [load(file) for file in sorted(SCENARIOS.glob("*/*.yaml")) if file.stem == file.parent.name]
    return cases_of([project for project in projects if not project.scenario.mcp])


def as_live(dialogue: Dialogue) -> Dialogue:
    """The dialogue with what a live model is held to, and nothing else."""
    return replace(dialogue, turns=tuple(map(_turn_as_live, dialogue.turns)))


def _turn_as_live(turn: Turn) -> Turn:
    if turn.moves is None:
        return turn
    return replace(turn, moves=tuple(_move_as_live(move) for move in turn.moves if not _is_provocation(move)))


def _is_provocation(move: Any) -> bool:
    if isinstance(move, Call):
        return move.outcome in PROVOKED
    return isinstance(move, (Handoff, EnterState)) and bool(move.refused)


def _move_as_live(move: Any) -> Any:
    return replace(move, arguments=_exact_part(move.arguments)) if isinstance(move, Call) else move


def _exact_part(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments without texts that hold white space."""
    return {name: value for name, value in arguments.items() if not (isinstance(value, str) and " " in value.strip())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--as-live", action="store_true")
    parser.add_argument("--against", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("scenarios", nargs="*")
    wanted = parser.parse_args()
    cases = [case for case in packaged_cases() if not wanted.scenarios or case.project.scenario.id in wanted.scenarios]
    if wanted.as_live:
        cases = [dataclasses.replace(case, dialogue=as_live(case.dialogue)) for case in cases]
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
