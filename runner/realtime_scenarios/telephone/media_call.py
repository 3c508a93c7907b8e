"""One call over a media stream: frames of the carrier to a conversation, and what the agent says to frames.

Theory of operation. A call has four sides that go on at the same time, each a task: what comes from the carrier, what
goes to it, the turns of the conversation one after the other, and what has to be done beside them. The first of them
that ends ends the call: the caller hangs up, the line breaks, or the conversation cannot go on. Who speaks when is not
ours to say: the service hears the caller's turns, and answers them. We say only when the agent opens, and when keys are
pressed, which no service hears.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.realtime.visit import Channel
from realtime_scenarios.session import Conversation
from realtime_scenarios.session.sound import Audio
from realtime_scenarios.telephone.answering import MU_LAW, Answering, held
from realtime_scenarios.telephone.approving import CallersYes
from realtime_scenarios.telephone.callers_ear import CallersEar
from realtime_scenarios.telephone.frames import (
    BadFrame,
    Frame,
    KeyPressed,
    Played,
    Sound,
    Started,
    Stopped,
    frame_of,
)
from realtime_scenarios.telephone.incoming import Buffering, IncomingSound
from realtime_scenarios.telephone.keys import Keypad
from realtime_scenarios.telephone.remembered import Remembered
from realtime_scenarios.telephone.switchboard import Call, Switchboard, Witness
from realtime_scenarios.telephone.turns import BROKEN, HUNG_UP, say_questions, take_turns

SECONDS_TO_START = 10.0
"""A stream that has not said by then which call it is will not."""

SECONDS_WITHOUT_SOUND = 60.0
"""Twilio sends sound all the time. A line on which nothing comes for so long has broken without anybody's noticing."""

_MOST_BAD_FRAMES = 10
_POLICY = 1008
_OVER, _NO_LINE = (1000, ""), (1013, "this call cannot be taken now")


async def hold_media_stream(
    channel: Channel,
    switchboard: Switchboard,
    answering: Answering,
    buffering: Buffering | None = None,
    streams: Remembered | None = None,
) -> None:
    """Hold the call that a carrier brings, from its first frame to its last.

    `streams` are those that have begun: none comes again, though a call may have several, one after the other.
    """
    try:
        async with asyncio.timeout(SECONDS_TO_START):
            started = await _started(channel)
    except (TimeoutError, BadFrame) as problem:
        switchboard.operator.told(f"a media stream did not begin: {problem or 'it does not say which call it is'}")
        await channel.close(_POLICY, "a stream begins with 'connected' and 'start'")
        return
    if started is None:
        return
    if switchboard.holds(started.call):
        await channel.close(_POLICY, "this call is being held already")
        return

    if streams is not None and not streams.is_new(started.stream):
        switchboard.operator.told(f"media stream {started.stream[:80]!r} was turned away: it has been here before")
        await channel.close(_POLICY, "this stream has been here before")
        return

    async def talk(call: Call, witness: Witness) -> str:
        return await _talk(channel, started, answering, witness, buffering or Buffering())

    has_ended = _OVER
    try:
        if not await switchboard.hold(started.call, talk):
            has_ended = _NO_LINE
    finally:
        await channel.close(*has_ended)


async def _started(channel: Channel) -> Started | None:
    """Which call it is; None: the carrier has gone before it said so."""
    while (text := await channel.receive()) is not None:
        frame = frame_of(text)
        if isinstance(frame, Started):
            return frame
    return None


async def _talk(
    channel: Channel, started: Started, answering: Answering, witness: Witness, buffering: Buffering
) -> str:
    keypad, ear = Keypad(), CallersEar(started.stream)
    asks = answering.asks(keypad)
    opened = answering.open_model()
    conversation = answering.conversation(
        opened,
        Audio("detected", ear, ear.playback, MU_LAW),
        witness,
        asks,
        answering.known_of(started.parameters),
        reconnects=opened.network,
    )
    call = MediaCall(channel, conversation, ear, keypad, asks, IncomingSound(buffering))
    try:
        return await held(conversation, lambda: call.hold(opens=answering.opens))
    finally:
        keypad.close()


class MediaCall:
    """A call whose conversation has begun."""

    def __init__(
        self,
        channel: Channel,
        conversation: Conversation,
        ear: CallersEar,
        keypad: Keypad,
        asks: CallersYes,
        incoming: IncomingSound,
    ) -> None:
        self._channel = channel
        self._conversation = conversation
        self._ear = ear
        self._keypad = keypad
        self._asks = asks
        self._incoming = incoming
        self._bad_frames = 0

    async def hold(self, *, opens: bool) -> str:
        """Hold it until one of its sides ends; why."""
        sides: list[Coroutine[Any, Any, str]] = [
            self._listen(),
            self._speak(),
            take_turns(self._conversation, self._keypad, opens=opens),
            self._do_beside(),
        ]
        tasks = [asyncio.create_task(side) for side in sides]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        # the carrier's own word comes first: a model that fails when the caller hangs up has not failed
        return next(task.result() for task in tasks if task in done)

    # --- what comes -------------------------------------------------------------------------------------------------

    async def _listen(self) -> str:
        """Take frames until the call is over."""
        receiving: asyncio.Task[str | bytes | None] | None = None
        wait_ms = stalled_ms = self._incoming.buffering.stalled_ms
        silent_ms = 0
        try:
            while True:
                receiving = receiving or asyncio.create_task(self._channel.receive())
                done, _ = await asyncio.wait([receiving], timeout=wait_ms / 1000)
                if not done:
                    silent_ms += wait_ms
                    if silent_ms >= SECONDS_WITHOUT_SOUND * 1000:
                        return BROKEN
                    await self._send(self._incoming.stalled(wait_ms))
                    wait_ms = self._incoming.buffering.chunk_ms
                    continue
                wait_ms, silent_ms = stalled_ms, 0
                text, receiving = receiving.result(), None
                if text is None:
                    return BROKEN
                frame = self._frame_of(text)
                if isinstance(frame, Stopped):
                    return HUNG_UP
                await self._take(frame)
        finally:
            if receiving is not None:
                receiving.cancel()

    def _frame_of(self, text: str | bytes) -> Frame | None:
        """The frame; one that is bad is passed over, as long as it is one of few."""
        try:
            return frame_of(text)
        except BadFrame as problem:
            self._bad_frames += 1
            if self._bad_frames > _MOST_BAD_FRAMES:
                raise ScenarioError(f"the carrier sends what is no media stream: {problem}") from problem
            return None

    async def _take(self, frame: Frame | None) -> None:
        match frame:
            case Sound():
                await self._send(self._incoming.take(frame))
            case Played(mark):
                self._ear.played(mark)
            case KeyPressed(key):
                if self._ear.is_listening and not self._asks.is_open:
                    self._conversation.interrupt_soon()  # as on all menus: who has chosen need not listen on
                self._keypad.press(key)
            case _:
                pass

    async def _send(self, audio: bytes) -> None:
        if audio:
            await self._conversation.send_audio(audio)

    # --- what goes --------------------------------------------------------------------------------------------------

    async def _speak(self) -> str:
        while await self._channel.send(await self._ear.next_frame()):
            pass
        return BROKEN

    # --- what is done beside ----------------------------------------------------------------------------------------

    async def _do_beside(self) -> str:
        await asyncio.gather(say_questions(self._conversation, self._asks), self._forget_the_unheard())
        raise AssertionError("unreachable")

    async def _forget_the_unheard(self) -> None:
        while True:
            await self._conversation.was_not_heard(await self._ear.unheard.get())
