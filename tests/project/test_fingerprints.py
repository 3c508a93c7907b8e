"""The fingerprint of a dialogue: another one when a file that it hangs on is another one, and only then."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

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
