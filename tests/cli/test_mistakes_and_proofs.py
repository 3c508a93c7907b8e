"""What `validate` and `lint` print: mistakes in every format, and what is proved."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from realtime_scenarios.core import UsageError
from support import PROGRAM
from support.command_line import BROKEN, SHOP, run, same_as_before


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_mistakes_are_reported_in_every_format(folder: Path, form: str) -> None:
    (folder / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    result = run("lint", "broken.yaml", "--format", form)
    assert result.exit_code == 1
    same_as_before(f"lint.{form}.out", result.output)
    assert form != "text" or max(map(len, result.output.splitlines())) <= 110


def test_sarif_has_what_readers_of_it_need(folder: Path) -> None:
    (folder / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    log = json.loads(run("validate", "broken.yaml", "--format", "sarif").output)
    results = log["runs"][0]["results"]
    assert log["version"] == "2.1.0" and len(results) == 4
    rules = {rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    for result in results:
        region = result["locations"][0]["physicalLocation"]["region"]
        assert result["ruleId"] in rules and region["startLine"] > 0 and region["startColumn"] > 0


def test_a_pipe_among_the_dialogues_is_told_and_not_waited_for(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    (folder / "dialogues").mkdir()
    os.mkfifo(folder / "dialogues" / "pipe.yaml")
    done = subprocess.run([*PROGRAM, "lint", "shop.yaml"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "SC002 not-a-file: 'dialogues/pipe.yaml' is no regular file" in done.stdout


def test_colour_is_there_only_when_it_is_wanted(folder: Path) -> None:
    (folder / "broken.yaml").write_text(BROKEN, encoding="utf-8")
    assert "\x1b[" not in run("lint", "broken.yaml").output
    assert "\x1b[31m" in run("lint", "broken.yaml", "--color", "always").output


TANGLED = """\
scenario: shop
start: main
context: {done: {type: boolean, default: false}}
agents:
  main: {instructions: x, voic: x, tools: [ask]}
tools:
  ask: {description: x, delay: soon}
dialogues:
  - {id: first, turns: [{user: Hi, agent: [{call: ask}], expect: [{agent: maim}, {called: aks}, {context: {don: true}}]}]}
  - {id: first, turns: [{usr: Hi}]}
"""


def test_mistakes_of_a_scenario_hide_none_in_its_dialogues(folder: Path) -> None:
    (folder / "shop.yaml").write_text(TANGLED, encoding="utf-8")
    found = json.loads(run("validate", "shop.yaml", "--format", "json").output)
    assert [(diagnostic["line"], diagnostic["code"]) for diagnostic in found] == [
        (5, "SC141"),
        (7, "SC145"),
        *[(9, "SC402")] * 3,
        (10, "SC401"),
        (10, "SC141"),
    ]


@pytest.mark.parametrize("missing", ["live: false, ", "reason: x, "])
def test_that_no_other_model_suits_takes_a_reason(folder: Path, missing: str) -> None:
    both = SHOP.replace("id: good, tags", "id: good, live: false, reason: x, tags")
    (folder / "shop.yaml").write_text(both.replace(missing, ""), encoding="utf-8")
    told = run("validate", "shop.yaml")
    assert told.exit_code == 1 and ("'reason'" in told.output or "'live'" in told.output)


GUARDED = """\
scenario: guarded
start: desk
context: {verified: {type: boolean, default: false}}
agents: {desk: {instructions: Use verify and refund and call_api., tools: [verify, refund, call_api]}}
tools:
  verify: {description: x, parameters: {code: string}, cases: [{when: args.code == "1", set: {verified: "true"}}, {returns: false}]}
  refund: {description: x, requires: context.verified, approval: always, query: DELETE FROM orders}
  call_api:
    description: x
    parameters: {function_name: string, parameters: object}
    catalogue: {functions: {Erase: {description: x, APPROVAL query: DELETE FROM orders}}}
data: {orders: {rows: [{id: 1}]}}
properties: [{before: verify -> refund}, {never: refund, when: not context.verified}]
"""


@pytest.mark.parametrize(("name", "approval", "code"), [("proved", "approval: always,", 0), ("refuted", "", 1)])
def test_what_is_proved_is_shown(folder: Path, name: str, approval: str, code: int) -> None:
    (folder / "guarded.yaml").write_text(GUARDED.replace("APPROVAL", approval), encoding="utf-8")
    result = run("lint", "--proofs", "guarded.yaml")
    assert result.exit_code == code
    same_as_before(f"proofs.{name}", result.output)


def test_nothing_is_proved_of_a_scenario_with_mistakes(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP.replace("start: desk", "start: nope"), encoding="utf-8")
    result = run("lint", "--proofs", "shop.yaml")
    assert result.exit_code == 1 and "agent 'nope' does not exist" in result.output
    assert "proved" not in result.output


def test_what_a_list_of_proofs_cannot_heed_is_refused(folder: Path) -> None:
    (folder / "shop.yaml").write_text(SHOP, encoding="utf-8")
    result = run("lint", "--proofs", "--format", "json", "shop.yaml")
    assert isinstance(result.exception, UsageError) and "--proofs goes with" in str(result.exception)
