"""A trace event as one line for people: a label, a text, and how it should look."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, assert_never

from realtime_scenarios.core import listed
from realtime_scenarios.core.printable import printable
from realtime_scenarios.trace import (
    AgentSaid,
    ApprovalDecided,
    ApprovalIncomplete,
    ApprovalRequested,
    ContextChanged,
    GuardrailChecked,
    GuardrailTripped,
    HandedOff,
    HandoffRefused,
    Interrupted,
    ModelAnswered,
    ModelAsked,
    ModelError,
    Reconnected,
    SessionEnded,
    StateEntered,
    StateRefused,
    ToolCalled,
    ToolReturned,
    TraceEvent,
    TranscriptionReplaced,
    UserSaid,
    UserShowed,
    UserSilent,
)
from realtime_scenarios.voice.mistakes import misheard


@dataclass(frozen=True, slots=True)
class Line:
    """`label` fits in ten columns; `tone` is a style name: plain, quiet, good, bad, ask or move."""

    label: str
    text: str
    tone: str = "plain"


def line_of(event: TraceEvent, name_of: Callable[[str], str] = str) -> Line:
    """The event in a line that can be printed. `name_of` gives an agent's name for its id."""
    line = _raw_line(event, name_of)
    return replace(line, text=printable(line.text))


def _raw_line(event: TraceEvent, name_of: Callable[[str], str]) -> Line:
    match event:
        case UserSaid():
            return _callers_line(event)
        case UserShowed():
            return Line("caller", f"(shows {event.image})", "quiet")
        case UserSilent():
            return Line("caller", f"(silent for {event.seconds:g} s)", "quiet")
        case AgentSaid():
            return Line("agent", f"{name_of(event.agent)}: {event.text}{' —' if event.interrupted else ''}")
        case ToolCalled():
            nested = "  └ " if event.within else ""
            return Line("call", f"{nested}{event.tool}({_arguments_text(event.arguments)})", "move")
        case ToolReturned():
            nested = "  └ " if event.within else ""
            outcome = "" if event.outcome == "answered" else f"{event.outcome.replace('_', ' ')}: "
            return Line("returned", f"{nested}{outcome}{event.output}", "quiet" if not outcome else "bad")
        case ModelAsked():
            nested = "  └ " if event.call_id else ""
            return Line("model", f"{nested}{event.name} reads: {_end_of(event.question)}", "quiet")
        case ModelAnswered():
            return Line("model", f"  └ {event.name}: {event.text}", "quiet")
        case ApprovalRequested():
            asked = f" with {', '.join(event.fields)}" if event.fields else ""
            question = f": {event.question}" if event.question else ""
            return Line("approval", f"{event.tool} needs a person's yes{asked}{question}", "ask")
        case ApprovalIncomplete():
            why = [f"{', '.join(event.missing)} left empty"] if event.missing else []
            why += [f"{name}: {reason}" for name, reason in event.unfit.items()]
            return Line("approval", f"{event.tool} stays pending: {'; '.join(why)}", "ask")
        case ApprovalDecided():
            again = " (remembered)" if event.remembered else ""
            tone = "good" if event.decision == "approved" else "bad"
            return Line("approval", f"{event.tool} {event.decision.replace('_', ' ')}{again}", tone)
        case HandedOff():
            payload = f" with {_arguments_text(event.arguments)}" if event.arguments else ""
            return Line("handoff", f"{name_of(event.agent)} → {name_of(event.to)}{payload}", "move")
        case HandoffRefused():
            return Line("handoff", f"to {name_of(event.to)} refused: {event.reason}", "bad")
        case StateEntered():
            return Line("state", f"{event.previous} → {event.state}" if event.previous else event.state, "move")
        case StateRefused():
            return Line("state", f"to {event.state} refused: {event.reason}", "bad")
        case ContextChanged():
            return Line("context", f"{event.variable} = {json.dumps(event.value, ensure_ascii=False)}", "quiet")
        case Interrupted(after=float() as after):
            during = ", while a tool works" if event.call_id else ""
            return Line("caller", f"(cuts in after {after:g} s{during})", "quiet")
        case Interrupted():
            return Line("caller", f"(cuts in after: {event.heard})", "quiet")
        case GuardrailChecked():
            category = f" ({event.category})" if event.category and event.category != "NONE" else ""
            tone = {"pending": "quiet", "pass": "good", "fail": "bad"}[event.status]
            return Line("guardrail", f"{event.guardrail}: {event.status}{category}", tone)
        case GuardrailTripped():
            return Line("guardrail", f"{event.guardrail} tripped: {event.reason}", "bad")
        case ModelError():
            return Line("error", f"{event.code}: {event.message}" if event.code else event.message, "bad")
        case TranscriptionReplaced():
            without = f", without {listed(event.left_out)}" if event.left_out else ""
            told = f"{event.refused} was refused: {event.reason}; {event.model} goes on{without}"
            return Line("transcript", told, "bad")
        case Reconnected(attempts=0):
            return Line("line", f"{event.reason}; a fresh one took over", "quiet")
        case Reconnected():
            tries = f" at attempt {event.attempts}" if event.attempts > 1 else ""
            return Line("line", f"{event.reason}; back after {event.seconds:g} s{tries}", "ask")
        case SessionEnded():
            return Line("end", event.reason, "quiet")
        case _:
            assert_never(event)


def _callers_line(event: UserSaid) -> Line:
    """What was heard of the caller, and what they said where that is something else."""
    spoke = event.said is not None or event.audio_ms is not None
    if event.text or not spoke:
        said = f" (said: {event.said})" if event.said is not None and misheard(event.said, event.text).wrong else ""
        return Line("caller", f"{event.text}{said}")
    why = "is not heard" if event.audio_ms is None else "is not understood"
    return Line("caller", f"(speaks, and {why}{f': {event.said}' if event.said else ''})", "quiet")


def _end_of(text: str, longest: int = 120) -> str:
    """The end of a text in one line: what is asked stands last, after the conversation."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"…{line[1 - longest :]}"


def _arguments_text(arguments: Any) -> str:
    if not isinstance(arguments, dict):
        return str(arguments)
    return ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in arguments.items())
