"""What is typed for `--engine`, and what is told where no cluster is to be had."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from socket import socket

import pytest
from click.testing import CliRunner

from realtime_scenarios.cli.main import cli
from realtime_scenarios.cluster import address, client
from realtime_scenarios.cluster.address import Address, parsed_address
from realtime_scenarios.core import UsageError
from support import Written

SCENARIO = """\
    scenario: s
    start: desk
    agents: {desk: {instructions: Help.}}
    dialogues:
      - {id: a, turns: [{user: hi, agent: [{say: hello}]}]}
"""


@pytest.fixture
def path(written: Written, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = written(SCENARIO)
    monkeypatch.chdir(path.parent)
    return path


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port at which nobody listens, and nobody else will."""
    with closing(socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def told(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["test", "scenario.yaml", *arguments], prog_name="scenario", standalone_mode=True)
    return result.exit_code, result.output if result.exception is None else result.output + str(result.exception)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("dask://127.0.0.1:8786", Address("127.0.0.1", 8786)),
        ("dask://scheduler.example:1/", Address("scheduler.example", 1)),
        ("dask://[::1]:8786", Address("::1", 8786)),
        ("dask://local", Address("local", 0, workers=2)),
        ("dask://local?workers=5", Address("local", 0, workers=5)),
    ],
)
def test_an_address_is_a_scheduler_or_a_cluster_of_ones_own(text: str, meant: Address) -> None:
    assert parsed_address(text) == meant
    assert parsed_address(meant.shown) == meant


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ray://127.0.0.1:1", "there is no engine 'ray://127.0.0.1:1'"),
        ("processes", "there is no engine 'processes'"),
        ("dask://", "'dask://' is no address of a scheduler"),
        ("dask://me@host:1", "'dask://me@host:1' is no address of a scheduler"),
        ("dask://host", "'dask://host' has no port"),
        ("dask://host:99999", "'dask://host:99999' is no address: port out of range 0-65535"),
        ("dask://host:1?workers=3", "'dask://host:1?workers=3': a scheduler that is there has the workers that it has"),
        ("dask://local?workers=0", "'dask://local?workers=0' is no cluster of one's own"),
        ("dask://local?threads=2", "'dask://local?threads=2' is no cluster of one's own"),
    ],
)
def test_an_address_that_is_none_is_told_with_what_to_write(path: Path, text: str, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        parsed_address(text)
    assert refused.value.message == why
    code, output = told("--engine", text)
    assert code == 2 and why in " ".join(output.split()) and "write dask://HOST:PORT" in " ".join(output.split())


def test_that_dask_is_not_installed_is_told_with_what_to_install(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "find_spec", lambda name: None)
    code, output = told("--engine", "dask://127.0.0.1:8786")
    assert code and "dask.distributed is not installed" in output


def test_that_no_scheduler_is_there_is_told(path: Path, monkeypatch: pytest.MonkeyPatch, silent_port: int) -> None:
    monkeypatch.setattr(client, "_CONNECTS_WITHIN", 0.2)
    code, output = told("--engine", f"dask://127.0.0.1:{silent_port}")
    assert code and f"no scheduler of dask answers at 'dask://127.0.0.1:{silent_port}'" in output


@pytest.mark.parametrize(
    "other",
    [
        ["-n", "2"],
        ["--in-process"],
        ["--watch"],
        ["--forecast"],
        ["--log-events", "events.jsonl"],
        ["--max-cost", "1"],
    ],
    ids=lambda other: other[0],
)
def test_what_makes_no_sense_on_a_cluster_is_refused(path: Path, other: list[str]) -> None:
    code, output = told("--engine", "dask://local", *other)
    assert code == 2 and f"--engine and {other[0]} exclude each other" in output


def test_a_command_imports_dask_where_it_is_asked_for_and_the_sdk_never(path: Path) -> None:
    code = (
        "import sys; from realtime_scenarios.cli.main import cli\n"
        "try: cli.main(['test', 'scenario.yaml', '--list', *sys.argv[1:]], standalone_mode=False)\n"
        "except SystemExit: pass\n"
        "print({name: name in sys.modules for name in ('agents', 'distributed')})"
    )
    for arguments, loaded in (((), False), (("--engine", "dask://127.0.0.1:1"), True)):
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == str({"agents": False, "distributed": loaded})
