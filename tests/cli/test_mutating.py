"""`scenario mutate`: what is told of changes that nothing notices, and with which exit code."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from support import PROGRAM, Written
from support.command_line import git, run

HOURS = """\
    scenario: hours
    start: desk
    agents: {desk: {instructions: Tell the hours., tools: [hours]}}
    tools:
      hours:
        description: When we are open.
        parameters: {day: [monday, sunday]}
        cases:
          - {when: 'args.day == "sunday"', returns: closed}
          - {returns: nine to five}
    dialogues:
      - {id: monday, turns: [{user: Monday?, agent: [{call: hours, args: {day: monday}, returns: nine}, {say: Nine.}]}]}
"""
BOTH = HOURS + (
    "      - {id: sunday, turns: "
    "[{user: Sunday?, agent: [{call: hours, args: {day: sunday}, returns: closed}, {say: Closed.}]}]}\n"
)
SAFE = """\
    scenario: safe
    start: desk
    agents:
      desk:
        instructions: Use check, then give.
        tools: [check, give]
        handoffs: [{to: back, description: Who works there., set: {pin: '"6052" + "71"'}}]
      back: {instructions: Work.}
    context:
      pin: {type: string, default: "471 193", secret: true, enum: ["471 193", "8342", "605271", "9931", "5507"]}
      keys: {type: string, secret: true, default: "first line\\nsecond line"}
      armed: {type: boolean, secret: true, default: true}
      level: {type: integer, secret: true, default: 37}
      block:
        type: string
        secret: true
        default: |
          upper block
          lower block
    data:
      people:
        rows:
          - {name: Ada, pin: "9931"}
          - {name: Bo, pin: "5507"}
      others: {rows: {file: others.csv}}
    guardrails:
      manners: {phrases: [you fool, "471 193"]}
    tools:
      check:
        description: Check a code.
        parameters: {code: {type: string, enum: ["471 193", "8342", "no"], description: The code.}}
        cases:
          - {when: 'args.code == "8342" and context.armed', returns: well, set: {pin: args.code}}
          - {when: 'args.code == "471 193"', returns: "It is 471 193, which is the very long code that is asked for."}
          - {returns: unknown}
      give:
        description: Give it.
        query: {sql: "SELECT name, pin FROM people WHERE pin <> '471 193' AND pin <> '8342'", result: row}
        returns: "{{ row.name }}"
        set: {pin: row.pin}
    dialogues:
      - {id: checks, turns: [{user: "8342", agent: [{call: check, args: {code: "8342"}}, {say: Well.}]}]}
