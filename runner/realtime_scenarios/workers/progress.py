"""Where a worker is in its dialogue, in memory that it shares with the zygote: it is read when the worker is gone."""

from __future__ import annotations

import mmap
from dataclasses import dataclass, field

from realtime_scenarios.trace import ToolCalled, ToolReturned, TraceEvent

_LENGTH_OF_TURN = 4
_SIZE = 256


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`turn` 0: before the first one. `tool` "": none was at work."""

    turn: int = 0
    tool: str = ""


class Progress:
    """One line that costs no system call to write. Made before the fork; only the worker writes."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _SIZE)

    def write(self, whereabouts: Whereabouts) -> None:
        tool = whereabouts.tool.encode()[: _SIZE - _LENGTH_OF_TURN - 1]
        self._memory[:] = (whereabouts.turn.to_bytes(_LENGTH_OF_TURN, "big") + tool).ljust(_SIZE, b"\0")

    def read(self) -> Whereabouts:
        turn, tool = self._memory[:_LENGTH_OF_TURN], self._memory[_LENGTH_OF_TURN:]
        return Whereabouts(int.from_bytes(turn, "big"), tool.rstrip(b"\0").decode(errors="replace"))

    def close(self) -> None:
        self._memory.close()


@dataclass(slots=True)
class Following:
    """An observer of one conversation that writes down where it is."""

    progress: Progress
    _turn: int = 0
    _at_work: dict[str, str] = field(default_factory=dict)

    def on_event(self, event: TraceEvent) -> None:
        if isinstance(event, ToolCalled):
            self._at_work[event.call_id] = event.tool
        elif isinstance(event, ToolReturned):
            self._at_work.pop(event.call_id, None)
        elif event.turn == self._turn:
            return
        self._turn = event.turn
        self.progress.write(Whereabouts(event.turn, next(reversed(self._at_work.values()), "")))

    def on_delta(self, agent: str, text: str) -> None:
        """Pieces of an answer are no progress that anybody asks for."""
