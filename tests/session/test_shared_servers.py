"""MCP servers that keep nothing: dialogues that follow each other in a process share one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from realtime_scenarios import replay
from realtime_scenarios.trace import ToolReturned
from realtime_scenarios.verdicts import DialogueResult
from support import Written
from support.light_mcp import lighten_mcp

SERVER = """
import os

from mcp.server import MCPServer

server = MCPServer("numbers")


@server.tool()
def process() -> str:
    return str(os.getpid())


@server.tool()
def die() -> str:
    os._exit(3)


if __name__ == "__main__":
    server.run()
"""
STUBS = """
import subprocess

def child(): return subprocess.Popen(["sleep", "1000"]).pid
"""


@pytest.fixture
def results(written: Written) -> Results:
    lighten_mcp(written(SERVER, "server.py").parent)
    written(STUBS, "stubs.py")
    return Results(written)


class Results:
    def __init__(self, written: Written) -> None:
        self._written = written

    def __call__(self, *calls: str, shared: bool = True, in_process: bool = False) -> list[DialogueResult]:
        """One dialogue for each of these calls, in each of which `process` is called, too."""
        dialogues = "".join(
            f"  - id: {call}-{number}\n    turns: [{{user: hi, agent: [{{call: {call}}}, {{call: process}}, {{say: ok}}]}}]\n"
            for number, call in enumerate(calls)
        )
        head = f"""\
scenario: numbers
start: main
agents: {{main: {{instructions: Count., mcp: [numbers], tools: [child]}}}}
tools: {{child: {{description: Start something., python: 'stubs:child'}}}}
mcp: {{numbers: {{command: [python, server.py], timeout: 20s, shared: {str(shared).lower()}}}}}
dialogues:
"""
        return replay(self._written(head + dialogues), in_process=in_process)


def processes(results: list[DialogueResult]) -> list[str]:
    """The process that each dialogue had for a server."""
    return [[event for event in result.trace if isinstance(event, ToolReturned)][-1].output for result in results]


@pytest.mark.parametrize("in_process", [False, True])
def test_dialogues_share_a_server_that_keeps_nothing_and_no_other(results: Results, in_process: bool) -> None:
    first, second = processes(results("process", "process", in_process=in_process))
    assert first == second
    first, second = processes(results("process", "process", shared=False, in_process=in_process))
    assert first != second


def test_a_shared_server_ends_with_those_who_share_it(results: Results) -> None:
    [process, _] = processes(results("process", "process", in_process=True))
    assert not Path("/proc", process).exists() or os.name != "posix"


def test_a_shared_server_that_dies_is_named_and_the_next_dialogue_has_another(
    results: Results, capfd: pytest.CaptureFixture[str]
) -> None:
    before, died, after = results("process", "die", "process", in_process=True)
    calls = [event for event in died.trace if isinstance(event, ToolReturned)]
    assert [call.outcome for call in calls] == ["failed", "failed"]
    assert {call.output.partition(": ")[2] for call in calls} == {"the MCP server 'numbers' has ended"}
    first, second = processes([before, after])
    assert first.isdecimal() and second.isdecimal() and first != second
    assert "the shared MCP server 'numbers' has ended, and is started again" in capfd.readouterr().err


def test_a_shared_server_is_no_blemish_and_a_child_beside_it_is_one(results: Results) -> None:
    first, second, third = processes(results("process", "child", "process"))
    assert first == second, "the server was shared until something else was left behind"
    assert third != second, "what was left behind ended the worker, and its server with it"
