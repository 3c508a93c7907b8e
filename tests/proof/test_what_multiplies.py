"""Scenarios of which all combinations are far too many: the proof does not build them, and says what it does not know."""

from __future__ import annotations

import pytest

from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import load
from realtime_scenarios.proof import ProofReport, proved
from realtime_scenarios.proof.model import model_of
from support import Written

MANY = 20


def both(form: str, joined: str = " and ") -> str:
    """The form for each number, joined."""
    return joined.join(form.format(n=n) for n in range(MANY))


def booleans(names: str = "b") -> str:
    return "".join(f"  {name}{n}: {{type: boolean, default: false}}\n" for n in range(MANY) for name in names)


def told(written: Written, text: str) -> ProofReport:
    return proved(built(written, text))


def built(written: Written, text: str) -> Scenario:
    project = load(written(text))
    assert project.sketch is not None and not project.errors, project.all_diagnostics
    return project.sketch


def verdicts(report: ProofReport) -> list[tuple[str, int]]:
    return [(proof.verdict, len(proof.path)) for proof in report.properties]


ALL_A = both("context.v{n} == 'a'")
COLLECTED = (
    "scenario: collected\nstart: desk\ncontext:\n"
    + "".join(f"  v{n}: {{enum: [a, b, c, d], type: string}}\n" for n in range(MANY))
    + f"""agents:
  desk:
    instructions: x
    tools: [pay]
    states_mode: tracked
    states:
      - {{id: ask, description: x, collect: [COLLECT], transitions: [{{to: end, when: done}}]}}
      - {{id: end, description: x, terminal: true}}
tools:
  pay: {{description: Pay., requires: "{ALL_A}"}}
properties:
  - {{never: pay, when: "not ({ALL_A})"}}
  - {{never: pay}}
"""
)


@pytest.mark.parametrize("form", ["v{n}", '"v{n}?"'], ids=["must be given", "may be given"])
def test_values_that_a_state_collects_are_told_apart_where_a_gate_looks(written: Written, form: str) -> None:
    report = told(written, COLLECTED.replace("COLLECT", both(form, ", ")))
    assert verdicts(report) == [("proved", 0), ("refuted", 2)]
    assert report.is_complete and report.states < 10


def test_what_is_set_in_any_order_is_not_followed_in_every_order(written: Written) -> None:
    gate = both("context.b{n}")
    ways = both("{{to: s{n}, when: x, set: {{b{n}: 'true'}}}}", ", ")
    states = "".join(
        f"      - {{id: s{n}, description: x, transitions: [{{to: hub, when: y}}]}}\n" for n in range(MANY)
    )
    text = (
        f"scenario: steps\nstart: desk\ncontext:\n{booleans()}agents:\n  desk:\n    instructions: x\n    tools: [pay]\n"
        f"    states_mode: tracked\n    states:\n      - {{id: hub, description: x, transitions: [{ways}]}}\n{states}"
        f'tools:\n  pay: {{description: Pay., requires: "{gate}"}}\n'
        f'properties:\n  - {{never: pay, when: "not ({gate})"}}\n  - {{never: pay}}\n'
    )
    report = told(written, text)
    assert [verdict for verdict, _ in verdicts(report)] == ["proved", "refuted"] and report.is_complete
    # each of the twenty states once, back to the hub after each but the last, and the call: no step to spare
    assert len(report.properties[1].path) == 2 * MANY
    assert report.properties[1].path[-1].endswith("calls pay")
    assert report.states < 10 * MANY


def test_what_has_no_say_in_a_property_is_left_out(written: Written) -> None:
    """Pairs of which the second needs the first: all of them together have three to the power of twenty combinations."""
    tools = "".join(
        f"  first{n}: {{description: x, set: {{b{n}: 'true'}}}}\n"
        f"  then{n}: {{description: x, requires: context.b{n}, set: {{c{n}: 'true'}}}}\n"
        for n in range(MANY)
    )
    names = ", ".join((both("first{n}", ", "), both("then{n}", ", ")))
    text = (
        f"scenario: pairs\nstart: desk\ncontext:\n{booleans('bc')}agents: {{desk: {{instructions: x, tools: [{names}]}}}}\n"
        f"tools:\n{tools}properties:\n  - {{before: first7 -> then7}}\n  - {{before: first7 -> then8}}\n"
        "  - {never: then3, when: not context.b3}\n"
    )
    report = told(written, text)
    assert verdicts(report) == [("proved", 0), ("refuted", 2), ("proved", 0)]
    assert not [finding for finding in report.findings if finding.kind == "undecided"]


