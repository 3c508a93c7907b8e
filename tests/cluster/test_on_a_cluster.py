"""Suites on a cluster of dask on this machine: real workers, one of which is killed in the middle."""

from __future__ import annotations

import errno
import json
import os
import re
import select
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dask
import pytest
from click.testing import CliRunner
from distributed import KilledWorker, LocalCluster

from realtime_scenarios.cli.main import cli
from realtime_scenarios.cluster import client
from realtime_scenarios.cluster.address import parsed_address
from realtime_scenarios.cluster.client import Cluster, ClusterRun
from realtime_scenarios.core import ScenarioError, WorkerError
from realtime_scenarios.processes import Wishes
from realtime_scenarios.project import load
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.suite import Finished, Supervisor, in_order
from support import PROGRAM, Written

LOSSES = 3
COME_BACK_WITHIN = 60
"""Seconds."""
TOOLS = ("look", "leave", "spin", "speak", "wait", "kill_once", "kill_always")
STUBS = """
import os, pathlib, signal, subprocess

HERE = pathlib.Path(__file__).parent

def worker_of_the_cluster():
    return int(subprocess.check_output(["ps", "-o", "ppid=", "-p", str(os.getppid())]))

def look(): return 7
def leave(): os._exit(7)
def speak(): print("spoken"); return 8
def spin():
    while True: pass

def wait():
    if not (HERE / "go").exists():
        (HERE / "begun").open("w").close()  # a pipe: somebody waits for this
        signal.pause()
    return 7

def kill_always():
    with (HERE / "killed").open("a") as file: file.write("!")
    os.kill(worker_of_the_cluster(), signal.SIGKILL)
    signal.pause()

def kill_once():
    if not (HERE / "killed").exists(): kill_always()
    return 7
"""


@pytest.fixture(scope="module")
def clusters() -> Iterator[list[LocalCluster]]:
    """Those that were begun, the one that is used last."""
    begun: list[LocalCluster] = []
    bounds = {"scheduler.allowed-failures": LOSSES - 1, "deploy.lost-worker-timeout": "300s"}
    with dask.config.set({f"distributed.{name}": bound for name, bound in bounds.items()}):
        yield begun
        for cluster in begun:
            cluster.close()


@pytest.fixture
def scheduler(clusters: list[LocalCluster]) -> str:
    """The address of one with two workers, each a process that is started anew when it is killed.

    Where one has not come back, another cluster is begun.
    """
    try:
        clusters[-1].wait_for_workers(2, timeout=COME_BACK_WITHIN)
    except (IndexError, TimeoutError):
        clusters.append(
            LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0")
        )
    address: str = clusters[-1].scheduler_address
    return address.replace("tcp://", "dask://")


@pytest.fixture
def folder(written: Written, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "80")
    folder = written(STUBS, "stubs.py").parent
    monkeypatch.chdir(folder)
    return folder


def scenario(*calls: str) -> str:
    """A dialogue for each of these tools, which is called in it; `look` is to return 7."""
    specs = "".join(f"  {tool}: {{description: Do., timeout: 60s, python: 'stubs:{tool}'}}\n" for tool in TOOLS)
    dialogues = "".join(
        f"  - {{id: '{number}-{tool}', turns: [{{user: hi, agent: [{{call: {tool}, returns: 7}}, {{say: done}}]}}]}}\n"
        for number, tool in enumerate(calls)
    )
    start = f"scenario: s\nstart: desk\nagents: {{desk: {{instructions: Help., tools: [{', '.join(TOOLS)}]}}}}\n"
    return f"{start}tools:\n{specs}dialogues:\n{dialogues}"


def cases(written: Written, *calls: str) -> list[Case]:
    return cases_of([load(written(scenario(*calls)))])


def played(scheduler: str, cases: list[Case], wall_timeout: float | None = None) -> list[Finished]:
    with Cluster(parsed_address(scheduler)) as cluster:
        run = ClusterRun(cluster, Wishes.of("scripted", {}), wall_timeout=wall_timeout)
        return list(in_order(run.finished(cases)))


def output(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["test", *arguments], prog_name="scenario")
    return re.sub(r"in \d+\.\d s", "in 0.0 s", result.output)


def loss(finished: Finished) -> str:
    assert isinstance(finished.result.error, WorkerError)
    return finished.result.error.message


