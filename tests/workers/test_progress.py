"""Where a worker is, as the zygote reads it when the worker is gone."""

from __future__ import annotations

from realtime_scenarios.trace import ToolCalled, ToolReturned, UserSaid
from realtime_scenarios.workers.progress import Following, Progress, Whereabouts


def test_the_turn_and_the_tool_at_work_are_followed() -> None:
    progress = Progress()
    following = Following(progress)
    assert progress.read() == Whereabouts(0, "")
    following.on_event(UserSaid(1, 1, "desk", "hi"))
    assert progress.read() == Whereabouts(1, "")
    following.on_event(ToolCalled(2, 1, "desk", "a", "first", {}))
    following.on_event(ToolCalled(3, 1, "desk", "b", "second", {}))
    assert progress.read() == Whereabouts(1, "second")
    following.on_event(ToolReturned(4, 1, "desk", "b", "second", "answered", ""))
    assert progress.read() == Whereabouts(1, "first")
    following.on_event(ToolReturned(5, 1, "desk", "a", "first", "answered", ""))
    following.on_event(UserSaid(6, 2, "desk", "bye"))
    assert progress.read() == Whereabouts(2, "")


def test_a_long_name_is_cut() -> None:
    progress = Progress()
    progress.write(Whereabouts(7, "é" * 1000))
    assert progress.read().turn == 7 and progress.read().tool.startswith("é" * 100)
