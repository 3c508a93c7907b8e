"""The commands around the code: fresh environments, make, and hooks for commits."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from click.testing import CliRunner

from realtime_scenarios.cli.main import cli

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SCENARIO = "scenario: s\nstart: START\nagents: {a: {instructions: You help.}}\n"


@pytest.fixture(scope="module")
def fresh() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fresh", ROOT / "tools" / "fresh.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_lowest_versions_are_those_that_are_allowed(fresh: ModuleType) -> None:
    extras = {"extra": ["c~=3.1"], "dev": ["x[extra]", "d>=4"]}
    project = {"name": "X", "dependencies": ["a==1.0", "B>=2,<3"], "optional-dependencies": extras}
    assert list(fresh.lowest_versions(project)) == ["a==1.0", "B==2", "c==3.1", "d==4"]


def test_a_dependency_without_a_lower_bound_is_told(fresh: ModuleType) -> None:
    project = {"name": "x", "dependencies": ["a<3"], "optional-dependencies": {"dev": []}}
    with pytest.raises(SystemExit, match=r"'a<3' in pyproject\.toml has no lower bound"):
        list(fresh.lowest_versions(project))


def test_every_dependency_of_ours_has_a_lower_bound(fresh: ModuleType) -> None:
    lowest = list(fresh.lowest_versions(PROJECT))
    assert "openai-agents==0.24.0" in lowest and any(line.startswith("pytest==") for line in lowest)


def test_a_commit_is_checked_by_what_make_lint_checks_and_fetches_nothing() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    hooks = config["repos"][0]["hooks"]
    assert {hook["language"] for hook in hooks} == {"system"}
    recipe = re.findall(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)[0]
    assert {hook["entry"].split()[0] for hook in hooks} == {line.split()[0] for line in recipe.splitlines()}


@pytest.mark.parametrize(("start", "code"), [("a", 0), ("nobody", 1)])
def test_the_hook_for_users_finds_mistakes(
    start: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    program, *arguments = hook["entry"].split()
    assert hook["id"] == "scenario-lint" and program in PROJECT["scripts"] and not hook["pass_filenames"]
    assert all(re.search(hook["files"], name) for name in ("x.yaml", "dialogues/y.yml", "prompt.md"))
    (tmp_path / "s.yaml").write_text(SCENARIO.replace("START", start), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli, arguments).exit_code == code


def test_make_says_what_it_can_do() -> None:
    make = shutil.which("make")
    assert make is not None
    shown = subprocess.run([make, "--silent", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {line.split("\t")[0] for line in shown.splitlines()} >= {"setup", "lint", "test"}
