"""Session settings: what `session.update` may ask for, merged into what holds.

Fields and defaults: `openai.types.realtime.RealtimeSessionCreateRequest` and the sample of `session.created` in the
OpenAI Realtime API reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from realtime_scenarios.realtime.events import ClientError
from realtime_scenarios.realtime.shape import (
    Check,
    anything,
    array,
    boolean,
    either,
    integer,
    json_object,
    kinds,
    mapping,
    missing,
    nullable,
    number,
    one_of,
    record,
    text,
    unknown,
    wrong_value,
)
from realtime_scenarios.realtime.speech import FORMATS, AudioFormat, format_of
from realtime_scenarios.realtime.tools import (
    TOOL_CHOICE,
    TOOLS,
    Tool,
    refuse_unknown_choice,
    whole_tools,
    without_keys,
)

DEFAULT_MODEL = "gpt-realtime-2.1"
"""What a client that names no model gets; the role `realtime` of `project/models.yaml`, which a test holds it to."""

VOICES = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar")
"""The voices of the service (`RealtimeAudioConfigOutput`), which a test holds them to."""

Kind = Literal["realtime", "transcription"]
"""What a session is for: answers, or only the words of what is heard."""


class Session:
    """The effective settings of one session.

    `wire` is their wire form; an update replaces what changes and never alters a dictionary that was already sent.
    `mcp_tools` are all MCP tools that were named so far by their labels, with the client's keys, which nothing echoes.
    `RealtimeSessionCreateRequest`, which the published events hold, declares no `id`, `object` and `expires_at`; the
    service sends them as `RealtimeSessionCreateResponse` has them, and so does this. Only the former declares
    `parallel_tool_calls`: it is there once a client has named it.
    """

    def __init__(
        self,
        session_id: str,
        *,
        model: str | None = None,
        expires_at: int | None = None,
        kind: Kind = "realtime",
    ) -> None:
        self._model_is_open = model is None
        self.kind = kind
        self.mcp_tools: dict[str, Tool] = {}
        expiry = {} if expires_at is None else {"expires_at": expires_at}
        self.wire: dict[str, Any] = {
            "type": "realtime",
            "object": "realtime.session",
            "id": session_id,
            "model": model or DEFAULT_MODEL,
            **_DEFAULTS,
            **expiry,
            "audio": {"input": _AUDIO_INPUT, "output": _AUDIO_OUTPUT},
        }
        if kind == "transcription":
            self.wire = {
                "type": "transcription",
                "object": "realtime.transcription_session",
                "id": session_id,
                **_TRANSCRIPTION_DEFAULTS,
                **expiry,
                "audio": {"input": _AUDIO_INPUT},
            }

    @property
    def turn_detection(self) -> Mapping[str, Any] | None:
        """None: the client says itself when a turn is over."""
        found: Mapping[str, Any] | None = self.wire["audio"]["input"]["turn_detection"]
        return found

    @property
    def input_format(self) -> AudioFormat:
        """The format in which audio comes."""
        return format_of(self.wire["audio"]["input"]["format"])

    def update(self, wanted: Any, *, voice_is_fixed: bool) -> None:
        """Merge the `session` of a `session.update` as it was sent: `merge` of what is checked.

        Raises:
            ClientError: something in it is wrong; then nothing has changed.
        """
        self.merge(SESSION(wanted, "session"), voice_is_fixed=voice_is_fixed)

    def merge(self, given: Mapping[str, Any], *, voice_is_fixed: bool) -> None:
        """Merge settings of the shape `SESSION`; what they do not name stays as it is, null means the default.

        A model is taken from the first update that names one, unless the connection named it; a later wish for another
        one changes nothing, and the echo says so.

        Raises:
            ClientError: something in it is wrong; then nothing has changed.
        """
        if given["type"] != self.kind:
            raise _another_kind(given["type"], self.kind)
        if self.kind == "transcription":
            heard = _merged_input(self.wire["audio"]["input"], (given.get("audio") or {}).get("input") or {})
            changed = _nulls_as_defaults(given, _TRANSCRIPTION_DEFAULTS)
            self.wire = {**self.wire, **changed, "audio": {"input": heard}}
            return
        wire = {**self.wire, **_nulls_as_defaults(given, _DEFAULTS)}
        wire["audio"] = _merged_audio(self.wire["audio"], given.get("audio") or {})
        _refuse_another_voice(self.wire["audio"]["output"], wire["audio"]["output"], voice_is_fixed)
        wire["model"] = given["model"] if self._model_is_open and given.get("model") else self.wire["model"]
        tools = self.whole_tools(given.get("tools") or (), "session.tools")
        if tools:
            wire["tools"] = without_keys(tools)
        refuse_unknown_choice(wire["tool_choice"], wire["tools"], "session.tool_choice")
        if given.get("model"):
            self._model_is_open = False
        self.know(tools)
        self.wire = wire

    def whole_tools(self, tools: Sequence[Tool], path: str) -> list[Tool]:
        """The tools, with what is known of the MCP servers that are only named.

        Raises:
            ClientError: nothing is known of one; `path` is where the tools stand.
        """
        return whole_tools(tools, self.mcp_tools, path)

    def know(self, tools: Sequence[Tool]) -> None:
        """Keep the MCP tools among them: from now on their labels are enough."""
        self.mcp_tools |= {tool["server_label"]: tool for tool in tools if tool["type"] == "mcp"}


def _merged_audio(old: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "input": _merged_input(old["input"], given.get("input") or {}),
        "output": {**old["output"], **_nulls_as_defaults(given.get("output") or {}, _AUDIO_OUTPUT)},
    }


def _merged_input(old: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    new = {**old, **_nulls_as_defaults(given, {"format": _PCM})}  # null turns everything else off
    if given.get("noise_reduction") is not None:
        new["noise_reduction"] = {"strength": 1, **(old["noise_reduction"] or {}), **given["noise_reduction"]}
    if given.get("transcription") is not None:
        new["transcription"] = {**(old["transcription"] or {}), **given["transcription"]}
    if given.get("turn_detection") is not None:
        new["turn_detection"] = _merged_turn_detection(old["turn_detection"] or {}, given["turn_detection"])
    return new


def _merged_turn_detection(old: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    kind = given.get("type") or old.get("type")
    path = "session.audio.input.turn_detection"
    if kind is None:
        raise missing(f"{path}.type")
    # one of another kind begins from its own defaults: the fields of the two are not the same
    base = old if old.get("type") == kind else _TURN_DETECTION[kind]
    known = _TURN_DETECTION[kind]
    for name, value in given.items():
        if name not in known and value is not None:
            raise unknown(f"{path}.{name}")
    return {**base, **_nulls_as_defaults({name: value for name, value in given.items() if name in known}, known)}


def _nulls_as_defaults(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {name: defaults.get(name) if value is None else value for name, value in given.items()}


def _refuse_another_voice(old: Mapping[str, Any], new: Mapping[str, Any], voice_is_fixed: bool) -> None:
    if voice_is_fixed and old["voice"] != new["voice"]:
        raise cannot_update_voice("session.audio.output.voice")


def _another_kind(given: Kind, own: Kind) -> ClientError:
    message = f"Passing a {given} session update event to a {own} session is not allowed."
    return ClientError("invalid_value", message, "session.type")


def cannot_update_voice(param: str) -> ClientError:
    message = "Cannot update a conversation's voice if assistant audio is present."
    return ClientError("cannot_update_voice", message, param)


def _modalities(value: Any, path: str) -> list[str]:
    """One of the two: audio comes with its transcript, and both at once cannot be asked for (API reference)."""
    given: list[str] = array(one_of("text", "audio"))(value, path)
    if len(given) != 1:
        raise wrong_value(path, "supported combinations are ['text'] and ['audio']")
    return given


def _format(value: Any, path: str) -> dict[str, Any]:
    given = record({"type": nullable(one_of(*FORMATS)), "rate": nullable(integer(24000, 24000))})(value, path)
    kind = given.get("type") or "audio/pcm"
    if kind != "audio/pcm" and given.get("rate") is not None:
        raise unknown(f"{path}.rate")
    return {"type": kind, "rate": 24000} if kind == "audio/pcm" else {"type": kind}


def _voice(value: Any, path: str) -> str:
    """A voice is echoed by its name or id, which is all that `RealtimeSessionCreateResponse` has room for.

    Those that somebody has made have an id of their own; any other name is refused.
    """
    if isinstance(value, dict):
        voice: str = record({"id": _name}, required=("id",))(value, path)["id"]
        return voice
    if isinstance(value, str) and value.startswith("voice_"):
        return str(_name(value, path))
    return str(one_of(*VOICES)(value, path))


_name = text(longest=256)

_CACHED_TO_HERE: Mapping[str, Check] = {
    "prompt_cache_breakpoint": nullable(
        record({"mode": one_of("explicit"), "ttl": nullable(one_of("30m", "12h"))}, required=("mode",))
    )
}
_VARIABLE = either(
    text(),
    kinds(
        {
            "input_text": record({"type": anything, "text": text(), **_CACHED_TO_HERE}, required=("text",)),
            "input_image": record(
                {
                    **_CACHED_TO_HERE,
                    "type": anything,
                    "detail": one_of("low", "high", "auto", "original"),
                    "file_id": nullable(text()),
                    "image_url": nullable(text()),
                },
                required=("detail",),
            ),
            "input_file": record(
                {
                    **_CACHED_TO_HERE,
                    "type": anything,
                    "detail": nullable(one_of("auto", "low", "high")),
                    "file_data": nullable(text()),
                    "file_id": nullable(text()),
                    "file_url": nullable(text()),
                    "filename": nullable(text()),
                }
            ),
        }
    ),
    when=str,
)

MODALITIES: Check = _modalities
FORMAT: Check = _format
VOICE: Check = _voice
MAX_OUTPUT_TOKENS: Check = either(one_of("inf"), integer(1, 4096), when=str)
# Reusable prompts ended on 2026-11-30. Clients that still name one are not refused: it is echoed, and is no text here.
PROMPT: Check = record(
    {"id": _name, "version": nullable(text()), "variables": nullable(mapping(_VARIABLE))}, required=("id",)
)
REASONING: Check = record({"effort": nullable(one_of("minimal", "low", "medium", "high", "xhigh"))})

_TRACING = either(
    one_of("auto"),
    record({"group_id": nullable(text()), "metadata": nullable(json_object), "workflow_name": nullable(text())}),
    when=str,
)
_TRUNCATION = either(
    one_of("auto", "disabled"),
    record(
        {
            "type": one_of("retention_ratio"),
            "retention_ratio": number(0, 1),
            "token_limits": nullable(record({"post_instructions": nullable(integer(0, 1_000_000))})),
        },
        required=("type", "retention_ratio"),
    ),
    when=str,
)
_TRANSCRIPTION = record(
    {
        "model": nullable(text()),
        "language": nullable(text()),
        "languages": nullable(array(text())),
        "prompt": nullable(text()),
        "keywords": nullable(array(text())),
        "delay": nullable(one_of("minimal", "low", "medium", "high", "xhigh")),
    }
)
_TURN_DETECTION_FIELDS = record(
    {
        "type": one_of("server_vad", "semantic_vad"),
        "threshold": nullable(number(0, 1)),
        "prefix_padding_ms": nullable(integer(0, 60_000)),
        "silence_duration_ms": nullable(integer(0, 60_000)),
        "idle_timeout_ms": nullable(integer(5_000, 30_000)),
        "create_response": nullable(boolean),
        "interrupt_response": nullable(boolean),
        "eagerness": nullable(one_of("low", "medium", "high", "auto")),
    }
)
_INPUT = record(
    {
        "format": nullable(_format),
        "noise_reduction": nullable(
            record({"type": nullable(one_of("near_field", "far_field")), "strength": nullable(number(0, 1))})
        ),
        "transcription": nullable(_TRANSCRIPTION),
        "turn_detection": nullable(_TURN_DETECTION_FIELDS),
    }
)
_OUTPUT = record(
    {"format": nullable(_format), "voice": nullable(_voice), "speed": nullable(number(0.25, 1.5))},
)
_TYPE = one_of("realtime", "transcription")
_INCLUDE = nullable(array(one_of("item.input_audio_transcription.logprobs")))
_CONVERSATION_SESSION = record(
    {
        "type": _TYPE,
        "model": nullable(_name),
        "instructions": nullable(text()),
        "output_modalities": nullable(_modalities),
        "tools": nullable(TOOLS),
        "tool_choice": nullable(TOOL_CHOICE),
        "max_output_tokens": nullable(MAX_OUTPUT_TOKENS),
        "parallel_tool_calls": nullable(boolean),
        "prompt": nullable(PROMPT),
        "reasoning": nullable(REASONING),
        "tracing": nullable(_TRACING),
        "truncation": nullable(_TRUNCATION),
        "include": _INCLUDE,
        "audio": nullable(record({"input": nullable(_INPUT), "output": nullable(_OUTPUT)})),
    },
    required=("type",),  # GA demands it
)
_TRANSCRIPTION_SESSION = record(
    {"type": _TYPE, "include": _INCLUDE, "audio": nullable(record({"input": nullable(_INPUT)}))}, required=("type",)
)


def _session(value: Any, path: str) -> Any:
    is_transcription = isinstance(value, dict) and value.get("type") == "transcription"
    return (_TRANSCRIPTION_SESSION if is_transcription else _CONVERSATION_SESSION)(value, path)


SESSION: Check = _session
METADATA: Check = mapping(text(longest=512), longest_key=64, most=16)

_DEFAULTS: Mapping[str, Any] = {
    "instructions": "",
    "output_modalities": ["audio"],
    "tools": [],
    "tool_choice": "auto",
    "max_output_tokens": "inf",
    "tracing": None,
    "prompt": None,
    "truncation": "auto",
    "include": None,
}
_TRANSCRIPTION_DEFAULTS: Mapping[str, Any] = {"include": None}
_PCM = {"type": "audio/pcm", "rate": 24000}
_TURN_DETECTION: Mapping[str, Mapping[str, Any]] = {
    "server_vad": {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500,
        "idle_timeout_ms": None,
        "create_response": True,
        "interrupt_response": True,
    },
    "semantic_vad": {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": True,
        "interrupt_response": True,
    },
}
_AUDIO_INPUT: Mapping[str, Any] = {
    "format": _PCM,
    "transcription": None,
    "noise_reduction": None,
    "turn_detection": _TURN_DETECTION["server_vad"],
}
_AUDIO_OUTPUT: Mapping[str, Any] = {"format": _PCM, "voice": "marin", "speed": 1}
