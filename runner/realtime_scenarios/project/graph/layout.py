"""A graph laid out: boxes in columns by their distance from the start, with curves between them; lengths in pixels."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from realtime_scenarios.project.graph.model import Edge, Graph, Line, Node
from realtime_scenarios.project.graph.text import elided

CHAR = 7.4
LINE = 20
PAD = 14
MARGIN = 28
_GAP_X = 140
_GAP_UNLABELLED = 84
_GAP_Y = 44
_HEAD = 58

LONGEST_TITLE, LONGEST_LINE, LONGEST_GATE = 40, 44, 34
"""Characters."""

_POINT = re.compile(r"(-?\d+) (-?\d+)")


@dataclass(frozen=True, slots=True)
class Box:
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
class Link:
    """One line between two boxes: an edge, or two that lead both ways and need the same."""

    edge: Edge
    source: str
    target: str
    gate: str | None
    both: bool


class Point(NamedTuple):
    x: float
    y: float


class _Ports(NamedTuple):
    """The heights at which a link leaves a box and enters another."""

    leaves: float
    enters: float


class Curve(NamedTuple):
    """The line of a link as SVG path data, and where its label goes."""

    path: str
    label: Point


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is: a curve for each link. `bottom` is where the last box or lane ends."""

    boxes: dict[str, Box]
    links: list[Link]
    curves: list[Curve]
    width: float
    bottom: float


def laid_out(
    graph: Graph, *, paired: bool = True, labelled: bool = True, room: float = 0.0, down: bool = False
) -> Layout:
    """The boxes and lines of a graph; `paired`: two edges that lead both ways and need the same are one line.

    `labelled`: between the columns is room for what edges require. `room` is how much wider than its text a box is.
    `down`: the columns are rows instead, from top to bottom.
    """
    boxes = _box_layout(graph, labelled, room, down)
    links = (
        _links(graph) if paired else [Link(edge, edge.source, edge.target, edge.gate, False) for edge in graph.edges]
    )
    width = max([box.x + box.width for box in boxes.values()], default=200) + MARGIN + _overhang(links, boxes)
    bottom = max([box.y + box.height for box in boxes.values()], default=80)
    ports = _port_heights(links, boxes)
    lane = 0
    curves: list[Curve] = []
    for index, link in enumerate(links):
        if abs(boxes[link.source].column - boxes[link.target].column) > 1:
            lane += 1
        curves.append(_curve(link, boxes, index, ports[index], bottom + 14 + 26 * lane))
    layout = Layout(boxes, links, curves, width, bottom + 26 * lane)
    return _turned(layout) if down else layout


def _turned(layout: Layout) -> Layout:
    """The same with x and y exchanged."""
    boxes = {
        name: replace(box, x=box.y, y=box.x, width=box.height, height=box.width) for name, box in layout.boxes.items()
    }
    curves = [Curve(_POINT.sub(r"\2 \1", curve.path), Point(curve.label.y, curve.label.x)) for curve in layout.curves]
    return Layout(boxes, layout.links, curves, layout.bottom + MARGIN, layout.width - MARGIN)


def _box_layout(graph: Graph, labelled: bool, room: float, down: bool) -> dict[str, Box]:
    """Each box in its column; in a column, near what it is linked to in the one before."""
    layers = [list(layer) for layer in graph.layers()]
    sources: dict[str, list[str]] = {}
    for edge in graph.edges:
        sources.setdefault(edge.target, []).append(edge.source)
    order: dict[str, int] = {}
    for layer in layers:
        layer.sort(key=lambda node: _barycenter(sources.get(node.id, []), order))
        order.update({node.id: index for index, node in enumerate(layer)})

    def size(node: Node) -> tuple[float, float]:
        width, height = _node_width(node) + room, _node_height(node)
        return (height, width) if down else (width, height)

    totals = [sum(size(node)[1] + _GAP_Y for node in layer) - _GAP_Y for layer in layers]
    largest = max(totals, default=0)
    boxes: dict[str, Box] = {}
    gates = [label_width(edge.gate) for edge in graph.edges if edge.gate and labelled]
    gap = (_GAP_X if labelled else _GAP_UNLABELLED) + max(gates, default=0)
    x = float(MARGIN)
    for column, (layer, total) in enumerate(zip(layers, totals, strict=True)):
        widest = max(size(node)[0] for node in layer)
        y = _HEAD + (largest - total) / 2
        for node in layer:
            height = size(node)[1]
            boxes[node.id] = Box(node, column, x, y, widest, height)
            y += height + _GAP_Y
        x += widest + gap
    return boxes


