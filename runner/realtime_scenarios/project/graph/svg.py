"""A graph as an SVG picture: boxes in columns, by their distance from the start, with curved edges between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from xml.sax.saxutils import escape

from realtime_scenarios.project.graph.model import Edge, Graph, Line, Node
from realtime_scenarios.project.graph.text import elided

_CHAR = 7.4
_LINE = 20
_PAD = 14
_GAP_X = 140
_GAP_Y = 44
_MARGIN = 28
_HEAD = 58

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

_OVERLAY = """  .covered .edge { stroke-dasharray: none } .unmet { opacity: 0.65 }
  .covered .edge.unmet, .covered .box.unmet { stroke-dasharray: 2 5 }
"""
"""What else is in the style where the picture says what dialogues met: dashes then mean that alone."""


_LONGEST_TITLE, _LONGEST_LINE, _LONGEST_GATE = 40, 44, 34
"""Characters."""

_CLASS = {"approval": "approval", "gate": "locked"}


@dataclass(frozen=True, slots=True)
class _Box:
    node: Node
    column: int
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class _Link:
    """One line between two boxes: an edge, or two that lead both ways and need the same, met alike by dialogues."""

    source: str
    target: str
    gate: str | None
    both: bool
    covered: bool | None = None


class _Point(NamedTuple):
    x: float
    y: float


class _Ports(NamedTuple):
    """The heights at which a link leaves a box and enters another."""

    leaves: float
    enters: float


class _Curve(NamedTuple):
    """The line of a link as SVG path data, and where its label goes."""

    path: str
    label: _Point


def as_svg(graph: Graph) -> str:
    """The picture, light or dark as the reader's system is."""
    boxes = _box_layout(graph)
    links = _links(graph)
    width = max([box.x + box.width for box in boxes.values()], default=200) + _MARGIN + _overhang(links, boxes)
    bottom = max([box.y + box.height for box in boxes.values()], default=80)
    lanes = [link for link in links if abs(boxes[link.source].column - boxes[link.target].column) > 1]
    below = set(lanes)
    height = bottom + 40 + 26 * len(lanes)
    width = max(width, 2 * _MARGIN + len(graph.title) * 10, 2 * _MARGIN + len(_legend(graph)) * _CHAR)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-label="{_xml_text(graph.title)}">',
        f"<style>{_STYLE}{_OVERLAY if graph.is_overlaid else ''}</style>",
        "<defs>" + "".join(map(_marker, ("head", "gatedhead"))) + "</defs>",
        '<g class="covered">' if graph.is_overlaid else "",
        f'<rect class="page" width="{width:.0f}" height="{height:.0f}"/>',
        f'<text class="title" x="{_MARGIN}" y="34">{_xml_text(graph.title)}</text>',
    ]
    ports = _port_heights(links, boxes)
    lane = 0
    labels: list[str] = []
    for index, link in enumerate(links):
        if link in below:
            lane += 1
        curve = _curve(link, boxes, index, ports[index], bottom + 14 + 26 * lane)
        head = "gatedhead" if link.gate else "head"
        start = f' marker-start="url(#{head})"' if link.both else ""
        kind = "edge gated" if link.gate else "edge"
        kind += " unmet" if link.covered is False else ""
        parts.append(f'<path class="{kind}" d="{curve.path}" marker-end="url(#{head})"{start}/>')
        if link.gate:
            labels += _gate_label_parts(link.gate, curve.label)
    for box in boxes.values():
        parts += _box_parts(box, graph)
    parts += labels
    parts.append(f'<text class="note" x="{_MARGIN}" y="{height - 14:.0f}">{_legend(graph)}</text>')
    parts += ["</g>"] if graph.is_overlaid else []
    return "\n".join([*filter(None, parts), "</svg>"]) + "\n"


def _box_layout(graph: Graph) -> dict[str, _Box]:
    """Each box in its column; in a column, near what it is linked to in the one before."""
    layers = [list(layer) for layer in graph.layers()]
    sources: dict[str, list[str]] = {}
    for edge in graph.edges:
        sources.setdefault(edge.target, []).append(edge.source)
    order: dict[str, int] = {}
    for layer in layers:
        layer.sort(key=lambda node: _barycenter(sources.get(node.id, []), order))
        order.update({node.id: index for index, node in enumerate(layer)})
    heights = [sum(_node_height(node) + _GAP_Y for node in layer) - _GAP_Y for layer in layers]
    tallest = max(heights, default=0)
    boxes: dict[str, _Box] = {}
    gap = _GAP_X + max((_label_width(edge.gate) for edge in graph.edges if edge.gate), default=0)
    x = float(_MARGIN)
    for column, (layer, total) in enumerate(zip(layers, heights, strict=True)):
        widest = max(map(_node_width, layer))
        y = _HEAD + (tallest - total) / 2
        for node in layer:
            boxes[node.id] = _Box(node, column, x, y, widest, _node_height(node))
            y += _node_height(node) + _GAP_Y
        x += widest + gap
    return boxes


