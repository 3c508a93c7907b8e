"""Callers without a script in a conversation: they come to an end, and what is expected of it is held against it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import ProviderError
from realtime_scenarios.lint import findings
from realtime_scenarios.project import Project, load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.session import play
from realtime_scenarios.standin import OfflineResponder
from realtime_scenarios.trace import ApprovalDecided, UserSaid, to_json_lines
from realtime_scenarios.verdicts import DialogueResult, judged, unplayed
from support import Written, recording_server, text_api
from support.command_line import run
from support.dialogues import played
from support.parcels import PARCELS

LOST = """
  - id: lost
    caller:
      opens: [Where is my parcel?, Where is my parcel now?]
      facts: [{asked: number, says: [A-17, It is A-17]}]
      wants: [{says: Is it in Lyon?, until: Lyon}]
      limits: {turns: 6}
    expect: [{called: {tool: track, args: {number: A-17}}}, {context: {number: A-17}}]
"""


def said(result: DialogueResult) -> list[str]:
    return [event.text for event in result.trace if isinstance(event, UserSaid)]


def told(result: DialogueResult) -> list[str]:
    return [verdict.message for verdict in result.failures]


def result_of(path: Path, *, seed: int = 0) -> DialogueResult:
    project = load(path)
    assert findings(project, warnings=False) == []
    request = ProviderRequest(caller_seed=seed)
    return played(compiled(project.scenario), project.dialogues[0], PROVIDERS["offline"], request)


def test_callers_of_the_airline_get_what_they_want_or_do_not(airline: Project) -> None:
    scenario = compiled(airline.scenario)
    traveller, insistent = (
        played(scenario, dialogue, PROVIDERS["offline"], ProviderRequest()) for dialogue in airline.dialogues
    )
    assert traveller.passed, told(traveller)
    assert "check in online" in said(traveller)[-1]
    assert insistent.passed, told(insistent)
    assert len(said(insistent)) == 4  # the question, and three times the upgrade


def test_a_caller_who_knows_what_is_asked_gets_through(written: Written) -> None:
    result = result_of(written(PARCELS + LOST))
    assert result.passed, told(result)
    assert said(result)[1] in ("A-17", "It is A-17")


def test_a_caller_who_knows_another_number_fails_what_is_expected(written: Written) -> None:
    result = result_of(written(PARCELS + LOST.replace("[A-17, It is A-17]", "B-4")))
    assert result.status == "failed"
    assert any("B-4" in message for message in told(result))


def test_a_caller_who_does_not_get_on_gives_up_and_the_dialogue_fails_at_what_is_left(written: Written) -> None:
    result = result_of(written(PARCELS + LOST.replace("until: Lyon", "until: Paris")))
    assert "the caller gives up after 6 turns: this is not settled, the agent has not said 'Paris'" in told(result)
    (verdict,) = (verdict for verdict in result.failures if "gives up" in verdict.message)
    assert verdict.place.pointer[-2:] == ("wants", 0)


def test_a_caller_whose_turns_are_over_has_failed(written: Written) -> None:
    text = LOST.replace("until: Lyon", "until: Paris").replace("turns: 6", "turns: 3")
    assert "the caller has taken all of their 3 turns" in told(result_of(written(PARCELS + text)))[-1]


def test_one_who_is_to_give_up_and_gets_what_they_want_has_failed(written: Written) -> None:
    result = result_of(written(PARCELS + LOST.replace("limits: {turns: 6}", "ends: gives_up")))
    assert [message for message in told(result) if "should have given up" in message]


def test_the_same_seed_gives_the_same_conversation_byte_for_byte(written: Written) -> None:
    path = written(PARCELS + LOST)
    traces = [to_json_lines(result_of(path, seed=seed).trace) for seed in (3, 3)]
    assert traces[0] == traces[1]
    assert len({tuple(said(result_of(path, seed=seed))) for seed in range(6)}) > 1


def test_nothing_of_what_stands_behind_the_tools_changes_what_a_caller_says(written: Written) -> None:
    other = PARCELS.replace("set: {number: args.number}", "set: {number: args.number | lower}")
    assert said(result_of(written(PARCELS + LOST))) == said(result_of(written(other + LOST, "other.yaml")))


MONEY = """
  - id: money
    caller:
      opens: I want my money back
      wants: [{says: So where is it?, until: on its way}]
      approvals: {refund: {approve: {pin: "4711"}}}
    expect: [{called: refund}, {nowhere: "4711"}]
