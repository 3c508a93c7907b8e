"""Mutants of our ten scenarios through reading, lint, graph and prompts, and through `scenario test`: each ends in time,
in nothing but what is foreseen, and none is believed that cannot be true.

A mutant is made of a seed and a number (`mutants.py`: anything changed at random; `lies.py`: a dialogue that passes, changed
so that it must not). Each is looked at in a process that has so many seconds of the CPU for it. What goes wrong is told
once for each kind, with the smallest file that was found to do the same. Run:

    python tests/endurance/fuzz.py reading [mutants, 20000] [seed] [the only one to look at] [--small]
    python tests/endurance/fuzz.py playing [mutants, 2000] [seed] [the only one to look at] [--small]

With `--small` they are mutants of two small scenarios, looked at in one process: what the suite has time for.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import random
import resource
import selectors
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from lies import Lie, is_scripted, lies_about, rewritten
from mutants import changed

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
WEIGHTS = {"customer_service_retail": 0.1, "open_dental": 0.4, "realtime_next": 0.3}
"""How often a scenario is taken, where that is not 1: its proof or its servers take a hundred times the others' time."""

SMALL = ("airline", "simple_handoff")

CPU_SECONDS = 20
WALL_SECONDS = 600.0
MEMORY = 4_000_000_000
AT_A_TIME = 100
"""So many mutants one process looks at: what it remembers of them ends with it."""

SEARCH_SECONDS = 60.0
"""So long a file is made smaller, in search of the smallest that does the same."""


@dataclass(frozen=True)
class Mutant:
    """A scenario of which one file is something else. `dialogue` is the one that must not pass; None: nothing is known.

    `is_true`: the file only looks different, and all its dialogues must pass.
    """

    scenario: str
    file: str
    data: bytes
    change: str
    dialogue: str | None = None
    is_true: bool = False


class Problem(NamedTuple):
    """What is wrong with how a mutant was taken. Problems of one kind have the same cause."""

    kind: str
    details: str = ""


Look = Callable[[Mutant], list[Problem]]


@cache
def files_of(scenario: str) -> Mapping[str, bytes]:
    folder = SCENARIOS / scenario
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".pyc"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@cache
def all_lies(names: Sequence[str]) -> Sequence[tuple[str, Lie]]:
    """In an order of their own, so that the first ones are of all kinds."""
    found = [(scenario, lie) for scenario in names for lie in lies_about(files_of(scenario))]
    random.Random(0).shuffle(found)
    return found


@cache
def scenario_names() -> Sequence[str]:
    return tuple(sorted(path.stem for path in SCENARIOS.glob("*/*.yaml") if path.stem == path.parent.name))


def mutant(seed: int, number: int, names: Sequence[str]) -> Mutant:
    """Any mutant: mostly of a YAML file, sometimes of what lies beside it."""
    source = random.Random(f"{seed}:{number}")
    scenario = source.choices(names, [WEIGHTS.get(name, 1.0) for name in names])[0]
    files = files_of(scenario)
    yaml_files = [name for name in files if name.endswith(".yaml")]
    file = source.choice(list(files) if source.random() < 0.1 else yaml_files)
    if source.random() < 0.4:
        file = f"{scenario}.yaml"
    data, change = changed(files[file], source, is_yaml=file.endswith(".yaml"))
    return Mutant(scenario, file, data, change)


@cache
def truths(names: Sequence[str]) -> Sequence[tuple[str, str]]:
    """The files of dialogues, each with its scenario."""
    return [
        (scenario, file)
        for scenario in names
        for file, data in files_of(scenario).items()
        if file.startswith("dialogues/") and is_scripted(data)
    ]