"""
TELLING = (
    "choice-dropped",
    "condition-part-dropped",
    "default-changed",
    "phrase-dropped",
    "result-changed",
    "row-dropped",
    "secret-dropped",
    "set-dropped",
    "sql-constant-changed",
    "variable-form-dropped",
)


@pytest.fixture
def hours(folder: Path, written: Written) -> Path:
    return written(HOURS, "hours.yaml")


def told(*arguments: str) -> Any:
    return json.loads(run("mutate", "hours.yaml", "--format", "json", *arguments).stdout)


def test_what_survives_is_told_with_its_line_and_with_what_would_notice_it(hours: Path) -> None:
    result = run("mutate", "hours.yaml", "--kind", "result-changed")

    assert result.exit_code == 0
    assert result.stdout == (
        "hours.yaml:9:49: survived result-changed: 'hours' answers something else than 'closed'\n"
        "    9 |       - {when: 'args.day == \"sunday\"', returns: closed}\n"
        "      |                                                 ^^^^^^\n"
        "would be noticed by: one in which 'hours' gives this answer, with `returns`\n"
        "  the one dialogue that comes here does not\n"
        "\n"
        "hours.yaml: 1 of 2 changes are noticed (50.0 %): 0 by lint, 1 by dialogues, 1 survived\n"
    )


def test_what_is_told_holds_no_secret_that_the_files_or_the_dialogues_hold(folder: Path, written: Written) -> None:
    written(SAFE, "safe.yaml")
    written("name,pin\nCy,9931\nDi,5507\n", "others.csv")
    shown = [
        run("mutate", "safe.yaml", *(f"--kind={kind}" for kind in TELLING)),
        run("mutate", "safe.yaml", "--kind=default-changed", "--kind=row-dropped", "--format=json"),
    ]

    secrets = ("471", "193", "8342", "6052", "9931", "5507", "37", "first line", "second line", "upper", "lower")
    for result in shown:
        assert result.exit_code == 0
        assert [secret for secret in secrets if secret in result.stdout] == []
        assert "'armed' is not true" not in result.stdout and "'others' lacks the row of name Cy" in result.stdout
    lines = [line for line in shown[0].stdout.splitlines() if " | " in line]
    assert "   12 |   armed: {type: boolean, secret: true, default: ****}" in lines
    assert '   27 |   manners: {phrases: [you fool, "*******"]}' in lines


def test_too_little_is_an_exit_code_and_enough_is_none(hours: Path, written: Written) -> None:
    asked = ("mutate", "hours.yaml", "--kind", "result-changed", "--fail-under", "90")
    assert run(*asked).exit_code == 1

    written(BOTH, "hours.yaml")

    assert run(*asked).exit_code == 0


def test_json_says_of_each_mutant_what_became_of_it(hours: Path) -> None:
    (scenario,) = told()["scenarios"]

    assert scenario["mutants"] == scenario["tried"] == len(scenario["outcomes"])
    assert scenario["counted"] == scenario["lint"] + scenario["dialogue"] + scenario["survived"]
    fates = {(each["kind"], each["line"]): (each["fate"], each["by"]) for each in scenario["outcomes"]}
    assert fates["result-changed", 9] == ("survived", None)
    assert fates["result-changed", 10] == ("dialogue", "hours.yaml::monday")
    assert fates["tool-taken", 3][0] == "lint"


def test_in_the_time_that_there_is_a_sample_is_tried_that_the_seed_decides(hours: Path) -> None:
    def order(seed: str) -> Sequence[str]:
        (scenario,) = told("--for", "1000", "--seed", seed)["scenarios"]
        return [each["changed"] for each in scenario["outcomes"]]

    assert order("1") == order("1") != order("2")


def test_where_there_was_no_time_at_all_nothing_is_known(hours: Path) -> None:
    result = run("mutate", "hours.yaml", "--for", "0.000001")

    assert result.exit_code == 1
    assert "0 of 0 changes are noticed: 0 by lint, 0 by dialogues, 0 survived, 0 of" in result.stdout
    assert "nothing was tried" in result.stderr


def test_only_changed_lines_are_tried(hours: Path, folder: Path, written: Written) -> None:
    git("init")
    git("add", ".")
    git("commit", "--message", "Write the hours down")
    nothing = run("mutate", "--changed")
    assert nothing.exit_code == 1
    assert "and the dialogues of then are there as they were" in str(nothing.exception or nothing.stderr)

    written(HOURS.replace("closed", "never"), "hours.yaml")
    lines = {each["line"] for each in told("--changed=HEAD")["scenarios"][0]["outcomes"]}
    behind = json.loads(run("mutate", "--format", "json", "--changed", "hours.yaml").stdout)  # no revision: a path

    assert lines == {9}
    assert {each["line"] for each in behind["scenarios"][0]["outcomes"]} == {9}

    written(HOURS, "new.yaml")
    new = json.loads(run("mutate", "new.yaml", "--format", "json", "--changed").stdout)
    assert {each["line"] for each in new["scenarios"][0]["outcomes"]} == {3, 7, 9, 10}


def test_a_dialogue_that_is_not_as_it_was_has_every_change_tried(hours: Path, written: Written) -> None:
    git("init")
    git("add", ".")
    git("commit", "--message", "Write the hours down")
    written(HOURS.replace("returns: nine}", "returns: ten}"), "hours.yaml")
    git("commit", "--all", "--message", "Open at ten")
    written(HOURS.replace(", returns: nine", ""), "hours.yaml")

    result = run("mutate", "--changed", "hours.yaml")

    assert result.stdout.startswith("hours.yaml: every change is tried: not as in HEAD: 'monday'\n")
    assert len(told("--changed=HEAD")["scenarios"][0]["outcomes"]) == len(told()["scenarios"][0]["outcomes"])


def test_a_dialogue_that_is_gone_has_every_change_tried_and_a_new_one_none(hours: Path, written: Written) -> None:
    written(BOTH, "hours.yaml")
    git("init")
    git("add", ".")
    git("commit", "--message", "Write the hours down")
    written(HOURS, "hours.yaml")
    gone = run("mutate", "--changed", "hours.yaml")
    git("commit", "--all", "--message", "Ask about Monday alone")
    written(BOTH, "hours.yaml")
    new = run("mutate", "--changed", "hours.yaml")

    assert gone.stdout.startswith("hours.yaml: every change is tried: not as in HEAD: 'sunday'\n")
    assert "every change is tried" not in new.stdout


def test_without_a_repository_there_is_nothing_to_compare_with(hours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(hours.parent.parent))
    result = run("mutate", "hours.yaml", "--changed")

    assert result.exit_code != 0 and "is in no git repository" in str(result.exception or result.stderr)


def test_a_dialogue_that_fails_as_it_is_notices_nothing(hours: Path, written: Written) -> None:
    written(HOURS.replace("returns: nine}", "returns: ten}"), "hours.yaml")
    result = run("mutate", "hours.yaml")

    assert result.exit_code == 1
    assert result.stdout == "failed hours.yaml::monday\n"
    assert "nothing was changed" in result.stderr


def test_a_scenario_with_mistakes_is_told_of_and_not_changed(hours: Path, written: Written) -> None:
    written(HOURS.replace("tools: [hours]", "tools: [huors]"), "hours.yaml")
    result = run("mutate", "hours.yaml")

    assert result.exit_code == 1
    assert "did you mean 'hours'?" in result.output and "nothing was changed" in result.stderr


def test_the_kinds_are_listed_and_an_unknown_one_is_told_the_nearest() -> None:
    listing = run("mutate", "--list").stdout
    assert "row-dropped                     A table lacks one of its rows.\n" in listing

    said = subprocess.run([*PROGRAM, "mutate", "--kind", "row-droped"], capture_output=True, text=True)

    assert said.returncode == 2
    assert said.stderr == "error: unknown kind of change 'row-droped'\nhint: did you mean 'row-dropped'?\n"


def test_what_is_known_is_told_when_somebody_interrupts(hours: Path) -> None:
    slow = [*PROGRAM, "mutate", "hours.yaml", "--color", "never"]
    with subprocess.Popen(slow, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        code = process.wait()

    assert "survived" in first and code == 130
    assert "changes are noticed" in rest.splitlines()[-1] and "changes tried" in rest.splitlines()[-1]


def test_the_command_plays_without_importing_the_sdk(hours: Path) -> None:
    program = (
        "import sys\nfrom realtime_scenarios.cli.main import main\n"
        "try: main(['mutate', 'hours.yaml', '--kind', 'result-changed'])\n"
        "finally: print([name for name in ('agents', 'openai', 'pydantic') if name in sys.modules])\n"
    )
    said = subprocess.run([PROGRAM[0], "-c", program], capture_output=True, text=True, check=False)

    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines()[-1] == "[]"
