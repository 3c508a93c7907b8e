"""A saved log of Realtime events to a draft of a dialogue: who said what, and what the model called.

Three forms of lines are read, each a JSON object: those of `--log-events` (`{"from": ..., "event": {...}}`), events as
they are (`{"type": ...}`, as `event.model_dump_json()` of openai-python gives them), and those of the event log of the
reference demos' pages (`{"direction": ..., "eventData": {...}}`). A file may also hold one JSON list of them. Names of
events are those of the GA interface and of the beta (`conversation.item.created`).

On the wire nobody sees what a person decided, nor what stands behind a tool: so a draft has a decision wherever the
scenario may ask, and is played to find out (`suite/recording.py`).
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from realtime_scenarios.core import UsageError
from realtime_scenarios.core.samples import sample_text
from realtime_scenarios.model.names import SET_STATE_TOOL, TRANSFER_TOOL
from realtime_scenarios.model.scenario import AgentSpec, Scenario
from realtime_scenarios.model.tool import ToolSpec, spec_called
from realtime_scenarios.project.prompts import NOBODY_ANSWERED, REJECTED, functions_of, wire_name
from realtime_scenarios.suite.record import SECRET_STAND_IN

NOT_WRITTEN_DOWN = "(not written down)"
"""What stands in place of words that nobody wrote down."""

_SENT_BY_CLIENTS = frozenset(
    (
        "session.update",
        "transcription_session.update",
        "response.create",
        "response.cancel",
        "output_audio_buffer.clear",
        "input_audio_buffer.append",
        "conversation.item.create",
        "conversation.item.truncate",
        "conversation.item.delete",
        "conversation.item.retrieve",
    )
)
_ITEM_IS_THERE = ("conversation.item.added", "conversation.item.created", "conversation.item.done")
_OF_A_CALL_IN_TRANSFER = ("destination_agent", "rationale_for_transfer", "conversation_context")


_HINT = "each line must be one event, as a JSON object"


class WireEvent(Struct, frozen=True):
    """One event of one connection. `session` is what tells connections apart, None: the log does not say.

    `at` is when it was, as ISO 8601 with its zone; None: the log does not say.
    """

    by_client: bool
    data: Mapping[str, Any]
    session: str | None = None
    at: str | None = None


class Draft(Struct, frozen=True):
    """A dialogue as it is seen on the wire. `notes` are what could not be carried over, a sentence each.

    `began` is when the first event came; None: the log does not say.
    """

    agent: str
    turns: list[dict[str, Any]]
    notes: tuple[str, ...]
    began: datetime.datetime | None = None


def wire_events(text: str, session: str | None = None) -> list[WireEvent]:
    """The events of a log, of one session. `session` is its name or number in the log; None: there is only one.

    Raises:
        UsageError: a line is no event, there are none, or there are several sessions and none is named.
    """
    events = [event for _, line in _lines(text) if (event := _event_in(line)) is not None]
    names = list(dict.fromkeys(event.session for event in events if event.session is not None))
    if session is None and len(names) > 1:
        hint = f"name one of them with --session: {', '.join(map(str, names[:6]))}"
        raise UsageError(f"the log holds {len(names)} sessions", hint=hint)
    if session is not None:
        if session not in names:
            hint = f"there is {', '.join(names[:6])}" if names else "leave --session out"
            raise UsageError(f"the log holds no session '{session}'", hint=hint)
        events = [event for event in events if event.session == session]
    if not events:
        raise UsageError("there are no Realtime events in it", hint="`scenario run --log-events FILE` writes some")
    return events


def is_wire_log(text: str) -> bool:
    """Whether a text is a log of Realtime events, going by its first line; a trace's lines have other types."""
    for _, line in _lines(text):
        return _event_in(line) is not None or "event" in line or "eventData" in line
    return False


def draft_of(events: Iterable[WireEvent], scenario: Scenario, agent: str | None = None) -> Draft:
    """The dialogue that a log shows. `agent` is who speaks first; None: who has the tools that the session has."""
    known = list(events)
    reader = _Reader(scenario, agent or _first_agent(known, scenario), outputs=dict(_outputs(known)))
    reader.reads_clients = not any(_is_users_item(event) for event in known if not event.by_client)
    began = reader.agent
    for event in known:
        reader.read(event)
    return Draft(began, reader.finished_turns(), tuple(reader.notes), _moment(known[0].at) if known else None)


def _moment(text: str | None) -> datetime.datetime | None:
    try:
        moment = datetime.datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


