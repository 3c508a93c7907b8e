"""What a dialogue meets of its scenario: each kind of thing, each of its ways, and nothing that did not happen."""

from __future__ import annotations

import functools
import json
import textwrap
from collections.abc import Sequence
from pathlib import Path

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import UsageError
from realtime_scenarios.coverage import Coverage, Share, as_data, items_of, keys_in, read_coverage
from realtime_scenarios.project import Project, load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.trace import from_json_lines, to_json_lines
from realtime_scenarios.verdicts import DialogueResult
from support.dialogues import played

BANK = """
    scenario: bank
    start: desk
    context:
      checked: {type: boolean, default: false}
      name: {type: [string, "null"], default: null}
    opening: {speaks: agent, say: Good day.}
    agents:
      desk:
        instructions: x
        tools: [check, pay, rate, cards, ask]
        guardrails: [advice]
        handoffs:
          - {to: vault, requires: context.checked, say_first: true}
        states_mode: tracked
        states:
          - id: hello
            description: x
            transitions: [{to: name, when: x}, {to: done, when: x, requires: context.checked}]
          - id: name
            description: x
            collect: [name]
            transitions: [{to: done, when: x}, {handoff: vault, when: x}]
          - {id: done, description: x, terminal: true}
      vault: {instructions: x, handoffs: [desk]}
    tools:
      check: {description: x, returns: fine, set: {checked: "true"}}
      pay:
        description: x
        parameters: {amount: integer}
        approval: {when: args.amount > 10, timeout: 60s}
        requires: {when: context.checked, message: Check first.}
        filler: [One moment.]
        cases:
          - {when: args.amount > 1000, raises: Too much.}
          - {returns: paid}
      rate: {description: x, sequence: [{returns: one}, {returns: two}]}
      cards:
        description: x
        parameters: {function_name: string, parameters: {type: object, default: {}}}
        catalogue:
          functions:
            Block: {description: x, parameters: {card: string}, returns: blocked}
            Order: {description: x, approval: always, returns: ordered}
      ask: {description: x, parameters: {q: string}, supervisor: clerk}
    supervisors:
      clerk: {instructions: x, retries: 0, fallback: I do not know.}
    guardrails:
      advice: {phrases: [buy shares]}
"""


@functools.cache
def bank(folder: Path) -> Project:
    path = folder / "bank.yaml"
    path.write_text(textwrap.dedent(BANK), encoding="utf-8")
    return load(path)


def covered(folder: Path, turns: str, *, beginning: str = "", passes: bool = True) -> set[str]:
    """What a dialogue with these turns meets, in words; `beginning` are further keys of it."""
    return told(result_of(folder, turns, beginning, passes=passes), folder)


def result_of(folder: Path, turns: str, beginning: str = "", *, passes: bool = True) -> DialogueResult:
    path = folder / "dialogues" / "one.yaml"
    path.parent.mkdir(exist_ok=True)
    head = f"scenario: ../bank.yaml\ndialogues:\n  - id: one\n{textwrap.indent(beginning, '    ')}    turns:\n"
    path.write_text(head + textwrap.indent(textwrap.dedent(turns).strip("\n"), "      ") + "\n", encoding="utf-8")
    bank(folder)
    project = load(folder / "bank.yaml")
    assert not project.errors, project.errors
    result = played(compiled(project.scenario), project.dialogues[0], PROVIDERS["scripted"], ProviderRequest())
    assert result.passed == passes, (result.failures, result.error)
    return result


def told(result: DialogueResult, folder: Path) -> set[str]:
    scenario = bank(folder).scenario
    keys = keys_in(scenario, result.trace)
    return {item.told for item in items_of(scenario) if item.key in keys}


def only(found: set[str], *kinds: str) -> set[str]:
    return {each for each in found if each.startswith(kinds)}


def test_everything_that_can_be_met_stands_in_the_list_with_its_line(tmp_path: Path) -> None:
    items = {item.told: item.place.span.line for item in items_of(bank(tmp_path).scenario)}
    text = textwrap.dedent(BANK).splitlines()
    assert text[items["transition desk/name → agent vault"] - 1].lstrip().startswith("transitions: [{to: done")
    assert {each for each in items if each.startswith("approval")} == {
        "approval of pay: approved",
        "approval of pay: rejected",
        "approval of pay: timed out",
        "approval of pay: not asked",
        "approval of cards.Order: approved",
        "approval of cards.Order: rejected",
    }
    assert {each for each in items if each.startswith("answer")} == {
        "answer 1 of pay (when args.amount > 1000)",
        "answer 2 of pay",
        "answer 1 of rate",
        "answer 2 of rate",
        "answer 1 of ask",
    }


