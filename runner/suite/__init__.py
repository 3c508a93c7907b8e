"""Many dialogues to results, and results to reports."""

from runner.session import DialogueResult
from runner.suite.junit import junit_xml
from runner.suite.lines import Line, line_of
from runner.suite.record import SECRET_STAND_IN, dialogue_text
from runner.suite.replay import replayed
from runner.suite.report import event_lines, failure_report, result_line, tally
from runner.suite.select import Case, Selection, cases_of, selected, split_target

__all__ = [
    "SECRET_STAND_IN",
    "Case",
    "DialogueResult",
    "Line",
    "Selection",
    "cases_of",
    "dialogue_text",
    "event_lines",
    "failure_report",
    "junit_xml",
    "line_of",
    "replayed",
    "result_line",
    "selected",
    "split_target",
    "tally",
]
