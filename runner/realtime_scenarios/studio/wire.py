"""The frames of a model's connection, as they come and go, to events of the stream and changes of the picture."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from realtime_scenarios.core.clock import RESTORED
from realtime_scenarios.realtime.event_log import Sender, without_media
from realtime_scenarios.studio.ordering import Change, Order
from realtime_scenarios.studio.stream import About, Stream

_SOUND = "response.output_audio.delta"


class Wire:
    """What goes over one conversation's line, which may be taken up again: every connection is told of here.

    `cause` is the number of the newest event of the server, `now` is what it says, and `item` what it is about:
    whatever happens while that is acted upon happens because of it.
    """

    def __init__(
        self,
        stream: Stream,
        order: Order,
        changed: Callable[[Iterable[Change], About], None],
        prompted: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self.cause: int | None = None
        self.item: str | None = None
        self.calls: dict[str, About] = {}
        self.bytes_per_sample = 2
        self._stream = stream
        self._order = order
        self._changed = changed
        self._prompted = prompted
        self.connections = 0
        self._names: dict[str, str] = {}
        self._taken: set[str] = set()
        self._samples: dict[str, int] = {}
        self._came_next = asyncio.Event()

    def connection(self) -> Wire:
        """The next connection begins; its frames are told here as well."""
        self.connections += 1
        self._names = {}
        self._order.begin_session()
        return self

    async def next_of_server(self) -> None:
        """Wait for the next that the server says."""
        await self._came_next.wait()

    def shown(self, item: str) -> str:
        """What an item is called in the picture: another session may call another one the same."""
        name = self._names.get(item)
        if name is None:
            name, number = item, 1
            while name in self._taken:
                number += 1
                name = f"{item}~{number}"
            self._names[item] = name
            self._taken.add(name)
        return name

    def goes_on_after(self, items: Iterable[str], connections: int) -> None:
        """These items stand in the picture already, and so many connections were before."""
        self._taken.update(items)
        self.connections = connections

    def tell(self, sender: Sender, frame: str | bytes) -> None:
        """A frame of the client or of the server."""
        try:
            event = orjson.loads(frame)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
            self._stream.add("wire", "no event", {"text": text[:2000]}, direction="in" if sender == "server" else "out")
        elif sender == "client":
            self._sent(event, len(frame))
        else:
            self._came(event, len(frame))

    def _sent(self, event: dict[str, Any], size: int) -> None:
        kind = str(event.get("type"))
        seq = self._stream.add("wire", kind, without_media(event), self._about(event), direction="out", size=size)
        if kind == "session.update" and isinstance(event.get("session"), dict):
            self._prompted({**event["session"], "cause": seq})

    def _came(self, event: dict[str, Any], size: int) -> None:
        self._came_next.set()
        self._came_next = asyncio.Event()
        kind = str(event.get("type"))
        event = self._renamed(event)
        about = self._about(event)
        data = self._sound(event) if kind == _SOUND else without_media(event)
        self.cause = self._stream.add("wire", kind, data, about, direction="in", size=size)
        self.item = about.item or self.item
        if about.call is not None:
            self.calls[about.call] = About(about.item, about.response, about.call, self.cause)
        self._changed(self._order.told(event), About(about.item, about.response, about.call, self.cause))

    def _sound(self, event: Mapping[str, Any]) -> dict[str, Any]:
        item, delta = str(event.get("item_id")), str(event.get("delta") or "")
        size = len(delta) * 3 // 4 - delta[-2:].count("=")
        at = self._samples.get(item, 0)
        self._samples[item] = at + size // self.bytes_per_sample
        rest = {name: value for name, value in event.items() if name != "delta"}
        return {**rest, "bytes": size, "at_sample": at}

    def _renamed(self, event: dict[str, Any]) -> dict[str, Any]:
        """The event with items by the names that they have in the picture."""
        for name in ("item_id", "previous_item_id"):
            if isinstance(event.get(name), str):
                event[name] = self._name(event[name])
        for holder in (event.get("item"), *_outputs(event)):
            if isinstance(holder, dict) and isinstance(holder.get("id"), str):
                holder["id"] = self._name(holder["id"])
        return event

    def _name(self, item: str) -> str:
        return item if item.startswith(RESTORED) else self.shown(item)

    def _about(self, event: Mapping[str, Any]) -> About:
        item, response = event.get("item"), event.get("response")
        inner = item if isinstance(item, Mapping) else {}
        response_id = event.get("response_id") or (response.get("id") if isinstance(response, Mapping) else None)
        return About(
            _text(event.get("item_id") or inner.get("id")),
            _text(response_id),
            _text(event.get("call_id") or inner.get("call_id")),
        )


def _outputs(event: Mapping[str, Any]) -> list[Any]:
    response = event.get("response")
    output = response.get("output") if isinstance(response, Mapping) else None
    return output if isinstance(output, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
