"""The engine behind a real websocket: who may come in, how it ends, and the same stream as in memory."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import logging
from collections.abc import Sequence
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK, InvalidStatus
from websockets.typing import Subprotocol

from realtime_scenarios.realtime import Engine, Pace, connect_in_memory, serve
from realtime_scenarios.realtime.responder import CallFunction, Output, ResponseRequest, SayText
from realtime_scenarios.session.time import run_in_virtual_time
from support.responders import Breaks, Says
from support.strict import Strict


async def greeted(url: str, **options: Any) -> dict[str, Any]:
    """The first event a client gets there."""
    async with connect(url, **options) as client:
        first: dict[str, Any] = json.loads(await client.recv())
        return first


async def refused(url: str, **options: Any) -> tuple[int, dict[str, Any]]:
    """The status and the error of a handshake that fails."""
    with pytest.raises(InvalidStatus) as caught:
        await greeted(url, **options)
    response = caught.value.response
    assert response.headers["Content-Type"] == "application/json"
    return response.status_code, json.loads(response.body)["error"]


def test_both_paths_lead_to_a_session_and_the_model_is_taken_from_the_address() -> None:
    async def visit() -> None:
        async with serve(Says) as server:
            assert server.url == f"ws://127.0.0.1:{server.port}/v1/realtime"
            assert (await greeted(server.url))["session"]["model"] == "gpt-realtime-2.1"
            azure = server.url.replace("/v1/", "/openai/v1/") + "?model=voice-east"
            assert (await greeted(azure))["session"]["model"] == "voice-east"
            status, error = await refused(server.url.replace("/v1/", "/v2/"))
            assert (status, error["code"]) == (404, "unknown_url")
            status, _ = await refused(f"{server.url}?intent=transcription")
            assert status == 400

    asyncio.run(visit())


def test_without_keys_any_client_comes_in_and_with_keys_only_those_that_show_one() -> None:
    async def visit() -> None:
        async with serve(Says) as server:
            await greeted(server.url)
            await greeted(server.url, additional_headers={"Authorization": "Bearer whatever"})
        async with serve(Says, api_keys=["sk-right", "sk-other"]) as server:
            for headers in ({}, {"Authorization": "Bearer sk-wrong"}, {"Authorization": "Basic sk-right"}):
                status, error = await refused(server.url, additional_headers=headers)
                assert (status, error["type"], error["code"]) == (401, "invalid_request_error", "invalid_api_key")
                assert "sk-" not in error["message"]
            await greeted(server.url, additional_headers={"Authorization": "Bearer sk-right"})
            await greeted(server.url, additional_headers={"api-key": "sk-other"})
            offered = [Subprotocol("realtime"), Subprotocol("openai-insecure-api-key.sk-right")]
            async with connect(server.url, subprotocols=offered) as client:
                assert client.subprotocol == "realtime"
            await refused(server.url, subprotocols=[Subprotocol("openai-insecure-api-key.sk-wrong")])

    asyncio.run(visit())


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        (None, True),
        ("http://localhost:5173", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:3000", True),
        ("https://app.example", True),
        ("https://evil.example", False),
        ("https://localhost.evil.example", False),
        ("https://app.example.evil", False),
        ("null", False),
        ("http://[", False),
    ],
)
def test_pages_come_in_from_this_machine_or_by_name(origin: str | None, welcome: bool) -> None:
    headers = {} if origin is None else {"Origin": origin}

    async def visit() -> None:
        async with serve(Says, origins=["https://app.example"]) as server:
            if welcome:
                await greeted(server.url, additional_headers=headers)
            else:
                status, error = await refused(server.url, additional_headers=headers)
                assert (status, error["code"]) == (403, "origin_not_allowed")

    asyncio.run(visit())


def test_a_full_house_lets_nobody_in_until_somebody_leaves() -> None:
    async def visit() -> None:
        async with serve(Says, max_connections=1) as server:
            async with connect(server.url) as first:
                await first.recv()
                status, error = await refused(server.url)
                assert (status, error["code"]) == (503, "server_busy")
            await greeted(server.url)

    asyncio.run(visit())


def test_a_message_that_is_too_large_ends_the_connection_and_a_wrong_one_does_not() -> None:
    async def visit() -> None:
        async with serve(Says, max_message_bytes=1000) as server:
            async with connect(server.url) as client:
                await client.recv()
                await client.send("not json")
                assert json.loads(await client.recv())["error"]["code"] == "invalid_event"
                await client.send(b'{"type": "input_audio_buffer.clear"}')
                assert json.loads(await client.recv())["type"] == "input_audio_buffer.cleared"
                await client.send("x" * 1001)
                with pytest.raises(ConnectionClosedError) as caught:
                    await client.recv()
                assert caught.value.rcvd is not None and caught.value.rcvd.code == 1009
            await greeted(server.url)

    asyncio.run(visit())


def test_a_session_ends_when_its_time_is_over() -> None:
    async def visit() -> None:
        async with serve(Says, max_session_seconds=3600, ping_interval=None) as server:
            async with connect(server.url, ping_interval=None) as client:
                await client.recv()
                with pytest.raises(ConnectionClosedOK) as caught:
                    await client.recv()
            closed = caught.value.rcvd
            assert closed is not None and closed.code == 1001
            assert closed.reason == "Your session hit the maximum duration of 60 minutes."

    run_in_virtual_time(visit())


def test_an_error_of_the_responder_is_logged_and_ends_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    strict = Strict()

    async def visit() -> None:
        async with serve(Breaks) as server, connect(server.url) as client:
            await client.send('{"type": "response.create"}')
            events = []
            with pytest.raises(ConnectionClosedError) as caught:
                while True:
                    events.append(strict.read(await client.recv()))
            assert caught.value.rcvd is not None and caught.value.rcvd.code == 1011
            strict.finished()
            details = events[-2]["response"]["status_details"]
            assert (details["type"], details["error"]["type"]) == ("failed", "server_error")
            assert "mistake of ours" not in str(details)

    with caplog.at_level(logging.ERROR, logger="realtime_scenarios"):
        asyncio.run(visit())
    assert "ZeroDivisionError" in caplog.text


def test_somebody_who_does_not_speak_websocket_is_turned_away_quietly(caplog: pytest.LogCaptureFixture) -> None:
    async def visit() -> None:
        async with serve(Says) as server:
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"\x16\x03\x01 hello\r\n\r\n")
            await writer.drain()
            writer.close()
            await writer.wait_closed()
            await greeted(server.url)

    with caplog.at_level(logging.INFO):
        asyncio.run(visit())
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_a_request_that_is_no_handshake_is_told_what_is_served(method: str, caplog: pytest.LogCaptureFixture) -> None:
    def asked(port: int) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request(method, "/v1/realtime/client_secrets", body=b'{"session": {}}')
        response = connection.getresponse()
        assert response.headers["Allow"] == "GET"
        return response.status, json.loads(response.read())["error"]["code"]

    async def visit() -> None:
        async with serve(Says) as server:
            assert await asyncio.to_thread(asked, server.port) == (405, "method_not_allowed")
            await greeted(server.url)

    with caplog.at_level(logging.INFO):
        asyncio.run(visit())
    assert "Traceback" not in caplog.text


def test_a_client_that_vanishes_takes_its_answer_with_it() -> None:
    async def visit() -> None:
        async with serve(lambda: Says(SayText("word " * 1000)), pace=Pace(1, 5)) as server:
            client = await connect(server.url)
            await client.send('{"type": "response.create"}')
            await client.recv()
            client.transport.abort()
            await client.wait_closed()
            await greeted(server.url)

    asyncio.run(visit())


def test_a_client_that_does_not_read_does_not_stop_the_others() -> None:
    async def visit() -> None:
        async with serve(lambda: Says(SayText("word " * 100))) as server:
            deaf = await connect(server.url, max_queue=1)
            for _ in range(60):
                await deaf.send('{"type": "response.create"}')
            await greeted(server.url)
            deaf.transport.abort()
            await deaf.wait_closed()

    asyncio.run(visit())


def test_a_client_that_does_not_read_large_answers_is_soon_not_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str | bytes] = []
    receive = Engine.receive

    def counted(engine: Engine, text: str | bytes, now_ms: float) -> list[Any]:
        taken.append(text)
        return receive(engine, text, now_ms)

    monkeypatch.setattr(Engine, "receive", counted)
    sound = {"type": "input_audio", "audio": base64.b64encode(bytes(3 * 1024 * 1024)).decode()}
    item = {"id": "long", "type": "message", "role": "user", "content": [sound]}

    async def visit() -> None:
        async with serve(Says) as server:
            deaf = await connect(server.url, max_queue=1)
            await deaf.send(json.dumps({"type": "conversation.item.create", "item": item}))
            for _ in range(60):
                await deaf.send('{"type": "conversation.item.retrieve", "item_id": "long"}')
            for _ in range(40):
                await greeted(server.url)
            assert 2 < len(taken) < 20
            deaf.transport.abort()
            await deaf.wait_closed()
        assert len(taken) < 20

    asyncio.run(visit())


class Turns:
    """A call, then an answer that is longer than a delta."""

    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        if request.items and request.items[-1]["type"] == "function_call_output":
            return [SayText("Twenty-two inches, I read, " * 5)]
        return [SayText("One moment."), CallFunction("look_up", '{"what": "bags"}')]


CONVERSATION = [
    {"type": "session.update", "session": {"type": "realtime", "instructions": "Be kind.", "model": "m"}},
    {"type": "conversation.item.create",
     "item": {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "How big? 🛫"}]}},
    {"type": "response.create", "response": {"metadata": {"turn": "1"}}},
    {"type": "conversation.item.create",
     "item": {"type": "function_call_output", "call_id": "call_0001", "output": "22"}},
    {"type": "response.create"},
    {"type": "conversation.item.truncate", "item_id": "item_0005", "content_index": 0, "audio_end_ms": 500},
    {"type": "conversation.item.retrieve", "item_id": "item_0005"},
    {"type": "nonsense"},
    {"type": "response.cancel", "event_id": "late"},
    {"type": "response.create", "response": {"conversation": "none", "output_modalities": ["text"]}},
    {"type": "conversation.item.delete", "item_id": "item_0001"},
]  # fmt: skip


async def stream_of(connection: Any, *, waits: bool) -> list[str]:
    """Send the conversation as fast as it goes, or wait for the end of each answer; read until all is answered."""
    strict, texts = Strict(), []

    async def read_until(kind: str) -> None:
        found = None
        while found != kind:
            texts.append(await connection.recv())
            found = strict.read(texts[-1])["type"]

    for event in CONVERSATION:
        await connection.send(json.dumps(event))
        if waits and event["type"] == "response.create":
            await read_until("rate_limits.updated")
    await read_until("conversation.item.deleted")
    strict.finished()
    return texts


@pytest.mark.parametrize(("pace", "waits"), [(Pace(), False), (Pace(), True), (Pace(3, 40), True)])
def test_the_same_client_events_give_the_same_stream_over_both_carriers_byte_for_byte(pace: Pace, waits: bool) -> None:
    async def both() -> tuple[list[str], list[str]]:
        async with (
            serve(Turns, pace=pace, ping_interval=None) as server,
            connect(server.url, ping_interval=None) as client,
        ):
            over_socket = await stream_of(client, waits=waits)
        connection = connect_in_memory(Turns(), pace=pace)
        in_memory = await stream_of(connection, waits=waits)
        await connection.close()
        return over_socket, in_memory

    over_socket, in_memory = run_in_virtual_time(both())
    assert over_socket == in_memory
    assert len(in_memory) > 20
