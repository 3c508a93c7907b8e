"""Results of a suite as annotations of a pull request: workflow commands of GitHub Actions, a line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from realtime_scenarios.core import Diagnostic
from realtime_scenarios.core.workflow import annotation
from realtime_scenarios.project.cases import Case
from realtime_scenarios.project.met import stale_agents
from realtime_scenarios.suite.report import stopped_at
from realtime_scenarios.suite.results import not_run_of
from realtime_scenarios.verdicts import DialogueResult


def github_annotations(results: Sequence[tuple[Case, DialogueResult]], mistakes: Sequence[Diagnostic] = ()) -> str:
    """An error for each thing that does not hold, at its line; a warning for each recording that is stale.

    What was not run is one error, which says how many dialogues and why.
    """
    lines = [line for case, result in results for line in _lines_of(case, result)]
    lines += [_of_mistake(mistake) for mistake in mistakes]
    if left := not_run_of(results):
        lines.append(annotation("error", None, "scenario test", str(left)))
    return "".join(f"{line}\n" for line in lines)


def _lines_of(case: Case, result: DialogueResult) -> Iterator[str]:
    if result.error is not None:
        hint = f" ({result.error.hint})" if result.error.hint else ""
        yield annotation("error", stopped_at(result).span, case.name, f"stopped: {result.error.message}{hint}")
    for verdict in result.failures:
        text = "\n".join([verdict.message, *verdict.diff])
        yield annotation("error", verdict.place.span, case.name, text)
    if result.doubt is not None:
        yield annotation("error", result.dialogue.place.span, case.name, f"unsure: {result.doubt}")
    yield from map(_of_mistake, result.mistakes)
    if not result.mistakes:
        for agent in stale_agents(case.dialogue, case.project.scenario):
            yield annotation("warning", case.dialogue.place.span, case.name, f"stale since it was recorded: {agent}")


def _of_mistake(mistake: Diagnostic) -> str:
    text = mistake.message + (f" ({mistake.hint})" if mistake.hint else "")
    return annotation(mistake.severity, mistake.span, f"{mistake.code} {mistake.name}", text)
