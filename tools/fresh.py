"""The suite in a fresh environment: on any Python, with the newest dependencies or the lowest that are allowed.

Run: python tools/fresh.py [--lowest] [--python python3.13] [pytest's own arguments ...]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lowest", action="store_true", help="install the lowest versions that pyproject.toml allows")
    parser.add_argument("--python", default=sys.executable, help="the Python to test on (default: this one)")
    options, pytest_arguments = parser.parse_known_args()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with tempfile.TemporaryDirectory() as folder:
        python = fresh_python(options.python, Path(folder) / "venv")
        install = [python, "-m", "pip", "install", "--progress-bar", "off", "--editable", f"{ROOT}[dev]"]
        if options.lowest:
            constraints = Path(folder) / "lowest.txt"
            constraints.write_text("".join(f"{line}\n" for line in lowest_versions(project)), encoding="utf-8")
            install += ["--constraint", str(constraints)]
        run(install)
        run([python, "-m", "pip", "list", "--format", "freeze"])
        run([python, "-m", "pytest", *(pytest_arguments or ["-n", "auto"])])


def lowest_versions(project: Mapping[str, Any]) -> Iterator[str]:
    """`name==version` for each direct dependency, those of the dev extra and of the extras that it names included.

    Raises:
        SystemExit: a dependency has no lower bound, so that nobody can tell which versions it allows.
    """
    for requirement in sorted(direct_requirements(project), key=lambda requirement: requirement.name.lower()):
        bounds = [Version(clause.version) for clause in requirement.specifier if clause.operator in {">=", "==", "~="}]
        if not bounds:
            raise SystemExit(f"'{requirement}' in pyproject.toml has no lower bound")
        yield f"{requirement.name}=={max(bounds)}"


def direct_requirements(project: Mapping[str, Any], extras: frozenset[str] = frozenset({"dev"})) -> list[Requirement]:
    """What pyproject.toml asks for by name: an extra that names the project itself stands for those extras."""
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    found: dict[str, Requirement] = {}
    for requirement in map(Requirement, lines):
        if canonicalize_name(requirement.name) == canonicalize_name(project["name"]):
            found |= {inner.name: inner for inner in direct_requirements(project, frozenset(requirement.extras))}
        else:
            found[requirement.name] = requirement
    return list(found.values())


def fresh_python(python: str, folder: Path) -> str:
    """The interpreter of a new virtual environment made by `python`."""
    run([python, "-m", "venv", str(folder)])
    return str(folder / ("Scripts" if os.name == "nt" else "bin") / "python")


def run(command: list[str]) -> None:
    """A step that must succeed; nothing of the calling environment's Python reaches it."""
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    if code := subprocess.run(command, cwd=ROOT, env=environment).returncode:
        raise SystemExit(code)


if __name__ == "__main__":
    main()
