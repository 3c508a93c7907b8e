"""A dialogue as typed, frozen data: what the caller says, what the agent does, what must be true afterwards."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

from realtime_scenarios.document import Place
from realtime_scenarios.model.decision import Decision
from realtime_scenarios.model.expectation import Expectation
from realtime_scenarios.model.matcher import Matcher
from realtime_scenarios.model.persona import Persona
from realtime_scenarios.model.tool import Json

UNANSWERED_APPROVAL = 600.0
"""Seconds that a dialogue waits for a decision nobody makes, where the rule has no timeout of its own."""


class Interrupt(Struct, frozen=True, eq=False):
    """When the caller cuts in: after so many words of the answer, or so many seconds. One is set.

    Seconds are counted from the first word of an answer, from the call, or from the beginning of a silence; words only
    where something is said.
    """

    after_words: int | None
    after_seconds: float | None


class Say(Struct, frozen=True, eq=False):
    """The agent says this. `interrupt` None: it is heard to the end.

    `classified` maps guardrails to the category that their model answers, or to `error`; those left out go by their
    phrases.
    `judged` is what a judge makes of it where the model is scripted; None: it says nothing about that.
    `phase` is what a reasoning model says of the message; after a `commentary` the same response goes on.
    """

    text: str
    phase: Literal["commentary", "final_answer"] | None
    interrupt: Interrupt | None
    classified: Mapping[str, str]
    place: Place
    judged: Literal["passes", "fails", "unsure"] | None = None


class NestedAnswer(Struct, frozen=True, eq=False):
    """The text model behind a tool answers: a text, or the fields of a structured answer."""

    value: Json
    place: Place


class NestedFailure(Struct, frozen=True, eq=False):
    """The text model behind a tool cannot be had."""

    reason: str
    place: Place


class Call(Struct, frozen=True, eq=False):
    """The agent calls a tool. `arguments` are sent as given by the scripted model; what another model must send follows
    from them (`verdicts/arguments.py`), but for those in `expect_args`, which says so itself, whoever sends them.

    `approval` holds what the person does, one decision after the other (an approval that leaves a required field empty
    is not accepted, so another may follow); empty: no person is expected to be asked.
    `asks` is what the person must be asked; None: it is not looked at. `returns` None: the answer is not looked at.
    `outcome` is how the call must end (see `trace.Outcome`); None: it must not be refused by a gate or by its own
    schema, must not fail unless `returns` says how, and a rejection must come from `approval`. `nested` is what the
    text model behind the tool does. `interrupt` None: the caller waits while the tool works; otherwise they cut in, and
    it works on.
    """

    tool: str
    arguments: Mapping[str, Json]
    outcome: str | None
    approval: tuple[Decision, ...]
    returns: Matcher | None
    nested: tuple[NestedMove, ...]
    interrupt: Interrupt | None
    place: Place
    asks: Matcher | None = None
    expect_args: Mapping[str, Matcher] = {}

    @property
    def is_provocation(self) -> bool:
        """Whether it proves a rule by breaking it: no model but a scripted one is asked to do so.

        A no that nobody says now was said before, and is only remembered.
        """
        is_remembered_no = self.outcome == "rejected" and not self.approval
        return self.outcome in ("refused", "invalid", "unknown") or is_remembered_no


NestedMove = Call | NestedAnswer | NestedFailure


class Handoff(Struct, frozen=True, eq=False):
    """The agent hands off. `refused`: a gate is expected to say no (`invalid`: the arguments not to fit); it stays.

    `arguments` and `expect_args` as for calls.
    """

    to: str
    refused: bool | Literal["invalid"]
    arguments: Mapping[str, Json]
    place: Place
    expect_args: Mapping[str, Matcher] = {}

    @property
    def is_provocation(self) -> bool:
        """Whether it proves a rule by breaking it."""
        return bool(self.refused)


class EnterState(Struct, frozen=True, eq=False):
    """The agent moves on. `arguments` is what the state that is left has collected; `refused` as for handoffs.

    `expect_args` is as for calls.
    """

    state: str
    refused: bool | Literal["invalid"]
    arguments: Mapping[str, Json]
    place: Place
    expect_args: Mapping[str, Matcher] = {}

    @property
    def is_provocation(self) -> bool:
        """Whether it proves a rule by breaking it."""
        return bool(self.refused)


Move = Say | Call | Handoff | EnterState


class Turn(Struct, frozen=True, eq=False):
    """`user`, `image` and `silence` None: the agent opens. `silence` seconds pass without a word of the caller.

    `interrupt` is where the caller breaks the silence before its end; None: they do not.

    `image` is a file that the caller shows; without `user` it is added and nothing is asked. `audio` is a WAV file in
    which `user` is spoken; None: it is not recorded.

    `moves` None: nothing is said about what the agent does (only possible where a model answers by itself).
    """

    user: str | None
    image: Path | None
    silence: float | None
    interrupt: Interrupt | None
    moves: tuple[Move, ...] | None
    expect: tuple[Expectation, ...]
    place: Place
    audio: Path | None = None


FaultKind = Literal[
    "drop", "delay", "duplicate", "reorder", "malformed", "error", "fail", "rate_limit", "close", "expire", "silence"
]


class Fault(Struct, frozen=True, eq=False):
    """Something that goes wrong on the wire, at events of the server that match `event` (`*`: any characters).

    `turn` and `connection` None: in any; they count from 1. `chance` None: it is certain, `times` times on a
    connection. `seconds` None: as its kind has it, of a silence for ever. `code` is a number for `close` alone, None:
    the kind's own.
    """

    kind: FaultKind
    event: str
    turn: int | None = None
    connection: int | None = None
    times: int = 1
    chance: float | None = None
    seconds: float | None = None
    code: str | int | None = None
    message: str | None = None


class AgentMet(Struct, frozen=True):
    """The fingerprints of what a model read as an agent: its instructions, and each function by its name."""

    instructions: str
    tools: Mapping[str, str] = {}


class Recorded(Struct, frozen=True):
    """How a dialogue was recorded: which provider's model it was, None: nobody knows; and which agents it met."""

    provider: str | None
    agents: Mapping[str, AgentMet]


