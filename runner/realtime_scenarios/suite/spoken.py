"""A trace to what was heard of each line that a caller spoke, and how long they waited for an answer."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from realtime_scenarios.trace import AgentSaid, ModelError, Trace, TraceEvent, UserSaid
from realtime_scenarios.voice.mistakes import misheard


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """What was `said` in a turn, and what of it was `heard`.

    `wrong` of so many `words` were taken for others, left out or put in. The server took what was said for so many
    turns as there are `pieces`; 0: for none. `latency_ms` is from the end of the line to the first sound of an answer;
    None: there was none.
    """

    turn: int
    said: str
    heard: str
    wrong: int
    words: int
    pieces: int
    latency_ms: int | None

    @property
    def is_heard(self) -> bool:
        return self.pieces > 0


def spoken_turns(trace: Trace) -> Iterator[SpokenTurn]:
    """The turns in which a caller spoke, in order."""
    for turn in dict.fromkeys(event.turn for event in trace):
        events = trace.of_turn(turn)
        pieces = [event for event in events if isinstance(event, UserSaid)]
        said = next((event.said for event in pieces if event.said is not None), None)
        if said is None:
            continue
        heard = " ".join(piece.text for piece in pieces if piece.text)
        count = misheard(said, heard)
        answers = (event.latency_ms for event in events if isinstance(event, AgentSaid))
        yield SpokenTurn(
            turn,
            said,
            heard,
            count.wrong,
            count.words,
            sum(piece.audio_ms is not None for piece in pieces),
            next((latency for latency in answers if latency is not None), None),
        )


def is_spoken(trace: Trace) -> bool:
    """Whether there is anything in it for `spoken_table`."""
    return any(_failed(event) or (isinstance(event, UserSaid) and event.said is not None) for event in trace)


def error_rate(turns: Sequence[SpokenTurn]) -> float:
    """The share of words that are wrong; of nothing, none are."""
    words = sum(turn.words for turn in turns)
    return sum(turn.wrong for turn in turns) / words if words else 0.0


def percentile(values: Sequence[int], share: float) -> int:
    """The smallest of the values that so large a share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(max(-int(-share * len(ordered) // 1) - 1, 0), len(ordered) - 1)]


def spoken_properties(trace: Trace) -> Iterator[tuple[str, str]]:
    """What a report says of the spoken turns of a dialogue, as names and values; nothing where the caller typed."""
    turns = list(spoken_turns(trace))
    for turn in turns:
        waited = "no answer" if turn.latency_ms is None else f"answered after {turn.latency_ms} ms"
        told = f"said: {turn.said} | heard: {turn.heard} | {turn.wrong} of {turn.words} words wrong | {waited}"
        yield f"spoken turn {turn.turn}", told
    if turns:
        yield "word error rate", f"{error_rate(turns):.3f}"


def spoken_table(traces: Mapping[str, Sequence[Trace]]) -> Iterator[str]:
    """For each scenario a line, in 80 columns: its spoken turns, and how they were heard. Nothing where all typed.

    `traces` are those of its dialogues, by its name.
    """
    rows = [(name, [turn for trace in found for turn in spoken_turns(trace)]) for name, found in traces.items()]
    rows = [(name, turns) for name, turns in rows if turns]
    if not rows:
        return
    if len(rows) > 1:
        rows.append(("all", [turn for _, turns in rows for turn in turns]))
    yield f"{'scenario':<28}{'turns':>6}{'unheard':>9}{'in pieces':>10}{'wrong words':>13}{'answered ms':>14}"
    for name, turns in rows:
        unheard, split = (sum(map(kind, turns)) for kind in (_is_unheard, _is_split))
        waited = [turn.latency_ms for turn in turns if turn.latency_ms is not None]
        times = f"{percentile(waited, 0.5)}/{percentile(waited, 0.95)}" if waited else "-"
        shown = name if len(name) < 28 else f"…{name[-26:]}"
        yield f"{shown:<28}{len(turns):>6}{unheard:>9}{split:>10}{100 * error_rate(turns):>11.1f} %{times:>14}"
    yield "answered: from the last word to the first sound, for half of the turns/for 95 %"
    unwritten = [event.message for found in traces.values() for trace in found for event in trace if _failed(event)]
    if unwritten:
        count = "1 turn was" if len(unwritten) == 1 else f"{len(unwritten)} turns were"
        yield from textwrap.wrap(f"{count} not written down: {unwritten[0]}", 80)


def _failed(event: TraceEvent) -> TypeGuard[ModelError]:
    """Whether it says that what writes callers down could not do it."""
    return isinstance(event, ModelError) and event.code == "transcription_failed"


def _is_unheard(turn: SpokenTurn) -> bool:
    return not turn.is_heard


def _is_split(turn: SpokenTurn) -> bool:
    return turn.pieces > 1
