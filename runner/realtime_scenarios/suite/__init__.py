"""Many dialogues to results, and results to reports."""

from realtime_scenarios.suite.finished import Finished, in_order
from realtime_scenarios.suite.lines import Line, line_of
from realtime_scenarios.suite.report import event_lines, failure_report, printed_lines, result_line, tally
from realtime_scenarios.suite.reports import REPORTS, Report
from realtime_scenarios.suite.spoken import SpokenTurn, spoken_properties, spoken_table, spoken_turns
from realtime_scenarios.suite.supervisor import Supervisor
from realtime_scenarios.verdicts import DialogueResult

__all__ = [
    "REPORTS",
    "DialogueResult",
    "Finished",
    "Line",
    "Report",
    "SpokenTurn",
    "Supervisor",
    "event_lines",
    "failure_report",
    "in_order",
    "line_of",
    "printed_lines",
    "result_line",
    "spoken_properties",
    "spoken_table",
    "spoken_turns",
    "tally",
]
