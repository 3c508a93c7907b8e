"""What command, zygote and workers tell each other: typed messages, and how they lie in a stream of bytes.

A frame is the length of a message as four bytes, most significant first, and the message as MessagePack. Nothing that
a worker writes is ever unpickled: in it runs an author's code. Workers do unpickle what the command writes
(`Load`, `Attach`, `Vary`, `Play`), in whose process no author's code has run.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from typing import Generic, TypeVar

from msgspec import DecodeError, Struct, field, msgpack

LONGEST_FRAME = 256_000_000
"""Bytes; more than that is nobody's play, but a length that is none."""

_LENGTH = 4


Environment = Mapping[bytes, bytes]
"""Variables, as the system has them: what is in them need be no text."""


class Unintelligible(Exception):
    """What came over a channel is no message: its writer is broken, or somebody else wrote there."""


class Wishes(Struct, frozen=True):
    """Which model is asked for, as the command line has it; None: as the scenario or the provider says.

    `on` is the day by which roles of models are understood, as ISO 8601. `environment` is where keys are looked up.
    `spoken` is how callers say their lines aloud, as `voice.calling` writes it; None: they type.
    `log_events` is the whole path of the file to which every event of the wire is appended. `max_dollars` is what the
    models of one dialogue may cost.
    """

    provider: str
    environment: Environment = field(default_factory=dict)
    model: str | None = None
    url: str | None = None
    deployment: str | None = None
    key_env: str | None = None
    spoken: str | None = None
    on: str | None = None
    log_events: str | None = None
    max_dollars: str | None = None

    @classmethod
    def of(cls, provider: str, environment: Mapping[str, str], **where: str | None) -> Wishes:
        """What is wished today. `where` may hold all that has a name here but `on`."""
        return cls(provider, encoded_environment(environment), **where, on=date.today().isoformat())


class Surroundings(Struct, frozen=True):
    """What of the command's process its workers live in as well."""

    environment: Environment
    folder: bytes
    path: tuple[bytes, ...]


class Fork(Struct, frozen=True, tag=True):
    """To the zygote: start worker `number`, on the channel and the output that come with this message."""

    number: int


class Kill(Struct, frozen=True, tag=True):
    """To the zygote: end worker `number` and all that it has started, at once."""

    number: int


class Forked(Struct, frozen=True, tag=True):
    """From the zygote: worker `number` lives, in a process group of its own that has the same id."""

    number: int
    pid: int


class Ended(Struct, frozen=True, tag=True):
    """From the zygote: worker `number` is gone. `status` is its exit code, or a signal as a negative number.

    `turn` and `tool` are where its dialogue was; 0 and "": before the first turn, and with no tool at work.
    """

    number: int
    status: int
    turn: int = 0
    tool: str = ""


class Begin(Struct, frozen=True, tag=True):
    """To a worker, once: where it lives, and where its models are."""

    surroundings: Surroundings
    wishes: Wishes


class Load(Struct, frozen=True, tag=True):
    """To a worker: the scenario that it is to know by this number, and what its callers may say."""

    scenario: int
    pickled: bytes


class Attach(Struct, frozen=True, tag=True):
    """To a worker: the document that it is to know by this number, in which dialogues stand."""

    document: int
    pickled: bytes


class Detach(Struct, frozen=True, tag=True):
    """To a worker: no dialogue follows that stands in this document."""

    document: int


class Vary(Struct, frozen=True, tag=True):
    """To a worker: the scenario of number `of`, which it has loaded, with `edits` is to be known by this number."""

    scenario: int
    of: int
    edits: bytes


class Forget(Struct, frozen=True, tag=True):
    """To a worker: nothing more will be asked about this scenario."""

    scenario: int


class Play(Struct, frozen=True, tag=True):
    """To a worker: play a dialogue of a scenario that it has loaded. Answers come in the order of the tickets.

    `dialogue` is pickled, and its documents are attached. `schedule` is by which one it is played, as text
    (`core/schedules.py`); None: everything comes as it usually does. `caller_seed` is by which a caller who is no
    script chooses their words.
    """

    ticket: int
    scenario: int
    dialogue: bytes
    schedule: str | None = None
    caller_seed: int = 0


class Ready(Struct, frozen=True, tag=True):
    """From a worker: it has what it needs. `scripted` and `real_time` are what its provider is."""

    scripted: bool
    real_time: bool


class Refused(Struct, frozen=True, tag=True):
    """From a worker: nothing can be played here, and the next worker would say the same."""

    message: str
    hint: str | None
    is_usage: bool


class Done(Struct, frozen=True, tag=True):
    """From a worker: `played` is the play, packed.

    `blemish` is what the dialogue left behind, so that this worker plays no other one; "": nothing.
    """

    ticket: int
    played: bytes
    blemish: str = ""


class Broke(Struct, frozen=True, tag=True):
    """From a worker: the play ended in an error that nobody has foreseen. It plays no other one."""

    ticket: int
    problem: str


ToZygote = Fork | Kill
FromZygote = Forked | Ended
ToWorker = Begin | Load | Attach | Detach | Vary | Forget | Play
FromWorker = Ready | Refused | Done | Broke

Message = TypeVar("Message")


def framed(message: ToZygote | FromZygote | ToWorker | FromWorker) -> bytes:
    """The message as it lies in a stream."""
    data = _ENCODER.encode(message)
    return len(data).to_bytes(_LENGTH, "big") + data


class Frames(Generic[Message]):
    """The receiving end of a stream: bytes in as they come, messages out."""

    def __init__(self, decoder: msgpack.Decoder[Message]) -> None:
        self._decoder = decoder
        self._bytes = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """The messages that these bytes complete.

        Raises:
            Unintelligible: they are none.
        """
        self._bytes += data
        messages = []
        while len(self._bytes) >= _LENGTH:
            end = _LENGTH + int.from_bytes(self._bytes[:_LENGTH], "big")
            if end > LONGEST_FRAME:
                raise Unintelligible(f"a frame of {end} bytes")
            if len(self._bytes) < end:
                break
            try:
                messages.append(self._decoder.decode(memoryview(self._bytes)[_LENGTH:end].tobytes()))
            except DecodeError as problem:
                raise Unintelligible(str(problem)) from problem
            del self._bytes[:end]
        return messages


def encoded_environment(variables: Mapping[str, str]) -> Environment:
    return {os.fsencode(name): os.fsencode(value) for name, value in variables.items()}


def decoded_environment(variables: Environment) -> dict[str, str]:
    return {os.fsdecode(name): os.fsdecode(value) for name, value in variables.items()}


def to_zygote() -> Frames[ToZygote]:
    return Frames(msgpack.Decoder(ToZygote))


def from_zygote() -> Frames[FromZygote]:
    return Frames(msgpack.Decoder(FromZygote))


def to_worker() -> Frames[ToWorker]:
    return Frames(msgpack.Decoder(ToWorker))


def from_worker() -> Frames[FromWorker]:
    return Frames(msgpack.Decoder(FromWorker))


_ENCODER = msgpack.Encoder()
