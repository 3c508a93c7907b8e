"""A turn with two messages: what a reasoning model says while it works, and its final answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_scenarios import replay
from realtime_scenarios.compiler import compiled
from realtime_scenarios.project import load, load_dialogues
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.realtime.responder import CallFunction, SayText
from realtime_scenarios.suite.record import dialogue_text
from realtime_scenarios.trace import AgentSaid, GuardrailTripped, from_json_lines, to_json_lines
from support import Answers, Written
from support.conversations import held, kinds, of, saying
from support.dialogues import played

GATES = """\
    scenario: gates
    start: desk
    session: {guardrails: {apply: [no_promises]}}
    agents: {desk: {instructions: Say at which gate a flight leaves., tools: [find_gate, ask_office]}}
    tools:
      find_gate: {description: Find the gate of a flight., parameters: {flight: string}, returns: "12"}
      ask_office: {description: Ask the office., parameters: {what: string}, supervisor: office}
    supervisors: {office: {instructions: You are the office., read: verbatim}}
    guardrails: {no_promises: {phrases: [I promise], say: Promise nothing.}}
"""
DIALOGUE = """\
    dialogues:
      - id: commentary
        turns:
          - user: Where does AF 12 leave?
            agent:
              - {say: Let me look., phase: commentary}
              - {call: find_gate, args: {flight: AF 12}}
              - {say: I have it., phase: commentary}
              - {say: It leaves at gate 12., phase: final_answer}
            expect:
              - said: It leaves at gate 12.
              - said: {contains: I have it. It leaves}
              - never_said: final answer
              - nowhere: commentary
          - user: And what does the office say?
            agent:
              - {call: ask_office, args: {what: delays}, nested: [{answer: All is well.}]}
              - {say: "They say:", phase: commentary}
              - say: All is well.
