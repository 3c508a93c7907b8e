"""A failed dialogue as it is shared, with one text in every field that somebody else can fill."""

from __future__ import annotations

from realtime_scenarios.studio.sharing import SharedEntry
from support.studio_page import Event, numbered, placed, studio_event, trace_event


def events_with(text: str) -> list[Event]:
    return numbered(
        [
            studio_event("Connected", {"agent": text}, agent=text),
            placed("u", "user", None),
            trace_event("UserSaid", {"text": text}, item="u"),
            trace_event("ToolCalled", {"call_id": "c1", "tool": text, "arguments": {text: text}}, place=[text, 1, 1]),
            trace_event("ToolReturned", {"call_id": "c1", "tool": text, "outcome": "failed", "output": text}),
            trace_event("HandedOff", {"call_id": "", "to": text, "arguments": {"reason": text}}, agent=text),
            trace_event("ContextChanged", {"variable": text, "value": {text: text}}),
            trace_event("GuardrailTripped", {"guardrail": text, "text": text, "reason": text}),
            placed("a", "assistant", "u"),
            trace_event("AgentSaid", {"text": f"{text}\n\n```\n{text}\n```"}, item="a", agent=text),
        ]
    )


def entry_with(text: str) -> SharedEntry:
    place = {"file": text, "path": text, "line": 1, "column": 1, "end_line": 1, "end_column": 1}
    line = {"seq": 3, "type": text, "agent": text, "label": text, "text": text, "tone": "bad", "marked": True}
    verdict = {
        "passed": False, "message": text, "at": 3, "turn": 1, "diff": [f"-{text}", f"+{text}"], "source": text, "place": place,
    }  # fmt: skip
    result = {
        "id": text, "title": text, "status": "failed", "place": place, "values": text, "verdicts": [verdict],
        "error": {"message": text, "hint": text, "source": text, "place": place}, "skipped": text, "doubt": text,
        "unchecked": [{"reason": text, "place": place}], "mistakes": [], "printed": text,
        "turns": [{"number": 1, "lines": [line]}],
    }  # fmt: skip
    return SharedEntry(text, events_with(text), {text: text}, text, "failed", result)
