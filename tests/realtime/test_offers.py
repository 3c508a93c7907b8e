"""Offers of calls: what is taken for one, by itself or in a form, and what is refused."""

from __future__ import annotations

import asyncio
import json

import pytest

from realtime_scenarios.realtime import serve
from realtime_scenarios.realtime.calls import offer_in
from realtime_scenarios.realtime.events import ClientError
from support.caller import Caller, address_of, post
from support.responders import Desk


def test_an_offer_in_a_form_brings_its_session_along() -> None:
    async def visit() -> None:
        async with serve(Desk) as server:
            caller = Caller()
            session = {"type": "realtime", "model": "gpt-realtime-2", "instructions": "Be quick."}
            form = {"sdp": (None, await caller.offer()), "session": (None, json.dumps(session))}
            response = await post(address_of(server.url), files=form)
            await caller.take(response)
            assert response.headers["location"] == f"/v1/realtime/calls/{caller.call_id}"
            told = (await caller.until("session.created"))["session"]
            assert (told["model"], told["instructions"]) == ("gpt-realtime-2", "Be quick.")
            await caller.close()

    asyncio.run(visit())


def test_a_form_that_was_cut_off_is_refused_and_not_taken_for_one_with_fewer_fields() -> None:
    whole = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("sdp", "v=0"), ("session", '{"type": "realtime", "instructions": "Help."}'))
    )
    offer = offer_in(f"{whole}--x--\r\n".encode(), "multipart/form-data; boundary=x")
    assert offer.settings is not None and offer.settings["instructions"] == "Help."
    for cut in (whole, whole[:-2], whole[:-30]):
        with pytest.raises(ClientError, match="The form has no end"):
            offer_in(cut.encode(), "multipart/form-data; boundary=x")


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        ("", "application/sdp", 400, "invalid_offer"),
        ("hello", "application/sdp", 400, "invalid_offer"),
        ("v=0\r\nnonsense", "application/sdp", 400, "invalid_offer"),
        ("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n", "application/sdp", 400, "invalid_offer"),
        ("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n", "application/sdp", 400, "invalid_offer"),
        ('{"sdp": "v=0"}', "application/json", 415, "unsupported_content_type"),
        ("--x--", "multipart/form-data; boundary=x", 400, "missing_required_parameter"),
        ("v=0", "multipart/form-data; boundary=x", 400, "invalid_offer"),
        ("--x\r\n" + "X: y\r\n" * 4_001 + "\r\n--x--", "multipart/form-data; boundary=x", 400, "invalid_offer"),
        ("--x\r\nX: y" + "; z=1" * 10_000 + "\r\n\r\n--x--", "multipart/form-data; boundary=x", 400, "invalid_offer"),
        ("v=0", "", 415, "unsupported_content_type"),
    ],
)
def test_what_is_no_offer_is_refused_with_a_reason(body: str, content_type: str, status: int, code: str) -> None:
    async def visit() -> None:
        async with serve(Desk) as server:
            response = await post(address_of(server.url), content=body, headers={"Content-Type": content_type})
            assert (response.status_code, response.json()["error"]["code"]) == (status, code)
            assert response.json()["error"]["message"]

    asyncio.run(visit())


@pytest.mark.parametrize(
    ("session", "param"),
    [("{", None), ("[]", "session"), ('{"type": "realtime", "tempo": 3}', "session.tempo")],
)
def test_a_form_whose_session_is_none_is_refused_with_the_field(session: str, param: str | None) -> None:
    async def visit() -> None:
        async with serve(Desk) as server:
            caller = Caller()
            form = {"sdp": (None, await caller.offer()), "session": (None, session)}
            response = await post(address_of(server.url), files=form)
            assert (response.status_code, response.json()["error"]["param"]) == (400, param)
            await caller.close()

    asyncio.run(visit())
