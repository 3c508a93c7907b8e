"""HTTP requests with much in them: refused before anybody waits for them to be read."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from realtime_scenarios.realtime import serve
from realtime_scenarios.realtime.calls import offer_in
from realtime_scenarios.realtime.events import ClientError
from realtime_scenarios.realtime.long_events import MOST_VALUES
from support.caller import Caller, address_of, post
from support.counting import lengths_given
from support.responders import Desk, Says

TOOL = {"type": "function", "name": "f", "parameters": {"type": "object"}}


@pytest.mark.parametrize("path", ["client_secrets", "sessions", "transcription_sessions"])
@pytest.mark.parametrize("much", [[0] * 300_000, [{}] * 200_000, [TOOL] * 10_000])
def test_a_body_of_many_values_is_refused_before_it_is_parsed(
    path: str, much: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from realtime_scenarios.realtime import events

    parsed = lengths_given(monkeypatch, events, "parsed_json")

    async def visit() -> None:
        async with serve(Says) as server:
            url = server.url.replace("ws:", "http:") + f"/{path}"
            response = await post(url, content=json.dumps({"session": {"type": "realtime", "tools": much}}))
            assert response.status_code == 400
            message = response.json()["error"]["message"]
            assert f"{MOST_VALUES} values" in message and "event" not in message

    asyncio.run(visit())
    assert parsed == []


def form_with(session: str) -> tuple[bytes, str]:
    """An offer with the settings of its session, and of which type it is."""
    fields = {"sdp": "v=0", "session": session}
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}' for name, text in fields.items()]
    return "\r\n".join([*parts, "--x--\r\n"]).encode(), "multipart/form-data; boundary=x"


@pytest.mark.parametrize(("long", "kind"), [("A" * 70_000, "a string"), (["A" * 70_000], "an array")])
def test_what_is_long_in_the_session_of_an_offer_is_called_what_it_is(long: Any, kind: str) -> None:
    with pytest.raises(ClientError) as refused:
        offer_in(*form_with(json.dumps({"type": "realtime", "audio": long})))
    assert (refused.value.code, refused.value.param) == ("invalid_type", "session.audio")
    assert f"but got {kind} instead" in refused.value.message


@pytest.mark.parametrize("session", ["{", json.dumps([0] * 70_000), json.dumps("x" * 2_000_000)])
def test_what_is_wrong_with_the_session_of_an_offer_is_said_of_no_event(session: str) -> None:
    with pytest.raises(ClientError) as refused:
        offer_in(*form_with(session))
    assert refused.value.message.startswith("What was sent ")


@pytest.mark.parametrize("body", ["{", "[" + '"x" ' * 40_000, '{"x": "' + "x" * 90_000, '{"x": "' + "x" * 90_000 + "}"])
def test_what_is_wrong_with_a_body_is_said_of_no_event(body: str) -> None:
    async def visit() -> None:
        async with serve(Says) as server:
            response = await post(server.url.replace("ws:", "http:") + "/client_secrets", content=body)
            message = response.json()["error"]["message"]
            assert "could not be read as JSON" in message and "event" not in message

    asyncio.run(visit())


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["a=ssrc:1 cname:x"] * 1_000, "1000 lines"),
        (["m=audio 9 UDP/TLS/RTP/SAVPF 111"] * 17, "16 media"),
        (["a=" + "x" * (64 * 1024)], "65536 characters"),
    ],
)
def test_an_offer_that_is_too_long_is_refused_before_it_is_parsed(
    lines: list[str], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from realtime_scenarios.realtime import peer

    parsed = lengths_given(monkeypatch, peer, "RTCSessionDescription")

    async def visit() -> None:
        async with serve(Desk) as server:
            sdp = "".join(f"{line}\r\n" for line in ("v=0", *lines))
            response = await post(address_of(server.url), content=sdp, headers={"Content-Type": "application/sdp"})
            assert reason in response.json()["error"]["message"]

    asyncio.run(visit())
    assert parsed == []


def test_offers_that_come_together_are_no_more_calls_than_there_is_room_for() -> None:
    async def visit() -> None:
        async with serve(Desk, max_connections=2) as server:
            callers = [Caller() for _ in range(5)]
            offers = [await caller.offer() for caller in callers]
            header = {"Content-Type": "application/sdp"}
            answers = await asyncio.gather(
                *(post(address_of(server.url), content=offer, headers=header) for offer in offers)
            )
            assert sorted(answer.status_code for answer in answers) == [201, 201, 503, 503, 503]
            await asyncio.gather(*(caller.close() for caller in callers))

    asyncio.run(visit())


class Flooding:
    """A data channel whose client sends, whether or not anybody reads."""

    readyState = "open"

    def __init__(self) -> None:
        self.handlers: dict[str, Any] = {}

    def on(self, event: str, handler: Any) -> None:
        self.handlers[event] = handler

    def close(self) -> None:
        self.readyState = "closed"


@pytest.mark.parametrize(("message", "taken"), [("x", 1000), ("x" * (1 << 20), 32)])
def test_a_caller_who_sends_more_than_is_read_is_not_listened_to_any_more(message: str, taken: int) -> None:
    from realtime_scenarios.realtime.peer import EventsChannel

    async def visit() -> None:
        events, channel = EventsChannel(), Flooding()
        events.take(channel)  # type: ignore[arg-type]
        for _ in range(taken):
            channel.handlers["message"](message)
        assert channel.readyState == "open"
        assert await events.receive() == message
        channel.handlers["message"](message)
        for _ in range(2_000):
            channel.handlers["message"](message)
        assert channel.readyState == "closed"
        received = [await events.receive() for _ in range(taken + 1)]
        assert received == [message] * taken + [None]

    asyncio.run(visit())