def test_a_suite_has_the_same_results_in_the_same_order_and_the_same_reports_as_with_processes(
    scheduler: str, folder: Path, written: Written
) -> None:
    written(scenario("look", "leave", "speak", *["look"] * 20))
    written(
        "scenario: other\nstart: desk\nagents: {desk: {instructions: Help.}}\ndialogues:\n"
        "  - {id: fine, turns: [{user: hi, agent: [{say: hello}]}]}\n"
        "  - {id: gone, turns: [{user: hi, agent: [{call: nothing}]}]}\n",
        "other.yaml",
    )
    kinds = ("junit", "jsonl", "markdown", "github", "html")
    told: list[str] = []
    texts: list[list[str]] = []
    for engine in ((), ("--engine", scheduler)):
        reports = [argument for kind in kinds for argument in ("--report", f"{kind}={kind}")]
        told.append(output(".", *engine, *reports, "--trace", "traces", "--coverage"))
        traces = sorted((folder / "traces").iterdir())
        texts.append([path.read_text() for path in (*map(folder.joinpath, kinds), *traces)])
    here, there = told
    assert there == here and "22 passed, 2 failed, 1 invalid" in here
    assert texts[0] == texts[1]


def test_a_worker_that_is_killed_in_the_middle_costs_nobody_a_verdict_and_nothing_is_told_twice(
    scheduler: str, folder: Path, written: Written
) -> None:
    written(scenario(*["look"] * 30, "kill_once", *["look"] * 30))
    shown = output(".", "--engine", scheduler, "--report", "jsonl=results")
    assert "61 passed in" in shown and (folder / "killed").exists()
    begun, *over = map(json.loads, (folder / ".scenario" / "journal.jsonl").read_text().splitlines())
    assert Counter(line["case"] for line in over) == Counter(list(begun["cases"]))
    results = [json.loads(line)["dialogue"] for line in (folder / "results").read_text().splitlines()]
    assert results == list(begun["cases"])


def test_a_dialogue_of_which_every_worker_dies_has_a_verdict_that_says_so(
    scheduler: str, folder: Path, written: Written
) -> None:
    all_played = played(scheduler, cases(written, "look", "kill_always", "look"))
    assert [finished.result.passed for finished in all_played] == [True, False, True]
    assert loss(all_played[1]) == f"the worker of the cluster that was at it was lost, {LOSSES} times"
    assert (folder / "killed").read_text() == "!" * LOSSES


def test_a_batch_that_is_given_up_is_played_dialogue_by_dialogue(
    scheduler: str, folder: Path, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_BATCHES_OF_A_WORKER", 1)  # four in a batch
    all_played = played(scheduler, cases(written, *["look"] * 3, "kill_always", *["look"] * 4))
    assert [finished.result.passed for finished in all_played] == [True] * 3 + [False] + [True] * 4
    assert (folder / "killed").read_text() == "!" * 2 * LOSSES


def test_bounds_by_the_wall_clock_are_kept_there(scheduler: str, folder: Path, written: Written) -> None:
    all_played = played(scheduler, cases(written, "look", "spin", "look"), wall_timeout=2.0)
    assert [finished.result.passed for finished in all_played] == [True, False, True]
    assert loss(all_played[1]) == "it took longer than 2 s by the wall clock, in turn 1 while 'spin' was at work"


def test_what_is_finished_when_a_run_is_stopped_is_kept_and_nothing_is_left_behind(
    scheduler: str, folder: Path, written: Written
) -> None:
    with Cluster(parsed_address(scheduler)) as cluster:
        run = ClusterRun(cluster, Wishes.of("scripted", {}))
        found = []
        for finished in run.finished(cases(written, *["look"] * 12, *["spin"] * 2)):
            found.append(finished.index)
            if len(found) == 12:
                run.stop()
        assert sorted(found) == list(range(12))
        assert set(cluster.client().run(players_left).values()) == {0}


def test_ctrl_c_keeps_what_is_finished_and_resume_plays_the_rest(
    scheduler: str, folder: Path, written: Written
) -> None:
    written(scenario(*["look"] * 6, "wait"))
    os.mkfifo(folder / "begun")
    command = [*PROGRAM, "test", ".", "--engine", scheduler]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        wait_for(folder / "begun", process)
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate()
    assert process.returncode == 130
    passed, left = map(int, re.findall(r"^(\d+) passed, (\d+) not run", told, re.MULTILINE)[0])
    assert passed + left == 7 and left >= 1
    (folder / "go").touch()
    resumed = output(".", "--engine", scheduler, "--resume")
    assert f"{passed} of 7 dialogues are kept" in resumed and "7 passed in" in resumed


def wait_for(pipe: Path, process: subprocess.Popen[str]) -> None:
    """Until somebody writes into the pipe, or the process has ended and nobody ever will."""
    reading, ended = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), os.pidfd_open(process.pid)
    select.select([reading, ended], [], [])
    os.close(reading)
    os.close(ended)