@dataclass
class _Reader:
    """Reads events one after the other. `outputs` maps calls to what was answered, by their ids."""

    scenario: Scenario
    agent: str
    outputs: Mapping[str, str]
    reads_clients: bool = False
    turns: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _turn_of_item: dict[str, dict[str, Any]] = field(default_factory=dict)

    def read(self, event: WireEvent) -> None:
        data = event.data
        item = data.get("item")
        match data.get("type"):
            case "conversation.item.create" if event.by_client and self.reads_clients and isinstance(item, Mapping):
                self._user_item(item)
            case kind if kind in _ITEM_IS_THERE and not event.by_client and isinstance(item, Mapping):
                self._user_item(item)
            case "conversation.item.input_audio_transcription.completed":
                turn = self._turn_of_item.get(str(data.get("item_id")))
                if turn is not None and turn.get("user") == NOT_WRITTEN_DOWN:
                    turn["user"] = str(data.get("transcript", "")).strip() or NOT_WRITTEN_DOWN
            case "response.output_item.done" if isinstance(item, Mapping):
                self._model_item(item)
            case "response.done" if isinstance(data.get("response"), Mapping):
                for output in data["response"].get("output") or ():
                    if isinstance(output, Mapping):
                        self._model_item(output)
            case _:
                pass

    def finished_turns(self) -> list[dict[str, Any]]:
        """The turns, those of a caller who spoke on as one; a last one that nobody answered is left out."""
        whole: list[dict[str, Any]] = []
        for turn in self.turns:
            if whole and not whole[-1]["agent"] and "user" in whole[-1] and "user" in turn:
                whole[-1] = {**turn, "user": f"{whole[-1]['user']} {turn['user']}"}
            else:
                whole.append(turn)
        if whole and not whole[-1]["agent"]:
            self.notes.append(f"“{whole[-1].get('user', '')}” was not answered any more, and is left out")
            whole.pop()
        for number, turn in enumerate(whole, 1):
            if NOT_WRITTEN_DOWN in turn.get("user", ""):
                self.notes.append(f"turn {number}: what the caller said was not written down; put it in its place")
        return whole

    def _user_item(self, item: Mapping[str, Any]) -> None:
        if item.get("type") != "message" or item.get("role") != "user" or not self._is_new(item):
            return
        parts = [part for part in item.get("content") or () if isinstance(part, Mapping)]
        words = [str(part.get("text") or part.get("transcript") or "").strip() for part in parts]
        if any(part.get("type") == "input_image" for part in parts):
            self.notes.append(f"turn {len(self.turns) + 1}: the picture that the caller showed is not in a log")
        turn: dict[str, Any] = {"user": " ".join(filter(None, words)) or NOT_WRITTEN_DOWN, "agent": []}
        self.turns.append(turn)
        self._turn_of_item[str(item.get("id"))] = turn

    def _model_item(self, item: Mapping[str, Any]) -> None:
        is_ours = item.get("type") == "function_call" or item.get("role") == "assistant"
        if not is_ours or not self._is_new(item):
            return
        if not self.turns:
            self.turns.append({"agent": []})
        moves = self.turns[-1]["agent"]
        if item.get("type") == "function_call":
            moves += self._moves_of_call(item)
            return
        parts = [part for part in item.get("content") or () if isinstance(part, Mapping)]
        text = " ".join(filter(None, (str(part.get("text") or part.get("transcript") or "").strip() for part in parts)))
        if text:
            is_cut = item.get("status") == "incomplete"
            cut = {"interrupt": {"after_words": max(1, len(text.split()))}} if is_cut else {}
            phase = {"phase": item["phase"]} if item.get("phase") in ("commentary", "final_answer") else {}
            moves.append({"say": text, **phase, **cut})

    def _is_new(self, item: Mapping[str, Any]) -> bool:
        """Whether the item has not been read before: it is told when it is added, done, and with its response."""
        name = item.get("id")
        if name is None:
            return True
        is_new = name not in self._seen
        self._seen.add(str(name))
        return is_new

    def _moves_of_call(self, item: Mapping[str, Any]) -> list[dict[str, Any]]:
        name, spec = str(item.get("name")), self.scenario.agents[self.agent]
        arguments = _parsed(item.get("arguments"))
        if name == SET_STATE_TOOL:
            rest = {key: value for key, value in arguments.items() if key != "next_state"}
            return [{"state": str(arguments.get("next_state")), **({"args": rest} if rest else {})}]
        if (to := self._target(name, arguments, spec)) is not None:
            self.agent = to
            rest = {key: value for key, value in arguments.items() if key not in _OF_A_CALL_IN_TRANSFER}
            return [{"handoff": to, **({"args": rest} if rest else {})}]
        if name not in self.scenario.tools:
            self.notes.append(f"turn {len(self.turns)}: '{name}' was called, which the scenario does not have")
            return []
        output = self.outputs.get(str(item.get("call_id")))
        return [_call_move(self.scenario.tools[name], arguments, output)]

    def _target(self, name: str, arguments: Mapping[str, Any], spec: AgentSpec) -> str | None:
        """The agent that a call hands over to; None: it does not."""
        if name == TRANSFER_TOOL or name == "transferAgents":
            to = arguments.get("destination_agent")
            named = (other.id for other in self.scenario.agents.values() if to in (other.id, other.name))
            return next(named, None)
        edges = [edge for edge in spec.handoffs if edge.to in self.scenario.agents]
        return next((edge.to for edge in edges if wire_name(edge, spec, self.scenario) == name), None)


