"""The proof held to the plainest one there is: every conversation, with real values and real expressions."""

from __future__ import annotations

import random

import pytest

from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import load
from realtime_scenarios.proof import gates, properties, proved, search, slices
from realtime_scenarios.proof.model import Model
from realtime_scenarios.proof.reach import Question
from realtime_scenarios.proof.slices import Cone, Graph
from realtime_scenarios.templates import Expression
from support import Written


def made_up(seed: int) -> str:
    """A small scenario that nobody thought about."""
    random_ = random.Random(seed)
    names = ["main", "billing", "sales"][: random_.randint(2, 3)]
    conditions = [
        "context.a",
        "not context.b",
        "context.a and context.b",
        "context.c == 'x'",
        "context.c == 'y' or context.a",
    ]
    changes = ["a: true", "a: false", "b: true", "b: none", "c: \"'x'\"", "c: \"'y'\"", "c: args.word", "b: context.a"]
    tools = [f"t{number}" for number in range(4)]
    lines = [f"scenario: s{seed}", "start: main", "context:", "  a: {type: boolean, default: false}"]
    lines += [
        '  b: {type: [boolean, "null"], default: null}',
        "  c: {type: string, enum: [x, y, z], default: z}",
        "agents:",
    ]
    for name in names:
        lines += [
            f"  {name}:",
            "    instructions: x",
            f"    tools: [{', '.join(random_.sample(tools, 2))}]",
            "    handoffs:",
        ]
        for other in names:
            if other != name and random_.random() < 0.8:
                gate = f", requires: {random_.choice(conditions)}" if random_.random() < 0.4 else ""
                change = f", set: {{{random_.choice(changes[:6])}}}" if random_.random() < 0.3 else ""
                lines.append(f"      - {{to: {other}{gate}{change}}}")
        if lines[-1] == "    handoffs:":
            lines.pop()
        if random_.random() < 0.6:
            lines += ["    states_mode: tracked", "    states:"]
            for at in range(2):
                gate = f", requires: {random_.choice(conditions)}" if random_.random() < 0.4 else ""
                collect = random_.choice(["", "", ", collect: [b]", ', collect: ["b?"]'])
                change = f", set: {{{random_.choice(changes[:6])}}}" if random_.random() < 0.3 else ""
                change += random_.choice(["", "", "", ", clear: [b]", ", clear: [a, c]"])
                way = f"{{to: {name}{1 - at}, when: x{gate}{change}}}"
                own = f", tools: [{random_.choice(tools)}]" if random_.random() < 0.4 else ""
                lines.append(f"      - {{id: {name}{at}, description: x{collect}{own}, transitions: [{way}]}}")
    lines.append("tools:")
    for name in tools:
        gate = f", requires: {random_.choice(conditions)}" if random_.random() < 0.6 else ""
        change = f", set: {{{random_.choice(changes)}}}" if random_.random() < 0.7 else ""
        word = "args.word == 'w' and context.a" if random_.random() < 0.2 else ""
        asked = f", approval: {{when: {word}}}" if word else ""
        lines.append(f"  {name}: {{description: x, parameters: {{word: string}}, returns: x{gate}{asked}{change}}}")
    lines += [
        "properties:",
        "  - {before: t0 -> t1}",
        "  - {before: billing -> t2}",
        "  - {never: t3, when: context.a}",
    ]
    return "\n".join([*lines, "  - {never: main, when: context.c == 'x'}"]) + "\n"


