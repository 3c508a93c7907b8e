"""What a dialogue left behind in its process: threads, children, a changed module. Then that process plays no more.

Functions and classes are watched, of the modules that were there before any author's code ran: that is what code
which patches something replaces. Data that modules keep for themselves is theirs. Names that are new do no harm.
So is what all code of a process shares: its folder, its environment, where modules are found.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, NamedTuple

_OURS = ("agents", "realtime_scenarios")
_FUNCTIONS = frozenset((FunctionType, BuiltinFunctionType, staticmethod, classmethod, property))

_PATIENCE = 0.2
"""Seconds for a thread that is about to end, such as the one that waits for a server's process."""


class _Watched(NamedTuple):
    """The functions and classes in one namespace, as they were."""

    owner: str
    namespace: Mapping[str, Any]
    values_of: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    values: tuple[Any, ...]

    @property
    def is_changed(self) -> bool:
        try:
            return self.values_of(self.namespace) != self.values
        except KeyError:
            return True


class Watch:
    """What a process is like before the first dialogue; where it lives, from `settle` on."""

    def __init__(self) -> None:
        self._threads = set(threading.enumerate())
        self._watched = tuple(_watched_namespaces())
        self._surroundings = _surroundings()

    def settle(self) -> None:
        """From now on, whatever surrounds it is to stay as it is."""
        self._surroundings = _surroundings()

    def blemish(self, *, code: bool) -> str:
        """What is otherwise now, in words; "": nothing. `code`: an author's code has run, so that modules count."""
        shared = (self._module_changed() or self._surroundings_changed()) if code else ""
        return _child_left() or self._thread_left() or shared

    def _thread_left(self) -> str:
        for thread in set(threading.enumerate()) - self._threads:
            thread.join(_PATIENCE)
            if thread.is_alive():
                return f"the thread '{thread.name}' still runs"
        return ""

    def _module_changed(self) -> str:
        changed = next((watched.owner for watched in self._watched if watched.is_changed), None)
        return f"'{changed}' is changed" if changed else ""

    def _surroundings_changed(self) -> str:
        now = _surroundings()
        changed = next((name for name, then in self._surroundings.items() if now[name] != then), None)
        return f"{changed} is changed" if changed else ""


def _surroundings() -> Mapping[str, object]:
    """What all code of this process shares, by its name in words."""
    try:
        folder = str(Path.cwd())
    except OSError:  # it is gone
        folder = ""
    return {
        "the folder it works in": folder,
        "its environment": dict(os.environ),
        "'sys.path'": tuple(sys.path),
        "the limit of recursion": sys.getrecursionlimit(),
    }


def _child_left() -> str:
    try:
        if sys.platform == "linux":
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        elif sys.platform != "win32":
            os.waitpid(-1, os.WNOHANG)
        else:
            return ""
    except ChildProcessError:
        return ""
    return "it left a process behind"


def _watched_namespaces() -> Iterator[_Watched]:
    for name, module in list(sys.modules.items()):
        top = name.partition(".")[0]
        if type(module) is ModuleType and (top in sys.stdlib_module_names or top in _OURS):
            yield from _watched_namespace(name, vars(module))
            for value in list(vars(module).values()):
                if issubclass(type(value), type) and value.__module__ == name:
                    yield from _watched_namespace(f"{name}.{value.__qualname__}", vars(value))


def _watched_namespace(owner: str, namespace: Mapping[str, Any]) -> Iterator[_Watched]:
    """None where there is nothing to watch. Types are compared as such: to ask a proxy what it is may load things."""
    names = [name for name, value in namespace.items() if _is_watched(type(value))]
    if names:
        values_of = itemgetter(*names, names[0])  # with two names at least, it gives a tuple
        yield _Watched(owner, namespace, values_of, values_of(namespace))


def _is_watched(kind: type) -> bool:
    return kind in _FUNCTIONS or issubclass(kind, type)