def test_the_states_of_twelve_agents_are_left_out_where_they_have_no_say(written: Written) -> None:
    names = [f"a{number}" for number in range(12)]
    agents = "".join(
        f"  {name}:\n    instructions: x\n    handoffs: [{', '.join(other for other in names if other != name)}]\n"
        f"    tools: [check, {name}_do]\n    states_mode: tracked\n    states:\n"
        + "".join(
            f"      - {{id: s{at}, description: x{f', tools: [{name}_do]' if at == 9 else ''}, "
            f"transitions: [{{to: s{(at + 1) % 10}, when: x}}]}}\n"
            for at in range(10)
        )
        for name in names
    )
    tools = "".join(f"  {name}_do: {{description: x, requires: context.b0}}\n" for name in names)
    text = (
        f"scenario: wide\nstart: a0\ncontext:\n{booleans()}agents:\n{agents}tools:\n"
        f"  check: {{description: x, cases: [{{when: now, set: {{b0: true}}}}, {{returns: no}}]}}\n{tools}"
        "properties: [{before: check -> a11_do}, {never: a5_do}]\n"
    )
    report = told(written, text)
    assert verdicts(report) == [("proved", 0), ("refuted", 12)]
    assert report.findings == () and report.is_complete


def test_a_mesh_that_remembers_who_handed_off_is_proved(written: Written) -> None:
    names = [f"a{number}" for number in range(40)]
    agents = "".join(
        f"  {name}:\n    instructions: x\n    tools: [check, pay]\n    handoffs:\n"
        + "".join(f"      - {{to: {other}, set: {{last: \"'{name}'\"}}}}\n" for other in names if other != name)
        for name in names
    )
    text = (
        f"scenario: mesh\nstart: a0\ncontext:\n  ok: {{type: boolean, default: false}}\n"
        f"  last: {{type: string, enum: [{', '.join(names)}], default: a0}}\nagents:\n{agents}tools:\n"
        "  check: {description: x, cases: [{when: now, set: {ok: true}}, {returns: no}]}\n"
        "  pay: {description: x, requires: \"context.ok and context.last == 'a3'\"}\n"
        "properties: [{before: check -> pay}, {never: pay, when: context.last == 'a5'}]\n"
    )
    report = told(written, text)
    assert verdicts(report) == [("proved", 0), ("proved", 0)] and report.findings == ()


def test_what_cannot_be_found_out_is_neither_proved_nor_refuted(written: Written) -> None:
    weighed = " + ".join(f"context.b{n} * {2**n}" for n in range(MANY))
    gate = f"{weighed} == {2**MANY - 2}"  # one combination of a million opens it
    names = both("do{n}", ", ")
    tools = "".join(f"  do{n}: {{description: x, set: {{b{n}: 'true'}}}}\n" for n in range(MANY))
    text = (
        f"scenario: sum\nstart: desk\ncontext:\n{booleans()}agents: {{desk: {{instructions: x, tools: [pay, {names}]}}}}\n"
        f'tools:\n{tools}  pay: {{description: x, requires: "{gate}"}}\n'
        "properties: [{never: pay}, {before: do0 -> pay}]\n"
    )
    report = told(written, text)
    assert verdicts(report) == [("undecided", 0), ("undecided", 0)]
    assert "undecided after" in str(report.properties[0].problem)
    assert {finding.may_be for finding in report.findings} == {"never-opens", "claimed"}
    assert not report.is_complete


def test_an_expression_is_looked_at_only_as_often_as_its_outcome_differs(written: Written) -> None:
    scenario = built(written, COLLECTED.replace("COLLECT", both("v{n}", ", ")))
    proved(scenario)
    assert model_of(scenario).meaning.evaluated < 2_000
