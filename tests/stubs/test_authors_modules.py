"""Modules of author's functions are modules: whatever works in one of Python works in them, and nothing of them stays."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.session import LoopClock, run_in_virtual_time
from realtime_scenarios.stubs.authors import AuthorsCode
from realtime_scenarios.stubs.modules import PACKAGE
from realtime_scenarios.stubs.threads import AuthorsError
from support import Written
from support.stubs import called, outcome, settled_result

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


def test_a_module_that_failed_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(
        "import pathlib\nassert pathlib.Path(__file__).with_name('here').exists()\ndef f(): return 1\n"
    )

    async def story() -> Any:
        code = AuthorsCode(tmp_path, LoopClock())
        with pytest.raises(AuthorsError, match=r"'code.py' cannot be imported: AssertionError"):
            await code.result_of("code:f", settled_result)
        (tmp_path / "here").touch()
        answer = await code.result_of("code:f", settled_result)
        code.close()
        return answer

    assert run_in_virtual_time(story()) == 1