"""


def test_what_they_type_into_secret_fields_is_shown_nowhere(written: Written) -> None:
    result = result_of(written(PARCELS + MONEY))
    assert result.passed, told(result)
    assert any(isinstance(event, ApprovalDecided) and event.decision == "approved" for event in result.trace)
    assert "4711" not in to_json_lines(result.trace)


def test_a_decision_that_is_asked_for_and_not_given_fails(written: Written) -> None:
    text = MONEY.replace('      approvals: {refund: {approve: {pin: "4711"}}}\n', "")
    assert any(
        "'refund', but the dialogue gives no decision" in each for each in told(result_of(written(PARCELS + text)))
    )


def test_written_turns_come_first_and_the_caller_goes_on(written: Written) -> None:
    turns = "    turns: [{user: Hello, agent: [{say: Hello and welcome.}]}]\n    caller:\n"
    path = written(PARCELS + LOST.replace("    caller:\n", turns))
    result = result_of(path)
    assert said(result)[0] == "Hello" and len(said(result)) > 2
    assert result.passed, told(result)


def test_where_the_agent_opens_the_caller_answers_what_it_asks(written: Written) -> None:
    head = PARCELS.replace(
        "start: desk", "start: desk\nopening: {speaks: agent, say: What is the number of your parcel?}"
    )
    result = result_of(
        written(head + LOST.replace("      opens: [Where is my parcel?, Where is my parcel now?]\n", ""))
    )
    assert said(result)[0] in ("A-17", "It is A-17")


def test_with_a_scripted_model_it_is_skipped_and_a_run_of_it_alone_fails(written: Written) -> None:
    path = written(PARCELS + LOST)
    (case,) = cases_of([load(path)])
    skipped = unplayed(case, scripted=True)
    assert skipped is not None and skipped.status == "skipped" and "--provider offline" in (skipped.skipped or "")
    assert unplayed(case, scripted=False) is None
    result = run("test", str(path), "--in-process")
    assert result.exit_code == 1 and "1 skipped" in result.output and "no dialogue was checked" in result.output


def test_it_is_played_by_workers_as_by_the_process_of_the_command(written: Written, tmp_path: Path) -> None:
    path = written(PARCELS + LOST)
    for way in (["--in-process"], ["-n", "1"]):
        result = run(
            "test", str(path), "--provider", "offline", "--caller-seed", "5", "--trace", str(tmp_path / way[0]), *way
        )
        assert result.exit_code == 0, result.output
    here, there = (next((tmp_path / way).glob("*.jsonl")).read_text() for way in ("--in-process", "-n"))
    assert here == there


# By a text model ----------------------------------------------------------------------------------------------------


def by_a_model(path: Path, lines: list[str]) -> tuple[DialogueResult, list[Any]]:
    """What came of it when a text model says these lines, one after the other; and what it was sent."""
    left = iter(lines)
    project = load(path)

    async def main(base: str) -> DialogueResult:
        async with recording_server(OfflineResponder()) as server:
            request = ProviderRequest(url=server.url, text_url=base)
            taken = await play(compiled(project.scenario), project.dialogues[0], PROVIDERS["url"], request)
            return judged(project.scenario, project.dialogues[0], taken)

    with text_api(lambda body: next(left)) as (base, requests):
        return asyncio.run(main(base)), requests


@pytest.fixture
def with_a_model(written: Written) -> Path:
    text = LOST.replace("      opens:", "      who: Somebody in a hurry.\n      model: some-model\n      opens:")
    return written(PARCELS + text)


def test_a_text_model_plays_the_caller_and_ends_the_conversation(with_a_model: Path) -> None:
    result, requests = by_a_model(with_a_model, ["Where is my parcel?", "It is A-17.", "DONE."])
    assert result.passed, (told(result), result.error)
    assert said(result) == ["Where is my parcel?", "It is A-17."]
    assert [body["model"] for _, _, body in requests] == ["some-model"] * 3
    read = str(requests[-1][2])
    assert "Somebody in a hurry." in read and "The parcel is in Lyon." in read and "GIVE UP" in read
    assert "track" not in read  # what the agent does is behind its words


def test_a_text_model_that_gives_up_has_failed(with_a_model: Path) -> None:
    result, _ = by_a_model(with_a_model, ["Where is my parcel?", "GIVE UP"])
    assert any("gives up after 1 turn: not all that they want is settled" in message for message in told(result))


def test_a_text_model_has_no_more_turns_than_the_caller(with_a_model: Path) -> None:
    result, _ = by_a_model(with_a_model, ["Where is it?"] * 9)
    assert len(said(result)) == 6
    assert any("all of their 6 turns" in message for message in told(result))


def test_a_text_model_that_says_nothing_ends_the_dialogue_with_an_error(with_a_model: Path) -> None:
    result, _ = by_a_model(with_a_model, ["Hi", " "])
    assert isinstance(result.error, ProviderError) and "said nothing" in result.error.message


def test_offline_the_rules_play_a_caller_who_has_a_model(with_a_model: Path) -> None:
    result = result_of(with_a_model)
    assert result.passed, told(result)


# Mistakes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told_as"),
    [
        (("facts: [{asked: number,", "facts: [{askd: number,"), "unknown key 'askd'"),
        (("wants: [{says: Is it in Lyon?, until: Lyon}]", "wants: [{until: Lyon}]"), "'says'"),
        (("limits: {turns: 6}", "limits: {turns: 0}"), "0"),
        (("limits: {turns: 6}", "ends: never"), "never"),
        (("    expect:", "    expct:"), "expct"),
        (("until: Lyon}", 'until: {matches: "("}}'), "("),
        (("limits: {turns: 6}", "approvals: {trak: approve}"), "tool 'trak' does not exist"),
        (("limits: {turns: 6}", "approvals: {track: approve}"), "tool 'track' needs no approval"),
        (("limits: {turns: 6}", "approvals: {refund: {approve: {pn: '1'}}}"), "has no field 'pn'"),
        (("    expect:", "    live: false\n    reason: x\n    expect:"), "cannot stand beside 'caller'"),
    ],
)
def test_a_mistake_is_told_at_its_place(written: Written, change: tuple[str, str], told_as: str) -> None:
    text = PARCELS + LOST.replace(*change)
    found = findings(load(written(text)), warnings=False)
    assert found and any(told_as in each.message or told_as in (each.hint or "") for each in found), found
    assert all(each.span.line > text[: text.index("  - id: lost")].count("\n") for each in found)


def test_a_dialogue_needs_turns_or_a_caller_and_a_caller_an_expectation(written: Written) -> None:
    nobody = findings(load(written(PARCELS + "  - {id: nobody, expect: [{called: track}]}\n")), warnings=False)
    assert ["'turns'" in each.message for each in nobody] == [True]
    text = LOST.replace("    expect: [{called: {tool: track, args: {number: A-17}}}, {context: {number: A-17}}]\n", "")
    unheld = findings(load(written(PARCELS + text, "unheld.yaml")), warnings=False)
    assert ["'expect'" in each.message for each in unheld] == [True]
    empty = findings(load(written(PARCELS + text + "    expect: []\n", "empty.yaml")), warnings=False)
    assert len(empty) == 1
