"""`module:function` as a file in the scenario's own folder, and the name of a function in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from realtime_scenarios.core.paths import is_file


class NotThere(Exception):
    """A target leads to no file of the folder; the message says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """`module` is the dotted name of the module, seen from the folder."""

    module: str
    path: Path
    function: str


def target_in(folder: Path, target: str) -> Target:
    """What a target leads to.

    Raises:
        NotThere: it is not of the form module:function, or there is no such file in the folder.
    """
    module, colon, function = target.partition(":")
    if not colon or not function.isidentifier() or not all(step.isidentifier() for step in module.split(".")):
        raise NotThere(f"'{target}' is not of the form module:function")
    path = file_of(folder, module)
    if path is None:
        wanted = Path(*module.split(".")).with_suffix(".py")
        raise NotThere(f"there is no file '{wanted}' in the scenario's folder")
    if not is_inside(path, folder):
        raise NotThere(f"'{path.relative_to(folder)}' leads out of the scenario's folder")
    return Target(module, path, function)


def file_of(folder: Path, module: str) -> Path | None:
    """The file of a module, or of a package, as Python looks for it; None where there is none."""
    base = folder.joinpath(*module.split("."))
    return next((path for path in (base / "__init__.py", base.with_suffix(".py")) if is_file(path)), None)


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a path stays in the folder when links are followed."""
    return path.resolve().is_relative_to(folder.resolve())
