"""Two runs are compared dialogue by dialogue, and runs are remembered beside the journal."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.suite.comparison import (
    Outcome,
    as_json,
    as_markdown,
    as_text,
    behaviour,
    differences,
    told,
)
from realtime_scenarios.suite.history import MOST_RUNS, History
from realtime_scenarios.trace import SessionEnded, ToolCalled, Trace, UserSaid

FINE = Outcome("passed", "", ("turn 1  caller     Hi", "turn 1  agent      desk: Hello."))
OTHER = Outcome("passed", "", ("turn 1  caller     Hi", "turn 1  agent      desk: Good day."))
BAD = Outcome("failed", "nobody said `eleven`", FINE.lines)


def test_each_kind_of_difference_has_its_name() -> None:
    before = {"same": FINE, "breaks": FINE, "heals": BAD, "moves": FINE, "leaves": FINE}
    after = {"same": FINE, "breaks": BAD, "heals": FINE, "moves": OTHER, "comes": FINE}
    found = differences(before, after)
    assert [(each.name, each.kind) for each in found] == [
        ("breaks", "broken"),
        ("heals", "mended"),
        ("moves", "changed"),
        ("comes", "new"),
        ("leaves", "gone"),
    ]
    assert told(found, 6) == "5 of 6 dialogues went otherwise: 1 broken, 1 mended, 1 changed, 1 new, 1 gone"
    assert told([], 1) == "nothing changed in 1 dialogue"


def test_a_change_is_shown_by_the_events_that_differ() -> None:
    lines = list(as_text(differences({"x": FINE}, {"x": OTHER}), 1, lambda text, tone: text, 80))
    assert "    -turn 1  agent      desk: Hello." in lines and "    +turn 1  agent      desk: Good day." in lines


def test_what_is_measured_and_numbered_makes_no_difference() -> None:
    first = Trace(
        (
            UserSaid(1, 1, "desk", text="Hi", audio_ms=400),
            ToolCalled(2, 1, "desk", call_id="a", tool="hours", arguments={}),
        ),
        "desk",
    )
    second = Trace(
        (
            UserSaid(3, 1, "desk", text="Hi", audio_ms=500),
            ToolCalled(9, 1, "desk", call_id="b", tool="hours", arguments={}),
            SessionEnded(10, 1, "desk", reason="over"),
        ),
        "desk",
    )
    assert list(behaviour(first)) == list(behaviour(second))


def test_what_people_say_is_no_markdown() -> None:
    hostile = Outcome("passed", "", ("turn 1  agent      ```", "turn 1  agent      <script>alert(1)</script>"))
    text = as_markdown(differences({"a|b<i>.yaml::x": FINE}, {"a|b<i>.yaml::x": hostile}), 1, "main and now")
    assert "a\\|b&lt;i&gt;.yaml::x" in text
    assert "\n````\n" in text  # the fence is longer than any in what it holds


def test_json_says_the_same() -> None:
    data = json.loads(as_json(differences({"x": FINE}, {"x": BAD}), 1))
    assert data["dialogues"] == 1
    assert data["differences"] == [
        {
            "dialogue": "x",
            "kind": "broken",
            "before": {"status": "passed", "reason": ""},
            "after": {"status": "failed", "reason": BAD.reason},
            "diff": [],
        }
    ]


def test_a_comment_that_grows_too_long_is_cut_between_dialogues() -> None:
    long = Outcome("passed", "", tuple(f"turn {number}  agent      desk: {'x' * 100}" for number in range(200)))
    text = as_markdown(differences({str(n): FINE for n in range(20)}, {str(n): long for n in range(20)}), 20, "x")
    assert len(text) < 65_536 and text.count("<details>") == text.count("</details>")
    assert "the rest is left out" in text


def add(history: History, outcomes: dict[str, Outcome], at: str = "2026-03-01T09:00:00+00:00") -> int | None:
    return history.add(
        outcomes.items(), at=at, provider="scripted", asked="shop.yaml", revision=None, seconds=1.5, unfinished=2
    )


def test_runs_are_kept_and_called_by_number_or_from_the_end(tmp_path: Path) -> None:
    history = History(tmp_path)
    first, second = add(history, {"x": FINE, "y": BAD}), add(history, {"x": OTHER})
    latest, before = history.runs()
    assert (latest.number, before.number) == (second, first)
    assert before.counts == {"passed": 1, "failed": 1} and before.failed == 1 and before.unfinished == 2
    assert history.run_called("last") == latest and history.run_called("last~1") == before
    assert history.outcomes(before) == {"x": FINE, "y": BAD}
    assert [outcome for _, outcome in history.of_dialogue("x")] == [OTHER, FINE]
    with pytest.raises(UsageError, match="no run '9'"):
        history.run_called("9")
    with pytest.raises(UsageError, match="no run 'last~5'"):
        history.run_called("last~5")


def test_a_conversation_that_went_as_before_is_kept_once(tmp_path: Path) -> None:
    for _ in range(3):
        add(History(tmp_path), {"x": FINE, "y": FINE})
    with sqlite3.connect(tmp_path / ".scenario" / "history.sqlite") as base:
        assert base.execute("SELECT COUNT(*) FROM conversations").fetchone() == (1,)


def test_the_oldest_runs_are_dropped_with_what_only_they_had(tmp_path: Path) -> None:
    add(History(tmp_path), {"x": OTHER})
    for _ in range(MOST_RUNS):
        add(History(tmp_path), {"x": FINE})
    assert len(History(tmp_path).runs()) == MOST_RUNS
    with sqlite3.connect(tmp_path / ".scenario" / "history.sqlite") as base:
        assert base.execute("SELECT COUNT(*) FROM conversations").fetchone() == (1,)


def test_a_file_that_is_no_history_stops_no_run_and_is_told_to_readers(tmp_path: Path) -> None:
    (tmp_path / ".scenario").mkdir()
    (tmp_path / ".scenario" / "history.sqlite").write_text("no database" * 100)
    assert add(History(tmp_path), {"x": FINE}) is None
    with pytest.raises(ScenarioError, match="cannot be read"):
        History(tmp_path).runs()


def test_a_folder_without_runs_says_what_writes_one_down(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told_of:
        History(tmp_path).run_called("last")
    assert told_of.value.hint == "`scenario test` writes each one down"
    assert not (tmp_path / ".scenario").exists()
