"""Schedules per CPU-second, and what they find: dialogues of our scenarios with events late, twice, in other orders.

Each is played as usual and by its schedules, in this process. What happens twice is counted, and dialogues that do not
pass by a schedule; those that measure seconds may rightly fail by one that takes seconds (docs/regression.md).

Run: python benchmarks/explore.py [schedules a dialogue, 5] [seed, 0]
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import replace

from realtime_scenarios.core import resource_folder
from realtime_scenarios.core.schedules import Schedule
from realtime_scenarios.project import load_plugins, projects_at
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.suite.effects import doubled_effects
from realtime_scenarios.verdicts import DialogueResult
from realtime_scenarios.workers.player import played_here

EVENTS_OF_AN_EVENT = 4


def main() -> None:
    times, seed = (int(sys.argv[at]) if len(sys.argv) > at else usual for at, usual in ((1, 5), (2, 0)))
    load_plugins()
    scenarios = resource_folder("scenarios")
    projects = [each for each in projects_at([str(scenarios)], scenarios) if not each.scenario.mcp]
    cases = [case for case in cases_of(projects) if case.dialogue.caller is None]
    played(cases[:20])  # what is imported late, is
    found: Counter[str] = Counter()
    usual_cost = cost = 0.0
    for case in cases:
        began = time.process_time()
        (usual,) = played([case])
        usual_cost += time.process_time() - began
        if not usual.passed:
            continue
        events = EVENTS_OF_AN_EVENT * len(usual.trace.events)
        drawn = [str(Schedule.drawn(seed, number, events=events)) for number in range(1, times + 1)]
        began = time.process_time()
        results = played([replace(case, schedule=schedule) for schedule in drawn])
        cost += time.process_time() - began
        found["schedules"] += len(results)
        for schedule, result in zip(drawn, results, strict=True):
            for message, _ in doubled_effects(result.trace, usual.trace):
                found["twice"] += 1
                print(f"{case.name} --schedule '{schedule}': {message}", flush=True)
            if not result.passed:
                found[f"{case.name}: {', '.join(sorted({kind(each.message) for each in result.failures}))}"] += 1
    schedules, twice = found.pop("schedules"), found.pop("twice", 0)
    print(f"{schedules} schedules of {len(cases)} dialogues (seed {seed}), {twice} effects happened twice")
    for name, count in found.most_common():
        print(f"{count:6}  {name}")
    rate, usual_rate = schedules / cost, len(cases) / usual_cost
    print(f"{rate:.0f} schedules per CPU-second, {usual_rate:.0f} dialogues as usual: {rate / usual_rate:.2f}")


def played(cases: list[Case]) -> list[DialogueResult]:
    return [each.result for each in played_here(cases, PROVIDERS["scripted"], ProviderRequest())]


def kind(message: str) -> str:
    """The first words of a failure, which say what of a dialogue did not hold."""
    return " ".join(message.split()[:4])


if __name__ == "__main__":
    main()
