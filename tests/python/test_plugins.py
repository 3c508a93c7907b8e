"""A package of somebody else adds a kind of each sort; what is installed is used from YAML and the command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PLUGIN = Path(__file__).resolve().parents[1] / "plugin"
BROKEN = {
    "cannot be imported: ModuleNotFoundError: No module named 'nothing_here'": ("import nothing_here\n", "plugin"),
    "is no Plugin": ("plugin = 3\n", "plugin"),
    "'junit' is registered twice": (
        "from realtime_scenarios import Plugin\nplugin = Plugin(reports={'junit': 'dice:report'})\n",
        "plugin",
    ),
}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the example package is installed, as pip does it."""
    folder = tmp_path_factory.mktemp("packages")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*install, "--target", folder, PLUGIN], check=True, capture_output=True)
    return folder


@pytest.fixture
def casino(tmp_path: Path) -> Path:
    """A scenario that uses all that the package adds."""
    return Path(shutil.copy(PLUGIN / "scenarios" / "casino.yaml", tmp_path / "casino.yaml"))


def scenario(folder: Path, packages: Path, *words: str) -> subprocess.CompletedProcess[str]:
    paths = [str(packages), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.run(
        [sys.executable, "-m", "realtime_scenarios", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        input="Hello there\n",
    )


@pytest.mark.parametrize("workers", ["1", "2"])
def test_its_stub_answers_its_expectation_judges_and_its_report_is_written(
    casino: Path, packages: Path, workers: str
) -> None:
    done = scenario(casino.parent, packages, "test", "casino.yaml", "-n", workers, "--report", "tally=tally.txt")

    assert done.returncode == 1, done.stderr
    assert "ok   casino.yaml::two-dice" in done.stdout
    assert "'roll_two' rolled" in done.stdout and "less than 13" in done.stdout
    assert "casino.yaml:28:20:" in done.stdout
    assert (casino.parent / "tally.txt").read_text() == "1 of 2 passed, 0 mistakes\n"


def test_its_provider_answers_where_the_scenario_names_it(casino: Path, packages: Path) -> None:
    assert "You said: Hello there" in scenario(casino.parent, packages, "run", "casino.yaml").stdout


def test_its_kinds_are_checked_by_their_own_schema_and_rules(casino: Path, packages: Path) -> None:
    casino.write_text(casino.read_text().replace("roll: 2", "roll: 6").replace("least: 13", "leest: 13"))
    wrong = scenario(casino.parent, packages, "lint", "casino.yaml")
    casino.write_text(casino.read_text().replace("leest: 13", "least: 13"))
    weak = scenario(casino.parent, packages, "lint", "casino.yaml")
    casino.write_text(casino.read_text().replace("roll: 6", "roll: 6\n    returns: six"))
    twice = scenario(casino.parent, packages, "lint", "casino.yaml")

    assert "unknown key 'leest'" in wrong.stdout and "did you mean 'least'?" in wrong.stdout
    assert "casino.yaml:11:11: DICE01 many-dice: tool 'roll_two' rolls 6 dice" in weak.stdout
    assert "conflicting-keys" in twice.stdout and "a tool answers in one way" in twice.stdout


def test_editors_are_given_the_schema_with_its_kinds(casino: Path, packages: Path) -> None:
    done = scenario(casino.parent, packages, "schema", "--write", "schemas", "--editor")

    assert done.stdout.splitlines()[-1] == "# yaml-language-server: $schema=schemas/scenario.schema.json"
    written = (casino.parent / "schemas" / "scenario.schema.json").read_text()
    assert '"stub_roll"' in written and '"echo"' in written
    assert '"expected_lucky"' in (casino.parent / "schemas" / "dialogue.schema.json").read_text()
    alone = scenario(casino.parent, packages, "schema", "--editor")
    assert alone.returncode == 2 and "add --write schemas" in alone.stderr


def test_without_the_package_its_kinds_are_unknown(casino: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    done = scenario(casino.parent, tmp_path_factory.mktemp("none"), "lint", "casino.yaml")

    assert done.returncode == 1
    assert "unknown key 'roll'" in done.stdout and "unknown key 'lucky'" in done.stdout and "'echo'" in done.stdout
    report = scenario(casino.parent, tmp_path_factory.mktemp("none"), "test", "--report", "tally=x", "casino.yaml")
    assert report.returncode == 2 and "unknown report 'tally'" in report.stderr


@pytest.mark.parametrize("message", BROKEN)
def test_a_package_that_is_broken_is_named_in_one_line(message: str, casino: Path, tmp_path: Path) -> None:
    text, attribute = BROKEN[message]
    packages = tmp_path / "packages"
    (packages / "broken_dice-1.0.dist-info").mkdir(parents=True)
    (packages / "broken_dice-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-dice\n")
    entry = f"[realtime_scenarios.plugins]\ndice = broken_dice:{attribute}\n"
    (packages / "broken_dice-1.0.dist-info" / "entry_points.txt").write_text(entry)
    (packages / "broken_dice.py").write_text(text)
    done = scenario(casino.parent, packages, "lint", "casino.yaml")

    assert done.returncode == 3
    assert done.stderr.startswith("error: plug-in 'dice' of broken-dice") and message in done.stderr
    assert "Traceback" not in done.stderr
