"""The caller cuts in while a tool works, and into a silence: what happens then, what is on record, and what is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.project import load, load_dialogues
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.suite.record import dialogue_text
from realtime_scenarios.trace import Interrupted, ToolReturned
from realtime_scenarios.verdicts import DialogueResult
from support import Written
from support.conversations import kinds, of
from support.dialogues import played

DESK = """
    scenario: desk
    start: desk
    agents: {desk: {instructions: "You look things up with look_up.", tools: [look_up]}}
    tools:
      look_up:
        description: Look something up.
        parameters: {what: string}
        delay: 3s
        returns: "{{ args.what }} found"
        approval: APPROVAL
    dialogues:
      - id: d
        turns:
          - TURN
"""


def path_of(written: Written, turn: str, approval: str = "{when: 'false'}") -> Path:
    return written(DESK.replace("TURN", turn).replace("APPROVAL", approval))


def result_of(path: Path, provider: str = "scripted") -> DialogueResult:
    project = load(path)
    assert not project.errors, project.errors
    return played(compiled(project.scenario), project.dialogues[0], PROVIDERS[provider], ProviderRequest())


def test_a_tool_works_on_while_the_caller_cuts_in_and_its_answer_is_kept(written: Written) -> None:
    turn = (
        "{user: x, agent: [{call: look_up, args: {what: it}, interrupt: {after: 1s}, returns: it found}, {say: Yes.}]}"
    )
    result = result_of(path_of(written, turn))

    assert result.passed, [verdict.message for verdict in result.failures]
    assert kinds(result.trace)[:5] == ["UserSaid", "ToolCalled", "Interrupted", "ToolReturned", "AgentSaid"]
    assert of(result.trace, Interrupted)[0] == Interrupted(3, 1, "desk", heard="", call_id="call_0001", after=1.0)
    assert result.trace.measures[1].seconds == 3.0


def test_only_the_call_that_is_meant_is_not_waited_for(written: Written) -> None:
    call = "call: look_up, args: {what: it}"
    turn = f"{{user: x, agent: [{{{call}}}, {{{call}, interrupt: {{after: 2s}}}}, {{say: Yes.}}]}}"
    result = result_of(path_of(written, turn))

    assert result.passed, [verdict.message for verdict in result.failures]
    second = [event.call_id for event in of(result.trace, ToolReturned)][1]
    assert [event.call_id for event in of(result.trace, Interrupted)] == [second]


def test_the_caller_may_cut_in_while_a_person_is_asked(written: Written) -> None:
    call = "{call: look_up, args: {what: it}, approval: times_out, interrupt: {after: 30s}}"
    result = result_of(path_of(written, f"{{user: x, agent: [{call}, {{say: Nobody.}}]}}", "{timeout: 60s}"))

    assert result.passed, [verdict.message for verdict in result.failures]


def test_a_tool_that_has_answered_by_then_is_told(written: Written) -> None:
    turn = "{user: x, agent: [{call: look_up, args: {what: it}, interrupt: {after: 4s}}, {say: Yes.}]}"
    result = result_of(path_of(written, turn))

    told = [(verdict.message, verdict.place.span.line) for verdict in result.failures]
    assert told == [("the caller was to cut in while 'look_up' worked, but it had answered before", 15)]


def test_a_silence_is_broken_and_the_agent_speaks_then(written: Written) -> None:
    turn = "{silence: 10s, interrupt: {after: 4s}, agent: [{say: Yes?}], expect: [{took: {at_most: 4s}}]}"
    result = result_of(path_of(written, turn))

    assert result.passed, [verdict.message for verdict in result.failures]
    assert kinds(result.trace)[:3] == ["UserSilent", "Interrupted", "AgentSaid"]


@pytest.mark.parametrize(
    "turn",
    [
        "{silence: 10s, interrupt: {after: 4s}, agent: [{say: Yes?}]}",
        "{user: x, agent: [{call: look_up, args: {what: it}, interrupt: {after: 1500ms}}, {say: Yes.}]}",
    ],
)
def test_an_interruption_is_saved_as_it_was(written: Written, tmp_path: Path, turn: str) -> None:
    path = path_of(written, turn)
    first, scenario = result_of(path), load(path).scenario
    saved = tmp_path / "saved.yaml"
    saved.write_text(dialogue_text(first.trace, scenario, name="saved", scenario_path=str(path)), encoding="utf-8")

    again = played(compiled(scenario), load_dialogues(saved).dialogues[0], PROVIDERS["scripted"], ProviderRequest())

    assert again.passed, [verdict.message for verdict in again.failures]
    assert again.trace.events == first.trace.events
