"""Dialogues played by workers that die, hang, and leave things behind. These are real processes, and no test sleeps."""

from __future__ import annotations

import os
import socket
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import pytest

from realtime_scenarios.core import ScenarioError, UsageError, WorkerError
from realtime_scenarios.processes import Nursery, NurseryGone, Wishes, taken_nursery
from realtime_scenarios.processes.spawner import Spawner
from realtime_scenarios.processes.wire import FromZygote
from realtime_scenarios.project import load
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.project.variation import Edit, variation_of
from realtime_scenarios.suite import Finished, Supervisor, failure_report, in_order, printed_lines
from realtime_scenarios.trace import ToolReturned
from support import Written

STUBS = """
import os, signal, socket, subprocess, sys, textwrap, threading

def pid(): return os.getpid()
def leave(): os._exit(7)
def crash(): os.kill(os.getpid(), signal.SIGSEGV)
def spin():
    while True: pass
def thread(): threading.Thread(target=threading.Event().wait, daemon=True).start()
def child(): return subprocess.Popen(["sleep", "1000"]).pid
def detached(): return subprocess.Popen(["sleep", "1000"], start_new_session=True).pid
def patch(): textwrap.dedent = lambda *_, **__: "patched"
def dump(): return textwrap.dedent("  [1]")
def speak():
    print("spoken \\x1b[2J")
    os.write(2, b"x" * 1_000_000)
def close():
    os.closerange(3, 200)
    threading.Event().wait()
def scribble():
    for number in range(3, 60):
        try:
            with socket.socket(fileno=os.dup(number)) as channel: channel.send(b"\\0\\0\\0\\5hello")
        except OSError:
            pass
    threading.Event().wait()
def kill_parent():
    os.kill(os.getppid(), signal.SIGKILL)
    threading.Event().wait()
def around(): return os.getcwd() + " " + os.environ.get("OF_THE_COMMAND", "")
"""
TOOLS = [line.partition("def ")[2].partition("(")[0] for line in STUBS.splitlines() if line.startswith("def ")]
BOUND = 4.0
WORDS = """\
    scenario: words
    start: desk
    agents: {desk: {instructions: Help.}}
    dialogues:
      - {id: a, turns: [{user: hi, agent: [{say: hello}]}]}
      - {id: b, live: false, reason: nobody says that, turns: [{user: hi, agent: [{say: hello}]}]}
"""


def scenario(tools: Sequence[str]) -> str:
    """One dialogue for each of these tools, in which it is called in the second turn."""
    specs = "".join(f"  {tool}: {{description: Do., timeout: 60s, python: 'stubs:{tool}'}}\n" for tool in TOOLS)
    dialogues = "".join(
        f"  - {{id: '{number}-{tool}', turns: [{{user: hi, agent: [{{say: hello}}]}}, "
        f"{{user: go on, agent: [{{call: {tool}}}, {{say: done}}]}}]}}\n"
        for number, tool in enumerate(tools)
    )
    start = f"scenario: s\nstart: desk\nagents: {{desk: {{instructions: Help., tools: [{', '.join(TOOLS)}]}}}}\n"
    return f"{start}tools:\n{specs}dialogues:\n{dialogues}"


class Played:
    """What came of cases, by the positions of their tools."""

    def __init__(self, finished: Sequence[Finished]) -> None:
        self.finished = finished

    def __getitem__(self, position: int) -> Finished:
        return self.finished[position]

    def outputs(self) -> list[str | None]:
        """What each tool returned; None where it did not."""
        traces = [finished.result.trace for finished in self.finished]
        found = [[event.output for event in trace if isinstance(event, ToolReturned)] for trace in traces]
        return [outputs[0] if outputs else None for outputs in found]

    def passed(self) -> list[bool]:
        return [finished.result.passed for finished in self.finished]

    def loss(self, position: int) -> str:
        error = self[position].result.error
        assert isinstance(error, WorkerError)
        return error.message


@pytest.fixture
def cases(written: Written) -> Cases:
    return Cases(written)


