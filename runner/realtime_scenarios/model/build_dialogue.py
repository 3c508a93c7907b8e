"""The dialogues of a checked document, be it a dialogue file or a scenario, to `Dialogue` values."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from realtime_scenarios.core import Diagnostic, in_reading_order
from realtime_scenarios.core.paths import is_file
from realtime_scenarios.core.pictures import picture_kind
from realtime_scenarios.core.recordings import Unplayable, why_unplayable
from realtime_scenarios.document import Document, Place
from realtime_scenarios.document.files import Unreadable, path_inside
from realtime_scenarios.model.build_persona import read_decisions, read_persona
from realtime_scenarios.model.dialogue import (
    AgentMet,
    Call,
    Dialogue,
    EnterState,
    Fault,
    Handoff,
    Interrupt,
    Move,
    NestedAnswer,
    NestedFailure,
    NestedMove,
    Recorded,
    Say,
    Turn,
)
from realtime_scenarios.model.each import filled, hidden_names, rounds_of
from realtime_scenarios.model.expectation import EXPECTATIONS, Expectation
from realtime_scenarios.model.matcher import Matcher, read_matcher
from realtime_scenarios.model.tool import Json
from realtime_scenarios.model.values import Source, seconds

_NEVER_SENT = frozenset([1004, 1005, 1006, 1015])
"""Close codes that may not be sent (RFC 6455, section 7.4.1)."""


def build_dialogues(document: Document) -> tuple[tuple[Dialogue, ...], list[Diagnostic]]:
    """The dialogues in a document that its schema allows, and what only the building of them shows."""
    source, place = Source(document), document.root / "dialogues"
    defaults = _Defaults(document.data.get("defaults", {}), document.root / "defaults", source)
    dialogues = tuple(
        dialogue
        for index, data in enumerate(document.data.get("dialogues", ()))
        for dialogue in _played(data, place / index, source, defaults)
    )
    return dialogues, in_reading_order(source.found)


class _Defaults:
    """What a dialogue file says of all its dialogues; `place` None: nothing."""

    def __init__(self, data: Mapping[str, Any], place: Place, source: Source) -> None:
        self.place = place if data else None
        self.tags: tuple[str, ...] = tuple(data.get("tags", ()))
        self.now = _moment(data["now"], place / "now", source) if "now" in data else None
        self.context: Mapping[str, Json] = data.get("context", {})
        self.agent: str | None = data.get("agent")


def _played(data: Mapping[str, Any], place: Place, source: Source, defaults: _Defaults) -> Iterator[Dialogue]:
    """The dialogue, once for each of the values that it is played for."""
    if "each" not in data:
        yield _dialogue(data, place, source, defaults)
        return
    script = {key: value for key, value in data.items() if key != "each"}
    for played in rounds_of(data["each"], hidden_names(place)):
        dialogue = _dialogue(filled(script, played.values), place, source, defaults)
        yield replace(dialogue, id=f"{dialogue.id}[{played.label}]", values=played.values)


def _dialogue(data: Mapping[str, Any], place: Place, source: Source, defaults: _Defaults) -> Dialogue:
    return Dialogue(
        id=data["id"],
        title=data.get("title"),
        tags=tuple(dict.fromkeys((*defaults.tags, *data.get("tags", ())))),
        now=_moment(data["now"], place / "now", source) if "now" in data else defaults.now,
        context={**defaults.context, **data.get("context", {})},
        agent=data.get("agent", defaults.agent),
        state=data.get("state"),
        turns=tuple(_turn(turn, place / "turns" / index, source) for index, turn in enumerate(data.get("turns", ()))),
        expect=_expectations(data, place, source),
        place=place,
        defaults=defaults.place,
        scripted_only=data.get("reason"),
        faults=tuple(
            _fault(fault, place / "faults" / index, source) for index, fault in enumerate(data.get("faults", ()))
        ),
        recorded=_recorded(data["recorded"]) if "recorded" in data else None,
        caller=read_persona(data["caller"], place / "caller", source) if "caller" in data else None,
    )


def _recorded(data: Mapping[str, Any]) -> Recorded:
    met = {
        name: AgentMet(agent["instructions"], dict(agent.get("tools", {}))) for name, agent in data["agents"].items()
    }
    return Recorded(data.get("provider"), met)


def _fault(data: Mapping[str, Any], place: Place, source: Source) -> Fault:
    if (problem := code_problem(data)) is not None:
        source.find("conflicting-keys", problem, place / "code", None)
    return fault_of(data)


def code_problem(data: Mapping[str, Any]) -> str | None:
    """Why the `code` of a fault does not go with its kind; None where it does."""
    code, closes = data.get("code"), data["fault"] == "close"
    if code is not None and closes != isinstance(code, int):
        wanted = "a number such as 1011" if closes else "a word such as server_error"
        return f"'code' beside 'fault: {data['fault']}' is {wanted}"
    if code in _NEVER_SENT:
        return f"no close frame carries {code}: the code means that none came, or none with a code"
    return None


def fault_of(data: Mapping[str, Any]) -> Fault:
    """The fault that is written so, in a file or in an address, and that the schema allows."""
    default = "rate_limits.updated" if data["fault"] == "rate_limit" else "response.created"
    return Fault(
        data["fault"],
        data.get("event", default),
        turn=data.get("turn"),
        connection=data.get("connection"),
        times=data.get("times", 1),
        chance=data.get("chance"),
        seconds=seconds(data["for"]) if "for" in data else None,
        code=data.get("code"),
        message=data.get("message"),
    )


def _moment(data: str, place: Place, source: Source) -> datetime.datetime | None:
    hint = "write it as 2026-03-01T09:00:00Z"
    try:
        moment = datetime.datetime.fromisoformat(data)
    except ValueError:
        source.find("bad-moment", f"'{data}' is no date and time", place, hint)
        return None
    if moment.tzinfo is None:
        source.find(
            "bad-moment",
            f"'{data}' does not say in which zone",
            place,
            f"add Z for UTC: {data}Z" if "T" in data else hint,
        )
        return None
    return moment


def _turn(data: Mapping[str, Any], place: Place, source: Source) -> Turn:
    moves, line = data.get("agent"), data.get("user")
    recorded = line if isinstance(line, Mapping) else {}
    return Turn(
        user=recorded.get("transcript", line),
        audio=_recording_path(recorded["audio"], place / "user" / "audio", source) if recorded else None,
        image=_picture_path(data["image"], place / "image", source) if "image" in data else None,
        silence=seconds(data["silence"]) if "silence" in data else None,
        interrupt=_interrupt(data),
        moves=None
        if moves is None
        else tuple(_move(move, place / "agent" / index, source) for index, move in enumerate(moves)),
        expect=_expectations(data, place, source),
        place=place,
    )


def _move(data: Mapping[str, Any], place: Place, source: Source) -> Move:
    if "say" in data:
        return Say(
            data["say"], data.get("phase"), _interrupt(data), data.get("classified", {}), place, data.get("judged")
        )
    if "call" in data:
        return _call(data, place, source)
    refused, arguments = data.get("refused", False), data.get("args", {})
    expected = _expected_arguments(data, place, source)
    if "handoff" in data:
        return Handoff(data["handoff"], refused, arguments, place, expected)
    return EnterState(data["state"], refused, arguments, place, expected)


def _expected_arguments(data: Mapping[str, Any], place: Place, source: Source) -> Mapping[str, Matcher]:
    written = data.get("expect_args", {})
    return {name: read_matcher(value, place / "expect_args" / name, source) for name, value in written.items()}


def _nested_move(data: Mapping[str, Any], place: Place, source: Source) -> NestedMove:
    if "call" in data:
        return _call(data, place, source)
    if "fails" in data:
        return NestedFailure(data["fails"], place)
    return NestedAnswer(data["answer"], place)


def _picture_path(name: str, place: Place, source: Source) -> Path | None:
    """The picture `name`, beside the dialogue file or beside the scenario above it."""
    path = _file_beside(name, place, source)
    if path is not None:
        with path.open("rb") as file:
            if picture_kind(file.read(16)) is None:
                source.find("bad-picture", f"'{name}' is no picture", place, "use PNG, JPEG, GIF or WebP")
    return path


def _recording_path(name: str, place: Place, source: Source) -> Path | None:
    """The recording `name`, found as a picture is."""
    path = _file_beside(name, place, source)
    if path is not None:
        try:
            problem = why_unplayable(path)
        except OSError as error:
            problem = Unplayable(f"cannot be read: {(error.strerror or str(error)).lower()}", "give it to be read")
        if problem is not None:
            source.find("bad-recording", f"'{name}' {problem.reason}", place, problem.hint)
    return path


def _file_beside(name: str, place: Place, source: Source) -> Path | None:
    """The file `name`, beside the dialogue file or beside the scenario above it; None, and said so: there is none."""
    folder = source.document.folder
    root = folder.parent if folder.name == "dialogues" else folder
    found: Unreadable | None = None
    for base in dict.fromkeys((folder, root)):
        path = path_inside(root, base, name)
        if isinstance(path, Path) and is_file(path):
            return path
        found = found or (path if isinstance(path, Unreadable) else None)
    message = found.message if found else f"there is no file '{name}'"
    source.find(found.name if found else "no-such-file", message, place, found.hint if found else None)
    return None


def _interrupt(data: Mapping[str, Any]) -> Interrupt | None:
    """Where the caller cuts into a move or a silence; None where they do not."""
    if "interrupt" not in data:
        return None
    when = data["interrupt"]
    return Interrupt(when.get("after_words"), seconds(when["after"]) if "after" in when else None)


def _call(data: Mapping[str, Any], place: Place, source: Source) -> Call:
    if "after_words" in data.get("interrupt", {}):
        message = "'after_words' counts words, and none are said while a tool works"
        hint = "say how long after the call: interrupt: {after: 1s}"
        source.find("conflicting-keys", message, place / "interrupt" / "after_words", hint)
    return Call(
        tool=data["call"],
        arguments=data.get("args", {}),
        outcome=data.get("outcome"),
        approval=read_decisions(data.get("approval", []), place / "approval"),
        returns=read_matcher(data["returns"], place / "returns", source) if "returns" in data else None,
        nested=tuple(
            _nested_move(move, place / "nested" / index, source) for index, move in enumerate(data.get("nested", ()))
        ),
        interrupt=_interrupt(data),
        place=place,
        asks=read_matcher(data["asks"], place / "asks", source) if "asks" in data else None,
        expect_args=_expected_arguments(data, place, source),
    )


def _expectations(data: Mapping[str, Any], place: Place, source: Source) -> tuple[Expectation, ...]:
    return tuple(
        EXPECTATIONS[key].read(value, place / "expect" / index / key, source)
        for index, stated in enumerate(data.get("expect", ()))
        for key, value in stated.items()
    )
