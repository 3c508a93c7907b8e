"""Results of a suite as JUnit XML, which every CI reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from realtime_scenarios.core import Diagnostic
from realtime_scenarios.core.printable import printable
from realtime_scenarios.project.cases import Case
from realtime_scenarios.suite.report import event_lines, stopped_at, values_line
from realtime_scenarios.suite.results import not_run_of
from realtime_scenarios.suite.spoken import spoken_properties
from realtime_scenarios.verdicts import DialogueResult, Status

_ELEMENTS: Mapping[Status, str | None] = {
    "passed": None,
    "failed": "failure",
    "invalid": "error",
    "skipped": "skipped",
    "unsure": "failure",
}
"""What a test case has inside, by what came of its dialogue."""


def junit_xml(results: Sequence[tuple[Case, DialogueResult]], mistakes: Sequence[Diagnostic] = ()) -> str:
    """One test suite a scenario, one test case a dialogue; no times, so that equal runs give equal files.

    `mistakes` are about no dialogue that has a result: each of their files is a test case that ended in an error. What
    was not run is skipped, and one more test case ended in an error, which says how many and why.
    """
    root = ElementTree.Element("testsuites", name="scenario test")
    suites: dict[str, ElementTree.Element] = {}
    kinds: dict[str, Counter[str | None]] = {}
    for case, result in results:  # once: each may be made only when it is asked for
        kinds.setdefault(case.project.shown, Counter())[_ELEMENTS[result.status]] += 1
        test_case = _test_case(root, suites, case)
        _add_properties(test_case, result)
        _add_outcome(test_case, case, result)
    left = not_run_of(results)
    for case in left.cases:
        kinds.setdefault(case.project.shown, Counter())["skipped"] += 1
        ElementTree.SubElement(_test_case(root, suites, case), "skipped", message=printable(f"not run: {left.because}"))
    for shown, suite in suites.items():
        found = kinds[shown]
        counts = {"tests": found.total(), "failures": found["failure"]}
        counts |= {name: found[kind] for kind, name in (("error", "errors"), ("skipped", "skipped")) if found[kind]}
        suite.attrib |= {name: str(count) for name, count in counts.items()}
    for file in dict.fromkeys(mistake.span.file for mistake in mistakes):
        lines = [
            f"{mistake.span}: {mistake.code} {mistake.message}" for mistake in mistakes if mistake.span.file == file
        ]
        _add_error(root, file, "left out", lines[0]).text = printable("\n".join(lines))
    if left:
        _add_error(root, "scenario test", "not run", str(left))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _test_case(root: ElementTree.Element, suites: dict[str, ElementTree.Element], case: Case) -> ElementTree.Element:
    """The test case of a dialogue, in the suite of its scenario, which is made where it is the first."""
    shown, home = case.project.shown, printable(case.project.shown)
    if shown not in suites:
        suites[shown] = ElementTree.SubElement(root, "testsuite", name=home)
    return ElementTree.SubElement(suites[shown], "testcase", classname=home, name=case.dialogue.id)


def _add_error(root: ElementTree.Element, suite: str, name: str, message: str) -> ElementTree.Element:
    """A test suite with one test case, which is no dialogue and ended in an error."""
    home = printable(suite)
    alone = ElementTree.SubElement(root, "testsuite", name=home, tests="1", errors="1")
    test_case = ElementTree.SubElement(alone, "testcase", classname=home, name=name)
    return ElementTree.SubElement(test_case, "error", message=printable(message))


def _add_properties(test_case: ElementTree.Element, result: DialogueResult) -> None:
    """What could not be checked here, and how each spoken line was heard, each as a property of its own."""
    unchecked = [("not checked here", f"{left.place.span}: {left.reason}") for left in result.unchecked]
    known = [*unchecked, *spoken_properties(result.trace)]
    if not known:
        return
    properties = ElementTree.SubElement(test_case, "properties")
    for name, value in known:
        ElementTree.SubElement(properties, "property", name=name, value=printable(value))


def _add_outcome(test_case: ElementTree.Element, case: Case, result: DialogueResult) -> None:
    """Why the dialogue did not pass; nothing where it did."""
    kind = _ELEMENTS[result.status]
    if kind is None:
        return
    first, *more = _reasons(case, result)
    outcome = ElementTree.SubElement(test_case, kind, message=printable(first))
    if more:
        outcome.text = printable("\n".join([first, *more]))


def _reasons(case: Case, result: DialogueResult) -> list[str]:
    match result.status:
        case "invalid":
            return [f"{mistake.span}: {mistake.code} {mistake.message}" for mistake in result.mistakes]
        case "skipped":
            return [result.skipped or ""]
        case "unsure":
            return [result.doubt or ""]
        case _:
            return _failure_lines(case, result)


def _failure_lines(case: Case, result: DialogueResult) -> list[str]:
    messages = [
        line for verdict in result.failures for line in (f"{verdict.place.span}: {verdict.message}", *verdict.diff)
    ]
    if result.error is not None:
        messages.insert(0, f"{stopped_at(result).span}: stopped: {result.error.message}")
    messages += [result.secrets.hidden(values_line(case.dialogue))] if case.dialogue.values else []
    events = event_lines(result.trace.events, {verdict.at for verdict in result.failures}, case.agent_name, _unpainted)
    return [*messages, "", *events]


def _unpainted(text: str, tone: str) -> str:
    return text
