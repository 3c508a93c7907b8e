"""A tool to the calls of it that can be thought of, each with what it may meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.coverage import Key
from realtime_scenarios.coverage.items import GATE_WAYS, branches_of, outcomes_of
from realtime_scenarios.document import Place
from realtime_scenarios.generation.lines import Lines
from realtime_scenarios.generation.values import KnownValues, arguments_of, literals_in, value_of
from realtime_scenarios.model.scenario import Scenario, Supervisor
from realtime_scenarios.model.tool import ApprovalRule, Condition, ToolSpec, functions_of

_MOST = 12
"""Calls of one tool that are tried at one place, each with other arguments."""

_WAYS = {"approved": "approve", "rejected": "reject", "timed_out": "times_out"}
_GONE = {"fails": "the model cannot be had"}


@dataclass(frozen=True, slots=True)
class PossibleCall:
    """A call as a move. `told` is what the agent says afterwards, `aims` are what it may meet.

    `changes`: it may set context variables.
    """

    move: Mapping[str, Any]
    told: str
    aims: frozenset[Key]
    changes: bool


class Calls:
    """The calls that can be thought of in one scenario."""

    def __init__(self, scenario: Scenario, known: KnownValues, lines: Lines) -> None:
        self._scenario = scenario
        self._known = known
        self._lines = lines
        self._thought_of: dict[str, tuple[PossibleCall, ...]] = {}

    def of(self, tool: ToolSpec) -> tuple[PossibleCall, ...]:
        """Calls of a tool by the agent, with what the text model behind it does."""
        if tool.name not in self._thought_of:
            self._thought_of[tool.name] = tuple(self._calls(tool))
        return self._thought_of[tool.name]

    def _calls(self, tool: ToolSpec) -> Iterator[PossibleCall]:
        supervisor = self._scenario.supervisors.get(tool.stub.supervisor or "")
        for call in self._calls_without_models(tool):
            if supervisor is not None:
                yield from self._supervised(call, supervisor)
            elif (question := tool.stub.question) is not None:
                output = question.output
                value = self._lines.answer if output is None else value_of("answer", output, self._known)
                failing = [_GONE] * (question.retries + 1)
                for nested in ([{"answer": value}], failing):
                    yield PossibleCall({**call.move, "nested": nested}, call.told, call.aims, call.changes)
            else:
                yield call

    def _supervised(self, call: PossibleCall, supervisor: Supervisor) -> Iterator[PossibleCall]:
        answered = {"answer": self._lines.answer}
        yield PossibleCall({**call.move, "nested": [answered]}, call.told, call.aims, call.changes)
        failing = [_GONE] * (supervisor.retries + 1)
        yield PossibleCall({**call.move, "nested": failing}, supervisor.fallback, call.aims, call.changes)
        for name in supervisor.tools:
            for inner in self._calls_without_models(self._scenario.tools[name]) if name in self._scenario.tools else ():
                move = {**call.move, "nested": [inner.move, answered]}
                yield PossibleCall(move, call.told, inner.aims, inner.changes)

    def _calls_without_models(self, tool: ToolSpec) -> Iterator[PossibleCall]:
        """Calls without what a text model does: each function, with some arguments and each decision of a person."""
        catalogue = tool.stub.catalogue
        for name, spec in functions_of(tool):
            outer = self._known.of_tool(tool.name)
            if catalogue is not None:
                outer = [each for each in outer if catalogue.chosen(each) == name]
            inner = arguments_of(spec.parameters, self._known, literals_in(spec))
            if catalogue is not None:
                inner = [{_function_key(tool): name, catalogue.arguments: args} for args in inner]
            for args in [*outer, *inner][:_MOST]:
                yield from self._decided(tool, spec, args)

    def _decided(self, tool: ToolSpec, spec: ToolSpec, args: Mapping[str, Any]) -> Iterator[PossibleCall]:
        aims = {key_at("tool", spec.place), *gate_keys(spec.requires)}
        aims |= {key_at("answer", branch.place) for branch in branches_of(spec, self._scenario)}
        if tool.filler is not None:
            aims.add(key_at("promise", tool.filler.place))
        supervisor = self._scenario.supervisors.get(tool.stub.supervisor or "")
        if supervisor is not None and supervisor.read == "verbatim":
            aims.add(key_at("promise", supervisor.place / "read"))
        changes = any(answer.set for answer in spec.stub.answers)
        move: dict[str, Any] = {"call": tool.name, **({"args": dict(args)} if args else {})}
        rule = spec.approval
        if rule is None:
            yield PossibleCall(move, self._lines.answer, frozenset(aims), changes)
            return
        for way in outcomes_of(rule):
            asked = frozenset((*aims, key_at("approval", rule.place, way)))
            decision = self._decision(rule, way)
            made = {**move, "approval": decision} if decision is not None else move
            yield PossibleCall(made, self._lines.answer, asked, changes)

    def _decision(self, rule: ApprovalRule, way: str) -> Any:
        """What the person does, as a dialogue writes it; None: nobody is asked."""
        word = _WAYS.get(way)
        if word != "approve":
            return word
        fields = {}
        for field in rule.fields.values():
            schema = {"type": "string", "pattern": field.pattern, "format": field.format}
            value = value_of(field.name, {key: part for key, part in schema.items() if part is not None}, self._known)
            if value is not None:
                fields[field.name] = value
        return {"approve": fields} if fields else word


def gate_keys(conditions: tuple[Condition, ...]) -> set[Key]:
    """Both ways of each of them."""
    return {key_at("gate", condition.place, way) for condition in conditions for way in GATE_WAYS}


def key_at(kind: str, place: Place, way: str = "") -> Key:
    return Key(kind, place.json_pointer, way)


def _function_key(tool: ToolSpec) -> str:
    """The name of the argument that chooses the function."""
    catalogue = tool.stub.catalogue
    assert catalogue is not None
    names = [name for name in tool.parameters.get("properties", {}) if name != catalogue.arguments]
    return next((name for name in names if catalogue.chosen({name: "x"}) == "x"), "function_name")
