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

DICE = "from realtime_scenarios import Plugin\n"
STUB = """\
class Dice:
    kind = "dice"
    keys = frozenset(['dice'])
    beside = frozenset()
    properties = {'dice': {'type': 'integer'}}
    supervisor = None
    question = None
    catalogue = None
    waits = None
    patience = None
    answers = None
    assumptions = None
    texts = None
    answer = None
    read = None
"""


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


def test_its_parts_hear_and_speak(packages: Path) -> None:
    program = (
        "from realtime_scenarios.project import load_plugins; load_plugins()\n"
        "from realtime_scenarios.voice import Manner, Utterance\n"
        "from realtime_scenarios.voice.parts import LISTENERS, SPEAKERS, PartOptions\n"
        "spoken = SPEAKERS['rattle'](PartOptions()).speak('I roll two', Manner('marin'))\n"
        "print(LISTENERS['throws'](PartOptions())().transcribe(Utterance(spoken.audio)), *spoken.word_ends)"
    )
    path = os.pathsep.join([str(packages), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.stdout == "six 100 200 300\n", done.stderr


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
    done = scenario(casino.parent, broken_package(tmp_path, text, attribute), "lint", "casino.yaml")

    assert_blamed(done, message)


@pytest.mark.parametrize("key", ["http", "delay", "description", "timeout"])
def test_a_stub_with_a_key_that_tools_have_already_is_refused(key: str, casino: Path, tmp_path: Path) -> None:
    package = broken_package(tmp_path, DICE + STUB.replace("'dice'", f"'{key}'") + "plugin = Plugin(stubs=[Dice])\n")

    assert_blamed(scenario(casino.parent, package, "lint", "casino.yaml"), f"{key} is there already")


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        ("read", "stub 'dice' has no `read`"),
        ("assumptions", "stub 'dice' has no `assumptions`"),
        ("properties", "stub 'dice' has no `properties`"),
        ("", "stub 'dice' has no `properties` for its key 'dice'"),
    ],
)
def test_half_a_stub_is_refused_by_name(left_out: str, message: str, casino: Path, tmp_path: Path) -> None:
    lines = STUB.splitlines(keepends=True)
    half = "".join(line for line in lines if not left_out or not line.strip().startswith(f"{left_out} ="))
    half = half if left_out else half.replace("properties = {'dice'", "properties = {'dies'")
    package = broken_package(tmp_path, f"{DICE}{half}plugin = Plugin(stubs=[Dice])\n")

    assert_blamed(scenario(casino.parent, package, "lint", "casino.yaml"), message)


@pytest.mark.parametrize("left_out", ["definition", "read", "names", "check", "renamed"])
def test_half_an_expectation_is_refused_by_name(left_out: str, casino: Path, tmp_path: Path) -> None:
    members = {"definition", "place", "needs_scripted_model", "read", "names", "check", "renamed"} - {left_out}
    half = "class Lucky:\n" + "".join(f"    {member} = {{}}\n" for member in sorted(members))
    package = broken_package(tmp_path, f"{DICE}{half}plugin = Plugin(expectations={{'lucky': Lucky}})\n")

    assert_blamed(scenario(casino.parent, package, "lint", "casino.yaml"), f"expectation 'lucky' has no `{left_out}`")


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (None, "No module named 'broken_dice_rules'"),
        ("def (:\n", "SyntaxError: invalid syntax"),
        ("raise KeyError('dice')\n", "KeyError: 'dice'"),
        ("raise SystemExit(4)\n", "SystemExit: 4"),
        ("@rule('SC201', 'mine')\ndef mine(subject): ...\n", "SC201 is there already"),
        ("@rule('MY1', 'handoff-to-itself')\ndef mine(subject): ...\n", "handoff-to-itself is there already"),
        ("@rule('SC141', 'mine')\ndef mine(subject): ...\n", "SC141 is there already"),
        ("@rule('MY1', 'unknown-key')\ndef mine(subject): ...\n", "unknown-key is there already"),
    ],
)
@pytest.mark.parametrize("command", ["validate casino.yaml", "lint casino.yaml", "lint --list", "lint --explain SC201"])
def test_rules_that_cannot_be_added_are_told_with_their_package(
    rules: str | None, message: str, command: str, casino: Path, tmp_path: Path
) -> None:
    package = broken_package(tmp_path, f"{DICE}plugin = Plugin(rules=['broken_dice_rules'])\n")
    if rules is not None:
        text = f"from realtime_scenarios.lint import rule\n{rules}"
        (package / "broken_dice_rules.py").write_text(text)

    assert_blamed(scenario(casino.parent, package, *command.split()), message, "rule module 'broken_dice_rules' of ")


def test_its_rules_are_listed_and_explained(casino: Path, packages: Path) -> None:
    assert "DICE01  many-dice" in scenario(casino.parent, packages, "lint", "--list").stdout
    assert "Instead: roll five dice" in scenario(casino.parent, packages, "lint", "--explain", "DICE01").stdout


@pytest.mark.parametrize("what", ["providers", "reports"])
def test_a_home_without_a_colon_is_told_when_the_package_is_loaded(what: str, casino: Path, tmp_path: Path) -> None:
    package = broken_package(tmp_path, f"{DICE}plugin = Plugin({what}={{'tally': 'broken_dice'}})\n")

    assert_blamed(scenario(casino.parent, package, "lint", "casino.yaml"), "is not written as module:attribute")


@pytest.mark.parametrize(
    ("home", "message"),
    [
        ("nothing_here:tally", "cannot be imported: ModuleNotFoundError: No module named 'nothing_here'"),
        ("broken_dice:tally", "is not there: 'broken_dice' has no 'tally'"),
        ("raising_dice:tally", "cannot be imported: ValueError: two lines"),
    ],
)
def test_a_home_with_nothing_in_it_is_told_before_anything_is_played(home: str, message: str, tmp_path: Path) -> None:
    more = f"plugin = Plugin(providers={{'tally': '{home}'}}, reports={{'tally': '{home}'}})\n"
    package = broken_package(tmp_path, DICE + more)
    (package / "raising_dice.py").write_text("raise ValueError('two\\nlines')\n")
    report = scenario(tmp_path, package, "test", "simple_handoff", "--report", "tally=tally.txt")
    provider = scenario(tmp_path, package, "test", "simple_handoff", "--provider", "tally")

    assert_blamed(report, message, "report 'tally' of ")
    assert_blamed(provider, message, "provider 'tally' of ")
    assert report.stdout == provider.stdout == ""


def broken_package(folder: Path, text: str, attribute: str = "plugin") -> Path:
    """A folder into which a package with that module is installed."""
    packages = folder / "packages"
    (packages / "broken_dice-1.0.dist-info").mkdir(parents=True)
    (packages / "broken_dice-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: broken-dice\n")
    entry = f"[realtime_scenarios.plugins]\ndice = broken_dice:{attribute}\n"
    (packages / "broken_dice-1.0.dist-info" / "entry_points.txt").write_text(entry)
    (packages / "broken_dice.py").write_text(text)
    return packages


def assert_blamed(done: subprocess.CompletedProcess[str], message: str, what: str = "") -> None:
    """The command has ended with one line that says what is wrong with which package, and one with the way out."""
    assert done.returncode == 3, done.stdout + done.stderr
    told, hint = done.stderr.splitlines()
    assert told.startswith(f"error: {what}plug-in 'dice' of broken-dice") and message in told
    assert hint == "hint: mend or uninstall it" or "name a Plugin there" in hint