def lie_or_mutant(seed: int, number: int, names: Sequence[str]) -> Mutant:
    """Two lies for each mutant of which nothing is known; below 0 the truths, which are only written as lies are."""
    if number < 0:
        scenario, file = truths(names)[-number - 1]
        return Mutant(scenario, file, rewritten(files_of(scenario)[file]), "written anew", is_true=True)
    if number % 3 == 2:
        return mutant(seed, number, names)
    lies = all_lies(names)
    scenario, lie = lies[(seed * 1009 + number - number // 3) % len(lies)]
    return Mutant(scenario, lie.file, lie.data, lie.change, f"{lie.dialogues}::{lie.dialogue}")


# -- what a mutant must be taken like


class Ran(NamedTuple):
    """A command that is over. `problem` is an error that nobody has foreseen; None: there was none."""

    code: int
    output: str
    problem: Problem | None


def ran(*arguments: str) -> Ran:
    """The command, run in this process, so that it costs no start."""
    from realtime_scenarios.cli.main import main
    from realtime_scenarios.core import ScenarioError

    output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    code, problem = 0, None
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            main(["--debug", *arguments])
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1
        except ScenarioError as raised:
            code = raised.exit_code
        except Exception as unforeseen:
            code, problem = 99, Problem(_whereabouts(unforeseen), traceback.format_exc()[-3000:])
    output.flush()
    return Ran(code, output.buffer.getvalue().decode(), problem)  # type: ignore[attr-defined]


def _whereabouts(problem: BaseException) -> str:
    """An error's type and the last line of ours that it went through."""
    frames = traceback.extract_tb(problem.__traceback__)
    ours = [frame for frame in frames if "realtime_scenarios" in frame.filename] or frames
    return f"{type(problem).__name__} in {Path(ours[-1].filename).name}:{ours[-1].name}"


def read(looked_at: Mutant) -> list[Problem]:
    """Problems of reading, lint, graph and prompts."""
    scenario = f"{looked_at.scenario}/{looked_at.scenario}.yaml"
    linted = ran("lint", scenario, "--format", "json")
    if linted.problem is not None:
        return [linted.problem]
    if linted.code not in (0, 1):
        return [Problem(f"lint ends with {linted.code}", linted.output)]
    found = json.loads(linted.output)
    has_errors = any(each["severity"] == "error" for each in found)
    problems = list(_misplaced(found))
    if linted.code != int(has_errors):
        problems.append(Problem(f"lint ends with {linted.code}, and errors are {has_errors}"))
    runs = [_shown(found, form) for form in ("text", "github", "sarif")]
    if not has_errors:
        forms = ("terminal", "mermaid", "svg")
        graph = ran("graph", scenario, "--format", forms[len(looked_at.data) % 3])
        runs.append(graph)
        if graph.code and graph.problem is None:
            problems.append(Problem(f"graph ends with {graph.code} where lint finds no error", graph.output))
        runs.append(ran("prompt", "render", scenario, "--all"))
    return problems + [run.problem for run in runs if run.problem is not None]


def _misplaced(found: Sequence[dict[str, object]]) -> Iterator[Problem]:
    """What is told of places that no file has."""
    from realtime_scenarios.document.files import lines_of

    for each in found:
        for place in (each, *each["related"]):  # type: ignore[misc]
            path = Path(place["file"])
            if not path.exists() and each["code"] in ("SC001", "SC402"):
                continue
            if not path.is_file():
                yield Problem(f"{each['code']} is told of no file", json.dumps(each))
                continue
            lines = lines_of(path.read_bytes().decode("utf-8", "replace").removeprefix("\ufeff"))
            ends = [(place["line"], place["column"])]
            if "end_line" in place:
                ends.append((place["end_line"], place["end_column"]))
            if any(not (0 < line <= len(lines) and 0 < column <= len(lines[line - 1]) + 1) for line, column in ends):
                at_end = ends[-1] == (len(lines) + 1, 1)  # a block may end where a further line would begin
                if not (at_end and len(ends) == 2 and ends[0][0] <= len(lines)):
                    yield Problem(f"{each['code']} is told of a place outside of its file", json.dumps(each))
            if ends != sorted(ends):
                yield Problem(f"{each['code']} ends before it begins", json.dumps(each))


def _shown(found: Sequence[dict[str, object]], form: str) -> Ran:
    """The same diagnostics in another form: nothing is read again for it."""
    import msgspec

    from realtime_scenarios.cli.diagnostics import echo_diagnostics
    from realtime_scenarios.core import Diagnostic, Related, Span

    def span(place: dict[str, object]) -> Span:
        return msgspec.convert({name: place[name] for name in Span.__struct_fields__ if name in place}, Span)

    diagnostics = [
        Diagnostic(
            *(each[name] for name in ("code", "name", "message")),  # type: ignore[arg-type]
            span(each),
            each["severity"],  # type: ignore[arg-type]
            each["hint"],  # type: ignore[arg-type]
            tuple(Related(related["message"], span(related)) for related in each["related"]),  # type: ignore[attr-defined]
        )
        for each in found
    ]
    output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    try:
        with contextlib.redirect_stdout(output):
            echo_diagnostics(diagnostics, form=form)
            output.flush()
    except Exception as unforeseen:
        return Ran(99, "", Problem(_whereabouts(unforeseen), traceback.format_exc()[-3000:]))
    return Ran(0, "", None)


UNFORESEEN = (
    "this should not have happened",
    "Traceback (most recent call last)",
    "was ended by SIG",
    "ended with exit code",
)


def played(looked_at: Mutant) -> list[Problem]:
    """Problems of `scenario test`: of the dialogue that must not pass, or of all of them where nothing is known."""
    scenario = f"{looked_at.scenario}/{looked_at.scenario}.yaml"
    target = scenario if looked_at.dialogue is None else f"{looked_at.scenario}/{looked_at.dialogue}"
    target = f"{looked_at.scenario}/{looked_at.file}" if looked_at.is_true else target
    run = ran("test", target, "--wall-timeout", "60", "--junit", "report.xml")
    problems = [run.problem] if run.problem is not None else []
    problems += [Problem(f"it is told: {told}", run.output[-3000:]) for told in UNFORESEEN if told in run.output]
    if "took longer than" in run.output and "by the wall clock" in run.output:
        problems.append(Problem("a dialogue does not end", run.output[-3000:]))
    if run.code not in (0, 1, 2, 99):
        problems.append(Problem(f"test ends with {run.code}", run.output[-3000:]))
    if run.code == 0 and looked_at.dialogue is not None:
        problems.append(Problem(f"believed: {looked_at.change}", f"scenario test {target}\n{run.output}"))
    if run.code != 0 and looked_at.is_true:
        problems.append(Problem("not believed, though it is true", run.output[-3000:]))
    if run.code == 0 and ran("validate", target.partition("::")[0]).code != 0:
        problems.append(Problem("test ends with 0, validate does not", run.output[-3000:]))
    return problems


# -- processes


@dataclass
class Lane:
    """A process that looks at mutants, one after the other. `begun` is the one that it is at."""

    process: int
    channel: io.TextIOWrapper
    left: list[int]
    heard: float
    begun: int | None = None


def looked_at(
    numbers: Sequence[int], make: Callable[[int], Mutant], look: Look, *, processes: int = 2
) -> Iterator[tuple[int, list[Problem]]]:
    """What is wrong with each mutant, as it is known. One that takes too long, or ends its process, is told so."""
    waiting = [list(numbers[at : at + AT_A_TIME]) for at in range(0, len(numbers), AT_A_TIME)][::-1]
    with TemporaryDirectory() as folder, selectors.DefaultSelector() as selector:

        def start(left: list[int]) -> None:
            left = left or (waiting.pop() if waiting else [])
            if left:
                lane = _started(left, make, look, Path(folder))
                selector.register(lane.channel, selectors.EVENT_READ, lane)

        for _ in range(processes):
            start([])
        while selector.get_map():
            for key, _ in selector.select(10):
                lane: Lane = key.data
                line = lane.channel.readline()
                lane.heard = time.monotonic()
                if line.isspace() or line.startswith("["):
                    assert lane.begun is not None
                    yield lane.begun, [Problem(*each) for each in json.loads(line)]
                    lane.begun = None
                elif line:
                    lane.begun = int(line)
                    lane.left.remove(lane.begun)
                else:
                    selector.unregister(lane.channel)
                    lane.channel.close()
                    status = os.waitstatus_to_exitcode(os.waitpid(lane.process, 0)[1])
                    if lane.begun is not None:
                        yield lane.begun, [_death(status)]
                    start(lane.left)
            for key in list(selector.get_map().values()):
                if time.monotonic() - key.data.heard > WALL_SECONDS:
                    os.kill(key.data.process, signal.SIGKILL)


def _death(status: int) -> Problem:
    if status == -signal.SIGXCPU:
        return Problem(f"it takes more than {CPU_SECONDS} seconds of the CPU")
    if status == -signal.SIGKILL:
        return Problem(f"it takes more than {WALL_SECONDS:g} seconds, or more memory than there is")
    return Problem(f"its process ends with {status}")


def _started(left: list[int], make: Callable[[int], Mutant], look: Look, folder: Path) -> Lane:
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        code = 1
        try:
            os.close(reading)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.RLIM_INFINITY))
            own = folder / str(os.getpid())
            own.mkdir()
            os.chdir(own)
            with open(writing, "w", encoding="utf-8") as channel:  # noqa: PTH123 - a descriptor
                _look_at_all(left, make, look, channel)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    return Lane(process, open(reading, encoding="utf-8"), left, time.monotonic())  # noqa: PTH123


