"""Frames of Twilio's Media Streams, as JSON texts, to data and back.

Facts: Twilio documentation, "Media Streams - WebSocket Messages" and "TwiML Voice: <Stream>". Audio is mu-law at 8 kHz
in one channel, without a header, in base64. Numbers come as strings. The server may send `media`, `mark` and `clear`.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ENCODING, RATE, CHANNELS = "audio/x-mulaw", 8000, 1
"""The only format that a stream has."""


class BadFrame(ValueError):
    """A text that is no frame of a media stream; the message says why."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The first frame: there is a socket, and nobody on it yet."""


@dataclass(frozen=True, slots=True)
class Started:
    """A call is on the line. `parameters` are those of the TwiML that led here."""

    stream: str
    call: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sound:
    """What the caller's side sounds like.

    `chunk` counts from 1; None: the carrier does not count. `at_ms` is when in the stream it begins; None: right after
    what came before.
    """

    audio: bytes
    chunk: int | None = None
    at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """What was sent before the mark of this name has been played, or was thrown away by a `clear`."""

    mark: str


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key of the caller's telephone: 0 to 9, `*`, `#`, or A to D."""

    key: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The call is over, or the stream is."""


Frame = Connected | Started | Sound | Played | KeyPressed | Stopped


def frame_of(text: str | bytes) -> Frame | None:
    """The frame that a carrier sent; None where nobody here needs it: the outbound track, or a kind that is unknown.

    Raises:
        BadFrame: it is none.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise BadFrame("a frame must be JSON") from problem
    if not isinstance(data, dict):
        raise BadFrame("a frame must be a JSON object")
    match data.get("event"):
        case "connected":
            return Connected()
        case "start":
            return _started(_part(data, "start"), data)
        case "media":
            return _sound(_part(data, "media"))
        case "mark":
            return Played(_text(_part(data, "mark"), "name", "mark"))
        case "dtmf":
            return _key(_part(data, "dtmf"))
        case "stop":
            return Stopped()
        case str():
            return None
        case _:
            raise BadFrame("a frame has an 'event'")


def media_frame(stream: str, audio: bytes) -> str:
    """Audio to be played behind what was sent before."""
    payload = base64.b64encode(audio).decode()
    return json.dumps({"event": "media", "streamSid": stream, "media": {"payload": payload}})


def mark_frame(stream: str, name: str) -> str:
    """Asks to be told when everything that was sent before has been played."""
    return json.dumps({"event": "mark", "streamSid": stream, "mark": {"name": name}})


def clear_frame(stream: str) -> str:
    """Throws away what has been sent and not been played; marks in it come back at once."""
    return json.dumps({"event": "clear", "streamSid": stream})


def _started(start: Mapping[str, Any], frame: Mapping[str, Any]) -> Started:
    format_ = start.get("mediaFormat")
    known = format_ if isinstance(format_, dict) else {}
    found = (known.get("encoding", ENCODING), known.get("sampleRate", RATE), known.get("channels", CHANNELS))
    if found != (ENCODING, RATE, CHANNELS):
        raise BadFrame(f"the stream is {found[0]} at {found[1]} Hz, and not {ENCODING} at {RATE} Hz")
    given = start.get("customParameters")
    parameters = {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}
    return Started(_text({**frame, **start}, "streamSid", "start"), _text(start, "callSid", "start"), parameters)


def _sound(media: Mapping[str, Any]) -> Sound | None:
    if media.get("track", "inbound") not in ("inbound", "inbound_track"):
        return None
    try:
        audio = base64.b64decode(_text(media, "payload", "media"), validate=True)
    except (binascii.Error, ValueError) as problem:
        raise BadFrame("the payload of a 'media' frame must be base64") from problem
    return Sound(audio, _number(media, "chunk"), _number(media, "timestamp"))


def _key(dtmf: Mapping[str, Any]) -> KeyPressed:
    key = _text(dtmf, "digit", "dtmf")
    if len(key) != 1 or key not in "0123456789*#ABCD":
        raise BadFrame(f"no telephone has a key '{key[:20]}'")
    return KeyPressed(key)


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = data.get(name)
    if not isinstance(part, dict):
        raise BadFrame(f"a '{data['event']}' frame has an object '{name}'")
    return part


def _text(data: Mapping[str, Any], name: str, event: str) -> str:
    text = data.get(name)
    if not isinstance(text, str) or not text:
        raise BadFrame(f"a '{event}' frame has a text '{name}'")
    return text


def _number(media: Mapping[str, Any], name: str) -> int | None:
    given = media.get(name)
    if given is None:
        return None
    text = str(given)
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise BadFrame(f"'{name}' of a 'media' frame is a number")
    return int(text)