def _barycenter(sources: list[str], order: dict[str, int]) -> float:
    linked = [order[source] for source in sources if source in order]
    return sum(linked) / len(linked) if linked else 0.0


def _links(graph: Graph) -> list[Link]:
    links: list[Link] = []
    taken: set[Edge] = set()
    leading: dict[tuple[str, str, str | None], list[Edge]] = {}
    for edge in graph.edges:
        leading.setdefault((edge.source, edge.target, edge.gate), []).append(edge)
    for edge in graph.edges:
        if edge in taken:
            continue
        same = leading.get((edge.target, edge.source, edge.gate), [])
        back = next((other for other in same if other not in taken and other is not edge), None)
        taken.update({edge} if back is None else {edge, back})
        links.append(Link(edge, edge.source, edge.target, edge.gate, back is not None))
    return links


def _curve(link: Link, boxes: dict[str, Box], index: int, ports: _Ports, lane: float) -> Curve:
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
        return Curve(path, Point(x1 + (x2 - x1) * at, _on_curve(y1, y2, at)))
    if a.column == b.column:
        upper, lower = (a, b) if a.y < b.y else (b, a)
        is_next = lower.y - upper.y - upper.height <= _GAP_Y + 1
        room = a.width / 2 - 10
        x = a.x + a.width / 2 + max(-room, min(room, shift * 3))
        if is_next and a is not b:
            (y1, y2) = (a.y + a.height, b.y) if a is upper else (a.y, b.y + b.height)
            gap = 6 if a is upper else -6
            path = f"M {x:.0f} {y1 + gap * link.both:.0f} L {x:.0f} {y2 - gap:.0f}"
            return Curve(path, Point(x, (y1 + y2) / 2))
        x = a.x + a.width
        out = x + 34 + 15 * (index % 5)
        y1, y2 = a.middle + shift, b.middle - shift
        start, bend = x + 6 * link.both, out + 30
        path = f"M {start:.0f} {y1:.0f} C {bend:.0f} {y1:.0f}, {bend:.0f} {y2:.0f}, {x + 6:.0f} {y2:.0f}"
        return Curve(path, Point(out + 10, (y1 + y2) / 2))
    return _curve_below(a, b, link.both, lane, 16 + 6 * (index % 8))


def _curve_below(a: Box, b: Box, both: bool, lane: float, out: float) -> Curve:
    """A line that leaves its column, runs below all boxes, and comes up in the gap beside its target."""
    turn = 1 if b.column > a.column else -1
    x1, x2 = (a.x + a.width, b.x) if turn > 0 else (a.x, b.x + b.width)
    down, up = x1 + turn * out, x2 - turn * out
    y1, y2 = a.y + a.height - 12, b.y + b.height - 12
    path = (
        f"M {x1 + 6 * turn * both:.0f} {y1:.0f} L {down:.0f} {y1:.0f} L {down:.0f} {lane:.0f} "
        f"L {up:.0f} {lane:.0f} L {up:.0f} {y2:.0f} L {x2 - 6 * turn:.0f} {y2:.0f}"
    )
    return Curve(path, Point((down + up) / 2, lane))


def _on_curve(y1: float, y2: float, at: float) -> float:
    """The height of the line between two boxes at a part of its way (it begins and ends level)."""
    return y1 + (y2 - y1) * (3 * at**2 - 2 * at**3)


def _port_heights(links: list[Link], boxes: dict[str, Box]) -> list[_Ports]:
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


def _overhang(links: list[Link], boxes: dict[str, Box]) -> float:
    """Room on the right for lines that go round the last column."""
    last = max((box.column for box in boxes.values()), default=0)
    return 120.0 if any(boxes[link.source].column == boxes[link.target].column == last for link in links) else 0.0


def label_width(gate: str) -> float:
    return (len(elided(gate, LONGEST_GATE)) + 3) * CHAR + 8


def _node_width(node: Node) -> float:
    title = (len(elided(node.title, LONGEST_TITLE)) + 2 * node.is_start) * 1.25
    widest = max([title, *(len(_line_text(line)) for line in node.lines)])
    return max(120.0, widest * CHAR + 2 * PAD)


def _node_height(node: Node) -> float:
    return 2.0 * PAD + 14 + LINE * len(node.lines)


def _line_text(line: Line) -> str:
    return elided(line.text, LONGEST_LINE) + "".join(f" [{mark}]" for mark in line.marks)
