"""Which parts of a scenario a dialogue touches: rather too many than one too few."""

from __future__ import annotations

import pytest

from realtime_scenarios.document import Pointer
from realtime_scenarios.model import Dialogue
from realtime_scenarios.mutation.touched import Part, Touching
from realtime_scenarios.project import Project, load
from realtime_scenarios.trace import HandedOff, StateEntered, ToolCalled, Trace, TraceEvent
from support import Written

SHOP = """
    scenario: shop
    start: desk
    session: {guardrails: {apply: [everywhere]}}
    agents:
      desk:
        instructions: x
        tools: [shelves, think, catalogue]
        handoffs: [back]
        states_mode: tracked
        states:
          - {id: first, description: x, transitions: [{to: second, when: y}]}
          - {id: second, description: x, transitions: [{to: first, when: y}, {handoff: back, when: z}]}
      back: {instructions: y, guardrails: [polite], mcp: [wiki]}
    tools:
      shelves: {description: x, query: SELECT place FROM shelves}
      think: {description: x, supervisor: elder}
      catalogue:
        description: x
        parameters: {name: string, values: {type: object}}
        catalogue:
          function: name
          arguments: values
          functions:
            Look: {description: x, query: SELECT * FROM Stock}
            Take: {description: x, returns: taken}
    supervisors: {elder: {instructions: x, tools: [shelves]}}
    guardrails:
      everywhere: {phrases: [one]}
      polite: {phrases: [two]}
      unheard: {phrases: [three]}
    mcp: {wiki: {command: [python, wiki.py]}}
    data:
      shelves: {columns: {place: TEXT REFERENCES rooms}, rows: []}
      rooms: {rows: [{name: a}]}
      stock: {rows: [{name: b}]}
      other: {rows: [{name: c}]}
    dialogues:
      - {id: plain, turns: [{user: hi, agent: [{say: hello}]}]}
      - {id: late, agent: desk, state: second, turns: [{user: hi, agent: [{say: hello}]}]}
      - id: looks
        turns: [{user: hi, agent: [{say: hello}]}]
        expect: [{data: {query: SELECT name FROM other, returns: c}}]
"""


@pytest.fixture
def shop(written: Written) -> Project:
    return load(written(SHOP))


def touched(project: Project, *events: TraceEvent, dialogue: int = 0) -> set[Part]:
    chosen: Dialogue = project.dialogues[dialogue]
    return set(Touching(project.scenario).touched_by(chosen, Trace(events, "desk")))


@pytest.mark.parametrize(
    ("pointer", "part"),
    [
        (("tools", "shelves", "query"), ("tool", "shelves")),
        (("tools", "catalogue", "catalogue", "functions", "Look", "query"), ("tool", "catalogue.Look")),
        (("tools", "catalogue", "catalogue", "functions"), ("tool", "catalogue")),
        (("agents", "desk", "handoffs", 0), ("agent", "desk")),
        (("agents", "desk", "states", 0, "transitions", 0, "to"), ("state", "desk", "first")),
        (("agents", "desk", "states", 1, "transitions", 1), ("agent", "desk")),  # who may hand off at all
        (("agents", "desk", "states", 0, "tools", 0), ("agent", "desk")),  # in which states it is
        (("data", "rooms", "rows", 0), ("table", "rooms")),
        (("guardrails", "polite", "phrases", 0), ("guardrail", "polite")),
        (("supervisors", "elder", "history"), ("supervisor", "elder")),
        (("mcp", "wiki", "timeout"), ("server", "wiki")),
        (("session", "guardrails", "apply", 0), None),
        (("context", "name", "secret"), None),
        (("opening",), None),
    ],
)
def test_what_is_changed_belongs_to_a_part(shop: Project, pointer: Pointer, part: Part | None) -> None:
    assert Touching(shop.scenario).part_of(pointer) == part


def test_a_conversation_touches_where_it_begins_and_what_listens_there(shop: Project) -> None:
    assert touched(shop) == {("agent", "desk"), ("state", "desk", "first"), ("guardrail", "everywhere")}
    assert ("state", "desk", "second") in touched(shop, dialogue=1)


def test_it_touches_where_it_goes_on(shop: Project) -> None:
    parts = touched(shop, StateEntered(1, 1, "desk", "second", "first"), HandedOff(2, 1, "desk", "c1", "back"))

    assert {("state", "desk", "second"), ("agent", "back"), ("guardrail", "polite"), ("server", "wiki")} <= parts
    assert ("guardrail", "unheard") not in parts


def test_a_call_touches_its_tool_and_the_tables_behind_it(shop: Project) -> None:
    parts = touched(shop, ToolCalled(1, 1, "desk", "c1", "shelves", {}))

    assert {("tool", "shelves"), ("table", "shelves"), ("table", "rooms")} <= parts
    assert ("table", "other") not in parts
    assert ("supervisor", "elder") in touched(shop, ToolCalled(1, 1, "desk", "c1", "think", {}))
    assert ("table", "other") in touched(shop, dialogue=2)  # which it looks at in the end


def test_a_call_of_a_catalogue_touches_the_function_that_it_means_and_all_where_it_means_none(shop: Project) -> None:
    def called(arguments: object) -> set[Part]:
        return touched(shop, ToolCalled(1, 1, "desk", "c1", "catalogue", arguments))

    assert ("tool", "catalogue.Look") in called({"name": "Look"}) and ("table", "stock") in called({"name": "Look"})
    assert ("tool", "catalogue.Take") not in called({"name": "Look"})
    assert ("table", "stock") not in called({"name": "Take"})
    assert {("tool", "catalogue.Look"), ("tool", "catalogue.Take")} <= called({"name": "Find"})
    assert {("tool", "catalogue.Look"), ("tool", "catalogue.Take")} <= called("{")
