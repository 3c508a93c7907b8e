"""Author's functions: beside the loop, under a time limit, on copies, and in modules that are modules."""

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

from realtime_scenarios.compiler import compiled
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.session import LoopClock, run_in_virtual_time
from realtime_scenarios.stubs import authors
from realtime_scenarios.stubs.authors import AuthorsCode
from realtime_scenarios.stubs.modules import PACKAGE
from realtime_scenarios.stubs.threads import THREAD_NAME, AuthorsError, Settled
from support import Written
from support.dialogues import played
from support.stubs import called, outcome

TOOLS = """
    scenario: s
    start: main
    context:
      bag: {type: array, default: []}
      who: {type: object, default: {name: Noor}}
    agents: {main: {instructions: x, tools: [t, other]}}
    tools:
      t: {description: x, parameters: {x?: {type: array}}, timeout: 300ms, python: "code:t"SET}
      other: {description: x, timeout: 300ms, python: "code:other"}
"""


@pytest.fixture
def scenario(written: Written) -> Callable[..., Path]:
    """Writes a scenario whose tool `t` is the function of that name in `code`, with more files beside it."""

    def write(code: str, *, set: str = "", **files: str) -> Path:
        written(code, "code.py")
        for name, text in files.items():
            written(text, f"{name.replace('__in__', '/')}.py")
        return written(TOOLS.replace("SET", f", set: {set}" if set else ""))

    return write


def threads_left() -> int:
    return sum(thread.name == THREAD_NAME for thread in threading.enumerate())


# --- whatever a function does, it is an answer -----------------------------------------------------------------------


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
import asyncio, time
def other(): return "fine"
"""


@pytest.mark.parametrize("run", [run_in_virtual_time, asyncio.run])
@pytest.mark.parametrize(
    "late",
    [
        "def t(): time.sleep(1)",
        "async def t(): time.sleep(1)",
        "async def t(): await asyncio.sleep(1)",
        "def t():\n    end = time.monotonic() + 1\n    while time.monotonic() < end: pass",
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
        import sys
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


# --- what it is given ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("call.context['bag'].append(1)", "'bag' in call.context"),
        ("call.context['who']['name'] = 'Bo'", "'who' in call.context"),
        ("call.context.pop('who')", "'who' in call.context"),
        ("call.context['new'] = None", "'new' in call.context"),
        ("call.args['x'].clear()", "'x' in call.args"),
        ("call.approval.clear()", "'pin' in call.approval"),
    ],
)
def test_a_call_cannot_be_changed_and_who_tries_is_told(scenario: Callable[..., Path], change: str, what: str) -> None:
    path = scenario(f"""
        def t(x, call):
            {change}
            return "done"
        def other(call): return [call.context, call.approval]
        """)
    (first, _), (second, _), (seen, _) = called(path, ("t", {"x": [1]}), ("t", {"x": [1]}), ("other", {}))
    sentence = f"Tool 't' failed: it changed {what}: a call is there to be read, and context changes by `set`"
    assert [(result.outcome, result.output) for result in (first, second)] == [("failed", sentence)] * 2
    assert seen.output == [{"bag": [], "who": {"name": "Noor"}}, {"pin": "4711"}]


def test_arguments_are_the_functions_own_and_what_it_gave_is_not(scenario: Callable[..., Path]) -> None:
    path = scenario(
        """
        kept = []
        def t(x, call):
            x.append(2)
            kept.append([*call.args["x"], *call.context["bag"]])
            return kept[-1]
        def other(call):
            kept[-1].append("behind your back")
            return call.context["bag"]
        """,
        set="{bag: result}",
    )
    (first, _), (other, _) = called(path, ("t", {"x": [1]}), ("other", {}))
    assert (first.outcome, first.output, first.updates) == ("answered", [1], {"bag": [1]})
    assert other.output == [1]


LEAK = """
    scenario: s
    start: main
    context: {bag: {type: array, default: []}, seen: {type: integer, default: 0}}
    agents: {main: {instructions: x, tools: [keep, look]}}
    tools:
      keep: {description: x, parameters: {tags: {type: array, default: []}}, python: "code:keep", set: {bag: result}}
      look: {description: x, returns: "{{ context.bag | length }}", set: {seen: context.bag | length}}
    dialogues:
      - &first
        id: first
        context: {bag: [0]}
        turns: &turns
          - user: Hi
            agent: [{call: look, returns: 1}, {call: keep}, {call: look, returns: 1}, {say: Ok.}]
            expect: [{context: {bag: [x], seen: 1}}]
      - {<<: *first, id: second}
      - id: third
        turns: [{user: Hi, agent: [{call: look, returns: 0}, {call: keep}, {say: Ok.}], expect: [{context: {bag: [x]}}]}]
      - id: fourth
        turns: [{user: Hi, agent: [{call: look, returns: 0}, {say: Ok.}], expect: [{context: {bag: []}}]}]