"""


def said(trace: object) -> list[tuple[str, str | None]]:
    return [(event.text, event.phase) for event in of(trace, AgentSaid)]  # type: ignore[arg-type]


def test_both_messages_of_a_response_are_said_in_their_order_and_read_again_from_a_file(written: Written) -> None:
    model = Answers([[SayText("Let me look.", "commentary"), SayText("Gate 12.", "final_answer")]])
    trace, _ = held(written(GATES), model, saying("Which gate?"))
    assert kinds(trace) == ["UserSaid", "AgentSaid", "AgentSaid", "SessionEnded"]
    assert said(trace) == [("Let me look.", "commentary"), ("Gate 12.", "final_answer")]
    assert from_json_lines(to_json_lines(trace)) == list(trace)


@pytest.mark.parametrize("at", [0, 1])
def test_guardrails_hear_commentary_and_answer_alike(written: Written, at: int) -> None:
    texts = ["Let me look.", "Gate 12."]
    texts[at] = "I promise."
    answer = [SayText(texts[0], "commentary"), SayText(texts[1], "final_answer")]
    trace, _ = held(written(GATES), Answers([answer, [SayText("I take that back.")]]), saying("Which gate?"))
    (tripped,) = of(trace, GuardrailTripped)
    assert tripped.text == "I promise."
    assert said(trace)[-1] == ("I take that back.", None)


def test_a_dialogue_goes_on_in_the_same_response_after_commentary(written: Written) -> None:
    path = written(GATES + DIALOGUE)
    (result,) = replay(path)
    assert result.passed, [verdict.message for verdict in result.failures]
    assert said(result.trace) == [
        ("Let me look.", "commentary"),
        ("I have it.", "commentary"),
        ("It leaves at gate 12.", "final_answer"),
        ("They say:", "commentary"),
        ("All is well.", None),
    ]


def test_without_commentary_a_second_line_is_never_reached(written: Written) -> None:
    (result,) = replay(written(GATES + DIALOGUE.replace("- {say: I have it., phase: commentary}", "- say: I have it.")))
    assert result.failures[0].message == (
        "the line 'It leaves at gate 12.' was never reached: the turn was over before it "
        "(one answer holds two lines only where the first has `phase: commentary`)"
    )


def test_an_answer_that_is_to_be_read_out_may_follow_commentary_and_nothing_else(written: Written) -> None:
    (result,) = replay(
        written(GATES + DIALOGUE.replace('{say: "They say:", phase: commentary}', "say: They say this."))
    )
    assert not result.passed
    final = DIALOGUE.replace("- say: All is well.", "- say: All is good.")
    (result,) = replay(written(GATES + final))
    assert ["word for word" in verdict.message for verdict in result.failures] == [True]


def test_a_recorded_commentary_replays_as_it_was(written: Written, tmp_path: Path) -> None:
    project = load(written(GATES + DIALOGUE))
    scenario, scripted = compiled(project.scenario), PROVIDERS["scripted"]
    first = played(scenario, project.dialogues[0], scripted, ProviderRequest())
    text = dialogue_text(first.trace, project.scenario, name="recorded", scenario_path=str(project.path))
    (tmp_path / "recorded.yaml").write_text(text, encoding="utf-8")
    (dialogue,) = load_dialogues(tmp_path / "recorded.yaml").dialogues
    again = played(scenario, dialogue, scripted, ProviderRequest())
    assert again.passed, again.failures
    assert said(again.trace) == said(first.trace)


def test_commentary_that_a_dialogue_does_not_know_is_no_fault_of_another_model(written: Written) -> None:
    script = DIALOGUE.replace("              - {say: Let me look., phase: commentary}\n", "")
    project = load(written(GATES + script[: script.index("          - user: And")]))
    assert not project.errors, project.errors
    answers = Answers(
        [
            [SayText("One moment.", "commentary"), CallFunction("find_gate", '{"flight": "AF 12"}')],
            [SayText("I have it.", "commentary"), SayText("It leaves at gate 12.", "final_answer")],
        ]
    )
    result = played(
        compiled(project.scenario), project.dialogues[0], PROVIDERS["offline"], ProviderRequest(responder=answers)
    )
    assert result.passed, [verdict.message for verdict in result.failures]


CUT_IN = """\
    dialogues:
      - id: cut-in
        turns:
          - user: Where does AF 12 leave?
            agent:
              - {say: "It leaves at gate 12, at ten, as ever.", interrupt: {after_words: 3}}
"""


def test_commentary_that_a_dialogue_does_not_know_is_not_what_the_caller_cuts_into(written: Written) -> None:
    project = load(written(GATES + CUT_IN))
    assert not project.errors, project.errors
    answers = Answers([[SayText("Let me look it up.", "commentary"), SayText("It leaves at gate 12, at ten.")]])
    result = played(
        compiled(project.scenario), project.dialogues[0], PROVIDERS["offline"], ProviderRequest(responder=answers)
    )
    assert [(event.text, event.interrupted) for event in of(result.trace, AgentSaid)] == [
        ("Let me look it up.", False),
        ("It leaves at ", True),
    ]


@pytest.mark.parametrize(
    ("phase", "heard"), [("commentary", ["Let me "]), ("final_answer", ["Let me look.", "At gate "])]
)
def test_the_caller_may_cut_into_commentary_as_into_an_answer(written: Written, phase: str, heard: list[str]) -> None:
    lines = {"commentary": "Let me look.", "final_answer": "At gate twelve."}
    moves = [
        f"{{say: {text}, phase: {name}{', interrupt: {after_words: 2}' if name == phase else ''}}}"
        for name, text in lines.items()
    ][: len(heard)]
    line = CUT_IN.splitlines()[-1]
    (result,) = replay(written(GATES + CUT_IN.replace(line, "\n".join(f"              - {move}" for move in moves))))
    assert result.passed, [verdict.message for verdict in result.failures]
    assert [event.text for event in of(result.trace, AgentSaid)] == heard
