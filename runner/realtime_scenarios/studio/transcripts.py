"""What a conversation was, in Markdown, to be read and sent to somebody."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from realtime_scenarios.model.scenario import Scenario


def transcript_of(scenario: Scenario, picture: Iterable[Mapping[str, Any]]) -> str:
    """The text; `picture` is what the stream says of it."""
    lines = [f"# {scenario.title}", ""]
    for event in picture:
        line = _line(scenario, event)
        if line is not None:
            lines += [line, ""]
    return "\n".join(lines)


def _line(scenario: Scenario, event: Mapping[str, Any]) -> str | None:
    if event["layer"] != "trace":
        return None
    data, at = event["data"], _clock(event["at"])
    match event["type"]:
        case "UserSaid":
            return f"**Caller** {at}: {_quoted(data['text'] or '(could not be written down)')}"
        case "UserShowed":
            return f"**Caller** {at} shows {_quoted(data['image'])}"
        case "AgentSaid":
            cut = " *(cut off)*" if data["interrupted"] else ""
            return f"**{_name(scenario, event['agent'])}** {at}: {_quoted(data['text'])}{cut}"
        case "ToolCalled":
            return f"- calls `{data['tool']}` with `{json.dumps(data['arguments'], ensure_ascii=False)}`"
        case "ToolReturned":
            return f"- `{data['tool']}` {data['outcome']}: {_quoted(data['output'])}"
        case "ApprovalDecided":
            return f"- `{data['tool']}` was {data['decision'].replace('_', ' ')} by a person"
        case "HandedOff":
            return f"- {_name(scenario, event['agent'])} hands over to {_name(scenario, data['to'])}"
        case "StateEntered":
            return f"- state {data['previous'] or '(none)'} -> {data['state']}"
        case "GuardrailTripped":
            return f"- guardrail `{data['guardrail']}` tripped: {_quoted(data['reason'])}"
        case "ModelError" | "SessionEnded":
            return f"- {_quoted(data.get('message') or data.get('reason') or '')}"
        case _:
            return None


def _name(scenario: Scenario, agent: str) -> str:
    return scenario.agents[agent].name if agent in scenario.agents else agent


def _clock(ms: int) -> str:
    seconds = ms // 1000
    return f"({seconds // 60}:{seconds % 60:02d})"


def _quoted(text: str) -> str:
    """Text that stays text: nothing of it begins a line or means something in Markdown."""
    plain = " ".join(text.split())
    for mark in "\\`*_[]<>#|":
        plain = plain.replace(mark, f"\\{mark}")
    return plain
