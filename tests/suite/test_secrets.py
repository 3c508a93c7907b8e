"""Values that are secret: in nothing that is shown or written, whoever told them, and however they are written down."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from click.testing import CliRunner

from realtime_scenarios.cli.main import cli
from realtime_scenarios.core.redaction import Secrets, SecretStream
from support.warm import conversed

DESK = """\
scenario: desk
start: desk
context: {token: {type: [string, number, boolean, array], secret: true, default: DEFAULT}}
agents: {desk: {instructions: Hi.}}
dialogues:
  - id: leak
    context: {token: GIVEN}
    turns:
      - user: SAID
        agent: [{say: ok}]
        expect: [{context: {token: other}}]
"""


def shown_of(folder: Path, text: str, failed: int = 1) -> str:
    """All that a test of the scenario shows and writes."""
    (folder / "desk.yaml").write_text(text, encoding="utf-8")
    runner = CliRunner()
    paths = [str(folder / name) for name in ("desk.yaml", "junit.xml", "traces")]
    played = runner.invoke(cli, ["test", paths[0], "-v", "--junit", paths[1], "--trace", paths[2]])
    listed = runner.invoke(cli, ["test", paths[0], "--list"])
    assert played.exit_code == 1 and f"{failed} failed" in played.output, played.output
    ElementTree.parse(paths[1])
    traces = [file.read_text(encoding="utf-8") for file in Path(paths[2]).iterdir()]
    return "\n".join([played.output, listed.output, Path(paths[1]).read_text(encoding="utf-8"), *traces])


@pytest.mark.parametrize(
    ("default", "given", "said"),
    [
        ('""', "Sup3rS3cret", "hi"),
        ("Sup3rS3cret", "hunter22", "my token was Sup3rS3cret, and is hunter22"),
        ('""', "[[Sup3rS3cret], hunter22]", "hi"),
        ('""', "471100", "it is 471100"),
    ],
)
def test_what_a_conversation_begins_with_is_never_shown(tmp_path: Path, default: str, given: str, said: str) -> None:
    text = DESK.replace("DEFAULT", default).replace("GIVEN", given).replace("SAID", said)
    shown = shown_of(tmp_path, text)
    assert "context variable 'token'" in shown and "[secret]" in shown
    assert not [secret for secret in ("Sup3rS3cret", "hunter22", "471100") if secret in shown]


@pytest.mark.parametrize("given", ["7", "true", "ab"])
def test_of_a_secret_variable_not_even_a_short_value_is_shown(tmp_path: Path, given: str) -> None:
    shown = shown_of(tmp_path, DESK.replace("DEFAULT", '""').replace("GIVEN", given).replace("SAID", "hi"))
    assert "context variable 'token' holds a secret: expect '[secret]', that there is one" in shown


ROWS = """\
scenario: desk
start: desk
context: {token: {type: string, secret: true, default: ""}}
data: {log: {columns: {said: string, note: string}, rows: [{said: SECRET, note: NOTE}]}}
agents: {desk: {instructions: Hi.}}
dialogues:
  - id: leak
    context: {token: SECRET}
    turns:
      - user: hi
        agent: [{say: ok}]
    expect:
      - data: {query: SELECT * FROM log, returns: [{said: SECRET, note: other}]}
      - data: {query: SELECT * FROM log, returns: [{said: PADDING SECRET, note: NOTE}]}
"""


@pytest.mark.parametrize("secret", ["Sup3rS3cret", "the grey horse of Sup3rS3cret"])
def test_rows_that_are_not_as_expected_are_shown_without_what_is_secret_in_them(tmp_path: Path, secret: str) -> None:
    padding = "and so on and on until the line is nearly full"
    text = ROWS.replace("SECRET", secret).replace("NOTE", "a note").replace("PADDING", padding)
    shown = shown_of(tmp_path, text)
    assert "- is expected, + was found" in shown
    assert not [word for word in ("Sup3rS3cret", "grey", "horse") if word in shown]


def test_no_dialogue_is_named_by_a_secret(tmp_path: Path) -> None:
    text = DESK.replace("DEFAULT", '""').replace("GIVEN", "<word>").replace("SAID", "hi")
    text = text.replace("id: leak", "id: leak\n    each: [{word: Sup3rS3cret}, {word: hunter22}]")
    shown = shown_of(tmp_path, text, failed=2)
    assert "leak[1]" in shown and "leak[2]" in shown and "played with word" in shown
    assert "Sup3rS3cret" not in shown and "hunter22" not in shown


def test_what_becomes_secret_later_is_judged_as_it_was_and_shown_without(tmp_path: Path) -> None:
    text = """\
