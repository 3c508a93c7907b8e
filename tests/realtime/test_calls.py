"""Calls over WebRTC on loopback: a caller of aiortc's own makes offers, is spoken to, speaks, cuts in and hangs up.

They take the time that their sound takes.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from realtime_scenarios.realtime import Pace, Parts, serve
from realtime_scenarios.realtime.responder import SayText
from realtime_scenarios.voice import PCM16, ScriptedWords, Tone, decoded
from support.caller import Caller, address_of, calling, post
from support.client import function
from support.responders import Desk, Says
from support.sounds import RATE, decibels, hum, needs_flite, power_at, quiet, said_by_flite
from support.strict import Strict

LONG = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
HEARD = {"input": {"transcription": {"model": "any"}}}
SDP = {"Content-Type": "application/sdp"}
LOOK_UP = function("look_up", what={"type": "string"})

Visit = Callable[[Caller], Awaitable[None]]


def called(visit: Visit, responder: Callable[[], Any] = Desk, *, codec: str | None = None, **options: Any) -> Caller:
    """A call to a server that hums; all that was told over its data channel passes the strict reader."""
    options = {"pace": Pace(follows_speech=True), "parts_factory": lambda: Parts(speaker=Tone()), **options}

    async def run() -> Caller:
        async with serve(responder, **options) as server, calling(server.url, codec=codec) as caller:
            await asyncio.wait_for(visit(caller), 40)
        return caller

    caller = asyncio.run(run())
    strict = Strict()
    for event in caller.events:
        strict.read(event)
    return caller


async def sideband(url: str, call_id: str, key: str | None = None) -> ClientConnection:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    return await connect(f"{url}?call_id={call_id}", additional_headers=headers, proxy=None)


async def next_of(socket: ClientConnection, kind: str) -> dict[str, Any]:
    while True:
        event: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 20))
        if event["type"] == kind:
            return event


# --- what is said over a call -------------------------------------------------------------------------------------------


def test_text_goes_both_ways_over_the_data_channel_and_tools_are_called_there() -> None:
    async def visit(caller: Caller) -> None:
        await caller.update(output_modalities=["text"], tools=[LOOK_UP])
        await caller.say("look please")
        done = await caller.until("response.done")
        (call,) = done["response"]["output"]
        output = {"type": "function_call_output", "call_id": call["call_id"], "output": "22 inches"}
        await caller.send("conversation.item.create", item=output)
        await caller.send("response.create")
        answered = await caller.until("response.done")
        assert answered["response"]["output"][0]["content"][0]["text"] == "I found: 22 inches"

    caller = called(visit)
    assert caller.call_id.startswith("rtc_")
    assert max(caller.ear, default=0) < 50


def test_an_answer_is_heard_in_real_time_and_its_audio_stands_in_no_event() -> None:
    spoken = SayText("one two three")

    async def visit(caller: Caller) -> None:
        await caller.send("response.create")
        loop = asyncio.get_running_loop()
        await caller.until("output_audio_buffer.started")
        began = loop.time()
        await caller.until("output_audio_buffer.stopped")
        assert 1.0 < loop.time() - began < 4

    caller = called(visit, lambda: Says(spoken))
    kinds = caller.kinds()
    assert "response.output_audio.delta" not in kinds
    assert kinds[kinds.index("response.content_part.added") + 1] == "output_audio_buffer.started"
    assert kinds.index("response.done") < kinds.index("output_audio_buffer.stopped")
    sounding = [frame for frame in frames(caller) if decibels(frame) > -50]
    assert 700 < 20 * len(sounding) < 1400
    assert decibels(caller.ear) > -40


def frames(caller: Caller) -> list[Any]:
    size = RATE // 50
    return [caller.ear[at : at + size] for at in range(0, len(caller.ear) - size, size)]


@pytest.mark.parametrize("codec", ["opus", "PCMU"])
def test_what_the_microphone_hears_is_in_the_conversation_as_it_was_said(codec: str) -> None:
    async def visit(caller: Caller) -> None:
        await caller.update(output_modalities=["text"], audio=HEARD)
        caller.microphone.say(quiet(300) + hum(440, 600))
        heard = await caller.until("conversation.item.input_audio_transcription.completed")
        assert heard["transcript"] == "How big?"
        await caller.until("response.done")
        await caller.send("conversation.item.retrieve", item_id=heard["item_id"])
        item = (await caller.until("conversation.item.retrieved"))["item"]
        sound = decoded(base64.b64decode(item["content"][0]["audio"]), PCM16)
        tone = sound[len(sound) // 4 : len(sound) // 4 + RATE // 5]
        assert power_at(tone, 440) > 0.8 * sum(sample * sample for sample in tone) / len(tone)
        assert abs(decibels(tone) - decibels(hum(440, 200))) < 3

    called(visit, codec=codec, parts_factory=lambda: Parts(listener=ScriptedWords(["How big?"])))


@needs_flite
def test_a_spoken_line_is_one_turn_and_is_answered_aloud() -> None:
    async def visit(caller: Caller) -> None:
        await caller.update(audio=HEARD)
        caller.microphone.say(quiet(300) + said_by_flite("how big can a bag be"))
        await caller.until("output_audio_buffer.stopped")

    words = Parts(listener=ScriptedWords(["How big can a bag be?"]), speaker=Tone())
    caller = called(visit, lambda: Says(SayText("Up to 22 inches.")), parts_factory=lambda: words)
    assert caller.kinds().count("input_audio_buffer.speech_started") == 1
    assert decibels(caller.ear) > -45


def test_speech_in_the_telephones_format_is_asked_for_by_the_session_and_given_to_it() -> None:
    async def visit(caller: Caller) -> None:
        law = {"input": {"format": {"type": "audio/pcmu"}}, "output": {"format": {"type": "audio/pcmu"}}}
        await caller.update(audio=law)
        caller.microphone.say(quiet(300) + hum(440, 600))
        committed = await caller.until("input_audio_buffer.committed")
        await caller.until("output_audio_buffer.stopped")
        await caller.send("conversation.item.retrieve", item_id=committed["item_id"])
        item = (await caller.until("conversation.item.retrieved"))["item"]
        assert 900 < len(base64.b64decode(item["content"][0]["audio"])) / 8 < 2500  # milliseconds, a byte a sample

    assert decibels(called(visit, lambda: Says(SayText("one two three"))).ear) > -40


def test_a_turn_ends_where_the_microphone_is_taken_away_in_the_middle_of_it() -> None:
    async def visit(caller: Caller) -> None:
        await caller.update(output_modalities=["text"])
        caller.microphone.say(quiet(300) + hum(440, 20_000))
        await caller.until("input_audio_buffer.speech_started")
        caller.connection.getSenders()[0].replaceTrack(None)
        await caller.until("response.done", 10)

    called(visit)


# --- cutting in ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pace", [Pace(follows_speech=True), Pace()], ids=["as-heard", "as-made"])
def test_a_caller_who_cuts_in_hears_no_more_and_the_item_ends_where_the_ear_stopped(pace: Pace) -> None:
    loud_at_the_cut: list[int] = []

    async def visit(caller: Caller) -> None:
        await caller.send("response.create")
        await caller.until("output_audio_buffer.started")
        caller.microphone.say(quiet(700) + hum(300, 400))
        cut = await caller.until("conversation.item.truncated")
        loud_at_the_cut.append(len(caller.ear))
        assert 300 < cut["audio_end_ms"] < 5000
        await caller.send("conversation.item.retrieve", item_id=cut["item_id"])
        item = (await caller.until("conversation.item.retrieved"))["item"]
        words = item["content"][0]["transcript"].split()
        assert len(words) == cut["audio_end_ms"] // 400
        await caller.until("response.created")  # the caller's turn is over, and half a second of silence behind it

    detection = {"type": "server_vad", "create_response": True, "interrupt_response": True}

    async def with_detection(caller: Caller) -> None:
        await caller.update(audio={"input": {"turn_detection": detection}})
        await visit(caller)

    caller = called(with_detection, lambda: Says(SayText(LONG)), pace=pace)
    kinds = caller.kinds()
    at = kinds.index("input_audio_buffer.speech_started")
    assert kinds[at : at + 3] == [
        "input_audio_buffer.speech_started",
        "output_audio_buffer.cleared",
        "conversation.item.truncated",
    ]
    status = next(event["response"]["status"] for event in caller.events if event["type"] == "response.done")
    assert status == ("completed" if pace == Pace() else "cancelled")
    after = caller.ear[loud_at_the_cut[0] + RATE // 2 :][: RATE // 2]
    assert decibels(after) < -60


def test_a_client_that_clears_what_is_played_is_told_so_and_hears_no_more() -> None:
    async def visit(caller: Caller) -> None:
        await caller.send("response.create")
        await caller.until("output_audio_buffer.started")
        await caller.hears_something()
        await caller.send("response.cancel")
        await caller.send("output_audio_buffer.clear")
        await caller.until("output_audio_buffer.cleared")
        assert (await caller.until("conversation.item.truncated"))["audio_end_ms"] < 3000

    called(visit, lambda: Says(SayText(LONG)))


# --- the end of a call, and those who listen in --------------------------------------------------------------------------


def test_a_sideband_is_greeted_sees_what_the_caller_sees_and_may_do_as_much() -> None:
    async def visit() -> None:
        async with serve(Desk) as server, calling(server.url) as caller:
            async with await sideband(server.url, caller.call_id) as socket:
                greeting = json.loads(await socket.recv())
                assert greeting["type"] == "session.created"
                assert greeting["session"]["id"] == caller.events[0]["session"]["id"]
                assert greeting["event_id"] != caller.events[0]["event_id"]
                update = {"type": "realtime", "output_modalities": ["text"], "instructions": "Be brief."}
                await socket.send(json.dumps({"type": "session.update", "session": update}))
                assert (await caller.until("session.updated"))["session"]["instructions"] == "Be brief."
                await caller.say("hello")
                seen = await next_of(socket, "response.done")
                assert seen == await caller.until("response.done")
            await caller.say("hello again")  # the call goes on without it
            await caller.until("response.done")

    asyncio.run(visit())


def test_a_sideband_gets_no_audio_either() -> None:
    async def visit() -> None:
        parts = {"parts_factory": lambda: Parts(speaker=Tone())}
        async with serve(lambda: Says(SayText("one")), **parts) as server, calling(server.url) as caller:
            socket = await sideband(server.url, caller.call_id)
            await caller.send("response.create")
            kinds = [json.loads(await socket.recv())["type"]]
            while kinds[-1] != "output_audio_buffer.stopped":
                kinds.append(json.loads(await asyncio.wait_for(socket.recv(), 20))["type"])
            await socket.close()
        assert "response.output_audio_transcript.delta" in kinds and "response.output_audio.delta" not in kinds

    asyncio.run(visit())


def test_a_call_is_hung_up_by_request_and_nobody_finds_it_after() -> None:
    async def visit() -> None:
        async with serve(Desk, api_keys=["sk-1"]) as server, calling(server.url, key="sk-1") as caller:
            socket = await sideband(server.url, caller.call_id, "sk-1")
            hangup = f"{address_of(server.url)}/{caller.call_id}/hangup"
            assert (await post(hangup, key="sk-2")).status_code == 401
            response = await post(hangup, key="sk-1")
            assert (response.status_code, response.content) == (200, b"")
            await asyncio.wait_for(caller.is_over.wait(), 10)
            with pytest.raises(ConnectionClosed) as closed:
                await next_of(socket, "no such event")
            assert closed.value.rcvd is not None and closed.value.rcvd.code == 1000
            gone = await post(hangup, key="sk-1")
            assert (gone.status_code, gone.json()["error"]["code"]) == (404, "call_not_found")
            with pytest.raises(InvalidStatus) as refused:
                await sideband(server.url, caller.call_id, "sk-1")
            assert refused.value.response.status_code == 404

    asyncio.run(visit())


def test_calls_end_with_their_server() -> None:
    async def visit() -> None:
        async with serve(Desk) as server:
            caller = Caller()
            await caller.take(await post(address_of(server.url), content=await caller.offer(), headers=SDP))
        await asyncio.wait_for(caller.is_over.wait(), 10)
        await caller.close()

    asyncio.run(visit())


def test_a_call_ends_when_its_caller_goes() -> None:
    async def visit() -> None:
        async with serve(Desk) as server:
            async with calling(server.url) as caller:
                socket = await sideband(server.url, caller.call_id)
            with pytest.raises(ConnectionClosed):
                await next_of(socket, "no such event")

    asyncio.run(visit())


def test_a_call_that_has_lasted_as_long_as_it_may_ends_as_the_service_ends_it() -> None:
    async def visit() -> None:
        async with serve(Desk, max_session_seconds=2) as server, calling(server.url) as caller:
            socket = await sideband(server.url, caller.call_id)
            assert (await caller.until("error"))["error"]["code"] == "session_expired"
            await asyncio.wait_for(caller.is_over.wait(), 10)
            with pytest.raises(ConnectionClosed) as closed:
                await next_of(socket, "no such event")
            assert closed.value.rcvd is not None and closed.value.rcvd.code == 1001

    asyncio.run(visit())


def test_two_calls_at_once_know_nothing_of_each_other() -> None:
    async def visit() -> None:
        async with serve(Desk) as server, calling(server.url) as first, calling(server.url) as second:
            assert first.call_id != second.call_id
            for caller, text in ((first, "one"), (second, "two")):
                await caller.update(output_modalities=["text"])
                await caller.say(text)
            for caller, text in ((first, "one"), (second, "two")):
                (said,) = (await caller.until("response.done"))["response"]["output"]
                assert said["content"][0]["text"] == f"You said {text}"
            assert not {e["event_id"] for e in first.events} & {e["event_id"] for e in second.events}

    asyncio.run(visit())


# --- who gets through ---------------------------------------------------------------------------------------------------


def test_an_ephemeral_key_makes_calls_with_its_settings_and_controls_no_others() -> None:
    async def visit() -> None:
        async with serve(Desk, api_keys=["sk-1"]) as server:
            minted = await post(
                server.url.replace("ws", "http", 1) + "/client_secrets",
                key="sk-1",
                json={"session": {"type": "realtime", "instructions": "Be kind."}},
            )
            key = minted.json()["value"]
            async with calling(server.url, key=key) as caller:
                assert caller.events[0]["session"]["instructions"] == "Be kind."
                with pytest.raises(InvalidStatus) as refused:
                    await sideband(server.url, caller.call_id, key)
                assert refused.value.response.status_code == 401

    asyncio.run(visit())


def test_azures_address_takes_calls_as_well_and_the_model_stands_in_the_address() -> None:
    async def visit() -> None:
        async with serve(Desk) as server:
            azure = server.url.replace("/v1/", "/openai/v1/")
            async with calling(azure, query="?model=gpt-realtime-2") as caller:
                assert caller.events[0]["session"]["model"] == "gpt-realtime-2"

    asyncio.run(visit())


def test_a_page_of_this_machine_may_call_and_read_where_its_call_is() -> None:
    async def visit() -> None:
        async with serve(Desk) as server:
            caller = Caller()
            headers = {**SDP, "Origin": "http://localhost:3000"}
            response = await post(address_of(server.url), content=await caller.offer(), headers=headers)
            assert response.status_code == 201
            assert response.headers["access-control-expose-headers"] == "Location"
            elsewhere = {**SDP, "Origin": "https://elsewhere.example"}
            assert (await post(address_of(server.url), content="", headers=elsewhere)).status_code == 403
            await caller.close()

    asyncio.run(visit())


@pytest.mark.parametrize("key", [None, "sk-2", "ek_made_up"])
def test_a_call_without_a_good_key_is_refused_before_its_offer_is_read(key: str | None) -> None:
    async def visit() -> None:
        async with serve(Desk, api_keys=["sk-1"]) as server:
            response = await post(address_of(server.url), key=key, content="nonsense", headers=SDP)
            assert (response.status_code, response.json()["error"]["code"]) == (401, "invalid_api_key")

    asyncio.run(visit())


def test_a_full_server_takes_no_call() -> None:
    async def visit() -> None:
        async with serve(Desk, max_connections=1) as server, calling(server.url):
            response = await post(address_of(server.url), content="v=0", headers=SDP)
            assert (response.status_code, response.json()["error"]["code"]) == (503, "server_busy")

    asyncio.run(visit())


def test_a_server_without_aiortc_says_which_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiortc", None)
    monkeypatch.delitem(sys.modules, "realtime_scenarios.realtime.peer", raising=False)

    async def visit() -> None:
        async with serve(Desk) as server:
            response = await post(address_of(server.url), content="v=0", headers=SDP)
            assert (response.status_code, response.json()["error"]["code"]) == (501, "webrtc_not_installed")
            assert "pip install 'realtime-scenarios[webrtc]'" in response.json()["error"]["message"]

    asyncio.run(visit())


def test_an_event_that_the_data_channel_cannot_take_is_told_of_and_the_call_goes_on() -> None:
    async def visit() -> None:
        async with serve(Desk) as server, calling(server.url) as caller:
            async with await sideband(server.url, caller.call_id) as socket:
                update = {"type": "realtime", "instructions": "Be brief. " * 30_000, "output_modalities": ["text"]}
                await socket.send(json.dumps({"type": "session.update", "session": update}))
                await next_of(socket, "session.updated")
            problem = (await caller.until("error"))["error"]
            assert problem["code"] == "event_too_large" and "'session.updated'" in problem["message"]
            await caller.say("hello")
            await caller.until("response.done")

    asyncio.run(visit())


def test_a_transcription_session_listens_to_a_call() -> None:
    async def visit() -> None:
        words = {"parts_factory": lambda: Parts(listener=ScriptedWords(["Hallo"]))}
        async with serve(Desk, **words) as server, calling(server.url, query="?intent=transcription") as caller:
            assert caller.events[0]["session"]["type"] == "transcription"
            detection = {"type": "server_vad"}
            await caller.send(
                "session.update", session={"type": "transcription", "audio": {"input": {"turn_detection": detection}}}
            )
            caller.microphone.say(quiet(300) + hum(440, 400))
            heard = await caller.until("conversation.item.input_audio_transcription.completed")
            assert heard["transcript"] == "Hallo"

    asyncio.run(visit())
