"""What lint costs, in CPU time: the ten scenarios beside `import agents.realtime`, and meshes of agents in seconds.

The medians of rounds that take turns, of processes of their own.

Run: python benchmarks/lint.py [rounds]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from startup import cpu_seconds, environment_with_cache

from realtime_scenarios.core import resource_folder

AGENTS = 200
MOST_OF_IMPORT = 0.6
MOST_SECONDS = {"lint": 3.0, "graph": 5.0}


def mesh(agents: int, *, remembers: bool) -> str:
    """A scenario in which all agents hand off to each other, around one gate; who handed off last is remembered."""
    names = [f"desk_{number}" for number in range(agents)]
    lines = ["scenario: mesh", f"start: {names[0]}", "context:", "  checked: {type: boolean, default: false}"]
    if remembers:
        lines.append(f"  last: {{type: string, enum: [{', '.join(names)}], default: {names[0]}}}")
    lines.append("agents:")
    for name in names:
        change = f", set: {{last: \"'{name}'\"}}" if remembers else ""
        lines += [f"  {name}:", f"    handoff_description: Answers what callers ask {name}.", "    instructions: Help."]
        lines += ["    tools: [check, pay]", "    handoffs:"]
        lines += [f"      - {{to: {other}{change}}}" for other in names if other != name]
    lines += ["tools:", "  check: {description: Check., cases: [{when: now, set: {checked: true}}, {returns: no}]}"]
    lines += ["  pay: {description: Pay., requires: context.checked}", "properties: [{before: check -> pay}]"]
    return "\n".join(lines) + "\n"


def stateful(agents: int) -> str:
    """A mesh in which each agent has states that collect, and a gate of its own on what was collected."""
    names = [f"desk_{number}" for number in range(agents)]
    lines = ["scenario: stateful", f"start: {names[0]}", "context:", "  checked: {type: boolean, default: false}"]
    lines += [f"  {name}_reason: {{type: string, enum: [a, b, c]}}" for name in names]
    lines.append("agents:")
    for name in names:
        lines += [f"  {name}:", f"    handoff_description: Answers what callers ask {name}.", "    instructions: Help."]
        lines += [f"    tools: [check, {name}_pay]", "    states_mode: tracked", "    states:"]
        lines.append(f"      - {{id: {name}_ask, description: Ask., collect: [{name}_reason],")
        lines.append(f"         transitions: [{{to: {name}_do, when: it is known}}]}}")
        lines.append(f"      - {{id: {name}_do, description: Do., tools: [{name}_pay],")
        lines.append(f"         transitions: [{{to: {name}_ask, when: again}}]}}")
        lines.append(f"    handoffs: [{', '.join(other for other in names if other != name)}]")
    lines += ["tools:", "  check: {description: Check., cases: [{when: now, set: {checked: true}}, {returns: no}]}"]
    for name in names:
        gate = f"context.checked and context.{name}_reason == 'a'"
        lines.append(f'  {name}_pay: {{description: Pay., requires: "{gate}"}}')
    lines.append(f"properties: [{{before: check -> {names[-1]}_pay}}]")
    return "\n".join(lines) + "\n"


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    scenario = [sys.executable, "-m", "realtime_scenarios"]
    with tempfile.TemporaryDirectory() as folder:
        for remembers in (False, True):
            name = "remembering" if remembers else "mesh"
            (Path(folder) / f"{name}.yaml").write_text(mesh(AGENTS, remembers=remembers), encoding="utf-8")
        gated = Path(folder) / "stateful.yaml"
        gated.write_text(stateful(AGENTS), encoding="utf-8")
        plain, remembering = f"{folder}/mesh.yaml", f"{folder}/remembering.yaml"
        commands = {
            "import agents.realtime": [sys.executable, "-c", "import agents.realtime"],
            "scenario lint, our own": [*scenario, "lint", str(resource_folder("scenarios"))],
            f"lint, {AGENTS} agents": [*scenario, "lint", plain],
            f"lint, {AGENTS} agents that remember": [*scenario, "lint", remembering],
            f"lint, {AGENTS} agents with gates and states": [*scenario, "lint", str(gated)],
            **{
                f"graph, {AGENTS} agents, {form}": [*scenario, "graph", plain, "--format", form]
                for form in ("terminal", "mermaid", "svg")
            },
        }
        environment = environment_with_cache(f"{folder}/cache")
        spent: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name, command in commands.items():
                seconds = cpu_seconds(command, environment)
                if number:  # the first round compiles
                    spent[name].append(seconds)
    medians = {name: statistics.median(times) for name, times in spent.items()}
    for name, seconds in medians.items():
        most = MOST_SECONDS.get(name.partition(",")[0])
        print(f"{name:38} {seconds:6.2f} s CPU" + (f"  (may be at most {most:.0f})" if most else ""))
    ratio = medians["scenario lint, our own"] / medians["import agents.realtime"]
    print(f"lint of our own / import agents.realtime: {ratio:.2f} (may be at most {MOST_OF_IMPORT})")


if __name__ == "__main__":
    main()
