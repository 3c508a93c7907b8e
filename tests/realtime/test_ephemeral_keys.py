"""Ephemeral keys over HTTP: what they are asked for with, what they begin, and until when."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2 as httpx
import pytest
from openai import AsyncOpenAI
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from realtime_scenarios.realtime import Server, serve_visitors
from realtime_scenarios.realtime.visit import Seat
from support.responders import Says
from support.strict import Strict

TOOL = {"type": "function", "name": "look_up", "description": "Looks up.", "parameters": {"type": "object"}}
KEYS = {"Authorization": "Bearer sk-1"}


class Clock:
    """A wall clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def during(visit: Callable[[Server, httpx.AsyncClient, Clock], Awaitable[None]]) -> None:
    """Run a visit to a server that wants the key sk-1."""

    async def visited() -> None:
        clock = Clock()
        async with (
            serve_visitors(lambda visitor: Seat(Says()), api_keys=["sk-1"], now=clock) as server,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", headers=KEYS) as client,
        ):
            await visit(server, client, clock)

    asyncio.run(visited())


async def session_with(url: str, key: str, *, as_protocol: bool = False) -> dict[str, Any]:
    """The session that a client gets with this key."""
    strict = Strict()
    protocols = [Subprotocol("realtime"), Subprotocol(f"openai-insecure-api-key.{key}")]
    shown: Any = (
        {"subprotocols": protocols} if as_protocol else {"additional_headers": {"Authorization": f"Bearer {key}"}}
    )
    async with connect(url, **shown) as client:
        session: dict[str, Any] = strict.read(await client.recv())["session"]
        return session


@pytest.mark.parametrize("prefix", ["/v1/realtime", "/openai/v1/realtime"])
def test_a_session_begins_as_its_key_says_from_a_server_or_a_browser(prefix: str) -> None:
    wish = {
        "expires_after": {"anchor": "created_at", "seconds": 30},
        "session": {
            "type": "realtime",
            "model": "gpt-realtime-mini",
            "instructions": "Be kind.",
            "tools": [TOOL],
            "audio": {"output": {"voice": "cedar"}},
        },
    }

    async def visit(server: Server, client: httpx.AsyncClient, clock: Clock) -> None:
        answer = await client.post(f"{prefix}/client_secrets", json=wish)
        assert answer.status_code == 200
        made = answer.json()
        assert made["value"].startswith("ek_") and made["expires_at"] == 1_000_030
        assert made["session"]["id"].startswith("sess_")
        for as_protocol in (False, True, True):
            session = await session_with(server.url, made["value"], as_protocol=as_protocol)
            assert (session["model"], session["instructions"]) == ("gpt-realtime-mini", "Be kind.")
            assert (session["tools"], session["audio"]["output"]["voice"]) == ([TOOL], "cedar")
        clock.now += 30
        with pytest.raises(InvalidStatus) as refused:
            await session_with(server.url, made["value"])
        assert refused.value.response.status_code == 401
        assert b"expired" in (refused.value.response.body or b"")

    during(visit)


