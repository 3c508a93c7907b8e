"""The SDK's own wire code over a connection of our choice.

All that stands on private parts of openai-agents 0.24 is in this file, and `tests/providers/test_wire.py` says so.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, cast

import orjson
from agents import _tool_invocation, agent
from agents.realtime import (
    RealtimeModelConfig,
    RealtimeModelEvent,
    RealtimeSessionModelSettings,
    _tool_filtering,
    handoffs,
    openai_realtime,
    session,
)
from agents.realtime.model_events import RealtimeModelRawServerEvent
from agents.realtime.openai_realtime import OpenAIRealtimeWebSocketModel, TransportConfig
from openai.types.realtime import (
    AudioTranscription,
    RealtimeConversationItemAssistantMessage,
    RealtimeConversationItemFunctionCall,
    RealtimeConversationItemFunctionCallOutput,
    RealtimeConversationItemSystemMessage,
    RealtimeConversationItemUserMessage,
    RealtimeSessionCreateRequest,
    RealtimeTruncation,
)
from pydantic import TypeAdapter
from websockets.asyncio.client import ClientConnection

from realtime_scenarios.core import parsed_json, sendable
from realtime_scenarios.realtime.event_log import FrameLog, LoggedConnection

Connect = Callable[[], Awaitable[Any]]
"""Opens a connection: `send(text)`, `close()` and asynchronous iteration over received texts."""


UNUSED_BY_THE_SDK = frozenset(
    {
        "conversation.item.done",
        "response.content_part.added",
        "response.content_part.done",
        "response.output_text.done",
        "response.output_audio_transcript.done",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "rate_limits.updated",
    }
)
"""Events that the SDK's wire code validates and then does nothing with (measured, 0.24)."""


NO_EVENT = "realtime_scenarios.no_event"
"""The type of what stands in place of a frame that is no event at all; its `message` says why it is none."""

_UPDATE_ID = "realtime_scenarios_session_update_"


def answers_an_update(error: Mapping[str, Any]) -> bool:
    """Whether an `error` of the server says that a `session.update` of ours was refused.

    An error names the event that it answers where that event has an id, and the SDK gives its updates none (0.24): a
    `WireModel` does. Servers that name no event are known by the parameter that they complain about.
    """
    answered = error.get("event_id")
    if answered:
        return str(answered).startswith(_UPDATE_ID)
    return str(error.get("param") or "").partition(".")[0] == "session"


