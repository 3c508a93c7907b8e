"""The handoff graph as Mermaid, SVG and terminal text."""

from __future__ import annotations

import itertools
import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from realtime_scenarios.core import UsageError, resource_folder
from realtime_scenarios.project import load
from realtime_scenarios.project.graph import Graph, as_mermaid, as_svg, as_terminal, handoff_graph, state_graph
from support import Written

AIRLINE = resource_folder("scenarios") / "airline" / "airline.yaml"
PICTURES = Path(__file__).parent / "pictures"

MESH = """
    scenario: mesh
    title: 'Four "desks" & <more>'
    start: a
    context: {ok: {type: boolean, default: false}}
    agents:
      a: {name: "A [1]", instructions: x, tools: [t], handoffs: [{to: b, requires: context.ok}, c, d]}
      b: {instructions: x, handoffs: [a, c, d]}
      c: {instructions: x, handoffs: [a, b, d]}
      d: {instructions: x, handoffs: [a]}
      far: {instructions: x}
    tools:
      t: {description: x, approval: always, requires: context.ok}
"""


def mesh(written: Written) -> Graph:
    return handoff_graph(load(written(MESH)).scenario)


@pytest.mark.parametrize(
    ("name", "draw"), [("airline.mmd", as_mermaid), ("airline.svg", as_svg), ("airline.txt", as_terminal)]
)
def test_the_airline_is_drawn_as_it_was(name: str, draw: object) -> None:
    drawn = draw(handoff_graph(load(AIRLINE).scenario))  # type: ignore[operator]
    expected = PICTURES / name
    if os.environ.get("UPDATE_PICTURES"):
        expected.write_text(drawn, encoding="utf-8")
    assert drawn == expected.read_text(encoding="utf-8")


def test_every_handoff_stands_in_the_mermaid_text_and_nothing_in_it_breaks_out_of_its_quotes(written: Written) -> None:
    text = as_mermaid(mesh(written))
    assert len(re.findall(r"^  n\d+ .*--> n\d+$", text, re.MULTILINE)) == 10
    for label in re.findall(r'"([^"]*)"', text.split("flowchart", 1)[1]):
        assert not set(re.sub(r"<b>|</b>|<br/>", "", label)) & set('<>[]{}()"')


def test_the_svg_is_well_formed_and_no_two_boxes_touch(written: Written) -> None:
    picture = ElementTree.fromstring(as_svg(mesh(written)))
    boxes = [shape for shape in picture.iter("{http://www.w3.org/2000/svg}rect") if "box" in shape.get("class", "")]
    sides = [tuple(float(box.get(name, "")) for name in ("x", "y", "width", "height")) for box in boxes]
    assert len(sides) == 5
    for (x, y, width, height), (other_x, other_y, other_width, other_height) in itertools.combinations(sides, 2):
        apart = x + width < other_x or other_x + other_width < x or y + height < other_y or other_y + other_height < y
        assert apart


def test_the_svg_says_what_guards_a_tool_and_a_handoff(written: Written) -> None:
    svg = as_svg(mesh(written))
    assert "[gate]" in svg and "[approval]" in svg and "if context.ok" in svg
    assert "&amp; &lt;more&gt;" in svg


def test_the_terminal_text_fits_in_80_columns_also_without_box_characters(written: Written) -> None:
    text = as_terminal(mesh(written))
    assert max(map(len, text.splitlines())) <= 80
    assert "▶ A [1] (a) · start" in text
    assert "tool t  [gate, approval]" in text
    assert as_terminal(mesh(written), ascii_only=True).isascii()


def test_an_agent_that_nobody_reaches_is_drawn_last(written: Written) -> None:
    assert [[node.id for node in layer] for layer in mesh(written).layers()] == [["a"], ["b", "c", "d"], ["far"]]


def test_a_state_machine_is_drawn_on_its_own(written: Written) -> None:
    text = """
        scenario: s
        start: a
        context: {ok: {type: boolean, default: false}}
        agents:
          a:
            instructions: x
            states:
              - id: one
                description: First.
                instructions: x
                transitions: [{to: two, when: done, requires: context.ok}]
              - {id: two, description: Second., instructions: x}
          b: {instructions: x}
    """
    scenario = load(written(text)).scenario
    drawn = as_terminal(state_graph(scenario, "a"))
    assert "→ two  [if context.ok]: done" in drawn
    with pytest.raises(UsageError, match="has no states"):
        state_graph(scenario, "b")
    with pytest.raises(UsageError, match="there is no agent"):
        state_graph(scenario, "c")
