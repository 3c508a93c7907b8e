"""`scenario test --callers`: a conversation that fails is told as the shortest written dialogue that still does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from realtime_scenarios.compiler import compiled
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from support import Written
from support.command_line import run
from support.dialogues import played
from support.parcels import PARCELS

GATED = PARCELS.replace(
    "    parameters: {}\n    approval", "    parameters: {}\n    requires: context.number is not none\n    approval"
)
TALKATIVE = """
  - id: talkative
    caller:
      opens: [Hello, Hi]
      facts: [{asked: number, says: A-17}]
      wants:
        - says: Where is my parcel?
          until: Lyon
        - says: How are you?
        - says: I want my money back
          until: on its way
        - says: Where is my parcel?
      approvals: {refund: {approve: {pin: "4711"}}}
    expect: [{called: track}, {never_said: on its way}, {nowhere: "4711"}]
"""


def outcome_of(path: Path, *options: str) -> tuple[int, str]:
    result = run("test", str(path), "--provider", "offline", "--in-process", *options)
    return result.exit_code, result.output


def pasted(output: str) -> dict[str, Any]:
    """The dialogue that was printed, as data."""
    lines = output.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("- id: "))
    end = next(at for at, line in enumerate(lines) if at > start and not line.strip())
    (dialogue,) = yaml.safe_load("\n".join(lines[start:end]))
    assert isinstance(dialogue, dict)
    return dialogue


def failures_of(text: str, dialogue: dict[str, Any], written: Written) -> list[str]:
    """What fails where it is played as a script."""
    path = written(text.replace("dialogues:\n", "dialogues:\n  - " + str(dialogue) + "\n"), "pasted.yaml")
    project = load(path)
    assert not project.errors, project.errors
    result = played(compiled(project.scenario), project.dialogues[0], PROVIDERS["scripted"], ProviderRequest())
    return [verdict.message for verdict in result.failures]


def test_only_the_turns_are_left_without_which_it_does_not_fail(written: Written) -> None:
    code, output = outcome_of(written(GATED + TALKATIVE), "--callers", "2")
    dialogue = pasted(output)
    assert code == 1
    assert [turn["user"] for turn in dialogue["turns"]] == ["Where is my parcel?", "A-17", "I want my money back"]
    assert dialogue["expect"] == [{"never_said": "on its way"}]
    assert "(2 of 2 seeds fail)" in output and "2 conversations with callers: 1 dialogue fails by a seed" in output
    assert failures_of(GATED, dialogue, written) == ["the agent said what it must not: 'The money is on its way.'"]


def test_where_less_is_needed_less_is_left(written: Written) -> None:
    _, output = outcome_of(written(PARCELS + TALKATIVE), "--callers", "1")
    assert [turn["user"] for turn in pasted(output)["turns"]] == ["I want my money back"]


def test_a_single_turn_is_told_as_one(written: Written) -> None:
    caller = "  - {id: asks, caller: {facts: [], wants: [{says: Hello there}]}, expect: [{said: elephants}]}\n"
    _, output = outcome_of(written(f"{PARCELS}{caller}"), "--callers", "1")
    assert "as a written dialogue (1 turn)" in output and "it fails with --caller-seed 0\n" in output
    assert "1 conversation with callers: 1 dialogue fails by a seed" in output


def test_what_is_secret_has_a_stand_in(written: Written) -> None:
    text = PARCELS + TALKATIVE.replace("{called: track}, {never_said: on its way}", "{not_called: refund}")
    _, output = outcome_of(written(text), "--callers", "1")
    call = pasted(output)["turns"][-1]["agent"][0]
    assert call == {"call": "refund", "approval": {"approve": {"pin": "not-the-real-one"}}}
    assert "4711" not in output


def test_a_thing_that_did_not_happen_is_looked_for_behind_what_led_there(written: Written) -> None:
    """Or one turn would do: in it, nothing has happened either."""
    text = GATED + TALKATIVE.replace("until: Lyon", "until: Paris").replace("[{called: track}, ", "[{called: refund}, ")
    _, output = outcome_of(written(text.replace(", {never_said: on its way}", "")), "--callers", "1")
    dialogue = pasted(output)
    assert dialogue["expect"] == [{"called": "refund"}]
    assert "Where is my parcel?" in [turn["user"] for turn in dialogue["turns"]]
    assert "Lyon" in str(dialogue["turns"][-1]["agent"])


def test_a_caller_who_gave_up_is_told_as_what_the_agent_should_have_said(written: Written) -> None:
    text = PARCELS + TALKATIVE.replace("until: on its way", "until: never").replace(", {never_said: on its way}", "")
    _, output = outcome_of(written(text), "--callers", "1")
    dialogue = pasted(output)
    assert dialogue["expect"] == [{"said": "never"}]
    assert {turn["user"] for turn in dialogue["turns"]} == {"I want my money back"}  # neither hello nor the parcel
    assert failures_of(PARCELS, dialogue, written)


def test_a_caller_who_always_gets_through_passes_by_all_seeds(written: Written) -> None:
    text = PARCELS + TALKATIVE.replace(", {never_said: on its way}", "")
    code, output = outcome_of(written(text), "--callers", "3")
    assert code == 0
    assert "1 passed" in output and "3 conversations with callers: 0 dialogues fail by a seed" in output


def test_a_seed_that_fails_can_be_played_again(written: Written) -> None:
    text = PARCELS + TALKATIVE.replace("{never_said: on its way}", "{not_called: {tool: track, args: {number: B-4}}}")
    path = written(text.replace("says: A-17", "says: [A-17, B-4]"))
    _, output = outcome_of(path, "--callers", "8")
    assert "of 8 seeds fail)" in output and "8 of 8" not in output
    seed = output.partition("--caller-seed ")[2].split()[0]
    assert outcome_of(path, "--caller-seed", seed)[0] == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--callers", "2"], "--callers needs a model that answers by itself"),
        (["--callers", "2", "--provider", "offline", "--explore", "2"], "--callers and --explore exclude each other"),
        (["--callers", "2", "--provider", "offline", "--watch"], "--watch and --callers exclude each other"),
    ],
)
def test_callers_by_seeds_go_with_models_that_answer_by_themselves(
    written: Written, options: list[str], told: str
) -> None:
    result = run("test", str(written(PARCELS + TALKATIVE)), "--in-process", *options)
    assert result.exit_code == 2 and told in result.output


def test_what_became_a_secret_when_it_was_told_is_in_nothing_that_is_printed(written: Written) -> None:
    text = GATED.replace("default: null}", "default: null, secret: true}") + TALKATIVE
    _, output = outcome_of(written(text), "--callers", "1")
    assert [turn["user"] for turn in pasted(output)["turns"]] == [
        "Where is my parcel?",
        "not-the-real-one",
        "I want my money back",
    ]
    assert "A-17" not in output


def test_what_fails_by_no_expectation_is_looked_for_as_well_and_told_where_the_script_hides_it(
    written: Written,
) -> None:
    """The decision that nobody gave is a no in what was recorded."""
    text = TALKATIVE.replace('      approvals: {refund: {approve: {pin: "4711"}}}\n', "")
    code, output = outcome_of(written(PARCELS + text), "--callers", "1")
    assert code == 1 and "'refund', but the dialogue gives no decision" in output
    assert [turn["user"] for turn in pasted(output)["turns"]] == ["I want my money back"]
    assert "# with the scripted provider it does not fail, so play it with the model that it failed with" in output