class WireModel(OpenAIRealtimeWebSocketModel):
    """The SDK's websocket model on whatever `connect` opens; with None, on a real websocket.

    Each `session.update` has an id by which a refusal is known (`answers_an_update`). Events of our own engine are
    known to be valid, so those that the SDK makes no use of are not validated once more.
    """

    def __init__(self, connect: Connect | None = None, *, transport: TransportConfig | None = None) -> None:
        super().__init__(transport_config=transport)
        self._connect_elsewhere = connect
        self._updates = 0
        self._transcription: Mapping[str, Any] | None = None
        self._log: FrameLog | None = None
        self._came = _Came()
        self._server_event_type_adapter = cast(TypeAdapter[Any], _ServerEvents(trusted=connect is not None))

    async def _create_websocket_connection(
        self, url: str, headers: dict[str, str], transport_config: TransportConfig | None = None
    ) -> ClientConnection:
        if self._connect_elsewhere is None:
            connection: Any = await super()._create_websocket_connection(url, headers, transport_config)
        else:
            connection = await self._connect_elsewhere()
        return cast(ClientConnection, LoggedConnection(connection, self._log.connection()) if self._log else connection)

    def log_to(self, log: FrameLog) -> None:
        """Tell every frame of the connections that are opened from now on."""
        self._log = log

    async def connect(self, options: RealtimeModelConfig) -> None:
        """Connect, also once more after a connection was lost: what was asked for on that one is asked for no more."""
        await self._release_response_waiters()
        self._came = _Came()
        await super().connect(options)

    def transcribe_with(self, settings: Mapping[str, Any]) -> None:
        """From the next `session.update` on callers are written down in this way: the SDK's own settings are fixed."""
        self._transcription = settings

    def _get_session_config(self, model_settings: RealtimeSessionModelSettings) -> RealtimeSessionCreateRequest:
        """The SDK's session, and the truncation: the SDK (0.24) drops what is no setting of its own."""
        request = super()._get_session_config(model_settings)
        if self._transcription is not None and request.audio is not None and request.audio.input is not None:
            request.audio.input.transcription = AudioTranscription.model_validate(self._transcription)
        truncation = cast(Mapping[str, Any], model_settings).get("truncation")
        if truncation is not None:
            request.truncation = _TRUNCATION.validate_python(truncation)
        return request

    async def _send_raw_message(self, event: Any) -> None:
        if event.type == "session.update" and event.event_id is None:
            self._updates += 1
            event = event.model_copy(update={"event_id": f"{_UPDATE_ID}{self._updates}"})
        await super()._send_raw_message(event)

    async def _emit_event(self, event: RealtimeModelEvent) -> None:
        """What is no JSON is told as any other frame: the SDK's session (0.24) would end with an exception."""
        if event.type == "exception" and isinstance(event.exception, json.JSONDecodeError):
            event = _no_event(f"a frame that is no JSON ({event.exception})")
        await super()._emit_event(event)

    async def _handle_ws_event(self, event: Any) -> None:
        if not isinstance(event, dict):
            await self._emit_event(_no_event("a frame that is JSON, but no object"))
            return
        if self._came.before(event):
            return
        kind = event.get("type")
        if kind == "response.output_item.done":
            _make_arguments_portable(event)
        elif kind == "error":
            self._name_failed_ask(event)
        if self._connect_elsewhere is not None and kind in UNUSED_BY_THE_SDK:
            return
        await super()._handle_ws_event(event)

    def _name_failed_ask(self, event: dict[str, Any]) -> None:
        """Say of an error which names no event that it stands for the response that was asked for, where it must.

        The SDK (0.24) would go on waiting for that response, and hold the next `response.create` back for it. What the
        client did wrong (`invalid_request_error`) may be any event; all else comes in place of an answer.
        """
        error, asked = event.get("error"), self._pending_response_create_event_id
        if not isinstance(error, dict) or error.get("event_id") or asked is None or self._ongoing_response:
            return
        is_about_response = str(error.get("param") or "").partition(".")[0] == "response"
        if error.get("type") != "invalid_request_error" or is_about_response:
            error["event_id"] = asked


class _Came:
    """The events that came last on a connection: one that comes twice is taken once, be it a call.

    Each has an `event_id` of its own (Realtime protocol, server events). A server that gives one to two different
    events tells nothing by it, and all of its events are taken.
    """

    def __init__(self) -> None:
        self._last: dict[str, Mapping[str, Any]] = {}
        self._tells_nothing = False

    def before(self, event: Mapping[str, Any]) -> bool:
        """Whether this very event came a moment ago."""
        name = event.get("event_id")
        if self._tells_nothing or not isinstance(name, str) or not name:
            return False
        earlier = self._last.get(name)
        if earlier is None:
            self._last[name] = dict(event)
            if len(self._last) > _KEPT_EVENTS:
                del self._last[next(iter(self._last))]
            return False
        self._tells_nothing = earlier != event
        return not self._tells_nothing


_KEPT_EVENTS = 32


def _no_event(what: str) -> RealtimeModelRawServerEvent:
    return RealtimeModelRawServerEvent(data={"type": NO_EVENT, "message": f"the server sent {what}"})


def _make_arguments_portable(event: dict[str, Any]) -> None:
    """Put arguments that are no good JSON in quotes: the tool is then told so, and the SDK does not choke on them.

    The SDK takes a fingerprint of every call's arguments, and loses the call where they hold half characters or are
    nested without end.
    """
    item = event.get("item")
    if not isinstance(item, dict) or item.get("type") != "function_call" or not item.get("arguments"):
        return
    text = str(item["arguments"])
    try:
        parsed_json(text)
    except ValueError:
        item["arguments"] = json.dumps(sendable(text), ensure_ascii=False)


