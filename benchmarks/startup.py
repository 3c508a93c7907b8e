"""What a command costs to start, in CPU time, beside a bare process that imports the same libraries for the same work.

The median of rounds that take turns, of the CPU time of each process and of all that it starts.

Run: python benchmarks/startup.py [rounds]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

from realtime_scenarios.core import resource_folder

AIRLINE = resource_folder("scenarios") / "airline" / "airline.yaml"
SCHEMA = resource_folder("schemas") / "source" / "scenario.schema.json"

READ = f"""
import json, pathlib, click, yaml
scenario, dialogue = (json.loads(pathlib.Path(path).read_text()) for path in
                      ({str(SCHEMA)!r}, {str(SCHEMA.with_name("dialogue.schema.json"))!r}))
scenario["$defs"].update(dialogue["$defs"])
scenario = json.loads(json.dumps(scenario).replace("dialogue.schema.json#", "#"))
files = [(path, scenario if path.stem == "airline" else dialogue) for path in
         [pathlib.Path({str(AIRLINE)!r}), *sorted(pathlib.Path({str(AIRLINE.parent / "dialogues")!r}).glob("*.yaml"))]]
"""
VALIDATE = """
class Loader(yaml.CSafeLoader):
    "PyYAML's, but a date stays text, as in YAML 1.2."

Loader.yaml_implicit_resolvers = {
    first: [one for one in each if not one[0].endswith("timestamp")]
    for first, each in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
validators = {id(schema): validator(schema) for schema in (scenario, dialogue)}
for path, schema in files:
    assert validators[id(schema)].is_valid(yaml.load(path.read_text(), Loader)), path
"""
RUN = "import sys; from realtime_scenarios.cli.main import main; sys.argv = ['scenario', *{}]; main()"
PROCESSES = {
    "import click": "import click",
    "import realtime_scenarios": "import realtime_scenarios",
    "scenario --help": RUN.format(["--help"]),
    "click + PyYAML + jsonschema_rs, same files": READ
    + "from jsonschema_rs import validator_for as validator"
    + VALIDATE,
    "click + PyYAML + jsonschema, same files": READ
    + "from jsonschema import Draft202012Validator as validator"
    + VALIDATE,
    "scenario validate airline.yaml": RUN.format(["validate", str(AIRLINE)]),
}
BESIDE = {
    "import realtime_scenarios": ["import click"],
    "scenario --help": ["import click"],
    "scenario validate airline.yaml": [
        "click + PyYAML + jsonschema_rs, same files",
        "click + PyYAML + jsonschema, same files",
    ],
}


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    spent: dict[str, list[float]] = {name: [] for name in PROCESSES}
    with tempfile.TemporaryDirectory() as cache:
        environment = environment_with_cache(cache)
        for number in range(rounds + 1):
            for name, code in PROCESSES.items():
                seconds = cpu_seconds([sys.executable, "-c", code], environment)
                if number:  # the first round compiles
                    spent[name].append(seconds)
    medians = {name: statistics.median(times) for name, times in spent.items()}
    for name, seconds in medians.items():
        ratios = "  ".join(f"{seconds / medians[other]:.2f}x '{other}'" for other in BESIDE.get(name, ()))
        print(f"{name:44} {seconds * 1000:6.1f} ms CPU  {ratios}")


def environment_with_cache(cache: str) -> dict[str, str]:
    """The environment of a process that keeps what it compiles in a folder of its own."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def cpu_seconds(command: list[str], environment: dict[str, str] | None) -> float:
    """User and system time of a process that must succeed, and of those that it has waited for."""
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} failed with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
