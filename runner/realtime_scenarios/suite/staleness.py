"""Recordings whose agents have changed since, as lines for a reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from realtime_scenarios.core.snippets import Paint
from realtime_scenarios.core.wrapping import cropped
from realtime_scenarios.project.met import StaleAgent

_MOST_LINES = 40
"""Lines that are shown of one difference."""

_TONES = {"-": "bad", "+": "good", "@": "quiet"}


def stale_lines(stale: Sequence[StaleAgent], paint: Paint, width: int) -> Iterator[str]:
    """A line for each agent and each text that has changed, with the difference below it where it is known."""
    for agent in stale:
        if not agent.changes:
            yield f"      {paint('stale', 'ask')}: there is no agent '{agent.agent}' any more"
        for change in agent.changes:
            verb = {"changed": "reads otherwise", "new": "is new", "gone": "is gone"}[change.kind]
            yield f"      {paint('stale', 'ask')}: agent '{agent.agent}': {change.part} {verb} since it was recorded"
            for line in change.diff[:_MOST_LINES]:
                yield f"        {paint(cropped(line, width - 8), _TONES.get(line[:1], 'plain'))}"
            if len(change.diff) > _MOST_LINES:
                yield f"        {paint(f'({len(change.diff) - _MOST_LINES} more lines)', 'quiet')}"
