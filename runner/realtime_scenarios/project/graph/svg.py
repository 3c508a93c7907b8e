"""A graph as an SVG picture: boxes in columns, by their distance from the start, with curved edges between them."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from realtime_scenarios.project.graph.layout import (
    CHAR,
    LINE,
    LONGEST_GATE,
    LONGEST_LINE,
    LONGEST_TITLE,
    MARGIN,
    PAD,
    Box,
    Point,
    label_width,
    laid_out,
)
from realtime_scenarios.project.graph.model import Graph
from realtime_scenarios.project.graph.text import elided

_STYLE = """
  .page, .plate { fill: #ffffff }
  .title { font: 600 17px system-ui, sans-serif; fill: #1f2933 }
  .name { font: 600 14px system-ui, sans-serif; fill: #1f2933 }
  .line, .note { font: 12px ui-monospace, Menlo, monospace; fill: #52606d }
  .gate { font: 12px ui-monospace, Menlo, monospace; fill: #b45309 }
  .approval { fill: #2563eb } .locked { fill: #b45309 }
  .box { fill: #f7f9fc; stroke: #7b8794; stroke-width: 1.4 } .start { stroke: #2563eb; stroke-width: 2.6 }
  .edge { fill: none; stroke: #52606d; stroke-width: 1.5 } .gated { stroke: #b45309; stroke-dasharray: 6 4 }
  .head { fill: #52606d } .gatedhead { fill: #b45309 }
  @media (prefers-color-scheme: dark) {
    .page, .plate { fill: #14181d } .title, .name { fill: #e4e7eb }
    .line, .note { fill: #9aa5b1 } .gate, .locked { fill: #fbbf24 } .approval { fill: #60a5fa }
    .box { fill: #1f2730; stroke: #7b8794 } .start { stroke: #60a5fa }
    .edge { stroke: #9aa5b1 } .gated { stroke: #fbbf24 } .head { fill: #9aa5b1 } .gatedhead { fill: #fbbf24 }
  }
"""

_CLASS = {"approval": "approval", "gate": "locked"}


def as_svg(graph: Graph) -> str:
    """The picture, light or dark as the reader's system is."""
    drawn = laid_out(graph)
    height = drawn.bottom + 40
    width = max(drawn.width, 2 * MARGIN + len(graph.title) * 10, 2 * MARGIN + len(_legend(graph)) * CHAR)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-label="{_xml_text(graph.title)}">',
        f"<style>{_STYLE}</style>",
        "<defs>" + "".join(map(_marker, ("head", "gatedhead"))) + "</defs>",
        f'<rect class="page" width="{width:.0f}" height="{height:.0f}"/>',
        f'<text class="title" x="{MARGIN}" y="34">{_xml_text(graph.title)}</text>',
    ]
    labels: list[str] = []
    for link, curve in zip(drawn.links, drawn.curves, strict=True):
        head = "gatedhead" if link.gate else "head"
        start = f' marker-start="url(#{head})"' if link.both else ""
        kind = "edge gated" if link.gate else "edge"
        parts.append(f'<path class="{kind}" d="{curve.path}" marker-end="url(#{head})"{start}/>')
        if link.gate:
            labels += _gate_label_parts(link.gate, curve.label)
    for box in drawn.boxes.values():
        parts += _box_parts(box, graph)
    parts += labels
    parts.append(f'<text class="note" x="{MARGIN}" y="{height - 14:.0f}">{_legend(graph)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _box_parts(box: Box, graph: Graph) -> Iterator[str]:
    start = " start" if box.node.is_start else ""
    place = f'x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{box.height:.0f}"'
    yield f'<rect class="box{start}" {place} rx="9"/>'
    x, y = box.x + PAD, box.y + PAD + 11
    title = f"{'▶ ' if box.node.is_start else ''}{_xml_text(elided(box.node.title, LONGEST_TITLE))}"
    yield f'<text class="name" x="{x:.0f}" y="{y:.0f}">{title}</text>'
    for line in box.node.lines:
        y += LINE
        marks = "".join(f'<tspan class="{_CLASS[mark]}"> [{mark}]</tspan>' for mark in line.marks)
        yield f'<text class="line" x="{x:.0f}" y="{y:.0f}">{_xml_text(elided(line.text, LONGEST_LINE))}{marks}</text>'


def _gate_label_parts(gate: str, at: Point) -> Iterator[str]:
    text = f"if {elided(gate, LONGEST_GATE)}"
    width = label_width(gate)
    yield f'<rect class="plate" x="{at.x - width / 2:.0f}" y="{at.y - 10:.0f}" width="{width:.0f}" height="19" rx="4"/>'
    yield f'<text class="gate" x="{at.x:.0f}" y="{at.y + 4:.0f}" text-anchor="middle">{_xml_text(text)}</text>'


def _legend(graph: Graph) -> str:
    marks = {mark for node in graph.nodes for line in node.lines for mark in line.marks}
    parts = ["▶ start"]
    parts += ["[approval] a person must say yes"] if "approval" in marks else []
    parts += ["[gate] only while its condition holds"] if "gate" in marks else []
    parts += ["dashed: only while the condition holds"] if any(edge.gate for edge in graph.edges) else []
    return " · ".join(parts)


def _marker(name: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="7" markerHeight="7" '
        f'orient="auto-start-reverse"><path class="{name}" d="M 0 0 L 10 5 L 0 10 z"/></marker>'
    )


def _xml_text(text: str) -> str:
    readable = "".join(char if char.isprintable() else " " for char in text)
    return escape(readable, {'"': "&quot;"})
