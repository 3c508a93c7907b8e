"""`scenario generate`: what no dialogue meets is met by dialogues that pass as they are written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from realtime_scenarios.core import UsageError
from support import PROGRAM
from support.command_line import run

DESKS = """\
scenario: desks
start: front
context:
  checked: {type: boolean, default: false}
  name: {type: [string, "null"], default: null}
agents:
  front:
    name: Front
    instructions: x
    tools: [hours, check]
    handoffs:
      - {to: back, requires: context.checked, say_first: true, examples: [I want my money back]}
      - {to: cellar, requires: {when: context.name == "nobody", message: Nobody goes there.}}
  back:
    name: Back
    instructions: x
    tools: [refund, ask]
    handoffs: [front]
    states_mode: tracked
    states:
      - id: hello
        description: x
        collect: [name]
        transitions: [{to: pay, when: ok}, {to: over, when: bye, requires: context.checked}]
      - {id: pay, description: x, tools: [refund], transitions: [{to: hello, when: again}, {handoff: front, when: x}]}
      - {id: over, description: x, terminal: true}
  cellar: {name: Cellar, instructions: x}
tools:
  hours: {description: x, returns: nine to five}
  check:
    description: x
    parameters: {code: string}
    cases: [{when: args.code == "ok", returns: fine, set: {checked: "true"}}, {returns: no}]
  refund:
    description: x
    parameters: {amount: integer}
    approval: {when: args.amount > 100, timeout: 60s}
    filler: [One moment.]
    cases: [{when: args.amount > 500, raises: too much}, {returns: done}]
  ask: {description: x, parameters: {q: string}, supervisor: clerk}
  look: {description: x, approval: always, returns: found}
supervisors:
  clerk: {instructions: x, tools: [look], fallback: I do not know., read: verbatim}
"""


@pytest.fixture
def desks(folder: Path) -> Path:
    path = folder / "desks.yaml"
    path.write_text(DESKS, encoding="utf-8")
    return path


def uncovered(name: str = "met.json") -> set[str]:
    run("test", "--coverage-json", name)
    (written,) = json.loads(Path(name).read_text(encoding="utf-8"))["scenarios"]
    return {f"{item['name']}: {item['way']}" for item in written["items"] if not item["covered"]}


def test_all_that_can_be_met_is_met_and_what_cannot_is_told_with_the_reason(desks: Path) -> None:
    result = run("generate", "desks.yaml")
    assert result.exit_code == 1, result.output
    assert Path("dialogues/generated.yaml").exists()
    played = run("test", "--coverage")
    assert played.exit_code == 0, played.output
    cellar = "handoff front → cellar"
    assert uncovered() == {
        "agent cellar: ",
        f"{cellar}: ",
        f'gate of {cellar} (context.name == "nobody"): open',
        "gate of transition back/hello → over (context.checked): shut",
    }
    told = " ".join(result.output.split())
    assert f"{cellar}: refused whenever it was tried: Nobody goes there." in told
    assert "shut: it let pass all that was tried" in told
    assert all(len(line) <= 80 for line in result.output.splitlines() if line.startswith("  "))
    text = Path("dialogues/generated.yaml").read_text(encoding="utf-8")
    assert "user: I want my money back" in text, "callers say what the author gave as an example"
    assert "say: One moment." in text, "promises are kept"
    assert run("lint", "desks.yaml").exit_code == 0


def test_only_what_a_file_says_is_missing_is_written(desks: Path) -> None:
    run("generate", "desks.yaml")
    run("test", "--coverage-json", "met.json")
    written = json.loads(Path("met.json").read_text(encoding="utf-8"))
    for item in written["scenarios"][0]["items"]:
        item["covered"] = item["name"] != "handoff back → front"
    Path("met.json").write_text(json.dumps(written), encoding="utf-8")
    Path("dialogues/generated.yaml").unlink()
    result = run("generate", "desks.yaml", "--uncovered", "met.json", "-o", "dialogues/more.yaml")
    assert result.exit_code == 0, result.output
    assert "1 dialogue, for 1 thing" in result.output
    assert "handoff: front" in Path("dialogues/more.yaml").read_text(encoding="utf-8")


def test_what_a_file_says_of_another_condition_says_nothing_of_this_one(desks: Path) -> None:
    run("generate", "desks.yaml")
    run("test", "--coverage-json", "met.json")
    Path("dialogues/generated.yaml").unlink()
    desks.write_text(DESKS.replace('args.code == "ok"', 'args.code == "right"'), encoding="utf-8")
    result = run("generate", "desks.yaml", "--uncovered", "met.json", "-o", "dialogues/more.yaml")
    assert "1 dialogue, for 1 thing" in result.output
    assert 'title: Meets answer 1 of check (when args.code == "right")' in Path("dialogues/more.yaml").read_text(
        encoding="utf-8"
    )


def test_a_file_that_is_there_is_not_written_over(desks: Path) -> None:
    (desks.parent / "dialogues").mkdir()
    (desks.parent / "dialogues" / "generated.yaml").write_text("mine", encoding="utf-8")
    result = run("generate", "desks.yaml")
    assert isinstance(result.exception, UsageError) and "exists already" in str(result.exception)
    assert (desks.parent / "dialogues" / "generated.yaml").read_text(encoding="utf-8") == "mine"


def test_a_scenario_with_mistakes_is_told_before_anything_is_tried(desks: Path) -> None:
    desks.write_text(DESKS.replace("start: front", "start: frnt"), encoding="utf-8")
    result = run("generate", "desks.yaml")
    assert isinstance(result.exception, UsageError) and "has mistakes" in str(result.exception)


POLITE = """\
scenario: polite
start: desk
opening: {speaks: agent, say: Good morning.}
session: {guardrails: {apply: [manners]}}
agents:
  desk:
    instructions: x
    tools: [look]
    handoffs: [{to: back, description: x, say_first: true}]
    guardrails: [prices]
  back: {instructions: x, guardrails: [brand, secret, odd], tools: [ask]}
