"""What people read of a dialogue: events that fit into the width, whatever they are written in."""

import pytest

from realtime_scenarios.core.snippets import columns_of
from realtime_scenarios.suite import event_lines
from realtime_scenarios.trace import AgentSaid, UserSaid


@pytest.mark.parametrize("width", [60, 80])
def test_japanese_events_fit_into_the_width(width: int) -> None:
    text = "ご予約の便は午前八時に出発し、搭乗は三十分前に始まります。" * 2
    events = [UserSaid(seq=1, turn=1, agent="main", text=text), AgentSaid(seq=2, turn=1, agent="main", text=text * 9)]
    lines = list(event_lines(events, {2}, str, lambda text, tone: text, width))
    assert width - 1 <= max(map(columns_of, lines)) <= width
    marked = next(number for number, line in enumerate(lines) if line.startswith(" >>>"))
    assert "".join(line[17:] for line in lines[1:marked]) == text
    assert lines[-1].endswith(" …") and len(lines[marked:]) == 4
