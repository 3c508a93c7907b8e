"""What the wire has said about a turn: whether something of it is still to come."""

from __future__ import annotations

from realtime_scenarios.core import listed


class WireState:
    """What the wire says about the turn: is a response running, is one owed, which calls have no output yet.

    `heard` is what the present message says so far, `phase` what a reasoning model says of it; `answers` and
    `commentaries` are how many messages of the turn are over. `called_at` is when the last call was made. `calls` are
    those of the present response, `parallel` the most that one response of the turn made. `active_since` is when the
    present response began, `characters` how much it has said. `first_heard` is when the turn's first words came; None:
    they have not.
    """

    def __init__(self) -> None:
        self.active: str | None = None
        self.active_since = 0.0
        self.characters = 0
        self.first_heard: float | None = None
        self.awaits_response = False
        self.open_calls: dict[str, str] = {}
        self.called_at = 0.0
        self.heard = ""
        self.phase: str | None = None
        self.answers = 0
        self.commentaries = 0
        self.responses = 0
        self.calls = 0
        self.parallel = 0
        self.interrupted = False

    def started(self, response_id: str, at: float = 0.0) -> None:
        self.responses += 1
        self.active_since, self.characters = at, 0
        self.calls = 0
        self.active, self.awaits_response, self.interrupted, self.heard = response_id, False, False, ""
        self.phase = None

    def called(self, call_id: str, name: str, at: float = 0.0) -> None:
        self.open_calls[call_id] = name
        self.called_at = at
        self.calls += 1
        self.parallel = max(self.parallel, self.calls)

    def turn_began(self) -> None:
        self.answers = self.commentaries = self.responses = self.parallel = 0
        self.first_heard = None

    def message_ended(self) -> None:
        if self.phase == "commentary":
            self.commentaries += 1
        else:
            self.answers += 1
        self.heard, self.phase = "", None

    def ended(self) -> None:
        self.active = None

    def is_quiet(self) -> bool:
        return self.active is None and not self.awaits_response and not self.open_calls

    def describe(self) -> str:
        if self.active is not None:
            return f"response {self.active} never ended"
        if self.open_calls:
            return f"no output came for {listed(self.open_calls.values())}"
        return "the model never began to answer"
