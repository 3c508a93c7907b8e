"""Results of a suite as JSON lines: an object for each dialogue, then one for each mistake outside of them.

Where dialogues were not run, the last line says so: how many, why, and which.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from realtime_scenarios.core import Diagnostic, Span
from realtime_scenarios.project.cases import Case
from realtime_scenarios.project.met import stale_agents
from realtime_scenarios.suite.not_run import NotRun
from realtime_scenarios.suite.report import stopped_at
from realtime_scenarios.suite.results import not_run_of
from realtime_scenarios.verdicts import DialogueResult


def json_lines(results: Sequence[tuple[Case, DialogueResult]], mistakes: Sequence[Diagnostic] = ()) -> str:
    """No times and no traces, so that equal runs give equal files; `--trace` writes what happened."""
    objects: Iterator[Mapping[str, Any]] = (_of_result(case, result) for case, result in results)
    left = not_run_of(results)
    others = [*(_of_mistake(each) for each in mistakes), *([_of_left(left)] if left else [])]
    return "".join(json.dumps(data, ensure_ascii=False) + "\n" for data in (*objects, *others))


def _of_result(case: Case, result: DialogueResult) -> dict[str, Any]:
    verdicts = [
        {"passed": verdict.passed, "message": verdict.message, **_place(verdict.place.span), "event": verdict.at}
        | ({"diff": list(verdict.diff)} if verdict.diff else {})
        for verdict in result.verdicts
    ]
    error = None
    if result.error is not None:
        error = {"message": result.error.message, "hint": result.error.hint, **_place(stopped_at(result).span)}
    stale = () if result.mistakes else stale_agents(case.dialogue, case.project.scenario)
    return {
        "dialogue": case.name,
        "scenario": case.project.shown,
        "id": result.dialogue.id,
        "tags": list(result.dialogue.tags),
        **_place(result.dialogue.place.span),
        "status": result.status,
        "turns": len(result.dialogue.turns),
        "verdicts": verdicts,
        "error": error,
        "skipped": result.skipped,
        "doubt": result.doubt,
        "mistakes": [_of_mistake(mistake) for mistake in result.mistakes],
        "unchecked": [{"reason": left.reason, **_place(left.place.span)} for left in result.unchecked],
        "stale": [
            {"agent": agent.agent, "parts": [{"part": each.part, "kind": each.kind} for each in agent.changes]}
            for agent in stale
        ],
    }


def _of_mistake(mistake: Diagnostic) -> dict[str, Any]:
    return {"mistake": mistake.code, "name": mistake.name, "message": mistake.message, **_place(mistake.span)}


def _of_left(left: NotRun) -> dict[str, Any]:
    return {"not_run": len(left), "because": left.because, "dialogues": [case.name for case in left.cases]}


def _place(span: Span) -> dict[str, Any]:
    return {"file": span.file, "line": span.line, "column": span.column}
