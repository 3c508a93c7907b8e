"""The frames of a connection as events: sound and pictures by their size, items by names that mean one thing each."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from realtime_scenarios.core import Secrets
from realtime_scenarios.studio.ordering import Change, Order
from realtime_scenarios.studio.stream import About, Stream
from realtime_scenarios.studio.wire import Wire


class Watched:
    def __init__(self) -> None:
        self.stream = Stream("e1", Secrets(("hunter22",)), lambda: 0.0, lambda: (1, "main"))
        self.changes: list[Change] = []
        self.prompts: list[Mapping[str, Any]] = []
        self.wire = Wire(self.stream, Order(), self._changed, self.prompts.append)
        self.wire.connection()

    def _changed(self, changes: Iterable[Change], about: About) -> None:
        self.changes += changes

    def tell(self, sender: Any, **event: Any) -> Mapping[str, Any]:
        self.wire.tell(sender, json.dumps(event))
        return self.last

    @property
    def last(self) -> Mapping[str, Any]:
        event: Mapping[str, Any] = orjson.loads(list(self.stream.lines())[-1])
        return event


def added(item: str, after: str | None) -> dict[str, Any]:
    content = {"id": item, "type": "message", "role": "user", "content": []}
    return {"type": "conversation.item.added", "previous_item_id": after, "item": content}


def test_an_event_says_what_it_is_about_and_how_much_it_was() -> None:
    event = Watched().tell("server", type="response.output_text.delta", item_id="i1", response_id="r1", delta="Hi")
    assert (event["layer"], event["dir"], event["item"], event["response"]) == ("wire", "in", "i1", "r1")
    assert event["size"] == len(json.dumps(event["data"]))


def test_sound_is_told_by_its_bytes_and_where_it_begins() -> None:
    watched = Watched()
    sound = base64.b64encode(bytes(480)).decode()
    for at in (0, 240):
        event = watched.tell("server", type="response.output_audio.delta", item_id="i1", delta=sound)
        assert event["data"] == {
            "type": "response.output_audio.delta",
            "item_id": "i1",
            "bytes": 480,
            "at_sample": at,
        }
    assert "AAAA" not in str(watched.tell("client", type="input_audio_buffer.append", audio=sound))


def test_what_is_no_event_is_told_as_it_came_without_secrets() -> None:
    watched = Watched()
    for frame in ("no json hunter22", "[1, 2]", b"\xff"):
        watched.wire.tell("server", frame)
        assert watched.last["type"] == "no event"
    assert b"hunter22" not in b"".join(watched.stream.lines())


def test_items_of_another_session_have_other_names_also_where_they_have_the_same_ids() -> None:
    watched = Watched()
    watched.tell("server", **added("i1", None))
    watched.wire.connection()
    watched.tell("server", **added("restored_0001", None))
    watched.tell("server", **added("i1", "restored_0001"))
    event = watched.tell("server", **added("i2", "i1"))
    assert [change.item for change in watched.changes] == ["i1", "i1~2", "i2"]
    assert watched.changes[1].data["after"] == "i1"
    assert event["data"]["previous_item_id"] == "i1~2"


def test_what_the_model_is_to_read_is_told_with_the_event_that_says_it() -> None:
    watched = Watched()
    event = watched.tell("client", type="session.update", session={"instructions": "Help.", "tools": []})
    assert watched.prompts == [{"instructions": "Help.", "tools": [], "cause": event["seq"]}]


def test_what_happens_for_a_call_is_caused_by_the_call() -> None:
    watched = Watched()
    item = {"id": "f1", "type": "function_call", "call_id": "call_1", "name": "look"}
    event = watched.tell("server", type="response.output_item.done", item=item, response_id="r1")
    watched.tell("server", type="response.done", response={"id": "r1"})
    assert watched.wire.calls["call_1"] == About("f1", "r1", "call_1", event["seq"])
    assert watched.wire.item == "f1"
