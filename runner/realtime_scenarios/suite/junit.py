"""Results of a suite as JUnit XML, which every CI reads."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from realtime_scenarios.core import Diagnostic
from realtime_scenarios.core.printable import printable
from realtime_scenarios.project.cases import Case
from realtime_scenarios.suite.report import event_lines, stopped_at, values_line
from realtime_scenarios.verdicts import DialogueResult


def junit_xml(results: Sequence[tuple[Case, DialogueResult]], mistakes: Sequence[Diagnostic] = ()) -> str:
    """One test suite a scenario, one test case a dialogue; no times, so that equal runs give equal files.

    `mistakes` kept dialogues from being played: each of their files is a test case that ended in an error.
    """
    root = ElementTree.Element("testsuites", name="scenario test")
    for shown in dict.fromkeys(case.project.shown for case, _ in results):
        ours = [(case, result) for case, result in results if case.project.shown == shown]
        failures = sum(not result.passed for _, result in ours)
        home = printable(shown)
        suite = ElementTree.SubElement(root, "testsuite", name=home, tests=str(len(ours)), failures=str(failures))
        for case, result in ours:
            test_case = ElementTree.SubElement(suite, "testcase", classname=home, name=result.dialogue.id)
            if not result.passed:
                _add_failure(test_case, case, result)
    for file in dict.fromkeys(mistake.span.file for mistake in mistakes):
        lines = [
            f"{mistake.span}: {mistake.code} {mistake.message}" for mistake in mistakes if mistake.span.file == file
        ]
        suite = ElementTree.SubElement(root, "testsuite", name=printable(file), tests="1", errors="1")
        left_out = ElementTree.SubElement(suite, "testcase", classname=printable(file), name="left out")
        error = ElementTree.SubElement(left_out, "error", message=printable(lines[0]))
        error.text = printable("\n".join(lines))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_failure(test_case: ElementTree.Element, case: Case, result: DialogueResult) -> None:
    messages = [f"{verdict.place.span}: {verdict.message}" for verdict in result.failures]
    if result.error is not None:
        messages.insert(0, f"{stopped_at(result).span}: stopped: {result.error.message}")
    messages += [result.secrets.hidden(values_line(case.dialogue))] if case.dialogue.values else []
    events = event_lines(result.trace.events, {verdict.at for verdict in result.failures}, case.agent_name, _unpainted)
    failure = ElementTree.SubElement(test_case, "failure", message=printable(messages[0]))
    failure.text = printable("\n".join([*messages, "", *events]))


def _unpainted(text: str, tone: str) -> str:
    return text
