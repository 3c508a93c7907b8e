"""`scenario test --watch`: what a save touches is played again. One process, and no test of it sleeps."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from realtime_scenarios.cli.main import cli
from support import PROGRAM

FILES = {
    "shop.yaml": """\
scenario: shop
start: desk
agents: {desk: {$include: desk.yaml}}
tools: {hours: {description: x, python: "stubs:hours"}}
""",
    "desk.yaml": "instructions: {file: prompt.md}\ntools: [hours]\n",
    "prompt.md": "Help.\n",
    "stubs.py": "import words\n\ndef hours(): return words.HOURS\n",
    "words.py": "HOURS = 'nine'\n",
    "dialogues/hello.yaml": """\
scenario: ../shop.yaml
dialogues: [{id: hello, turns: [{user: hi, agent: [{say: hello}]}]}]
""",
    "dialogues/hours.yaml": """\
scenario: ../shop.yaml
dialogues: [{id: hours, turns: [{user: when?, agent: [{call: hours, returns: nine}, {say: at nine}]}]}]
""",
}
LONGEST = 120.0


class Watched:
    """A command that watches a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [*PROGRAM, "test", "--watch"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder
        )
        self._guard = threading.Timer(LONGEST, self.process.kill)
        self._guard.start()

    def told_until(self, word: str) -> str:
        """What is told until a line has this word."""
        assert self.process.stdout is not None
        told = ""
        for line in self.process.stdout:
            told += line
            if word in line:
                return told
        raise AssertionError(f"{word!r} was never told:\n{told}")

    def save(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def close(self) -> None:
        self._guard.cancel()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    watched = Watched(tmp_path)
    yield watched
    watched.close()


def test_what_is_saved_is_played_again_and_nothing_else(watched: Watched) -> None:
    assert "2 passed" in watched.told_until("watching 7 files")
    for name in ("shop.yaml", "desk.yaml", "prompt.md", "words.py"):
        watched.save(name, FILES[name] + "\n")
        assert "2 of 2 dialogues" in watched.told_until("2 passed")
    hello = FILES["dialogues/hello.yaml"]
    watched.save("dialogues/hello.yaml", hello.replace("say: hello", "say: good morning"))
    told = watched.told_until("all in all 2 passed")
    assert "1 of 2 dialogues" in told and "::hello" in told and "::hours" not in told
    watched.save("notes.txt", "of no concern")
    watched.save("words.py", "HOURS = 'ten'\n")
    told = watched.told_until("1 passed, 1 failed")
    assert "2 of 2 dialogues" in told and "FAIL shop.yaml::hours" in told, "the module is a new one in each round"
    watched.save("dialogues/hello.yaml", hello)
    watched.told_until("all in all 1 passed, 1 failed")
    watched.process.send_signal(signal.SIGINT)
    assert watched.process.wait() == 1


def test_mistakes_are_shown_and_watching_goes_on(watched: Watched) -> None:
    watched.told_until("watching")
    watched.save("shop.yaml", FILES["shop.yaml"].replace("start:", "strat:"))
    assert "unknown key 'strat'" in watched.told_until("nothing was run")
    watched.save("shop.yaml", FILES["shop.yaml"])
    watched.told_until("all in all 2 passed")
    hello = FILES["dialogues/hello.yaml"]
    watched.save("dialogues/hello.yaml", hello.replace("say: hello", "sya: hello"))
    assert "unknown key 'sya'" in watched.told_until("all in all 1 passed, 1 invalid")
    (watched.folder / "dialogues" / "hello.yaml").unlink()
    watched.save("dialogues/more.yaml", hello.replace("id: hello", "id: more"))
    told = watched.told_until("all in all 2 passed")
    assert "1 of 2 dialogues" in told and "::more" in told
    watched.process.send_signal(signal.SIGTERM)
    assert watched.process.wait() == 0


def test_watching_ends_where_nobody_reads_any_more(watched: Watched) -> None:
    watched.told_until("watching")
    assert watched.process.stdout is not None
    watched.process.stdout.close()
    watched.save("prompt.md", "Help well.")
    assert watched.process.wait() == 1


@pytest.mark.parametrize(
    "other", [["--junit", "report.xml"], ["--list"], ["--resume"], ["--in-process"], ["--fail-fast"]]
)
def test_what_makes_no_sense_beside_it_is_refused(other: list[str]) -> None:
    result = CliRunner().invoke(cli, ["test", "--watch", *other])
    assert result.exit_code == 2 and f"--watch and {other[0]} exclude each other" in result.output