"""


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 3, 2, 0), (1, 1, 3, 2)])
def test_no_conversation_sees_what_another_one_left(written: Written, order: tuple[int, ...]) -> None:
    written("kept = []\ndef keep(tags):\n    tags.append('x')\n    kept.append(tags)\n    return tags\n", "code.py")
    project = load(written(LEAK))
    assert not project.errors, project.errors
    scenario = compiled(project.scenario)
    for number in order:
        result = played(scenario, project.dialogues[number], PROVIDERS["scripted"], ProviderRequest())
        assert result.passed, (project.dialogues[number].id, [verdict.message for verdict in result.failures])


# --- modules that are modules ----------------------------------------------------------------------------------------

EVERYTHING = """
from __future__ import annotations

import copy, enum, importlib, inspect, logging, pickle, sys, typing
import dataclasses
from collections import namedtuple
from dataclasses import InitVar, dataclass, field
from pathlib import Path

import pydantic

import shop.prices as prices
from shop import stock
import shop.deep.cellar


@dataclass(frozen=True, slots=True)
class Order:
    number: str
    lines: list[Line] = field(default_factory=list)
    extra: InitVar[int] = 0


@dataclass
class Line:
    name: str


class Address(pydantic.BaseModel):
    city: City


class City(pydantic.BaseModel):
    name: str


class Size(enum.Enum):
    SMALL = "small"


Point = namedtuple("Point", "x y")


def late():
    import helper
    from helper import twice
    from shop.stock import COUNT
    return [helper.twice(1), twice(2), COUNT]


def t(call) -> dict[str, typing.Any]:
    order = Order("A-1", [Line("tea")])
    me = sys.modules[__name__]
    return {
        "copied": pickle.loads(pickle.dumps(order)) == copy.deepcopy(order) == order,
        "asdict": dataclasses.asdict(order),
        "point": pickle.loads(pickle.dumps(Point(1, 2))),
        "size": pickle.loads(pickle.dumps(Size.SMALL)).value,
        "nested": Address(city={"name": "Oslo"}).model_dump(),
        "hints": str(typing.get_type_hints(Order)["lines"].__args__[0].__name__),
        "hint of function": str(typing.get_type_hints(t)["return"]),
        "me": me.Order is Order,
        "file": Path(__file__).name,
        "name": __name__,
        "of class": Order.__module__,
        "log": logging.getLogger(__name__).name,
        "source": inspect.getsource(late).splitlines()[0],
        "late": late(),
        "shop": [prices.TEA, stock.COUNT, shop.deep.cellar.WINE, stock.price_of_tea(), shop.NAME],
        "by name": importlib.import_module(f"{__package__}.helper").twice(3),
    }
