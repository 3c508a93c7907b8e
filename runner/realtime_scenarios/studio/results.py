"""A dialogue's result as the page shows it: each verdict at its line, and the transcript with `>>>` at what failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from realtime_scenarios.core import Secrets
from realtime_scenarios.document import Place
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.studio.authoring import findings_data, place_data
from realtime_scenarios.suite import line_of
from realtime_scenarios.suite.report import stopped_at, values_line
from realtime_scenarios.trace import TraceEvent
from realtime_scenarios.verdicts import DialogueResult

_MOST_PRINTED = 20_000
"""Characters of what an author's code printed."""


def result_data(
    result: DialogueResult, folder: Path, name_of: Callable[[str], str], *, printed: str = ""
) -> dict[str, Any]:
    """All that is told of it. Nothing in it shows one of its secrets."""
    secrets = result.secrets
    marked = {verdict.at for verdict in result.failures}
    return {
        "id": result.dialogue.id,
        "title": result.dialogue.title,
        "status": result.status,
        "place": place_data(result.dialogue.place.span, folder),
        "values": secrets.hidden(values_line(result.dialogue)) if result.dialogue.values else None,
        "verdicts": [
            {
                "passed": verdict.passed,
                "message": verdict.message,
                "at": verdict.at,
                "turn": _turn_at(result, verdict.at) or _turn_written(result.dialogue, verdict.place),
                "diff": list(verdict.diff),
                "source": _source(verdict.place, secrets),
                "place": place_data(verdict.place.span, folder),
            }
            for verdict in result.verdicts
        ],
        "error": _error_data(result, folder),
        "skipped": result.skipped,
        "doubt": result.doubt,
        "unchecked": [
            {"reason": left.reason, "place": place_data(left.place.span, folder)} for left in result.unchecked
        ],
        "mistakes": findings_data(result.mistakes, folder),
        "turns": list(turns_data(result.trace.events, marked, name_of)),
        "printed": secrets.hidden(printed)[:_MOST_PRINTED],
    }


def turns_data(
    events: Iterable[TraceEvent], marked: Iterable[int | None], name_of: Callable[[str], str]
) -> Iterator[dict[str, Any]]:
    """The transcript turn by turn, each event as a line; `marked` are the numbers of those in question."""
    known = set(marked)
    turns: dict[int, list[dict[str, Any]]] = {}
    for event in events:
        line = line_of(event, name_of)
        turns.setdefault(event.turn, []).append(
            {
                "seq": event.seq,
                "type": type(event).__name__,
                "agent": event.agent,
                "label": line.label,
                "text": line.text,
                "tone": line.tone,
                "marked": event.seq in known,
            }
        )
    for number in sorted(turns):
        yield {"number": number, "lines": turns[number]}


def _error_data(result: DialogueResult, folder: Path) -> dict[str, Any] | None:
    if result.error is None:
        return None
    place = stopped_at(result)
    return {
        "message": result.error.message,
        "hint": result.error.hint,
        "source": _source(place, result.secrets),
        "place": place_data(place.span, folder),
    }


def _source(place: Place, secrets: Secrets) -> str:
    """The first line of what stands there, without secrets."""
    span = place.span
    return secrets.blotted(place.document.line(span.line, span.file)).strip()


def _turn_at(result: DialogueResult, seq: int | None) -> int | None:
    return next((event.turn for event in result.trace if event.seq == seq), None)


def _turn_written(dialogue: Dialogue, place: Place) -> int | None:
    """The turn in which a line stands; None: it is said of the whole dialogue."""
    pointers = [turn.place.pointer for turn in dialogue.turns]
    return next(
        (number for number, pointer in enumerate(pointers, 1) if place.pointer[: len(pointer)] == pointer), None
    )
