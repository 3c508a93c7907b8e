"""Every event of a wire, both ways, as lines of JSON in a file: each is there as soon as it happens, without secrets.

A line says when (`at`), on which connection (`connection`, counted from 1 by whoever writes), in which session of the
server (`session`), from whom (`from`: client or server), and what: `event`, or `text` where a frame is no JSON object.
Of sound and of pictures it says how much there was. The file is for its owner alone, and is only appended to; more
processes than one may do so. When a value becomes secret after it was written, the file is replaced by its masked copy
at once.
"""

from __future__ import annotations

import contextlib
import datetime
import errno
import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Protocol

import orjson

from realtime_scenarios.core import ScenarioError, Secrets
from realtime_scenarios.core.redaction import SecretStream
from realtime_scenarios.realtime.events import ClientError
from realtime_scenarios.realtime.long_events import LONG, LongText, outline_of

Sender = Literal["client", "server"]


class FrameTap(Protocol):
    """Is told every frame of one connection."""

    def tell(self, sender: Sender, frame: str | bytes) -> None:
        """A frame of the client or of the server."""
        ...


class FrameLog(Protocol):
    """Is told of connections, each of which is told of by itself."""

    def connection(self) -> FrameTap: ...


_HEAD = 200
"""Characters that are kept of what a picture's address says in front of its data."""

_SOUND = "response.output_audio.delta"
_PIECE = ".delta"
"""How events are called whose `delta` is a piece of a text: a secret may be in none of them, and in all together."""


