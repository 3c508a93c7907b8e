"""The order of a conversation's items, as the wire tells it: by whose id each one follows, never by when it came.

Transcriptions come late, items of one answer in pieces, and the SDK forgets `previous_item_id` (0.24). So the order is
made here, and told as changes: where an item stands (`ItemPlaced`), and what its text is (`Delta`). A text never moves
an item, and none is moved more than once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from realtime_scenarios.core.clock import RESTORED

_ROOT = "root"
"""What `previous_item_id` says of an item that is put before all others (OpenAI Realtime API reference)."""


class Change(Struct, frozen=True):
    """One step of the picture: an event of the studio, and the item that it is about."""

    kind: str
    item: str
    data: Mapping[str, Any]


class Order:
    """Where the items of one conversation stand. `told` gives the changes that an event of the server makes."""

    def __init__(self) -> None:
        self._order: list[str] = []
        self._roles: dict[str, str] = {}
        self._tentative: set[str] = set()
        self._awaiting: dict[str, list[str]] = {}
        self._unsettled: set[str] = set()
        self._moved: set[str] = set()
        self._early: dict[str, list[str]] = {}
        self._texts: dict[str, str] = {}
        self._before_session: str | None = None

    @property
    def items(self) -> tuple[str, ...]:
        return tuple(self._order)

    @property
    def early(self) -> tuple[str, ...]:
        """Items whose text has come and who themselves have not."""
        return tuple(self._early)

    def text_of(self, item: str) -> str:
        """What is known of an item's text."""
        return self._texts.get(item, "")

    def begin_session(self) -> None:
        """The server begins anew: what has no predecessor there follows what is here."""
        self._before_session = self._order[-1] if self._order else None

    def goes_on_after(self, items: list[str]) -> None:
        """The picture is one of these items, which happened elsewhere or were not undone."""
        self._order = [*items]
        self._roles = {item: self._roles.get(item, "") for item in items}
        self.begin_session()

    def told(self, event: Mapping[str, Any]) -> Iterator[Change]:
        """What an event of the server changes."""
        match event.get("type"):
            case "input_audio_buffer.speech_started":
                if (item := _id(event.get("item_id"))) is not None and item not in self._roles:
                    self._tentative.add(item)
                    yield from self._placed(item, "user", self._last, listening=True)
            case "input_audio_buffer.committed":
                if (item := _id(event.get("item_id"))) is not None:
                    self._tentative.discard(item)
                    yield from self._placed(item, "user", self._before(event), voice=True)
            case "conversation.item.added" | "conversation.item.created":
                yield from self._added(event.get("item"), self._before(event))
            case "response.output_item.added":
                item = event.get("item")
                if isinstance(item, Mapping) and _id(item.get("id")) not in self._roles:
                    yield from self._added(item, self._last)
            case "conversation.item.input_audio_transcription.delta":
                yield from self.text(str(event.get("item_id")), str(event.get("delta") or ""), piece=True)
            case "conversation.item.input_audio_transcription.completed":
                yield from self._whole_text(str(event.get("item_id")), str(event.get("transcript") or ""))
            case "conversation.item.input_audio_transcription.failed":
                error = event.get("error") or {}
                why = str(error.get("message") or "it could not be written down")
                yield _about(event, "NotTranscribed", why=why)
            case "conversation.item.deleted":
                yield _about(event, "ItemRemoved")
            case "conversation.item.truncated":
                yield _about(event, "Heard", ms=event.get("audio_end_ms"))
            case "input_audio_buffer.cleared":
                yield from self._dropped()

    def text(self, item: str, text: str, **about: Any) -> Iterator[Change]:
        """What goes on of an item's text; of one that has not come, it waits for it.

        `piece`: secrets may stand across it and others, and the whole of it is told in the end.
        """
        if item not in self._roles:
            self._early.setdefault(item, []).append(text)
        elif text:
            self._texts[item] = self._texts.get(item, "") + text
            yield Change("Delta", item, {"item": item, "text": text, **about})

    def shown_all_the_same(self, item: str) -> Iterator[Change]:
        """An item whose text has come and which itself has not for too long stands at the end."""
        if item in self._early:
            yield from self._placed(item, "assistant", self._last, out_of_order=True)

    # --- placing ----------------------------------------------------------------------------------------------------

    @property
    def _last(self) -> str | None:
        return self._order[-1] if self._order else None

    def _before(self, event: Mapping[str, Any]) -> str | None:
        previous = event.get("previous_item_id")
        if not isinstance(previous, str) or previous == _ROOT or previous.startswith(RESTORED):
            return self._before_session
        return previous

    def _added(self, item: Any, previous: str | None) -> Iterator[Change]:
        if not isinstance(item, Mapping) or (item_id := _id(item.get("id"))) is None:
            return
        if item_id.startswith(RESTORED):
            return
        role, about = _role_of(item)
        is_new_text = role in ("user", "system") and not self._texts.get(item_id)
        yield from self._placed(item_id, role, previous, **about)
        if is_new_text and (text := _typed_in(item)):
            yield from self.text(item_id, text)

    def _placed(self, item: str, role: str, previous: str | None, **about: Any) -> Iterator[Change]:
        if previous == item:
            previous = None
        is_settled = previous is None or (previous in self._roles and previous not in self._unsettled)
        if item in self._roles:
            yield from self._placed_again(item, role, previous, is_settled=is_settled, **about)
            return
        if previous is None:
            target = 0
        else:
            target = self._order.index(previous) + 1 if previous in self._roles else len(self._order)
        self._roles[item] = role
        self._order.insert(target, item)
        yield self._change(item, role, **about)
        if is_settled:
            yield from self._settled(item)
        else:
            self._await(item, str(previous))
        for text in self._early.pop(item, ()):
            yield from self.text(item, text)

    def _placed_again(
        self, item: str, role: str, previous: str | None, *, is_settled: bool, **about: Any
    ) -> Iterator[Change]:
        """An item that stands already, now that its predecessor is told: it is moved where it stands before that."""
        self._roles[item] = role
        if not is_settled:
            self._await(item, str(previous))
        elif previous is not None and self._move_behind(item, previous):
            yield self._change(item, role, **about)
            return
        if about.get("voice"):
            yield self._change(item, role, **about)

    def _await(self, item: str, previous: str) -> None:
        self._unsettled.add(item)
        self._awaiting.setdefault(previous, []).append(item)

    def _settled(self, item: str) -> Iterator[Change]:
        """An item stands where it belongs: those that follow it, and came before it, are moved behind it, once."""
        self._unsettled.discard(item)
        for waiting in self._awaiting.pop(item, ()):
            if self._move_behind(waiting, item):
                yield self._change(waiting, self._roles[waiting])
            yield from self._settled(waiting)

    def _move_behind(self, item: str, previous: str) -> bool:
        """Whether an item stood before its predecessor, and has been moved; none is moved twice."""
        if item in self._moved or self._order.index(previous) < self._order.index(item):
            return False
        self._moved.add(item)
        self._order.remove(item)
        self._order.insert(self._order.index(previous) + 1, item)
        return True

    def _change(self, item: str, role: str, **about: Any) -> Change:
        index = self._order.index(item)
        after = self._order[index - 1] if index else None
        return Change("ItemPlaced", item, {"item": item, "role": role, "after": after, **about})

    def _whole_text(self, item: str, text: str) -> Iterator[Change]:
        before = self._texts.get(item, "")
        if item not in self._roles:
            self._early[item] = [text]
        elif not before:
            yield from self.text(item, text)
            if not text:
                yield Change("NotTranscribed", item, {"item": item, "why": "nothing could be made out"})
        else:
            self._texts[item] = text
            yield Change("Delta", item, {"item": item, "text": text, "replaces": True})

    def _dropped(self) -> Iterator[Change]:
        """What was being heard is no turn."""
        for item in sorted(self._tentative):
            self._order.remove(item)
            del self._roles[item]
            yield Change("ItemDropped", item, {"item": item})
        self._tentative.clear()


def _about(event: Mapping[str, Any], kind: str, **data: Any) -> Change:
    item = str(event.get("item_id"))
    return Change(kind, item, {"item": item, **data})


def _id(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _role_of(item: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """What an item is to the picture, and what else is to be known where it stands."""
    match item.get("type"):
        case "message":
            pictures = sum(part.get("type") == "input_image" for part in _parts(item))
            return str(item.get("role")), {"pictures": pictures} if pictures else {}
        case "function_call":
            return "call", {"call": item.get("call_id"), "tool": item.get("name")}
        case "function_call_output":
            return "output", {"call": item.get("call_id")}
        case kind:
            return str(kind), {}


def _typed_in(item: Mapping[str, Any]) -> str:
    return "".join(str(part.get("text") or part.get("transcript") or "") for part in _parts(item))


def _parts(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [part for part in item.get("content") or () if isinstance(part, Mapping)]
