"""Gates and properties of small scenarios, each with the way around that a reader can follow."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import load
from realtime_scenarios.proof import ProofReport, property_violations, proved
from realtime_scenarios.trace import (
    ContextChanged,
    HandedOff,
    StateEntered,
    ToolCalled,
    ToolReturned,
    Trace,
    TraceEvent,
)
from support import Written

Build = Callable[[str], Scenario]

SHOP = """
scenario: shop
start: main
context:
  verified: {type: boolean, default: false}
data:
  orders: {rows: [{id: 1, pin: 4}]}
agents:
  main: {instructions: Help., tools: [verify], handoffs: [billing]}
  billing: {instructions: Help., tools: [refund], handoffs: [main]}
tools:
  verify:
    description: Checks the pin.
    parameters: {pin: string}
    cases:
      - {when: args.pin == '4', returns: yes, set: {verified: true}}
      - {returns: no}
  refund:
    description: Pays back.
    requires: context.verified
    query: DELETE FROM orders
"""


@pytest.fixture
def scenario(written: Written) -> Build:
    def build(text: str) -> Scenario:
        project = load(written(text))
        assert project.sketch is not None and not project.errors, project.all_diagnostics
        return project.sketch

    return build


def findings(report: ProofReport, kind: str) -> dict[str, tuple[str, ...]]:
    return {finding.subject: finding.path for finding in report.findings if finding.kind == kind}


def verdicts(report: ProofReport) -> list[str]:
    return [proof.verdict for proof in report.properties]


def test_a_gate_that_a_check_opens_is_proved(scenario: Build) -> None:
    report = proved(scenario(SHOP))
    assert report.findings == ()
    assert report.is_complete
    assert [(proof.tool, proof.proved, proof.path) for proof in report.tools] == [("refund", True, ())]
    assert report.tools[0].states == report.states > 1


def test_the_same_query_behind_a_tool_without_a_gate_is_a_way_around(scenario: Build) -> None:
    text = SHOP.replace("tools: [refund]", "tools: [refund, clear]") + (
        "  clear: {description: Clears., query: 'delete  from orders;'}\n"
    )
    report = proved(scenario(text))
    assert findings(report, "unguarded") == {"refund": ("1. main -> billing", "2. billing: calls clear")}
    assert report.tools[0].proved is False and report.tools[0].path == ("1. main -> billing", "2. billing: calls clear")


def test_a_twin_that_only_the_verified_can_reach_is_no_way_around(scenario: Build) -> None:
    text = SHOP.replace("tools: [refund]", "tools: [refund, clear]").replace(
        "handoffs: [billing]", "handoffs: [{to: billing, requires: context.verified}]"
    )
    report = proved(scenario(text + "  clear: {description: Clears., query: DELETE FROM orders}\n"))
    assert findings(report, "unguarded") == {}


def test_a_gate_that_nothing_opens_is_dead(scenario: Build) -> None:
    report = proved(scenario(SHOP.replace("set: {verified: true}", "delay: 1s")))
    assert findings(report, "never-opens") == {"refund": ("1. main -> billing",)}


def test_null_is_not_false(scenario: Build) -> None:
    text = SHOP.replace("{type: boolean, default: false}", '{type: [boolean, "null"], default: null}')
    text = text.replace("requires: context.verified", "requires: context.verified == false")
    assert findings(proved(scenario(text)), "never-opens") == {"refund": ("1. main -> billing",)}
    opened = text.replace("context.verified == false", "not context.verified")
    assert findings(proved(scenario(opened)), "never-opens") == {}


def test_a_plain_tool_that_sets_the_variable_is_the_models_word(scenario: Build) -> None:
    text = SHOP.replace(
        "main: {instructions: Help., tools: [verify]", "main: {instructions: Help., tools: [verify, claim]"
    )
    text += "  claim: {description: Says so., returns: fine, set: {verified: true}}\n"
    assert findings(proved(scenario(text)), "claimed") == {"refund": ("1. main: calls claim", "2. main -> billing")}


def test_what_a_state_collects_is_the_models_word(scenario: Build) -> None:
    text = SHOP.replace(
        "tools: [verify], handoffs: [billing]}",
        "tools: [verify], handoffs: [billing], states_mode: tracked, states: ["
        "{id: ask, description: Ask., collect: [verified], transitions: [{to: done, when: asked}]},"
        "{id: done, description: Done., terminal: true}]}",
    )
    assert findings(proved(scenario(text)), "claimed") == {"refund": ("1. main: moves to done", "2. main -> billing")}


def test_a_threshold_that_the_model_chooses_can_be_undercut(scenario: Build) -> None:
    text = SHOP.replace(
        "requires: context.verified", "parameters: {amount: number}\n    approval: {when: args.amount > 100}"
    )
    assert findings(proved(scenario(text)), "skipped") == {}
    path = ("1. main -> billing", "2. billing: calls refund")
    assert findings(proved(scenario(text + "    writes: true\n")), "skipped") == {"refund": path}


def test_an_edge_around_authentication_refutes_a_property(scenario: Build) -> None:
    held = SHOP + "properties:\n  - {before: verify -> refund}\n  - {never: refund, when: not context.verified}\n"
    assert verdicts(proved(scenario(held))) == ["proved", "proved"]
    report = proved(scenario(held.replace("    requires: context.verified\n", "")))
    assert [proof.path for proof in report.properties] == [("1. main -> billing", "2. billing: calls refund")] * 2


def test_a_property_shows_the_person_who_approves(scenario: Build) -> None:
    text = SHOP.replace("requires: context.verified", "approval: always") + "properties: [{never: 'tool:refund'}]\n"
    (proof,) = proved(scenario(text)).properties
    assert proof.path == ("1. main -> billing", "2. billing: calls refund (a person approves)")


def test_numbers_between_constants_are_told_apart(scenario: Build) -> None:
    text = SHOP.replace(
        "verified: {type: boolean, default: false}",
        "verified: {type: boolean, default: false}\n  owed: {type: number, default: 0}",
    )
    text = text.replace("returns: yes, set: {verified: true}", "returns: yes, set: {owed: args.pin | float}")
    text = text.replace("requires: context.verified", "requires: context.owed > 10 and context.owed <= 50")
    text += "properties:\n  - {never: refund, when: context.owed > 50}\n  - {never: refund, when: context.owed > 49}\n"
    assert verdicts(proved(scenario(text))) == ["proved", "refuted"]


def test_tools_of_a_supervisor_are_on_the_way_too(scenario: Build) -> None:
    text = SHOP.replace("tools: [verify]", "tools: [verify, ask]") + (
        "  ask: {description: Asks., supervisor: desk}\n"
        "supervisors:\n  desk: {instructions: Think., tools: [refund]}\n"
        "properties: [{never: refund}]\n"
    )
    (proof,) = proved(scenario(text)).properties
    assert proof.path == ("1. main: calls verify", "2. main: calls ask", "3. main (ask): calls refund")


def test_an_opening_call_has_happened_before_everything_else(scenario: Build) -> None:
    text = SHOP.replace("requires: context.verified\n", "parameters: {}\n").replace(
        "tools: [verify]", "tools: [verify, clock]"
    )
    text += "  clock: {description: The time., returns: noon}\nopening: {calls: [clock]}\n"
    text += "properties: [{before: clock -> refund}]\n"
    assert verdicts(proved(scenario(text))) == ["proved"]
    assert verdicts(proved(scenario(text.replace("opening: {calls: [clock]}\n", "")))) == ["refuted"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("refnd", "there is no tool, agent or state 'refnd'"),
        ("agent:refund", "there is no agent 'refund'"),
        ("both", "'both' could be tool:both or agent:both"),
    ],
)
def test_a_name_that_means_nothing_is_told(scenario: Build, name: str, problem: str) -> None:
    text = SHOP.replace("handoffs: [billing]}", "handoffs: [billing, both]}")
    text = text.replace("  billing: {", "  both: {instructions: x, tools: [both], handoffs: [main]}\n  billing: {")
    (proof,) = proved(scenario(text + f"  both: {{description: x}}\nproperties: [{{never: '{name}'}}]\n")).properties
    assert (proof.verdict, proof.problem) == ("unknown-name", problem)


def event(kind: type[TraceEvent], seq: int, agent: str = "main", **more: object) -> TraceEvent:
    return kind(seq=seq, turn=1, agent=agent, **more)  # type: ignore[arg-type]


def test_a_trace_is_held_to_the_properties(scenario: Build) -> None:
    text = SHOP + "properties:\n  - {before: verify -> refund}\n  - {never: refund, when: not context.verified}\n"
    shop = scenario(text)

    def call(seq: int, tool: str, outcome: str, *between: TraceEvent) -> list[TraceEvent]:
        called = event(ToolCalled, seq, call_id=str(seq), tool=tool, arguments={})
        returned = event(ToolReturned, seq + 5, call_id=str(seq), tool=tool, outcome=outcome, output="x")
        return [called, *between, returned]

    set_it = event(ContextChanged, 4, variable="verified", value=True)
    moved = event(HandedOff, 9, call_id="h", to="billing")
    good = [*call(3, "verify", "answered", set_it), moved, *call(10, "refund", "answered")]
    context = {"verified": False}
    assert property_violations(shop, Trace(tuple(good), "main", context)) == []
    bad = [moved, *call(10, "refund", "refused"), *call(20, "refund", "answered", set_it)]
    assert [(message, seq) for _, message, seq in property_violations(shop, Trace(tuple(bad), "main", context))] == [
        ("tool 'refund' came before tool 'verify'", 25),
        ("tool 'refund' must never happen while not context.verified", 25),
    ]


def test_a_trace_enters_states(scenario: Build) -> None:
    text = SHOP.replace(
        "handoffs: [billing]}",
        "handoffs: [billing], states_mode: tracked, states: [{id: one, description: x, transitions: [{to: two, when: y}]},"
        "{id: two, description: x, terminal: true}]}",
    )
    shop = scenario(
        text + "properties:\n  - {before: verify -> two}\n  - {never: 'state:one', when: context.verified}\n"
    )
    assert [proof.path for proof in proved(shop).properties] == [("1. main: moves to two",), ()]
    events = (event(StateEntered, 1, state="one", previous=None), event(StateEntered, 2, state="two", previous="one"))
    found = property_violations(shop, Trace(events, "main", {"verified": False}))
    assert [(message, seq) for _, message, seq in found] == [("state 'two' came before tool 'verify'", 2)]


def test_a_trace_that_begins_in_a_state_has_not_been_in_the_first_one(scenario: Build) -> None:
    text = SHOP.replace(
        "handoffs: [billing]}",
        "handoffs: [billing], states_mode: tracked, states: [{id: one, description: x, transitions: [{to: two, when: y}]},"
        "{id: two, description: x, terminal: true}]}",
    )
    shop = scenario(text + "properties: [{never: 'state:one'}]\n")
    begun = Trace((), "main", {"verified": False}, entries={"main": "two"})
    assert property_violations(shop, begun) == []
    assert len(property_violations(shop, Trace((), "main", {"verified": False}))) == 1


@pytest.mark.parametrize(
    "schema",
    [
        "{type: number, default: 0, maximum: 0.5}",
        "{type: number, default: 0, minimum: -1, maximum: 0.001}",
        "{type: integer, default: 0, multipleOf: 5}",
        "{type: number, default: 0, exclusiveMinimum: -1, maximum: 100, multipleOf: 50}",
        "{type: integer, default: 0, allOf: [{multipleOf: 7}]}",
    ],
)
def test_a_gate_that_only_few_numbers_open_can_open(scenario: Build, schema: str) -> None:
    text = NUMBERS.replace("SCHEMA", schema).replace("GATE", "context.amount > 0")
    report = proved(scenario(text))
    assert [proof.verdict for proof in report.properties] == ["refuted"]
    assert [finding.kind for finding in report.findings] == []


def test_a_number_that_no_value_may_be_still_parts_the_values(scenario: Build) -> None:
    text = NUMBERS.replace("SCHEMA", "{type: integer, default: 0}").replace("GATE", "context.amount > 2.5")
    assert [proof.verdict for proof in proved(scenario(text)).properties] == ["refuted"]
    never = NUMBERS.replace("SCHEMA", "{type: integer, default: 0, maximum: 2}").replace("GATE", "context.amount > 2.5")
    assert [proof.verdict for proof in proved(scenario(never)).properties] == ["proved"]


def test_what_a_supervisor_behind_a_catalogue_may_do_is_within_reach(scenario: Build) -> None:
    text = """