def _barycenter(sources: list[str], order: dict[str, int]) -> float:
    linked = [order[source] for source in sources if source in order]
    return sum(linked) / len(linked) if linked else 0.0


def _links(graph: Graph) -> list[_Link]:
    links: list[_Link] = []
    taken: set[Edge] = set()
    leading: dict[tuple[str, str, str | None, bool | None], list[Edge]] = {}
    for edge in graph.edges:
        leading.setdefault((edge.source, edge.target, edge.gate, edge.covered), []).append(edge)
    for edge in graph.edges:
        if edge in taken:
            continue
        same = leading.get((edge.target, edge.source, edge.gate, edge.covered), [])
        back = next((other for other in same if other not in taken and other is not edge), None)
        taken.update({edge} if back is None else {edge, back})
        links.append(_Link(edge.source, edge.target, edge.gate, back is not None, edge.covered))
    return links


def _curve(link: _Link, boxes: dict[str, _Box], index: int, ports: _Ports, lane: float) -> _Curve:
    """The curve of a link. None crosses a box: they run between columns or below them."""
    a, b = boxes[link.source], boxes[link.target]
    shift = (index % 5 - 2) * 7.0
    if abs(a.column - b.column) == 1:
        forward = a.column < b.column
        x1, x2 = (a.x + a.width, b.x) if forward else (a.x, b.x + b.width)
        y1, y2 = ports.leaves, ports.enters
        bend = (x2 - x1) / 2
        gap = 6 if forward else -6
        near = x1 + gap * link.both
        path = f"M {near:.0f} {y1:.0f} C {x1 + bend:.0f} {y1:.0f}, {x2 - bend:.0f} {y2:.0f}, {x2 - gap:.0f} {y2:.0f}"
        at = 0.5 - 0.18 * (1 if link.source < link.target else -1)
        return _Curve(path, _Point(x1 + (x2 - x1) * at, _on_curve(y1, y2, at)))
    if a.column == b.column:
        upper, lower = (a, b) if a.y < b.y else (b, a)
        is_next = lower.y - upper.y - upper.height <= _GAP_Y + 1
        x = a.x + a.width / 2 + shift * 3
        if is_next and a is not b:
            (y1, y2) = (a.y + a.height, b.y) if a is upper else (a.y, b.y + b.height)
            gap = 6 if a is upper else -6
            path = f"M {x:.0f} {y1 + gap * link.both:.0f} L {x:.0f} {y2 - gap:.0f}"
            return _Curve(path, _Point(x, (y1 + y2) / 2))
        x = a.x + a.width
        out = x + 34 + 15 * (index % 5)
        y1, y2 = a.middle + shift, b.middle - shift
        start, bend = x + 6 * link.both, out + 30
        path = f"M {start:.0f} {y1:.0f} C {bend:.0f} {y1:.0f}, {bend:.0f} {y2:.0f}, {x + 6:.0f} {y2:.0f}"
        return _Curve(path, _Point(out + 10, (y1 + y2) / 2))
    return _curve_below(a, b, link.both, lane, 16 + 6 * (index % 8))


def _curve_below(a: _Box, b: _Box, both: bool, lane: float, out: float) -> _Curve:
    """A line that leaves its column, runs below all boxes, and comes up in the gap beside its target."""
    turn = 1 if b.column > a.column else -1
    x1, x2 = (a.x + a.width, b.x) if turn > 0 else (a.x, b.x + b.width)
    down, up = x1 + turn * out, x2 - turn * out
    y1, y2 = a.y + a.height - 12, b.y + b.height - 12
    path = (
        f"M {x1 + 6 * turn * both:.0f} {y1:.0f} L {down:.0f} {y1:.0f} L {down:.0f} {lane:.0f} "
        f"L {up:.0f} {lane:.0f} L {up:.0f} {y2:.0f} L {x2 - 6 * turn:.0f} {y2:.0f}"
    )
    return _Curve(path, _Point((down + up) / 2, lane))


