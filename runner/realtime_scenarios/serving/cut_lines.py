"""Lines that a client has cut off though the dialogue has nobody cut in, until it is known whether a guardrail did it.

A guardrail of openai-agents cancels the response and then tells the model of it, before it asks for another one: so a
line that was cut off is held against the client where a response is asked for, or the client goes, and no such message
has come.
"""

from __future__ import annotations

from dataclasses import dataclass

from realtime_scenarios.expectations import Verdict
from realtime_scenarios.model.dialogue import Say

_WHY = {
    "cancelled": "and the dialogue has nobody cut in (`interrupt`)",
    "incomplete": "because the client lets a response have no more tokens (`max_output_tokens`)",
}
"""By the status of a response that did not end by itself. One that failed is the server's doing, or a fault's."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """`heard` are the words that had come, `at` the number of the event that holds them."""

    line: Say
    heard: str
    at: int


class CutLines:
    """Those of one client. `open` is in a response that is not over, `doubtful` may be a guardrail's doing."""

    def __init__(self) -> None:
        self._open: list[_Cut] = []
        self._doubtful: list[Verdict] = []

    def cut_off(self, line: Say, heard: str, at: int) -> None:
        """Nothing more of a line will come. That a caller cuts in where the dialogue says so is as it should be."""
        if line.interrupt is None:
            self._open.append(_Cut(line, heard, at))

    def response_ended(self, status: str) -> None:
        """The response that the lines were in is over, with this status."""
        if (why := _WHY.get(status)) is not None:
            self._doubtful += [_verdict(cut, why) for cut in self._open]
        self._open.clear()

    def guardrail_tripped(self) -> None:
        """The client has told the model that a guardrail of its own has stopped it."""
        self._doubtful.clear()

    def held_against_client(self) -> list[Verdict]:
        """What no guardrail has done until now; it is told once."""
        found, self._doubtful = self._doubtful, []
        return found


def _verdict(cut: _Cut, why: str) -> Verdict:
    message = f"this line was cut off after '{cut.heard.strip()}', {why}"
    return Verdict(cut.line.place, passed=False, message=message, at=cut.at)
