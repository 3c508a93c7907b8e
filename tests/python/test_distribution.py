"""What is built from the source tree: only our package at the top, complete, and unharmed by a runner.py beside it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON_PAGE = ROOT / "docs" / "python.md"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist, built by the back end itself."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", folder], cwd=ROOT, check=True, capture_output=True
    )
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


def test_the_wheel_holds_one_package_with_all_it_needs(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {re.sub(r"-.*\.dist-info", ".dist-info", name.split("/")[0]) for name in names} == {
        "realtime_scenarios",
        "realtime_scenarios.dist-info",
    }
    for folder in ("schemas", "prompts", "scenarios"):
        files = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if is_ours(path)}
        assert {f"realtime_scenarios/resources/{file}" for file in files} <= set(names)
    modules = {path.relative_to(ROOT / "runner").as_posix() for path in (ROOT / "runner").rglob("*.py")}
    assert modules == {name for name in names if name.endswith(".py") and "/resources/" not in name}
    assert "realtime_scenarios/py.typed" in names


def test_the_source_distribution_holds_what_it_is_built_and_tested_from(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]

    assert {name.split("/")[0] for name in names} == {
        *("runner", "schemas", "prompts", "scenarios", "tests", "docs", "benchmarks", "tools"),
        *("pyproject.toml", "hatch_build.py", "README.md", "CHANGELOG.md", "ARCHITECTURE.md", "LICENSE", "PKG-INFO"),
        *("CONTRIBUTING.md", "Makefile", ".pre-commit-config.yaml", ".pre-commit-hooks.yaml", ".gitignore"),
    }
    assert not [name for name in names if name.split("/")[0] == "runner" and "/realtime_scenarios/" not in name]


def test_the_wheel_works_beside_a_runner_of_the_users_own(wheel: Path, tmp_path: Path) -> None:
    python = installed(wheel, tmp_path / "venv")
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "runner.py").write_text("raise SystemExit('this is not yours to import')\n")
    page = PYTHON_PAGE.read_text(encoding="utf-8")
    (folder / "bikes.yaml").write_text(bikes())
    (folder / "program.py").write_text(re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0])

    elsewhere = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def run(*command: str | Path) -> str:
        done = subprocess.run([python, *command], cwd=folder, env=elsewhere, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    where = run("-c", "import realtime_scenarios; print(realtime_scenarios.__file__)")
    assert Path(where.strip()).is_relative_to(tmp_path / "venv")
    assert "1 passed" in run("-m", "realtime_scenarios", "test", "bikes.yaml")
    assert "20 passed" in run("-m", "realtime_scenarios", "test", "airline")
    assert "HandoffRefused" in run("program.py")


def test_an_editable_install_takes_the_resources_of_the_source_tree(tmp_path: Path) -> None:
    program = f"""
import hatchling.build as back_end
print(back_end.build_editable({str(tmp_path)!r}))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    names = zipfile.ZipFile(tmp_path / done.stdout.split()[-1]).namelist()

    assert [name for name in names if ".dist-info/" not in name] == ["_editable_impl_realtime_scenarios.pth"]


def bikes() -> str:
    """The scenario of the README."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```yaml\n(# yaml-language-server.*?)```", page, re.DOTALL)[0]


def is_ours(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts and not any(part.startswith(".") for part in path.parts)


def installed(wheel: Path, folder: Path) -> Path:
    """The Python of a new environment with the wheel in it; what it depends on is that of this environment."""
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(pip, check=True, capture_output=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    # A folder that a .pth file adds has its own .pth files ignored: an editable install there does not count.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python
