"""Where mistakes and failures stand in the YAML: drawn alike, whatever the line holds."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from wcwidth import wcswidth

from realtime_scenarios.cli.main import cli

SCENARIO = """\
scenario: shop
start: desk
agents:
  desk: {instructions: x}
dialogues:
  - id: bad
    turns:
      - user: When?
        agent:
          - say: From ten.
"""
FAR = "x" * 300


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    return tmp_path


def above_the_carets(command: str, expectations: str) -> str:
    """What a command marks of the line `expect:` and those below it; a wide character counts as two columns."""
    Path("shop.yaml").write_text(f"{SCENARIO}        expect:{expectations}\n", encoding="utf-8")
    result = CliRunner().invoke(cli, [command, "shop.yaml"])
    assert result.exit_code == 1, result.output
    lines = result.output.splitlines()
    source, carets = next((line, below) for line, below in pairwise(lines) if "^" in below)
    assert max(wcswidth(source), len(carets)) <= 80
    first, last = carets.index("^"), carets.rindex("^")
    return "".join(char for at, char in enumerate(source) if first <= wcswidth(source[:at]) <= last)


@pytest.mark.parametrize(
    ("expectations", "above"),
    [
        (" [said: eleven]", "eleven"),
        (" [said: 十一時です]", "十一時です"),
        (" [never_said: 日本語の文, said: 十一時です]", "十一時です"),
        (" [{never_said: ひらがな}, {said:\televen}]", "eleven"),
        (f" [never_said: {FAR}, said: eleven]", "eleven"),
        (f" [never_said: {FAR}, said: eleven, never_said: {FAR}]", "eleven"),
        (f" [never_said: 日本語{FAR}日本語, said: 十一時です]", "十一時です"),
        ("\n          - said: {contains: eleven,\n                   excludes: twelve}", "{contains: eleven,"),
    ],
)
def test_a_failure_points_at_its_expectation(folder: Path, expectations: str, above: str) -> None:
    assert above_the_carets("test", expectations) == above


@pytest.mark.parametrize(
    ("expectations", "above"),
    [
        (" [agent: 十一]", "十一"),
        (" [never_said: 日本語の文, agent: 十一]", "十一"),
        (" [{never_said: ひらがな}, {agent:\tdesc}]", "desc"),
        (f" [never_said: {FAR}, agent: desc, never_said: {FAR}]", "desc"),
    ],
)
def test_a_mistake_is_pointed_at_alike(folder: Path, expectations: str, above: str) -> None:
    assert above_the_carets("lint", expectations) == above


def test_a_span_that_does_not_fit_is_shown_from_its_beginning(folder: Path) -> None:
    assert above_the_carets("test", f" [said: {FAR}]") == "x" * 47