def test_only_an_api_key_makes_keys_and_no_two_are_alike() -> None:
    async def visit(server: Server, client: httpx.AsyncClient, clock: Clock) -> None:
        made = [(await client.post("/v1/realtime/client_secrets")).json() for _ in range(3)]
        assert len({key["value"] for key in made}) == len({key["session"]["id"] for key in made}) == 3
        assert made[0]["expires_at"] == 1_000_600
        for key in ("", "Bearer sk-2", f"Bearer {made[0]['value']}"):
            refused = await client.post("/v1/realtime/client_secrets", headers={"Authorization": key})
            assert (refused.status_code, refused.json()["error"]["code"]) == (401, "invalid_api_key")

    during(visit)


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"session": {"instructions": "Be kind."}}, "session.type", "missing_required_parameter"),
        ({"session": {"type": "realtime", "voice": "cedar"}}, "session.voice", "unknown_parameter"),
        (
            {"session": {"type": "realtime", "tools": [{"type": "function"}]}},
            "session.tools[0].name",
            "missing_required_parameter",
        ),
        ({"session": {"type": "transcription", "instructions": "x"}}, "session.instructions", "unknown_parameter"),
        (
            {"session": {"type": "realtime", "tool_choice": {"type": "function", "name": "f"}}},
            "session.tool_choice",
            "invalid_value",
        ),
        ({"expires_after": {"seconds": 5}}, "expires_after.seconds", "invalid_value"),
        ({"key": "sk-1"}, "key", "unknown_parameter"),
        ([], None, "invalid_type"),
    ],
)
def test_a_wish_that_makes_no_sense_is_told_where(body: Any, param: str | None, code: str) -> None:
    async def visit(server: Server, client: httpx.AsyncClient, clock: Clock) -> None:
        answer = await client.post("/v1/realtime/client_secrets", json=body)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (400, code)
        assert param is None or error["param"] == param

    during(visit)


def test_a_body_that_is_no_json_or_has_no_end_is_refused() -> None:
    async def visit(server: Server, client: httpx.AsyncClient, clock: Clock) -> None:
        assert (await client.post("/v1/realtime/client_secrets", content=b"{")).status_code == 400
        assert (await client.post("/v1/realtime/client_secrets", content=b" " * (1024 * 1024 + 1))).status_code == 413

    during(visit)


def test_the_form_of_the_beta_still_makes_keys() -> None:
    wish = {
        "model": "gpt-4o-realtime-preview",
        "modalities": ["audio", "text"],
        "voice": "verse",
        "instructions": "Be kind.",
        "input_audio_format": "g711_ulaw",
        "input_audio_transcription": {"model": "whisper-1"},
        "turn_detection": {"type": "server_vad", "threshold": 0.7},
        "temperature": 0.8,
        "max_response_output_tokens": 300,
    }

    async def visit(server: Server, client: httpx.AsyncClient, clock: Clock) -> None:
        made = (await client.post("/v1/realtime/sessions", json=wish)).json()
        assert made["object"] == "realtime.session" and made["client_secret"]["expires_at"] == 1_000_060
        assert {name: made[name] for name in wish} == wish
        session = await session_with(server.url, made["client_secret"]["value"])
        assert (session["output_modalities"], session["max_output_tokens"]) == (["audio"], 300)
        assert session["audio"]["output"]["voice"] == "verse"
        assert session["audio"]["input"]["format"] == {"type": "audio/pcmu"}
        assert session["audio"]["input"]["transcription"] == {"model": "whisper-1"}
        assert session["audio"]["input"]["turn_detection"]["threshold"] == 0.7
        wrong = await client.post("/v1/realtime/sessions", json={"input_audio_format": "mp3"})
        assert wrong.status_code == 400

    during(visit)


def test_a_key_for_transcription_begins_a_session_that_only_listens() -> None:
    listening = {"transcription": {"model": "gpt-4o-transcribe"}, "turn_detection": None}

    async def visit(server: Server, client: httpx.AsyncClient, clock: Clock) -> None:
        wish = {"session": {"type": "transcription", "audio": {"input": listening}}}
        made = (await client.post("/v1/realtime/client_secrets", json=wish)).json()
        of_old = await client.post("/v1/realtime/transcription_sessions", json={"input_audio_format": "pcm16"})
        for key in (made["value"], of_old.json()["client_secret"]["value"]):
            session = await session_with(server.url, key)
            assert (session["type"], session["object"]) == ("transcription", "realtime.transcription_session")
            assert session.keys() == {"type", "object", "id", "include", "audio"}

    during(visit)