class Cases:
    def __init__(self, written: Written) -> None:
        self._written = written

    def of(self, *tools: str) -> list[Case]:
        self._written(STUBS, "stubs.py")
        return cases_of([load(self._written(scenario(tools)))])

    def of_words(self) -> list[Case]:
        """Two dialogues of which another model than the script's has nothing to keep."""
        return cases_of([load(self._written(WORDS))])

    def played(self, *tools: str, workers: int = 1) -> Played:
        with Supervisor(Wishes.of("scripted", {}), workers=workers, wall_timeout=BOUND) as supervisor:
            return Played(list(in_order(supervisor.finished(self.of(*tools)))))


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_plays_many_dialogues_and_is_gone_afterwards(cases: Cases) -> None:
    played = cases.played("pid", "pid", "pid")
    (process,) = set(played.outputs())
    assert played.passed() == [True] * 3 and process is not None and int(process) != os.getpid()
    assert not is_running(int(process))


@pytest.mark.parametrize("workers", [1, 3])
def test_what_dies_costs_its_own_verdict_and_no_other(cases: Cases, workers: int) -> None:
    played = cases.played("pid", "leave", "pid", "crash", "pid", workers=workers)
    assert played.passed() == [True, False, True, False, True]
    assert played.loss(1) == "its process ended with exit code 7, in turn 2 while 'leave' was at work"
    assert played.loss(3) == "its process was ended by SIGSEGV, in turn 2 while 'crash' was at work"
    report = "\n".join(failure_report(played[1].case, played[1].result, lambda text, tone: text))
    place = played[1].result.dialogue.turns[1].place.span
    assert f"{place}: stopped: its process ended" in report


def test_what_never_ends_is_ended_and_what_follows_is_played(cases: Cases) -> None:
    played = cases.played("spin", "pid")
    assert played.passed() == [False, True]
    assert played.loss(0) == "it took longer than 4 s by the wall clock, in turn 2 while 'spin' was at work"
    error = played[0].result.error
    assert error is not None and error.hint is not None and "--wall-timeout" in error.hint


@pytest.mark.parametrize("tool", ["thread", "child", "detached", "patch"])
def test_a_worker_that_is_not_as_it_was_is_replaced(cases: Cases, tool: str) -> None:
    played = cases.played("pid", tool, "pid", "dump")
    assert played.passed() == [True] * 4
    before, left, after, dumped = played.outputs()
    assert before != after and dumped == "[1]"
    if tool in ("child", "detached"):
        assert left is not None and not is_running(int(left))


def test_what_code_prints_is_kept_beside_the_result_and_obeyed_by_no_terminal(
    cases: Cases, capfd: pytest.CaptureFixture[str]
) -> None:
    played = cases.played("speak", "pid")
    assert played.passed() == [True, True]
    assert played[0].printed.startswith("spoken \x1b[2J\nxxx") and len(played[0].printed) == 64_000
    assert played[1].printed == "" and capfd.readouterr().out == ""
    first, second = printed_lines(played[0].printed, lambda text, tone: text)
    assert first == "      printed    spoken �[2J" and len(second) == 80


@pytest.mark.parametrize(
    ("tool", "told"),
    [
        ("close", "its process has closed its own channel, in turn 2 while 'close' was at work"),
        ("scribble", "something wrote into the channel of its process, in turn 2 while 'scribble' was at work"),
    ],
)
def test_a_channel_that_an_author_meddles_with_is_of_no_use_to_them(cases: Cases, tool: str, told: str) -> None:
    played = cases.played(tool, "pid")
    assert played.passed() == [False, True] and played.loss(0) == told


def test_when_the_zygote_is_gone_another_is_started(cases: Cases) -> None:
    played = cases.played("pid", "kill_parent", "pid")
    assert played.passed() == [True, False, True]
    assert played.loss(1).startswith("its process was ended by SIGKILL")


def test_again_and_again_is_told(cases: Cases) -> None:
    told = []
    with (
        pytest.raises(ScenarioError, match="the process that starts the workers was ended by SIGKILL"),
        Supervisor(Wishes.of("scripted", {})) as supervisor,
    ):
        for finished in in_order(supervisor.finished(cases.of("pid", *["kill_parent"] * 4))):
            told.append(finished.result.passed)
    assert told == [True, False, False, False]


class LostNursery:
    """A nursery that dies of being asked for the third worker, before it has started any of them."""

    takes_output = False
    has_forked = True
    is_usable = True

    def __init__(self) -> None:
        self.channel, self._other_end = socket.socketpair()
        self._asked: list[socket.socket] = []

    def fork(self, number: int, channel: socket.socket, output: int | None) -> None:
        self._asked.append(channel.dup())
        if len(self._asked) == 3:
            self.close()

    def kill(self, number: int) -> None: ...

    def reports(self) -> list[FromZygote]:
        raise NurseryGone

    def exit_code(self) -> int:
        self.channel.close()
        return -9

    def close(self) -> None:
        for file in (self._other_end, *self._asked):
            file.close()


