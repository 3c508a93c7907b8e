"""Reports of a run that was cut short: each says how many dialogues were not run, and why, and none looks good."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from realtime_scenarios.project import load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.suite import REPORTS, Finished
from realtime_scenarios.suite.not_run import NotRun
from realtime_scenarios.suite.results import Results
from realtime_scenarios.trace import Trace
from realtime_scenarios.verdicts import DialogueResult

DIALOGUES = "".join(f"  - {{id: d{at}, turns: [{{user: Hi, agent: [{{say: Hello.}}]}}]}}\n" for at in range(3))
TEXT = f"scenario: NAME\nstart: desk\nagents: {{desk: {{instructions: Help.}}}}\ndialogues:\n{DIALOGUES}"
WHY = "5 dialogues were not run: the run was interrupted"


@pytest.fixture
def results(tmp_path: Path) -> Results:
    """One of six that passed, and then it was interrupted."""
    for name in ("first", "second"):
        (tmp_path / f"{name}.yaml").write_text(TEXT.replace("NAME", name), encoding="utf-8")
    cases = cases_of([load(tmp_path / "first.yaml"), load(tmp_path / "second.yaml")])
    results = Results()
    results.add(Finished(0, cases[0], DialogueResult(cases[0].dialogue, (), Trace((), "desk"))))
    results.not_run = NotRun(cases[1:], "the run was interrupted")
    return results


@pytest.mark.parametrize("kind", ["markdown", "junit", "jsonl", "github", "html"])
def test_every_kind_of_report_says_how_many_were_not_run_and_why(results: Results, kind: str) -> None:
    text = REPORTS[kind](results)
    assert "the run was interrupted" in text and "5" in text
    results.not_run = NotRun()
    assert "not run" not in REPORTS[kind](results).partition("</head>")[0]


def test_a_comment_has_no_check_mark_and_counts_what_was_not_run(results: Results) -> None:
    lines = REPORTS["markdown"](results).splitlines()
    assert lines[0] == "### ❌ Dialogues: 1 passed, 5 not run"
    assert lines[2] == f"**{WHY}**"
    assert [line.split(" | ")[-1] for line in lines if line.startswith("|")][0::2] == ["not run |", "2 |"]
    assert lines[-1].endswith("second.yaml | 0 | 0 | 0 | 0 | 0 | 3 |")


def test_ci_has_an_error_and_each_that_was_not_run_as_skipped(results: Results) -> None:
    suites = ElementTree.fromstring(REPORTS["junit"](results)).findall("testsuite")
    counts = [(suite.get("tests"), suite.get("skipped"), suite.get("errors")) for suite in suites]
    assert counts == [("3", "2", None), ("3", "3", None), ("1", None, "1")]
    error, skipped = suites[-1].find("testcase/error"), suites[0].find("testcase[@name='d1']/skipped")
    assert error is not None and error.get("message") == WHY
    assert skipped is not None and skipped.get("message") == "not run: the run was interrupted"


def test_programs_read_at_the_end_what_was_not_run(results: Results) -> None:
    last = json.loads(REPORTS["jsonl"](results).splitlines()[-1])
    assert last["not_run"] == len(last["dialogues"]) == 5 and last["because"] == "the run was interrupted"


def test_a_pull_request_is_annotated_with_what_was_not_run(results: Results) -> None:
    assert REPORTS["github"](results) == f"::error title=scenario test::{WHY}\n"


def test_one_file_for_all_counts_what_was_not_run(results: Results) -> None:
    assert f'"told":"1 passed, 5 not run; {WHY}"' in REPORTS["html"](results)
