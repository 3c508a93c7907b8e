"""A trace as a dialogue file: what was said and done, ready to be replayed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml

from runner.core.redaction import MARK
from runner.model.names import SET_STATE_TOOL
from runner.model.scenario import Scenario
from runner.trace import (
    AgentSaid,
    ApprovalDecided,
    HandedOff,
    HandoffRefused,
    StateEntered,
    ToolCalled,
    ToolReturned,
    Trace,
    TraceEvent,
    UserSaid,
    UserSilent,
)

SCHEMA_LINE = "# yaml-language-server: $schema={}\n"
_STAND_IN = "not-the-real-one"
_OUTCOMES_WORTH_SAYING = {"refused", "invalid"}


def dialogue_text(trace: Trace, scenario: Scenario, *, name: str, scenario_path: str, schema: str | None = None) -> str:
    """The conversation as the text of a dialogue file.

    `scenario_path` is how the file names its scenario. Secrets are not in a trace; where one was given, the dialogue
    gives a stand-in.
    """
    turns = [_turn(events, scenario) for events in _turns(trace)]
    document = {"scenario": scenario_path, "dialogues": [{"id": name, "tags": ["recorded"], "turns": turns}]}
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    return (SCHEMA_LINE.format(schema) if schema else "") + text


def _turns(trace: Trace) -> Iterator[tuple[TraceEvent, ...]]:
    for number in sorted({event.turn for event in trace if event.turn > 0}):
        yield trace.of_turn(number)


def _turn(events: tuple[TraceEvent, ...], scenario: Scenario) -> dict[str, Any]:
    turn: dict[str, Any] = {}
    moves: list[dict[str, Any]] = []
    for event in events:
        match event:
            case UserSaid():
                turn["user"] = event.text
            case UserSilent():
                turn["silence"] = f"{event.seconds:g}s"
            case AgentSaid():
                moves.append({"say": event.text})
                if event.interrupted:
                    moves[-1]["interrupt"] = {"after_words": max(1, len(event.text.split()))}
            case ToolCalled() if event.tool != SET_STATE_TOOL and event.tool in scenario.tools:
                moves.append(_call(event, events, scenario))
            case HandedOff() | HandoffRefused():
                moves.append(_handoff(event))
            case StateEntered():
                moves.append({"state": event.state})
            case _:
                pass
    return {**turn, "agent": moves}


def _call(event: ToolCalled, events: tuple[TraceEvent, ...], scenario: Scenario) -> dict[str, Any]:
    move: dict[str, Any] = {"call": event.tool}
    if isinstance(event.arguments, dict) and event.arguments:
        move["args"] = event.arguments
    decided = next((one for one in events if isinstance(one, ApprovalDecided) and one.call_id == event.call_id), None)
    if decided is not None and not decided.remembered:
        move["approval"] = _decision(decided, scenario)
    returned = next((one for one in events if isinstance(one, ToolReturned) and one.call_id == event.call_id), None)
    if returned is not None and returned.outcome in _OUTCOMES_WORTH_SAYING:
        move["outcome"] = returned.outcome
    return move


def _decision(decided: ApprovalDecided, scenario: Scenario) -> Any:
    if decided.decision != "approved":
        return "reject" if decided.decision == "rejected" else "times_out"
    rule = scenario.tools[decided.tool].approval
    fields = dict(decided.fields)
    for field in rule.fields.values() if rule else ():
        if field.secret or MARK in fields.get(field.name, ""):
            fields[field.name] = _STAND_IN
    return {"approve": fields} if fields else "approve"


def _handoff(event: HandedOff | HandoffRefused) -> dict[str, Any]:
    move: dict[str, Any] = {"handoff": event.to}
    if isinstance(event, HandedOff) and event.arguments:
        move["args"] = json.loads(json.dumps(event.arguments))
    if isinstance(event, HandoffRefused):
        move["refused"] = True
    return move
