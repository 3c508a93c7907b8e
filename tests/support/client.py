"""A Realtime client that was written by somebody else: websockets and JSON, with functions and agents of its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from websockets.asyncio.client import ClientConnection

Function = Callable[[dict[str, Any]], str]

LOUD = b"\x00\x40\x00\xc0"
"""Two samples of 16-bit PCM, half of full scale up and down."""
QUIET = bytes(4)


def function(name: str, **properties: Any) -> dict[str, Any]:
    """A function tool in its wire form."""
    return {"type": "function", "name": name, "parameters": {"type": "object", "properties": properties}}


class Client:
    """`functions` answer calls. `events` is all that the server has sent."""

    def __init__(self, socket: ClientConnection, functions: Mapping[str, Function]) -> None:
        self._socket = socket
        self._functions = functions
        self.events: list[dict[str, Any]] = []

    async def send(self, kind: str, **fields: Any) -> None:
        await self._socket.send(json.dumps({"type": kind, **fields}))

    async def update(self, **settings: Any) -> None:
        await self.send("session.update", session={"type": "realtime", "output_modalities": ["text"], **settings})

    async def say(self, text: str) -> list[str]:
        """Say something, carry out what the model calls, and wait for its last word; all that it has said."""
        part = {"type": "input_text", "text": text}
        await self.send("conversation.item.create", item={"type": "message", "role": "user", "content": [part]})
        return await self.ask()

    async def speak(self, ms: int = 400) -> list[str]:
        """Say something aloud, and be silent after it until the server hears that."""
        await self.send("input_audio_buffer.append", audio=sound(LOUD, ms))
        await self.send("input_audio_buffer.append", audio=sound(QUIET, 1000))
        return await self._until_answered()

    async def ask(self) -> list[str]:
        """Ask for a response, and carry out what it calls."""
        await self.send("response.create")
        return await self._until_answered()

    async def until(self, kind: str) -> dict[str, Any]:
        """The next event of that kind."""
        while True:
            event: dict[str, Any] = json.loads(await self._socket.recv())
            self.events.append(event)
            if event["type"] == kind:
                return event

    async def _until_answered(self) -> list[str]:
        said: list[str] = []
        while True:
            output: Sequence[dict[str, Any]] = (await self.until("response.done"))["response"]["output"]
            parts = [part for item in output if item["type"] == "message" for part in item["content"]]
            said += [part.get("text") or part.get("transcript") for part in parts]
            calls = [item for item in output if item["type"] == "function_call"]
            for call in calls:
                await self._answer(call)
            if not calls:
                return said
            await self.send("response.create")

    async def _answer(self, call: dict[str, Any]) -> None:
        output = self._functions[call["name"]](json.loads(call["arguments"]))
        item = {"type": "function_call_output", "call_id": call["call_id"], "output": output}
        await self.send("conversation.item.create", item=item)


def sound(samples: bytes, ms: int) -> str:
    """So many milliseconds of two samples, again and again, in base64."""
    return base64.b64encode(samples * (ms * 12)).decode()