def _on_curve(y1: float, y2: float, at: float) -> float:
    """The height of the line between two boxes at a part of its way (it begins and ends level)."""
    return y1 + (y2 - y1) * (3 * at**2 - 2 * at**3)


def _port_heights(links: list[_Link], boxes: dict[str, _Box]) -> list[_Ports]:
    """The ports of each link: spread over the side of a box, in the order of what they lead to, so that lines seldom
    cross and never lie on each other."""
    ends_of: dict[tuple[str, bool], list[tuple[float, int, int]]] = {}
    for index, link in enumerate(links):
        for end, (here, there) in enumerate(((link.source, link.target), (link.target, link.source))):
            if boxes[there].column != boxes[here].column:
                side = (here, boxes[there].column > boxes[here].column)
                ends_of.setdefault(side, []).append((boxes[there].middle, index, end))
    heights: dict[tuple[int, int], float] = {}
    for (name, _), ends in ends_of.items():
        box = boxes[name]
        for place, (_, index, end) in enumerate(sorted(ends), 1):
            heights[index, end] = box.y + box.height * place / (len(ends) + 1)
    return [_Ports(heights.get((index, 0), 0.0), heights.get((index, 1), 0.0)) for index in range(len(links))]


def _overhang(links: list[_Link], boxes: dict[str, _Box]) -> float:
    """Room on the right for lines that go round the last column."""
    last = max((box.column for box in boxes.values()), default=0)
    return 120.0 if any(boxes[link.source].column == boxes[link.target].column == last for link in links) else 0.0


def _box_parts(box: _Box, graph: Graph) -> Iterator[str]:
    start = " start" if box.node.is_start else ""
    start += " unmet" if box.node.covered is False else ""
    place = f'x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{box.height:.0f}"'
    yield f'<rect class="box{start}" {place} rx="9"/>'
    x, y = box.x + _PAD, box.y + _PAD + 11
    title = f"{'▶ ' if box.node.is_start else ''}{_xml_text(elided(box.node.title, _LONGEST_TITLE))}"
    yield f'<text class="name" x="{x:.0f}" y="{y:.0f}">{title}</text>'
    for line in box.node.lines:
        y += _LINE
        marks = "".join(f'<tspan class="{_CLASS[mark]}"> [{mark}]</tspan>' for mark in line.marks)
        unmet = " unmet" if line.covered is False else ""
        text = _xml_text(elided(line.text, _LONGEST_LINE))
        yield f'<text class="line{unmet}" x="{x:.0f}" y="{y:.0f}">{text}{marks}</text>'


def _gate_label_parts(gate: str, at: _Point) -> Iterator[str]:
    text = f"if {elided(gate, _LONGEST_GATE)}"
    width = _label_width(gate)
    yield f'<rect class="plate" x="{at.x - width / 2:.0f}" y="{at.y - 10:.0f}" width="{width:.0f}" height="19" rx="4"/>'
    yield f'<text class="gate" x="{at.x:.0f}" y="{at.y + 4:.0f}" text-anchor="middle">{_xml_text(text)}</text>'


def _label_width(gate: str) -> float:
    return (len(elided(gate, _LONGEST_GATE)) + 3) * _CHAR + 8


def _legend(graph: Graph) -> str:
    marks = {mark for node in graph.nodes for line in node.lines for mark in line.marks}
    parts = ["▶ start"]
    parts += ["[approval] a person must say yes"] if "approval" in marks else []
    parts += ["[gate] only while its condition holds"] if "gate" in marks else []
    if graph.is_overlaid:
        parts.append("dashed or pale: met by no dialogue")
    elif any(edge.gate for edge in graph.edges):
        parts.append("dashed: only while the condition holds")
    return " · ".join(parts)


def _marker(name: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="7" markerHeight="7" '
        f'orient="auto-start-reverse"><path class="{name}" d="M 0 0 L 10 5 L 0 10 z"/></marker>'
    )


def _node_width(node: Node) -> float:
    title = (len(elided(node.title, _LONGEST_TITLE)) + 2 * node.is_start) * 1.25
    widest = max([title, *(len(_line_text(line)) for line in node.lines)])
    return max(120.0, widest * _CHAR + 2 * _PAD)


def _node_height(node: Node) -> float:
    return 2.0 * _PAD + 14 + _LINE * len(node.lines)


def _line_text(line: Line) -> str:
    return elided(line.text, _LONGEST_LINE) + "".join(f" [{mark}]" for mark in line.marks)


def _xml_text(text: str) -> str:
    readable = "".join(char if char.isprintable() else " " for char in text)
    return escape(readable, {'"': "&quot;"})
