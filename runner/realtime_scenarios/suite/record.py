"""A trace as a dialogue file: what was said and done, ready to be replayed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_args

import yaml

from realtime_scenarios.core.arguments import check_of
from realtime_scenarios.core.json_text import copied
from realtime_scenarios.core.printable import printable
from realtime_scenarios.core.redaction import MARK
from realtime_scenarios.core.samples import sample_text
from realtime_scenarios.model.names import SET_STATE_TOOL
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import spec_called
from realtime_scenarios.project.met import met_keys
from realtime_scenarios.realtime.responder import Phase
from realtime_scenarios.trace import (
    AgentSaid,
    ApprovalDecided,
    GuardrailChecked,
    GuardrailTripped,
    HandedOff,
    HandoffRefused,
    Interrupted,
    ModelError,
    StateEntered,
    StateRefused,
    ToolCalled,
    ToolReturned,
    Trace,
    TraceEvent,
    UserSaid,
    UserShowed,
    UserSilent,
)
from realtime_scenarios.verdicts.moves import last_word_of_a_guardrail

SECRET_STAND_IN = "not-the-real-one"
NOTHING_ON_RECORD = "(nothing on record)"
"""What the agent says in a dialogue where it must speak and nobody knows its words."""

_ABOUT_STAND_INS = """\
# Secrets are not written down: each has a stand-in here. Where the scenario looks at one, the calls that follow may end
# otherwise than they did; write a value in its place that is good for a test.
"""
_TEXT_MODEL_FAILED = {"text_model_failed", "supervisor_failed"}


class StandIn(NamedTuple):
    """What a dialogue gives in place of a secret. Whether it `fits` the form that the scenario asks for."""

    tool: str
    field: str
    text: str
    fits: bool


def stand_ins_in(trace: Trace, scenario: Scenario) -> tuple[StandIn, ...]:
    """What the dialogue of this trace gives in place of secrets that a person filled in."""
    found: list[StandIn] = []
    for event in trace:
        decided = trace.decided(event.call_id) if isinstance(event, ToolCalled) else None
        if isinstance(event, ToolCalled) and decided is not None and not decided.remembered:
            found += _stand_ins(decided, event, scenario)
    return tuple(found)


def dialogue_text(
    trace: Trace, scenario: Scenario, *, name: str, scenario_path: str, provider: str | None = None
) -> str:
    """The conversation as the text of a dialogue file.

    `scenario_path` is how the file names its scenario; `provider` is whose model it was, None: nobody knows.
    Secrets are not in a trace; where one was given, the dialogue gives a stand-in of the same form.
    """
    dialogue = dialogue_keys(trace, scenario, name=name, provider=provider)
    text = yaml_text({"scenario": scenario_path, "dialogues": [dialogue]})
    return text.replace("\n", f"\n{_ABOUT_STAND_INS}", 1) if SECRET_STAND_IN in text else text


def dialogue_keys(trace: Trace, scenario: Scenario, *, name: str, provider: str | None = None) -> dict[str, Any]:
    """The conversation as one dialogue of a file, as `dialogue_text` writes it."""
    numbers = sorted({event.turn for event in trace if event.turn > 0})
    turns = [_turn_of(number, trace, scenario) for number in numbers]
    by = {"provider": provider} if provider is not None else {}
    recorded = {**by, "agents": met_keys(agents_in(trace), scenario)}
    begins = _beginning_keys(trace, scenario)
    keys = {"id": name, "tags": ["recorded"], **begins, "recorded": recorded, "turns": turns}
    return {key: _with_stand_ins(value) for key, value in keys.items()}


def agents_in(trace: Trace) -> tuple[str, ...]:
    """The agents that were active, in the order in which they were met."""
    return tuple(dict.fromkeys([trace.start, *(event.agent for event in trace)]))


def _with_stand_ins(data: Any) -> Any:
    """The script with a word in place of each mark: the mark is what a trace shows, and nobody ever said it."""
    if isinstance(data, str):
        return data.replace(MARK, SECRET_STAND_IN)
    if isinstance(data, dict):
        return {key: _with_stand_ins(value) for key, value in data.items()}
    return [_with_stand_ins(item) for item in data] if isinstance(data, list) else data


def yaml_text(document: dict[str, Any] | list[Any]) -> str:
    """The document as people write it; all of it in escapes where a terminal that shows the file would obey it."""
    readable = str(yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110))
    if printable(readable) == readable:
        return readable
    return str(yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=False, width=110))


def yaml_value(value: Any) -> str:
    """The value in one line, as it may stand anywhere in a document."""
    for is_readable in (True, False):
        listed = str(
            yaml.dump(
                [value],
                Dumper=_Dumper,
                sort_keys=False,
                allow_unicode=is_readable,
                width=math.inf,
                default_flow_style=True,
            )
        ).strip()
        if printable(listed) == listed:
            break
    return listed[1:-1]


class _Dumper(yaml.SafeDumper):
    """Puts a text that looks like a number in quotes: `02199` is none to PyYAML (YAML 1.1), and one to our reader."""


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'" if _LIKE_A_NUMBER.match(text) else None)


_LIKE_A_NUMBER = re.compile(r"[-+]?\.?\d[\d_.:eExXoa-fA-F+-]*\Z")
_Dumper.add_representer(str, _text_node)


def _beginning_keys(trace: Trace, scenario: Scenario) -> dict[str, Any]:
    """When the conversation began, and where and with what it did so otherwise than the scenario says."""
    begun: dict[str, Any] = {} if trace.began is None else {"now": trace.began.isoformat(timespec="seconds")}
    context = {
        name: trace.context[name]
        for name, variable in scenario.context.items()
        if name in trace.context and trace.context[name] != variable.default and not variable.secret
    }
    context |= {
        name: SECRET_STAND_IN
        for name, variable in scenario.context.items()
        if variable.secret and trace.context.get(name) == MARK and check_of(variable.schema).fits(SECRET_STAND_IN)
    }
    begun |= {"context": context} if context else {}
    begun |= {"agent": trace.start} if trace.start != scenario.start else {}
    states = scenario.agents[trace.start].states
    entry = trace.entries.get(trace.start)
    return begun | ({"state": entry} if states is not None and entry and entry != states.entry else {})


def _turn_of(number: int, trace: Trace, scenario: Scenario) -> dict[str, Any]:
    events = trace.of_turn(number)
    turn: dict[str, Any] = {}
    moves: list[dict[str, Any]] = []
    failed: dict[str, str] = {}
    open_calls = 0
    for event in events:
        match event:
            case UserSaid():
                words = event.text if event.said is None else event.said
                turn["user"] = " ".join(filter(None, (turn.get("user"), words)))  # a voice may be heard in pieces
            case UserSilent():
                turn["silence"] = f"{event.seconds:g}s"
            case AgentSaid():
                moves.append({"say": event.text, **({"phase": event.phase} if event.phase in get_args(Phase) else {})})
                if failed:  # it was stopped while it was still being said
                    moves[-1]["classified"], failed = failed, {}
                if event.interrupted:
                    moves[-1]["interrupt"] = {"after_words": max(1, len(event.text.split()))}
            case UserShowed():
                turn["image"] = event.image
            case Interrupted(call_id=None, after=float() as after):
                turn["interrupt"] = {"after": f"{after:g}s"}
            case ToolCalled() if _is_agents_call(event, scenario) and _is_open(event, trace):
                open_calls += 1
            case ToolCalled() if _is_agents_call(event, scenario):
                moves.append(_call_move(event, trace, scenario))
            case HandedOff() | HandoffRefused():
                moves.append(_handoff_move(event))
            case StateEntered():
                moves.append({"state": event.state, **_collected_args(event, events, scenario)})
            case StateRefused():
                collected = _collected_args(event, events, scenario)
                moves.append({"state": event.state, "refused": _refused_value(event), **collected})
            case GuardrailChecked(status="fail") if event.category is not None:
                failed[event.guardrail] = event.category
            case GuardrailTripped() if failed:
                stopped = next((move for move in reversed(moves) if "say" in move), None)
                if stopped is not None and event.text == stopped["say"]:
                    stopped["classified"], failed = {**stopped.get("classified", {}), **failed}, {}
            case _:
                pass
    if open_calls and not (moves and "say" in moves[-1]):
        moves.append({"say": NOTHING_ON_RECORD})
    tripped = last_word_of_a_guardrail(events)
    expected = {"expect": [{"guardrail": tripped.guardrail}]} if tripped is not None else {}
    return {**turn, "agent": moves, **expected}


def _is_open(call: ToolCalled, trace: Trace) -> bool:
    """Whether the conversation was over before the call was: what would have come of it, nobody knows."""
    return call.turn == trace.events[-1].turn and trace.returned(call.call_id) is None


def _call_move(event: ToolCalled, trace: Trace, scenario: Scenario) -> dict[str, Any]:
    move: dict[str, Any] = {"call": event.tool}
    if isinstance(event.arguments, dict) and event.arguments:
        tool = scenario.tools.get(event.tool)
        move["args"] = _with_forms_kept(event.arguments, tool.parameters.get("properties", {}) if tool else {})
    decided = trace.decided(event.call_id)
    if decided is not None and not decided.remembered:
        move["approval"] = _approval_value(decided, event, scenario)
        asked = trace.asked(event.call_id)
        if asked is not None and asked.question and MARK not in asked.question:
            move["asks"] = {"equals": asked.question}
    returned = trace.returned(event.call_id)
    by_person = decided is not None and decided.decision != "approved" and not decided.remembered
    if returned is not None and returned.outcome != "answered" and not by_person:
        move["outcome"] = returned.outcome
    nested = [_call_move(inner, trace, scenario) for inner in trace.within(event.call_id)]
    answered = trace.answered(event.call_id)
    if answered is not None:
        nested.append({"answer": _nested_answer_value(answered.text)})
    elif returned is not None:
        nested += _nested_failures(event, returned, trace, scenario)
    if nested:
        move["nested"] = nested
    for cut_in in trace:
        if isinstance(cut_in, Interrupted) and cut_in.call_id == event.call_id:
            move["interrupt"] = {"after": f"{cut_in.after:g}s"}
    return move


def _nested_failures(
    call: ToolCalled, returned: ToolReturned, trace: Trace, scenario: Scenario
) -> list[dict[str, Any]]:
    """The failures of the text model behind the call: as many as it may be asked again."""
    stub = scenario.tools[call.tool].stub if call.tool in scenario.tools else None
    if stub is not None and stub.supervisor is not None:
        retries = scenario.supervisors[stub.supervisor].retries
    elif stub is not None and stub.question is not None:
        retries = stub.question.retries
    else:
        return []
    for event in trace:
        if isinstance(event, ModelError) and event.code in _TEXT_MODEL_FAILED and call.seq < event.seq < returned.seq:
            return [{"fails": event.message}] * (retries + 1)
    return []


def _nested_answer_value(text: str) -> Any:
    """The answer of a text model: the fields of a structured one."""
    try:
        data = json.loads(text)
    except ValueError:
        return text
    return data if isinstance(data, dict) else text


def _is_agents_call(event: ToolCalled, scenario: Scenario) -> bool:
    """Whether the voice agent called something that the scenario has, or that one of its servers may have."""
    if event.tool == SET_STATE_TOOL or event.within is not None:
        return False
    return event.tool in scenario.tools or any(
        server.tools is None or event.tool in server.tools for server in scenario.mcp.values()
    )


def _collected_args(
    event: StateEntered | StateRefused, events: tuple[TraceEvent, ...], scenario: Scenario
) -> dict[str, Any]:
    """What was given with the last call before the event that moves on."""
    moves = (other for other in events if isinstance(other, ToolCalled) and other.tool == SET_STATE_TOOL)
    before = [move.arguments for move in moves if move.seq < event.seq]
    given = dict(before[-1]) if before and isinstance(before[-1], dict) else {}
    given.pop("next_state", None)
    schemas = {name: variable.schema for name, variable in scenario.context.items()}
    return {"args": _with_forms_kept(given, schemas)} if given else {}


def _with_forms_kept(given: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments in which a masked secret has the form that its schema asks for, or the call would be refused."""
    kept = dict(given)
    for name, value in given.items():
        schema = schemas.get(name)
        if value == MARK and isinstance(schema, Mapping):
            kept[name] = sample_text(schema.get("pattern"), schema.get("format"), wanted=MARK) or MARK
    return kept


