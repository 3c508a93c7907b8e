"""Two scenarios that differ in gates alone: whether any conversation could ever tell them apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from realtime_scenarios.model.scenario import HandoffSpec, Scenario, Transition
from realtime_scenarios.model.tool import Condition, functions_of, specs_of
from realtime_scenarios.proof.model import Model, model_of
from realtime_scenarios.proof.reach import Fact, Question, Sight
from realtime_scenarios.proof.search import reached
from realtime_scenarios.proof.slices import Cone, Graph
from realtime_scenarios.proof.steps import Region

Gate = tuple[Condition, ...]


def gates_are_alike(scenario: Scenario, other: Scenario) -> bool:
    """Whether the gates of `other` open wherever those of `scenario` do and nowhere else, on every way through it.

    False: one does not, or it cannot be found out. All else in the two must be the same.
    """
    others = {**_tool_gates(other), **_handoff_gates(other), **_way_gates(other)}
    own = {**_tool_gates(scenario), **_handoff_gates(scenario), **_way_gates(scenario)}
    changed = {fact: (gate, others[fact]) for fact, gate in own.items() if _texts(gate) != _texts(others.get(fact, ()))}
    if own.keys() != others.keys() or not changed:
        return False
    comparison = _Comparison(model_of(scenario), changed)
    if any(fact[0] == "way" and len(fact) == 5 for fact in changed):
        return False  # a transition to another agent opens the handoff together with its other gates
    found = reached(comparison.graph, comparison.question)
    return not found.found and found.is_complete


class _Comparison:
    """Where two gates come to something else."""

    def __init__(self, model: Model, changed: Mapping[Fact, tuple[Gate, Gate]]) -> None:
        self._model = model
        self._changed = changed
        self.graph = Graph(model)
        self.question = Question(tuple(changed), self._sights, lambda region, step, is_fresh: (), self._cone)

    def _sights(self, region: Region) -> Iterator[Sight]:
        model, position = self._model, region.position
        for tool in model.callable_tools(position):
            for _, spec in functions_of(tool):
                yield from self._differences(("tool", spec.name), [region])
        for edge, gates in model.handoffs(position):
            for gate in gates:
                yield from self._differences(("handoff", position.agent, edge.to), [region], beside=gate)
        state = model.state_at(position)
        for number, way in enumerate(state.transitions if state is not None else ()):
            fact = ("way", position.agent, state.id if state is not None else "", str(number))
            if state is not None and way.to is not None and fact in self._changed:
                given = model.meaning.given_on_leaving(position.agent, state, way)
                cubes = (model.meaning.given_cube(region.cube, change) for change in given)
                yield from self._differences(fact, [Region(position, cube) for cube in cubes if cube is not None])

    def _differences(self, fact: Fact, regions: Iterable[Region], beside: Gate = ()) -> Iterator[Sight]:
        """What depends on arguments, which nobody knows before, may be different."""
        if fact not in self._changed:
            return
        first, second = self._changed[fact]
        meaning = self._model.meaning
        for region in regions:
            for cube, opens in meaning.gate_parts((*first, *beside), region):
                there = Region(region.position, cube)
                for part, opens_too in meaning.gate_parts((*second, *beside), there):
                    if opens is None or opens is not opens_too:
                        yield Sight(fact, part)

    def _cone(self, fact: Fact) -> Cone:
        first, second = self._changed[fact]
        mask = self._model.meaning.mask_of(condition.expression for condition in (*first, *second))
        match fact:
            case ("tool", name):
                return Cone(mask, frozenset((name,)))
            case ("handoff", agent, _):
                return Cone(mask, named=frozenset((agent,)))
            case ("way", agent, *_):
                return Cone(mask, moving=frozenset((agent,)))
        raise ValueError(f"no gate: {fact}")


def _tool_gates(scenario: Scenario) -> dict[Fact, Gate]:
    return {("tool", name): spec.requires for name, spec in specs_of(scenario.tools).items()}


def _handoff_gates(scenario: Scenario) -> dict[Fact, Gate]:
    edges: Iterator[tuple[str, HandoffSpec]] = (
        (agent.id, edge) for agent in scenario.agents.values() for edge in agent.handoffs
    )
    return {("handoff", agent, edge.to): edge.requires for agent, edge in edges}


def _way_gates(scenario: Scenario) -> dict[Fact, Gate]:
    """Those of transitions; one to another agent is told by a fifth part."""
    ways: Iterator[tuple[str, str, int, Transition]] = (
        (agent.id, state.id, number, way)
        for agent in scenario.agents.values()
        if agent.states is not None
        for state in agent.states.states.values()
        for number, way in enumerate(state.transitions)
    )
    return {
        ("way", agent, state, str(number), *(() if way.handoff is None else ("handoff",))): way.requires
        for agent, state, number, way in ways
    }


def _texts(gate: Gate) -> tuple[str, ...]:
    return tuple(condition.expression for condition in gate)
