"""What a page asks the server for while it writes and tests, over HTTP as it does so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.desk import DIALOGUES, SCENARIO
from support.studio_server import StudioServer, served


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("desk")
    (home / "dialogues").mkdir()
    (home / "desk.yaml").write_text(SCENARIO)
    (home / "dialogues" / "one.yaml").write_text(DIALOGUES)
    (home / ".env").write_text("KEY=1")
    return home


@pytest.fixture(scope="module")
def studio(home: Path) -> Iterator[StudioServer]:
    with served("desk.yaml", folder=home) as studio:
        yield studio


def test_files_are_opened_saved_and_not_written_over(studio: StudioServer, home: Path) -> None:
    listed = studio.ask("GET", "files?scenario=desk").data
    assert listed == {"folder": "", "file": "desk.yaml", "files": ["desk.yaml", "dialogues/one.yaml"]}
    opened = studio.ask("GET", "files/desk.yaml?scenario=desk")
    assert opened.data["text"] == SCENARIO
    changed = SCENARIO.replace("instructions: Help.", "instructions: Help the caller.")
    tag = opened.headers["etag"]
    saved = studio.ask("PUT", "files/desk.yaml?scenario=desk", {"text": changed}, headers={"If-Match": tag})
    assert (saved.status, (home / "desk.yaml").read_text()) == (200, changed)
    again = studio.ask("PUT", "files/desk.yaml?scenario=desk", {"text": SCENARIO}, headers={"If-Match": tag})
    assert (again.status, again.data["theirs"], again.data["yours"]) == (412, changed, SCENARIO)
    fresh = {"If-Match": again.data["etag"]}
    assert studio.ask("PUT", "files/desk.yaml?scenario=desk", {"text": SCENARIO}, headers=fresh).status == 200


@pytest.mark.parametrize("name", [".env", "..%2Fsecret.yaml", "%2Fetc%2Fhosts.txt", "dialogues/..%2f..%2fx.yaml"])
def test_no_other_file_is_opened(studio: StudioServer, name: str) -> None:
    answer = studio.ask("GET", f"files/{name}?scenario=desk")
    assert answer.status == 403
    assert set(answer.data) == {"error", "hint"}


def test_nothing_changes_without_the_header_of_the_page(studio: StudioServer) -> None:
    assert studio.ask("POST", "runs", {"scenario": "desk"}, headers={"X-Studio": "0"}).status == 403


def test_a_buffer_is_looked_at_and_its_words_are_completed(studio: StudioServer) -> None:
    text = SCENARIO.replace("start: main", "start: mai")
    asked = {"scenario": "desk", "file": "desk.yaml", "text": text, "version": 7}
    answer = studio.ask("POST", "lint", asked)
    assert answer.data["version"] == 7
    assert [(found["code"], found["path"], found["line"]) for found in answer.data["findings"]] == [
        ("SC201", "desk.yaml", 2)
    ]
    words = studio.ask("POST", "complete", {**asked, "line": 2, "column": 11})
    assert (words.data["column"], words.data["options"][0]["label"]) == (8, "main")
    assert studio.ask("POST", "lint", {**asked, "file": "../x.yaml"}).status == 403
    assert studio.ask("POST", "complete", {**asked, "line": 900, "column": 1}).status == 400
    assert studio.ask("POST", "lint", {"scenario": "other"}).status == 404


def test_a_run_is_begun_and_its_failure_is_told_with_its_line(studio: StudioServer) -> None:
    begun = studio.ask("POST", "runs", {"scenario": "desk", "ids": ["bad"]})
    assert (begun.status, begun.data["total"]) == (201, 1)
    run = begun.data["run"]
    told = {"state": "running"}
    while told["state"] == "running":
        told = studio.ask("GET", f"runs/{run}").data
    assert told["counts"] == {"failed": 1}
    page = studio.ask("GET", f"runs/{run}/bad").data
    assert [verdict["place"]["line"] for verdict in page["verdicts"] if not verdict["passed"]] == [13]
    events = studio.ask("GET", f"replay?run={run}&dialogue=bad").data["events"]
    assert [event["type"] for event in events if event["type"] in ("Connected", "UserSaid", "AgentSaid")] == [
        "Connected", "UserSaid", "AgentSaid",
    ]  # fmt: skip
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    both = studio.ask("GET", f"compare?left={run}/bad&right={run}/bad").data
    assert both["different"] == 0 and len(both["turns"]) == 1
    assert studio.ask("GET", f"compare?left={run}/bad&right=c9").status == 404


def test_everything_in_the_outline_has_a_place(studio: StudioServer) -> None:
    entries = studio.ask("GET", "outline?scenario=desk").data["entries"]
    assert ("agent", "main", "desk.yaml", 6) in [
        (entry["kind"], entry["id"], entry["path"], entry["line"]) for entry in entries
    ]


def test_what_happened_is_written_for_what_was_expected_and_played_again(studio: StudioServer, home: Path) -> None:
    file = home / "dialogues" / "one.yaml"
    run = over(studio, studio.ask("POST", "runs", {"scenario": "desk", "ids": ["bad"]}).data["run"])
    verdicts = studio.ask("GET", f"runs/{run}/bad").data["verdicts"]
    (number,) = [number for number, verdict in enumerate(verdicts, 1) if verdict["update"]]
    asked = {"run": run, "dialogue": "bad", "verdict": number}
    shown = studio.ask("POST", "update", asked).data
    assert (shown["file"], shown["line"], shown["before"]) == ("dialogues/one.yaml", 13, DIALOGUES)
    assert shown["after"] == DIALOGUES.replace("called: look_up", "not_called: look_up")
    try:
        file.write_text(f"{DIALOGUES}# theirs\n")
        assert studio.ask("POST", "update", {**asked, "write": True, "etag": shown["etag"]}).status == 409
        file.write_text(DIALOGUES)
        assert studio.ask("POST", "update", {**asked, "write": True, "etag": '"another"'}).status == 412
        written = studio.ask("POST", "update", {**asked, "write": True, "etag": shown["etag"]}).data
        assert file.read_text() == shown["after"]
        told = studio.ask("GET", f"runs/{over(studio, written['run'])}").data
        assert told["counts"] == {"passed": 1}
    finally:
        file.write_text(DIALOGUES)
    assert studio.ask("POST", "update", {**asked, "verdict": 99}).status == 404


def over(studio: StudioServer, run: str) -> str:
    """The run, once it is over."""
    while studio.ask("GET", f"runs/{run}").data["state"] == "running":
        pass
    return run
