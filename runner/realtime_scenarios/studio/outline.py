"""A scenario to a list of all that the page shows of it, each with its place in the YAML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from realtime_scenarios.core import Span
from realtime_scenarios.document import Place
from realtime_scenarios.model import Dialogue, Scenario
from realtime_scenarios.project import Project
from realtime_scenarios.studio.authoring import place_data

Kind = Literal[
    "scenario", "agent", "handoff", "state", "transition", "tool", "supervisor", "guardrail", "mcp", "context",
    "table", "property", "dialogue", "turn",
]  # fmt: skip


class Entry(Struct, frozen=True):
    """One thing of a scenario. `id` is unique among its kind; `parent` is the id of what it belongs to, or None."""

    kind: Kind
    id: str
    label: str
    parent: str | None
    span: Span

    def data(self, folder: Path) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "id": self.id,
            "label": self.label,
            "parent": self.parent,
            **place_data(self.span, folder),
        }


def outline_of(project: Project) -> list[Entry]:
    """All of it, as far as the files can be read, in the order of the files."""
    scenario = project.sketch
    entries = list(_entries_of(scenario)) if scenario is not None else []
    return [*entries, *(entry for dialogue in project.dialogues for entry in _entries_of_dialogue(dialogue))]


def _entries_of(scenario: Scenario) -> Iterator[Entry]:
    yield Entry("scenario", scenario.id, scenario.title or scenario.id, None, (scenario.place / "scenario").key_span)
    for agent in scenario.agents.values():
        yield Entry("agent", agent.id, agent.name, None, _with_key(agent.place))
        for edge in agent.handoffs:
            yield Entry("handoff", f"{agent.id}>{edge.to}", f"{agent.id} → {edge.to}", agent.id, edge.place.span)
        for state in agent.states.states.values() if agent.states is not None else ():
            home = f"{agent.id}/{state.id}"
            yield Entry("state", home, f"{state.id} {state.description}", agent.id, state.place.span)
            for way in state.transitions:
                to = way.to if way.to is not None else way.handoff
                yield Entry("transition", f"{home}>{to}", f"{state.id} → {to}", home, way.place.span)
    for tool in scenario.tools.values():
        yield Entry("tool", tool.name, tool.name, None, _with_key(tool.place))
    for kind, name, place in _others(scenario):
        yield Entry(kind, name, name, None, _with_key(place))


def _others(scenario: Scenario) -> Iterator[tuple[Kind, str, Place]]:
    groups: tuple[tuple[Kind, dict[str, Place]], ...] = (
        ("supervisor", {name: each.place for name, each in scenario.supervisors.items()}),
        ("guardrail", {name: each.place for name, each in scenario.guardrails.items()}),
        ("mcp", {name: each.place for name, each in scenario.mcp.items()}),
        ("context", {name: each.place for name, each in scenario.context.items()}),
        ("table", {name: each.place for name, each in scenario.data.items()}),
        ("property", {str(number): each.place for number, each in enumerate(scenario.properties, 1)}),
    )
    for kind, places in groups:
        for name, place in places.items():
            yield kind, name, place


def _entries_of_dialogue(dialogue: Dialogue) -> Iterator[Entry]:
    yield Entry("dialogue", dialogue.id, dialogue.title or dialogue.id, None, dialogue.place.span)
    for number, turn in enumerate(dialogue.turns, 1):
        said = turn.user or turn.image or ("silence" if turn.silence is not None else "opening")
        yield Entry("turn", f"{dialogue.id}/{number}", f"{number} {said}", dialogue.id, turn.place.span)


def _with_key(place: Place) -> Span:
    """From the key to the end of its value."""
    key, value = place.key_span, place.span
    if key.file != value.file or key.line > value.line:
        return value
    return Span(key.file, key.line, key.column, value.end_line, value.end_column)