scenario: chain
start: main
agents: {main: {instructions: x, tools: [office]}}
supervisors: {boss: {instructions: x, tools: [pay]}}
tools:
  pay: {description: Pay.}
  office:
    description: The office.
    parameters: {function: string, arguments: object}
    catalogue: {functions: {ask: {description: Ask., supervisor: boss}}}
properties: [{never: pay}]
"""
    (proof,) = proved(scenario(text)).properties
    assert (proof.verdict, proof.path) == (
        "refuted",
        ("1. main: calls office (ask)", "2. main (office.ask): calls pay"),
    )


QUERIED = """
scenario: queried
start: main
context: {open: {type: boolean, default: false}, vip: {type: boolean, default: false}}
agents: {main: {instructions: x, tools: [look, pay]}}
data: {orders: {rows: [{id: A}]}}
tools:
  look: {description: Look., query: QUERY, cases: CASES}
  pay: {description: Pay., requires: context.open}
properties: [{never: pay}]
"""


@pytest.mark.parametrize(
    ("query", "cases", "verdict"),
    [
        ("SELECT id FROM orders", "[{when: row.id == 'A', set: {open: true}}, {returns: no}]", "refuted"),
        ("SELECT id FROM orders", "[{returns: no}, {when: row.id == 'A', set: {open: true}}]", "proved"),
        ("SELECT id FROM orders", "[{when: context.vip and row, set: {open: true}}, {returns: no}]", "proved"),
        ("{sql: SELECT id FROM orders, empty: {set: {open: true}}}", "[{returns: no}]", "refuted"),
        ("{sql: SELECT id FROM orders, empty: no}", "[{set: {open: true}}]", "refuted"),
    ],
)
def test_a_proof_takes_every_case_that_the_tables_may_lead_to_and_no_other(
    scenario: Build, query: str, cases: str, verdict: str
) -> None:
    built = scenario(QUERIED.replace("QUERY", query).replace("CASES", cases))
    assert verdicts(proved(built)) == [verdict]


NUMBERS = """
scenario: numbers
start: main
context: {amount: SCHEMA}
agents: {main: {instructions: x, tools: [count, pay]}}
tools:
  count: {description: Count., parameters: {n: number}, set: {amount: args.n}}
  pay: {description: Pay., requires: GATE}
