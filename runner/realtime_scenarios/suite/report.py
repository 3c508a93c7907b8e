"""Results of a suite as text: a line a dialogue, every failure with its events, and what it comes to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from realtime_scenarios.core import Secrets, WorkerError, counted
from realtime_scenarios.core.redaction import MARK
from realtime_scenarios.core.snippets import Paint, columns_of, source_lines
from realtime_scenarios.core.wrapping import cropped, wrapped
from realtime_scenarios.document import Place
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.model.each import hidden_names
from realtime_scenarios.project.cases import Case
from realtime_scenarios.suite.lines import Line, line_of
from realtime_scenarios.trace import Trace, TraceEvent
from realtime_scenarios.verdicts import DialogueResult, Status
from realtime_scenarios.verdicts.result import FAILS_THE_RUN

WIDTH = 80
"""Columns that lines may take where no terminal says otherwise."""

_LABEL_WIDTH = 10
_DIFF_TONES = {"-": "good", "+": "bad"}


_MARKS: Mapping[Status, tuple[str, str]] = {
    "passed": ("ok  ", "good"),
    "failed": ("FAIL", "bad"),
    "invalid": ("INVALID", "bad"),
    "skipped": ("skip", "ask"),
    "unsure": ("UNSURE", "bad"),
}
"""How a result is marked, and the tone of the mark."""

_MOST_PRINTED = 30
"""Lines that are shown of what a dialogue printed."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many dialogues came to what. `left` were not run; `unchecked` parts of the others could not be checked."""

    counts: Mapping[Status, int]
    left: int
    unchecked: int

    @property
    def fails_the_run(self) -> bool:
        """Whether a dialogue does, or is left, or there is none that was checked."""
        return not self.counts["passed"] or self.left > 0 or any(self.counts[status] for status in FAILS_THE_RUN)

    def __str__(self) -> str:
        parts = [f"{count} {status}" for status, count in self.counts.items() if count or status == "passed"]
        parts += [f"{self.left} not run"] if self.left else []
        parts += [f"{self.unchecked} {'thing' if self.unchecked == 1 else 'things'} not checked"] * bool(self.unchecked)
        return ", ".join(parts)


class TallySoFar:
    """A tally that is made one result after the other."""

    def __init__(self) -> None:
        self._found: Counter[Status] = Counter()
        self._unchecked = 0

    def add(self, result: DialogueResult) -> None:
        self._found[result.status] += 1
        self._unchecked += len(result.unchecked)

    def of(self, total: int | None = None) -> Tally:
        """The tally of so many dialogues; None: of those that were added."""
        done = self._found.total()
        counts = {status: self._found[status] for status in _MARKS}
        return Tally(counts, 0 if total is None else total - done, self._unchecked)


def tally(results: Iterable[DialogueResult], total: int) -> Tally:
    so_far = TallySoFar()
    for result in results:
        so_far.add(result)
    return so_far.of(total)


def result_line(case: Case, result: DialogueResult, paint: Paint) -> str:
    mark, tone = _MARKS[result.status]
    return f"{paint(mark, tone)} {case.name} {paint(f'({_remark(result)})', 'quiet')}"


def _remark(result: DialogueResult) -> str:
    """What stands behind the name of a dialogue: its length, or why it was not played."""
    match result.status:
        case "invalid":
            return counted(len(result.mistakes), "mistake")
        case "skipped":
            return result.skipped or ""
        case "unsure":
            return result.doubt or ""
        case "passed" | "failed":
            turns = counted(len(result.dialogue.turns), "turn")
            return f"{turns}, {len(result.unchecked)} not checked here" if result.unchecked else turns
        case _:
            assert_never(result.status)


def failure_report(case: Case, result: DialogueResult, paint: Paint, width: int = WIDTH) -> Iterator[str]:
    """What went wrong in one dialogue: each failed verdict at its YAML line, and its turn with `>>>` at the event."""
    title = f"── {case.name} "
    yield paint(title + "─" * (width - columns_of(title)), "bad")
    if case.dialogue.values:
        yield result.secrets.hidden(values_line(case.dialogue))
    if result.doubt is not None:
        yield f"unsure: {result.doubt}"
    if result.error is not None:
        place = stopped_at(result)
        yield f"{paint(str(place.span), 'bold')}: stopped: {result.error.message}"
        yield from _source_lines(place, result.secrets, paint, width)
        if result.error.hint:
            yield f"hint: {result.error.hint}"
    for verdict in result.failures:
        yield f"{paint(str(verdict.place.span), 'bold')}: {verdict.message}"
        yield from _source_lines(verdict.place, result.secrets, paint, width)
        yield from (f"    {paint(line, _DIFF_TONES.get(line[0], 'plain'))}" for line in verdict.diff)
    marked = {verdict.at for verdict in result.failures}
    turns = {event.turn for event in result.trace if event.seq in marked}
    if result.error is not None or not turns:
        turns = {_last_turn(result.trace)}
    if case.dialogue.caller is not None:  # nobody can read elsewhere what was said
        turns = {event.turn for event in result.trace}
    events = [event for event in result.trace if event.turn in turns]
    yield from event_lines(events, marked, case.agent_name, paint, width)
    yield ""


def printed_lines(text: str, paint: Paint, width: int = WIDTH) -> Iterator[str]:
    """What author's code printed while the dialogue was played, in lines of its own that no terminal obeys."""
    lines = text.splitlines()
    for line in lines[:_MOST_PRINTED]:
        shown = "".join(char if char.isprintable() else " " if char == "\t" else "�" for char in line)
        yield f"      {paint('printed'.ljust(_LABEL_WIDTH), 'quiet')} {cropped(shown, width - _LABEL_WIDTH - 7)}"
    if len(lines) > _MOST_PRINTED:
        yield f"{' ' * (_LABEL_WIDTH + 7)}{paint(f'({len(lines) - _MOST_PRINTED} more lines)', 'quiet')}"


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
    number = result.error.turn if isinstance(result.error, WorkerError) else _last_turn(result.trace)
    return result.dialogue.turns[number - 1].place if number > 0 else result.dialogue.place


def _last_turn(trace: Trace) -> int:
    return max((event.turn for event in trace), default=0)


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