def _stand_ins(decided: ApprovalDecided, call: ToolCalled, scenario: Scenario) -> Iterator[StandIn]:
    """What is given in place of each secret that somebody filled in to approve the call."""
    tool = scenario.tools.get(decided.tool)
    rule = spec_called(tool, call.arguments).approval if tool and isinstance(call.arguments, dict) else None
    for field in rule.fields.values() if rule and decided.decision == "approved" else ():
        if field.secret or MARK in decided.fields.get(field.name, ""):
            text = sample_text(field.pattern, field.format, wanted=SECRET_STAND_IN)
            yield StandIn(decided.tool, field.name, text or SECRET_STAND_IN, text is not None)


def _approval_value(decided: ApprovalDecided, call: ToolCalled, scenario: Scenario) -> Any:
    if decided.decision != "approved":
        return "reject" if decided.decision == "rejected" else "times_out"
    stand_ins = {given.field: given.text for given in _stand_ins(decided, call, scenario)}
    fields = {**decided.fields, **stand_ins}
    return {"approve": fields} if fields else "approve"


def _refused_value(event: HandoffRefused | StateRefused) -> bool | str:
    return "invalid" if event.invalid else True


def _handoff_move(event: HandedOff | HandoffRefused) -> dict[str, Any]:
    move: dict[str, Any] = {"handoff": event.to}
    if event.arguments:
        move["args"] = copied(event.arguments)
    if isinstance(event, HandoffRefused):
        move["refused"] = _refused_value(event)
    return move
