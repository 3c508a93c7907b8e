"""A place in a file that is being written to what may stand there: by the schema, and by the names of the scenario."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from realtime_scenarios.document.files import unsaved
from realtime_scenarios.document.schema import SchemaName
from realtime_scenarios.model import Scenario
from realtime_scenarios.project import load
from realtime_scenarios.project.lookup import is_dialogue_file
from realtime_scenarios.studio.cursor import Cursor, cursor_in
from realtime_scenarios.studio.offers import Offer, offered_keys, offered_words

_MOST = 200
_CONTEXT = re.compile(r"\bcontext\.(\w*)$")
_ARGUMENT = re.compile(r"\bargs\.(\w*)$")
_EXPRESSIONS = frozenset(("when", "requires", "set"))


class Completion(Struct, frozen=True):
    """What may be written in place of the characters from `column` (from 1) to the cursor."""

    column: int
    offers: tuple[Offer, ...]

    def data(self) -> dict[str, Any]:
        return {
            "column": self.column,
            "options": [
                {"label": offer.text, "kind": offer.kind, "info": offer.meaning, "opens": offer.opens}
                for offer in self.offers
            ],
        }


def completion_of(scenario: Path, file: Path, text: str, line: int, column: int) -> Completion:
    """What may stand at a place of a file, whose text is this; nothing where nothing is known.

    Where the text is too broken to tell the scenario's names, they are those on disk.
    """
    with unsaved({file.resolve(): text}):
        sketch = load(scenario).sketch
        is_dialogues = file.resolve() != scenario.resolve() and is_dialogue_file(file)
    sketch = sketch or load(scenario).sketch
    if file.suffix.lower() not in (".yaml", ".yml"):
        return Completion(column, ())
    cursor = cursor_in(text, line, column)
    before = text.split("\n")[line - 1][: column - 1]
    if cursor is None:
        return Completion(column, ())
    if sketch is not None and (inside := _in_an_expression(sketch, before, cursor)) is not None:
        return inside
    return Completion(cursor.column, tuple(_fitting(_offers(cursor, is_dialogues, sketch), cursor.word)[:_MOST]))


def _in_an_expression(scenario: Scenario, before: str, cursor: Cursor) -> Completion | None:
    """Behind `context.` and `args.`; None: somewhere else."""
    if (found := _CONTEXT.search(before)) is not None:
        names = _offers_of("variable", {name: each.description for name, each in scenario.context.items()})
        return Completion(found.start(1) + 1, tuple(_fitting(names, found[1])))
    if (found := _ARGUMENT.search(before)) is not None:
        tool = scenario.tools.get(str(cursor.pointer[1])) if cursor.pointer[:1] == ("tools",) else None
        known = _parameters(tool.parameters) if tool is not None else {}
        return Completion(found.start(1) + 1, tuple(_fitting(_offers_of("argument", known), found[1])))
    return None


def _offers(cursor: Cursor, is_dialogues: bool, scenario: Scenario | None) -> list[Offer]:
    name: SchemaName = "dialogue" if is_dialogues else "scenario"
    names = _names_at(cursor, scenario) if scenario is not None else []
    match cursor.part:
        case "key":
            return [*names, *offered_keys(name, cursor.pointer, cursor.beside)]
        case "value":
            return [*names, *([] if names else offered_words(name, cursor.pointer))]
        case "item":
            words = [] if names else offered_words(name, cursor.pointer)
            return [*names, *words, *offered_keys(name, cursor.pointer, frozenset())]
        case "text":
            return []


def _names_at(cursor: Cursor, scenario: Scenario) -> list[Offer]:
    """The names of the scenario that mean something there."""
    shape = [step for step in cursor.pointer if isinstance(step, str)]
    if cursor.part == "key":
        if shape[-1:] in (["set"], ["context"]) and len(shape) > 1:
            return [offer for offer in _variables(scenario) if offer.text not in cursor.beside]
        return []
    last, around = (shape[-1:] or [""])[0], shape[-2] if len(shape) > 1 else ""
    if last == "tools" and len(shape) > 1 and isinstance(cursor.pointer[-1], int):
        own = scenario.agents.get(shape[1]) if shape[0] == "agents" and around == "states" else None
        return _tools(scenario, own.tools if own is not None else None)
    match around, last:
        case (_, "start") | (_, "handoffs") | (_, "handoff" | "agent") | ("handoffs" | "handoff", "to"):
            return _agents(scenario)
        case (_, "calls" | "call" | "called" | "not_called" | "tool"):
            return _tools(scenario, None)
        case ("order", _) if cursor.part == "item":
            return _tools(scenario, None)
        case (_, "order"):
            return _tools(scenario, None)
        case (_, "supervisor"):
            return _offers_of("supervisor", dict.fromkeys(scenario.supervisors))
        case (_, "mcp"):
            return _offers_of("server", dict.fromkeys(scenario.mcp))
        case (_, "guardrails" | "apply" | "guardrail"):
            return _offers_of("guardrail", {name: each.say for name, each in scenario.guardrails.items()})
        case (_, "collect" | "clear"):
            return _variables(scenario)
        case (_, "states_entry" | "state") | ("transitions", "to"):
            return _states(scenario, shape)
        case _:
            return []


def _agents(scenario: Scenario) -> list[Offer]:
    return _offers_of("agent", {each.id: each.handoff_description or each.name for each in scenario.agents.values()})


def _tools(scenario: Scenario, only: Iterable[str] | None) -> list[Offer]:
    known = {name: tool.description for name, tool in scenario.tools.items()}
    return _offers_of("tool", known if only is None else {name: known.get(name) for name in only})


def _variables(scenario: Scenario) -> list[Offer]:
    return _offers_of("variable", {name: each.description for name, each in scenario.context.items()})


def _states(scenario: Scenario, shape: list[str]) -> list[Offer]:
    agents = [scenario.agents[shape[1]]] if shape[0] == "agents" and shape[1:2] and shape[1] in scenario.agents else []
    machines = [agent.states for agent in agents or scenario.agents.values() if agent.states is not None]
    return _offers_of(
        "state", {state.id: state.description for machine in machines for state in machine.states.values()}
    )


def _parameters(schema: Mapping[str, Any]) -> dict[str, str | None]:
    known = schema.get("properties", {})
    return {name: each.get("description") if isinstance(each, dict) else None for name, each in known.items()}


def _offers_of(kind: str, known: Mapping[str, str | None]) -> list[Offer]:
    return [Offer(name, kind, " ".join((meaning or "").split())) for name, meaning in known.items()]


def _fitting(offers: Iterable[Offer], word: str) -> list[Offer]:
    """Those that begin with the word first, then those that hold it; each text once."""
    wanted = word.strip("\"'").casefold()
    once = list({offer.text: offer for offer in reversed(list(offers))}.values())[::-1]
    begin = [offer for offer in once if offer.text.casefold().startswith(wanted)]
    hold = [offer for offer in once if offer not in begin and wanted in offer.text.casefold()]
    return [*begin, *hold]
