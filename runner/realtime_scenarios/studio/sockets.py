"""Websockets of pages: events and sound to them, commands and sound from them."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from typing import Any

import orjson
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from realtime_scenarios.studio.asking import number_written
from realtime_scenarios.studio.stream import MOST_WAITING, Reader
from realtime_scenarios.studio.studio import Studio

MOST_MESSAGE_BYTES = 8 * 1024 * 1024
"""Of a command: a picture of 4 MB in base64, and some."""

_GONE = 4404
_NOT_THERE = "there is no such conversation"


class Page:
    """One socket at a conversation."""

    def __init__(self, websocket: WebSocket, reader: Reader) -> None:
        self._websocket = websocket
        self._reader = reader
        self._answers: deque[bytes] = deque()
        self._sound: deque[bytes] = deque()
        self._sound_bytes = 0
        self._something = asyncio.Event()
        self._farewell: Any = None
        self.is_owner = False

    def answer(self, data: Any) -> None:
        """Tell this page alone."""
        self._answers.append(orjson.dumps(data))
        self._something.set()

    def part(self, data: Any) -> None:
        """Tell it the last, behind all events that there are; then the socket is closed."""
        self._farewell = data
        self._something.set()

    def play(self, frame: bytes) -> None:
        """Give it a frame of sound; a page that is too far behind loses the oldest."""
        self._sound.append(frame)
        self._sound_bytes += len(frame)
        while self._sound_bytes > MOST_WAITING:
            self._sound_bytes -= len(self._sound.popleft())
        self._something.set()

    async def send(self) -> None:
        """Send events and what else there is, until the page goes."""
        events = asyncio.ensure_future(self._reader.next())
        something = asyncio.ensure_future(self._something.wait())
        try:
            while True:
                await asyncio.wait([events, something], return_when=asyncio.FIRST_COMPLETED)
                if events.done():
                    await self._websocket.send_text(events.result().text.decode())
                    events = asyncio.ensure_future(self._reader.next())
                if something.done():
                    self._something.clear()
                    while self._answers:
                        await self._websocket.send_text(self._answers.popleft().decode())
                    while self._sound:
                        frame = self._sound.popleft()
                        self._sound_bytes -= len(frame)
                        await self._websocket.send_bytes(frame)
                    if self._farewell is not None:
                        await self._leave()
                        return
                    something = asyncio.ensure_future(self._something.wait())
        finally:
            events.cancel()
            something.cancel()

    async def _leave(self) -> None:
        while self._reader.is_behind:
            await self._websocket.send_text((await self._reader.next()).text.decode())
        await self._websocket.send_text(orjson.dumps(self._farewell).decode())
        await self._websocket.close(_GONE, _NOT_THERE)


def routes(studio: Studio) -> Sequence[BaseRoute]:
    async def conversation(websocket: WebSocket) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await websocket.accept()
            hosted = studio.conversations.get(websocket.path_params["id"])
            if hosted is None:
                await websocket.send_text(orjson.dumps({"gone": {"epoch": studio.epoch}}).decode())
                await websocket.close(_GONE, _NOT_THERE)
                return
            page = Page(websocket, hosted.stream.reader(*_place(websocket)))
            audience = studio.audience(hosted)
            audience.enter(page)
            try:
                await _both(page.send(), _listen(websocket, audience, page))
            finally:
                audience.leave(page)

    async def project(websocket: WebSocket) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await websocket.accept()
            page = Page(websocket, studio.events.reader(*_place(websocket)))
            page.answer({"hello": {"id": "project", "epoch": studio.epoch, "role": "owner"}})
            await _both(page.send(), _until_gone(websocket))

    return [WebSocketRoute("/studio/ws/c/{id}", conversation), WebSocketRoute("/studio/ws/p", project)]


def _place(websocket: WebSocket) -> tuple[int | None, str | None]:
    after = websocket.query_params.get("after")
    return number_written(after or ""), websocket.query_params.get("epoch")


async def _both(*sides: Any) -> None:
    """Both directions, until one of them ends."""
    tasks = [asyncio.ensure_future(side) for side in sides]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _listen(websocket: WebSocket, audience: Any, page: Page) -> None:
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        if message.get("bytes") is not None:
            await audience.heard(page, message["bytes"])
            continue
        text = message.get("text") or ""
        try:
            command = orjson.loads(text) if len(text) <= MOST_MESSAGE_BYTES else None
        except ValueError:
            command = None
        if isinstance(command, dict):
            await audience.told(page, command)
        else:
            page.answer({"refused": None, "why": "a command is an object in JSON"})


async def _until_gone(websocket: WebSocket) -> None:
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass
