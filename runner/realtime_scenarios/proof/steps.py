"""What a conversation's way is made of: where it stands, the steps from there, and what becomes of its values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from realtime_scenarios.proof.cubes import UNCHANGED, Change, Cube

Kind = Literal["call", "handoff", "move", "answer", "skip"]


class Position(NamedTuple):
    """Where a conversation stands.

    `opening` counts the opening calls that are over. `state` is None where the runner does not track one. `inside`
    holds the tools whose supervisors are at work.
    """

    opening: int
    agent: str
    state: str | None
    inside: tuple[str, ...] = ()


class Region(NamedTuple):
    """All conversations that stand at a position with any of these values."""

    position: Position
    cube: Cube


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens.

    `name` is the tool, agent or state; `function` one of a catalogue's functions. `approval`: whether a person says yes
    first, None where nobody is asked. `answered`: the tool's answer is there. `checked`: something but the model has a
    say in it.
    """

    kind: Kind
    by: str
    name: str
    function: str | None = None
    approval: bool = False
    answered: bool = False
    checked: bool = False

    def __str__(self) -> str:
        called = f"{self.name} ({self.function})" if self.function else self.name
        match self.kind:
            case "call":
                return f"{self.by}: calls {called}" + (" (a person approves)" if self.approval else "")
            case "handoff":
                return f"{self.by} -> {self.name}"
            case "move":
                return f"{self.by}: moves to {self.name}"
            case "answer":
                return f"{self.by}: answers"
            case "skip":
                return f"{self.by}: {called} gives no answer"


@dataclass(frozen=True, slots=True)
class Branch:
    """One outcome of an action: a step, from where it can be taken, what it changes and where it leads.

    `origin` is the part of the cube from which it is taken. What the model gives on the way (`given`) changes that
    first, a gate lets `source` of it pass, and then the rest changes. `is_fresh`: the step is a handoff to an agent
    that was never active.
    """

    step: Step
    origin: Cube
    to: Position
    change: Change = UNCHANGED
    given: Change = UNCHANGED
    source: Cube = -1
    is_fresh: bool = False


class Edge(NamedTuple):
    """A branch for the whole of a cube: it is taken from all of `origin`, and leads to all of `to`.

    `passed` is what its gate lets pass, with what was given.
    """

    branch: Branch
    origin: Cube
    passed: Cube
    to: Region


class Action(Protocol):
    """Something that may happen at a position. What becomes of it depends on the fields that it `reads`, and no others.

    `writes` are those that it may change. `spec` is the name of what it calls where that leaves the position alone,
    `moved` the agent whose state it changes; where both are None it changes the position in other ways.
    """

    @property
    def spec(self) -> str | None: ...

    @property
    def moved(self) -> str | None: ...

    @property
    def reads(self) -> Cube: ...

    @property
    def writes(self) -> Cube: ...

    def branches(self, cube: Cube) -> Iterator[Branch]:
        """What may become of it, where the fields that it reads have these values."""
        ...
