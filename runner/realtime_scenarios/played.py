"""A dialogue that was played, as data: all that its verdicts need, and nothing of the process that played it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, field, msgpack, to_builtins

from realtime_scenarios.core import ProviderError, ScenarioError, StalledError, UsageError, sendable
from realtime_scenarios.document import Pointer
from realtime_scenarios.trace import Judgement, Trace, TraceEvent, TurnMeasures


class ImpossibleMove(Struct, frozen=True):
    """The scripted model could not make the move at `pointer`."""

    pointer: Pointer
    reason: str


class UnexpectedApproval(Struct, frozen=True):
    """A person was asked about a call for which the dialogue gives no decision."""

    call_id: str
    tool: str


class UnaskedDecision(Struct, frozen=True):
    """The decision at `pointer` stands behind another one that ended the question."""

    pointer: Pointer
    call_id: str
    tool: str


class RowsFound(Struct, frozen=True, tag=True):
    """What a query over the tables gave, without secrets."""

    rows: tuple[Mapping[str, Any], ...]


class QueryFailure(Struct, frozen=True, tag=True):
    """Why a query could not be run."""

    reason: str


QueryAnswer = RowsFound | QueryFailure


class VerdictThere(Struct, frozen=True):
    """The verdict on an expectation that only the process that played could check; `pointer` is its place."""

    pointer: Pointer
    passed: bool
    message: str
    at: int | None
    diff: tuple[str, ...] = ()


class JudgementThere(Struct, frozen=True):
    """What a judge says, who was asked by the expectation at this JSON pointer."""

    pointer: str
    judgement: Judgement


class Looked(Struct, frozen=True):
    """What only the process that played could look at, at one moment: answers by their SQL, verdicts of plug-ins.

    `masked` holds the texts that expectations must not find and that are secret, each as it looks on record. `judged`
    is what judges say of it.
    """

    answers: Mapping[str, QueryAnswer] = field(default_factory=dict)
    verdicts: tuple[VerdictThere, ...] = ()
    masked: Mapping[str, str] = field(default_factory=dict)
    judged: tuple[JudgementThere, ...] = ()


class Departures(Struct, frozen=True):
    """Where a turn left its script; moves are named by their pointers.

    `left` are the moves that were not made when the turn was over, `nested_left` those of the text models. `overruns`
    counts the responses that were asked for when no move was left. `questions` are the tools whose text models were
    asked though the dialogue says nothing of them. `unasked` are decisions of a person who was asked, but not so often.
    """

    impossible: tuple[ImpossibleMove, ...] = ()
    left: tuple[Pointer, ...] = ()
    nested_left: tuple[Pointer, ...] = ()
    overruns: int = 0
    questions: tuple[str, ...] = ()
    approvals: tuple[UnexpectedApproval, ...] = ()
    unasked: tuple[UnaskedDecision, ...] = ()

    @property
    def end_the_play(self) -> bool:
        """Whether going on makes no sense: what the script says next builds on what did not happen."""
        return bool(self.impossible or self.left or self.overruns)


class TurnPlayed(Struct, frozen=True):
    """One turn that was taken to its end. `events` is how many there were in the whole conversation by then."""

    events: int
    departures: Departures
    looked: Looked


Over = Literal["done", "gives_up", "turns"]
"""How a caller who is no script ends: all is settled, their patience is at its end, or their turns are."""


class Improvised(Struct, frozen=True):
    """What a caller said who is no script, turn by turn behind those that are written; None: nothing, the agent opened.

    `over` None: the conversation was ended for them. `want` is which of the things they want they had in mind in the
    end, None: nobody knows, since a text model played them.
    """

    lines: tuple[str | None, ...] = ()
    over: Over | None = None
    want: int | None = None


ErrorKind = Literal["provider", "stalled", "usage", "other"]


class WorldProblem(Struct, frozen=True):
    """What ended a conversation early: which kind of error it was, and what it says."""

    kind: ErrorKind
    message: str
    hint: str | None

    @classmethod
    def of(cls, error: ScenarioError) -> WorldProblem:
        kinds = (kind for kind, family in _ERRORS.items() if isinstance(error, family))
        return cls(next(kinds, "other"), error.message, error.hint)

    @property
    def error(self) -> ScenarioError:
        return _ERRORS.get(self.kind, ScenarioError)(self.message, hint=self.hint)


_ERRORS: Mapping[ErrorKind, type[ProviderError | StalledError | UsageError]] = {
    "provider": ProviderError,
    "stalled": StalledError,
    "usage": UsageError,
}


class Played(Struct, frozen=True):
    """How a conversation went: the fields of its trace, and its turns as far as they were taken.

    An event shows what was not secret yet when it happened, and by that it is judged. `late` are secrets that became
    ones afterwards: they must stand in nothing that is made of it.

    `dollars` is what the models cost by the table of models; None: nobody is paid, or no price is known.

    `scripted`: the model did as the dialogue says, or could not; otherwise it answered by itself. `looked` is what was
    looked at when all was over. `problem` None: nothing ended it early. `improvised` is what a caller did who is no
    script; None: there was none, or it did not come to them.
    """

    events: tuple[TraceEvent, ...]
    start: str
    context: Mapping[str, Any]
    entries: Mapping[str, str]
    began: datetime.datetime | None
    measures: Mapping[int, TurnMeasures]
    scripted: bool
    turns: tuple[TurnPlayed, ...]
    looked: Looked = Looked()
    problem: WorldProblem | None = None
    late: tuple[str, ...] = ()
    dollars: float | None = None
    improvised: Improvised | None = None

    @property
    def trace(self) -> Trace:
        return Trace(
            self.events,
            self.start,
            self.context,
            entries=self.entries,
            began=self.began,
            measures=self.measures,
        )


def packed(played: Played) -> bytes:
    """The play as bytes that another process can read with `unpacked`."""
    try:
        return _ENCODER.encode(played)
    except (OverflowError, UnicodeEncodeError):  # an author's code may give numbers and texts of any kind
        return _ENCODER.encode(_packable(to_builtins(played, enc_hook=str)))


def unpacked(data: bytes) -> Played:
    """The play of `packed`.

    Raises:
        msgspec.DecodeError: the bytes are none.
    """
    return _DECODER.decode(data)


_HUGE_NUMBER = 1
"""The type of MessagePack's extensions that holds the digits of a number beyond 64 bits."""


def _packable(value: Any) -> Any:
    """The same with huge numbers as extensions, and halves of characters replaced: MessagePack knows neither."""
    match value:
        case int() if not -(2**63) <= value < 2**64:
            return msgpack.Ext(_HUGE_NUMBER, hex(value).encode())
        case str():
            return sendable(value)
        case dict():
            return {_packable(key): _packable(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_packable(inner) for inner in value]
        case _:
            return value


def _extension(code: int, data: memoryview) -> Any:
    if code != _HUGE_NUMBER:
        raise ValueError(f"there is no extension {code}")
    return int(bytes(data), 16)


_ENCODER = msgpack.Encoder(enc_hook=str)
_DECODER = msgpack.Decoder(Played, ext_hook=_extension)
