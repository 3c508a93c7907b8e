"""Events that are kept, without what has become secret since: slice by slice, between which others have their turn."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, Literal

import orjson
from msgspec import Struct

from realtime_scenarios.core import Secrets
from realtime_scenarios.core.redaction import SecretStream

Layer = Literal["wire", "trace", "studio"]

SLICE_EVENTS, SLICE_BYTES = 200, 256 * 1024


class Kept(Struct, frozen=True):
    """An event as the JSON that is sent. `whole` is all of it where only its beginning is sent, None: `sent` is."""

    seq: int
    layer: Layer
    type: str
    item: str | None
    sent: bytes
    whole: bytes | None

    @property
    def size(self) -> int:
        return len(self.sent) + len(self.whole or b"")


def piece_in(kind: str, data: Mapping[str, Any]) -> str | None:
    """Where in an event a piece of a text stands: a secret may be in no piece, and in all together. None: nowhere."""
    name = "text" if kind == "Delta" else "delta" if kind.endswith(".delta") else None
    return name if name is not None and isinstance(data.get(name), str) else None


def masked(kept: Sequence[Kept], secrets: Secrets) -> Generator[None, None, dict[int, Kept]]:
    """Those of the events, which follow one another, that are otherwise without secrets, by their numbers."""
    changed: dict[int, Kept] = {}
    last: dict[tuple[str, str | None], tuple[SecretStream, Kept, dict[str, Any], str]] = {}
    events = size = 0
    for each in kept:
        events, size = events + 1, size + each.size
        if events >= SLICE_EVENTS or size >= SLICE_BYTES:
            events = size = 0
            yield
        is_piece = each.type == "Delta" or each.type.endswith(".delta")
        may_be_there = secrets.may_be_in(each.sent) or (each.whole is not None and secrets.may_be_in(each.whole))
        if not is_piece and not may_be_there:
            continue
        event: dict[str, Any] = orjson.loads(each.sent)
        data = event["data"]
        if (name := piece_in(each.type, data)) is not None:
            key = (each.type, each.item)
            stream = last[key][0] if key in last and not data.get("replaces") else SecretStream(secrets)
            event["data"] = {**data, name: stream.passed_on(data[name])}
            last[key] = (stream, each, event, name)
        if may_be_there:
            event["data"] = secrets.hidden_in(event["data"])
        if may_be_there or event["data"] != data:
            changed[each.seq] = _kept(each, event, secrets)
    for stream, each, event, name in last.values():
        if rest := stream.rest():
            event["data"][name] += rest
            changed[each.seq] = _kept(each, event, secrets)
    return changed


def _kept(before: Kept, event: Mapping[str, Any], secrets: Secrets) -> Kept:
    whole = None if before.whole is None else orjson.dumps(secrets.hidden_in(orjson.loads(before.whole)))
    return Kept(before.seq, before.layer, before.type, before.item, orjson.dumps(event), whole)
