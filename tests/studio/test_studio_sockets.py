"""The studio over real sockets: a conversation begun, watched, resumed and ended as a page does it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from realtime_scenarios.realtime.door import Hosts
from realtime_scenarios.realtime.server import listening
from realtime_scenarios.studio.application import application
from realtime_scenarios.studio.projects import Projects
from realtime_scenarios.studio.studio import Studio
from realtime_scenarios.studio.watched import keep_watch, read_changes
from support import Written
from support.studio import OfflineModels

DESK = """
    scenario: desk
    title: A desk
    start: clerk
    context: {tier: {type: string, default: basic}}
    agents: {clerk: {name: Clerk, instructions: "Help, {{ context.tier }}."}}
"""


async def _nothing_else(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError(scope["path"])


class Browser:
    """A browser that the token has let in."""

    def __init__(self, studio: Studio, base: str, client: httpx2.AsyncClient) -> None:
        self.studio = studio
        self.base = base
        self.client = client

    async def begin(self, **asked: Any) -> str:
        answer = await self.post("/studio/api/conversations", {"scenario": "scenario", **asked})
        assert answer.status_code == 201, answer.text
        id: str = answer.json()["id"]
        return id

    async def post(self, path: str, data: Any) -> httpx2.Response:
        return await self.client.post(self.base + path, json=data, headers={"X-Studio": "1"})

    @contextlib.asynccontextmanager
    async def socket(self, path: str) -> AsyncIterator[Socket]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        headers = {"Cookie": cookie, "Origin": self.base}
        async with connect(self.base.replace("http", "ws") + path, additional_headers=headers) as connection:
            yield Socket(connection)


class Socket:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.events: list[Any] = []
        self.told: list[Any] = []

    async def do(self, do: str, **told: Any) -> None:
        await self._connection.send(json.dumps({"cmd": f"k{len(self.told)}-{do}", "do": do, **told}))

    async def until(self, seen: Callable[[Socket], bool]) -> None:
        """Take what comes until it is seen."""
        async with asyncio.timeout(60):
            while not seen(self):
                told = json.loads(await self._connection.recv())
                if "events" in told:
                    assert told["from"] == told["events"][0]["seq"]
                    assert not self.events or told["from"] == self.events[-1]["seq"] + 1
                    self.events += told["events"]
                elif "snapshot" in told:
                    self.events = told["snapshot"]
                self.told.append(told)

    def has(self, kind: str) -> bool:
        return any(event["type"] == kind for event in self.events)

    async def closed(self) -> int | None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                self.told.append(json.loads(await self._connection.recv()))
        return self._connection.close_code


def browsing(path: Path, browse: Callable[[Browser], Awaitable[None]], grace: float = 10.0) -> None:
    async def whole() -> None:
        studio = Studio(Projects([path]), OfflineModels(), "1.0", grace=grace)
        app = application(studio, Hosts("127.0.0.1"), _nothing_else)
        try:
            async with listening(app, "127.0.0.1", 0, None, 1 << 20, None) as port, httpx2.AsyncClient() as client:
                base = f"http://127.0.0.1:{port}"
                entered = await client.get(f"{base}/?t={studio.lock.token}")
                assert entered.status_code == 303
                await browse(Browser(studio, base, client))
        finally:
            await studio.close()

    asyncio.run(whole())


@pytest.fixture
def desk(written: Written) -> Path:
    return written(DESK)


def test_a_page_converses_goes_and_resumes_without_a_gap(desk: Path) -> None:
    async def browse(browser: Browser) -> None:
        id = await browser.begin(context={"tier": "gold"})
        async with browser.socket(f"/studio/ws/c/{id}") as page:
            await page.do("connect")
            await page.until(lambda page: page.has("Connected"))
            hello = page.told[0]["hello"]
            assert hello == {"id": id, "epoch": browser.studio.epoch, "role": "owner"}
            await page.do("say", text="Hello")
            await page.until(lambda page: page.has("TurnOver"))
            seen = list(page.events)
        assert "Help, gold." in json.dumps(next(event for event in seen if event["type"] == "PromptSent"))
        middle = seen[len(seen) // 2]["seq"]
        async with browser.socket(f"/studio/ws/c/{id}?after={middle}&epoch={hello['epoch']}") as page:
            await page.until(lambda page: page.has("TurnOver"))
            assert seen[: len(seen) // 2 + 1] + page.events == seen
        async with browser.socket(f"/studio/ws/c/{id}?after={middle}&epoch=before") as page:
            await page.until(lambda page: page.has("TurnOver"))
            assert any("snapshot" in told for told in page.told)
            said = [event["data"]["text"] for event in page.events if event["type"] == "AgentSaid"]
            assert said == [event["data"]["text"] for event in seen if event["type"] == "AgentSaid"]

    browsing(desk, browse)


def test_a_tab_that_is_closed_ends_its_conversation(desk: Path) -> None:
    async def browse(browser: Browser) -> None:
        id = await browser.begin()
        async with browser.socket(f"/studio/ws/c/{id}") as page:
            await page.do("connect")
            await page.until(lambda page: page.has("Connected"))
        hosted = browser.studio.conversations[id]
        async with asyncio.timeout(30):
            while hosted.is_live:
                await hosted.stream.grown(hosted.stream.last)
                await asyncio.sleep(0)

    browsing(desk, browse, grace=0.05)


def test_after_a_restart_a_page_is_told_that_its_conversation_is_gone(desk: Path) -> None:
    async def browse(browser: Browser) -> None:
        async with browser.socket("/studio/ws/c/c7?after=12&epoch=before") as page:
            assert await page.closed() == 4404
            assert page.told == [{"gone": {"epoch": browser.studio.epoch}}]

    browsing(desk, browse)


def test_after_a_restart_a_conversation_goes_on_with_what_its_page_still_has(desk: Path) -> None:
    kept: list[Any] = []

    async def before(browser: Browser) -> None:
        id = await browser.begin(context={"tier": "gold"})
        async with browser.socket(f"/studio/ws/c/{id}") as page:
            await page.do("connect")
            await page.until(lambda page: page.has("Connected"))
            await page.do("say", text="Hello")
            await page.until(lambda page: page.has("TurnOver"))
            kept.extend(event for event in page.events if event["layer"] != "wire")

    async def after(browser: Browser) -> None:
        id = await browser.begin(goes_on_from=kept, context={"tier": "gold"})
        async with browser.socket(f"/studio/ws/c/{id}") as page:
            await page.do("connect")
            await page.until(lambda page: page.has("Connected"))
            await page.do("say", text="Hello again")
            await page.until(lambda page: sum(event["type"] == "TurnOver" for event in page.events) == 2)
            said = [event for event in page.events if event["type"] == "UserSaid"]
            assert [(event["data"]["text"], event["turn"]) for event in said] == [("Hello", 1), ("Hello again", 2)]
            assert len([event for event in page.events if event["type"] == "AgentSaid"]) == 2
            items = [event["item"] for event in page.events if event["type"] == "ItemPlaced"]
            assert len(items) == len(set(items)) == 4
            hosted = browser.studio.conversations[id]
            assert hosted.conversation is not None and hosted.conversation.state.context == {"tier": "gold"}
            (told,) = [event for event in page.events if event["type"] == "Restored"]
            assert told["data"] == {"turn": 1, "lost": []}
        for nonsense in (7, [7], [{"seq": 1}], [{**kept[0], "layer": "trace", "type": "Nothing"}]):
            answer = await browser.post("/studio/api/conversations", {"scenario": "scenario", "goes_on_from": nonsense})
            assert answer.status_code == 400 and answer.json()["error"]

    browsing(desk, before)
    browsing(desk, after)


def test_nonsense_on_a_socket_is_refused_and_the_conversation_goes_on(desk: Path) -> None:
    async def browse(browser: Browser) -> None:
        id = await browser.begin()
        async with browser.socket(f"/studio/ws/c/{id}") as page:
            for nonsense in ("", "{", "[1]", "null", b"\x09", b"", b"\x01" * 70_000):
                await page._connection.send(nonsense)
            await page.do("connect")
            await page.until(lambda page: page.has("Connected"))
            assert sum("refused" in told for told in page.told) == 4

    browsing(desk, browse)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"scenario": "none"}, 404),
        ({"agent": "nobody"}, 400),
        ({"context": {"tier": 7}}, 400),
        ({"context": {"none": 7}}, 400),
        ({"context": 7}, 400),
        ({"now": "yesterday"}, 400),
        ({"voice": True, "codec": "opus"}, 400),
        ({"voice": True, "turns": "whenever"}, 400),
    ],
)
def test_a_conversation_that_cannot_begin_so_is_refused_in_one_line(
    desk: Path, asked: dict[str, Any], status: int
) -> None:
    async def browse(browser: Browser) -> None:
        answer = await browser.post("/studio/api/conversations", {"scenario": "scenario", **asked})
        assert answer.status_code == status and answer.json()["error"]

    browsing(desk, browse)


def test_what_happened_can_be_taken_away_as_files(desk: Path) -> None:
    async def browse(browser: Browser) -> None:
        id = await browser.begin()
        base = f"{browser.base}/studio/api/conversations/{id}"
        async with browser.socket(f"/studio/ws/c/{id}") as page:
            await page.do("connect")
            await page.until(lambda page: page.has("Connected"))
            await page.do("say", text="# Hello *you*")
            await page.until(lambda page: page.has("TurnOver"))
            lines = await browser.client.get(f"{base}/events.jsonl")
            events = [json.loads(line) for line in lines.text.splitlines()]
            assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
            assert lines.headers["content-disposition"] == 'attachment; filename="scenario-c1.jsonl"'
            text = (await browser.client.get(f"{base}/transcript.md")).text
            assert text.startswith("# A desk\n") and r"**Caller** (0:00): \# Hello \*you\*" in text
            assert "**Clerk**" in text
            earlier = (await browser.client.get(f"{base}/earlier?before=4")).json()
            assert [event["seq"] for event in earlier["events"]] == [1, 2, 3]
            assert (earlier["left"], earlier["forgotten"]) == (0, 0)
            assert (await browser.client.get(f"{base}/earlier?before=none")).status_code == 400
            whole = await browser.client.get(f"{base}/events/1")
            assert whole.json()["type"] == "Connecting"
            assert (await browser.client.get(f"{base}/events/99999")).status_code == 404
            assert (await browser.client.get(f"{base}/recording.wav")).status_code == 404
            gone = await browser.client.delete(base, headers={"X-Studio": "1"})
            assert gone.status_code == 200 and id not in browser.studio.conversations
            assert (await browser.client.get(f"{base}/transcript.md")).status_code == 404

    browsing(desk, browse)


def change(path: Path, before: str, after: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")


def test_every_page_is_told_when_a_file_is_saved_and_the_next_conversation_is_by_it(desk: Path) -> None:
    async def browse(browser: Browser) -> None:
        watch = asyncio.create_task(keep_watch(browser.studio, 0.01))
        try:
            async with browser.socket("/studio/ws/p") as page:
                await page.until(lambda page: page.has("findings"))
                change(desk, "A desk", "Another desk")
                await page.until(lambda page: any(event["type"] == "files" for event in page.events))
                told = next(event for event in page.events if event["type"] == "files")
                assert told["data"] == {"scenario": "scenario", "files": ["scenario.yaml"]}
                change(desk, "start: clerk", "start: nobody")
                await page.until(lambda page: any(not event["data"].get("is_whole", True) for event in page.events))
            project = (await browser.client.get(f"{browser.base}/studio/api/project")).json()
            (scenario,) = project["scenarios"]
            assert not scenario["is_whole"] and scenario["name"] == "Another desk"  # the last one that was whole
            assert scenario["findings"]
            id = await browser.begin()
            assert browser.studio.conversations[id].scenario.title == "Another desk"
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    browsing(desk, browse)


def test_a_change_of_another_folder_is_no_change(desk: Path) -> None:
    async def browse(browser: Browser) -> None:
        before = browser.studio.projects.moment()
        assert browser.studio.projects.read_anew(before, before) == {}
        await read_changes(browser.studio, {})
        assert browser.studio.events.last == 0

    browsing(desk, browse)
