"""Where Twilio knocks: what it is told to do with a call, who is turned away, and a whole call over sockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx2
import pytest
from websockets.exceptions import InvalidStatus

from realtime_scenarios.realtime.door import Hosts
from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.realtime.server import listening
from realtime_scenarios.session import run_in_virtual_time
from realtime_scenarios.telephone.answering import Answering
from realtime_scenarios.telephone.doors import TwilioDoor, application
from realtime_scenarios.telephone.media_call import hold_media_stream
from realtime_scenarios.telephone.public_url import PublicUrl, signed_forms
from realtime_scenarios.telephone.signature import signature_of
from realtime_scenarios.telephone.switchboard import STOPPED, Switchboard
from realtime_scenarios.trace import SessionEnded, to_json_lines
from support import Answers, Written
from support.calls import Desk, answering, called, mu_law, over_a_socket, silence
from support.carrier import BadLine, CarriersEar, Phone, connected, started, stopped
from support.counting import lengths_given
from support.sounds import hum

DESK = "scenario: desk\nstart: desk\nagents: {desk: {instructions: You are a desk.}}\n"
PUBLIC = PublicUrl.typed("https://phone.example")
TOKEN = "12345"
FORM = {"CallSid": "CA1", "From": "+14155550100", "To": "+14155550199"}
SOUND = silence(1500) + mu_law(hum(300, 900)) + silence(3000)


def answers(written: Written) -> Answering:
    said = Answers([[SayText("Good day.")], [SayText("We are open.")]])
    return answering(written(DESK), said, words=("Are you open?",))


@contextlib.asynccontextmanager
async def open_door(
    answering: Answering, desk: Desk, *, most: int = 5, public: PublicUrl | None = None, token: str | None = None
) -> AsyncIterator[int]:
    switchboard = Switchboard(desk, most)
    door = TwilioDoor(switchboard, answering, public, token)
    names = () if public is None else (public.host,)
    async with (
        switchboard.staffed(),
        listening(application(Hosts("127.0.0.1", names), [door]), "127.0.0.1", 0, None, 65536, None) as port,
    ):
        yield port


def visited(answering: Answering, visit: Callable[[int, Desk], Awaitable[None]], **door: object) -> Desk:
    async def run() -> Desk:
        desk = Desk()
        async with open_door(answering, desk, **door) as port:  # type: ignore[arg-type]
            await visit(port, desk)
        return desk

    return run_in_virtual_time(run())


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_call_is_connected_with_a_media_stream_that_knows_the_numbers(written: Written, method: str) -> None:
    async def visit(port: int, desk: Desk) -> None:
        async with httpx2.AsyncClient() as client:
            url = f"http://127.0.0.1:{port}/incoming-call"
            answer = await (client.get(url, params=FORM) if method == "GET" else client.post(url, data=FORM))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
        stream = ElementTree.fromstring(answer.content).find("./Connect/Stream")
        assert stream is not None
        assert (stream.get("url") or "").startswith(f"ws://127.0.0.1:{port}/media-stream/")
        parameters = {each.get("name"): each.get("value") for each in stream.findall("Parameter")}
        assert parameters == {"caller": "+14155550100", "called": "+14155550199"}

    visited(answers(written), visit)


def test_what_a_caller_is_called_cannot_break_out_of_the_answer(written: Written) -> None:
    async def visit(port: int, desk: Desk) -> None:
        async with httpx2.AsyncClient() as client:
            answer = await client.post(f"http://127.0.0.1:{port}/incoming-call", data={"From": '"/><Say>ha</Say>'})
        stream = ElementTree.fromstring(answer.content).find("./Connect/Stream/Parameter")
        assert stream is not None and stream.get("value") == '"/><Say>ha</Say>'

    visited(answers(written), visit)


def test_a_whole_call_over_sockets_is_the_call_in_memory(written: Written) -> None:
    async def visit(port: int, desk: Desk) -> None:
        phone = Phone()
        phone.sounds(SOUND)
        await asyncio.wait_for(over_a_socket(phone, f"ws://127.0.0.1:{port}/media-stream"), 100)
        assert phone.closed == 1000

    desk = visited(answers(written), visit)
    held = called(answers(written), SOUND)
    assert to_json_lines(desk.calls[0].events) == to_json_lines(held.seen.events)
    assert held.seen.kinds == ["AgentSaid", "UserSaid", "AgentSaid", "SessionEnded"]


def test_only_what_twilio_has_signed_is_answered(written: Written) -> None:
    async def visit(port: int, desk: Desk) -> None:
        url, public = f"http://127.0.0.1:{port}/incoming-call", "https://phone.example/incoming-call"
        good = signature_of(public, FORM.items(), TOKEN)
        async with httpx2.AsyncClient() as client:

            async def status(signature: str | None, form: dict[str, str], query: str = "") -> int:
                headers = {} if signature is None else {"X-Twilio-Signature": signature}
                answer = await client.post(url + query, data=form, headers={"Host": "phone.example", **headers})
                assert answer.status_code == 403 or "wss://phone.example/media-stream" in answer.text
                return answer.status_code

            assert await status(good, FORM) == 200
            assert await status(None, FORM) == 403
            assert await status(good, {**FORM, "From": "+1"}) == 403
            assert await status(good, FORM, "?x=1") == 403
            asked = signature_of(f"{public}?{urlencode(FORM)}", (), TOKEN)
            headers = {"Host": "phone.example", "X-Twilio-Signature": asked}
            assert (await client.get(f"{url}?{urlencode(FORM)}", headers=headers)).status_code == 200

    visited(answers(written), visit, public=PUBLIC, token=TOKEN)


def test_a_form_of_many_fields_is_refused_before_it_is_read(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    from realtime_scenarios.telephone import doors

    async def visit(port: int, desk: Desk) -> None:
        checked = lengths_given(monkeypatch, doors, "signed_forms")
        async with httpx2.AsyncClient() as client:
            answer = await client.post(f"http://127.0.0.1:{port}/incoming-call", content="a&" * 500_000)
        assert (answer.status_code, answer.text) == (400, "The form has too many fields.")
        assert checked == []

    visited(answers(written), visit, public=PUBLIC, token=TOKEN)


def test_a_stream_that_twilio_has_not_signed_does_not_begin(written: Written) -> None:
    async def visit(port: int, desk: Desk) -> None:
        url, public = f"ws://127.0.0.1:{port}/media-stream", "wss://phone.example/media-stream"
        for number, signed in enumerate((public, f"{public}/", "wss://phone.example:443/media-stream")):
            phone = Phone(ear=CarriersEar(f"MZ{number}"))
            phone.comes([(0, connected()), (0, started(stream=f"MZ{number}")), (500, stopped())])
            headers = {"X-Twilio-Signature": signature_of(signed, (), TOKEN)}
            await over_a_socket(phone, url, additional_headers=headers)
        assert len(desk.calls) == 3
        for headers in ({}, {"X-Twilio-Signature": "nonsense"}):
            with pytest.raises(InvalidStatus) as caught:
                await over_a_socket(Phone(), url, additional_headers=headers)
            assert caught.value.response.status_code == 403
        assert len(desk.calls) == 3

    visited(answers(written), visit, public=PUBLIC, token=TOKEN)


def test_a_signature_that_was_good_for_one_stream_lets_no_other_one_in(written: Written) -> None:
    async def visit(port: int, desk: Desk) -> None:
        signed = {"X-Twilio-Signature": signature_of("https://phone.example/incoming-call", FORM.items(), TOKEN)}
        async with httpx2.AsyncClient() as client:
            url = f"http://127.0.0.1:{port}/incoming-call"
            answers = [await client.post(url, data=FORM, headers={"Host": "phone.example", **signed}) for _ in "12"]
        streams = [ElementTree.fromstring(answer.content).find("./Connect/Stream") for answer in answers]
        first, second = (str(stream.get("url")) for stream in streams if stream is not None)
        assert first != second

        async def knocks(address: str, call: str) -> None:
            phone = Phone(ear=CarriersEar(call))
            phone.comes([(0, connected()), (0, started(call=call, stream=call)), (500, stopped())])
            here = address.replace("wss://phone.example", f"ws://127.0.0.1:{port}")
            headers = {"X-Twilio-Signature": signature_of(address, (), TOKEN)}
            await over_a_socket(phone, here, additional_headers=headers)

        await knocks(first, "CA1")
        for address in (first, "wss://phone.example/media-stream/guessed"):
            with pytest.raises(InvalidStatus) as caught:
                await knocks(address, "CA2")
            assert caught.value.response.status_code == 403
        await knocks(second, "CA3")
        assert len(desk.calls) == 2

    visited(answers(written), visit, public=PUBLIC, token=TOKEN)


def test_a_stream_of_somebodys_own_twiml_does_not_come_again_and_another_one_of_its_call_does(
    written: Written,
) -> None:
    async def visit(port: int, desk: Desk) -> None:
        closed = []
        for stream in ("MZ1", "MZ1", "MZ2"):
            phone = Phone(ear=CarriersEar(stream))
            phone.comes([(0, connected()), (0, started(stream=stream)), (500, stopped())])
            await over_a_socket(phone, f"ws://127.0.0.1:{port}/media-stream")
            closed.append(phone.closed)
        assert closed == [1000, 1008, 1000] and len(desk.calls) == 2
        assert desk.messages == ["media stream 'MZ1' was turned away: it has been here before"]

    visited(answers(written), visit)


def test_a_page_that_gives_this_machine_another_name_gets_nowhere(written: Written) -> None:
    async def visit(port: int, desk: Desk) -> None:
        async with httpx2.AsyncClient() as client:
            answer = await client.post(f"http://127.0.0.1:{port}/incoming-call", headers={"Host": "evil.example"})
        assert answer.status_code == 403
        with pytest.raises(InvalidStatus):
            await over_a_socket(Phone(), f"ws://127.0.0.1:{port}/media-stream", origin="https://evil.example")
        with pytest.raises(InvalidStatus):
            await over_a_socket(Phone(), f"ws://127.0.0.1:{port}/v1/realtime")

    visited(answers(written), visit)


def test_one_call_more_than_there_are_lines_hears_that_they_are_engaged(written: Written) -> None:
    async def visit(port: int, desk: Desk) -> None:
        first = Phone()
        first.sounds(SOUND)
        holding = asyncio.create_task(over_a_socket(first, f"ws://127.0.0.1:{port}/media-stream"))
        await desk.news.wait()
        async with httpx2.AsyncClient() as client:
            answer = await client.post(f"http://127.0.0.1:{port}/incoming-call", data=FORM)
        assert ElementTree.fromstring(answer.content).find("Reject") is not None
        with pytest.raises(InvalidStatus) as caught:
            await over_a_socket(Phone(), f"ws://127.0.0.1:{port}/media-stream")
        assert caught.value.response.status_code == 503
        await holding

    assert len(visited(answers(written), visit, most=1).calls) == 1


def test_streams_that_were_let_in_together_are_no_more_calls_than_there_are_lines(written: Written) -> None:
    async def run() -> tuple[Desk, list[int]]:
        desk = Desk()
        switchboard = Switchboard(desk, 2)
        phones = [Phone() for _ in range(4)]  # all have been let in while nobody had said which call it is
        for number, phone in enumerate(phones):
            phone.comes([(0, connected()), (1000, started(call=f"CA{number}")), (2000, stopped())])
        async with asyncio.TaskGroup() as holding:
            for phone in phones:
                holding.create_task(hold_media_stream(phone, switchboard, answers(written)))
        return desk, [phone.closed or 0 for phone in phones]

    desk, closed = run_in_virtual_time(run())
    assert len(desk.calls) == 2
    assert sorted(closed) == [1000, 1000, 1013, 1013]


def test_a_server_that_stops_ends_its_calls_and_says_so(written: Written) -> None:
    async def run() -> Desk:
        desk, phone = Desk(), Phone()
        phone.sounds(SOUND)
        switchboard = Switchboard(desk, 5)
        holding = asyncio.create_task(hold_media_stream(phone, switchboard, answers(written)))
        await desk.news.wait()
        await asyncio.sleep(1)
        await switchboard.stop()
        await holding
        assert phone.closed == 1000
        return desk

    seen = run_in_virtual_time(run()).calls[0]
    assert (seen.why, seen.problem, seen.of(SessionEnded)[0].reason) == (STOPPED, None, STOPPED)


def test_a_stream_that_does_not_say_which_call_it_is_is_closed(written: Written) -> None:
    async def visit(port: int, desk: Desk) -> None:
        silent, chatty = Phone(), Phone()
        chatty.comes([(0, "nonsense")])
        for phone in (silent, chatty):
            await over_a_socket(phone, f"ws://127.0.0.1:{port}/media-stream")
            assert phone.closed == 1008
        assert len(desk.messages) == 2 and not desk.calls

    visited(answers(written), visit)


def test_forms_in_which_an_address_may_have_been_signed() -> None:
    assert set(signed_forms("https://a.example/x")) == {"https://a.example/x", "https://a.example:443/x"}
    assert set(signed_forms("https://a.example:443/x")) == {"https://a.example/x", "https://a.example:443/x"}
    assert set(signed_forms("https://a.example:8443/x?y=1")) == {"https://a.example:8443/x?y=1"}
    assert "wss://a.example/x/" in set(signed_forms("wss://a.example/x"))


def test_a_bad_line_changes_nothing_of_what_is_said(written: Written) -> None:
    good = called(answers(written), SOUND).seen
    for seed in range(4):
        bad = called(answers(written), SOUND, line=BadLine(seed, lost=0.05, doubled=0.1, late=0.3)).seen
        assert bad.kinds == good.kinds, seed