def lived_through(scenario: Scenario) -> tuple[dict[int, int], set[str], set[str]]:
    """The length of the shortest conversation that breaks each property, by real values and real expressions.

    Also the tools that were within reach, and those that ran.

    It knows nothing of the model: it plays the runner's rules.
    """
    found: dict[int, int] = {}
    near: set[str] = set()
    ran: set[str] = set()
    start = (scenario.start, (), ("a", False), ("b", None), ("c", "z"), False, False)
    seen, queue = {start}, [(start, 0)]
    for node, length in queue:
        agent, left, *pairs, verified, billed = node
        context, states = dict(pairs), dict(left)
        machine = scenario.agents[agent].states
        state = states.get(agent) or (machine.entry if machine else None)

        def holds(conditions, args, context=context, state=state):  # type: ignore[no-untyped-def]
            values = {"context": context, "args": args, "state": state}
            return all(Expression(condition.expression).evaluate(values) for condition in conditions)

        def changed(changes, args, context=context):  # type: ignore[no-untyped-def]
            new = {
                name: Expression(text).evaluate({"context": context, "args": args}) for name, text in changes.items()
            }
            after = {**context, **new}
            fits = after["a"] in (True, False) and after["b"] in (True, False, None) and after["c"] in ("x", "y", "z")
            return after if fits and after["a"] is not None else None

        def go(at, states, context, done, was_verified, was_billed, length=length):  # type: ignore[no-untyped-def]
            there = (at, tuple(sorted(states.items())), *((n, context[n]) for n in "abc"), was_verified, was_billed)
            for number in done:  # the properties that this step breaks
                found.setdefault(number, length + 1)
            if there not in seen:
                seen.add(there)
                queue.append((there, length + 1))

        for name in scenario.agents[agent].tools:
            tool = scenario.tools[name]
            homes = machine.homes_of_tools if machine else {}
            if name in homes and state not in homes[name]:
                continue
            near.add(name)
            for word in ("x", "y", "z", "w"):
                if holds(tool.requires, {"word": word}):
                    ran.add(name)
                    after = changed(tool.stub.answers[0].set, {"word": word})
                    done = [0] if name == "t1" and not verified else []
                    done += [1] if name == "t2" and not billed else []
                    done += [2] if name == "t3" and context["a"] else []
                    go(agent, states, after or context, done, verified or (name == "t0" and after is not None), billed)
        for edge in scenario.agents[agent].handoffs:
            after = changed(edge.set, {})
            if holds(edge.requires, {}) and after is not None:
                done = [3] if edge.to == "main" and context["c"] == "x" else []
                go(edge.to, states, after, done, verified, billed or edge.to == "billing")
        if machine is not None and state is not None:
            here = machine.states[state]
            for way in here.transitions:
                for b in dict.fromkeys((context["b"], True, False) if here.collect else (context["b"],)):
                    is_back = list(machine.states).index(way.to) < list(machine.states).index(state)
                    if b is None and any(collected.required for collected in here.collect) and not is_back:
                        continue  # it has to be found out, except on the way back
                    given = {**context, "b": b}
                    values = {"context": given, "args": {}, "state": state}
                    if all(Expression(condition.expression).evaluate(values) for condition in way.requires):
                        begun = {"a": False, "b": None, "c": "z"}
                        after = changed(way.set, {}, given)
                        if after is not None:
                            after |= {name: begun[name] for name in way.clear if name not in way.set}
                            go(agent, {**states, agent: way.to}, after, [], verified, billed)
    return found, near, ran


def built(written: Written, text: str) -> Scenario:
    project = load(written(text))
    assert project.sketch is not None and not project.all_diagnostics
    return project.sketch


@pytest.mark.parametrize("seed", range(80))
def test_the_proof_says_what_having_every_conversation_says(written: Written, seed: int) -> None:
    scenario = built(written, made_up(seed))
    shortest, near, ran = lived_through(scenario)
    said = {at: len(proof.path) for at, proof in enumerate(proved(scenario).properties) if proof.verdict != "proved"}
    assert said == shortest, made_up(seed)
    dead = {finding.subject for finding in proved(scenario).findings if finding.kind == "never-opens"}
    assert dead & scenario.tools.keys() == near - ran, made_up(seed)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("first_look", [0, 20], ids=["at once in parts", "soon in parts"])
