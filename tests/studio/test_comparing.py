"""Two conversations side by side."""

from __future__ import annotations

from typing import Any

from realtime_scenarios.studio.comparing import Side, compared
from realtime_scenarios.trace import AgentSaid, HandedOff, ToolCalled, ToolReturned, Trace, TraceEvent, UserSaid


def side(*events: TraceEvent, title: str = "one") -> Side:
    return Side(title, Trace(events, "main"), str.title)


def shown(data: dict[str, Any]) -> list[tuple[int, str | None, str | None, bool]]:
    def text(line: dict[str, Any] | None) -> str | None:
        return None if line is None else line["text"]

    return [
        (turn["number"], text(row["left"]), text(row["right"]), row["same"])
        for turn in data["turns"]
        for row in turn["rows"]
    ]


def test_what_is_alike_stands_beside_each_other_and_what_is_missing_beside_nothing() -> None:
    left = side(
        UserSaid(1, 1, "main", "Hello."),
        ToolCalled(2, 1, "main", "c1", "look_up", {"what": "cats"}),
        ToolReturned(3, 1, "main", "c1", "look_up", "answered", "Cats."),
        AgentSaid(4, 1, "main", "Cats."),
        UserSaid(5, 2, "main", "Bye."),
    )
    right = side(
        UserSaid(1, 1, "main", "Hello."),
        HandedOff(2, 1, "main", "h1", "bills"),
        AgentSaid(3, 1, "bills", "Dogs."),
        UserSaid(4, 2, "bills", "Bye."),
        title="two",
    )
    data = compared(left, right)
    assert shown(data) == [
        (1, "Hello.", "Hello.", True),
        (1, 'look_up(what="cats")', None, False),
        (1, "Cats.", None, False),
        (1, None, "Main → Bills", False),
        (1, "Main: Cats.", "Bills: Dogs.", False),
        (2, "Bye.", "Bye.", True),
    ]
    assert (data["different"], data["left"]["title"], data["right"]["title"]) == (1, "one", "two")


def test_a_turn_that_only_one_has_is_shown_whole() -> None:
    data = compared(side(UserSaid(1, 1, "main", "Hello.")), side())
    assert shown(data) == [(1, "Hello.", None, False)]
