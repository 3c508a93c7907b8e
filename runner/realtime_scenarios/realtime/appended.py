"""The audio of one `input_audio_buffer.append`, to bytes, piece by piece.

An event may hold 15 MiB: to parse and to decode it at once would keep everybody else waiting for a fifth of a second.
So the audio stays where it stands in a long text, only what is around it is parsed, and it is decoded in steps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.realtime.events import decoded
from realtime_scenarios.realtime.shape import base64_bytes, wrong_value

_LONG = 64 * 1024
_PIECE = 256 * 1024
"""Characters that are decoded in one step; a multiple of four, as base64 has it. They take about a millisecond."""

_AUDIO = re.compile(r'"audio"\s*:\s*"')


@dataclass(frozen=True, slots=True)
class AppendedAudio:
    """Base64 from one place of a text to another."""

    text: str
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
            if end < self.end and self.text[end - 1] == "=":
                raise wrong_value("audio", "expected base64-encoded bytes")
            yield base64_bytes(self.text[start:end], "audio")


def appended(audio: str | AppendedAudio) -> AppendedAudio:
    """The audio of an event, however long its text was."""
    return AppendedAudio(audio, 0, len(audio)) if isinstance(audio, str) else audio


def decoded_event(text: str | bytes) -> tuple[Any, AppendedAudio | None]:
    """A client's message as data; of a long append its audio is left out, and comes beside it.

    Raises:
        ClientError: it is no JSON, or JSON that cannot be echoed.
    """
    if isinstance(text, str) and len(text) > _LONG:
        audio = _long_audio(text)
        if audio is not None:
            around = decoded(text[: audio.start] + text[audio.end :])
            if isinstance(around, dict) and around.get("audio") == "" and around.get("type") == _APPEND:
                return around, audio
    return decoded(text), None


_APPEND = "input_audio_buffer.append"


def _long_audio(text: str) -> AppendedAudio | None:
    """Where the audio of the text stands, if that is most of it and nothing in it is escaped; else None."""
    found = _AUDIO.search(text, 0, _LONG)
    if found is None:
        return None
    start, end = found.end(), text.find('"', found.end())
    is_most = len(text) - (end - start) < _LONG
    if end < 0 or not is_most or text.find("\\", start, end) >= 0 or text.find('"audio"', end) >= 0:
        return None
    return AppendedAudio(text, start, end)