class Dialogue(Struct, frozen=True, eq=False):
    """A script against a scenario. `now` None: the fixed default moment of the runner, so that runs are alike.

    `agent` and `state` are where it begins; None: with the scenario's start, and the agent's first state.

    `values` are those that its script was filled in with; empty: it is played once, as it stands. Then its id ends in
    what tells it from its sisters, `weather[Paris]`, and all of them have one place. `defaults` is where its file says
    what holds of all its dialogues; None: nowhere. `scripted_only` is why no model that answers by itself can be held
    against it; None: any can. `faults` are what goes wrong on the wire where it is served to a client.
    `recorded` is how it was recorded; None: somebody wrote it. `caller` is who goes on when the turns are over, with no
    script; None: nobody.
    """

    id: str
    title: str | None
    tags: tuple[str, ...]
    now: datetime.datetime | None
    context: Mapping[str, Json]
    agent: str | None
    state: str | None
    turns: tuple[Turn, ...]
    expect: tuple[Expectation, ...]
    place: Place
    values: Mapping[str, Json] = {}
    defaults: Place | None = None
    scripted_only: str | None = None
    faults: tuple[Fault, ...] = ()
    recorded: Recorded | None = None
    caller: Persona | None = None

    @property
    def script(self) -> str:
        """The id as it is written, whatever values it is played for."""
        return self.id.partition("[")[0]

    def place_of(self, key: str, *steps: str) -> Place:
        """Where it says what stands at that key: in the dialogue, or else in the defaults of its file."""
        own, of_the_file = self.place / key, None if self.defaults is None else self.defaults / key
        for step in steps:
            own, of_the_file = own / step, None if of_the_file is None else of_the_file / step
        return own if own.exists or of_the_file is None or not of_the_file.exists else of_the_file

    @property
    def expectations(self) -> tuple[Expectation, ...]:
        """Those of its turns, then those of the whole conversation."""
        return (*(expectation for turn in self.turns for expectation in turn.expect), *self.expect)
