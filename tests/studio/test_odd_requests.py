"""Odd numbers, letters and names in every place of a request or a command: refused in one line, and nothing falls over."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from realtime_scenarios.realtime.door import Hosts
from realtime_scenarios.studio import studio as studio_module
from realtime_scenarios.studio.application import application
from realtime_scenarios.studio.projects import Projects
from realtime_scenarios.studio.studio import Studio
from support import Written
from support.asgi import Answer, ask
from support.studio import Desk, OfflineModels, Talk, conversing

SCENARIO = """
    scenario: desk
    start: clerk
    context: {tier: {type: string, default: basic}, share: {type: number, default: 1, multipleOf: 0.01}}
    agents:
      clerk:
        name: Clerk
        instructions: Help.
        states:
          - {id: one, description: First., instructions: [Ask.], transitions: [{to: two, when: It is said.}]}
          - {id: two, description: Second., instructions: [Answer.], transitions: [{to: one, when: There is more.}]}
    dialogues:
      - id: hello
        turns:
          - user: Hello there
"""
HERE = "127.0.0.1:8765"
ODD_NAMES = [
    "",
    "9" * 5000,
    "-1",
    "1e999",
    "NaN",
    "\u0663",
    "\u00b2",
    "a/b",
    "../../x",
    "\0",
    "a\0b",
    "x" * 5000,
    "\u202ex",
]
ODD_NAMES += [
    "dialogues/../../up/x.yaml",
    "dialogues/\0.yaml",
    f"dialogues/{'x' * 300}.yaml",
    "con.yaml",
    ".git/x.yaml",
    "\ud800",
]
ODD_JSON = [
    b"NaN",
    b"Infinity",
    b"1e999",
    b"9" * 5000,
    b"-" + b"9" * 5000,
    b'"\\ud800"',
    b"[" * 100_000,
    b'{"a":' * 50_000,
]
ODD_JSON += [json.dumps(name).encode() for name in ODD_NAMES[:-1]]
ODD_JSON += [b"-1", b"18446744073709551616", b"[]", b"{}", b"[[]]", b"true", b"1.5", b"-0.0", b"1e308"]

GETS: Mapping[str, Mapping[str, str]] = {
    "files": {"scenario": "scenario"},
    "outline": {"scenario": "scenario"},
    "dialogues": {"scenario": "scenario"},
    "share": {"run": "r1", "dialogue": "hello"},
    "replay": {"run": "r1", "dialogue": "hello"},
    "compare": {"left": "c1", "right": "c1"},
    "graph": {"scenario": "scenario"},
    "states": {"scenario": "scenario", "agent": "clerk"},
    "prompt": {"scenario": "scenario", "agent": "clerk", "state": "one", "conversation": "c1"},
    "why": {"scenario": "scenario", "agent": "clerk", "state": "one", "conversation": "c1"},
}
PATHS = [
    "conversations/c1/events/{odd}",
    "conversations/c1/earlier?before={odd}",
    "conversations/c1/recording.wav?number={odd}",
    "conversations/{odd}/transcript.md",
    "conversations/{odd}/events.jsonl",
    "conversations/{odd}/share.html",
    "runs/{odd}",
    "runs/r1/{odd}",
    "files/{odd}?scenario=scenario",
    "files/{odd}.yaml?scenario=scenario",
    "../static/{odd}",
    "../static/{odd}.js",
    "../{odd}",
]
POSTS: Mapping[str, Mapping[str, Any]] = {
    "conversations": dict.fromkeys(("agent", "state", "context", "now", "turns", "codec", "goes_on_from", "call"))
    | {"scenario": "scenario", "provider": None, "model": None, "voice": True},
    "conversations/c1/dialogue": dict.fromkeys(
        ("id", "file", "title", "tags", "until", "expectations", "secrets", "trust")
    )
    | {"write": True},
    "lint": {"scenario": "scenario", "file": "scenario.yaml", "text": "a: b", "version": 1},
    "complete": {"scenario": "scenario", "file": "scenario.yaml", "text": "a: b", "line": 1, "column": 1, "version": 1},
    "runs": {"scenario": "none", "ids": None, "failed": None, "changed": None, "trust": None},
    "prompt/lines": {"scenario": "scenario", "agent": "clerk", "text": "Help."},
}


class Asked:
    """A studio with one conversation in which something was said, and what it answers."""

    def __init__(self, path: Path) -> None:
        self.studio = Studio(Projects([path]), OfflineModels(), "1.0")
        self._app = application(self.studio, Hosts("127.0.0.1"), self._nobody)
        cookie = f"studio_8765={self.studio.lock.cookie}"
        self._headers = [("Host", HERE), ("Cookie", cookie), ("X-Studio", "1"), ("Origin", f"http://{HERE}")]

    async def begin(self) -> None:
        answer = await self.ask("POST", "conversations", b'{"scenario": "scenario"}')
        talk = Talk(self.studio.conversations[answer.data["id"]])
        await talk.connect()
        await talk.say("Hello")

    async def ask(self, method: str, path: str, body: bytes = b"", *headers: tuple[str, str]) -> Answer:
        target = f"/studio/{path[3:]}" if path.startswith("../") else f"/studio/api/{path}"
        return await ask(self._app, target, [*self._headers, *headers], method=method, body=body)

    async def refused(self, method: str, path: str, body: bytes = b"", *headers: tuple[str, str]) -> None:
        """Ask, and see that it is answered: done, or refused in one line with the way out where there is one."""
        answer = await self.ask(method, path, body, *headers)
        asked = f"{method} {path[:100]} {body[:100]!r}"
        assert answer.status < 500, asked
        if answer.status >= 400:
            assert {"error", "hint"} <= answer.data.keys(), asked
            assert answer.data["error"] and len(answer.body) < 4_000 and "\n" not in answer.data["error"], asked

    @staticmethod
    async def _nobody(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError(scope["path"])


def asking(path: Path, talk: Any) -> None:
    async def whole() -> None:
        asked = Asked(path)
        try:
            await asked.begin()
            await talk(asked)
        finally:
            await asked.studio.close()

    asyncio.run(whole())


@pytest.fixture(autouse=True)
def any_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio_module, "MOST_CONVERSATIONS", 10**6)
    monkeypatch.setattr(studio_module, "_MOST_IN_A_BURST", 10**6)


@pytest.fixture
def desk(written: Written, tmp_path: Path) -> Iterator[Path]:
    home = tmp_path / "home"
    yield written(SCENARIO, "home/scenario.yaml")
    assert [path.name for path in tmp_path.iterdir()] == [home.name]  # nothing is written outside


def odd(name: str) -> str:
    return quote(name.encode("utf-8", "surrogatepass"), safe="")


def test_odd_names_in_addresses_are_refused(desk: Path) -> None:
    async def talk(asked: Asked) -> None:
        for name in ODD_NAMES:
            for path, usual in GETS.items():
                for key in usual:
                    query = "&".join(f"{each}={odd(name) if each == key else usual[each]}" for each in usual)
                    await asked.refused("GET", f"{path}?{query}")
            for path in PATHS:
                await asked.refused("GET", path.format(odd=odd(name)))
            for path in ("files/{odd}?scenario=scenario", "files/{odd}.yaml?scenario=scenario"):
                for tag in (("If-None-Match", "*"), ("If-Match", name[:50].encode("ascii", "replace").decode())):
                    if path.format(odd=name).startswith("files/scenario.yaml"):
                        continue
                    await asked.refused("PUT", path.format(odd=odd(name)), b'{"text": "a: b"}', tag)
            await asked.refused("DELETE", f"conversations/{odd('no' + name)}")
            await asked.refused("DELETE", f"runs/{odd(name)}")

    asking(desk, talk)


@pytest.mark.parametrize("path", POSTS)
def test_odd_values_in_bodies_are_refused(desk: Path, path: str) -> None:
    usual = POSTS[path]

    async def talk(asked: Asked) -> None:
        for value in ODD_JSON:
            await asked.refused("POST", path, value)
            for key in usual:
                rest = {each: said for each, said in usual.items() if each != key and said is not None}
                body = b"{" + b",".join([json.dumps(rest).encode()[1:-1], json.dumps(key).encode() + b":" + value])
                await asked.refused("POST", path, body.replace(b"{,", b"{") + b"}")

    asking(desk, talk)


def test_a_dialogue_is_written_nowhere_else_than_among_the_dialogues_of_the_scenario(desk: Path) -> None:
    async def talk(asked: Asked) -> None:
        (desk.parent / "dialogues").write_text("in the way")
        files = ["dialogues/../../up/x.yaml", "dialogues/\0.yaml", f"dialogues/{'x' * 300}.yaml", "dialogues/a/b.yaml"]
        for file in files:
            answer = await asked.ask(
                "POST", "conversations/c1/dialogue", json.dumps({"file": file, "write": True}).encode()
            )
            assert 400 <= answer.status < 500 or answer.status == 507, file
            assert answer.data["error"] and answer.data["hint"], file

    asking(desk, talk)


TOLD = {"seq": 1, "at": 0, "turn": 1, "agent": "clerk", "layer": "studio", "type": "Delta", "data": {}}
GOES_ON = [
    *({**TOLD, key: value} for key in ("seq", "at", "turn") for value in (-1, 2**63, 10**30, 1.5, "1", True)),
    {**TOLD, "data": {"item": "a"}},
    {**TOLD, "data": {"item": 7, "text": "x"}},
    {**TOLD, "data": {"item": "a", "text": 7}},
    {**TOLD, "type": "ItemPlaced", "data": {"item": "a"}},
    {**TOLD, "type": "ItemDropped", "data": {}},
]


@pytest.mark.parametrize("event", GOES_ON, ids=str)
def test_what_a_page_gives_back_of_a_conversation_is_looked_at_before_it_is_gone_on_with(
    desk: Path, event: Mapping[str, Any]
) -> None:
    async def talk(asked: Asked) -> None:
        body = {"scenario": "scenario", "goes_on_from": [event, event]}
        answer = await asked.ask("POST", "conversations", json.dumps(body).encode())
        assert answer.status == 400
        assert answer.data["hint"]

    asking(desk, talk)


def test_a_state_that_the_scenario_does_not_have_is_not_gone_on_with(desk: Path) -> None:
    told = {**TOLD, "layer": "trace", "type": "StateEntered", "data": {"state": "nowhere", "previous": None}}

    async def talk(asked: Asked) -> None:
        body = json.dumps({"scenario": "scenario", "goes_on_from": [told]}).encode()
        talk = Talk(asked.studio.conversations[(await asked.ask("POST", "conversations", body)).data["id"]])
        await talk.connect()
        assert talk.hosted.conversation is not None and talk.hosted.conversation.state.here == "one"

    asking(desk, talk)


@pytest.mark.parametrize("after", ["9" * 5000, "-1", "\u0663", "x", "", "1e999", "99999999999999999999"])
def test_an_odd_place_in_the_stream_is_none(desk: Path, after: str) -> None:
    async def talk(asked: Asked) -> None:
        cookie = asked._headers
        answer = await ask(asked._app, f"/studio/ws/c/c1?after={odd(after)}&epoch=x", cookie, kind="websocket")
        assert answer.status == 101

    asking(desk, talk)


ODD = [
    None,
    True,
    -1,
    2**63,
    10**400,
    float("nan"),
    float("inf"),
    1.5,
    "",
    "\0",
    "\ud800",
    "x" * 9000,
    "a/b",
    [],
    {},
    [[]],
    {"a": []},
]
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "say": ("text", "image"),
    "image": ("data_url", "text", "ask"),
    "approve": ("call", "fields", "remember"),
    "reject": ("call", "reason"),
    "mic": ("on",),
    "played": ("item", "samples"),
    "set_agent": ("agent",),
    "undo": ("turn",),
    "fork": ("seq",),
    "record": ("on",),
}


@pytest.mark.parametrize("do", COMMANDS)
def test_odd_values_in_commands_are_refused_or_done_and_the_conversation_goes_on(desk: Path, do: str) -> None:
    async def talk(house: Desk) -> None:
        page = house.begin(turns="pushed")
        await page.connect()
        for name in COMMANDS[do]:
            for value in ODD:
                answer = await page.tries(do, **{name: value})
                assert "ack" in answer or (answer["why"] and len(answer["why"]) < 1000), (name, value)
                assert "failed" not in str(answer.get("why")), (name, value)
                json.dumps(answer).encode()
        for value in ODD:
            assert "why" in await page.commands.do({"cmd": "odd", "do": value})
            assert "why" in await page.commands.do({"cmd": value, "do": do}) or isinstance(value, str)
        if not page.hosted.is_live:
            await page.connect()
        await page.say("Hello")

    conversing(desk, talk)