def test_openai_python_makes_a_key_and_connects_with_it() -> None:
    async def visit(server: Server, client: httpx.AsyncClient, clock: Clock) -> None:
        base = f"http://127.0.0.1:{server.port}/v1"
        ours = AsyncOpenAI(base_url=base, api_key="sk-1")
        made = await ours.realtime.client_secrets.create(session={"type": "realtime", "instructions": "Be kind."})
        page = AsyncOpenAI(base_url=base, api_key=made.value)
        async with page.realtime.connect(model="gpt-realtime-mini") as connection:
            created: Any = await connection.recv()
            assert created.session.instructions == "Be kind."
        await ours.close()
        await page.close()

    during(visit)


def test_a_transcription_session_hears_and_never_answers() -> None:
    silence = json.dumps({"type": "input_audio_buffer.append", "audio": "AAAA" * 3200})

    async def visit(server: Server, client: httpx.AsyncClient, clock: Clock) -> None:
        strict = Strict()
        async with connect(f"{server.url}?intent=transcription", additional_headers=KEYS) as socket:

            async def answers(*texts: str) -> list[dict[str, Any]]:
                for text in texts:
                    await socket.send(text)
                await socket.send('{"type": "input_audio_buffer.clear"}')
                events: list[dict[str, Any]] = []
                while not events or events[-1]["type"] != "input_audio_buffer.cleared":
                    events.append(strict.read(await socket.recv()))
                return events[:-1]

            await answers()
            update = {"type": "transcription", "audio": {"input": {"turn_detection": None}}}
            (updated,) = await answers(json.dumps({"type": "session.update", "session": update}))
            assert updated["session"]["audio"]["input"]["turn_detection"] is None
            heard = await answers(silence, '{"type": "input_audio_buffer.commit"}')
            assert [event["type"] for event in heard] == [
                "input_audio_buffer.committed",
                "conversation.item.added",
                "conversation.item.done",
                "conversation.item.input_audio_transcription.failed",
            ]
            (refused,) = await answers('{"type": "response.create"}')
            assert refused["error"]["code"] == "invalid_event"
            (refused,) = await answers('{"type": "session.update", "session": {"type": "realtime"}}')
            assert refused["error"]["param"] == "session.type"

    during(visit)


@pytest.mark.parametrize("kind", ["sessions", "transcription_sessions"])
@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("modalities", [5, "audio", {"audio": 1}, ["video"], [["audio"]]]),
        ("input_audio_format", [5, ["pcm16"], {}, "mp3"]),
        ("output_audio_format", [5, ["pcm16"], {"type": "audio/pcm"}, "mp3"]),
    ],
)
def test_nonsense_in_the_words_of_the_beta_is_named(kind: str, field: str, values: list[Any]) -> None:
    async def visit(server: Server, client: httpx.AsyncClient, clock: Clock) -> None:
        for value in values:
            answer = await client.post(f"/v1/realtime/{kind}", json={field: value})
            assert answer.status_code == 400
            assert answer.json()["error"]["param"].startswith(field)

    during(visit)


def test_keys_that_have_expired_make_room_and_no_more_are_kept_than_that() -> None:
    async def visit(server: Server, client: httpx.AsyncClient, clock: Clock) -> None:
        async def made() -> int:
            answer = await client.post("/v1/realtime/client_secrets", json={"expires_after": {"seconds": 60}})
            return answer.status_code

        statuses = [await made() for _ in range(1001)]
        assert statuses == [200] * 1000 + [429]
        clock.now += 3600
        assert await made() == 200

    during(visit)


def test_keys_that_were_asked_for_with_much_are_fewer() -> None:
    async def visit(server: Server, client: httpx.AsyncClient, clock: Clock) -> None:
        session = {"type": "realtime", "instructions": "w" * 1_000_000}

        async def made() -> int:
            answer = await client.post("/v1/realtime/client_secrets", json={"session": session})
            return answer.status_code

        statuses = [await made() for _ in range(68)]
        assert statuses == [200] * 67 + [429]  # 64 MiB

    during(visit)
