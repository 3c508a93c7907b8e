"""A client's event of more than a few kilobytes, to data, step by step, so that nobody else waits for it.

To parse and to check 20 MB at once would take from a fifth of a second to three seconds. What may be long in an event
is sound (`audio`) and pictures (`image_url`): these stay where they stand, only what is around them is parsed, and
they are decoded a piece at a time, with the escapes that they may be written with. Of all else there may be so much as
one step can take: no model has room for more.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from realtime_scenarios.realtime.events import ClientError, decoded
from realtime_scenarios.realtime.shape import base64_bytes, wrong_value

LONG = 64 * 1024
"""Bytes of an event that is read in steps, and of a value that may stay where it stands."""

LONGEST_TEXT = 1024 * 1024
"""Bytes of an event without its sound and pictures: about 250,000 tokens of text. They take some ten milliseconds."""

MOST_VALUES = 12_000
"""How many values there may be in it: 128 functions of ten parameters each fit, described and with three choices, as
strict schemas have them (`required`, `additionalProperties`), and a session around them."""

LONGEST_PICTURES = 14 * 1024 * 1024
"""Bytes of all pictures in an event: room for 10 MB in base64. They are echoed, once in each of two events."""

_PIECE = 256 * 1024
"""Bytes of a long value that are taken in one step; a multiple of four. They take a millisecond, or four of escapes."""

_STRINGS = 500
"""How many strings are found in one step."""

_ESCAPED_PIECE = 64 * 1024
_ESCAPED = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_WHOLE_ESCAPES = re.compile(rb"(?:[^\\]++|\\[^u]|\\u[dD][89abAB]..\\u....|\\u(?![dD][89abAB])....)*+", re.DOTALL)
"""As far as no escape is cut in two; two of them are one character of those that come late in Unicode."""

_PLACE = b"NaN"
"""What stands in the place of a long value: no client may send it, since it is no JSON."""

_MEDIA = (b"audio", b"image_url")
_LONGEST_NAME = 16
_AFTER_A_NAME = (b":", b": ")
_BACKSLASH = ord("\\")


@dataclass(frozen=True, slots=True)
class LongText:
    """A value as it is written from one place of a text to another."""

    text: bytes | bytearray
    start: int
    end: int
    has_escapes: bool = False

    @property
    def length(self) -> int:
        """In bytes, once its escapes are taken out."""
        written = self.end - self.start
        if not self.has_escapes:
            return written
        where = self.start, self.end
        return written - self.text.count(b"\\", *where) - 4 * self.text.count(b"\\u", *where)

    def written(self, path: str) -> Iterator[str]:
        """The text that it is, a piece at a time; `path` is what is wrong where it is none.

        Raises:
            ClientError: it is no text.
        """
        at = self.start
        while at < self.end:
            end = self._end_of_piece(at)
            piece = self.text[at:end]
            try:
                yield orjson.loads(b'"' + piece + b'"') if self.has_escapes else piece.decode()
            except ValueError:
                raise wrong_value(path, "expected text in UTF-8, with escapes as JSON has them") from None
            at = end

    def pieces(self, path: str = "audio") -> Iterator[bytes]:
        """The sound that it is; `path` is what is wrong where it is none.

        Raises:
            ClientError: it is no base64.
        """
        left, is_over = "", False
        for written in self.written(path):
            if is_over:
                raise wrong_value(path, _NO_BASE64)
            found = left + written
            size = len(found) // 4 * 4
            left, is_over = found[size:], found[:size].endswith("=")
            yield base64_bytes(found[:size], path)
        if left:
            raise wrong_value(path, _NO_BASE64)

    def _end_of_piece(self, start: int) -> int:
        """Where no escape and no character is cut in two; anywhere in what is no text."""
        furthest = end = min(start + _PIECE, self.end)
        if self.has_escapes and (whole := _WHOLE_ESCAPES.match(self.text, start, end)) is not None:
            end = whole.end()
        for _ in range(3):
            if start < end < self.end and self.text[end] & 0xC0 == 0x80:
                end -= 1
        return end if end > start else furthest


_NO_BASE64 = "expected base64-encoded bytes"

_Piece = TypeVar("_Piece", bytes, str)

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
                part["audio"] = b"".join((yield from _each(sound.pieces(f"{path}.audio"))))
        match part.get("image_url"):
            case LongText() as picture:
                part["image_url"] = "".join((yield from _each(picture.written(f"{path}.image_url"))))
                pictures += len(part["image_url"])
                if pictures > LONGEST_PICTURES:
                    reason = f"expected at most {LONGEST_PICTURES} bytes of pictures in an event"
                    raise wrong_value(f"{path}.image_url", reason)
    return event


def _each(pieces: Iterator[_Piece]) -> Generator[None, None, list[_Piece]]:
    """All of the pieces, each in a step of its own."""
    found = []
    for piece in pieces:
        found.append(piece)
        yield
    return found


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
    at = values = strings = left_out = 0
    name: bytes | bytearray = b""
    while True:
        start = text.find(b'"', at)
        gap_end = start if start >= 0 else len(text)
        if gap_end - left_out > LONGEST_TEXT:
            raise _too_long()
        if text[at:gap_end] not in _AFTER_A_NAME:
            values += text.count(b",", at, gap_end) + text.count(b"{", at, gap_end) + text.count(b"[", at, gap_end)
        if values > MOST_VALUES:
            raise _too_many()
        if start < 0:
            return long
        strings += 1
        if strings > 2 * values + 1:  # each is a value, or the name of one
            raise _no_json("there is nothing between two strings")
        end = _near_end(text, start + 1)
        if text[end : end + 1] != b'"':
            is_medium = name in _MEDIA and text[at:start].strip() == b":"
            end, has_escapes = yield from _far_end(text, start + 1, end, is_medium=is_medium)
            if is_medium and end - start > LONG:
                long.append(LongText(text, start + 1, end, has_escapes))
                left_out += end + 1 - start
                yield
        if strings % _STRINGS == 0:
            yield
        name = text[start + 1 : end] if end - start <= _LONGEST_NAME else b""
        at = end + 1


def _near_end(text: bytes | bytearray, start: int) -> int:
    """Where a string ends that goes on there, or how far one step gets with it."""
    found = _ESCAPED.match(text, start, start + _ESCAPED_PIECE)
    assert found is not None, "it matches nothing, too"
    return found.end()


def _far_end(
    text: bytes | bytearray, start: int, at: int, *, is_medium: bool
) -> Generator[None, None, tuple[int, bool]]:
    """Where a string ends that begins at `start` and does not end before `at`, and whether there are escapes in it."""
    end = text.find(b'"', at)
    if end < 0:
        raise _no_json("a string in it has no end")
    has_escapes = text.find(b"\\", start, end) >= 0
    if not has_escapes or (is_medium and text[end - 1] != _BACKSLASH):  # no base64 has a quote in it
        return end, has_escapes
    while at < len(text) - 1:
        if at - start > LONGEST_TEXT:
            raise _too_quoted() if is_medium else _too_long()
        yield
        at = _near_end(text, at)
        if text[at : at + 1] == b'"':
            return at, True
    raise _no_json("a string in it has no end")


def _around(text: bytes | bytearray, long: Sequence[LongText]) -> bytes:
    """The text with something short in the place of each value, its quotes included."""
    ends = [0, *(value.end + 1 for value in long)]
    starts = [*(value.start - 1 for value in long), len(text)]
    return _PLACE.join(text[begin:end] for begin, end in zip(ends, starts, strict=True))


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


def _no_json(reason: str) -> ClientError:
    return ClientError("invalid_event", f"What was sent could not be read as JSON: {reason}.")


def _too_long() -> ClientError:
    message = f"What was sent is too long: besides sound and pictures it may have {LONGEST_TEXT} bytes."
    return ClientError("invalid_event", message)


def _too_quoted() -> ClientError:
    message = f"What was sent is too long: a picture with escaped quotes in it may have {LONGEST_TEXT} bytes."
    return ClientError("invalid_event", message)


def _too_many() -> ClientError:
    return ClientError("invalid_event", f"What was sent has too much in it: it may have {MOST_VALUES} values.")
