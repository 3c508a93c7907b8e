"""A graph as lines of text for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from realtime_scenarios.core.wrapping import wrapped
from realtime_scenarios.project.graph.model import Edge, Graph, Line, Node

_WIDTH = 80
_ASCII = {ord(box): plain for box, plain in (*zip("▶●├└─│→·", ">*|`-|>-", strict=True), ("↔", "<>"), ("…", "..."))}


def as_terminal(graph: Graph, *, ascii_only: bool = False) -> str:
    """Node by node, each with its lines and where it leads. `ascii_only` for terminals without box characters."""
    text = "\n".join(_graph_lines(graph)) + "\n"
    if ascii_only:
        text = text.translate(_ASCII).encode("ascii", "replace").decode("ascii")
    return text


def _graph_lines(graph: Graph) -> Iterator[str]:
    names = {node.id: node.title for node in graph.nodes}
    count = sum(not node.is_elsewhere for node in graph.nodes)
    yield f"{graph.title} · {count} {graph.kind if count != 1 else graph.kind.removesuffix('s')}"
    leaving: dict[str, list[Edge]] = {}
    for edge in graph.edges:
        leaving.setdefault(edge.source, []).append(edge)
    pairs = {(edge.source, edge.target) for edge in graph.edges}
    for layer in graph.layers():
        for node in layer:
            yield ""
            edges = [_edge_text(edge, pairs, names) for edge in leaving.get(node.id, [])]
            yield from _node_lines(node, edges, graph)


def _node_lines(node: Node, edges: list[str], graph: Graph) -> Iterator[str]:
    key = f" ({node.id})" if node.id != node.title else ""
    unmet = " · not covered" if node.covered is False else ""
    yield f"{'▶' if node.is_start else '●'} {node.title}{key}{' · start' if node.is_start else ''}{unmet}"
    rows = [*(_item_text(line, graph) for line in node.lines), *edges]
    for index, row in enumerate(rows):
        is_last = index == len(rows) - 1
        first, *more = wrapped(row, _WIDTH - len("  │     ")) or [""]
        yield f"  {'└' if is_last else '├'}─ {first}"
        for line in more:
            yield f"  {' ' if is_last else '│'}     {line}"


def _item_text(line: Line, graph: Graph) -> str:
    marks = f"  [{', '.join(line.marks)}]" if line.marks else ""
    marks += "  (not covered)" if line.covered is False else ""
    return f"{'tool ' if graph.kind == 'agents' else ''}{line.text}{marks}"


def _edge_text(edge: Edge, pairs: Collection[tuple[str, str]], names: dict[str, str]) -> str:
    back = (edge.target, edge.source) in pairs
    label = f": {' '.join(edge.label.split())}" if edge.label else ""
    gate = f"  [if {edge.gate}]" if edge.gate else ""
    unmet = "  (not covered)" if edge.covered is False else ""
    return f"{'↔' if back else '→'} {names[edge.target]}{unmet}{gate}{label}"