def _call_move(tool: ToolSpec, arguments: Mapping[str, Any], output: str | None) -> dict[str, Any]:
    """The call, with what a person may have decided and what a text model behind it said."""
    move: dict[str, Any] = {"call": tool.name, **({"args": dict(arguments)} if arguments else {})}
    rule = spec_called(tool, arguments).approval
    if rule is not None and output is not None and output in (rule.reject_message, REJECTED):
        move["approval"] = "reject"
    elif rule is not None and output == NOBODY_ANSWERED and rule.timeout is not None:
        move["approval"] = "times_out"
    elif rule is not None:
        fields = {
            given.name: sample_text(given.pattern, given.format, wanted=SECRET_STAND_IN) or SECRET_STAND_IN
            for given in rule.fields.values()
            if given.required or given.secret
        }
        move["approval"] = {"approve": fields} if fields else "approve"
    if output is not None and (tool.stub.supervisor is not None or tool.stub.question is not None):
        answer = _parsed(output)
        move["nested"] = [{"answer": answer or output}]
    return move


def _first_agent(events: Iterable[WireEvent], scenario: Scenario) -> str:
    """The agent whose functions the session has first; the scenario's start where that tells nothing."""
    for event in events:
        session = event.data.get("session")
        if event.data.get("type") in ("session.update", "session.updated") and isinstance(session, Mapping):
            tools = session.get("tools")
            if not isinstance(tools, list):
                continue
            names = {tool.get("name") for tool in tools if isinstance(tool, Mapping)}
            fitting = [
                agent.id
                for agent in scenario.agents.values()
                if {function["name"] for function in functions_of(agent, scenario)} == names
            ]
            return scenario.start if scenario.start in fitting or len(fitting) != 1 else fitting[0]
    return scenario.start


def _outputs(events: Iterable[WireEvent]) -> Iterator[tuple[str, str]]:
    for event in events:
        item = event.data.get("item")
        if isinstance(item, Mapping) and item.get("type") == "function_call_output":
            yield str(item.get("call_id")), str(item.get("output"))


def _is_users_item(event: WireEvent) -> bool:
    item = event.data.get("item")
    return event.data.get("type") in _ITEM_IS_THERE and isinstance(item, Mapping) and item.get("role") == "user"


def _parsed(text: object) -> dict[str, Any]:
    """The JSON object that a text holds; an empty one where it holds none."""
    if not isinstance(text, str):
        return {}
    try:
        data = json.loads(text)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _lines(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Each JSON object with the number of its line; in a list, with its number in the list.

    Raises:
        UsageError: it is neither JSON lines nor a JSON list.
    """
    if text.lstrip().startswith("["):
        try:
            items = json.loads(text)
        except ValueError as problem:
            raise UsageError(f"it is no JSON: {problem}", hint="give JSON lines, or one JSON list") from None
        yield from ((number, item) for number, item in enumerate(items, 1) if isinstance(item, Mapping))
        return
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError:
            raise UsageError(f"line {number} is no JSON", hint=_HINT) from None
        if not isinstance(item, Mapping):
            raise UsageError(f"line {number} is no event", hint=_HINT)
        yield number, item


def _event_in(line: Mapping[str, Any]) -> WireEvent | None:
    """The event of a line; None: there is none in it, such as a frame that is no JSON."""
    if isinstance(line.get("event"), Mapping):
        at = line["at"] if isinstance(line.get("at"), str) else None
        label = line.get("dialogue") or line.get("connection")  # a session has no name before the server gives one
        return WireEvent(line.get("from") == "client", line["event"], None if label is None else str(label), at)
    if isinstance(line.get("eventData"), Mapping):
        return WireEvent(line.get("direction") == "client", line["eventData"])
    kind = line.get("type")
    if isinstance(kind, str) and ("." in kind or kind == "error"):
        return WireEvent(kind in _SENT_BY_CLIENTS, line)
    return None
