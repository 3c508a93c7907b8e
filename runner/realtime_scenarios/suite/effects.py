"""What happened in a conversation apart from words, and what of it happened more often than it should."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from realtime_scenarios.trace import HandedOff, ToolCalled, ToolReturned, Trace

_RAN = ("answered", "failed", "timed_out")


def effects_of(trace: Trace) -> Counter[str]:
    """Calls that ran, with their arguments, and handoffs that were made: how often each happened."""
    calls = {event.call_id: event.arguments for event in trace if isinstance(event, ToolCalled)}
    found: Counter[str] = Counter()
    for event in trace:
        match event:
            case ToolReturned() if event.outcome in _RAN:
                found[f"{event.tool}({_arguments_text(calls.get(event.call_id))})"] += 1
            case HandedOff():
                found[f"the handoff to '{event.to}'"] += 1
            case _:
                pass
    return found


def doubled_effects(trace: Trace, usual: Trace) -> Iterator[tuple[str, int]]:
    """What happened more often than in the `usual` conversation, in words, and at which event for the last time."""
    for call_id, times in _returns(trace).items():
        if times > 1:
            yield f"one call ({call_id}) was carried out {times} times", _last_return(trace, call_id)
    usually = effects_of(usual)
    for effect, times in effects_of(trace).items():
        if times > usually[effect] > 0:
            yield f"{effect} happened {times} times, and usually {usually[effect]}", trace.events[-1].seq


def _returns(trace: Trace) -> Counter[str]:
    return Counter(event.call_id for event in trace if isinstance(event, ToolReturned) and event.outcome in _RAN)


def _last_return(trace: Trace, call_id: str) -> int:
    return max(event.seq for event in trace if isinstance(event, ToolReturned) and event.call_id == call_id)


def _arguments_text(arguments: object) -> str:
    return json.dumps(arguments, sort_keys=True, ensure_ascii=False, default=str)
