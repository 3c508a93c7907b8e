"""What a command and the workers of a cluster tell each other: dialogues that are to be played, and how they went.

Both ways it is bytes that are decoded into types. Only what the command has pickled is unpickled, and only by workers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct, msgpack

from realtime_scenarios.processes import Wishes


class Asked(Struct, frozen=True):
    """One dialogue: pickled beside its documents, and by which schedule it is played (None: as usual)."""

    index: int
    dialogue: bytes
    schedule: str | None = None


class Batch(Struct, frozen=True):
    """Dialogues of one scenario, which are played one after the other.

    `run` is what the command calls itself, `folder` where it is. `scenario` is pickled, and so is each of the
    `documents` in which the dialogues stand. `files` are those which are read while they are played, by their paths,
    with what they hold as a digest. `wall_timeout` None: what `suite.bounds` says.
    """

    run: str
    wishes: Wishes
    folder: bytes
    wall_timeout: float | None
    shown: str
    scenario: bytes
    documents: Mapping[int, bytes]
    files: Mapping[str, str]
    asked: tuple[Asked, ...]


class Loss(Struct, frozen=True):
    """Why a dialogue did not come to an end: what `WorkerError` says."""

    message: str
    hint: str | None
    turn: int


class Answer(Struct, frozen=True):
    """A dialogue that is over. `play` and `loss` None: it is of no use with this model, and was not played."""

    index: int
    printed: str
    play: bytes | None = None
    loss: Loss | None = None


class Answers(Struct, frozen=True, tag=True):
    """What came of a batch; of all that was asked for, unless somebody has ended the run."""

    answers: tuple[Answer, ...]


class Refusal(Struct, frozen=True, tag=True):
    """Nothing can be played there, and others would say the same."""

    message: str
    hint: str | None
    is_usage: bool = False


def encoded(message: Batch | Answers | Refusal) -> bytes:
    return _ENCODER.encode(message)


def decoded_batch(data: bytes) -> Batch:
    return _BATCHES.decode(data)


def decoded_reply(data: bytes) -> Answers | Refusal:
    """
    Raises:
        msgspec.DecodeError: it is none.
    """
    return _REPLIES.decode(data)


@cache
def own_version() -> str:
    """What this package is: its version, and a digest of its modules, for a version alone may be a checkout's."""
    home = Path(__file__).parents[1]
    found = hashlib.sha256()
    for path in sorted(home.rglob("*.py")):
        found.update(path.relative_to(home).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


def digest_of(path: Path) -> str:
    """Of what is in a file; "" where there is none that can be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


_ENCODER = msgpack.Encoder()
_BATCHES = msgpack.Decoder(Batch)
_REPLIES: msgpack.Decoder[Answers | Refusal] = msgpack.Decoder(Answers | Refusal)
