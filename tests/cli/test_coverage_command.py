"""`scenario test --coverage`, and the graph that shows what no dialogue has met."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.command_line import run, same_as_before

DESKS = """\
scenario: desks
start: front
agents:
  front: {name: Front, instructions: x, tools: [hours], handoffs: [back, {to: cellar, requires: "1 == 2"}]}
  back: {name: Back, instructions: x, tools: [refund], handoffs: [front]}
  cellar: {name: Cellar, instructions: x}
tools:
  hours: {description: x, returns: nine to five}
  refund: {description: x, approval: {timeout: 60s}, returns: done}
dialogues:
  - {id: hours, turns: [{user: Hi, agent: [{call: hours}, {say: Nine to five.}]}]}
  - id: refund
    turns:
      - user: Money back
        agent: [{handoff: back}, {call: refund, approval: approve}, {say: Done.}]
"""


@pytest.fixture
def desks(folder: Path) -> Path:
    path = folder / "desks.yaml"
    path.write_text(DESKS, encoding="utf-8")
    return path


def test_what_no_dialogue_meets_is_told_with_its_line(desks: Path) -> None:
    result = run("test", "--coverage")
    assert result.exit_code == 0, result.output
    same_as_before("coverage.out", result.output)
    assert "desks.yaml:9:38: approval of refund: timed out" in result.output
    assert "desks.yaml:6:11: agent cellar" in result.output


def test_a_run_fails_where_less_is_covered_than_is_asked_for(desks: Path) -> None:
    assert run("test", "--fail-under", "46").exit_code == 0
    result = run("test", "--fail-under", "90")
    assert result.exit_code == 1
    assert "% is covered, and 90 % is asked for" in result.output


def test_the_graph_dashes_what_a_file_of_coverage_says_is_not_met(desks: Path) -> None:
    assert run("test", "--coverage-json", "met.json").exit_code == 0
    written = json.loads(Path("met.json").read_text(encoding="utf-8"))
    assert [each["scenario"] for each in written["scenarios"]] == ["desks"]
    mermaid = run("graph", "desks.yaml", "--coverage", "met.json", "--format", "mermaid").output
    assert 'n0 -. "if 1 == 2" .-> n2' in mermaid and "n0 --> n1" in mermaid and "n1 -.-> n0" in mermaid
    assert "class n2 uncovered" in mermaid
    svg = run("graph", "desks.yaml", "--coverage", "met.json", "--format", "svg").output
    assert svg.count('class="edge unmet"') == 1 and svg.count('class="edge gated unmet"') == 1
    assert svg.count('class="edge"') == 1 and 'class="box unmet"' in svg
    text = run("graph", "desks.yaml", "--coverage", "met.json").output
    assert "Cellar (cellar) · not covered" in text


def test_a_graph_is_not_drawn_over_the_coverage_of_another_scenario(desks: Path) -> None:
    run("test", "--coverage-json", "met.json")
    (desks.parent / "other.yaml").write_text(DESKS.replace("scenario: desks", "scenario: other"), encoding="utf-8")
    result = run("graph", "other.yaml", "--coverage", "met.json")
    assert result.exit_code == 2 or isinstance(result.exception, Exception)
    assert run("graph", "desks.yaml", "--coverage", "gone.json").exit_code != 0


def test_coverage_is_written_as_one_page_with_the_line_of_what_is_not_met(desks: Path) -> None:
    assert run("test", "--coverage-html", "coverage.html").exit_code == 0
    page = Path("coverage.html").read_text(encoding="utf-8")

    assert "<h1>Coverage of desks</h1>" in page and "<script" not in page
    assert '<p>approval of refund: timed out</p><p class="covered-place">desks.yaml:9:38</p>' in page
    assert "<code>refund: {description: x, approval: {timeout: 60s}, returns: done}</code>" in page
    assert '<li>tool hours <span class="covered-by">desks.yaml::hours</span></li>' in page


def test_two_files_of_coverage_cannot_be_one(desks: Path) -> None:
    found = run("test", "--coverage-html", "met", "--coverage-json", "met")
    assert found.exit_code != 0 and not Path("met").exists()
