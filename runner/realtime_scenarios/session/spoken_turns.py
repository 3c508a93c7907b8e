"""What the server says about the caller's voice, as turns of the conversation and as what they said in them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from realtime_scenarios.compiler import ConversationState
from realtime_scenarios.core import sendable
from realtime_scenarios.session.line import Line
from realtime_scenarios.session.sound import CallersTurns
from realtime_scenarios.trace import UserSaid


class SpokenTurns:
    """Follows what is heard of the caller.

    Whoever speaks when they like begins a turn with what was heard of them (`begin` is called then, before anything
    else of that turn is on record), and `next` is how it is waited for. Within a turn that somebody else has begun
    (`within`), what is heard belongs to that.

    `heard` counts what the server has taken for turns since then, and `heard_at` is when it last did, by the
    conversation's clock in seconds; `is_speaking` is whether it hears a voice now.
    """

    def __init__(self, state: ConversationState, line: Line, turns: CallersTurns, begin: Callable[[], None]) -> None:
        self.heard = 0
        self.heard_at = 0.0
        self.is_speaking = False
        self._state = state
        self._line = line
        self._begin = begin
        detection = state.scenario.session.turn_detection
        self._detection = detection if isinstance(detection, Mapping) else {}
        self._turns = turns if detection != "off" else "pushed" if turns == "detected" else turns
        self._begun: asyncio.Queue[None] = asyncio.Queue()
        self._is_within = False
        self._said: str | None = None
        self._began_ms = 0
        self._voice_ms: int | None = None
        self._sent_ms = 0.0

    def within(self, said: str | None = None) -> None:
        """A turn begins that is no voice's; or a voice's that says `said` in truth."""
        self._is_within, self._said, self.heard = True, said, 0
        self.is_speaking = False

    def over(self) -> None:
        """That turn is over: the next voice begins one."""
        self._is_within = False

    async def next(self) -> None:
        """Wait until somebody has begun a turn by speaking."""
        await self._begun.get()

    @property
    def has_to_ask(self) -> bool:
        """Whether a turn that the server has found is answered only when it is asked to."""
        return self._turns == "detected" and self._detection.get("create_response") is False

    def are_noticed_when_silent_for(self, seconds: float) -> bool:
        """Whether the server speaks up by itself when nobody has said anything for so long."""
        idle_ms = self._detection.get("idle_timeout_ms")
        return self._turns == "detected" and isinstance(idle_ms, int) and idle_ms <= seconds * 1000

    def sent(self, ms: float) -> None:
        """So much sound went to the server."""
        self._sent_ms += ms

    # --- what the server says ---------------------------------------------------------------------------------------

    def begins(self, event: Mapping[str, Any]) -> None:
        """A voice is heard."""
        self.is_speaking = True
        self._began_ms = _ms(event.get("audio_start_ms"))

    def stops(self, event: Mapping[str, Any]) -> None:
        """It is heard no more."""
        self.is_speaking = False
        self._voice_ms = max(_ms(event.get("audio_end_ms")) - self._began_ms, 0)
        if self._line.sound is not None and not self._is_within:
            self._line.sound.falls_silent()

    def is_heard(self) -> None:
        """What was heard is a turn of the caller; where the server answers by itself, an answer is on its way."""
        self.heard += 1
        self.heard_at = self._state.clock.monotonic()
        if self._voice_ms is None:
            self._voice_ms = round(self._sent_ms)
        self._sent_ms = 0.0
        if not self._is_within:
            self._said = None
            self._begin()
            self._begun.put_nowait(None)
        if self._turns == "detected" and not self.has_to_ask:
            self._line.wire.awaits_response = True

    def is_written_down(self, text: str) -> None:
        """What they said, in words; empty where nothing could be made out."""
        said, self._said = self._said, None
        voice_ms, self._voice_ms = self._voice_ms, None
        self._state.record(UserSaid, text=sendable(text), said=said, audio_ms=voice_ms)

    def is_unheard(self) -> None:
        """Nothing of what they said was taken for a voice."""
        self._state.record(UserSaid, text="", said=self._said)
        self._said = None


def _ms(value: Any) -> int:
    return value if isinstance(value, int) else 0
