"""The files that the page may open and save, and all that it may not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from realtime_scenarios.studio.files import LARGEST, ScenarioFolder, etag_of
from realtime_scenarios.studio.refusals import Refusal


@pytest.fixture
def folder(tmp_path: Path) -> ScenarioFolder:
    home = tmp_path / "airline"
    (home / "dialogues").mkdir(parents=True)
    (home / "airline.yaml").write_bytes(b"scenario: airline\nstart: main\n")
    (home / "dialogues" / "one.yaml").write_bytes(b"scenario: ../airline.yaml\n")
    (home / "tools.py").write_text("print('hello')\n")
    (home / ".env").write_text("KEY=1\n")
    (tmp_path / "outside.yaml").write_text("secret: 1\n")
    return ScenarioFolder(home)


def refused(folder: ScenarioFolder, name: str) -> int:
    with pytest.raises(Refusal) as told:
        folder.opened(name)
    assert "\n" not in told.value.message
    return told.value.status


def test_the_texts_of_a_scenario_are_listed_and_nothing_else(folder: ScenarioFolder) -> None:
    assert folder.names() == ["airline.yaml", "dialogues/one.yaml"]


def test_what_was_opened_is_saved_and_has_a_new_tag(folder: ScenarioFolder) -> None:
    opened = folder.opened("airline.yaml")
    saved = folder.saved("airline.yaml", "scenario: other\n", opened.etag)
    assert (folder.folder / "airline.yaml").read_text() == "scenario: other\n"
    assert saved.etag == folder.opened("airline.yaml").etag != opened.etag


def test_what_has_changed_since_is_not_written_over_and_both_texts_are_told(folder: ScenarioFolder) -> None:
    opened = folder.opened("airline.yaml")
    (folder.folder / "airline.yaml").write_text("scenario: theirs\n")
    with pytest.raises(Refusal) as told:
        folder.saved("airline.yaml", "scenario: mine\n", opened.etag)
    assert told.value.status == 412
    assert (told.value.body["theirs"], told.value.body["yours"]) == ("scenario: theirs\n", "scenario: mine\n")
    assert (folder.folder / "airline.yaml").read_text() == "scenario: theirs\n"
    folder.saved("airline.yaml", "scenario: mine\n", told.value.body["etag"])


def test_nothing_is_saved_without_saying_over_what(folder: ScenarioFolder) -> None:
    with pytest.raises(Refusal) as told:
        folder.saved("airline.yaml", "x", None)
    assert told.value.status == 428


def test_a_new_file_takes_no_others_place(folder: ScenarioFolder) -> None:
    folder.saved("dialogues/two.yaml", "scenario: ../airline.yaml\n", None, new=True)
    with pytest.raises(Refusal) as told:
        folder.saved("dialogues/two.yaml", "x\n", None, new=True)
    assert told.value.status == 409


@pytest.mark.parametrize(
    "name",
    [
        "../outside.yaml", "dialogues/../../outside.yaml", "/etc/hosts.txt", "//server/share.yaml", "C:/x.yaml",
        "..\\outside.yaml", "a\0.yaml", ".env", ".git/config.txt", "dialogues/.hidden.yaml", "", ".", "tools.py",
        "con.yaml", "dialogues/NUL.txt", "airline.yaml.", "airline.yaml ", "airline.yaml::$DATA", "a//b.yaml",
        "./airline.yaml", "airline.yaml\n", "~/x.yaml/..",
    ],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_or_to_what_is_no_text_is_refused(folder: ScenarioFolder, name: str) -> None:
    assert refused(folder, name) == 403


def test_a_link_out_of_the_folder_or_to_something_hidden_is_refused(folder: ScenarioFolder) -> None:
    (folder.folder / "way.yaml").symlink_to(folder.folder.parent / "outside.yaml")
    (folder.folder / "key.txt").symlink_to(folder.folder / ".env")
    (folder.folder / "code.txt").symlink_to(folder.folder / "tools.py")
    (folder.folder / "all").symlink_to(folder.folder.parent)
    for name in ("way.yaml", "key.txt", "code.txt", "all/outside.yaml"):
        assert refused(folder, name) == 403
    assert folder.names() == ["airline.yaml", "dialogues/one.yaml"]


def test_what_is_missing_too_large_or_no_text_is_told_apart(folder: ScenarioFolder) -> None:
    (folder.folder / "large.txt").write_bytes(b"x" * (LARGEST + 1))
    (folder.folder / "latin.txt").write_bytes(b"caf\xe9")
    (folder.folder / "folder.txt").mkdir()
    assert refused(folder, "none.yaml") == 404
    assert refused(folder, "large.txt") == 413
    assert refused(folder, "latin.txt") == 415
    assert refused(folder, "folder.txt") == 403
    with pytest.raises(Refusal) as told:
        folder.saved("airline.yaml", "x" * (LARGEST + 1), folder.opened("airline.yaml").etag)
    assert told.value.status == 413


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_not_waited_for(folder: ScenarioFolder) -> None:
    os.mkfifo(folder.folder / "pipe.txt")
    assert refused(folder, "pipe.txt") == 403


def test_lines_that_were_not_changed_keep_their_ends_and_the_last_one_its_lack_of_one(folder: ScenarioFolder) -> None:
    path = folder.folder / "airline.yaml"
    path.write_bytes(b"a: 1\r\nb: 2\nc: 3\r\nd: 4")
    opened = folder.opened("airline.yaml")
    assert opened.text == "a: 1\nb: 2\nc: 3\nd: 4"
    folder.saved("airline.yaml", "a: 1\nb: 2\nnew: 0\nc: 3\nd: 5", opened.etag)
    assert path.read_bytes() == b"a: 1\r\nb: 2\nnew: 0\nc: 3\r\nd: 5"


def test_a_file_of_another_system_stays_one(folder: ScenarioFolder) -> None:
    path = folder.folder / "airline.yaml"
    path.write_bytes(b"a: 1\r\nb: 2\r\n")
    folder.saved("airline.yaml", "a: 1\nb: 2\nc: 3\n", folder.opened("airline.yaml").etag)
    assert path.read_bytes() == b"a: 1\r\nb: 2\r\nc: 3\r\n"
    assert folder.opened("airline.yaml").etag == etag_of(path.read_bytes())


def test_the_mode_of_a_file_is_kept(folder: ScenarioFolder) -> None:
    path = folder.folder / "airline.yaml"
    path.chmod(0o640)
    folder.saved("airline.yaml", "a: 1\n", folder.opened("airline.yaml").etag)
    assert path.stat().st_mode & 0o777 == 0o640
