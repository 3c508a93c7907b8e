"""`scenario test`, ended or hindered at random moments: nothing finished is lost, no exit code 0 without all played,
nothing left running.

A moment is a fact, not a time: so many dialogues have been told, or the command has just been started. Run:

    python tests/endurance/random_ends.py [moments of each kind, 50] [seed]
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from xml.etree import ElementTree

from realtime_scenarios.suite.journal import past_run

DIALOGUES = 16
MARK = "ENDURANCE_OF"
LONGEST = 60.0

T = TypeVar("T")

STUBS = """\
import subprocess


def look(number):
    if number % 5 == 0:
        subprocess.Popen(["sleep", "1000"], start_new_session=number % 2 == 0)
    print("looked at", number)
    return number
"""
COMMAND = [sys.executable, "-c", "from realtime_scenarios.cli.main import main; main()", "test", "many.yaml", "-n", "2"]


def scenario_text() -> str:
    dialogues = "".join(
        f"  - {{id: d{number}, turns: [{{user: hi, agent: [{{call: look, args: {{number: {number}}}}}, {{say: ok}}]}}]}}\n"
        for number in range(DIALOGUES)
    )
    return f"""\
scenario: many
start: desk
agents: {{desk: {{instructions: Look., tools: [look]}}}}
tools: {{look: {{description: Look., parameters: {{number: integer}}, python: "stubs:look"}}}}
dialogues:
{dialogues}"""


@dataclass
class Run:
    """A command that goes on. `told` are the dialogues that it has said something about."""

    process: subprocess.Popen[str]
    mark: str
    report: Path
    told: list[str] = field(default_factory=list)

    def read_until(self, count: int) -> None:
        """Read what is told until that is so many dialogues, or the output ends."""
        if self.process.stdout is None or self.process.stdout.closed:
            return
        while len(self.told) < count and (line := self.process.stdout.readline()):
            if line.startswith(("ok ", "FAIL")):
                self.told.append(line.split("::")[1].split()[0])

    def processes(self, role: str = "") -> list[int]:
        """All that this run has started, itself included; with a role only those that the system calls so."""
        return [
            pid
            for pid in map(int, filter(str.isdecimal, (entry.name for entry in Path("/proc").iterdir())))
            if self._is_ours(pid, role)
        ]

    def zygote(self) -> int | None:
        """The first of the processes that a zygote and its workers are; it has the lowest number but for wraparound."""
        found = {pid: parent_of(pid) for pid in self.processes("be_a_zygote")}
        return next((pid for pid, parent in found.items() if parent not in found), None)

    def workers(self) -> list[int]:
        zygote = self.zygote()
        return [pid for pid in self.processes("be_a_zygote") if pid != zygote]

    def _is_ours(self, pid: int, role: str) -> bool:
        try:
            environment = Path(f"/proc/{pid}/environ").read_bytes()
            return (
                f"{MARK}={self.mark}".encode() in environment
                and role.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
            )
        except OSError:
            return False


@dataclass(frozen=True)
class Kind:
    """A way to hinder a run when `moment` dialogues have been told. `is_reported`: the JUnit file must be whole."""

    name: str
    hinder: Callable[[Run, int], None]
    is_reported: bool = True
    limits: Callable[[], None] | None = None
    output: str | None = None
    played: int = DIALOGUES
    """How many test cases the report must have; 0: as many as have been told."""


def kill_command(run: Run, moment: int) -> None:
    run.process.kill()


def kill_zygote(run: Run, moment: int) -> None:
    if (zygote := awaited(run.zygote, run)) is not None:
        os.kill(zygote, signal.SIGKILL)


def kill_worker(run: Run, moment: int) -> None:
    if workers := awaited(run.workers, run):
        with contextlib.suppress(ProcessLookupError):
            os.kill(random.choice(workers), signal.SIGKILL)


def interrupt(run: Run, moment: int) -> None:
    awaited(run.zygote, run)  # before it has one, it has not begun, and may just end
    run.process.send_signal(signal.SIGINT)


def terminate(run: Run, moment: int) -> None:
    awaited(run.zygote, run)
    run.process.send_signal(signal.SIGTERM)


def close_pipe(run: Run, moment: int) -> None:
    assert run.process.stdout is not None
    run.process.stdout.close()


def wait(run: Run, moment: int) -> None:
    """Nothing is done: something is wrong from the beginning."""


def no_room() -> None:
    """No file may have any size. (Python ignores the signal for it, so that writing raises.)"""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


KINDS = {
    kind.name: kind
    for kind in (
        Kind("the command is killed", kill_command, is_reported=False),
        Kind("the zygote is killed", kill_zygote),
        Kind("a worker is killed", kill_worker),
        Kind("Ctrl-C", interrupt, played=0),
        Kind("SIGTERM", terminate, played=0),
        Kind("a closed pipe", close_pipe),
        Kind("a full disk under the output", wait, output="/dev/full"),
        Kind("a full disk under the report", wait, is_reported=False, limits=no_room),
    )
}


def problems(kind: Kind, moment: int, folder: Path) -> Iterator[str]:
    """What is wrong about a run that is hindered at that moment."""
    with started(kind, folder) as run:
        run.read_until(moment)
        kind.hinder(run, moment)
        run.read_until(DIALOGUES + 1)
        try:
            code = run.process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            yield "it does not end"
            return
        left = awaited_end(run)
        if left:
            yield f"left running: {left}"
    cases = passed_by_name(run.report) if kind.is_reported else {}
    if kind.is_reported and kind.played and len(cases) != kind.played:
        yield f"the report has {len(cases)} of {kind.played} dialogues"
    if kind.is_reported and (missing := set(run.told) - cases.keys()):
        yield f"told but not reported: {sorted(missing)}"
    past = past_run(folder) if kind.limits is None else None
    if past is not None and (missing := set(run.told) - {name.partition("::")[2] for name in past.over}):
        yield f"told but not written down: {sorted(missing)}"
    all_passed = len(cases) == DIALOGUES and all(cases.values())
    if code == 0 and not all_passed:
        yield "exit code 0"
    if kind.output is not None and code == 0:
        yield "exit code 0, though nothing could be told"


@contextlib.contextmanager
def started(kind: Kind, folder: Path) -> Iterator[Run]:
    """The command, begun in a folder with a scenario; whatever it has left is ended in the end."""
    mark, report = uuid.uuid4().hex, folder / "report.xml"
    (folder / "many.yaml").write_text(scenario_text(), encoding="utf-8")
    (folder / "stubs.py").write_text(STUBS, encoding="utf-8")
    report.unlink(missing_ok=True)
    with contextlib.ExitStack() as stack:
        output = stack.enter_context(open(kind.output, "w")) if kind.output else subprocess.PIPE  # noqa: PTH123
        process = subprocess.Popen(
            [*COMMAND, "--junit", str(report)],
            cwd=folder,
            env={**os.environ, MARK: mark},
            stdout=output,
            stderr=subprocess.DEVNULL,
            text=True,
            preexec_fn=kind.limits,
        )
        run = Run(process, mark, report)
        try:
            yield run
        finally:
            for pid in run.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def awaited(fact: Callable[[], T], run: Run) -> T:
    """The fact, as soon as it is one; or whatever it is when the run is over."""
    while not (found := fact()) and run.process.poll() is None:
        os.sched_yield()
    return found


def awaited_end(run: Run) -> list[str]:
    """What is left of a run whose command is over, when all others have had time to end."""
    until = time.monotonic() + LONGEST
    while (left := run.processes()) and time.monotonic() < until:
        time.sleep(0.01)
    return [Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")[:60] for pid in left]


def passed_by_name(report: Path) -> Mapping[str, bool]:
    """Whether each dialogue passed, as the JUnit file has it; none where there is no such file."""
    if not report.is_file():
        return {}
    cases = ElementTree.parse(report).iter("testcase")
    return {case.get("name", ""): case.find("failure") is None and case.find("error") is None for case in cases}


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)
    random.seed(seed)
    print(f"{count} moments of each kind, seed {seed}")
    wrong = 0
    for kind in KINDS.values():
        for _ in range(count if kind.hinder is not wait else 1):
            moment = random.randint(0, DIALOGUES)
            with TemporaryDirectory() as folder:
                for problem in problems(kind, moment, Path(folder)):
                    wrong += 1
                    print(f"{kind.name} after {moment} dialogues: {problem}")
        print(f"done: {kind.name}", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