tools:
  look: {description: x, filler: [One moment.], returns: found}
  ask: {description: x, parameters: {q: string}, supervisor: clerk}
supervisors: {clerk: {instructions: x, fallback: I do not know., read: verbatim}}
guardrails:
  manners: {phrases: [you fool, go away]}
  prices: {pattern: '[0-9]+ dollars'}
  brand: {classify: {instructions: x, categories: {RUDE: Rude words.}}, say: Say sorry.}
  secret: {python: "checks:secret"}
  odd: {pattern: "a{900}b{900}c"}
"""


def test_guardrails_are_met_both_ways_and_promises_kept_as_far_as_words_are_known(folder: Path) -> None:
    (folder / "polite.yaml").write_text(POLITE, encoding="utf-8")
    (folder / "checks.py").write_text("def secret(text):\n    return None\n", encoding="utf-8")

    result = run("generate", "polite.yaml")

    assert result.exit_code == 1
    told = " ".join(result.output.split())
    assert "guardrail secret: tripped: what it stops is known to 'checks:secret' alone" in told
    assert "guardrail odd: tripped: no text was found that its pattern stops" in told
    assert uncovered() == {"guardrail secret: tripped", "guardrail odd: tripped"}
    text = Path("dialogues/generated.yaml").read_text(encoding="utf-8")
    assert "- say: You fool.\n" in text and "- guardrail: manners\n" in text
    assert run("test").exit_code == 0 and run("lint", "polite.yaml").exit_code == 0


STUCK = """\
scenario: stuck
start: front
agents:
  front: {instructions: x, tools: [hours], handoffs: [back]}
  back: {instructions: x, tools: [wait]}
tools:
  hours: {description: x, returns: nine to five}
  wait: {description: x, python: "waiting:wait"}
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_is_found_by_then_is_written_when_somebody_interrupts(folder: Path, number: signal.Signals) -> None:
    os.mkfifo("begun")
    begun = Path("begun").absolute()
    code = f"import threading\n\ndef wait():\n    open({str(begun)!r}, 'w').close()\n    threading.Event().wait()\n"
    Path("waiting.py").write_text(code, encoding="utf-8")
    Path("stuck.yaml").write_text(STUCK, encoding="utf-8")
    with subprocess.Popen([*PROGRAM, "generate", "stuck.yaml", "--trust"], stdout=-1, stderr=-1, text=True) as process:
        begun.read_bytes()
        process.send_signal(number)
        told, problems = process.communicate(timeout=120)

    assert process.returncode == 130
    assert "generated.yaml: 2 dialogues, for 4 things" in told and problems.startswith("interrupted after ")
    assert run("test").exit_code == 0