scenario: later
start: desk
context: {pin: {type: string, secret: true, default: ""}}
agents: {desk: {instructions: Keep it with keep., tools: [keep]}}
tools: {keep: {description: Keep., parameters: {code: string}, returns: kept, set: {pin: args.code}}}
dialogues:
  - id: later
    turns:
      - user: It is 4711-0815
        agent: [{call: keep, args: {code: 4711-0815}}, {say: Kept.}]
        expect: [{called: {tool: keep, args: {code: 4711-0815}}}, {said: nothing of the kind}]
"""
    shown = shown_of(tmp_path, text)
    assert "nothing of the kind" in shown and "keep was" not in shown
    assert "[secret]" in shown and "4711-0815" not in shown


@pytest.mark.parametrize(
    ("secret", "text", "hidden"),
    [
        ("hunter2", "hunter2000", "[secret]000"),
        ("ab", "abc ab", "abc [secret]"),
        ('a"b\\c', r'{"x": "a\"b\\c"}', '{"x": "[secret]"}'),
        ("ü b&c", "q=%C3%BC+b%26c and %C3%BC%20b%26c", "q=[secret] and [secret]"),
        ("[secret]", "[secret]", "[secret]"),
    ],
)
def test_a_secret_is_hidden_however_it_is_written(secret: str, text: str, hidden: str) -> None:
    assert Secrets((secret,)).hidden(text) == hidden


@pytest.mark.parametrize("size", range(1, 12))
def test_a_secret_that_is_told_in_pieces_is_not_shown_in_any(size: int) -> None:
    text = "it is hunter2, hunt hun and hunter2"
    stream = SecretStream(Secrets(("hunter2",)))
    pieces = [stream.passed_on(text[at : at + size]) for at in range(0, len(text), size)]
    assert "".join([*pieces, stream.rest()]) == "it is [secret], hunt hun and [secret]"


def test_a_source_line_keeps_its_columns() -> None:
    assert Secrets(("hunter2",)).blotted("a: hunter2, b") == "a: *******, b"


LATER = """\
scenario: later
start: desk
context: {pin: {type: string, secret: true, default: ""}}
agents: {desk: {instructions: You keep codes with keep., tools: [keep]}}
tools:
  keep:
    description: Keep a code.
    parameters: {code: {type: string, examples: ["4711-0815"]}, owner: {type: string, examples: [Maya]}}
    examples: [Keep 4711-0815]
    returns: kept
    set: {pin: args.code}
"""


def test_a_saved_dialogue_loses_what_becomes_secret_after_it_was_saved(tmp_path: Path) -> None:
    (tmp_path / "later.yaml").write_text(LATER, encoding="utf-8")
    typed = "Keep 4711-0815\n/save first\nMaya\n/history\n"
    command = ["run", "later.yaml", "--save", "last.yaml", "--trace", "talk.jsonl"]
    done = conversed(*command, typed=typed, folder=tmp_path)
    assert done.returncode == 0 and "kept" in done.stdout, done.stdout
    assert "4711-0815" not in done.stdout[done.stdout.index("pin = ") :]
    saved = [(tmp_path / name).read_text(encoding="utf-8") for name in ("first.yaml", "last.yaml", "talk.jsonl")]
    assert not [text for text in saved if "4711-0815" in text]
    assert yaml.safe_load(saved[0])["dialogues"][0]["turns"][0]["user"] == "Keep not-the-real-one"
    assert "[secret]" not in saved[1] and "# Secrets are not written down" in saved[1]
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [".recorded", "first.yaml", "last.yaml", "later.yaml", "talk.jsonl"]


def test_a_secret_that_the_command_line_gives_is_saved_as_a_stand_in(tmp_path: Path) -> None:
    (tmp_path / "later.yaml").write_text(LATER, encoding="utf-8")
    command = ["run", "later.yaml", "--context", "pin=hunter22", "--save", "talk.yaml", "--trace", "t.jsonl"]
    typed = "Is it hunter22?\n/state\n/history\n"
    done = conversed(*command, typed=typed, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    saved = (tmp_path / "talk.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(saved)["dialogues"][0]["context"] == {"pin": "not-the-real-one"}
    shown = done.stdout.replace("you  Is it hunter22?", "")  # what a person types stands where they typed it
    assert "hunter22" not in shown + saved + (tmp_path / "t.jsonl").read_text(encoding="utf-8")
