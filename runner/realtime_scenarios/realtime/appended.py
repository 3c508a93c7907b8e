"""The audio of one `input_audio_buffer.append`, to bytes, piece by piece.

Frames of sound are most of what comes, so they are read in one go, without a dictionary in between. An event may also
hold 15 MiB: to parse and to decode that at once would keep everybody else waiting for a fifth of a second. So the audio
stays where it stands in a long text, only what is around it is parsed, and it is decoded in steps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

from realtime_scenarios.realtime.shape import base64_bytes, wrong_value

_LONG = 64 * 1024
_PIECE = 256 * 1024
"""Characters that are decoded in one step; a multiple of four, as base64 has it. They take about a millisecond."""

_AUDIO = re.compile(rb'"audio"\s*:\s*"')


@dataclass(frozen=True, slots=True)
class LongAudio:
    """Base64 from one place of a text to another."""

    text: bytes | bytearray
    start: int
    end: int

    @property
    def length(self) -> int:
        """In characters."""
        return self.end - self.start

    def pieces(self) -> Iterator[bytes]:
        """The audio.

        Raises:
            ClientError: it is no base64.
        """
        for start in range(self.start, self.end, _PIECE):
            end = min(start + _PIECE, self.end)
            if end < self.end and self.text[end - 1] == _PADDING:
                raise wrong_value("audio", "expected base64-encoded bytes")
            yield base64_bytes(self.text[start:end].decode("latin-1"), "audio")


_PADDING = ord("=")


class Append(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """The whole event. `event_id` None: it has none."""

    type: Literal["input_audio_buffer.append"]
    audio: bytes
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class LongAppend:
    """The whole event, of which the audio has not been decoded yet."""

    audio: LongAudio
    event_id: str | None = None


def append_in(text: str | bytes | bytearray) -> Append | LongAppend | None:
    """What is appended. None: the text is another event, or is for somebody to read who says what is wrong with it."""
    if len(text) > _LONG:
        return _long_append(text if isinstance(text, bytes | bytearray) else text.encode())
    try:
        return _SHORT.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None


_SHORT = msgspec.json.Decoder(Append)


def _long_append(text: bytes | bytearray) -> LongAppend | None:
    audio = _long_audio(text)
    if audio is None:
        return None
    try:
        around = _SHORT.decode(text[: audio.start] + text[audio.end :])
    except msgspec.DecodeError:
        return None
    return LongAppend(audio, around.event_id) if around.audio == b"" else None


def _long_audio(text: bytes | bytearray) -> LongAudio | None:
    """Where the audio of the text stands, if that is most of it and nothing in it is escaped; else None."""
    found = _AUDIO.search(text, 0, _LONG)
    if found is None:
        return None
    start, end = found.end(), text.find(b'"', found.end())
    is_most = len(text) - (end - start) < _LONG
    if end < 0 or not is_most or text.find(b"\\", start, end) >= 0 or text.find(b'"audio"', end) >= 0:
        return None
    return LongAudio(text, start, end)