properties: [{never: pay}]
"""


def wide(agents: int, states: int) -> str:
    """Agents that all hand off to each other, each with a ring of states and a guarded tool in its last one."""
    names = [f"a{number}" for number in range(agents)]
    lines = ["scenario: wide", f"start: {names[0]}", "context:", "  ok: {type: boolean, default: false}", "agents:"]
    for name in names:
        others = ", ".join(other for other in names if other != name)
        lines += [f"  {name}:", "    instructions: x", f"    handoffs: [{others}]", f"    tools: [{name}_do, check]"]
        lines += ["    states_mode: tracked", "    states:"]
        for at in range(states):
            tools = f", tools: [{name}_do]" if at == states - 1 else ""
            way = f"[{{to: s{(at + 1) % states}, when: x}}]"
            lines.append(f"      - {{id: s{at}, description: x{tools}, transitions: {way}}}")
    lines += ["tools:", "  check: {description: x, cases: [{when: now, set: {ok: true}}, {returns: no}]}"]
    lines += [f"  {name}_do: {{description: x, requires: context.ok}}" for name in names]
    return "\n".join(lines) + f"\nproperties: [{{before: check -> {names[-1]}_do}}]\n"


def test_the_states_of_agents_that_are_not_active_do_not_multiply(scenario: Build) -> None:
    big = scenario(wide(5, 8))
    proved(scenario(SHOP))
    report = proved(big)
    assert report.is_complete and verdicts(report) == ["proved"] and report.findings == ()
    assert report.states < 5 * 8 * 5 * 8, report.states  # telling all agents apart, there are 5 * 8**5 * 2


def test_without_gates_the_proof_is_not_even_loaded(tmp_path: Path) -> None:
    path = tmp_path / "plain.yaml"
    path.write_text("scenario: plain\nstart: main\nagents:\n  main: {instructions: Be brief.}\n", encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from realtime_scenarios.project import load; from realtime_scenarios.lint import findings, proofs;"
        f"findings(load(Path({str(path)!r})), warnings=True); print('realtime_scenarios.proof' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"
