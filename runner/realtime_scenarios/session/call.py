"""A device at a conversation: what the microphone hears goes out, what the agent says is played, and heard is known."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from agents.realtime import RealtimePlaybackTracker
from agents.realtime.model import RealtimePlaybackState

from realtime_scenarios.devices import FRAME_BYTES, FRAME_MS, RATE, AudioDevice, Frame, HeardPiece
from realtime_scenarios.session.conversation import Conversation
from realtime_scenarios.session.sound import Audio, CallersTurns, format_named
from realtime_scenarios.voice import PCM16, AudioFormat, Resampler, decoded, encoded

_QUIET = bytes(FRAME_BYTES)

SETTLED_MS = 2000
"""Where nobody will say more: when nothing has happened for so long, nothing will."""

Watcher = Callable[[Frame], None]
"""Is told of each frame as it was sent: where the microphone is closed, the caller says nothing in it."""


class Ear(RealtimePlaybackTracker):
    """How much of each message has been heard, as the device says it, for the SDK to truncate by.

    The present one is the first that has not been heard to its end: one that waits behind it has not begun.
    """

    def __init__(self) -> None:
        super().__init__()
        self._came: dict[str, float] = {}
        self._heard: dict[str, float] = {}

    def came(self, item_id: str, ms: float) -> None:
        """So much more of a message waits to be heard."""
        self._came[item_id] = self._came.get(item_id, 0.0) + ms

    def heard(self, pieces: Sequence[HeardPiece]) -> None:
        """Pieces of messages have been heard; those that were cut off are forgotten."""
        for piece in pieces:
            if piece.item_id in self._came:
                self._heard[piece.item_id] = self._heard.get(piece.item_id, 0.0) + piece.ms

    def on_interrupted(self) -> None:
        super().on_interrupted()
        self._came.clear()
        self._heard.clear()

    def get_state(self) -> RealtimePlaybackState:
        state: RealtimePlaybackState = {
            "current_item_id": None,
            "current_item_content_index": None,
            "elapsed_ms": None,
        }
        for item_id, ms in self._came.items():
            heard = self._heard.get(item_id, 0.0)
            is_over = heard >= ms - _LOST_MS
            state = {
                "current_item_id": item_id,
                "current_item_content_index": 0,
                "elapsed_ms": ms if is_over else heard,
            }
            if not is_over:
                break
        return state


_LOST_MS = 5.0
"""What may be missing from a message that was heard to its end: resampling keeps the last few samples."""


class Call:
    """What is between a device and a conversation; it plays what the conversation's listener is told (`audio`).

    `turns` "detected": the microphone is open, and while it is closed the caller is silent. "pushed": it is open while
    the caller holds it so, and nothing is sent else. `output_format` is the session's; None: the device's own.
    """

    def __init__(
        self,
        device: AudioDevice,
        turns: CallersTurns,
        *,
        output_format: str | None = None,
        watchers: Sequence[Watcher] = (),
    ) -> None:
        self._device = device
        self._is_pushed = turns == "pushed"
        self._watchers = watchers
        self._ear = Ear()
        self._format = format_named(output_format)
        self._speaking: tuple[str, _ToDevice] | None = None
        self.is_open = not self._is_pushed
        self.audio = Audio(turns=turns, listener=self, playback=self._ear, input_format="pcm16")

    # --- what the agent says ----------------------------------------------------------------------------------------

    def on_audio(self, item_id: str, audio: bytes) -> None:
        if self._speaking is None or self._speaking[0] != item_id:
            self._speaking = (item_id, _ToDevice(self._format))
        self._ear.came(item_id, self._format.ms_of(len(audio)))
        self._device.play(item_id, self._speaking[1].converted(audio))

    def on_cut(self, item_id: str) -> None:
        self._device.flush()

    # --- what the caller does ---------------------------------------------------------------------------------------

    async def press(self, conversation: Conversation) -> None:
        """The caller begins to speak by hand: the agent is cut off."""
        if not self.is_open:
            self.is_open = True
            await conversation.interrupt()
            self._device.flush()

    async def release(self, conversation: Conversation) -> None:
        """The caller has spoken by hand: they are answered."""
        if self.is_open:
            self.is_open = False
            await conversation.end_of_speech()

    def cut(self) -> None:
        """The caller cut in in another way, as by typing: nothing of what waits is played."""
        self._device.flush()

    async def carry(self, conversation: Conversation) -> None:
        """Carry the call until nobody will say anything more; that of a microphone goes on until it is cancelled.

        Raises:
            ScenarioError: the device or the connection is gone.
        """
        settled_ms = 0
        async with contextlib.aclosing(self._device.frames()) as frames:
            async for frame in frames:
                self._ear.heard(frame.pieces)
                sent = frame if self.is_open else replace(frame, said=_QUIET)
                for watch in self._watchers:
                    watch(sent)
                if self.is_open or not self._is_pushed:
                    await conversation.send_audio(sent.said)
                if not self._device.is_through:
                    continue
                if self._is_pushed:
                    await self.release(conversation)
                is_quiet = conversation.is_quiet and not self._device.is_playing
                settled_ms = settled_ms + FRAME_MS if is_quiet else 0
                if settled_ms >= SETTLED_MS:
                    return


class _ToDevice:
    """One message in the session's format as the device plays it: PCM16 at 24 kHz."""

    def __init__(self, audio_format: AudioFormat) -> None:
        self._format = audio_format
        self._resampler = None if audio_format.rate == RATE else Resampler(audio_format.rate, RATE)

    def converted(self, audio: bytes) -> bytes:
        if self._resampler is None:
            return audio
        return encoded(self._resampler.feed(decoded(audio, self._format)), PCM16)
