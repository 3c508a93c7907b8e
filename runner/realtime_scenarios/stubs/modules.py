"""The modules of an author as modules of Python: one copy for each conversation, and no other code ever meets them.

Theory of operation. Much of Python looks a module up by its name: dataclasses and pydantic resolve annotations, pickle
finds classes, an import inside a function finds its siblings. So an author's modules stand in `sys.modules` while their
conversation lasts, as modules of a package that is made for it: `stubs.py` is `scenario_code.stubs`. The name is the
same each time (what is shown of an object stands in traces), unless another conversation has it just then; and a file
called `json.py` is in nobody's way. What an author imports from beside the module (`import helper`) is found in the
package by the `__import__` in the builtins of these modules alone: nothing is put on `sys.path`.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import importlib.util
import itertools
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from realtime_scenarios.core import raised_text
from realtime_scenarios.core.paths import is_folder
from realtime_scenarios.stubs.target import NotThere, file_of, is_inside, target_in
from realtime_scenarios.stubs.threads import AuthorsError

PACKAGE = "scenario_code"


class Modules:
    """What is imported from `folder` in one conversation. Use `close` when it is over."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._package = _Package(folder)

    def is_loaded(self, target: str) -> bool:
        return self._package.name_of(target.partition(":")[0]) in sys.modules

    def function(self, target: str) -> Callable[..., Any]:
        """The function that `target` names, from a module below the folder and from nowhere else.

        This runs the author's code: the module that it is in, unless that was loaded before.

        Raises:
            AuthorsError: there is no such module or function, or the module raises when it is imported.
        """
        try:
            found = target_in(self._folder, target)
        except NotThere as problem:
            raise AuthorsError(str(problem)) from problem
        try:
            module = importlib.import_module(self._package.name_of(found.module))
        except BaseException as problem:  # the author's module may raise anything
            raise AuthorsError(f"'{found.path.name}' cannot be imported: {raised_text(problem)}") from problem
        function = getattr(module, found.function, None)
        if not callable(function):
            raise AuthorsError(f"'{found.path.name}' has no function '{found.function}'")
        return function  # type: ignore[no-any-return]

    def close(self) -> None:
        self._package.close()


class _Package(MetaPathFinder):
    """The package that stands for a folder while a conversation lasts, and the finder of what is in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._is_closed = False
        self._means_own: dict[str, bool] = {}
        self._builtins = {**builtins.__dict__, "__import__": self._imported}
        self._name = _taken_name(folder)
        sys.meta_path.insert(0, self)  # before the finder of paths, whose loader knows nothing of these builtins

    def name_of(self, module: str) -> str:
        return f"{self._name}.{module}"

    def close(self) -> None:
        self._is_closed = True
        sys.meta_path.remove(self)
        for name in list(sys.modules):
            if name == self._name or name.startswith(f"{self._name}."):
                sys.modules.pop(name, None)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, _, module = fullname.partition(".")
        if package != self._name or not module:
            return None
        file = file_of(self._folder, module)
        if file is None:
            return None  # a folder without an `__init__`, or an extension module: Python's own finder knows those
        if not is_inside(file, self._folder):
            raise ImportError(f"'{file.relative_to(self._folder)}' leads out of the scenario's folder")
        inside = [str(file.parent)] if file.name == "__init__.py" else None
        loader = _Loader(fullname, str(file), self._builtins)
        return importlib.util.spec_from_file_location(fullname, file, loader=loader, submodule_search_locations=inside)

    def _imported(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        """What an import statement of the author's means."""
        top = name.partition(".")[0]
        if not level and not self._is_own(top, globals or {}):
            return builtins.__import__(name, globals, locals, fromlist or (), level)
        if self._is_closed:  # a function that nobody waits for any more: the name may be another conversation's by now
            raise ImportError(f"'{name}' cannot be imported when the conversation is over")
        if level or fromlist:
            own = name if level else self.name_of(name)
            return builtins.__import__(own, globals, locals, fromlist or (), level)
        importlib.import_module(self.name_of(name))
        return sys.modules[self.name_of(top)]

    def _is_own(self, top: str, importing: Mapping[str, object]) -> bool:
        """Whether a name means what is in the folder. A file that says its own name means the other module."""
        if importing.get("__name__") == self.name_of(top) and "__path__" not in importing:
            return not _is_elsewhere(top, self._folder)
        if top not in self._means_own:
            # as Python has it, a folder without an `__init__` comes after everything that is installed
            is_package = is_folder(self._folder / top) and not _is_elsewhere(top, self._folder)
            self._means_own[top] = file_of(self._folder, top) is not None or is_package
        return self._means_own[top]


def _taken_name(folder: Path) -> str:
    """A name that no other conversation has, taken by putting a package of that name where Python looks."""
    for number in itertools.count(1):
        name = PACKAGE if number == 1 else f"{PACKAGE}_{number}"
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        package = importlib.util.module_from_spec(spec)
        if sys.modules.setdefault(name, package) is package:
            return name
    raise AssertionError("there is always another number")


def _is_elsewhere(name: str, folder: Path) -> bool:
    """Whether a module of that name is installed, or part of Python; `folder` may be on the path as well."""
    if name in sys.stdlib_module_names:
        return True
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.has_location and not is_inside(Path(str(spec.origin)), folder)


class _Loader(SourceFileLoader):
    """Loads a module with builtins of its own, and writes nothing into the author's folder."""

    def __init__(self, fullname: str, path: str, names: Mapping[str, Any]) -> None:
        super().__init__(fullname, path)
        self._names = names

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__builtins__"] = self._names
        path = Path(self.path)
        exec(_compiled_file(path, path.stat().st_mtime_ns), module.__dict__)  # noqa: S102 - the author's own code


@functools.lru_cache(maxsize=64)
def _compiled_file(path: Path, changed: int) -> CodeType:
    """What is at `path`, compiled; `changed` makes an edited file a new one."""
    return compile(path.read_bytes(), str(path), "exec")