class EventLog:
    """The part of the file that one conversation or one server writes. `problem` is why it has stopped to; None.

    `labels` stand in each line. `now` is the time that `at` says.
    """

    def __init__(
        self,
        path: Path,
        secrets: Secrets,
        now: Callable[[], datetime.datetime],
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Append to the file, which is made where there is none.

        Raises:
            ScenarioError: it cannot be written.
        """
        self.problem: ScenarioError | None = None
        self._path = path
        self._secrets = secrets
        self._now = now
        self._labels = dict(labels or {})
        self._numbers = itertools.count(1)
        self._masked = _Masked(secrets)
        self._is_closed = False
        try:
            self._file = _opened(path)
        except OSError as problem:
            raise unwritable(path, problem) from problem
        secrets.subscribe(self._mask)

    def connection(self) -> Tap:
        """Where the frames of the next connection go."""
        return Tap(self, next(self._numbers))

    def add(self, line: Mapping[str, Any]) -> None:
        """Write one line, with one call to the system: there is no moment at which half of it stands there."""
        if self.problem is not None or self._is_closed:
            return
        data = _line(self._masked({"at": _iso(self._now()), **self._labels, **line}))
        try:
            with self._present_file() as file:
                if os.write(file, data) < len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as problem:
            self.problem = unwritable(self._path, problem)

    def close(self) -> None:
        """Write nothing any more."""
        if not self._is_closed:
            self._is_closed = True
            os.close(self._file)

    @contextlib.contextmanager
    def _present_file(self, *, alone: bool = False) -> Iterator[int]:
        """The file that has the name now, locked: nobody puts another in its place; `alone`: nobody writes either."""
        while True:
            _lock(self._file, alone=alone)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(self._file), os.stat(self._path)):  # noqa: PTH116 - a file, not a path's
                    break
            os.close(self._file)  # another process has put its masked copy there
            self._file = _opened(self._path)
        try:
            yield self._file
        finally:
            _unlock(self._file)

    def _mask(self) -> None:
        """Something has become secret: put a copy without it in the place of what is written."""
        if self.problem is not None or self._is_closed:
            return
        try:
            with self._present_file(alone=True):
                before = self._path.read_bytes()
                mask = _Masked(self._secrets)
                after = b"".join(_line(mask(orjson.loads(line))) for line in before.splitlines())
                if after != before:
                    beside = self._path.with_name(f".{self._path.name[:100]}.{os.getpid()}.tmp")
                    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as copy:
                        copy.write(after)
                    beside.replace(self._path)
                self._masked = mask.going_on(self._masked)
        except (OSError, ValueError) as problem:
            self.problem = unwritable(self._path, problem)


class Tap:
    """One connection, on which every frame is told. `session` is what the server calls it; None: it has not yet."""

    def __init__(self, log: EventLog, number: int) -> None:
        self.session: str | None = None
        self._log = log
        self._number = number

    def tell(self, sender: Sender, frame: str | bytes) -> None:
        """A frame of the client or of the server."""
        what = _event_in(frame)
        event = what.get("event", {})
        if sender == "server" and event.get("type") == "session.created" and isinstance(event.get("session"), dict):
            self.session = str(event["session"].get("id"))
        self._log.add({"connection": self._number, "session": self.session, "from": sender, **what})


class _Masked:
    """Lines without secrets, one after the other: also without those that come in pieces, an event for each."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._streams: dict[tuple[object, ...], SecretStream] = {}

    def __call__(self, line: dict[str, Any]) -> dict[str, Any]:
        event = line.get("event")
        if isinstance(event, dict) and _is_piece(event):
            key = (line.get("session"), event["type"], event.get("item_id"), event.get("content_index"))
            stream = self._streams.setdefault(key, SecretStream(self._secrets))
            line = {**line, "event": {**event, "delta": stream.passed_on(event["delta"])}}
        hidden: dict[str, Any] = self._secrets.hidden_in(line)
        return hidden

    def going_on(self, before: _Masked) -> _Masked:
        """This one, to go on with lines behind those that it has seen: `before` has held back what comes next."""
        for key, stream in before._streams.items():
            self._streams.setdefault(key, SecretStream(self._secrets)).hold(stream.rest())
        return self


class LoggedConnection:
    """A client's connection, of which every frame is told; all else is the connection's own."""

    def __init__(self, connection: Any, tap: FrameTap) -> None:
        self._connection = connection
        self._tap = tap

    async def send(self, message: str | bytes) -> None:
        self._tap.tell("client", message)
        await self._connection.send(message)

    async def recv(self) -> Any:
        return self._with_notice_of(await self._connection.recv())

    async def __aiter__(self) -> Any:
        async for message in self._connection:
            yield self._with_notice_of(message)

    def _with_notice_of(self, message: Any) -> Any:
        self._tap.tell("server", message)
        return message

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def new_event_log(path: Path) -> None:
    """Begin a file, which only its owner may read.

    Raises:
        FileExistsError: there is one.
        OSError: it cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(_opened(path, os.O_EXCL))


def unwritable(path: Path, problem: Exception) -> ScenarioError:
    reason = problem.strerror if isinstance(problem, OSError) else "somebody else has written into it"
    return ScenarioError(f"'{path}' cannot be written: {reason}")


def _event_in(frame: str | bytes) -> dict[str, Any]:
    try:
        event = orjson.loads(frame) if len(frame) <= LONG else _long_event_in(frame)
    except ValueError:
        event = None
    if isinstance(event, dict):
        return {"event": without_media(event)}
    return {"text": frame if isinstance(frame, str) else frame.decode("utf-8", "replace")}


def _long_event_in(frame: str | bytes) -> Any:
    """The event, of whose long sounds and pictures no more is read than how much there is, where that can be."""
    try:
        return outline_of(frame)
    except ClientError:
        return orjson.loads(frame)


def _is_piece(event: Mapping[str, Any]) -> bool:
    kind = event.get("type")
    is_named = isinstance(kind, str) and kind.endswith(_PIECE) and kind != _SOUND
    return is_named and isinstance(event.get("delta"), str)


def without_media(data: Any, key: str = "", *, is_sound: bool = False) -> Any:
    """The event with how much of sound and of pictures there is in their place."""
    if isinstance(data, dict):
        sounds = data.get("type") == _SOUND
        return {name: without_media(value, name, is_sound=sounds and name == "delta") for name, value in data.items()}
    if isinstance(data, list):
        return [without_media(value) for value in data]
    if isinstance(data, LongText) or (isinstance(data, str) and data):
        if is_sound or key == "audio":
            return _amount(_in_place(data))
        if key == "image_url":
            return _without_picture(_in_place(data))
    return data


def _in_place(data: str | LongText) -> LongText:
    if isinstance(data, LongText):
        return data
    text = data.encode(errors="replace")
    return LongText(text, 0, len(text))


def _without_picture(url: LongText) -> str:
    """What kind of data it is and how much of it, or the address where it is none of data."""
    if not url.text.startswith(b"data:", url.start):
        return _text_of(url)
    comma = url.text.find(b",", url.start, url.end)
    start = comma + 1 if comma >= 0 else url.start + len("data:")
    head = _text_of(replace(url, end=start))
    return (head if len(head) <= _HEAD else f"{head[:_HEAD]}...,") + _amount(replace(url, start=start))


def _amount(base64: LongText) -> str:
    end = base64.text[max(base64.start, base64.end - 12) : base64.end].lower().replace(b"\\u003d", b"=")
    return f"<{base64.length * 3 // 4 - end[-2:].count(b'=')} bytes>"


def _text_of(value: LongText) -> str:
    try:
        return "".join(value.written("image_url"))
    except ClientError:  # it is no text
        return value.text[value.start : value.end].decode(errors="replace")


def _line(data: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(data) + b"\n"
    except (TypeError, ValueError):  # half characters, and numbers that are too long
        return json.dumps(data).encode() + b"\n"


def _iso(moment: datetime.datetime) -> str:
    text = moment.astimezone(datetime.UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def _opened(path: Path, flag: int = 0) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | flag | getattr(os, "O_BINARY", 0), 0o600)


if sys.platform != "win32":
    import fcntl

    def _lock(file: int, *, alone: bool) -> None:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)

    def _unlock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)

else:  # one process at a time, which is all that `run` is

    def _lock(file: int, *, alone: bool) -> None:
        pass

    def _unlock(file: int) -> None:
        pass
