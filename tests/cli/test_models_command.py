"""`scenario models`: what a folder names, and its names changed in place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from realtime_scenarios.cli.main import cli
from realtime_scenarios.core import UsageError

SHOP = """\
# Our shop. It began with gpt-4o, long ago.
scenario: shop
start: desk
session: {model: "gpt-realtime", transcription: {model: whisper-1}}   # the voice
agents:
  desk: {instructions: Be kind., tools: [judge, ask, weigh]}
tools:
  judge:
    description: Judge it.
    model:
      # gpt-4o was the best
      model: &best gpt-4o   # gpt-4o
      instructions: Judge as gpt-4o would.
  ask: {description: Ask., supervisor: boss}
  weigh: {description: Weigh it., model: {model: *best, instructions: Weigh.}}
supervisors: {$include: parts/boss.yaml}
guardrails: {kind: {classify: {model: our-own, categories: {RUDE: Insults.}}}}
"""
BOSS = "boss: {instructions: 'Antworte schön.', model: 'gpt-4.1', fallback: Später.}  # gpt-4.1\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "parts").mkdir()
    (tmp_path / "shop.yaml").write_text(SHOP, encoding="utf-8")
    (tmp_path / "parts" / "boss.yaml").write_text(BOSS, encoding="utf-8")
    return tmp_path


def models(*arguments: str, day: str = "2026-11-29") -> Result:
    return CliRunner().invoke(cli, ["models", *arguments, "--as-of", day])


def test_a_table_says_what_is_named_until_when_and_what_to_change(shop: Path) -> None:
    result = models()
    assert result.output == (
        "parts/boss.yaml\n"
        "    1  supervisors.boss        gpt-4.1  2027-01-14\n"
        "                               change it to gpt-6-luna\n"
        "\n"
        "shop.yaml\n"
        "    4  session.model           gpt-realtime  2027-01-20\n"
        "                               change it to gpt-realtime-2.1\n"
        "    4  session.transcription   whisper-1     2027-02-26\n"
        "                               change it to transcription\n"
        "   12  tools.judge.model       gpt-4o        2027-01-14\n"
        "                               change it to gpt-6-luna\n"
        "   17  guardrails.kind.class…  our-own       unknown\n"
        "\n"
    )
    assert result.exit_code == 0
    gone = models(day="2027-01-14")
    assert gone.exit_code == 1 and gone.output.count("gone: change it to gpt-6-luna") == 2


def test_a_role_is_shown_with_what_it_means(shop: Path) -> None:
    (shop / "shop.yaml").write_text(
        "scenario: shop\nstart: desk\nsession: {model: realtime-mini, transcription: {model: transcription}}\n"
        "agents: {desk: {instructions: Be kind.}}\n"
    )
    output = models().output
    assert "realtime-mini: gpt-realtime-2.1-mini   no end" in output
    assert "transcription: gpt-4o-mini-transcribe  2027-02-26" in output
    assert "then gpt-live-transcribe, gpt-transcribe" in output
    assert max(map(len, output.splitlines())) <= 80
    assert "transcription: gpt-live-transcribe" in models(day="2027-03-01").output


def test_machines_are_told_the_same(shop: Path) -> None:
    told = json.loads(models("--format", "json").output)
    assert told[0] == {
        "file": "parts/boss.yaml", "line": 1, "column": 48, "where": "supervisors.boss.model", "name": "gpt-4.1",
        "role": None, "model": "gpt-4.1", "provider": "openai", "until": "2027-01-14", "gone": False,
        "change_to": "gpt-6-luna",
    }  # fmt: skip
    with pytest.raises(UsageError, match="--write goes with text"):
        CliRunner().invoke(cli, ["models", "--write", "--format", "json"], catch_exceptions=False)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_names_are_changed_where_they_stand_and_nothing_else(shop: Path, ending: str, mark: str) -> None:
    (shop / "shop.yaml").write_bytes((mark + SHOP.replace("\n", ending)).encode())
    result = models("--write")
    assert result.exit_code == 0
    assert "shop.yaml:4:18: gpt-realtime -> gpt-realtime-2.1" in result.output
    assert "wrote parts/boss.yaml" in result.output and "wrote shop.yaml" in result.output
    changed = SHOP.replace('"gpt-realtime"', '"gpt-realtime-2.1"').replace("whisper-1", "transcription")
    changed = changed.replace("&best gpt-4o ", "&best gpt-6-luna ")
    assert (shop / "shop.yaml").read_bytes() == (mark + changed.replace("\n", ending)).encode()
    assert (shop / "parts" / "boss.yaml").read_text(encoding="utf-8") == BOSS.replace("'gpt-4.1'", "'gpt-6-luna'")
    again = models("--write")
    assert again.output == "" and again.exit_code == 0


def test_what_cannot_be_changed_is_told_and_left(shop: Path) -> None:
    text = (
        'scenario: shop\nstart: desk\nsession: {model: "gpt-\\x72ealtime"}\nagents: {desk: {instructions: Be kind.}}\n'
    )
    (shop / "shop.yaml").write_text(text)
    result = models("--write")
    assert result.exit_code == 1 and "write 'gpt-realtime-2.1' by hand" in result.output
    assert (shop / "shop.yaml").read_text() == text


def test_where_no_model_is_named_there_is_nothing_to_change(shop: Path) -> None:
    (shop / "shop.yaml").write_text("scenario: shop\nstart: desk\nagents: {desk: {instructions: Be kind.}}\n")
    assert models().output == "no model is named here: roles stand for all of them\n"


def test_what_cannot_be_used_where_it_stands_is_changed_to_what_belongs_there(shop: Path) -> None:
    text = SHOP.replace("gpt-realtime", "gpt-live-1").replace("whisper-1", "o4-mini")
    (shop / "shop.yaml").write_text(text, encoding="utf-8")
    told, written = models(), models("--write")

    assert told.exit_code == 1
    assert "session.model           gpt-live-1" in told.output
    assert "cannot be used here: change it to realtime" in told.output
    assert "gpt-live-1 -> realtime" in written.output and "o4-mini -> transcription" in written.output
    assert written.exit_code == 0
    linted = CliRunner().invoke(cli, ["lint", "shop.yaml", "--as-of", "2026-11-29"]).output
    assert not [code for code in ("SC801", "SC803", "SC804") if code in linted]
