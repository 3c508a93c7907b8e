"""What came of a dialogue, in every report: passed, failed, invalid, skipped or unsure."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args
from xml.etree import ElementTree

import pytest

from realtime_scenarios.core import Diagnostic, Span, resource_folder
from realtime_scenarios.expectations import Verdict
from realtime_scenarios.project import load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.suite import failure_report, result_line, tally
from realtime_scenarios.suite.junit import junit_xml
from realtime_scenarios.trace import Trace
from realtime_scenarios.verdicts import DialogueResult, Status, Unchecked

AIRLINE = load(resource_folder("scenarios") / "airline" / "airline.yaml")
CASE = cases_of([AIRLINE])[0]
PLACE = CASE.dialogue.turns[0].place
PASSED = DialogueResult(CASE.dialogue, (Verdict(PLACE, True, ""),), Trace((), "main"))
RESULTS: dict[Status, DialogueResult] = {
    "passed": PASSED,
    "failed": replace(PASSED, verdicts=(Verdict(PLACE, False, "it rained", diff=("-dry", "+wet")),)),
    "invalid": replace(PASSED, verdicts=(), mistakes=(Diagnostic("SC1", "slip", "no such tool", Span("d.yaml", 3)),)),
    "skipped": replace(PASSED, verdicts=(), skipped="no model says that"),
    "unsure": replace(PASSED, doubt="it held in 3 of 5 plays"),
}


def plain(text: str, tone: str) -> str:
    return text


def test_there_is_an_example_of_each_status() -> None:
    assert {status: result.status for status, result in RESULTS.items()} == {
        status: status for status in get_args(Status)
    }


@pytest.mark.parametrize("status", RESULTS)
def test_each_is_told_in_a_line_and_counted(status: Status) -> None:
    line = result_line(CASE, RESULTS[status], plain)
    expected: dict[Status, str] = {
        "passed": "ok   {} (1 turn)",
        "failed": "FAIL {} (1 turn)",
        "invalid": "INVALID {} (1 mistake)",
        "skipped": "skip {} (no model says that)",
        "unsure": "UNSURE {} (it held in 3 of 5 plays)",
    }
    assert line == expected[status].format(CASE.name)
    count = tally([RESULTS[status]], 2)
    others = "" if status == "passed" else "0 passed, "
    assert str(count) == f"{others}1 {status}, 1 not run"
    assert tally([RESULTS[status]], 1).fails_the_run == (status != "passed")


def test_a_run_with_one_that_holds_is_good_though_others_were_skipped() -> None:
    assert not tally([RESULTS["passed"], RESULTS["skipped"]], 2).fails_the_run
    assert tally([], 0).fails_the_run


def test_a_run_that_did_not_come_to_all_of_them_is_no_good_run() -> None:
    assert tally([RESULTS["passed"]], 2).fails_the_run


def test_ci_reads_each_as_what_it_is() -> None:
    suite = ElementTree.fromstring(junit_xml([(CASE, result) for result in RESULTS.values()])).find("testsuite")
    assert suite is not None
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5",
        "failures": "2",
        "errors": "1",
        "skipped": "1",
    }
    inside = [[(part.tag, part.get("message")) for part in case] for case in suite]
    assert inside == [
        [],
        [("failure", f"{PLACE.span}: it rained")],
        [("error", "d.yaml:3:1: SC1 no such tool")],
        [("skipped", "no model says that")],
        [("failure", "it held in 3 of 5 plays")],
    ]


def test_what_was_not_checked_is_told_beside_what_was() -> None:
    result = replace(PASSED, unchecked=(Unchecked(PLACE, "only a script would try it"),) * 2)
    assert result_line(CASE, result, plain).endswith("(1 turn, 2 not checked here)")
    assert str(tally([result], 1)) == "1 passed, 2 things not checked"
    properties = ElementTree.fromstring(junit_xml([(CASE, result)])).findall(".//testcase/properties/property")
    assert [(found.get("name"), found.get("value")) for found in properties] == [
        ("not checked here", f"{PLACE.span}: only a script would try it")
    ] * 2


def test_a_difference_stands_below_the_line_it_is_about() -> None:
    lines = list(failure_report(CASE, RESULTS["failed"], plain))
    assert lines[4:6] == ["    -dry", "    +wet"]
