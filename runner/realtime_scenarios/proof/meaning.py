"""A scenario's conditions, answers and changes to what they mean for many combinations of values at once.

Nothing is enumerated before something reads it: a condition parts a cube only as far as its outcome differs, so that
twenty values that a state collects are one cube until a gate looks, and then as many as the gate can tell apart.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from realtime_scenarios.core import is_unsaid
from realtime_scenarios.model.scenario import Scenario, State, StateMachine, Transition
from realtime_scenarios.model.tool import Condition, ToolSpec
from realtime_scenarios.proof.conditions import UNKNOWN, Read, Some, read_expression, truth
from realtime_scenarios.proof.cubes import UNCHANGED, Change, Cube, Layout
from realtime_scenarios.proof.domains import domains_of
from realtime_scenarios.proof.parting import FAILS, Outcome, Space, Splitting
from realtime_scenarios.proof.steps import Region
from realtime_scenarios.proof.tools import assumptions_of


class Meaning:
    """What a scenario's expressions mean over cubes of its variables' values. What was worked out once is kept.

    Beside the variables, a cube says in which state each agent was left, since one that is handed back to goes on
    there. `machines` are those of the agents whose states the runner tracks.
    """

    def __init__(self, scenario: Scenario, machines: Mapping[str, StateMachine]) -> None:
        self._context = scenario.context
        self._machines = machines
        self._read: dict[str, Read] = {}
        self._domains = domains_of(scenario, self.read)
        sizes: dict[Hashable, int] = {name: len(domain.values) for name, domain in self._domains.items()}
        sizes |= {_Left(agent): 1 + len(machine.states) for agent, machine in machines.items()}
        self.layout = Layout(sizes)
        self._space = Space(self._domains, self.layout)
        self.evaluated = 0
        """How many expressions were looked at so far: nearly all that a proof costs beside its steps."""
        self._masks: dict[str, Cube] = {}
        self._parts: dict[tuple[Any, ...], tuple[tuple[Cube, Any], ...]] = {}
        self._left = {agent: self.layout[_Left(agent)] for agent in machines}
        self._left_masks = {agent: field.mask for agent, field in self._left.items()}

    def read(self, expression: str) -> Read:
        if expression not in self._read:
            self._read[expression] = read_expression(expression)
        return self._read[expression]

    def mask_of(self, expressions: Iterable[str]) -> Cube:
        """The fields of all variables that these expressions read."""
        found = 0
        for text in expressions:
            if text not in self._masks:
                self._masks[text] = self.layout.mask_of(self.read(text).variables)
            found |= self._masks[text]
        return found

    @property
    def reads_positions(self) -> bool:
        """Whether any condition looks at the state of an agent."""
        return any(read.reads_position for read in self._read.values())

    def truths(
        self, condition: Condition, region: Region, *, failing: bool = False
    ) -> Iterator[tuple[Cube, bool | None]]:
        """The cube in parts, each with whether the condition holds there.

        None: it depends on what is not known, such as the arguments. `failing` is what a condition means that cannot
        be evaluated.
        """

        def holds(value: Any) -> bool | None:
            return failing if value is FAILS else truth(value)

        return self._parted(condition.expression, region, holds, failing)

    def gate_parts(self, conditions: Iterable[Condition], region: Region) -> list[tuple[Cube, bool | None]]:
        """The cube in parts, each with whether a gate with these conditions opens there; None where it may."""
        parts: list[tuple[Cube, bool | None]] = [(region.cube, True)]
        for condition in conditions:
            parts = [
                (part, False if holds is False else None if None in (holds, before) else True)
                for cube, before in parts
                for part, holds in (
                    [(cube, False)]
                    if before is False  # shut is shut: nothing more is told apart
                    else self.truths(condition, Region(region.position, cube))
                )
            ]
        return parts

    def opens(self, conditions: Iterable[Condition], region: Region) -> bool | None:
        """Whether a gate with these conditions opens everywhere in the region, or nowhere; None: it depends."""
        found = {opens for _, opens in self.gate_parts(conditions, region)}
        return found.pop() if len(found) == 1 else None

    def may_open(self, conditions: Iterable[Condition], region: Region) -> bool:
        """Whether a gate with these conditions may open anywhere in the region."""
        return any(opens is not False for _, opens in self.gate_parts(conditions, region))

    def asked_parts(self, tool: ToolSpec, region: Region) -> Iterable[tuple[Cube, bool | None]]:
        """The cube in parts, each with whether a person is asked before the tool runs; None where it depends."""
        if tool.approval is None:
            return [(region.cube, False)]
        if tool.approval.when is None:
            return [(region.cube, True)]
        return self.truths(tool.approval.when, region, failing=True)

    def answer_parts(self, tool: ToolSpec, region: Region) -> Iterator[tuple[Cube, tuple[Change, ...]]]:
        """The cube in parts, each with what the tool's answers may change there; nothing: no answer comes."""
        in_order = assumptions_of(tool).in_order
        parts: list[_Answered] = [_Answered(region.cube)]
        for answer in tool.stub.answers:
            after: list[_Answered] = []
            for part in parts:
                if part.is_over:
                    after.append(part)
                    continue
                here = Region(region.position, part.cube)
                held = [(part.cube, True)] if answer.when is None else self.truths(answer.when, here)
                for cube, holds in held:
                    if holds is False:
                        after.append(replace(part, cube=cube))
                        continue
                    is_over = bool(holds) and in_order  # what certainly holds hides all that stands behind it
                    if answer.fails:
                        after.append(replace(part, cube=cube, is_over=is_over))
                        continue
                    for changed, change in self.change_parts(answer.set, Region(region.position, cube)):
                        changes = part.changes if change is None else (*part.changes, change)
                        after.append(_Answered(changed, changes, is_over))
            parts = after
        return ((part.cube, part.changes) for part in parts)

    def change_parts(
        self, assignments: Mapping[str, str], region: Region, *, cleared: Collection[str] = ()
    ) -> list[tuple[Cube, Change | None]]:
        """The cube in parts, each with the change that these assignments make there; None: one of them fails.

        What is `cleared` becomes again what the conversation began with, unless it is set.
        """
        names = [name for name in assignments if name in self._domains]
        clearing = Change()
        for name in cleared:
            if name in self._domains and name not in names:
                mask = self.layout[name].mask
                clearing = Change(clearing.stay & ~mask, clearing.bits | self._first_bit(name))
        parts: list[tuple[Cube, Change | None]] = [(region.cube, clearing)]
        for name in names:
            assigned_bits = functools.partial(self._assigned_bits, name)
            mask = self.layout[name].mask
            after: list[tuple[Cube, Change | None]] = []
            for cube, change in parts:
                if change is None:
                    after.append((cube, None))
                    continue
                for part, bits in self._parted(assignments[name], Region(region.position, cube), assigned_bits, name):
                    after.append((part, Change(change.stay & ~mask, change.bits | bits) if bits else None))
            parts = after
        return parts

    def _assigned_bits(self, name: str, value: Any) -> Cube:
        """The values that the variable may have when it is set to this; 0: none, so that nothing is set at all."""
        domain, field = self._domains[name], self.layout[name]
        if value is FAILS:  # the stub fails with it (`stubs.answers.updates`)
            return 0
        at = None if value is UNKNOWN or isinstance(value, Some) else domain.index(value)
        if at is None:
            return field.bits(domain.settable)
        return field.bit(at) if at in domain.settable else 0

    def _parted(
        self, expression: str, region: Region, outcome_of: Callable[[Any], Outcome], purpose: Any
    ) -> Iterator[tuple[Cube, Outcome]]:
        """The cube in parts, each with the outcome of the expression's value; `purpose` stands for `outcome_of`."""
        mask = self.mask_of((expression,))
        position, cube = region
        read = self.read(expression)
        seen = (position.agent, position.state) if read.reads_position else None
        memo = (expression, purpose, seen, cube & mask)
        parts = self._parts.get(memo)
        if parts is None:
            splitting = Splitting(self._space, read, position, outcome_of)
            parts = self._parts[memo] = tuple(splitting.parts(cube & mask))
            self.evaluated += splitting.count
        rest = cube & ~mask
        return ((rest | part, outcome) for part, outcome in parts)

    def given_on_leaving(self, agent: str, state: State, way: Transition) -> Iterator[Change]:
        """What the model may bring along when it takes the transition: what is collected; nothing, on the way back."""
        if way.to is not None and self._machines[agent].leads_back(state.id, way.to):
            yield UNCHANGED
        stay, bits = -1, 0
        for collected in state.collect:
            if collected.variable in self._domains:
                domain, field = self._domains[collected.variable], self.layout[collected.variable]
                unsaid = [at for at, value in enumerate(domain.values) if collected.required and is_unsaid(value)]
                stay &= ~field.bits(unsaid)
                bits |= field.bits(domain.settable) & ~field.bits(unsaid)
        yield Change(stay, bits)

    def given_cube(self, cube: Cube, given: Change) -> Cube | None:
        """What the values are when these were given; None where a variable would have none."""
        after = given.of(cube)
        return after if all(after & mask for mask in self.layout.masks_in(cube)) else None

    @functools.cached_property
    def first_cube(self) -> Cube:
        """What a conversation begins with: the values of the variables, and agents of which none was ever active."""
        cube = sum(map(self._first_bit, self._domains))
        return cube | sum(self.left_bit(agent, None) for agent in self._machines)

    def cube_of(self, context: Mapping[str, Any]) -> Cube | None:
        """One combination of values; None where the domain of a variable does not tell one of them apart."""
        indexes = {name: domain.index(context.get(name)) for name, domain in self._domains.items()}
        if None in indexes.values():
            return None
        return sum(self.layout[name].bit(at or 0) for name, at in indexes.items())

    def _first_bit(self, name: str) -> Cube:
        """The value that the variable begins with."""
        at = self._domains[name].index(self._context[name].default) or 0
        return self.layout[name].bit(at)

    @functools.cached_property
    def left_mask(self) -> Cube:
        """The fields that keep in which states agents were left."""
        return self.left_mask_of(self._machines)

    def left_mask_of(self, agents: Iterable[str]) -> Cube:
        """The fields that keep in which states these were left; an agent without states that are tracked has none."""
        found = 0
        for agent in agents:
            found |= self._left_masks.get(agent, 0)
        return found

    def left_bit(self, agent: str, state: str | None) -> Cube:
        """That the agent was left in that state. None: it was never active, or is so now."""
        at = 0 if state is None else 1 + list(self._machines[agent].states).index(state)
        return self._left[agent].bit(at)

    def left_parts(self, agent: str, cube: Cube) -> Iterator[tuple[Cube, str | None]]:
        """The cube in parts, each with the state in which the agent was left there. None: it was never active."""
        field = self._left[agent]
        for state in (None, *self._machines[agent].states):
            if found := cube & self.left_bit(agent, state):
                yield (cube & ~field.mask) | found, state


class _Left(NamedTuple):
    """The name of the field that says in which state an agent was left."""

    agent: str


@dataclass(frozen=True, slots=True)
class _Answered:
    """Part of a cube, with the changes of the answers that may come. `is_over`: no further answer is looked at."""

    cube: Cube
    changes: tuple[Change, ...] = ()
    is_over: bool = False
