"""The SDK's own wire code over a connection of our choice.

All that stands on private parts of openai-agents 0.24 is in this file, and `tests/providers/test_wire.py` says so.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

import orjson
from agents.realtime import openai_realtime
from agents.realtime.openai_realtime import OpenAIRealtimeWebSocketModel, TransportConfig
from pydantic import TypeAdapter
from websockets.asyncio.client import ClientConnection

Connect = Callable[[], Awaitable[Any]]
"""Opens a connection: `send(text)`, `close()` and asynchronous iteration over received texts."""


class WireModel(OpenAIRealtimeWebSocketModel):
    """The SDK's websocket model on whatever `connect` opens; with None, on a real websocket."""

    def __init__(self, connect: Connect | None = None, *, transport: TransportConfig | None = None) -> None:
        super().__init__(transport_config=transport)
        self._connect_elsewhere = connect

    async def _create_websocket_connection(
        self, url: str, headers: dict[str, str], transport_config: TransportConfig | None = None
    ) -> ClientConnection:
        if self._connect_elsewhere is None:
            return await super()._create_websocket_connection(url, headers, transport_config)
        return cast(ClientConnection, await self._connect_elsewhere())


@functools.cache
def _type_adapter(of: Any) -> TypeAdapter[Any]:
    return TypeAdapter(of)


class _Json:
    """What the SDK's wire code uses of `json`, faster."""

    JSONDecodeError = json.JSONDecodeError
    loads = staticmethod(orjson.loads)


openai_realtime.json = _Json  # type: ignore[assignment,attr-defined]
openai_realtime.TypeAdapter = _type_adapter  # type: ignore[assignment,attr-defined]
# The SDK builds `TypeAdapter(RealtimeMessageItem)` anew for each message item: about half of a turn's CPU.
