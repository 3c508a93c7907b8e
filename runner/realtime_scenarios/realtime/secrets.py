"""Bodies of requests for ephemeral keys, to what sessions begin with: the form of today, and the one before it.

Today's is `POST /v1/realtime/client_secrets` (`openai.types.realtime.ClientSecretCreateParams`). The older ones,
`/v1/realtime/sessions` and `/v1/realtime/transcription_sessions`, took the flat settings of the beta; guides and pages
still use them (`openai.types.beta.realtime.SessionCreateParams` of openai 1.x).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.realtime.door import Beginning, EphemeralKey
from realtime_scenarios.realtime.session import SESSION, Kind, Session
from realtime_scenarios.realtime.shape import array, integer, json_object, nullable, one_of, record, unknown

_LIFETIME_SECONDS = 600
_LIFETIME_OF_OLD_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """An ephemeral key as it is asked for."""

    beginning: Beginning
    seconds: int


def wanted_key(body: Any) -> Wanted:
    """What a body of `client_secrets` asks for.

    Raises:
        ClientError: it is none; `param` is the path in the body.
    """
    checked = _BODY(body, "")
    settings = checked.get("session") or {"type": "realtime"}
    given = SESSION(settings, "session")
    return Wanted(Beginning(given["type"], settings), _lifetime(checked, _LIFETIME_SECONDS))


def wanted_key_of_old(body: Any, kind: Kind) -> Wanted:
    """What a body of `sessions` or `transcription_sessions` asks for.

    Raises:
        ClientError: it is none.
    """
    given = {name: value for name, value in json_object(body, "").items() if value is not None}
    secret = _OLD_SECRET(given.pop("client_secret", {}), "client_secret")
    settings = {"type": kind, **_settings_of_today(given, kind)}
    SESSION(settings, "session")
    return Wanted(Beginning(kind, settings), _lifetime(secret, _LIFETIME_OF_OLD_SECONDS))


def key_wire(key: EphemeralKey, session: Session) -> dict[str, Any]:
    """The answer to `client_secrets`."""
    return {"value": key.value, "expires_at": key.expires_at, "session": session.wire}


def key_wire_of_old(key: EphemeralKey, session: Session, body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to `sessions`: the session itself, with the key in it; what was asked for stands in its own words."""
    secret = {"value": key.value, "expires_at": key.expires_at}
    return {**session.wire, **body, "id": session.wire["id"], "client_secret": secret}


def session_of(beginning: Beginning, session_id: str) -> Session:
    """The session that such a key begins, to be shown.

    Raises:
        ClientError: its settings do not fit together.
    """
    session = Session(session_id, kind=beginning.kind)
    session.update({"type": beginning.kind, **(beginning.settings or {})}, voice_is_fixed=False)
    return session


def _settings_of_today(given: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """The flat settings of the beta in their present places; those that are gone are left out."""
    settings: dict[str, Any] = {}
    heard: dict[str, Any] = {}
    spoken: dict[str, Any] = {}
    for name, value in given.items():
        match name:
            case "modalities":
                settings["output_modalities"] = ["audio"] if "audio" in _OLD_MODALITIES(value, name) else ["text"]
            case "max_response_output_tokens":
                settings["max_output_tokens"] = value
            case "voice" | "speed":
                spoken[name] = value
            case "output_audio_format":
                spoken["format"] = {"type": _FORMATS_OF_OLD[_OLD_FORMAT(value, name)]}
            case "input_audio_format":
                heard["format"] = {"type": _FORMATS_OF_OLD[_OLD_FORMAT(value, name)]}
            case "input_audio_transcription" | "input_audio_noise_reduction":
                heard[name.removeprefix("input_audio_")] = value
            case "turn_detection":
                heard[name] = value
            case "temperature" | "type":
                pass
            case "audio":
                raise unknown("audio")
            case _:
                settings[name] = value
    audio = {side: of for side, of in (("input", heard), ("output", spoken)) if of}
    return {**settings, **({"audio": audio} if audio else {})}


def _lifetime(given: Mapping[str, Any], default: int) -> int:
    seconds: int | None = (given.get("expires_after") or {}).get("seconds")
    return default if seconds is None else seconds


_FORMATS_OF_OLD = {"pcm16": "audio/pcm", "g711_ulaw": "audio/pcmu", "g711_alaw": "audio/pcma"}
_OLD_FORMAT = one_of(*_FORMATS_OF_OLD)
_OLD_MODALITIES = array(one_of("text", "audio"))
_EXPIRES_AFTER = {
    "expires_after": nullable(
        record({"anchor": nullable(one_of("created_at")), "seconds": nullable(integer(10, 7200))})
    )
}
_BODY = record({**_EXPIRES_AFTER, "session": nullable(json_object)})
_OLD_SECRET = record(_EXPIRES_AFTER)
