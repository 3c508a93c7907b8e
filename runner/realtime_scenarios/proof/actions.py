"""What may happen at a position to what may become of it: a call, a supervisor's answer, a handoff, a transition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from realtime_scenarios.model.scenario import HandoffSpec, State, Transition
from realtime_scenarios.model.tool import Condition, ToolSpec
from realtime_scenarios.proof.cubes import Change, Cube
from realtime_scenarios.proof.meaning import Meaning
from realtime_scenarios.proof.steps import Branch, Position, Region, Step
from realtime_scenarios.proof.tools import assumptions_of, is_checked


class Call:
    """A tool, or a function of its catalogue, is called.

    `after` is where the conversation stands then: elsewhere only where the opening makes the call. `inside` is where
    the supervisor behind the tool is at work; None: it has none, or that cannot be asked there.
    """

    def __init__(
        self,
        meaning: Meaning,
        position: Position,
        tool: str,
        function: str | None,
        spec: ToolSpec,
        *,
        after: Position,
        inside: Position | None,
    ) -> None:
        self._meaning = meaning
        self._place = position
        self._tool = tool
        self._function = function
        self._spec = spec
        self._after = after
        self._inside = inside
        self._is_opening = after != position
        asks = spec.approval.when if spec.approval is not None else None
        gates = [*spec.requires, *([asks] if asks is not None else [])]
        self.reads = _mask_read_by_answers(meaning, spec) | meaning.mask_of(gate.expression for gate in gates)
        self.writes = _mask_set_by_answers(meaning, spec)
        self.spec = None if spec.stub.supervisor is not None or self._is_opening else spec.name
        self.moved = None

    def branches(self, cube: Cube) -> Iterator[Branch]:
        position, spec = self._place, self._spec
        by = (
            "opening"
            if self._is_opening
            else f"{position.agent} ({position.inside[-1]})"
            if position.inside
            else position.agent
        )
        for gated, gate in self._meaning.gate_parts(spec.requires, Region(position, cube)):
            for part, asked in self._meaning.asked_parts(spec, Region(position, gated)):
                if self._is_opening and (gate is not True or asked is not False or assumptions_of(spec).may_fail):
                    yield Branch(Step("skip", by, self._tool), part, self._after)
                if gate is not False:
                    # where it depends on what is not known, such as arguments, both are ways
                    for approval in {True: (True,), False: (False,), None: (False, True)}[asked]:
                        yield from self._answered(part, by, approval=approval)

    def _answered(self, cube: Cube, by: str, *, approval: bool) -> Iterator[Branch]:
        spec, after = self._spec, self._after
        step = Step("call", by, self._tool, self._function, approval, True, is_checked(spec))
        if spec.stub.supervisor is None:
            for part, changes in self._meaning.answer_parts(spec, Region(self._place, cube)):
                yield from (Branch(step, part, after, change) for change in changes)
                if not changes:  # where nothing but failures come back, the call was made all the same
                    yield Branch(replace(step, answered=False), part, after)
        elif self._is_opening:
            yield Branch(replace(step, checked=True), cube, after)
        elif self._inside is not None:
            yield Branch(replace(step, answered=False), cube, self._inside)


class Answering:
    """The supervisor behind a tool comes to an answer, and the conversation goes `back` to who asked it."""

    def __init__(self, meaning: Meaning, tool: ToolSpec, *, back: Position) -> None:
        self._meaning = meaning
        self._tool = tool
        self._back = back
        self.reads = _mask_read_by_answers(meaning, tool)
        self.writes = _mask_set_by_answers(meaning, tool)
        self.spec = self.moved = None

    def branches(self, cube: Cube) -> Iterator[Branch]:
        name = self._tool.name
        step = Step("answer", name, name, answered=True, checked=is_checked(self._tool))
        for part, changes in self._meaning.answer_parts(self._tool, Region(self._back, cube)):
            yield from (Branch(step, part, self._back, change) for change in changes)
        # a text model may always fail: then nothing is set
        yield Branch(replace(step, answered=False), cube, self._back)


class Handoff:
    """An agent hands off to another one, which begins at `entry`, or goes on where it was left.

    One of the `gates`, those of the transitions that name it, must be open beside the handoff's own.
    """

    def __init__(
        self,
        meaning: Meaning,
        position: Position,
        edge: HandoffSpec,
        gates: tuple[tuple[Condition, ...], ...],
        *,
        entry: Position,
    ) -> None:
        self._meaning = meaning
        self._place = position
        self._edge = edge
        self._gates = gates
        self._entry = entry
        is_to_itself = edge.to == position.agent
        left = meaning.left_mask_of([position.agent])
        self._left = 0 if is_to_itself else left
        self._resumed = 0 if is_to_itself else meaning.left_mask_of([edge.to])
        conditions = [condition for gate in (edge.requires, *gates) for condition in gate]
        texts = (*(condition.expression for condition in conditions), *edge.set.values())
        self.reads = self._resumed | meaning.mask_of(texts)
        self.writes = self._resumed | left | meaning.layout.mask_of(edge.set)
        self.spec = self.moved = None

    def branches(self, cube: Cube) -> Iterator[Branch]:
        meaning, position, edge = self._meaning, self._place, self._edge
        step = Step("handoff", position.agent, edge.to)
        for gated, opens in meaning.gate_parts(edge.requires, Region(position, cube)):
            for part in self._open_parts(gated) if opens is not False else ():
                for origin, change in meaning.change_parts(edge.set, Region(position, part)):
                    if change is not None:
                        yield from self._arrivals(step, origin, change)

    def _open_parts(self, cube: Cube) -> Iterator[Cube]:
        """Where one of the gates of the transitions that name the agent may open."""
        shut = [cube]
        for gate in self._gates:
            parts = [part for rest in shut for part in self._meaning.gate_parts(gate, Region(self._place, rest))]
            yield from (part for part, opens in parts if opens is not False)
            shut = [part for part, opens in parts if opens is False]

    def _arrivals(self, step: Step, origin: Cube, change: Change) -> Iterator[Branch]:
        meaning, position, to = self._meaning, self._place, self._edge.to
        if self._left:
            left = meaning.left_bit(position.agent, position.state)
            change = Change(change.stay & ~self._left, change.bits | left)
        if not origin & self._resumed:  # in a slice in which it stays where it begins
            yield Branch(step, origin, self._entry, change, is_fresh=bool(self._resumed))
            return
        change = Change(change.stay & ~self._resumed, change.bits | meaning.left_bit(to, None))
        for part, state in meaning.left_parts(to, origin):
            arrival = self._entry if state is None else self._entry._replace(state=state)
            yield Branch(step, part, arrival, change, is_fresh=state is None)


class Move:
    """An agent takes a transition to another of its states."""

    def __init__(self, meaning: Meaning, position: Position, state: State, way: Transition, to: str) -> None:
        self._meaning = meaning
        self._place = position
        self._state = state
        self._way = way
        self._to = to
        given = meaning.layout.mask_of(collected.variable for collected in state.collect)
        read = meaning.mask_of((*(condition.expression for condition in way.requires), *way.set.values()))
        self.reads = read | given
        self.writes = given | meaning.layout.mask_of((*way.set, *way.clear))
        self.spec = None
        self.moved = position.agent

    def branches(self, cube: Cube) -> Iterator[Branch]:
        meaning, way = self._meaning, self._way
        step = Step("move", self._place.agent, self._to)
        to = self._place._replace(state=self._to)
        for given in meaning.given_on_leaving(self._place.agent, self._state, way):
            after = meaning.given_cube(cube, given)
            gated = meaning.gate_parts(way.requires, Region(self._place, after)) if after is not None else []
            for passed in (part for part, opens in gated if opens is not False):
                for source, change in meaning.change_parts(way.set, Region(self._place, passed), cleared=way.clear):
                    if change is not None:
                        origin = given.origins(cube, source, meaning.layout)
                        yield Branch(step, origin, to, change, given, source)


def _mask_read_by_answers(meaning: Meaning, tool: ToolSpec) -> Cube:
    conditions = [answer.when.expression for answer in tool.stub.answers if answer.when is not None]
    return meaning.mask_of((*conditions, *(text for answer in tool.stub.answers for text in answer.set.values())))


def _mask_set_by_answers(meaning: Meaning, tool: ToolSpec) -> Cube:
    return meaning.layout.mask_of(name for answer in tool.stub.answers for name in answer.set)