class _ServerEvents:
    """The SDK's adapter of server events, asked for less: what an item is, its `type` and `role` say.

    On its own it tries an item as everything it could be, which costs five times as much. `trusted` events are our own
    engine's: of a response the SDK's wire code reads the id alone, so nothing else of it is looked at.
    """

    def __init__(self, *, trusted: bool) -> None:
        self._trusted = trusted

    def validate_python(self, event: dict[str, Any]) -> Any:
        """The event as the SDK's own type.

        Raises:
            pydantic.ValidationError: it is none.
        """
        if self._trusted and event.get("type") in ("response.created", "response.done"):
            event = {**event, "response": {"id": event["response"]["id"]}}
        item = event.get("item")
        if isinstance(item, dict):
            kind = _ITEMS.get(f"{item.get('type')} {item.get('role', '')}")
            if kind is not None:
                event = {**event, "item": kind.validate_python(item)}
        return _EVENTS.validate_python(event)


_TRUNCATION: TypeAdapter[RealtimeTruncation] = TypeAdapter(RealtimeTruncation)
_EVENTS = openai_realtime.get_server_event_type_adapter()
_ITEMS: dict[str, TypeAdapter[Any]] = {
    "message system": TypeAdapter(RealtimeConversationItemSystemMessage),
    "message user": TypeAdapter(RealtimeConversationItemUserMessage),
    "message assistant": TypeAdapter(RealtimeConversationItemAssistantMessage),
    "function_call ": TypeAdapter(RealtimeConversationItemFunctionCall),
    "function_call_output ": TypeAdapter(RealtimeConversationItemFunctionCallOutput),
}


@functools.cache
def _type_adapter(of: Any) -> TypeAdapter[Any]:
    return TypeAdapter(of)


class _Json:
    """What the SDK's wire code uses of `json`, faster."""

    JSONDecodeError = json.JSONDecodeError
    loads = staticmethod(orjson.loads)


_walk_for_voices = openai_realtime._normalize_custom_voice_for_server_event_validation


def _with_voices_by_name(event: Any) -> Any:
    """What the SDK's own walk through the whole event makes of it, without the walk where no voice is an object."""
    for part in (event.get("session"), event.get("response")):
        audio = part.get("audio") if isinstance(part, dict) else None
        output = audio.get("output") if isinstance(audio, dict) else None
        if isinstance(output, dict) and isinstance(output.get("voice"), dict):
            return _walk_for_voices(event)
    return event


async def _one_after_the_other(
    *awaitables: Coroutine[Any, Any, Any], on_child_failure: Callable[[BaseException], None] | None = None
) -> tuple[Any, ...]:
    """The results in order, without a task for each: what the SDK gathers here are questions that wait for nothing."""
    remaining = iter(awaitables)
    try:
        return tuple([await coroutine for coroutine in remaining])
    except BaseException as problem:
        for coroutine in remaining:
            coroutine.close()
        if on_child_failure is not None:
            on_child_failure(problem)
        raise


_parse_and_sort = _tool_invocation._normalize_arguments
_parse_and_sort_text = functools.lru_cache(maxsize=64)(_parse_and_sort)


def _arguments_in_order(value: Any) -> Any:
    """A call's arguments as the SDK takes its fingerprint of them, seven or eight times a call: parsed only once."""
    return _parse_and_sort_text(value) if isinstance(value, str) else _parse_and_sort(value)


_tool_invocation._normalize_arguments = _arguments_in_order
for _module in (agent, handoffs, session, _tool_filtering):
    _module.gather_with_cancel = _one_after_the_other  # type: ignore[attr-defined]
openai_realtime._normalize_custom_voice_for_server_event_validation = _with_voices_by_name  # type: ignore[assignment]
openai_realtime.json = _Json  # type: ignore[assignment,attr-defined]
openai_realtime.TypeAdapter = _type_adapter  # type: ignore[assignment,attr-defined]
# The SDK builds `TypeAdapter(RealtimeMessageItem)` anew for each message item: about half of a turn's CPU.