def test_workers_that_a_lost_nursery_never_started_are_started_by_the_next(
    cases: Cases, monkeypatch: pytest.MonkeyPatch
) -> None:
    nurseries: Iterator[Nursery] = chain([LostNursery()], iter(taken_nursery, None))
    monkeypatch.setattr("realtime_scenarios.suite.supervisor.taken_nursery", lambda: next(nurseries))
    assert cases.played("pid", "pid", "pid", workers=3).passed() == [True] * 3


def test_workers_live_where_the_command_lives(cases: Cases, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OF_THE_COMMAND", "héllo")
    assert cases.played("around").outputs() == [f"{tmp_path} héllo"]


def test_a_provider_that_is_unknown_there_is_told_and_nothing_is_played(cases: Cases) -> None:
    with (
        Supervisor(Wishes.of("offlin", {})) as supervisor,
        pytest.raises(UsageError, match="unknown provider 'offlin'"),
    ):
        list(supervisor.finished(cases.of("pid")))


def test_a_run_that_is_stopped_gives_what_is_finished_and_ends_the_rest(cases: Cases) -> None:
    with Supervisor(Wishes.of("scripted", {}), workers=2) as supervisor:
        told = []
        for finished in supervisor.finished(cases.of("spin", "pid", "pid")):
            told.append(finished)
            supervisor.stop()
    assert [finished.result.passed for finished in told] == [True]
    assert not any(map(is_running, map(int, filter(None, Played(told).outputs()))))


def test_a_supervisor_plays_one_list_of_cases_after_the_other_on_the_same_worker(cases: Cases) -> None:
    both = cases.of("pid", "pid")
    with Supervisor(Wishes.of("scripted", {})) as supervisor:
        played = Played([next(iter(supervisor.finished([case]))) for case in both])
    first, second = played.outputs()
    assert played.passed() == [True, True] and first == second is not None


def test_where_nothing_can_be_forked_workers_are_spawned(cases: Cases, monkeypatch: pytest.MonkeyPatch) -> None:
    idle: deque[Spawner] = deque()
    monkeypatch.setattr("realtime_scenarios.processes.nursery._idle", idle)  # no other test is to be given this one
    monkeypatch.setattr("realtime_scenarios.suite.supervisor.taken_nursery", Spawner)
    played = cases.played("pid", "leave", "pid")
    idle.pop().close()
    assert played.passed() == [True, False, True]
    assert played.loss(1) == "its process ended with exit code 7, before the first turn"


def test_an_interpreter_that_does_not_start_is_told(cases: Cases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime_scenarios.processes.nursery._idle", deque())
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with Supervisor(Wishes.of("scripted", {})) as supervisor, pytest.raises(ScenarioError, match="exit code 1"):
        list(supervisor.finished(cases.of("pid")))


def test_what_need_not_be_played_with_another_model_is_over_when_the_provider_is_known(cases: Cases) -> None:
    with Supervisor(Wishes.of("offline", {})) as supervisor:
        first, second = in_order(supervisor.finished(cases.of_words()))
    assert [first.result.status, second.result.status] == ["skipped", "skipped"]


def test_a_worker_plays_a_scenario_with_a_change_and_the_same_one_without_it(cases: Cases) -> None:
    (case,) = cases.of("pid")
    edit = Edit(("tools", "pid"), {"description": "Do.", "returns": "changed"})
    varied = variation_of(case.project, (edit,))
    assert varied is not None
    with Supervisor(Wishes.of("scripted", {}), workers=1, wall_timeout=BOUND) as supervisor:
        changed = Case(case.name, varied, case.dialogue)
        first = Played(list(in_order(supervisor.finished([changed, case, changed]))))
        supervisor.forget(varied)
        second = Played(list(in_order(supervisor.finished([case, changed]))))

    process = first.outputs()[1]
    assert first.outputs() == ["changed", process, "changed"]
    assert second.outputs() == [process, "changed"]  # the worker has lived on, and is told again what it forgot


def test_what_is_withdrawn_is_not_played(cases: Cases) -> None:
    many = cases.of(*["pid"] * 6)
    with Supervisor(Wishes.of("scripted", {}), workers=1, wall_timeout=BOUND) as supervisor:
        played = []
        for finished in supervisor.finished(many):
            if not played:
                supervisor.withdraw({3, 4, 5})
            played.append(finished.index)

    assert played == [0, 1, 2]
