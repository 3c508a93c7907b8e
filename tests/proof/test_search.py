"""The proof held to the plainest one there is: every conversation, with real values and real expressions."""

from __future__ import annotations

import random

import pytest

from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import load
from realtime_scenarios.proof import properties, proved, search
from realtime_scenarios.proof.model import Model
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
                collect = ", collect: [b]" if random_.random() < 0.3 else ""
                way = f"{{to: {name}{1 - at}, when: x{gate}}}"
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
            for b in (context["b"], True, False) if here.collect else (context["b"],):
                if here.collect and b is None:
                    continue
                given = {**context, "b": b}
                for way in here.transitions:
                    values = {"context": given, "args": {}, "state": state}
                    if all(Expression(condition.expression).evaluate(values) for condition in way.requires):
                        go(agent, {**states, agent: way.to}, given, [], verified, billed)
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
def test_the_rough_way_and_the_exact_one_agree(written: Written, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = built(written, made_up(seed))
    exact = [proof.verdict for proof in proved(scenario).properties]
    properties.property_proofs.cache_clear()
    monkeypatch.setattr(search, "FIRST_LOOK", 1)
    assert [proof.verdict for proof in proved(scenario).properties] == exact


def test_what_is_too_large_is_said_to_be_undecided(written: Written) -> None:
    model = Model(built(written, made_up(1)))
    found = search.reached(model, lambda key, step, fresh: (), most=2)
    assert not found.is_complete
