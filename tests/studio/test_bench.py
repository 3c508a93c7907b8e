"""Dialogues played from the page: progress, results with their places, what is run again, and stopping."""

from __future__ import annotations

import os
import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.studio.refusals import Refusal
from realtime_scenarios.studio.testing import Bench, Wanted, outcome_page
from support.benches import bench_in, desk_in
from support.desk import DIALOGUES, SCENARIO


class Told:
    """What a bench publishes."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self._over: queue.Queue[dict[str, Any]] = queue.Queue()

    def __call__(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        if event["what"] == "run-over":
            self._over.put(event)

    def end(self) -> dict[str, Any]:
        return self._over.get(timeout=120)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    return desk_in(tmp_path, SCENARIO, DIALOGUES)


@pytest.fixture
def bench(told: Told, tmp_path: Path) -> Iterator[Bench]:
    with bench_in(tmp_path, told) as bench:
        yield bench


def statuses(bench: Bench, desk: Path) -> dict[str, str]:
    return {each["id"]: each["status"] for each in bench.listed(desk)["dialogues"]}


def test_dialogues_are_listed_with_their_tags_and_places_and_none_was_run_yet(bench: Bench, desk: Path) -> None:
    listed = bench.listed(desk)
    assert [(each["id"], each["tags"], each["status"]) for each in listed["dialogues"]] == [
        ("good", ["easy"], "never"), ("bad", [], "never"), ("other", [], "never"),
    ]  # fmt: skip
    assert (listed["dialogues"][1]["place"]["path"], listed["dialogues"][1]["place"]["line"]) == (
        "dialogues/one.yaml",
        7,
    )


def test_a_run_tells_how_far_it_is_and_what_failed_where(bench: Bench, desk: Path, told: Told) -> None:
    run = bench.begin(desk, Wanted())
    end = told.end()
    assert (end["state"], end["done"], end["counts"]) == ("ended", 3, {"passed": 2, "failed": 1})
    over = [event for event in told.events if event["what"] == "dialogue-over"]
    assert [(event["dialogue"], event["status"], event["done"]) for event in over] == [
        ("good", "passed", 1), ("bad", "failed", 2), ("other", "passed", 3),
    ]  # fmt: skip
    assert [event["following"] for event in over] == ["bad", "other", None]
    assert statuses(bench, desk) == {"good": "passed", "bad": "failed", "other": "passed"}

    page = outcome_page(bench.outcome(run.id, "bad"))
    (failed,) = [verdict for verdict in page["verdicts"] if not verdict["passed"]]
    assert (failed["place"]["path"], failed["place"]["line"], failed["source"]) == (
        "dialogues/one.yaml", 13, "- called: look_up",
    )  # fmt: skip
    assert failed["turn"] == 1
    assert "hunter2" not in str(page)
    assert [line["text"] for line in page["turns"][0]["lines"]][:1] == ["What about [secret]?"]


def test_what_failed_and_what_has_changed_is_run_again_alone(bench: Bench, desk: Path, told: Told) -> None:
    bench.begin(desk, Wanted())
    told.end()
    assert [case.dialogue.id for case in bench.begin(desk, Wanted(failed=True)).cases] == ["bad"]
    told.end()
    with pytest.raises(Refusal, match="nothing has changed"):
        bench.begin(desk, Wanted(changed=True))
    file = desk.parent / "dialogues" / "one.yaml"
    file.write_text(DIALOGUES.replace("called: look_up", "not_called: look_up"))
    assert [each["stale"] for each in bench.listed(desk)["dialogues"]] == [True, True, True]
    bench.begin(desk, Wanted(ids=frozenset(["bad"])))
    told.end()
    listed = {each["id"]: each for each in bench.listed(desk)["dialogues"]}
    assert (listed["bad"]["status"], listed["bad"]["differs"], listed["bad"]["stale"]) == ("passed", True, False)
    assert [past["status"] for past in listed["bad"]["history"]] == ["failed", "failed", "passed"]


def test_a_run_that_is_stopped_keeps_what_is_finished(bench: Bench, desk: Path, told: Told) -> None:
    many = "".join(f"  - {{id: d{n}, turns: [{{user: Hi., agent: [{{say: Hello.}}]}}]}}\n" for n in range(60))
    (desk.parent / "dialogues" / "one.yaml").write_text(f"scenario: ../desk.yaml\ndialogues:\n{many}")

    class Stopping(Told):
        def __call__(self, event: dict[str, Any]) -> None:
            super().__call__(event)
            if event["what"] == "dialogue-over" and event["done"] == 2:
                stopping.stop("r1")

    ears = Stopping()
    stopping = Bench(ears, folder=desk.parent, environment=dict(os.environ))
    run = stopping.begin(desk, Wanted())
    with pytest.raises(Refusal, match="a run is going on"):
        stopping.begin(desk, Wanted())
    end = ears.end()
    assert end["state"] == "stopped"
    assert 2 <= end["done"] < 60
    assert len(run.outcomes) == end["done"]
    assert list(statuses(stopping, desk).values()).count("passed") == end["done"]


def test_a_broken_dialogue_is_invalid_and_a_broken_scenario_is_not_run(bench: Bench, desk: Path, told: Told) -> None:
    file = desk.parent / "dialogues" / "one.yaml"
    file.write_text(DIALOGUES.replace("{call: look_up", "{call: lok_up"))
    assert statuses(bench, desk)["good"] == "invalid"
    run = bench.begin(desk, Wanted(ids=frozenset(["good", "other"])))
    assert told.end()["counts"] == {"passed": 1, "invalid": 1}
    assert outcome_page(bench.outcome(run.id, "good"))["mistakes"][0]["line"] == 6
    desk.write_text(SCENARIO.replace("start: main", "start: nobody"))
    with pytest.raises(Refusal, match="mistakes"):
        bench.begin(desk, Wanted())
    listed = bench.listed(desk)
    assert (listed["playable"], len(listed["dialogues"])) == (False, 3)


def test_code_from_elsewhere_is_asked_about_before_it_runs(told: Told, desk: Path, tmp_path: Path) -> None:
    desk.write_text(SCENARIO.replace('returns: "Found {{ args.what }}."', "python: code:found"))
    (desk.parent / "code.py").write_text("def found(what): return what\n")
    home = tmp_path / "home"
    home.mkdir()
    (home / "pyproject.toml").write_text("")
    bench = Bench(told, folder=home, environment={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")})
    with pytest.raises(Refusal) as refusal:
        bench.begin(desk, Wanted())
    assert (refusal.value.status, refusal.value.body["trust"]) == (403, ["python code:found"])
    bench.begin(desk, Wanted(ids=frozenset(["good"])), trust=True)
    assert told.end()["counts"] == {"passed": 1}
