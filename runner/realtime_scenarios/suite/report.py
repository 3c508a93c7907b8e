"""Results of a suite as text: a line a dialogue, every failure with its events, and what it comes to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from realtime_scenarios.core import Secrets
from realtime_scenarios.core.redaction import MARK
from realtime_scenarios.core.snippets import Paint, columns_of, source_lines
from realtime_scenarios.core.wrapping import wrapped
from realtime_scenarios.document import Place
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.model.each import hidden_names
from realtime_scenarios.project.cases import Case
from realtime_scenarios.suite.lines import Line, line_of
from realtime_scenarios.trace import TraceEvent
from realtime_scenarios.verdicts import DialogueResult

WIDTH = 80
"""Columns that lines may take where no terminal says otherwise."""

_LABEL_WIDTH = 10


@dataclass(frozen=True, slots=True)
class Tally:
    passed: int
    failed: int
    left: int

    def __str__(self) -> str:
        parts = [f"{self.passed} passed", f"{self.failed} failed" if self.failed else ""]
        parts.append(f"{self.left} not run" if self.left else "")
        return ", ".join(part for part in parts if part)


def tally(results: Sequence[DialogueResult], total: int) -> Tally:
    passed = sum(result.passed for result in results)
    return Tally(passed, len(results) - passed, total - len(results))


def result_line(case: Case, result: DialogueResult, paint: Paint) -> str:
    mark = paint("ok  ", "good") if result.passed else paint("FAIL", "bad")
    count = len(result.dialogue.turns)
    turns = "1 turn" if count == 1 else f"{count} turns"
    return f"{mark} {case.name} {paint(f'({turns})', 'quiet')}"


def failure_report(case: Case, result: DialogueResult, paint: Paint, width: int = WIDTH) -> Iterator[str]:
    """What went wrong in one dialogue: each failed verdict at its YAML line, and its turn with `>>>` at the event."""
    title = f"── {case.name} "
    yield paint(title + "─" * (width - columns_of(title)), "bad")
    if case.dialogue.values:
        yield result.secrets.hidden(values_line(case.dialogue))
    if result.error is not None:
        place = stopped_at(result)
        yield f"{paint(str(place.span), 'bold')}: stopped: {result.error.message}"
        yield from _source_lines(place, result.secrets, paint, width)
        if result.error.hint:
            yield f"hint: {result.error.hint}"
    for verdict in result.failures:
        yield f"{paint(str(verdict.place.span), 'bold')}: {verdict.message}"
        yield from _source_lines(verdict.place, result.secrets, paint, width)
    marked = {verdict.at for verdict in result.failures}
    turns = {event.turn for event in result.trace if event.seq in marked}
    if result.error is not None or not turns:
        turns = {max((event.turn for event in result.trace), default=0)}
    events = [event for event in result.trace if event.turn in turns]
    yield from event_lines(events, marked, case.agent_name, paint, width)
    yield ""


def values_line(dialogue: Dialogue) -> str:
    """The values that the dialogue is played for, without those that a person fills in: they may be secret."""
    hidden = hidden_names(dialogue.place)
    values = (
        f"{name}: {MARK if name in hidden else json.dumps(value, ensure_ascii=False)}"
        for name, value in dialogue.values.items()
    )
    return f"played with {', '.join(values)}"


def stopped_at(result: DialogueResult) -> Place:
    """The turn that was being taken when the conversation could not go on; the dialogue where none had begun."""
    number = max((event.turn for event in result.trace), default=0)
    return result.dialogue.turns[number - 1].place if number > 0 else result.dialogue.place


def event_lines(
    events: Sequence[TraceEvent],
    marked: set[int | None],
    name_of: Callable[[str], str],
    paint: Paint,
    width: int = WIDTH,
) -> Iterator[str]:
    """The events, turn by turn, with `>>>` at the marked ones."""
    turn = None
    for event in events:
        if event.turn != turn:
            turn = event.turn
            yield paint(f"  turn {turn}", "quiet")
        yield from _wrapped_event(line_of(event, name_of), event.seq in marked, paint, width)


def _wrapped_event(line: Line, marked: bool, paint: Paint, width: int) -> Iterator[str]:
    room = width - _LABEL_WIDTH - 7
    first, *others = wrapped(line.text, room, most=4) or [""]
    lead = paint(" >>>", "bad") if marked else "    "
    yield f"{lead}  {paint(line.label.ljust(_LABEL_WIDTH), 'quiet')} {paint(first, line.tone)}"
    for more in others:
        yield f"{' ' * (_LABEL_WIDTH + 7)}{paint(more, line.tone)}"


def _source_lines(place: Place, secrets: Secrets, paint: Paint, width: int) -> tuple[str, str]:
    span = place.span
    line = secrets.blotted(place.document.line(span.line, span.file))
    return source_lines(line, span, width=width, tone="bad", paint=paint)
