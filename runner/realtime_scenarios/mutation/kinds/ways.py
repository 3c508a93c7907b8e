"""Who hands off to whom, which state leads to which, and who has which tool."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from realtime_scenarios.mutation.mutant import kind
from realtime_scenarios.mutation.subject import Change, Subject


@kind("handoff-dropped")
def handoff_dropped(subject: Subject) -> Iterator[Change]:
    """An agent does not hand off to another one."""
    for edge in subject.handoffs:
        yield subject.dropped(
            edge.pointer,
            f"there is no handoff {edge.name}",
            f"one that makes the handoff {edge.name}",
        )


@kind("handoff-redirected")
def handoff_redirected(subject: Subject) -> Iterator[Change]:
    """A handoff leads to another agent."""
    names = list(subject.data["agents"])
    for edge in subject.handoffs:
        taken = {each.data["to"] for each in subject.handoffs if each.pointer[1] == edge.pointer[1]}
        other = _another(names, edge.data["to"], taken | {str(edge.pointer[1])})
        if other is not None:
            yield subject.put(
                edge.pointer,
                {**edge.data, "to": other},
                f"the handoff {edge.name} leads to '{other}'",
                f"one that makes the handoff {edge.name}",
            )


@kind("start-moved")
def start_moved(subject: Subject) -> Iterator[Change]:
    """Another agent begins."""
    names = list(subject.data["agents"])
    other = _another(names, subject.data["start"], {subject.data["start"]})
    if other is not None:
        yield subject.put(
            ("start",), other, f"'{other}' begins", "one that begins where the scenario does, and makes a move"
        )


@kind("transition-dropped")
def transition_dropped(subject: Subject) -> Iterator[Change]:
    """A state does not lead on to another one."""
    for way in subject.transitions:
        if subject.is_enforced(way):
            yield subject.dropped(
                way.pointer,
                f"there is no transition {way.name}",
                f"one that goes {way.name}",
            )


@kind("transition-redirected")
def transition_redirected(subject: Subject) -> Iterator[Change]:
    """A transition leads to another state."""
    for way in subject.transitions:
        if "to" not in way.data or not subject.is_enforced(way):
            continue
        machine = subject.data["agents"][way.pointer[1]]["states"]
        home = machine[way.pointer[3]]
        taken = {each.get("to") for each in home["transitions"]} | {home["id"]}
        other = _another([state["id"] for state in machine], way.data["to"], taken)
        if other is not None:
            yield subject.put(
                (*way.pointer, "to"),
                other,
                f"the transition {way.name} leads to '{other}'",
                f"one that goes {way.name}",
            )


@kind("tool-taken")
def tool_taken(subject: Subject) -> Iterator[Change]:
    """An agent does not have one of its tools."""
    for agent in subject.agents:
        for index, name in enumerate(agent.data.get("tools", ())):
            yield subject.dropped(
                (*agent.pointer, "tools", index),
                f"'{agent.name}' does not have '{name}'",
                f"one in which '{agent.name}' calls '{name}'",
            )


@kind("tool-lent")
def tool_lent(subject: Subject) -> Iterator[Change]:
    """An agent has a tool of another one as well."""
    agents = list(subject.agents)
    for name in subject.data.get("tools", {}):
        owners = [index for index, agent in enumerate(agents) if name in agent.data.get("tools", ())]
        others = [index for index in range(len(agents)) if index not in owners]
        if not owners or not others:
            continue
        agent = agents[min(others, key=lambda index: (index - owners[0]) % len(agents))]
        tools = list(agent.data.get("tools", ()))
        span = subject.document.span((*agent.pointer, "tools") if tools else agent.pointer, key=True)
        yield subject.put(
            (*agent.pointer, "tools"),
            [*tools, name],
            f"'{agent.name}' has '{name}' as well",
            f"one in which '{agent.name}' tries '{name}', with `outcome: unknown`",
            span=span,
        )


@kind("state-tool-everywhere")
def state_tool_everywhere(subject: Subject) -> Iterator[Change]:
    """A tool that belongs to a state does not belong to it."""
    for state in subject.states:
        for index, name in enumerate(state.data.get("tools", ())) if subject.is_enforced(state) else ():
            yield subject.dropped(
                (*state.pointer, "tools", index),
                f"'{name}' does not belong to the state {state.name}",
                f"one that tries '{name}' outside of {state.name}, with `outcome: unknown`",
            )


def _another(names: Sequence[str], name: str, taken: set[Any]) -> str | None:
    """The name behind this one that is free; None: there is none."""
    at = names.index(name) if name in names else 0
    return next((other for other in (*names[at + 1 :], *names[:at]) if other not in taken), None)
