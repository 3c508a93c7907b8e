"""Going back in a conversation: what it was at the end of each turn, and what after it cannot be undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.session.moment import Moment
from realtime_scenarios.stubs.http import HttpStub
from realtime_scenarios.stubs.python import PythonStub
from realtime_scenarios.trace import ToolCalled, TraceEvent


@dataclass(frozen=True, slots=True)
class Kept:
    """The end of a turn; turn 0 is the beginning. `seq` is the last event that belongs to it, `items` stand there then.

    `always` are the tools whose calls the person approves for the rest of the conversation, with what they gave.
    """

    turn: int
    seq: int
    items: tuple[str, ...]
    moment: Moment
    always: Mapping[str, Mapping[str, str]]


class Moments:
    """The ends of turns of one conversation, in order."""

    def __init__(self, kept: Iterable[Kept] = ()) -> None:
        self._kept = list(kept)

    def __iter__(self) -> Any:
        return iter(self._kept)

    @property
    def last(self) -> Kept | None:
        return self._kept[-1] if self._kept else None

    def keep(self, kept: Kept) -> None:
        """One more; of the same turn the later one counts. Tables that have not changed are held once."""
        last = self.last
        if last is not None and last.moment.stubs.tables == kept.moment.stubs.tables:
            stubs = replace(kept.moment.stubs, tables=last.moment.stubs.tables)
            kept = replace(kept, moment=replace(kept.moment, stubs=stubs))
        if last is not None and last.turn == kept.turn:
            self._kept.pop()
        self._kept.append(kept)

    def at_turn(self, turn: int) -> Kept | None:
        """The end of that turn, or of the last one before it that has one; None: there is none."""
        return next((kept for kept in reversed(self._kept) if kept.turn <= turn), None)

    def at(self, seq: int) -> Kept | None:
        """The last end of a turn up to that event; None: it stands before the beginning."""
        return next((kept for kept in reversed(self._kept) if kept.seq <= seq), None)

    def go_back_to(self, kept: Kept) -> None:
        """Those behind it are no more."""
        self._kept = [other for other in self._kept if other.seq <= kept.seq]

    def moved(self, numbers: Mapping[int, int], upto: Kept) -> Moments:
        """Those up to one of them, for a conversation in which their events have these other numbers."""
        before = [kept for kept in self._kept if kept.seq <= upto.seq and kept.seq in numbers]
        return Moments(replace(kept, seq=numbers[kept.seq]) for kept in before)


def not_undone(scenario: Scenario, events: Iterable[TraceEvent]) -> list[dict[str, str]]:
    """The tools that were called in these events and whose effects are elsewhere, each with why they stay."""
    found: dict[str, str] = {}
    for event in events:
        if isinstance(event, ToolCalled) and event.tool not in found:
            why = _why_it_stays(scenario, event.tool)
            if why is not None:
                found[event.tool] = why
    return [{"tool": tool, "why": why} for tool, why in found.items()]


def _why_it_stays(scenario: Scenario, tool: str) -> str | None:
    spec = scenario.tools.get(tool)
    if spec is None:
        is_known_elsewhere = bool(scenario.mcp) and tool not in scenario.agents
        return "an MCP server answered it, and keeps what it keeps" if is_known_elsewhere else None
    match spec.stub:
        case HttpStub():
            return "it was sent over HTTP"
        case PythonStub():
            return "what its module remembers begins anew"
        case _:
            return None