def test_a_question_put_in_parts_has_the_same_answer(
    written: Written, seed: int, first_look: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = built(written, made_up(seed))
    whole = proved(scenario)
    monkeypatch.setattr(search, "FIRST_LOOK", first_look)
    monkeypatch.setattr(search, "STEPS_PER_ACTION", 0)
    forget()
    in_parts = proved(scenario)
    assert in_parts.properties == whole.properties
    assert set(in_parts.findings) == set(whole.findings)


def with_twins(text: str) -> str:
    """The scenario with three more agents, of which each can do what the second one can do outside its states."""
    head, agents, rest = text.partition("tools:\n  t0")
    twins = [f"twin{number}" for number in range(3)]
    for name in twins:
        handoffs = "".join(f"      - {{to: {other}}}\n" for other in (*twins, "main") if other != name)
        head += f"  {name}:\n    instructions: x\n    tools: [t0, t1]\n    handoffs:\n{handoffs}"
    head = head.replace("    handoffs:\n", "    handoffs:\n      - {to: twin1}\n      - {to: twin2}\n", 1)
    return head + agents + rest


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("is_searched", [True, False], ids=["searched for", "followed back"])
def test_agents_that_are_alike_are_taken_together_with_the_same_answer(
    written: Written, seed: int, is_searched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = built(written, with_twins(made_up(seed)))
    shortest, near, ran = lived_through(scenario)
    monkeypatch.setattr(slices, "LARGE", 0)
    if not is_searched:
        monkeypatch.setattr(search, "shortest_way", lambda *asked: None)
    report = proved(scenario)
    said = {at: len(proof.path) for at, proof in enumerate(report.properties) if proof.verdict != "proved"}
    assert said == shortest if is_searched else said.keys() == shortest.keys() and 0 not in said.values()
    dead = {finding.subject for finding in report.findings if finding.kind == "never-opens"}
    assert dead & scenario.tools.keys() == near - ran
    for proof in report.properties:
        assert is_a_way(scenario, proof.path), proof.path


def is_a_way(scenario: Scenario, path: tuple[str, ...]) -> bool:
    """Whether each step is taken by the agent that the one before led to."""
    active = scenario.start
    for step in path:
        words = step.split(". ", 1)[1]
        by, _, to = words.partition(" -> ")
        if by.partition(":")[0] != active:
            return False
        active = to or active
    return True


@pytest.mark.parametrize("seed", range(60))
def test_a_way_that_is_not_searched_for_but_followed_back_is_a_real_one(
    written: Written, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = built(written, made_up(seed))
    shortest = {proof.property: len(proof.path) for proof in proved(scenario).properties}
    monkeypatch.setattr(search, "shortest_way", lambda *asked: None)
    forget()
    for proof in proved(scenario).properties:
        assert bool(proof.path) is bool(shortest[proof.property])
        assert shortest[proof.property] <= len(proof.path) <= shortest[proof.property] + 4, proof.path


def forget() -> None:
    properties.property_proofs.cache_clear()
    gates.gate_search.cache_clear()


def test_what_is_too_large_is_said_to_be_undecided(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = Graph(Model(built(written, made_up(1))))
    fact = ("anything",)
    question = Question([fact], lambda region: (), lambda region, step, is_fresh: (), lambda fact: Cone(0))
    monkeypatch.setattr(search, "STEPS_PER_ACTION", 0)
    found = search.reached(graph, question, most=2)
    assert found.undecided == {fact} and not found.is_complete


BEHIND_A_STATE = """
scenario: behind
start: main
context: {known: {type: boolean, default: false}}
agents:
  main:
    instructions: x
    tools: [ask, look]
    states_mode: tracked
    states:
      - {id: first, description: x, transitions: [{to: second, when: y}]}
      - {id: second, description: x, tools: [ask], transitions: [{to: first, when: y}]}
supervisors: {boss: {instructions: x, tools: [pay]}}
tools:
  ask: {description: x, supervisor: boss}
  look: {description: x, set: {known: "true"}}
  pay: {description: x, requires: context.known}
properties: [{never: pay}, {before: look -> pay}]
"""


def test_a_slice_holds_the_states_in_which_a_supervisor_can_be_asked(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "FIRST_LOOK", 0)
    monkeypatch.setattr(search, "STEPS_PER_ACTION", 0)
    report = proved(built(written, BEHIND_A_STATE))
    assert [(proof.verdict, len(proof.path)) for proof in report.properties] == [("refuted", 4), ("proved", 0)]


def test_agents_are_alike_only_where_those_they_hand_off_to_are(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "LARGE", 0)
    agents = "".join(
        f"  a{at}: {{instructions: x, handoffs: [a{at + 1}]{', tools: [pay]' if at == 3 else ''}}}\n" for at in range(4)
    )
    text = (
        f"scenario: chain\nstart: a0\nagents:\n{agents}  a4: {{instructions: x}}\ntools: {{pay: {{description: x}}}}\n"
    )
    (proof,) = proved(built(written, f"{text}properties: [{{never: pay}}]\n")).properties
    assert proof.path == ("1. a0 -> a1", "2. a1 -> a2", "3. a2 -> a3", "4. a3: calls pay")
