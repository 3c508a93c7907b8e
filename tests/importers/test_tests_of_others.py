"""Tests of promptfoo and LiveKit become dialogues; what is not carried over is told at its line."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import yaml

from realtime_scenarios.core import UsageError
from realtime_scenarios.importers.end_states import NoState, states_of
from realtime_scenarios.importers.imported import imported
from realtime_scenarios.lint import findings
from realtime_scenarios.project import load
from support.command_line import run

CASES = Path(__file__).parents[1] / "cases" / "importers"
SOURCES = {
    "promptfoo_shop": "promptfooconfig.yaml",
    "promptfoo_plain": "evals.json",
    "livekit_library": "scenarios.yaml",
}


@pytest.mark.parametrize("case", SOURCES)
def test_tests_become_the_dialogues_that_are_expected(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for path in (CASES / case).iterdir():
        if path.is_file():
            shutil.copy(path, tmp_path / path.name)
    result = run("import", SOURCES[case], "-o", "made/made.yaml")
    assert result.exit_code == 0, result.output + str(result.exception)
    assert "SECRET" not in result.output
    for written in sorted((tmp_path / "made").rglob("*.yaml")):
        expected = CASES / case / "expected" / written.relative_to(tmp_path / "made")
        if os.environ.get("UPDATE_CASES"):
            expected.parent.mkdir(parents=True, exist_ok=True)
            expected.write_text(written.read_text())
        assert written.read_text() == expected.read_text()
        assert "SECRET" not in written.read_text()
    assert [
        found for found in findings(load(Path("made/made.yaml")), warnings=False) if found.severity == "error"
    ] == []


def test_dialogues_of_promptfoo_pass_with_words_that_are_made_of_what_is_expected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("import", str(CASES / "promptfoo_plain" / "evals.json"), "-o", "made.yaml")
    played = run("test", "made.yaml", "--in-process")
    assert played.exit_code == 0 and "2 passed" in played.output, played.output


def test_a_contradiction_fails_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("import", str(CASES / "promptfoo_shop" / "promptfooconfig.yaml"), "-o", "made.yaml")
    assert "words of the agent that meet all of this: write `agent:` by hand" in " ".join(result.output.split())
    assert max(map(len, result.output.splitlines())) <= 80
    played = run("test", "made.yaml::contradicts-itself", "--in-process")
    assert played.exit_code == 1 and "1 failed" in played.output


LIBRARY = """\
scenario: library
start: desk
agents:
  desk: {instructions: You reserve books with reserve., tools: [reserve]}
tools:
  reserve:
    description: Reserve a book.
    parameters: {card: string, title: string}
    query: {sql: "INSERT INTO reservations (card, title, days) VALUES (:card, :title, 14)"}
data:
  reservations: {columns: {code: TEXT, card: TEXT, title: TEXT, days: INTEGER}, rows: []}
