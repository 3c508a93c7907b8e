"""`record` writes a dialogue that replays at once; a stale recording is told, and held anew on request."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime_scenarios import ScenarioError, Trace, UsageError, record
from realtime_scenarios.project import load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.suite.record import NOTHING_ON_RECORD
from realtime_scenarios.suite.refreshing import refreshed, stale_cases
from realtime_scenarios.trace import UserSaid
from support.command_line import run

SCENARIO = """\
scenario: shop
start: desk
agents:
  desk:
    instructions: Be brief.
    tools: [hours, refund]
tools:
  hours: {description: When we are open., examples: [When are you open?], returns: "We are open from nine to five."}
  refund:
    description: Give money back.
    requires: context.known
    approval: {fields: {pin: {label: PIN, secret: true, pattern: "[0-9]{4}"}}}
    returns: done
context:
  known: {type: boolean, default: false}
"""
CALL = {"type": "function_call", "call_id": "c1", "id": "i1", "name": "refund", "arguments": "{}"}
LOG = [
    {
        "type": "conversation.item.added",
        "item": {
            "id": "u1",
            "type": "message",
            "role": "user",
            "content": [{"type": "input_text", "text": "Refund me"}],
        },
    },
    {"type": "response.output_item.done", "item": CALL},
    {"type": "conversation.item.added", "item": {"type": "function_call_output", "call_id": "c1", "output": "done"}},
    {
        "type": "response.output_item.done",
        "item": {
            "id": "a1",
            "role": "assistant",
            "type": "message",
            "content": [{"type": "output_text", "text": "It is done."}],
        },
    },
]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.yaml").write_text(SCENARIO)
    return tmp_path


def log(folder: Path, events: list[dict[str, object]]) -> Path:
    path = folder / "events.jsonl"
    path.write_text("\n".join(map(json.dumps, events)))
    return path


def test_a_log_becomes_a_dialogue_with_what_nobody_sees_on_the_wire(shop: Path) -> None:
    done = record("shop.yaml", log(shop, LOG), "dialogues/refund", context={"known": True})
    text = done.path.read_text()
    assert done.result.passed and done.notes == ()
    assert "approve:" in text and "known: true" in text
    assert [(given.tool, given.field, given.fits) for given in done.stand_ins] == [("refund", "pin", True)]


def test_a_call_that_a_gate_stops_here_is_recorded_as_refused(shop: Path) -> None:
    done = record("shop.yaml", log(shop, LOG), "refund.yaml")
    assert done.result.passed and "outcome: refused" in done.path.read_text()


def test_a_move_that_the_scenario_does_not_allow_is_left_out_and_told(shop: Path) -> None:
    odd = {**CALL, "arguments": '{"amount": 5}', "id": "i0", "call_id": "c0", "name": "hours"}
    state = {**CALL, "id": "i2", "call_id": "c2", "name": "set_conversation_state", "arguments": '{"next_state": "x"}'}
    events = [
        LOG[0],
        {"type": "response.output_item.done", "item": odd},
        {"type": "response.output_item.done", "item": state},
    ]
    done = record("shop.yaml", log(shop, events), "odd.yaml")
    assert done.result.passed
    assert any("'x' is left out" in note for note in done.notes)
    assert "outcome: invalid" in done.path.read_text()
    assert NOTHING_ON_RECORD in done.path.read_text()


def test_an_agent_that_spoke_twice_on_end_takes_a_turn_of_its_own(shop: Path) -> None:
    more = {"type": "response.output_item.done", "item": {**LOG[3]["item"], "id": "a2"}}  # type: ignore[dict-item]
    done = record("shop.yaml", log(shop, [LOG[0], LOG[3], more]), "twice.yaml")
    assert done.result.passed and [turn.user for turn in done.result.dialogue.turns] == ["Refund me", None]


def test_a_trace_of_another_scenario_is_told(shop: Path) -> None:
    (shop / "t.jsonl").write_text('{"type": "UserSaid", "seq": 1, "turn": 1, "agent": "main", "text": "Hi"}\n')
    with pytest.raises(UsageError, match="of another scenario"):
        record("shop.yaml", "t.jsonl", "x.yaml")
    with pytest.raises(UsageError, match="there is no 'gone'"):
        record("shop.yaml", "gone", "x.yaml")
    (shop / "n.jsonl").write_text('{"type": "Nonsense"}\n')
    with pytest.raises(UsageError, match="line 1 is no trace event"):
        record("shop.yaml", "n.jsonl", "x.yaml")
    record("shop.yaml", Trace((UserSaid(1, 1, "desk", text="Hi"),), "desk"), "there.yaml")
    with pytest.raises(UsageError, match="exists already"):
        record("shop.yaml", "t.jsonl", "there.yaml")


def test_a_source_in_which_nothing_stands_is_named(shop: Path) -> None:
    (shop / "t.jsonl").touch()
    with pytest.raises(UsageError, match=r"'t\.jsonl' is empty"):
        record("shop.yaml", "t.jsonl", "x.yaml")
    (shop / "t.jsonl").write_text('{"type": "AgentSaid", "seq": 1, "turn": 1, "agent": "desk", "text": "Hi"}\n')
    with pytest.raises(ScenarioError, match=r"nobody says anything in 't\.jsonl'"):
        record("shop.yaml", "t.jsonl", "x.yaml")
    assert not (shop / "x.yaml").exists()


@pytest.mark.parametrize(
    "command",
    [
        ("record", "shop.yaml", "events.jsonl", "-o"),
        ("record", "shop.yaml", "-o"),
        ("run", "shop.yaml", "--save"),
    ],
)
def test_a_pipe_is_no_place_for_a_dialogue(shop: Path, command: tuple[str, ...]) -> None:
    log(shop, LOG)
    os.mkfifo(shop / "pipe")
    found = run(*command, "pipe")
    assert isinstance(found.exception, UsageError)
    assert found.exception.message == "'pipe' is a device or a pipe"
    assert found.output == ""
    assert {each.name for each in shop.iterdir()} == {"shop.yaml", "events.jsonl", "pipe"}


def test_a_stale_recording_is_told_agent_by_agent_and_held_anew_in_its_place(shop: Path) -> None:
    talked = [
        {
            "type": "conversation.item.added",
            "item": {
                "id": "u1",
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "When are you open?"}],
            },
        },
        {"type": "response.output_item.done", "item": {**CALL, "name": "hours"}},
        LOG[3],
    ]
    record("shop.yaml", log(shop, talked), "dialogues/open.yaml", provider="offline")
    file = shop / "dialogues" / "open.yaml"
    file.write_text(
        file.read_text()
        + "  expect:\n  - called: hours\n- id: other\n  turns:\n  - user: Hi\n    agent:\n    - say: Hi.\n"
    )
    (shop / "shop.yaml").write_text(SCENARIO.replace("Be brief.", "Be thorough.").replace("nine to five", "ten to six"))

    told = run("test", "shop.yaml", "--in-process", "--color", "never").output
    assert "stale: agent 'desk': instructions reads otherwise since it was recorded" in told
    assert "-Be brief." in told and "+Be thorough." in told
    assert "1 recording is stale" in told

    (anew,) = refreshed(cases_of([load(shop / "shop.yaml")]))
    assert anew.problem is None and anew.result is not None and anew.result.passed
    text = file.read_text()
    assert "ten to six" in text and "It is done." not in text
    assert "called: hours" in text and "- id: other" in text  # what the author wrote stays
    assert stale_cases(cases_of([load(shop / "shop.yaml")])) == []
    assert run("test", "shop.yaml", "--in-process").exit_code == 0
    assert run("record", "--refresh-stale", "shop.yaml").output == "no recording is stale\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "give a scenario"),
        (("shop.yaml", "x.jsonl"), "-o dialogues/first.yaml"),
        (("--refresh-stale", "-o", "x.yaml"), "exclude each other"),
        (("shop.yaml", "x.jsonl", "-o", "y.yaml", "--agent", "dsk"), "did you mean 'desk'?"),
    ],
)
def test_what_record_is_not_told_it_asks_for(shop: Path, arguments: tuple[str, ...], told: str) -> None:
    found = run("record", *arguments)
    assert found.exit_code
    assert told in found.output + str(getattr(found.exception, "hint", ""))
