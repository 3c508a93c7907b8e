"""The audio of one `input_audio_buffer.append`, to bytes.

Frames of sound are most of what comes, so they are read in one go, without a dictionary in between.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Append(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """The whole event. `event_id` None: it has none."""

    type: Literal["input_audio_buffer.append"]
    audio: bytes
    event_id: str | None = None


def append_in(text: str | bytes | bytearray) -> Append | None:
    """What is appended. None: the text is another event, or is for somebody to read who says what is wrong with it."""
    try:
        return _APPEND.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None


_APPEND = msgspec.json.Decoder(Append)