def players_left() -> int:
    """How many processes the worker of a cluster has that play dialogues, or could."""
    from realtime_scenarios.processes.parents import children

    return len([child for child in children() if b"be_a_zygote" in Path(f"/proc/{child}/cmdline").read_bytes()])


def test_a_scheduler_without_workers_is_told(folder: Path, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_HAS_WORKERS_WITHIN", 0.2)
    with LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0") as empty:
        address = empty.scheduler_address.replace("tcp://", "dask://")
        with pytest.raises(ScenarioError, match=f"the scheduler at '{address}' has no workers") as refused:
            played(address, cases(written, "look"))
    assert (refused.value.hint or "").startswith("add some: dask worker 127.0.0.1:")


def test_a_scheduler_that_goes_is_told_and_what_it_had_is_left(folder: Path, written: Written) -> None:
    run = ClusterRun(Cluster(parsed_address("dask://10.0.0.1:8786")), Wishes.of("scripted", {}))
    lost: Any = SimpleNamespace(key="batch", status="cancelled")  # what dask says of a future whose scheduler is gone
    run._asked["batch"] = (lost, (0, 1))
    with pytest.raises(ScenarioError, match=r"the scheduler at 'dask://10\.0\.0\.1:8786' is gone"):
        list(run._taken(lost, cases(written, "look", "look"), lost))
    assert list(run._waiting) == [(0, 1)]


@pytest.mark.parametrize("status", ["lost", "pending", "finished"])
def test_an_answer_that_is_lost_with_its_worker_is_asked_for_anew(status: str, folder: Path, written: Written) -> None:
    def late(timeout: float) -> bytes:
        raise TimeoutError  # it is known to be finished, and cannot be had

    run = ClusterRun(Cluster(parsed_address("dask://10.0.0.1:8786")), Wishes.of("scripted", {}))
    lost: Any = SimpleNamespace(key="batch", status=status, result=late, release=lambda: None)
    run._asked["batch"] = (lost, (0, 1))
    assert list(run._taken(lost, cases(written, "look", "look"), lost)) == []
    assert (list(run._waiting), run._asked) == ([(0, 1)], {})


class Faulty:
    """A client of dask all of whose batches end alike, and which counts them."""

    status = "running"

    def __init__(self, **future: Any) -> None:
        self._future = future
        self.batches = 0

    def nthreads(self) -> dict[str, int]:
        return {"one": 1}

    def submit(self, *_: Any, key: str, **__: Any) -> Any:
        self.batches += 1
        assert self.batches < 100
        future = SimpleNamespace(key=key, release=lambda: None, **self._future)
        future.add_done_callback = lambda told: told(future)
        return future

    def cancel(self, *_: Any, **__: Any) -> None: ...

    def run(self, *_: Any, **__: Any) -> None: ...


@pytest.mark.parametrize("status", ["lost", "pending", "finished"])
def test_answers_that_are_lost_each_time_are_not_asked_for_without_an_end(
    status: str, folder: Path, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(timeout: float) -> bytes:
        raise TimeoutError

    monkeypatch.setattr(client, "_BATCHES_OF_A_WORKER", 1)  # two in a batch
    dask = Faulty(status=status, result=late)
    there: Any = SimpleNamespace(client=lambda: dask, shown="dask://10.0.0.1:8786")
    all_played = list(ClusterRun(there, Wishes.of("scripted", {})).finished(cases(written, "look", "look")))
    assert [loss(finished) for finished in all_played] == [
        f"the worker of the cluster that had its answer was lost, {LOSSES} times"
    ] * 2
    assert dask.batches == 3 * LOSSES


def test_a_worker_that_runs_out_of_time_itself_is_told_and_asked_no_more(folder: Path, written: Written) -> None:
    hung = OSError(errno.ETIMEDOUT, "Connection timed out", "/shared/picture.png")  # a TimeoutError, too
    dask = Faulty(status="error", exception=lambda: hung)
    there: Any = SimpleNamespace(client=lambda: dask, shown="dask://10.0.0.1:8786")
    with pytest.raises(ScenarioError, match=r"a worker of 'dask://10\.0\.0\.1:8786' cannot play: .*timed out"):
        list(ClusterRun(there, Wishes.of("scripted", {})).finished(cases(written, "look")))
    assert dask.batches == 1


def test_a_batch_that_kills_each_worker_that_plays_it_anew_is_played_dialogue_by_dialogue(
    folder: Path, written: Written
) -> None:
    def killed(timeout: float) -> bytes:
        raise KilledWorker("batch", None, 2)

    run = ClusterRun(Cluster(parsed_address("dask://10.0.0.1:8786")), Wishes.of("scripted", {}))
    again: Any = SimpleNamespace(key="batch", status="finished", result=killed, release=lambda: None)
    run._asked["batch"] = (again, (0, 1))
    assert list(run._taken(again, cases(written, "look", "look"), again)) == []
    assert list(run._waiting) == [(0,), (1,)]


def test_another_version_of_the_package_is_refused(
    scheduler: str, folder: Path, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "own_version", lambda: "another")
    with pytest.raises(ScenarioError, match="has another version of realtime-scenarios") as refused:
        played(scheduler, cases(written, "look"))
    assert refused.value.hint == "install the same one there and here, and start the workers anew"


def test_a_file_of_the_scenario_that_is_another_one_there_is_told(
    scheduler: str, folder: Path, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "digest_of", lambda path: "of another folder")
    with pytest.raises(ScenarioError, match=r"stubs\.py' is not there as it is here") as refused:
        played(scheduler, cases(written, "look"))
    assert "share the folder" in (refused.value.hint or "")


def test_a_provider_that_is_unknown_there_is_told(scheduler: str, folder: Path, written: Written) -> None:
    with Cluster(parsed_address(scheduler)) as cluster:
        run = ClusterRun(cluster, Wishes.of("nobody", {}))
        with pytest.raises(ScenarioError, match="nobody"):
            list(run.finished(cases(written, "look")))


def test_code_from_elsewhere_is_played_nowhere_before_it_is_trusted(
    written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(STUBS, "elsewhere/stubs.py")
    path = written(scenario("look"), "elsewhere/scenario.yaml")
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "memory"))
    asked: list[Cluster] = []
    monkeypatch.setattr(Cluster, "client", asked.append)
    result = CliRunner().invoke(cli, ["test", str(path), "--engine", "dask://127.0.0.1:1"], prog_name="scenario")
    assert result.exit_code == 3 or isinstance(result.exception, ScenarioError)
    assert not asked


def test_no_key_of_the_command_travels(scheduler: str, folder: Path, written: Written) -> None:
    os.environ.pop("OPENAI_API_KEY", None)
    with Cluster(parsed_address(scheduler)) as cluster:
        run = ClusterRun(cluster, Wishes.of("scripted", {}))
        assert not run._batch(cases(written, "look"), (0,)).wishes.environment


def test_a_dialogue_that_no_other_model_could_hold_is_skipped_as_with_processes(
    scheduler: str, written: Written
) -> None:
    path = written(
        "scenario: s\nstart: desk\nagents: {desk: {instructions: Help.}}\ndialogues:\n"
        "  - {id: a, live: false, reason: nobody says that, turns: [{user: hi, agent: [{say: hello}]}]}\n"
    )
    own = cases_of([load(path)])
    with Cluster(parsed_address(scheduler)) as cluster:
        (there,) = ClusterRun(cluster, Wishes.of("offline", {})).finished(own)
    with Supervisor(Wishes.of("offline", {})) as supervisor:
        (here,) = supervisor.finished(own)
    assert there.result.status == here.result.status == "skipped" and there.result.skipped == "nobody says that"
