"""Author's functions: beside the loop, under a time limit, and whatever one of them does, it is an answer."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.session import LoopClock, run_in_virtual_time
from realtime_scenarios.stubs import authors
from realtime_scenarios.stubs.authors import AuthorsCode
from realtime_scenarios.stubs.threads import THREAD_NAME
from support.stubs import called, outcome


@pytest.mark.parametrize("kind", ["def", "async def"])
@pytest.mark.parametrize(
    ("raised", "told"),
    [
        ("Panic('no more')", "Panic: no more"),
        ("SystemExit(3)", "SystemExit: 3"),
        ("KeyboardInterrupt", "KeyboardInterrupt: "),
        ("GeneratorExit", "GeneratorExit: "),
        ("asyncio.CancelledError", "CancelledError: "),
        ("TimeoutError('slow')", "TimeoutError: slow"),
        ("Mute", "Mute"),
    ],
)
def test_whatever_a_function_raises_is_a_failed_call(
    scenario: Callable[..., Path], kind: str, raised: str, told: str
) -> None:
    path = scenario(f"""
        import asyncio
        class Panic(BaseException): ...
        class Mute(Exception):
            def __str__(self): raise Panic("not even this")
        {kind} t(): raise {raised}
        """)
    assert outcome(path, "t") == ("failed", f"Tool 't' failed: {told}")


@pytest.mark.parametrize("raised", ["SystemExit", "KeyboardInterrupt", "BaseException('x')"])
def test_whatever_a_module_raises_is_a_failed_call(scenario: Callable[..., Path], raised: str) -> None:
    kind, told = outcome(scenario(f"raise {raised}"), "t")
    assert kind == "failed" and "'code.py' cannot be imported" in told


BLOCKING = """
import asyncio, threading
is_over = threading.Event()
def other(): is_over.set(); return "fine"
"""


@pytest.mark.parametrize("run", [run_in_virtual_time, asyncio.run])
@pytest.mark.parametrize(
    "late",
    [
        "def t(): is_over.wait(60)",
        "async def t(): is_over.wait(60)",
        "async def t(): await asyncio.sleep(1)",
        "def t():\n    while not is_over.is_set(): pass",
    ],
)
def test_a_function_that_is_late_has_timed_out_at_its_second(
    scenario: Callable[..., Path], late: str, run: Callable[..., Any]
) -> None:
    path = scenario(BLOCKING + late)
    (result, at), (after, then) = called(path, ("t", {}), ("other", {}), run=run)
    assert (result.outcome, result.output) == ("timed_out", "Tool 't' timed out after 0.3 seconds.")
    assert (after.outcome, after.output) == ("answered", "fine")
    if run is run_in_virtual_time:
        assert (at, then) == (0.3, 0.3)


def test_virtual_time_stands_still_while_a_function_works(scenario: Callable[..., Path]) -> None:
    path = scenario("import time\ndef t(): time.sleep(0.1); return 1\nasync def other(): return 2")
    assert [(result.output, at) for result, at in called(path, ("t", {}), ("other", {}))] == [(1, 0), (2, 0)]


def test_nothing_else_happens_in_virtual_time_while_a_function_works(tmp_path: Path) -> None:
    """However slow the machine is, the order of things is that of a function that takes no time at all."""
    (tmp_path / "code.py").write_text("import time\ndef t(): time.sleep(0.1); return 'code'\n", encoding="utf-8")

    async def story() -> list[str]:
        code, seen = AuthorsCode(tmp_path, LoopClock()), list[str]()

        async def calls() -> None:
            seen.append(await code.result_of("code:t", lambda function, settled: str(settled(function()))))

        async def turns() -> None:
            for _ in range(3):
                seen.append("turn")
                await asyncio.sleep(0)

        await asyncio.gather(calls(), turns())
        code.close()
        return seen

    assert run_in_virtual_time(story()) == ["code", "turn", "turn", "turn"]


def threads_left() -> int:
    return sum(thread.name == THREAD_NAME for thread in threading.enumerate())


def test_what_awaits_too_long_is_cancelled_and_leaves_no_thread_behind(scenario: Callable[..., Path]) -> None:
    path = scenario("""
        import asyncio, pathlib
        async def t():
            try:
                await asyncio.sleep(60)
            finally:
                pathlib.Path(__file__).with_name("cancelled").touch()
        """)
    assert outcome(path, "t")[0] == "timed_out"
    deadline = time.monotonic() + 5
    while threads_left() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threads_left() == 0
    assert path.with_name("cancelled").exists()


def test_a_thread_that_cannot_be_ended_is_left_and_can_be_seen(scenario: Callable[..., Path]) -> None:
    before = threads_left()
    assert outcome(scenario("import time\ndef t(): time.sleep(0.8)"), "t")[0] == "timed_out"
    assert threads_left() == before + 1
    while threads_left() > before:
        time.sleep(0.05)


def test_importing_a_module_is_not_the_tools_time(scenario: Callable[..., Path]) -> None:
    assert outcome(scenario("import time\ntime.sleep(0.5)\ndef t(): return 1"), "t") == ("answered", 1)


def test_a_module_that_never_ends_cannot_be_imported(
    scenario: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authors, "LONGEST_IMPORT", 0.2)
    kind, told = outcome(scenario("import time\ntime.sleep(1)\ndef t(): return 1"), "t")
    assert (kind, told) == ("failed", "Tool 't' failed: 'code.py' cannot be imported: it takes longer than 0.2 seconds")


def test_calls_one_after_the_other_are_made_in_one_thread_and_one_event_loop(scenario: Callable[..., Path]) -> None:
    path = scenario("""
        import asyncio, sqlite3
        rows = sqlite3.connect(":memory:")
        loops = []
        def t(): return rows.execute("SELECT 1").fetchone()[0]
        async def other():
            loops.append(asyncio.get_running_loop())
            return len(set(loops))
        """)
    results = called(path, ("t", {}), ("t", {}), ("other", {}), ("other", {}))
    assert [result.output for result, _ in results] == [1, 1, 1, 1]


def test_ctrl_c_is_heard_while_a_function_works(scenario: Callable[..., Path]) -> None:
    path = scenario("import signal, time\ndef t(): signal.raise_signal(signal.SIGINT); time.sleep(5)")
    path.write_text(path.read_text(encoding="utf-8").replace("300ms", "20s"), encoding="utf-8")
    program = textwrap.dedent(f"""
        import signal, sys
        signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background of a shell it is ignored
        sys.path.insert(0, {str(Path(__file__).parents[1])!r})
        from pathlib import Path
        from support.stubs import outcome
        try:
            print(outcome(Path({str(path)!r}), "t"))
        except KeyboardInterrupt:
            print("interrupted")
        """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout == "interrupted\n", done.stderr
