"""What it costs to tell what of the ten scenarios their dialogues meet, beside playing and judging those dialogues.

Both are CPU time of this process, dialogue by dialogue in the same run. `--coverage` is to cost at most 5 % of a run.

Run: python benchmarks/coverage.py
"""

from __future__ import annotations

import time

from realtime_scenarios.core import resource_folder
from realtime_scenarios.coverage import Coverage
from realtime_scenarios.project import load_plugins, projects_at
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.workers.player import played_here


def main() -> None:
    load_plugins()
    scenarios = resource_folder("scenarios")
    projects = [each for each in projects_at([str(scenarios)], scenarios) if not each.scenario.mcp]
    cases = cases_of(projects)
    coverage, spent = Coverage(), 0.0
    began = time.process_time()
    for finished in played_here(cases, PROVIDERS["scripted"], ProviderRequest()):
        before = time.process_time()
        case = finished.case
        coverage.of(case.project.shown, case.project.scenario).add(case.name, finished.result.trace)
        spent += time.process_time() - before
    whole = time.process_time() - began
    share = coverage.share
    print(f"{len(cases)} dialogues, {share.covered} of {share.total} covered ({share.percent} %)")
    print(f"playing and judging {whole - spent:.2f} s CPU, coverage {spent:.3f} s: {spent / (whole - spent):.2%} of it")


if __name__ == "__main__":
    main()
