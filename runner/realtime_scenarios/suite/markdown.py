"""Results of a suite as Markdown, for a comment on a pull request or the summary of a job."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from realtime_scenarios.core import Diagnostic
from realtime_scenarios.core.printable import printable
from realtime_scenarios.project.cases import Case
from realtime_scenarios.project.met import stale_agents
from realtime_scenarios.suite.not_run import NotRun
from realtime_scenarios.suite.report import Tally, TallySoFar, failure_report
from realtime_scenarios.suite.results import not_run_of
from realtime_scenarios.suite.staleness import stale_lines
from realtime_scenarios.verdicts import DialogueResult

_MOST_SHOWN = 20
"""Dialogues that are shown with their events: GitHub takes 65,536 characters of a comment."""

_LONGEST = 60_000


def markdown(results: Sequence[tuple[Case, DialogueResult]], mistakes: Sequence[Diagnostic] = ()) -> str:
    """What it comes to, a table of the scenarios, and each failure, folded."""
    whole, by_scenario = TallySoFar(), defaultdict[str, TallySoFar](TallySoFar)
    every: list[Diagnostic] = []
    failures: list[str] = []
    stale: list[str] = []
    bad = 0
    for case, result in results:  # once: each may be made only when it is asked for
        whole.add(result)
        by_scenario[case.project.shown].add(result)
        every += result.mistakes
        if result.status in ("failed", "unsure"):
            bad += 1
            if bad <= _MOST_SHOWN:
                failures += ["", *folded(f"❌ {case.name}", failure_report(case, result, _unpainted))]
        stale += _stale(case, result)
    left = not_run_of(results)
    lines = _head(whole.of(len(results) + len(left)), mistakes)
    lines += ["", f"**{escaped(str(left))}**"] if left else []
    lines += ["", *_table(by_scenario, left), *_mistakes([*every, *mistakes]), *failures]
    if bad > _MOST_SHOWN:
        lines += ["", f"… and {bad - _MOST_SHOWN} more."]
    return cut("\n".join([*lines, *stale]) + "\n")


def folded(title: str, lines: Iterator[str]) -> list[str]:
    """Lines that are shown as they are when somebody opens them."""
    text = printable("\n".join(lines)).rstrip("\n")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return ["<details>", f"<summary>{escaped(title)}</summary>", "", fence, text, fence, "", "</details>"]


def escaped(text: str) -> str:
    """Text that neither Markdown nor HTML takes for its own, in one line and one cell of a table."""
    text = " ".join(printable(text).split())
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|#~@])", r"\\\1", text)


def cut(text: str) -> str:
    """The text, cut between lines where a comment would not hold it."""
    if len(text) <= _LONGEST:
        return text
    whole = text[:_LONGEST].rpartition("\n<details>")[0] or text[:_LONGEST]
    return f"{whole}\n\n… the rest is left out: a comment holds no more.\n"


def _head(count: Tally, mistakes: Sequence[Diagnostic]) -> list[str]:
    files = len({mistake.span.file for mistake in mistakes})
    broken = f", mistakes in {files} file{'s' if files > 1 else ''}" if files else ""
    mark = "❌" if count.fails_the_run or mistakes else "✅"
    return [f"### {mark} Dialogues: {count}{broken}"]


def _table(by_scenario: Mapping[str, TallySoFar], left: NotRun) -> Iterator[str]:
    """How many came to what, scenario by scenario; what was not run in a column of its own, where there is any."""
    not_run = Counter(case.project.shown for case in left.cases)
    yield f"| scenario | passed | failed | invalid | skipped | unsure |{' not run |' * bool(left)}"
    yield f"| --- | ---: | ---: | ---: | ---: | ---: |{' ---: |' * bool(left)}"
    for shown in dict.fromkeys((*by_scenario, *not_run)):
        so_far = by_scenario.get(shown) or TallySoFar()
        numbers = [*so_far.of().counts.values(), *([not_run[shown]] if left else [])]
        yield f"| {escaped(shown)} | {' | '.join(map(str, numbers))} |"


def _mistakes(every: Sequence[Diagnostic]) -> Iterator[str]:
    if every:
        yield ""
    for mistake in every[:_MOST_SHOWN]:
        yield f"- {escaped(str(mistake.span))}: {mistake.code} {escaped(mistake.message)}"
    if len(every) > _MOST_SHOWN:
        yield f"- … and {len(every) - _MOST_SHOWN} more"


def _stale(case: Case, result: DialogueResult) -> Iterator[str]:
    stale = () if result.mistakes else stale_agents(case.dialogue, case.project.scenario)
    if stale:
        yield ""
        yield from folded(f"⚠️ {case.name} is stale since it was recorded", stale_lines(stale, _unpainted, 200))


def _unpainted(text: str, tone: str) -> str:
    return text