def _look_at_all(numbers: Sequence[int], make: Callable[[int], Mutant], look: Look, channel: io.TextIOWrapper) -> None:
    for number in numbers:
        channel.write(f"{number}\n")
        channel.flush()
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))
        made = make(number)
        with _in_place(made):
            problems = look(made)
        gc.collect(1)
        channel.write(json.dumps(problems) + "\n")
        channel.flush()


@contextlib.contextmanager
def _in_place(made: Mutant) -> Iterator[None]:
    """A copy of the scenario in the current folder, with the mutant in it."""
    files = files_of(made.scenario)
    folder = Path(made.scenario)
    if not folder.is_dir():
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
    (folder / made.file).write_bytes(made.data)
    try:
        yield
    finally:
        (folder / made.file).write_bytes(files[made.file])


# -- the smallest that does the same


def smallest(made: Mutant, kind: str, look: Look) -> Mutant:
    """Lines are left out as long as a problem of that kind stays."""
    lines = made.data.splitlines(keepends=True)
    size, until = max(1, len(lines) // 2), time.monotonic() + SEARCH_SECONDS
    while time.monotonic() < until:
        at, is_smaller = 0, False
        while at < len(lines) and time.monotonic() < until:
            tried = replace(made, data=b"".join(lines[:at] + lines[at + size :]))
            if _has(tried, kind, look):
                del lines[at : at + size]
                is_smaller = True
            else:
                at += size
        if size == 1 and not is_smaller:
            break
        size = max(1, size // 2)
    return replace(made, data=b"".join(lines))


def _has(made: Mutant, kind: str, look: Look) -> bool:
    return any(
        problem.kind == kind
        for _, problems in looked_at([0], lambda _: made, look, processes=1)
        for problem in problems
    )


def main() -> None:
    what, *given = [argument for argument in sys.argv[1:] if argument != "--small"] or [""]
    is_small = "--small" in sys.argv
    if what not in ("reading", "playing"):
        sys.exit((__doc__ or "").partition("Run:\n\n")[2])
    is_reading = what == "reading"
    make_one, look = (mutant, read) if is_reading else (lie_or_mutant, played)
    count = int(given[0]) if given else 20_000 if is_reading else 2_000
    seed = int(given[1]) if len(given) > 1 else random.randrange(10**6)
    names = SMALL if is_small else scenario_names()
    first = 0 if is_reading else -len(truths(names))
    numbers = [int(given[2])] if len(given) > 2 else range(first, count)

    def make(number: int) -> Mutant:
        return make_one(seed, number, names)

    print(f"{len(numbers)} mutants, seed {seed}", flush=True)
    import realtime_scenarios.cli.checking  # noqa: F401 - once, before the processes begin

    kinds: dict[str, list[int]] = {}
    for done, (number, problems) in enumerate(looked_at(numbers, make, look, processes=1 if is_small else 2), 1):
        for problem in problems:
            if problem.kind not in kinds:
                print(f"#{number}: {problem.kind}\n{problem.details}", flush=True)
            kinds.setdefault(problem.kind, []).append(number)
        if done % 100 == 0:
            print(f"{done} looked at, {len(kinds)} kinds of problems", flush=True)
    for kind, found in kinds.items():
        made = min((make(number) for number in found), key=lambda made: len(made.data))
        least = smallest(made, kind, look) if not kind.startswith("believed") else made
        print(f"\n{kind} ({len(found)} mutants: {', '.join(map(str, found[:20]))})\n{made.change}")
        print(f"in {least.scenario}/{least.file}:\n{least.data[:4000].decode('utf-8', 'backslashreplace')}", flush=True)
    sys.exit(1 if kinds else 0)


if __name__ == "__main__":
    main()
