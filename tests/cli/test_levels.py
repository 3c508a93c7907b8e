"""The last line of the terminal says who is heard, in 80 columns and in fewer."""

from __future__ import annotations

import pytest

from realtime_scenarios.cli.levels import Levels, Microphone
from realtime_scenarios.core.snippets import columns_of
from realtime_scenarios.devices import Frame
from support.sounds import hum, quiet

SILENCE = quiet(20).tobytes()


def shown(levels: Levels, microphone: Microphone = "open", columns: int = 80) -> str:
    return "".join(text for _, text in levels.status(microphone, columns))


def test_a_loud_caller_and_a_silent_agent_are_told_apart() -> None:
    levels = Levels()
    levels.watch(Frame(hum(300, 20, loud=0.3).tobytes(), SILENCE))
    assert shown(levels) == " you ████████··  agent ··········  ● open · m mutes · type to write · /help"


def test_what_is_too_loud_is_marked() -> None:
    levels = Levels()
    levels.watch(Frame(hum(300, 20, loud=0.99).tobytes(), SILENCE))
    assert ("bad", "█" * 10) in levels.status("open", 80)


def test_a_level_falls_slowly_so_that_it_can_be_read() -> None:
    levels = Levels()
    levels.watch(Frame(hum(300, 20).tobytes(), SILENCE))
    before = shown(levels).count("█")
    levels.watch(Frame(SILENCE, SILENCE))
    assert before - shown(levels).count("█") in (0, 1)
    for _ in range(50):
        levels.watch(Frame(SILENCE, SILENCE))
    assert "█" not in shown(levels)


@pytest.mark.parametrize("columns", [30, 59, 60, 70, 80, 100])
@pytest.mark.parametrize("microphone", ["open", "muted", "waiting", "held"])
def test_the_line_fits(microphone: Microphone, columns: int) -> None:
    assert columns_of(shown(Levels(), microphone, columns)) <= max(columns, 50)


def test_whether_the_microphone_is_open_is_said_in_words() -> None:
    assert [shown(Levels(), one).split("  ")[2][:12] for one in ("open", "muted", "waiting", "held")] == [
        "● open · m m",
        "○ muted · m ",
        "○ space talk",
        "● talking · ",
    ]
