"""A client's event of more than a few kilobytes, to data, step by step, so that nobody else waits for it.

To parse and to check 20 MB at once would take from a fifth of a second to three seconds. What may be long in an event
is sound (`audio`) and pictures (`image_url`): these stay where they stand, only what is around them is parsed, and
sound is decoded a piece at a time. Of all else there may be so much as one step can take: no model has room for more.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.realtime.events import ClientError, decoded
from realtime_scenarios.realtime.shape import base64_bytes, wrong_value

LONG = 64 * 1024
"""Bytes of an event that is read in steps, and of a value that may stay where it stands."""

LONGEST_TEXT = 1024 * 1024
"""Bytes of an event without its sound and pictures: about 250,000 tokens of text. They take some ten milliseconds."""

MOST_VALUES = 10_500
"""How many values there may be in it: 128 functions of ten parameters each, described and with three choices, fit."""

LONGEST_PICTURES = 14 * 1024 * 1024
"""Bytes of all pictures in an event: room for 10 MB in base64. They are echoed, once in each of two events."""

_PIECE = 256 * 1024
"""Characters of base64 that are decoded in one step; a multiple of four. They take about a millisecond."""

_STRINGS = 500
"""How many strings are found in one step."""

_ESCAPED_PIECE = 64 * 1024
_ESCAPED = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_PLACE = b"NaN"
"""What stands in the place of a long value: no client may send it, since it is no JSON."""

_PADDING = ord("=")
_LONGEST_NAME = 16


@dataclass(frozen=True, slots=True)
class LongText:
    """A value without escapes, from one place of a text to another."""

    text: bytes | bytearray
    start: int
    end: int

    @property
    def length(self) -> int:
        """In bytes."""
        return self.end - self.start

    def pieces(self, path: str = "audio") -> Iterator[bytes]:
        """The sound that it is; `path` is what is wrong where it is none.

        Raises:
            ClientError: it is no base64.
        """
        for start in range(self.start, self.end, _PIECE):
            end = min(start + _PIECE, self.end)
            if end < self.end and self.text[end - 1] == _PADDING:
                raise wrong_value(path, "expected base64-encoded bytes")
            yield base64_bytes(self.text[start:end].decode("latin-1"), path)


Steps = Generator[None, None, Any]
"""Reads an event: goes on to its next step when it is asked to, and returns the event with its last one."""


def long_event(text: str | bytes | bytearray) -> Steps:
    """The event, in which sound of items is decoded, and that of an append is a `LongText`.

    Raises:
        ClientError: it is no JSON, there is too much in it besides sound and pictures, or these mean nothing.
    """
    return (yield from taken((yield from outlined(text))))


def outlined(text: str | bytes | bytearray) -> Steps:
    """The event with a `LongText` in the place of each sound and picture that is long.

    Raises:
        ClientError: it is no JSON, or there is too much in it besides sound and pictures.
    """
    data = _in_bytes(text)
    long = yield from _long_values(data)
    yield
    return _with_long_values(data, long)


def taken(event: Any) -> Steps:
    """An outlined event with what they mean in the place of its long values, but for the sound of an append.

    Raises:
        ClientError: one of them means nothing.
    """
    pictures = 0
    for path, part in _parts_of(event):
        match part.get("audio"):
            case LongText() as sound:
                pieces = []
                for piece in sound.pieces(f"{path}.audio"):
                    pieces.append(piece)
                    yield
                part["audio"] = b"".join(pieces)
        match part.get("image_url"):
            case LongText() as picture:
                pictures += picture.length
                if pictures > LONGEST_PICTURES:
                    reason = f"expected at most {LONGEST_PICTURES} bytes of pictures in an event"
                    raise wrong_value(f"{path}.image_url", reason)
                part["image_url"] = _written(picture, f"{path}.image_url")
                yield
    return event


def read_at_once(text: str | bytes | bytearray) -> Any:
    """The event, where it is short enough for that.

    Raises:
        ClientError: as above.
    """
    return _at_once(long_event(text))


def outline_of(text: str | bytes | bytearray) -> Any:
    """The outlined event, in one go.

    Raises:
        ClientError: as above.
    """
    return _at_once(outlined(text))


def _in_bytes(text: str | bytes | bytearray) -> bytes | bytearray:
    if not isinstance(text, str):
        return text
    try:
        return text.encode()
    except UnicodeEncodeError:
        decoded(text)  # says what is wrong with it
        raise


def _at_once(steps: Steps) -> Any:
    while True:
        try:
            next(steps)
        except StopIteration as read:
            return read.value


def _with_long_values(text: bytes | bytearray, long: Sequence[LongText]) -> Any:
    if not long:
        return decoded(text)
    event = decoded(_around(text, long), long)
    if sum(isinstance(value, LongText) for value in _values_at_their_places(event)) == len(long):
        return event
    # one of them is something else that has the name, such as the default of a parameter
    if len(text) > LONGEST_TEXT:
        raise _too_long()
    return decoded(text)


def _long_values(text: bytes | bytearray) -> Generator[None, None, Sequence[LongText]]:
    """The long values in a text; no more is looked at where it is no JSON, or too long without them."""
    long: list[LongText] = []
    at = size = values = strings = 0
    name = b""
    while True:
        start = text.find(b'"', at)
        gap_end = start if start >= 0 else len(text)
        size += gap_end - at
        if size > LONGEST_TEXT:
            raise _too_long()
        values += sum(text.count(mark, at, gap_end) for mark in (b",", b"{", b"["))
        if values > MOST_VALUES:
            raise _too_many()
        if start < 0:
            return long
        end, has_escapes = yield from _end_of_string(text, start + 1)
        value = LongText(text, start + 1, end)
        is_value = text[at:start].strip() == b":"
        if is_value and name in (b"audio", b"image_url") and value.length > LONG and not has_escapes:
            long.append(value)
            yield
        else:
            size += value.length + 2
            name = bytes(text[start + 1 : end]) if value.length < _LONGEST_NAME else b""
        strings += 1
        if strings % _STRINGS == 0:
            yield
        at = end + 1


def _end_of_string(text: bytes | bytearray, start: int) -> Generator[None, None, tuple[int, bool]]:
    """Where a string ends that begins there, and whether there are escapes in it."""
    end = text.find(b'"', start)
    escape = text.find(b"\\", start, end if end >= 0 else len(text))
    if end >= 0 and escape < 0:
        return end, False
    at = escape
    while 0 <= at < len(text) - 1:
        if at - start > LONGEST_TEXT:
            raise _too_long()
        found = _ESCAPED.match(text, at, at + _ESCAPED_PIECE)
        assert found is not None, "it matches nothing, too"
        at = found.end()
        if text[at : at + 1] == b'"':
            return at, True
        yield
    raise ClientError("invalid_event", "The event could not be read as JSON: a string in it has no end.")


def _around(text: bytes | bytearray, long: Sequence[LongText]) -> bytes:
    """The text with something short in the place of each value, its quotes included."""
    ends = [0, *(value.end + 1 for value in long)]
    starts = [*(value.start - 1 for value in long), len(text)]
    return _PLACE.join(text[begin:end] for begin, end in zip(ends, starts, strict=True))


def _written(value: LongText, path: str) -> str:
    try:
        return value.text[value.start : value.end].decode()
    except UnicodeDecodeError:
        raise wrong_value(path, "expected text in UTF-8") from None


def _values_at_their_places(event: Any) -> Iterator[Any]:
    """All values of an event that may be long."""
    if isinstance(event, dict):
        yield event.get("audio")
    for _, part in _parts_of(event):
        yield from (part.get("audio"), part.get("image_url"))


def _parts_of(event: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The content parts of the items that a client brings, each with its path, whatever else is wrong with it."""
    if not isinstance(event, dict):
        return
    items = [("item", event.get("item"))]
    response = event.get("response")
    if isinstance(response, dict) and isinstance(response.get("input"), list):
        items += [(f"response.input[{index}]", item) for index, item in enumerate(response["input"])]
    for path, item in items:
        if isinstance(item, dict) and isinstance(item.get("content"), list):
            for index, part in enumerate(item["content"]):
                if isinstance(part, dict):
                    yield f"{path}.content[{index}]", part


def _too_long() -> ClientError:
    message = f"The event is too long: besides sound and pictures it may have {LONGEST_TEXT} bytes."
    return ClientError("invalid_event", message)


def _too_many() -> ClientError:
    return ClientError("invalid_event", f"The event is too long: it may have {MOST_VALUES} values.")
