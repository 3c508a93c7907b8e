"""A scenario to all that a conversation can meet in it, each with the place where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple, get_args

from msgspec import Struct

from realtime_scenarios.document import Place
from realtime_scenarios.model.scenario import AgentSpec, Guardrail, Scenario, StateMachine
from realtime_scenarios.model.tool import Answer, ApprovalRule, Condition, ToolSpec, functions_of

ItemKind = Literal[
    "agent", "handoff", "state", "transition", "tool", "answer", "approval", "gate", "guardrail", "promise"
]
KINDS: tuple[ItemKind, ...] = get_args(ItemKind)

KIND_NAMES: Mapping[ItemKind, str] = {
    "agent": "agents",
    "handoff": "handoffs",
    "state": "states",
    "transition": "transitions",
    "tool": "tools",
    "answer": "answers of tools",
    "approval": "decisions of people",
    "gate": "gates, both ways",
    "guardrail": "guardrails, both ways",
    "promise": "promises",
}
"""What people call all of a kind."""

GATE_WAYS = ("open", "shut")
GUARDRAIL_WAYS = ("passed", "tripped")


class Key(NamedTuple):
    """What tells an item from all others of its scenario: its kind, its JSON pointer, and which of its ways it is.

    `way` is empty where there is only one.
    """

    kind: str
    pointer: str
    way: str = ""


class Item(Struct, frozen=True, eq=False):
    """`name` is what people call it, such as `approval of refund`."""

    key: Key
    name: str
    place: Place

    @property
    def told(self) -> str:
        """The item in words, with its way."""
        return f"{self.name}: {self.key.way.replace('_', ' ')}" if self.key.way else self.name


def items_of(scenario: Scenario) -> tuple[Item, ...]:
    """All items, kind by kind and each once, in the order of the file.

    States of a machine that is only in the prompt (`mode: prompt`) are none: no trace says where the model thinks it
    is. Neither are answers that only a backend gives, nor tools of MCP servers.
    """
    found = {item.key: item for item in _items(scenario)}
    order = {str(kind): number for number, kind in enumerate(KINDS)}
    return tuple(sorted(found.values(), key=lambda item: order[item.key.kind]))


def _items(scenario: Scenario) -> Iterator[Item]:
    for agent in scenario.agents.values():
        yield _item("agent", agent.place, f"agent {agent.id}")
        yield from _handoff_items(agent)
        if agent.states is not None and agent.states.is_enforced:
            yield from _machine_items(agent.id, agent.states)
    for tool in scenario.tools.values():
        for _, spec in functions_of(tool):
            yield from _tool_items(spec, scenario)
    for guardrail in _guardrails(scenario):
        for way in GUARDRAIL_WAYS:
            yield _item("guardrail", guardrail.place, f"guardrail {guardrail.name}", way)
    yield from _promise_items(scenario)


def _handoff_items(agent: AgentSpec) -> Iterator[Item]:
    for edge in agent.handoffs:
        yield _item("handoff", edge.place, f"handoff {agent.id} → {edge.to}")
        yield from _gate_items(edge.requires, f"handoff {agent.id} → {edge.to}")


def _machine_items(agent: str, machine: StateMachine) -> Iterator[Item]:
    for state in machine.states.values():
        yield _item("state", state.place, f"state {agent}/{state.id}")
        for way in state.transitions:
            name = f"transition {agent}/{state.id} → {way.to or f'agent {way.handoff}'}"
            yield _item("transition", way.place, name)
            yield from _gate_items(way.requires, name)


def _tool_items(spec: ToolSpec, scenario: Scenario) -> Iterator[Item]:
    yield _item("tool", spec.place, f"tool {spec.name}")
    for number, branch in enumerate(branches_of(spec, scenario), 1):
        when = f" (when {branch.when.expression})" if branch.when is not None else ""
        yield _item("answer", branch.place, f"answer {number} of {spec.name}{when}")
    if spec.approval is not None:
        for way in outcomes_of(spec.approval):
            yield _item("approval", spec.approval.place, f"approval of {spec.name}", way)
    yield from _gate_items(spec.requires, spec.name)


def _gate_items(conditions: Iterable[Condition], of: str) -> Iterator[Item]:
    for condition in conditions:
        for way in GATE_WAYS:
            yield _item("gate", condition.place, f"gate of {of} ({condition.expression})", way)


def _promise_items(scenario: Scenario) -> Iterator[Item]:
    if scenario.opening is not None and scenario.opening.say is not None:
        yield _item("promise", scenario.opening.place / "say", "opening")
    for tool in scenario.tools.values():
        if tool.filler is not None:
            yield _item("promise", tool.filler.place, f"filler of {tool.name}")
    for agent in scenario.agents.values():
        for edge in agent.handoffs:
            if edge.say_first:
                yield _item("promise", edge.place / "say_first", f"handoff {agent.id} → {edge.to} is announced")
    for supervisor in scenario.supervisors.values():
        if supervisor.read == "verbatim":
            yield _item("promise", supervisor.place / "read", f"answers of {supervisor.name} are read out")


def branches_of(spec: ToolSpec, scenario: Scenario) -> tuple[Answer, ...]:
    """The answers that a play on this machine can tell apart; empty where there is one alone.

    Of a text model that is the answer in its place when it fails.
    """
    stub = spec.stub
    if stub.question is not None:
        return () if stub.question.fallback is None else (stub.question.fallback,)
    supervisor = scenario.supervisors.get(stub.supervisor or "")
    if supervisor is not None:
        return (Answer(place=supervisor.place / "fallback", returns=supervisor.fallback),)
    if stub.waits or stub.catalogue is not None or len(stub.answers) < 2:
        return ()
    return stub.answers


def outcomes_of(rule: ApprovalRule) -> tuple[str, ...]:
    """How the question may end. Nobody answers only where the rule has a time for that."""
    timed_out = () if rule.timeout is None else ("timed_out",)
    not_asked = () if rule.when is None else ("not_asked",)
    return ("approved", "rejected", *timed_out, *not_asked)


def guardrails_of(agent: AgentSpec, scenario: Scenario) -> tuple[Guardrail, ...]:
    """The guardrails that listen to what the agent says."""
    names = dict.fromkeys((*scenario.session_guardrails, *agent.guardrails))
    return tuple(scenario.guardrails[name] for name in names if name in scenario.guardrails)


def _guardrails(scenario: Scenario) -> Iterator[Guardrail]:
    used = {guardrail.name for agent in scenario.agents.values() for guardrail in guardrails_of(agent, scenario)}
    return (guardrail for guardrail in scenario.guardrails.values() if guardrail.name in used)


def _item(kind: ItemKind, place: Place, name: str, way: str = "") -> Item:
    return Item(Key(kind, place.json_pointer, way), name, place)
