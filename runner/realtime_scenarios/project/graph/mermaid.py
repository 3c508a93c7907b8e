"""A graph as Mermaid text, which GitHub and many editors draw."""

from __future__ import annotations

from realtime_scenarios.core.printable import printable
from realtime_scenarios.project.graph.model import Edge, Graph, Line, Node
from realtime_scenarios.project.graph.text import elided

_LONGEST = 60


def as_mermaid(graph: Graph) -> str:
    """A flowchart. Texts are escaped as Mermaid's entity codes."""
    numbers = {node.id: f"n{index}" for index, node in enumerate(graph.nodes)}
    lines = ["---", f"title: {_yaml_string(graph.title)}", "---", "flowchart LR"]
    lines += [f"  {numbers[node.id]}{_node_shape(node)}" for node in graph.nodes]
    lines += [f"  {numbers[edge.source]} {_arrow(edge)} {numbers[edge.target]}" for edge in graph.edges]
    starts = ",".join(numbers[node.id] for node in graph.nodes if node.is_start)
    if starts:
        lines += ["  classDef start stroke-width:3px", f"  class {starts} start"]
    unmet = ",".join(numbers[node.id] for node in graph.nodes if node.covered is False)
    if unmet:
        lines += ["  classDef uncovered stroke-dasharray:3 4", f"  class {unmet} uncovered"]
    return "\n".join(lines) + "\n"


def _node_shape(node: Node) -> str:
    text = "<br/>".join([f"<b>{_with_entity_codes(node.title)}</b>", *map(_node_line, node.lines)])
    return f'(["{text}"])' if node.is_start else f'["{text}"]'


def _node_line(line: Line) -> str:
    marks = f" ({', '.join(line.marks)})" if line.marks else ""
    marks += " (not covered)" if line.covered is False else ""
    return _with_entity_codes(elided(line.text, _LONGEST) + marks)


def _arrow(edge: Edge) -> str:
    begin, end = ("-.", ".->") if edge.covered is False else ("--", "-->")
    if not edge.gate:
        return "-.->" if edge.covered is False else "-->"
    return f'{begin} "if {_with_entity_codes(elided(edge.gate, _LONGEST))}" {end}'


def _with_entity_codes(text: str) -> str:
    return "".join(f"#{ord(char)};" if char in '"<>&#`|{}[]();\\' else char for char in printable(text))


def _yaml_string(text: str) -> str:
    flat = " ".join(printable(text).split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{flat}"'