def test_states_that_are_only_in_the_prompt_are_not_counted(tmp_path: Path) -> None:
    path = tmp_path / "bank.yaml"
    path.write_text(textwrap.dedent(BANK).replace("states_mode: tracked", "states_mode: prompt"), encoding="utf-8")
    kinds = {item.key.kind for item in items_of(load(path).scenario)}
    assert "state" not in kinds and "transition" not in kinds and "handoff" in kinds


def test_the_agent_and_the_state_that_a_conversation_begins_in_are_met(tmp_path: Path) -> None:
    found = covered(tmp_path, "- agent: [{say: Good day.}]")
    assert found == {"agent desk", "state desk/hello", "guardrail advice: passed", "opening"}
    found = covered(tmp_path, "- {user: Hi, agent: [{say: Yes?}]}", beginning="agent: vault\n")
    assert found == {"agent vault"}


@pytest.mark.parametrize(
    ("call", "answers", "decisions"),
    [
        ("{call: pay, args: {amount: 5}}", {"answer 2 of pay"}, {"approval of pay: not asked"}),
        (
            "{call: pay, args: {amount: 2000}, approval: approve, outcome: failed}",
            {"answer 1 of pay (when args.amount > 1000)"},
            {"approval of pay: approved"},
        ),
        ("{call: pay, args: {amount: 20}, approval: reject}", set(), {"approval of pay: rejected"}),
        ("{call: pay, args: {amount: 20}, approval: times_out}", set(), {"approval of pay: timed out"}),
    ],
)
def test_a_call_meets_its_answer_its_decision_and_its_open_gate(
    tmp_path: Path, call: str, answers: set[str], decisions: set[str]
) -> None:
    turns = f"- {{user: Pay, agent: [{{say: One moment.}}, {call}, {{say: Done.}}]}}"
    found = covered(tmp_path, turns, beginning="context: {checked: true}\n")
    assert only(found, "answer") == answers
    assert only(found, "approval") == decisions
    assert only(found, "gate of pay") == {"gate of pay (context.checked): open"}
    assert ("tool pay" in found) == bool(answers)
    assert "filler of pay" in found


def test_a_call_that_its_gate_refuses_meets_the_gate_shut_and_nothing_behind_it(tmp_path: Path) -> None:
    call = "{call: pay, args: {amount: 20}, outcome: refused}"
    found = covered(tmp_path, f"- {{user: Pay, agent: [{{say: One moment.}}, {call}, {{say: No.}}]}}")
    assert only(found, "gate", "tool", "approval", "answer", "filler") == {"gate of pay (context.checked): shut"}


def test_each_call_meets_the_answer_whose_turn_it_is(tmp_path: Path) -> None:
    once = "- {user: Hi, agent: [{call: rate}, {say: x}]}\n"
    assert only(covered(tmp_path, once), "answer") == {"answer 1 of rate"}
    assert only(covered(tmp_path, once * 2), "answer") == {"answer 1 of rate", "answer 2 of rate"}


def test_a_function_of_a_catalogue_is_a_tool_of_its_own(tmp_path: Path) -> None:
    call = "{call: cards, args: {function_name: Block, parameters: {card: '1'}}}"
    found = covered(tmp_path, f"- {{user: Hi, agent: [{call}, {{say: x}}]}}")
    assert only(found, "tool") == {"tool cards.Block"}
    call = "{call: cards, args: {function_name: Order, parameters: {}}, approval: reject}"
    found = covered(tmp_path, f"- {{user: Hi, agent: [{call}, {{say: x}}]}}")
    assert only(found, "tool", "approval") == {"approval of cards.Order: rejected"}


@pytest.mark.parametrize(("nested", "answers"), [("{answer: 'Yes.'}", set()), ("{fails: gone}", {"answer 1 of ask"})])
def test_what_is_said_for_a_supervisor_that_fails_is_an_answer(tmp_path: Path, nested: str, answers: set[str]) -> None:
    call = f"{{call: ask, args: {{q: Why}}, nested: [{nested}]}}"
    found = covered(tmp_path, f"- {{user: Hi, agent: [{call}, {{say: x}}]}}")
    assert only(found, "answer") == answers
    assert "tool ask" in found


