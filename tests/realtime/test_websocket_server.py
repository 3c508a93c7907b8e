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

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.realtime import Engine, Pace, connect_in_memory, serve, serve_visitors
from realtime_scenarios.realtime.door import Hosts
from realtime_scenarios.realtime.responder import CallFunction, Output, ResponseRequest, SayText
from realtime_scenarios.realtime.visit import Seat
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


def test_all_paths_lead_to_a_session_and_the_model_is_taken_from_the_address() -> None:
    async def visit() -> None:
        async with serve(Says) as server:
            assert server.url == f"ws://127.0.0.1:{server.port}/v1/realtime"
            assert (await greeted(server.url))["session"]["model"] == "gpt-realtime-2.1"
            azure = server.url.replace("/v1/", "/openai/v1/") + "?model=voice-east"
            assert (await greeted(azure))["session"]["model"] == "voice-east"
            status, error = await refused(server.url.replace("/v1/", "/v2/"))
            assert (status, error["code"]) == (404, "unknown_url")
            preview = server.url.replace("/v1/", "/openai/") + "?api-version=2024-10-01-preview&deployment=east"
            assert (await greeted(preview))["session"]["model"] == "east"
            status, error = await refused(f"{server.url}?intent=singing")
            assert (status, error["param"]) == (400, "intent")

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
        seats = {"max_session_seconds": 3600, "ping_interval": None, "now": lambda: 1_000_000.5}
        async with serve_visitors(lambda visitor: Seat(Says()), **seats) as server:
            async with connect(server.url, ping_interval=None) as client:
                limited = json.loads(await client.recv())["session"]
                assert limited["expires_at"] == 1_000_000 + 3600
                said = json.loads(await client.recv())["error"]
                assert (said["type"], said["code"]) == ("invalid_request_error", "session_expired")
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


def asked(
    port: int, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, http.client.HTTPMessage, Any]:
    """The status, headers and body of the answer to a plain request."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
    response = connection.getresponse()
    text = response.read()
    return response.status, response.headers, json.loads(text) if text.startswith(b"{") else text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/realtime", 426, "upgrade_required"),
        ("POST", "/v1/realtime", 405, "method_not_allowed"),
        ("GET", "/v1/realtime/client_secrets", 405, "method_not_allowed"),
        ("POST", "/v1/chat/completions", 404, "unknown_url"),
        ("PATCH", "/", 404, "unknown_url"),
    ],
)
def test_a_request_that_is_no_handshake_is_told_what_is_served(
    method: str, path: str, status: int, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def visit() -> None:
        async with serve(Says) as server:
            answered, headers, body = await asyncio.to_thread(asked, server.port, method, path)
            assert (answered, body["error"]["code"]) == (status, code)
            assert headers["Content-Type"] == "application/json"
            if status == 405:
                assert method not in headers["Allow"]
            await greeted(server.url)

    with caplog.at_level(logging.INFO):
        asyncio.run(visit())
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    ("host", "welcome"),
    [
        ("localhost", True),
        ("127.0.0.1:8765", True),
        ("[::1]:1", True),
        ("voice.test", True),
        ("VOICE.test:80", True),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.", False),
        ("192.168.1.7", False),
        ("", False),
    ],
)
def test_the_server_answers_to_its_own_names_alone(host: str, welcome: bool) -> None:
    async def visit() -> None:
        async with serve(Says, hosts=["voice.test"]) as server:
            path = "/v1/realtime/client_secrets"
            status, _, body = await asyncio.to_thread(asked, server.port, "POST", path, {}, Host=host)
            assert (status == 200) == welcome
            if not welcome:
                assert (status, body["error"]["code"]) == (403, "host_not_allowed")

    asyncio.run(visit())


def test_a_server_for_every_address_is_asked_for_by_address() -> None:
    hosts = Hosts("0.0.0.0")
    assert hosts.refusal(["192.168.1.7:8765"], []) is None
    assert hosts.refusal(["[fe80::1]:8765"], []) is None
    assert hosts.refusal(["evil.example"], []) is not None
    assert hosts.refusal(["localhost", "evil.example"], []) is not None


def test_a_page_of_this_machine_may_ask_for_a_key_and_read_the_answer() -> None:
    async def visit() -> None:
        async with serve(Says) as server:
            path, origin = "/v1/realtime/client_secrets", "http://localhost:5173"
            wish = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
            status, headers, _ = await asyncio.to_thread(asked, server.port, "OPTIONS", path, Origin=origin, **wish)
            assert (status, headers["Access-Control-Allow-Origin"]) == (200, origin)
            assert "authorization" in headers["Access-Control-Allow-Headers"]
            status, headers, _ = await asyncio.to_thread(asked, server.port, "POST", path, {}, Origin=origin)
            assert (status, headers["Access-Control-Allow-Origin"]) == (200, origin)
            status, headers, _ = await asyncio.to_thread(
                asked, server.port, "POST", path, {}, Origin="https://evil.example"
            )
            assert status == 403 and "Access-Control-Allow-Origin" not in headers

    asyncio.run(visit())


def test_no_two_sessions_of_a_server_have_an_id_in_common() -> None:
    async def ids(url: str) -> set[str]:
        found: set[str] = set()
        async with connect(url) as client:
            item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}
            await client.send(json.dumps({"type": "conversation.item.create", "item": item}))
            await client.send('{"type": "response.create"}')
            kind = ""
            while kind != "rate_limits.updated":
                event = json.loads(await client.recv())
                kind = event["type"]
                found |= {
                    event["event_id"],
                    *(event.get(part, {}).get("id") for part in ("session", "item", "response")),
                }
        return found - {None}

    async def visit() -> None:
        async with serve(lambda: Says(SayText("Hello."), CallFunction("f", "{}"))) as server:
            first, second, third = [await ids(server.url) for _ in range(3)]
            assert len(first) == len(second) > 10
            assert not first & second and not second & third and not first & third

    asyncio.run(visit())


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
    begin = Engine.begin

    def counted(engine: Engine, text: str | bytes, now_ms: float) -> list[Any]:
        taken.append(text)
        return begin(engine, text, now_ms)

    monkeypatch.setattr(Engine, "begin", counted)
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


def test_what_the_world_does_wrong_is_one_line_for_whoever_runs_the_server(caplog: pytest.LogCaptureFixture) -> None:
    class Unanswered:
        async def respond(self, request: ResponseRequest) -> Sequence[Output]:
            raise ScenarioError("nothing listens at 127.0.0.1:1")

    async def visit() -> int:
        async with serve(Unanswered) as server, connect(server.url) as client:
            await client.send('{"type": "response.create"}')
            with pytest.raises(ConnectionClosedError) as closed:
                while True:
                    await asyncio.wait_for(client.recv(), 30)
            assert closed.value.rcvd is not None
            return closed.value.rcvd.code

    assert asyncio.run(visit()) == 1011
    (logged,) = [record for record in caplog.records if record.name.startswith("realtime_scenarios")]
    assert logged.getMessage() == "the responder failed: nothing listens at 127.0.0.1:1" and not logged.exc_info
