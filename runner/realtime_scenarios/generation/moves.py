"""Where a conversation stands, to the turns that could follow there, each with what it may meet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from realtime_scenarios.coverage import Key
from realtime_scenarios.coverage.items import guardrails_of
from realtime_scenarios.generation.calls import Calls, gate_keys, key_at
from realtime_scenarios.generation.guarded import let_pass_by, stopped_by, why_not_stopped
from realtime_scenarios.generation.lines import Lines
from realtime_scenarios.generation.values import KnownValues, arguments_of, value_of
from realtime_scenarios.model.scenario import AgentSpec, Guardrail, Scenario, State
from realtime_scenarios.model.tool import ToolSpec


@dataclass(frozen=True, slots=True)
class Standing:
    """A conversation that was played so far: its `head` and `turns` as data, and what is the case after them.

    `head` holds the keys of the dialogue beside its turns. `states` maps agents to the state that they are in.
    """

    head: Mapping[str, Any]
    turns: tuple[Mapping[str, Any], ...]
    agent: str
    states: Mapping[str, str]
    context: Mapping[str, Any]

    @property
    def key(self) -> str:
        """What tells it from others after which other things can be done."""
        return json.dumps([self.agent, self.states, self.context], sort_keys=True, default=str)

    def moved_to(self, agent: str) -> Standing:
        """The same with another agent."""
        return replace(self, agent=agent)

    def entered(self, state: str) -> Standing:
        """The same with the agent in another state."""
        return replace(self, states={**self.states, self.agent: state})

    @property
    def length(self) -> tuple[int, int, int]:
        """Those that begin at the beginning come first, then the shorter ones."""
        moves = sum(len(turn.get("agent", ())) for turn in self.turns)
        return (len(self.head), len(self.turns), moves)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A turn that may follow. `main` is the index of the move that matters; `aims` are what it may meet.

    `leads_to` is the key of where it leads at most; None: that is not foreseen.
    """

    standing: Standing
    turn: Mapping[str, Any]
    main: int
    aims: frozenset[Key] = field(default_factory=frozenset)
    leads_to: str | None = None

    @property
    def move(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.turn["agent"][self.main]
        return found


class Moves:
    """The turns that can be thought of in one scenario."""

    def __init__(self, scenario: Scenario, known: KnownValues) -> None:
        self._scenario = scenario
        self._known = known
        self._lines = Lines(scenario)
        self._calls = Calls(scenario, known, self._lines)

    def beginning(self) -> Attempt | Standing:
        """The agent's opening, where it speaks first; otherwise where a conversation stands before anything is said."""
        scenario = self._scenario
        states = {agent.id: agent.states.entry for agent in scenario.agents.values() if agent.states is not None}
        context = {name: variable.default for name, variable in scenario.context.items()}
        standing = Standing({}, (), scenario.start, states, context)
        opening = scenario.opening
        if opening is not None and opening.speaks == "agent":
            aims = [key_at("promise", opening.place / "say")] if opening.say is not None else []
            return Attempt(standing, {"agent": [{"say": opening.say or self._lines.hello}]}, 0, frozenset(aims))
        return standing

    def after(self, standing: Standing) -> Iterator[Attempt]:
        """Each turn that could follow."""
        agent = self._scenario.agents[standing.agent]
        machine = agent.states if agent.states is not None and agent.states.is_enforced else None
        here = machine.states.get(standing.states.get(agent.id, machine.entry)) if machine is not None else None
        yield from self._handoffs(standing, agent, here)
        if here is not None:
            yield from self._transitions(standing, here)
        for name in agent.tools:
            if name in self._scenario.tools:
                yield from self._tool_calls(standing, self._scenario.tools[name])
        for guardrail in guardrails_of(agent, self._scenario):
            yield from self._guarded(standing, guardrail)

    def unforeseen(self) -> Iterator[tuple[Key, str]]:
        """What is never tried, with the reason."""
        for guardrail in self._scenario.guardrails.values():
            if (reason := why_not_stopped(guardrail)) is not None:
                yield key_at("guardrail", guardrail.place, "tripped"), reason

    def _guarded(self, standing: Standing, guardrail: Guardrail) -> Iterator[Attempt]:
        """Something that it lets pass, and things that it stops, which the agent takes back."""
        plain = let_pass_by(guardrail, self._lines.answer)
        passed = frozenset([key_at("guardrail", guardrail.place, "passed")])
        yield Attempt(standing, {"user": self._lines.hello, "agent": [plain]}, 0, passed, standing.key)
        tripped = frozenset([key_at("guardrail", guardrail.place, "tripped")])
        for move in stopped_by(guardrail, self._lines.hello):
            turn = {"user": self._lines.hello, "agent": [move, plain], "expect": [{"guardrail": guardrail.name}]}
            yield Attempt(standing, turn, 0, tripped, standing.key)

    def _handoffs(self, standing: Standing, agent: AgentSpec, here: State | None) -> Iterator[Attempt]:
        for edge in agent.handoffs:
            ways = [way for way in here.transitions if way.handoff == edge.to] if here is not None else []
            aims = {key_at("handoff", edge.place), *gate_keys(edge.requires)}
            if edge.say_first:
                aims.add(key_at("promise", edge.place / "say_first"))
            target = self._scenario.agents.get(edge.to)
            if target is not None:
                aims.add(key_at("agent", target.place))
            for way in ways:
                aims |= {key_at("transition", way.place), *gate_keys(way.requires)}
            inputs = arguments_of(edge.inputs, self._known) if edge.inputs else [{}]
            leads_to = None if edge.set else standing.moved_to(edge.to).key
            for args in inputs[:4]:
                move = {"handoff": edge.to, **({"args": args} if args else {})}
                lead = [{"say": self._lines.announcement}] if edge.say_first else []
                turn = {"user": self._lines.for_handoff(edge), "agent": [*lead, move, {"say": self._lines.answer}]}
                yield Attempt(standing, turn, len(lead), frozenset(aims), leads_to)

    def _transitions(self, standing: Standing, here: State) -> Iterator[Attempt]:
        given = {
            field.variable: value
            for field in here.collect
            if (variable := self._scenario.context.get(field.variable)) is not None
            and (value := value_of(field.variable, variable.schema, self._known)) is not None
        }
        required = {field.variable: given[field.variable] for field in here.collect if field.variable in given}
        machine = self._scenario.agents[standing.agent].states
        for way in here.transitions:
            if way.to is None:
                continue
            aims = {key_at("transition", way.place), *gate_keys(way.requires)}
            if machine is not None and way.to in machine.states:
                aims.add(key_at("state", machine.states[way.to].place))
            variants = [required, {}] if required else [{}]
            for args in variants:
                move = {"state": way.to, **({"args": args} if args else {})}
                user = self._lines.for_transition(here, way, args)
                turn = {"user": user, "agent": [move, {"say": self._lines.answer}]}
                leads_to = None if args or way.set or way.clear else standing.entered(way.to).key
                yield Attempt(standing, turn, 0, frozenset(aims), leads_to)

    def _tool_calls(self, standing: Standing, tool: ToolSpec) -> Iterator[Attempt]:
        lead = [{"say": self._lines.filler(tool)}] if tool.filler is not None else []
        for call in self._calls.of(tool):
            turn = {"user": self._lines.for_tool(tool), "agent": [*lead, call.move, {"say": call.told}]}
            leads_to = None if call.changes else standing.key
            yield Attempt(standing, turn, len(lead), call.aims, leads_to)