MOVES = """
- user: Hi
  agent: [{state: done, refused: true}, {state: name}, {say: Your name?}]
- user: Ann
  agent: [{state: done, args: {name: Ann}}, {say: Thank you.}]
"""


def test_moves_between_states_meet_states_transitions_and_their_gates(tmp_path: Path) -> None:
    found = covered(tmp_path, MOVES)
    assert only(found, "transition", "gate of transition", "state") == {
        "state desk/hello",
        "state desk/name",
        "state desk/done",
        "transition desk/hello → name",
        "transition desk/name → done",
        "gate of transition desk/hello → done (context.checked): shut",
    }
    found = covered(tmp_path, "- {user: Hi, agent: [{call: check}, {state: done}, {say: x}]}")
    assert "transition desk/hello → done" in found
    assert "gate of transition desk/hello → done (context.checked): open" in found


def test_a_handoff_meets_its_edge_its_transition_its_gate_and_the_next_agent(tmp_path: Path) -> None:
    beginning = "context: {checked: true, name: Ann}\nstate: name\n"
    moves = "[{say: I connect you.}, {handoff: vault}, {say: Vault here.}]"
    found = covered(tmp_path, f"- {{user: Hi, agent: {moves}}}", beginning=beginning)
    assert only(found, "agent", "handoff", "transition", "gate") == {
        "agent desk",
        "agent vault",
        "handoff desk → vault",
        "handoff desk → vault is announced",
        "transition desk/name → agent vault",
        "gate of handoff desk → vault (context.checked): open",
    }
    refused = "- {user: Hi, agent: [{handoff: vault, refused: true}, {say: No.}]}"
    found = covered(tmp_path, refused, beginning="context: {name: Ann}\nstate: name\n")
    assert only(found, "handoff", "gate") == {"gate of handoff desk → vault (context.checked): shut"}


def test_a_promise_that_is_broken_is_not_met(tmp_path: Path) -> None:
    turns = "- {user: Pay, agent: [{call: pay, args: {amount: 5}}, {say: Done.}], expect: [{breaks: filler}]}"
    assert "filler of pay" not in covered(tmp_path, turns, beginning="context: {checked: true}\n")


def test_a_guardrail_is_met_when_it_trips_and_when_it_lets_pass(tmp_path: Path) -> None:
    said = covered(tmp_path, "- {user: Hi, agent: [{say: Buy shares.}, {say: Sorry.}], expect: [{guardrail: advice}]}")
    assert "guardrail advice: tripped" in said
    assert "guardrail advice: passed" in covered(tmp_path, "- {user: Hi, agent: [{say: Hello.}]}")


def test_a_trace_that_was_written_and_read_meets_the_same(tmp_path: Path) -> None:
    result = result_of(tmp_path, MOVES)
    written = to_json_lines(result.trace)
    assert from_json_lines(written) == list(result.trace.events)
    assert '"transition": "/agents/desk/states/0/transitions/0"' in written


def test_what_is_written_says_who_met_what_and_is_read_back(tmp_path: Path) -> None:
    scenario = bank(tmp_path).scenario
    coverage = Coverage()
    coverage.of("bank.yaml", scenario).add("bank.yaml::one", result_of(tmp_path, MOVES).trace)
    (tmp_path / "c.json").write_text(json.dumps(as_data(coverage)), encoding="utf-8")
    written = read_coverage(tmp_path / "c.json").of("bank")
    assert written is not None and (written.covered, written.total) == coverage.share
    met = {item.name: item.dialogues for item in written.items}
    assert met["transition desk/name → done"] == ("bank.yaml::one",)
    assert met["agent vault"] == ()


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"version": 7, "covered": 0, "total": 0, "percent": 0, "scenarios": []}']
)
def test_a_file_that_is_no_coverage_is_told_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.json").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"c\.json"):
        read_coverage(tmp_path / "c.json")


@pytest.mark.parametrize(("shares", "percent"), [([(0, 0)], 100.0), ([(1999, 2000)], 99.9), ([(1, 2), (0, 2)], 25.0)])
def test_only_what_is_complete_is_a_hundred_percent(shares: Sequence[tuple[int, int]], percent: float) -> None:
    total = Share(sum(covered for covered, _ in shares), sum(total for _, total in shares))
    assert total.percent == percent
