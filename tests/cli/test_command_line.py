"""The command line: its help, its exit codes, what it imports, and the files that it writes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from realtime_scenarios.cli.files import SCHEMAS
from realtime_scenarios.cli.main import COMMANDS, main
from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.document.schema import SchemaName
from support.command_line import BROKEN, SHOP, run, same_as_before


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_help_fits_in_80_columns(folder: Path, command: str | None) -> None:
    result = run(*([command] if command else []), "--help")
    assert result.exit_code == 0
    assert max(map(len, result.output.splitlines())) <= 80
    same_as_before(f"help.{command or 'scenario'}.out", result.output)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["validate", "airline"], 0, "nothing wrong in 4 files"),
        (["lint", "--explain", "SC203"], 0, "Instead: "),
        (["lint", "--explain", "SC2033"], 2, "did you mean 'SC203'?"),
        (["tset"], 2, "did you mean 'test'?"),
        (["run", "airlin"], 2, "did you mean 'airline'?"),
        (["run", "airline", "--provider", "scripted"], 2, "only replays dialogues"),
        (["run", "airline", "--agent", "mian"], 2, "did you mean 'main'?"),
        (["test", "airline::carry-on-sise"], 2, "did you mean 'carry-on-size'?"),
        (["test", "airline", "-n", "many"], 2, "neither a positive number nor 'auto'"),
        (["graph", "airline", "--agent", "main"], 2, "has no states"),
        (["new", "My Shop"], 2, "try 'my-shop'"),
        (["serve", "--host", "0.0.0.0"], 2, "not this machine's own address"),
        (["run", "airline", "--provider", "openai"], 3, "OPENAI_API_KEY is not set"),
        (["test", "airline::carry-on-size", "--provider", "url", "--url", "ws://127.0.0.1:9"], 3, "nothing listens"),
        (["validate"], 2, "no scenarios found here"),
    ],
)
def test_the_exit_code_says_whose_mistake_it_was(
    folder: Path,
    arguments: list[str],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "AZURE_")):
            monkeypatch.delenv(name)
    with pytest.raises(SystemExit) as left:
        main(arguments)
    printed = capsys.readouterr()
    assert (left.value.code or 0) == code
    assert said in printed.out + printed.err
    assert "Traceback" not in printed.out + printed.err


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--help"], ["agents", "openai", "pydantic", "yaml", "jinja2", "asyncio"]),
        (
            ["validate", "airline"],
            ["agents", "openai", "pydantic", "jsonschema", "jinja2", "asyncio", "rich"],
        ),
        (["lint", "airline"], ["agents", "openai", "pydantic"]),
        (["graph", "airline"], ["agents", "openai", "pydantic"]),
        (["schema"], ["agents", "openai", "pydantic"]),
        (["new", "shop"], ["agents", "openai", "pydantic"]),
    ],
)
def test_what_needs_no_sdk_does_not_import_it(folder: Path, arguments: list[str], unwanted: list[str]) -> None:
    code = (
        "import sys\nfrom realtime_scenarios.cli.main import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit as left:\n    assert not left.code, left.code\n"
        f"print('loaded:', [name for name in {unwanted!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=True)
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_a_conversation_begins_and_ends_without_looking_through_the_sdk_for_garbage(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    code = (
        "import atexit, gc, sys\nfrom realtime_scenarios.cli.main import main\nsys.argv[1:] = ['run', 'shop.yaml']\n"
        "atexit.register(lambda: print('full:', gc.get_stats()[2]['collections'], 'left out:', gc.get_freeze_count()))\n"
        "main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input="/quit", capture_output=True, text=True, cwd=folder, check=True
    )
    _, full, _, _, left_out = done.stdout.splitlines()[-1].split()
    assert int(full) <= 1 and int(left_out) > 100_000


@pytest.mark.parametrize("is_on", [True, False])
def test_a_program_that_looks_for_garbage_itself_goes_on_as_before(is_on: bool) -> None:
    code = (
        f"import gc\nfrom realtime_scenarios.cli.main import main\ngc.{'enable' if is_on else 'disable'}()\n"
        "try:\n    main(['lint', '--list'])\nfinally:\n    print('looks:', gc.isenabled())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == f"looks: {is_on}"


def test_a_pipe_that_is_closed_early_is_no_error(folder: Path) -> None:
    command = f"{sys.executable} -c 'from realtime_scenarios.cli.main import main; main()' lint --list | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=folder)
    assert done.stdout.startswith("SC001") and not done.stderr


def test_what_is_meant_where_nothing_is_named_may_stand_in_pyproject(folder: Path) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "shop.yaml").write_text(SHOP, encoding="utf-8")
    (folder / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    assert run("validate").exit_code == 1
    (folder / "pyproject.toml").write_text("[tool.scenario]\npaths = ['mine']\n", encoding="utf-8")
    assert run("validate").exit_code == 0
    assert run("test", "--list").output == "mine/shop.yaml::good  [smoke]\nmine/shop.yaml::bad\n"
    for text in ("[tool.scenario]\npaths = 3\n", "[tool"):
        (folder / "pyproject.toml").write_text(text, encoding="utf-8")
        assert isinstance(run("validate").exception, UsageError)


def test_a_new_scenario_passes_at_once(folder: Path) -> None:
    assert run("new", "shop").exit_code == 0
    assert run("lint", "--strict").exit_code == 0
    assert run("test").exit_code == 0
    assert run("test", "--provider", "offline").exit_code == 0
    first = (folder / "shop" / "shop.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert (folder / "shop" / first.partition("$schema=")[2]).is_file()
    assert run("new", "shop").exception is not None


def test_a_name_that_no_file_can_have_is_refused_in_words(folder: Path) -> None:
    (folder / "brief.yaml").write_text("role: Receptionist\n", encoding="utf-8")
    result = run("prompt", "generate", "brief.yaml", "-o", f"{'x' * 300}.yaml")
    assert isinstance(result.exception, ScenarioError) and "cannot be written" in str(result.exception)


def test_a_picture_of_no_known_kind_is_refused(folder: Path) -> None:
    drawn = run("graph", "airline", "-o", "graph.png")
    assert isinstance(drawn.exception, UsageError) and ".svg" in (drawn.exception.hint or "")
    assert not (folder / "graph.png").exists()


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_is_printed_and_written_as_it_is(folder: Path, kind: str) -> None:
    printed = run("schema", kind).output
    assert json.loads(printed)["$schema"].endswith("2020-12/schema")
    assert run("schema", "--write", "schemas").exit_code == 0
    assert (folder / "schemas" / f"{kind}.schema.json").read_text(encoding="utf-8") == printed
    named = set(re.findall(r'"([a-z]+\.schema\.json)#', printed))
    assert all((folder / "schemas" / name).is_file() for name in named)


def test_every_kind_of_file_with_a_schema_has_it_printed() -> None:
    assert get_args(SchemaName) == SCHEMAS


@pytest.mark.parametrize("number", ["nan", "inf", "0", "-1", "soon"])
@pytest.mark.parametrize(
    "option", ["run --max-minutes", "run --max-cost", "test --wall-timeout", "serve --session-limit"]
)
def test_what_bounds_is_a_number_above_zero(option: str, number: str) -> None:
    command, name = option.split()

    result = run(command, "airline", name, number)

    assert result.exit_code == 2
    assert f"Invalid value for '{name}': " in result.output


@pytest.mark.parametrize(
    ("command", "first", "second"),
    [
        ("run", "--save", "--trace"),
        ("run", "--trace", "--record"),
        ("run", "--record", "--log-events"),
        ("run --in q.wav --pace fast", "--out", "--wav"),
        ("test", "--junit", "--log-events"),
        ("serve", "--verdicts", "--log-events"),
    ],
)
def test_no_file_is_two_things(folder: Path, command: str, first: str, second: str) -> None:
    result = run(*command.split(), "airline", first, "one", second, "../" + folder.name + "/one")

    assert result.exit_code == 2
    assert f"Error: {first} and {second} name the same file" in " ".join(result.output.split())
    assert not list(folder.iterdir())


@pytest.mark.parametrize("where", ["folder", "file/inside"])
@pytest.mark.parametrize(
    "command",
    [
        "run airline --trace WHERE.jsonl",
        "run airline --save WHERE.yaml",
        "run airline --record WHERE.jsonl",
        "run airline --log-events WHERE.jsonl",
        "record airline -o WHERE.yaml",
        "test airline --junit WHERE.xml",
        "test airline --html WHERE.html",
        "test airline --report markdown=WHERE.md",
        "test airline --coverage-json WHERE.json",
        "test airline --coverage-html WHERE.html",
        "test airline --log-events WHERE.jsonl",
        "test airline --refresh-stale --log-events WHERE.jsonl",
        "generate airline -o WHERE.yaml",
        "generate airline --force -o WHERE.yaml",
        "prompt generate brief.yaml --force --as text -o WHERE.txt",
    ],
)
def test_a_file_that_cannot_be_written_is_told_before_anything_is_said_or_played(
    folder: Path, command: str, where: str
) -> None:
    (folder / "brief.yaml").write_text("role: Receptionist\n", encoding="utf-8")
    (folder / "file").write_text("mine", encoding="utf-8")
    words = [word.replace("WHERE", where) for word in command.split()]
    named = words[-1].rpartition("=")[2]
    if where == "folder":
        (folder / named).mkdir()

    result = run(*words)

    told = f"{result.exception} {result.output}"
    assert result.exit_code != 0
    assert re.search("cannot be written|is a directory|exists already", told), told
    assert not re.search("passed|recording is|wrote|provider  offline", result.output), result.output


def test_a_folder_of_traces_in_which_nothing_can_be_written_is_told_before_anything_is_played(folder: Path) -> None:
    (folder / "file").write_text("mine", encoding="utf-8")
    result = run("test", "airline", "--trace", "file/traces")
    assert "cannot be written: Not a directory" in str(result.exception)
    assert "passed" not in result.output


def test_a_file_at_the_end_of_a_list_of_dialogues_is_not_asked_for(folder: Path) -> None:
    (folder / "file").write_text("mine", encoding="utf-8")
    assert run("test", "airline", "--list", "--junit", "file/report.xml").exit_code == 0
