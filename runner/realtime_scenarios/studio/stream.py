"""What happened in one conversation as numbered events, from which every page makes the same picture.

Theory of operation. Numbers count from 1 without a gap, within an `epoch`: one run of the server. Nothing is queued for
a page: each has a place in the stream (`Reader`) and takes what stands behind it, so a slow one costs nothing and never
holds the conversation up. One whose place is gone, or behind which something was masked or undone, is given a
snapshot: the events that make the present picture, with the pieces of a message put together. So there is one reducer
for both, and a snapshot is no second truth.

Events are kept as the JSON that is sent, 50,000 of them or 32 MB; of older ones those of the wire are forgotten, and
those that the picture is made of stay.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal, TypeVar

import orjson
from msgspec import Struct, structs

from realtime_scenarios.core import Secrets
from realtime_scenarios.core.redaction import SecretStream
from realtime_scenarios.studio.masking import SLICE_EVENTS, Kept, Layer, masked, piece_in

T = TypeVar("T")
Direction = Literal["in", "out", "self"]

MOST_EVENTS = 50_000
MOST_BYTES = 32 * 1024 * 1024
LONGEST_PAYLOAD = 8 * 1024
"""Bytes of an event of the wire; of more, a page gets the beginning, and asks for the whole."""

BATCH_EVENTS, BATCH_BYTES, BATCH_SECONDS = 256, 64 * 1024, 0.016
MOST_WAITING = 4 * 1024 * 1024
"""Bytes behind which a page gives up catching up, and takes a snapshot."""

MOST_EARLIER = 5_000
"""Events that are told at once of those before a number, or as many bytes as may wait."""

_WIRE_IN_SNAPSHOT = 2_000
_PREVIEW = 2_000


@dataclass(frozen=True, slots=True)
class About:
    """What an event is about; None: nothing of the kind. `cause` is the number of the event of the wire behind it."""

    item: str | None = None
    response: str | None = None
    call: str | None = None
    cause: int | None = None
    place: tuple[str, int, int] | None = None


class Batch(Struct, frozen=True):
    """Events that follow one another from the number `first` on, as a text for a page."""

    first: int
    last: int
    text: bytes


class Snapshot(Struct, frozen=True):
    """The events that make the picture up to the number `last`, as a text for a page."""

    last: int
    text: bytes


class Stream:
    """The events of one conversation. `now` is its clock in milliseconds; `secrets` are hidden in every event.

    `where` says in which turn it is, and who is active.
    """

    def __init__(
        self, epoch: str, secrets: Secrets, now: Callable[[], float], where: Callable[[], tuple[int, str | None]]
    ) -> None:
        self.epoch = epoch
        self._secrets = secrets
        self._now = now
        self._where = where
        self._kept: deque[Kept] = deque()
        self._bytes = 0
        self._old: list[Kept] = []
        self._last = 0
        self._only_by_snapshot = 0
        self._undone: list[tuple[int, int]] = []
        self._pieces: dict[tuple[str, str | None], SecretStream] = {}
        self._waiting: set[asyncio.Future[None]] = set()
        self._masking: Generator[None, None, dict[int, Kept]] | None = None
        secrets.subscribe(self._mask)

    @property
    def last(self) -> int:
        """The number of the newest event; 0: there is none."""
        return self._last

    def knows(self, secrets: Secrets) -> None:
        """From now on these are hidden, too."""
        self._secrets = secrets
        secrets.subscribe(self._mask)

    def add(
        self,
        layer: Layer,
        kind: str,
        data: Mapping[str, Any],
        about: About | None = None,
        *,
        direction: Direction = "self",
        size: int | None = None,
        where: tuple[int, str | None] | None = None,
    ) -> int:
        """Put an event at the end; its number. `size` is how much it was on the wire, None: as much as is sent.

        `where` is its turn and its agent; None: the present ones.
        """
        about = about or About()
        turn, agent = where or self._where()
        shown = self._without_secrets(kind, about.item, data)
        payload = orjson.dumps(shown, default=str)
        event: dict[str, Any] = {
            "seq": self._last + 1,
            "at": round(self._now()),
            "turn": turn,
            "agent": agent,
            "layer": layer,
            "dir": direction,
            "type": kind,
            "item": about.item,
            "response": about.response,
            "call": about.call,
            "cause": about.cause,
            "place": about.place,
            "data": shown,
            "size": len(payload) if size is None else size,
        }
        return self._keep(event, len(payload))

    def _keep(self, event: dict[str, Any], length: int) -> int:
        whole = None
        if event["layer"] == "wire" and length > LONGEST_PAYLOAD:
            whole = orjson.dumps(event)
            event = {**event, "data": _preview(event["data"]), "cut": True}
        self._last = event["seq"]
        kept = Kept(self._last, event["layer"], event["type"], event["item"], orjson.dumps(event), whole)
        self._kept.append(kept)
        self._bytes += kept.size
        while len(self._kept) > MOST_EVENTS or self._bytes > MOST_BYTES:
            gone = self._kept.popleft()
            self._bytes -= gone.size
            if gone.layer != "wire":
                self._old.append(gone)
        self._wake()
        return self._last

    @property
    def last_at(self) -> float:
        """When the newest event came, in milliseconds."""
        at: float = orjson.loads(self._kept[-1].sent)["at"] if self._kept else 0.0
        return at

    def copied(self, before: Iterable[Mapping[str, Any]]) -> Mapping[int, int]:
        """Begin with events that happened in another conversation; the numbers that they get here."""
        numbers: dict[int, int] = {}
        for event in before:
            numbers[event["seq"]] = self._last + 1
            hidden = self._secrets.hidden_in(event["data"])
            moved = {**event, "seq": self._last + 1, "cause": numbers.get(event["cause"] or 0), "data": hidden}
            self._keep(moved, 0)
        return numbers

    def whole(self, seq: int) -> bytes | None:
        """The whole event of that number as JSON; None: there is none, or none any more."""
        self._settle()
        found = next((kept for kept in (*self._old, *self._kept) if kept.seq == seq), None)
        return None if found is None else found.whole or found.sent

    def earlier(self, before: int) -> bytes:
        """The newest events before a number as a text for a page; `left` of those before them are kept, too.

        `forgotten` is how many there were before the number that are not kept any more.
        """
        self._settle()
        there = [each for each in (*self._old, *self._kept) if each.seq < before]
        found: list[bytes] = []
        size = 0
        for each in reversed(there[-MOST_EARLIER:]):
            if size > MOST_WAITING:
                break
            found.append(each.sent)
            size += len(each.sent)
        numbers = {"left": len(there) - len(found), "forgotten": min(before - 1, self._last) - len(there)}
        return orjson.dumps(numbers)[:-1] + b',"events":[' + b",".join(reversed(found)) + b"]}"

    def lines(self) -> Iterator[bytes]:
        """Every event that is still there, whole, in order, a line of JSON each."""
        self._settle()
        for kept in (*self._old, *self._kept):
            yield (kept.whole or kept.sent) + b"\n"

    # --- what makes the picture -------------------------------------------------------------------------------------

    def picture(self, upto: int | None = None) -> list[dict[str, Any]]:
        """The events that the picture is made of, up to a number; pieces of a message are put together."""
        self._settle()
        return [orjson.loads(each.sent) for each in _drained(self._joined(self._pictured(upto)))]

    async def snapshot(self) -> Snapshot:
        """The present picture with the newest events of the wire; made in slices, while others have their turn."""
        while True:
            await self.settled()
            last, known = self._last, self._only_by_snapshot
            wire = (each for each in reversed(self._kept) if each.layer == "wire")
            events = sorted((*self._pictured(), *islice(wire, _WIRE_IN_SNAPSHOT)), key=lambda each: each.seq)
            joining = self._joined(events)
            while (joined := _advanced(joining)) is None:  # noqa: ASYNC110 - it works, and waits for nothing
                await asyncio.sleep(0)
            if known == self._only_by_snapshot:  # otherwise something has become secret, or is undone, meanwhile
                head = orjson.dumps({"epoch": self.epoch, "upto": last})[:-1]
                sent = b",".join(each.sent for each in joined)
                return Snapshot(last, head + b',"snapshot":[' + sent + b"]}")

    def _pictured(self, upto: int | None = None) -> list[Kept]:
        return [
            each
            for each in (*self._old, *self._kept)
            if each.layer != "wire" and not self._is_undone(each.seq) and (upto is None or each.seq <= upto)
        ]

    def _joined(self, events: Iterable[Kept]) -> Generator[None, None, list[Kept]]:
        """The events with the pieces of each message in the first of them, without what is secret in all together."""
        found: list[Kept] = []
        texts: dict[str | None, tuple[int, dict[str, Any]]] = {}
        for number, each in enumerate(events, 1):
            if number % SLICE_EVENTS == 0:
                yield
            if each.layer == "wire" or each.type != "Delta":
                found.append(each)
                continue
            event = orjson.loads(each.sent)
            if each.item not in texts:
                texts[each.item] = len(found), event
                found.append(each)
                continue
            before = texts[each.item][1]
            said = "" if event["data"].get("replaces") else before["data"]["text"]
            before["data"] = {**before["data"], "text": said + event["data"]["text"]}
        for number, (place, event) in enumerate(texts.values(), 1):
            if number % SLICE_EVENTS == 0:
                yield
            hidden = {**event, "data": self._secrets.hidden_in(event["data"])}
            found[place] = structs.replace(found[place], sent=orjson.dumps(hidden))
        return found

    def undo(self, upto: int) -> None:
        """What came after that number is no part of the picture any more; the next event says so to every page."""
        self._undone.append((upto, self._last))
        self._only_by_snapshot = self._last + 1

    def _is_undone(self, seq: int) -> bool:
        return any(first < seq <= last for first, last in self._undone)

    # --- secrets ----------------------------------------------------------------------------------------------------

    def _without_secrets(self, kind: str, item: str | None, data: Mapping[str, Any]) -> Any:
        name = piece_in(kind, data)
        if name is not None and (kind != "Delta" or data.get("piece")):
            stream = self._pieces.setdefault((kind, item), SecretStream(self._secrets))
            data = {**data, name: stream.passed_on(data[name])}
        elif self._pieces and item is not None and kind.endswith((".done", ".completed")):
            for key in [key for key in self._pieces if key[1] == item]:
                del self._pieces[key]
        return self._secrets.hidden_in(data)

    def _mask(self) -> None:
        """Something has become secret: it is taken out of what is kept before anybody is given it, in a new picture."""
        if not self._last:
            return
        self._masking = masked([*self._old, *self._kept], self._secrets)  # one that is under way begins anew
        self._only_by_snapshot = self._last + 1
        self.add("studio", "Masked", {})

    async def settled(self) -> None:
        """Wait until what has become secret is taken out of what is kept, while others have their turn."""
        while self._mask_slice():  # noqa: ASYNC110 - it works, and waits for nothing
            await asyncio.sleep(0)

    def _settle(self) -> None:
        while self._mask_slice():
            pass

    def _mask_slice(self) -> bool:
        """Take it out of a few more events; whether there are others."""
        if self._masking is None:
            return False
        changed = _advanced(self._masking)
        if changed is None:
            return True
        self._masking = None
        self._old = [changed.get(each.seq, each) for each in self._old]
        self._kept = deque(changed.get(each.seq, each) for each in self._kept)
        self._bytes = sum(each.size for each in self._kept)
        return False

    # --- readers ----------------------------------------------------------------------------------------------------

    def reader(self, after: int | None, epoch: str | None) -> Reader:
        """A place behind the number `after`; None, or another epoch: nothing is known there yet."""
        return Reader(self, after if after is not None and epoch == self.epoch and after <= self._last else None)

    def events_after(self, after: int) -> Batch | None:
        """The next events behind a number, as many as go together; None: they are there only as a snapshot."""
        first = self._kept[0].seq if self._kept else self._last + 1
        if after + 1 < first or after < self._only_by_snapshot:
            return None
        start = after + 1 - first
        sent: list[bytes] = []
        size = 0
        for index in range(start, min(start + BATCH_EVENTS, len(self._kept))):
            sent.append(self._kept[index].sent)
            size += len(sent[-1])
            if size > BATCH_BYTES:
                break
        head = orjson.dumps({"epoch": self.epoch, "from": after + 1})[:-1]
        return Batch(after + 1, after + len(sent), head + b',"events":[' + b",".join(sent) + b"]}")

    def bytes_after(self, after: int) -> int:
        """How much waits behind a number, up to where it is too much."""
        size = 0
        for kept in reversed(self._kept):
            size += len(kept.sent)
            if kept.seq <= after or size > MOST_WAITING:
                break
        return size

    async def grown(self, after: int) -> None:
        """Wait until there is something behind a number."""
        while self._last <= after:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.add(waiting)
            try:
                await waiting
            finally:
                self._waiting.discard(waiting)

    def _wake(self) -> None:
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()


@dataclass(slots=True)
class Reader:
    """One page's place in the stream. `at` is the last number that it has; None: it has nothing."""

    stream: Stream
    at: int | None
    _is_first: bool = field(default=True)

    @property
    def is_behind(self) -> bool:
        """Whether there is something that it has not taken."""
        return self.stream.last > (self.at or 0)

    async def next(self) -> Batch | Snapshot:
        """What comes next, waited for where there is nothing: what has gathered in a sixtieth of a second."""
        if self.at is None and self.stream.last:
            return self._taken(await self.stream.snapshot())
        at = self.at or 0
        if (not self._is_first and self.stream.last < at + BATCH_EVENTS) or self.stream.last <= at:
            await self.stream.grown(at)
            await asyncio.sleep(BATCH_SECONDS)  # what comes meanwhile goes along
        self._is_first = False
        if self.stream.bytes_after(at) > MOST_WAITING or (batch := self.stream.events_after(at)) is None:
            return self._taken(await self.stream.snapshot())
        return self._taken(batch)

    def _taken(self, what: Batch | Snapshot) -> Batch | Snapshot:
        self.at = what.last
        return what


def _advanced(work: Generator[None, None, T]) -> T | None:
    """What a piece of work has come to after one more slice; None: it goes on."""
    try:
        next(work)
    except StopIteration as over:
        result: T = over.value
        return result
    return None


def _drained(work: Generator[None, None, T]) -> T:
    while (result := _advanced(work)) is None:
        pass
    return result


def _preview(data: Any) -> dict[str, Any]:
    """The beginning of a payload: what is short in it as it is, and so much of its text."""
    short = {
        name: value
        for name, value in (data.items() if isinstance(data, Mapping) else ())
        if value is None or isinstance(value, (bool, int, float)) or (isinstance(value, str) and len(value) < 200)
    }
    return {**short, "preview": orjson.dumps(data).decode("utf-8", "replace")[:_PREVIEW]}
