"""Rules about conversation states: what they need, and how they are left."""

from __future__ import annotations

import re
from collections.abc import Iterator

from realtime_scenarios.core import listed
from realtime_scenarios.lint.prompts.arguments import asked_of_caller, is_known, words_known_to
from realtime_scenarios.lint.prompts.passages import is_foreign, prompt_read_by
from realtime_scenarios.lint.rule import Finding, Subject, rule


@rule("SC602", "state-needs-datum", "warning", of_whole=True)
def state_needs_datum(subject: Subject) -> Iterator[Finding]:
    """A state calls a tool with something that nobody has found out.

    Problem: the model must give the argument, and invents one or asks out of turn.
    Instead: ask for it in a state before, or take it out of what the tool requires.
    """
    scenario = subject.scenario
    for agent in scenario.agents.values():
        if agent.states is None or is_foreign(prompt_read_by(agent, scenario)):
            continue
        known = words_known_to(agent, scenario)
        for state in agent.states.states.values():
            text = "\n".join((state.description, *state.instructions))
            for name in agent.tools:
                if name in scenario.tools and (name in state.tools or re.search(rf"\b{re.escape(name)}\b", text)):
                    tool = scenario.tools[name]
                    missing = [".".join(path) for path in asked_of_caller(tool) if not is_known(path[-1], known)]
                    if missing:
                        data = listed(f"'{argument}'" for argument in missing)
                        message = f"state '{state.id}' calls '{name}', but nothing finds out {data}"
                        yield Finding(message, (state.place / "id").span, "say in a state that the agent asks for it")


@rule("SC607", "state-without-way-on", "warning")
def state_without_way_on(subject: Subject) -> Iterator[Finding]:
    """A state has no transitions, and the conversation may not end there either.

    Problem: the caller is stuck in it.
    Instead: add a transition, or mark the state `terminal: true`.
    """
    for agent in subject.scenario.agents.values():
        if agent.states is None:
            continue
        states = agent.states.states.values()
        has_ends = any(state.terminal or any(edge.handoff for edge in state.transitions) for state in states)
        for state in states:
            if (has_ends or agent.states.is_enforced) and not state.transitions and not state.terminal:
                hint = "add a transition, or terminal: true"
                yield Finding(f"no way leads on from state '{state.id}'", (state.place / "id").span, hint)


@rule("SC614", "collect-without-way-to-give", needs_all=True, of_whole=True)
def collect_without_way_to_give(subject: Subject) -> Iterator[Finding]:
    """A state collects variables, but no transition leads from it to another state.

    Problem: the model gives what it has found out when it moves on, and it never does.
    Instead: add a transition with `to`.
    """
    for agent in subject.scenario.agents.values():
        for state in agent.states.states.values() if agent.states and agent.states.is_enforced else ():
            if state.collect and not any(edge.to for edge in state.transitions):
                names = listed(f"'{collected.variable}'" for collected in state.collect)
                message = f"state '{state.id}' collects {names}, but leads to no other state"
                yield Finding(message, (state.place / "collect").span, "add a transition with `to`")
