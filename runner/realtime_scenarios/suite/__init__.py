"""Many dialogues to results, and results to reports."""

from realtime_scenarios.suite.lines import Line, line_of
from realtime_scenarios.suite.record import StandIn, dialogue_text, stand_ins_in
from realtime_scenarios.suite.replay import player, replayed
from realtime_scenarios.suite.report import event_lines, failure_report, result_line, tally
from realtime_scenarios.suite.reports import REPORTS, Report
from realtime_scenarios.verdicts import DialogueResult

__all__ = [
    "REPORTS",
    "DialogueResult",
    "Line",
    "Report",
    "StandIn",
    "dialogue_text",
    "event_lines",
    "failure_report",
    "line_of",
    "player",
    "replayed",
    "result_line",
    "stand_ins_in",
    "tally",
]