"""


def test_dialogues_for_a_scenario_stand_beside_it_and_ask_for_its_own_tables_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("library.yaml").write_text(LIBRARY)
    result = run("import", str(CASES / "livekit_library" / "scenarios.yaml"), "--scenario", "library.yaml")
    assert result.exit_code == 0, result.output + str(result.exception)
    assert result.output.startswith("wrote dialogues/scenarios.yaml: 3 dialogues\n")
    told = " ".join(result.output.split())
    assert "scenarios.yaml:26:11: the end state of table 'books', which the scenario does not have" in told
    written = Path("dialogues/scenarios.yaml")
    file = yaml.safe_load(written.read_text())
    assert file["scenario"] == "../library.yaml"
    first = file["dialogues"][0]
    assert [each["data"]["returns"] for each in first["expect"] if "data" in each] == [1]

    played = run("test", "library.yaml::a-book-is-reserved", "--in-process", "--provider", "offline")
    assert played.exit_code == 1 and "expected 1, but it is 0" in played.output
    reserve = {"call": "reserve", "args": {"card": "441", "title": "It's a novel; a long one"}}
    caller = first.pop("caller")
    first["turns"] = [
        {"user": caller["opens"]},
        {"user": caller["wants"][0]["says"], "agent": [reserve, {"say": "Until the 22nd."}]},
    ]
    written.write_text(yaml.safe_dump(file))
    played = run("test", "library.yaml::a-book-is-reserved", "--in-process")
    assert played.exit_code == 0, played.output


def test_a_persona_becomes_a_caller_who_is_skipped_by_a_script_and_says_the_lines_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("library.yaml").write_text(LIBRARY)
    result = run("import", str(CASES / "livekit_library" / "scenarios.yaml"), "--scenario", "library.yaml")
    assert "scenario test --provider offline" in result.output
    played = run("test", "library.yaml::a-book-is-reserved", "--in-process")
    assert played.exit_code == 1 and "its caller has no script" in played.output, played.output
    played = run("test", "library.yaml::a-book-is-reserved", "--in-process", "--provider", "offline")
    assert "I'd like to reserve a book for tomorrow." in played.output
    assert "and until when can I keep it?" in played.output
    assert "1 not checked here" in played.output
    played = run("test", "library.yaml::test-3", "--in-process", "--provider", "offline")
    assert played.exit_code == 1 and "nothing in it can be checked" in played.output, played.output
    assert "SC546" in run("lint", "library.yaml").output


def test_a_rubric_of_promptfoo_is_judged_and_what_else_it_says_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    rubric = {"type": "llm-rubric", "value": " answers {{q}} "}
    asserts = [
        {**rubric, "threshold": 0.7, "provider": "openai:gpt-5"},
        {"type": "model-graded-closedqa", "value": "is polite"},
        {**rubric, "type": "not-llm-rubric"},
        {**rubric, "value": {"role": "user"}},
        {"type": "g-eval", "value": "is clear"},
    ]
    path.write_text(yaml.safe_dump({"prompts": ["{{q}}"], "tests": [{"vars": {"q": "a"}, "assert": asserts}]}))
    given = imported(str(path), tmp_path)
    (dialogue,) = given.dialogues
    assert dialogue.turns[0]["expect"] == [{"judge": "answers a"}, {"judge": "is polite"}]
    assert {note.message for note in given.found.notes} == {
        "'threshold' of 'llm-rubric'",
        "'provider' of 'llm-rubric'",
        "'not-llm-rubric': no rubric can be turned round: write one that says what must hold",
        "'llm-rubric': its rubric is no text",
        "'g-eval': a model judges it",
    }


def test_a_tool_that_promptfoo_expects_is_expected_where_the_scenario_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("library.yaml").write_text(LIBRARY)
    used = [
        {"type": "trajectory:tool-used", "value": {"name": "reserve", "min": 1, "max": 2}},
        {"type": "not-trajectory:tool-used", "value": "reserve"},
        {"type": "trajectory:tool-used", "value": "lend"},
    ]
    tests = {"prompts": ["{{q}}"], "tests": [{"vars": {"q": "Reserve it"}, "assert": used}]}
    Path("tests.yaml").write_text(yaml.safe_dump(tests))
    assert run("import", "tests.yaml", "--scenario", "library.yaml", "-o", "made.yaml").exit_code == 0
    (dialogue,) = yaml.safe_load(Path("made.yaml").read_text())["dialogues"]
    assert dialogue["turns"][0]["expect"] == [
        {"called": {"tool": "reserve", "times": {"at_least": 1, "at_most": 2}}},
        {"not_called": "reserve"},
    ]


def test_agents_are_not_for_a_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("library.yaml").write_text(LIBRARY)
    refused = run("import", str(CASES / "vapi_squad" / "clinic.json"), "--scenario", "library.yaml")
    assert isinstance(refused.exception, UsageError) and "--scenario goes with tests" in refused.exception.message


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/passwd", "link.txt"])
def test_files_outside_of_the_folder_are_not_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("OUTSIDE {{q}}")
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    path = folder / "x.yaml"
    path.write_text(f"prompts: ['file://{name}']\ntests: [{{vars: {{q: hi, r: 'file://{name}'}}}}]\n")
    given = imported(str(path), tmp_path)
    assert [turn["user"] for turn in given.dialogues[0].turns] == ["hi"]
    assert any(str(note).startswith("x.yaml:2:") and "a file that" in str(note) for note in given.found.notes)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("", "it is no statement"),
        ("INSERT INTO t (a) VALUES (1); DROP TABLE t", "several statements"),
        ("INSERT OR REPLACE INTO t (a) VALUES (1)", "none of INSERT INTO"),
        ("INSERT INTO t VALUES (1)", "does not name its columns"),
        ("INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING", "hangs on what is there already"),
        ("INSERT INTO t (a) VALUES ('IGNORED')", "says nothing of the row"),
        ("INSERT INTO t (a) VALUES (x'00')", "no text and no number"),
        ("INSERT INTO t (a) VALUES ((SELECT 1 FROM u))", "SQLite says: no such table"),
        ("UPDATE t SET a = b", "a value that is made of others"),
        ("UPDATE t SET (a, b) = (1, 2)", "something else than a column"),
        ("UPDATE t SET a = 1 FROM u", "reads other tables"),
        ("UPDATE t SET a = 1 WHERE a = 2", "asks for what it changes"),
        ("UPDATE t SET a = 1 WHERE (", "SQLite says"),
        ("DELETE FROM t LIMIT 1", "something else than WHERE"),
        (
            "UPDATE t SET a = (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c)",
            "made of",
        ),
    ],
)
def test_a_statement_that_no_query_can_look_for_is_told(statement: str, why: str) -> None:
    with pytest.raises(NoState, match=why):
        states_of(statement)


@pytest.mark.parametrize(
    ("statement", "query", "returns"),
    [
        (
            "INSERT INTO t (a, b) VALUES ('x', NULL), ('x', NULL);",
            "SELECT count(*) FROM t WHERE a IS 'x' AND b IS NULL",
            2,
        ),
        ('INSERT INTO "order" (`key`) VALUES (-1.5)', 'SELECT count(*) FROM "order" WHERE "key" IS -1.5', 1),
        (
            "update t set a = upper('x') where b in (1, 2)",
            "SELECT count(*) > 0 AND min(a IS 'X') FROM t where b in (1, 2)",
            1,
        ),
        ("DELETE FROM t", "SELECT count(*) FROM t", 0),
    ],
)
def test_a_statement_becomes_a_query_for_what_it_brings_about(statement: str, query: str, returns: int) -> None:
    (state,) = states_of(statement)
    assert (state.query, state.returns) == (query, returns)


def test_what_is_asked_of_a_transformed_answer_is_not_asked_of_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    asked = {"type": "icontains", "value": "x"}
    tests = [
        {"vars": {"q": "a"}, "assert": [{**asked, "transform": "output.sources"}, asked]},
        {"vars": {"q": "b"}, "assert": [asked], "options": {"transform": "output.text"}},
    ]
    path.write_text(yaml.safe_dump({"prompts": ["{{q}}"], "tests": tests}))
    given = imported(str(path), tmp_path)
    assert [turn.get("expect", []) for each in given.dialogues for turn in each.turns] == [[{"said": "x"}], []]
    assert sum("what code makes of the answer" in str(note) for note in given.found.notes) == 2


def test_what_stood_before_the_line_in_question_makes_no_test_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = [("user", "Hello"), ("assistant", "What may I do?"), ("user", "{{q}}")]
    prompt = [{"role": role, "content": content} for role, content in said]
    lost = [{"type": "javascript", "value": "output.length > 3"}]
    never = [{"type": "not-contains", "value": "closed"}]
    tests = [
        {"description": name, "vars": {"q": "Open?"}, "assert": each} for name, each in (("a", lost), ("b", never))
    ]
    (tmp_path / "prompt.json").write_text(json.dumps(prompt), encoding="utf-8")
    config = {"prompts": ["file://prompt.json"], "tests": tests}
    (tmp_path / "promptfooconfig.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    assert run("import", "promptfooconfig.yaml", "-o", "made.yaml").exit_code == 0
    played = run("test", "made.yaml", "--in-process")
    assert played.exit_code == 1 and "0 passed, 2 skipped" in played.output, played.output
