"""What cannot be imported is refused in one line that lists what can be; a broken file is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_scenarios.core import UsageError
from realtime_scenarios.importers.imported import imported
from realtime_scenarios.importers.json_document import JsonDocument, NoJson
from support.command_line import run

LISTED = ("TypeScript", "Python", "promptfoo", "LiveKit", "Vapi", "Retell", "ElevenLabs")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("notes.txt", b"hello", "is neither code nor an export nor tests"),
        ("data.json", b"{}", "is none of these"),
        ("list.json", b'[1, null, "x"]', "is none of these"),
        ("empty", b"", "is empty"),
        ("empty.json", b" \n", "is empty"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\x00\x00\xff", "is no text in UTF-8"),
        ("zeros.json", b'{"a": "\0"}', "is no text"),
        ("own.yaml", b"scenario: x\nstart: a\nagents: {a: {instructions: x}}\n", "is a scenario already"),
        ("other.yml", b"a: 1\n", "is none of these"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_what_can_be_imported(
    name: str, content: bytes, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(content)
    refused = run("import", name)
    assert isinstance(refused.exception, UsageError) and refused.exception.exit_code == 2
    told = refused.exception.message
    assert told.startswith(f"'{name}' {why}: ") and "\n" not in told
    assert all(format in told for format in LISTED)
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]


def test_a_folder_with_nothing_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "read.me").write_text("x")
    with pytest.raises(UsageError, match="holds neither TypeScript nor JSON nor YAML: TypeScript"):
        imported(str(tmp_path / "docs"), tmp_path)


@pytest.mark.parametrize("source", ["gone.json", "gone.txt", "gone/", "here/gone.yaml", "gone.ts"])
def test_a_file_that_is_not_there_is_told_as_such(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=f"there is no '{source}'"):
        imported(source, tmp_path)


def test_a_name_behind_what_is_no_module_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes.txt").write_text("x")
    with pytest.raises(UsageError, match=r"'notes\.txt:agent' is no module and no Python file: TypeScript"):
        imported("notes.txt:agent", tmp_path)
    with pytest.raises(UsageError, match="'' names nothing"):
        imported("", tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"conversation_config": {"agent": }}', "x.json:1:35: this is no JSON: a value is missing"),
        ('{\n  "a": 1\n  "b": 2}', "x.json:3:3: this is no JSON: a ',' or '}' is missing"),
        ('{"a": "b\nc"}', "x.json:1:9: this is no JSON: invalid control character at"),
        ('{"a": 1} x', "x.json:1:10: this is no JSON: there is something behind the end"),
        ("[" * 100, "x.json:1:62: this is no JSON: values are nested more than 60 deep"),
        ('{"a": 1e999}', "x.json:1:7: this is no JSON: a number is too large"),
        ("{a: 1}", "x.json:1:2: this is no JSON: a key in quotes is missing"),
        ("a: 1", "x.json:1:1: this is no JSON: it begins with neither '{' nor '['"),
    ],
)
def test_broken_json_is_told_with_its_place(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(UsageError) as found:
        imported(str(tmp_path / "x.json"), tmp_path)
    assert found.value.message == told


def test_broken_yaml_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("name: x\nscenarios:\n  - label: 'a\n")
    with pytest.raises(UsageError, match=r"^x\.yaml:3:12: "):
        imported(str(tmp_path / "x.yaml"), tmp_path)


def test_what_may_be_of_two_formats_is_asked_for(tmp_path: Path) -> None:
    both = tmp_path / "both.json"
    both.write_text('[{"general_prompt": "x"}, {"conversation_config": {"agent": {"prompt": {"prompt": "y"}}}}]')
    with pytest.raises(UsageError, match="may be of retell or elevenlabs") as found:
        imported(str(both), tmp_path)
    assert found.value.hint == "say which: --from retell or --from elevenlabs"
    assert imported(str(both), tmp_path, "elevenlabs").found.agents[0].instructions == "y"
    with pytest.raises(UsageError, match="there are no agents in it"):
        imported(str(both), tmp_path, "vapi")


def test_values_of_json_are_where_they_stand() -> None:
    text = '{\n\t"a": [1, {"b\\u00e9": "\\ud83d\\ude00\\ud800"}],\n\t"c": -1.5e2}'
    document = JsonDocument(Path("x"), "x", text)
    assert document.data == {"a": [1, {"bé": "😀\ufffd"}], "c": -150.0}
    place = document.root / "a" / 1 / "bé"
    assert (str(place.span), str(place.key_span), str((place / "gone").span)) == ("x:2:23", "x:2:12", "x:2:23")
    assert document.line(3) == '\t"c": -1.5e2}'
    with pytest.raises(NoJson):
        JsonDocument(Path("x"), "x", "nul")
