"""A conversation of the studio in virtual time, with the page that owns it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from realtime_scenarios.project import Project, load
from realtime_scenarios.project.beginning import Beginning, beginning
from realtime_scenarios.providers import PROVIDERS, Opened, ProviderRequest
from realtime_scenarios.realtime import Pace, Parts
from realtime_scenarios.session import run_in_virtual_time
from realtime_scenarios.studio.audience import Audience
from realtime_scenarios.studio.commands import Commands
from realtime_scenarios.studio.hosted import Hosted, Surroundings, Wish
from realtime_scenarios.studio.models import WishedModel
from realtime_scenarios.studio.ordering import Change
from realtime_scenarios.voice import VOICE_DETECTORS, Tone

Event = Mapping[str, Any]


class OfflineModels:
    """The offline stand-in, or another responder, for every conversation; `paced` says every word in its time."""

    def __init__(self, responder: Callable[[], Any] | None = None, pace: Pace | None = None) -> None:
        self.wished: list[WishedModel] = []
        self._responder = responder
        self._pace = pace

    def listed(self) -> Sequence[Mapping[str, Any]]:
        return [{"name": "offline", "ready": True, "needs": None}]

    async def open(self, project: Project, wished: WishedModel) -> Opened:
        self.wished.append(wished)
        responder = None if self._responder is None else self._responder()
        request = ProviderRequest(responder=responder, sessions_before=wished.sessions_before, pace=self._pace)
        if wished.voice:
            request = replace(request, parts=Parts(detector=VOICE_DETECTORS["loudness"], speaker=Tone()))
        return PROVIDERS[wished.provider or "offline"].open(request)


class Desk:
    """Where conversations of one scenario are held, and their pages."""

    def __init__(self, path: Path, models: OfflineModels | None = None) -> None:
        self.project = load(path)
        assert not self.project.errors, self.project.errors
        self.models = models or OfflineModels()
        self.conversations: dict[str, Hosted] = {}
        self.around = Surroundings("e1", self.models, self._adopt)

    def _adopt(self, made: Callable[[str], Hosted]) -> str:
        hosted = made(f"c{len(self.conversations) + 1}")
        self.conversations[hosted.id] = hosted
        return hosted.id

    def begin(self, *, begins: Beginning | None = None, provider: str | None = None, **wish: Any) -> Talk:
        """A conversation that is not connected yet."""
        model = WishedModel(provider, voice="turns" in wish)
        wished = Wish(begins or beginning(self.project.scenario), model, **wish)
        id = self._adopt(lambda id: Hosted(id, self.project, wished, self.around))
        return Talk(self.conversations[id])


class Talk:
    """The page that owns a conversation, without a browser."""

    def __init__(self, hosted: Hosted) -> None:
        self.hosted = hosted
        self.commands = Commands(hosted)
        self.is_owner = True
        self.sound: list[bytes] = []
        hosted.send_sound = self.sound.append
        self._numbers = 0

    async def do(self, do: str, **told: Any) -> dict[str, Any]:
        """A command that is not refused; what it is answered."""
        answer = await self.tries(do, **told)
        assert "ack" in answer, answer
        return answer

    async def tries(self, do: str, **told: Any) -> dict[str, Any]:
        self._numbers += 1
        return await self.commands.do({"cmd": f"{self.hosted.id}-{self._numbers}", "do": do, **told})

    async def connect(self) -> None:
        await self.do("connect")
        await self.until("Connected")

    async def say(self, text: str, **about: Any) -> None:
        """Say something, and wait for the end of the turn."""
        after = self.hosted.stream.last
        await self.do("say", text=text, **about)
        await self.until("TurnOver", after)

    async def until(self, kind: str, after: int = 0, **data: Any) -> Event:
        """The first event of a kind behind a number, with this in its data."""
        seen = after
        while True:
            for event in self.events[seen:]:
                if event["seq"] > after and event["type"] == kind and data.items() <= event["data"].items():
                    return event
            seen = self.hosted.stream.last
            async with asyncio.timeout(600):
                await self.hosted.stream.grown(seen)

    @property
    def events(self) -> list[Event]:
        return [orjson.loads(line) for line in self.hosted.stream.lines()]

    def of(self, *kinds: str) -> list[Event]:
        return [event for event in self.events if event["type"] in kinds]

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The picture: who stands where, with their text."""
        changes = [
            Change(event["type"], event["item"] or "", event["data"])
            for event in self.hosted.stream.picture()
            if event["type"] in ("ItemPlaced", "ItemDropped", "Delta")
        ]
        order: list[str] = []
        roles: dict[str, str] = {}
        texts: dict[str, str] = {}
        for change in changes:
            match change.kind:
                case "ItemPlaced":
                    if change.item in order:
                        order.remove(change.item)
                    after = change.data["after"]
                    order.insert(0 if after is None else order.index(after) + 1, change.item)
                    roles[change.item] = change.data["role"]
                case "ItemDropped":
                    order.remove(change.item)
                case _:
                    texts[change.item] = texts.get(change.item, "") + change.data["text"]
        return [(roles[item], texts.get(item, "")) for item in order]


def conversing(
    path: Path, talk: Callable[[Desk], Awaitable[None]], models: OfflineModels | None = None
) -> Mapping[str, Hosted]:
    """Converse in virtual time; the conversations, which have ended."""

    async def whole() -> Mapping[str, Hosted]:
        desk = Desk(path, models)
        try:
            await talk(desk)
        finally:
            for hosted in desk.conversations.values():
                await hosted.end()
        return desk.conversations

    return run_in_virtual_time(whole())


__all__ = ["Audience", "Desk", "OfflineModels", "Talk", "conversing"]