"""

SHOP = {
    "helper": "def twice(n): return 2 * n\n",
    "shop__in____init__": "NAME = 'the shop'\nfrom shop.prices import TEA\n",
    "shop__in__prices": "TEA = 4\n",
    "shop__in__stock": "COUNT = 7\ndef price_of_tea():\n    from .prices import TEA\n    from . import NAME\n    return TEA\n",
    "shop__in__deep__in__cellar": "from ..prices import TEA\nWINE = 10 * TEA\n",
}


def test_a_module_of_stubs_is_a_module(scenario: Callable[..., Path]) -> None:
    before = set(sys.modules)
    path = scenario(EVERYTHING, **SHOP)
    kind, output = outcome(path, "t")
    assert (kind, output) == (
        "answered",
        {
            "copied": True,
            "asdict": {"number": "A-1", "lines": [{"name": "tea"}]},
            "point": [1, 2],
            "size": "small",
            "nested": {"city": {"name": "Oslo"}},
            "hints": "Line",
            "hint of function": "dict[str, typing.Any]",
            "me": True,
            "file": "code.py",
            "name": f"{PACKAGE}.code",
            "of class": f"{PACKAGE}.code",
            "log": f"{PACKAGE}.code",
            "source": "def late():",
            "late": [2, 4, 7],
            "shop": [4, 7, 40, 4, "the shop"],
            "by name": 6,
        },
    )
    left = {name for name in set(sys.modules) - before if name.startswith(PACKAGE)}
    assert left == set() and "helper" not in sys.modules and "shop" not in sys.modules
    assert not list(path.parent.rglob("__pycache__"))


def test_a_file_may_be_called_like_a_module_of_python_or_an_installed_one(scenario: Callable[..., Path]) -> None:
    code = "import json, yaml, helper\ndef t(): return [json.MINE, yaml.MINE, helper.dumped()]"
    mine = "import {0}\nMINE = 'my {0}'\ndef real(): return hasattr({0}, 'safe_load') or hasattr({0}, 'dumps')\n"
    helper = "import json, yaml, logging.config\ndef dumped(): return [json.real(), yaml.real()]\n"
    path = scenario(code, helper=helper, json=mine.format("json"), yaml=mine.format("yaml"))
    assert outcome(path, "t") == ("answered", ["my json", "my yaml", [True, True]])
    import json

    import yaml

    assert not hasattr(json, "MINE") and not hasattr(yaml, "MINE")


def test_a_sibling_cannot_come_from_outside_the_folder(scenario: Callable[..., Path], tmp_path: Path) -> None:
    path = scenario("import link\ndef t(): return 1")
    outside = tmp_path.parent / f"{tmp_path.name}_outside.py"
    outside.write_text("", encoding="utf-8")
    try:
        (tmp_path / "link.py").symlink_to(outside)
        kind, told = outcome(path, "t")
    finally:
        outside.unlink()
    assert (kind, told.rpartition(": ")[2]) == ("failed", "'link.py' leads out of the scenario's folder")


def test_a_package_has_functions_as_well(written: Written) -> None:
    written("from .inner import f\n", "pkg/__init__.py")
    written("def f(): return __package__\n", "pkg/inner.py")
    path = written("""
        scenario: s
        start: a
        agents: {a: {instructions: x, tools: [t, u]}}
        tools: {t: {description: x, python: "pkg:f"}, u: {description: x, python: "pkg.inner:f"}}
        """)
    assert [result.output for result, _ in called(path, ("t", {}), ("u", {}))] == [f"{PACKAGE}.pkg"] * 2


def counted(function: Callable[..., Any], settled: Settled) -> Any:
    return settled(function())


def test_conversations_that_overlap_have_copies_of_their_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "helper.py").write_text(f"who = '{name}'\nseen = []\n", encoding="utf-8")
        (tmp_path / name / "code.py").write_text(
            "import pickle\nclass A: ...\n"
            "def f():\n    import helper\n    helper.seen.append(pickle.loads(pickle.dumps(A())))\n"
            "    return [helper.who, len(helper.seen), type(helper.seen[-1]) is A]\n",
            encoding="utf-8",
        )

    async def story() -> list[Any]:
        clock = LoopClock()
        codes = [AuthorsCode(tmp_path / name, clock) for name in ("one", "two", "one")]
        seen = [await code.result_of("code:f", counted) for code in (*codes, *codes)]
        for code in codes:
            code.close()
        return seen

    first = [["one", 1, True], ["two", 1, True], ["one", 1, True]]
    assert run_in_virtual_time(story()) == first + [[who, 2, same] for who, _, same in first]
    assert not [name for name in sys.modules if name.startswith(PACKAGE)]


def test_a_function_that_runs_on_cannot_reach_into_a_later_conversation(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "helper.py").write_text(f"who = '{name}'\n", encoding="utf-8")
    (tmp_path / "one" / "code.py").write_text(
        "import time, pathlib\ndef f():\n    time.sleep(0.5)\n    try:\n        import helper\n        told = helper.who\n"
        "    except ImportError as problem:\n        told = str(problem)\n"
        "    pathlib.Path(__file__).with_name('told').write_text(told)\n",
        encoding="utf-8",
    )
    (tmp_path / "two" / "code.py").write_text("import helper, time\ndef f(): time.sleep(1); return helper.who\n")

    async def story() -> Any:
        clock = LoopClock()
        late = AuthorsCode(tmp_path / "one", clock)
        with pytest.raises(TimeoutError):
            async with clock.limit(0.1):
                await late.result_of("code:f", counted)
        late.close()
        code = AuthorsCode(tmp_path / "two", clock)
        answer = await code.result_of("code:f", counted)
        code.close()
        return answer

    assert run_in_virtual_time(story()) == "two"
    told = (tmp_path / "one" / "told").read_text(encoding="utf-8")
    assert told == "'helper' cannot be imported when the conversation is over"


def test_a_module_that_failed_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(
        "import pathlib\nassert pathlib.Path(__file__).with_name('here').exists()\ndef f(): return 1\n"
    )

    async def story() -> Any:
        code = AuthorsCode(tmp_path, LoopClock())
        with pytest.raises(AuthorsError, match=r"'code.py' cannot be imported: AssertionError"):
            await code.result_of("code:f", counted)
        (tmp_path / "here").touch()
        answer = await code.result_of("code:f", counted)
        code.close()
        return answer

    assert run_in_virtual_time(story()) == 1
