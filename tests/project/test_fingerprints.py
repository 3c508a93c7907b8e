"""The fingerprint of a dialogue: another one when a file that it hangs on is another one, and only then."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime_scenarios.project import fingerprints as fingerprints_of
from realtime_scenarios.project import load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.project.fingerprints import Fingerprints
from realtime_scenarios.project.watched import moment_of, saved_between

PIXEL = base64.b64decode("R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=")
FILES = {
    "shop.yaml": """\
scenario: shop
start: desk
agents: {desk: {$include: parts/desk.yaml}}
tools: {stock: {description: x, python: "stubs:stock"}}
data: {items: {rows: {file: items.csv}}}
dialogues: [{id: inside, turns: [{user: hi, agent: [{say: hello}]}]}]
""",
    "parts/desk.yaml": "instructions: {file: prompt.md}\ntools: [stock]\n",
    "prompt.md": "Help.\n",
    "items.csv": "name\ntea\n",
    "stubs.py": "def stock(): return 1\n",
    "deep/words.py": "WORD = 'tea'\n",
    "notes.txt": "Nobody reads this.\n",
    "dialogues/one.yaml": "scenario: ../shop.yaml\ndialogues: [{id: one, turns: [{user: hi, agent: [{say: hello}]}]}]\n",
    "dialogues/two.yaml": """\
scenario: ../shop.yaml
dialogues: [{id: two, turns: [{user: look, image: pixel.gif, agent: [{say: nice}]}]}]
""",
}
ALL = {"inside", "one", "two"}


def fingerprints(folder: Path) -> dict[str, str]:
    found = Fingerprints()
    return {case.dialogue.id: found.of(case) for case in cases_of([load(folder / "shop.yaml")])}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "dialogues" / "pixel.gif").write_bytes(PIXEL)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "touched"),
    [
        ("shop.yaml", ALL),
        ("parts/desk.yaml", ALL),
        ("prompt.md", ALL),
        ("items.csv", ALL),
        ("stubs.py", ALL),
        ("deep/words.py", ALL),
        ("notes.txt", set()),
        ("dialogues/one.yaml", {"one"}),
        ("dialogues/two.yaml", {"two"}),
        ("dialogues/pixel.gif", {"two"}),
    ],
)
def test_a_file_touches_what_is_made_of_it(folder: Path, name: str, touched: set[str]) -> None:
    before = fingerprints(folder)
    assert before.keys() == ALL and before == fingerprints(folder)
    with (folder / name).open("ab") as file:
        file.write(b"\n")
    after = fingerprints(folder)
    assert {dialogue for dialogue in ALL if before[dialogue] != after[dialogue]} == touched


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """What is taken for this program, beside which a package of some version is installed."""
    package = tmp_path / "site" / "program"
    (package / "project").mkdir(parents=True)
    (package / "lint.py").write_text("rules = 1\n", encoding="utf-8")
    (tmp_path / "site" / "sdk-1.0.dist-info").mkdir()
    monkeypatch.setattr(fingerprints_of, "__file__", str(package / "project" / "fingerprints.py"))
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    fingerprints_of._program.cache_clear()
    yield package
    fingerprints_of._program.cache_clear()


def test_another_version_of_a_package_touches_all(folder: Path, program: Path) -> None:
    before = fingerprints(folder)
    (program.parent / "sdk-1.0.dist-info").rename(program.parent / "sdk-1.1.dist-info")
    fingerprints_of._program.cache_clear()
    assert not set(before.values()) & set(fingerprints(folder).values())


@pytest.mark.parametrize("name", ["lint.py", "new.py"])
def test_another_file_of_this_program_touches_all(folder: Path, program: Path, name: str) -> None:
    before = fingerprints(folder)
    (program / name).write_text("rules = 2\n", encoding="utf-8")
    os.utime(program / name, (1, 1))
    fingerprints_of._program.cache_clear()
    assert not set(before.values()) & set(fingerprints(folder).values())


def test_what_is_saved_is_seen_and_what_is_hidden_or_installed_is_not(folder: Path) -> None:
    before = moment_of([folder])
    (folder / "prompt.md").write_text("Help well.", encoding="utf-8")
    (folder / "stubs.py").unlink()
    (folder / "new.md").write_text("New.", encoding="utf-8")
    for name in (".scenario/journal.jsonl", "node_modules/a.js", "environment/lib.py"):
        (folder / name).parent.mkdir()
        (folder / name).write_text("x", encoding="utf-8")
    (folder / "environment" / "pyvenv.cfg").write_text("", encoding="utf-8")
    changed = saved_between(before, moment_of([folder]))
    assert changed == {folder / "prompt.md", folder / "stubs.py", folder / "new.md"}
