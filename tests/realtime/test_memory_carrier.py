"""The connection without a socket behaves as a websocket client's does."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK

from realtime_scenarios.realtime import MemoryConnection, Pace, connect_in_memory
from realtime_scenarios.realtime.responder import SayText
from support.responders import Breaks, Says
from support.strict import Strict
from support.talk import kinds, only, text_of

CREATE = json.dumps({"type": "response.create"})
CANCEL = json.dumps({"type": "response.cancel"})


async def until(connection: MemoryConnection, kind: str, strict: Strict) -> list[dict[str, Any]]:
    """The events up to the next of that kind."""
    events = []
    while not events or events[-1]["type"] != kind:
        events.append(strict.read(await connection.recv()))
    return events


def test_a_turn_is_over_as_soon_as_it_was_sent() -> None:
    async def talk() -> list[str]:
        connection = connect_in_memory(Says(SayText("Hello.")))
        await connection.send(CREATE)
        await connection.close()
        return [text async for text in connection]

    strict = Strict()
    events = [strict.read(text) for text in asyncio.run(talk())]
    assert kinds(events)[0] == "session.created" and kinds(events)[-1] == "rate_limits.updated"
    strict.finished()


def test_a_reader_that_waits_is_woken() -> None:
    async def talk() -> None:
        connection = connect_in_memory(Says(SayText("Hello.")))
        reading = asyncio.create_task(until(connection, "response.done", Strict()))
        await asyncio.sleep(0)
        await connection.send(CREATE)
        assert text_of(await reading) == "Hello."

    asyncio.run(talk())


def test_a_reader_that_gives_up_does_not_disturb_the_next() -> None:
    async def talk() -> None:
        connection = connect_in_memory(Says())
        await connection.recv()
        waiting = asyncio.create_task(connection.recv())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await connection.send('{"type": "input_audio_buffer.clear"}')
        assert "input_audio_buffer.cleared" in await connection.recv()

    asyncio.run(talk())


def test_a_paced_answer_can_be_interrupted_in_the_middle() -> None:
    from realtime_scenarios.session.time import run_in_virtual_time

    async def talk() -> None:
        strict = Strict()
        connection = connect_in_memory(Says(SayText("one two three four")), pace=Pace(1, 60_000))
        await connection.send(CREATE)
        await asyncio.sleep(90)
        await connection.send(CANCEL)
        events = await until(connection, "response.done", strict)
        assert text_of(events) == "one two "
        assert events[-1]["response"]["status"] == "cancelled"
        await asyncio.sleep(600)
        await connection.close()
        assert [json.loads(text)["type"] async for text in connection] == ["rate_limits.updated"]
        strict.finished()

    run_in_virtual_time(talk())


def test_a_paced_answer_that_nobody_interrupts_comes_to_its_end() -> None:
    from realtime_scenarios.session.time import run_in_virtual_time

    async def talk() -> float:
        connection = connect_in_memory(Says(SayText("one two three")), pace=Pace(1, 60_000))
        await connection.send(CREATE)
        assert text_of(await until(connection, "response.done", Strict())) == "one two three"
        return asyncio.get_running_loop().time()

    assert run_in_virtual_time(talk()) == pytest.approx(180)


def test_a_responder_that_is_still_thinking_can_be_cancelled() -> None:
    async def talk() -> None:
        connection = connect_in_memory(Says(SayText("Too late."), ready=asyncio.Event()))
        await connection.send(CREATE)
        await connection.send(CANCEL)
        done = only(await until(connection, "response.done", Strict()), "response.done")["response"]
        assert (done["status"], done["output"]) == ("cancelled", [])
        assert len(asyncio.all_tasks()) <= 2
        await connection.close()

    asyncio.run(talk())


def test_a_responder_may_take_its_time() -> None:
    async def talk() -> None:
        ready = asyncio.Event()
        connection = connect_in_memory(Says(SayText("Now."), ready=ready))
        await connection.send(CREATE)
        await connection.send('{"type": "input_audio_buffer.clear"}')
        ready.set()
        events = await until(connection, "response.done", Strict())
        assert kinds(events).index("input_audio_buffer.cleared") < kinds(events).index("response.output_item.added")

    asyncio.run(talk())


def test_an_error_of_the_responder_reaches_the_reader_as_it_is() -> None:
    async def talk() -> None:
        connection = connect_in_memory(Breaks())
        await connection.send(CREATE)
        with pytest.raises(ZeroDivisionError, match="a mistake of ours"):
            async for _ in connection:
                pass

    asyncio.run(talk())


def test_a_closed_connection_says_so() -> None:
    async def talk() -> None:
        connection = connect_in_memory(Says())
        await connection.close()
        await connection.close()
        assert len([text async for text in connection]) == 1
        with pytest.raises(ConnectionClosedOK):
            await connection.send(CREATE)
        with pytest.raises(ConnectionClosedOK):
            await connection.recv()

    asyncio.run(talk())


@pytest.mark.parametrize("code", [1006, 1011, 4000])
def test_a_server_that_goes_away_is_an_error(code: int) -> None:
    async def talk() -> None:
        connection = connect_in_memory(Says())
        await connection.recv()
        asyncio.get_running_loop().call_soon(connection.break_off, code, "gone")
        with pytest.raises(ConnectionClosedError) as caught:
            async for _ in connection:
                pass
        assert caught.value.rcvd is None if code == 1006 else caught.value.rcvd is not None

    asyncio.run(talk())


def test_each_connection_counts_for_itself() -> None:
    async def first_of() -> str:
        return await connect_in_memory(Says()).recv()

    async def talk() -> None:
        assert await first_of() == await first_of()

    asyncio.run(talk())
