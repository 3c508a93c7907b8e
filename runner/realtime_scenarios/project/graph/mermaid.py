"""A graph as Mermaid text, which GitHub and many editors draw."""

from __future__ import annotations

from realtime_scenarios.project.graph.model import Edge, Graph, Line, Node


def as_mermaid(graph: Graph) -> str:
    """A flowchart. Texts are escaped as Mermaid's entity codes."""
    numbers = {node.id: f"n{index}" for index, node in enumerate(graph.nodes)}
    lines = ["---", f"title: {_yaml(graph.title)}", "---", "flowchart LR"]
    lines += [f"  {numbers[node.id]}{_shape(node)}" for node in graph.nodes]
    lines += [f"  {numbers[edge.source]} {_arrow(edge)} {numbers[edge.target]}" for edge in graph.edges]
    starts = ",".join(numbers[node.id] for node in graph.nodes if node.is_start)
    if starts:
        lines += ["  classDef start stroke-width:3px", f"  class {starts} start"]
    return "\n".join(lines) + "\n"


def _shape(node: Node) -> str:
    text = "<br/>".join([f"<b>{_escaped(node.title)}</b>", *map(_line, node.lines)])
    return f'(["{text}"])' if node.is_start else f'["{text}"]'


def _line(line: Line) -> str:
    marks = f" ({', '.join(line.marks)})" if line.marks else ""
    return _escaped(_short(line.text) + marks)


def _arrow(edge: Edge) -> str:
    return f'-- "if {_escaped(_short(edge.gate))}" -->' if edge.gate else "-->"


def _short(text: str, longest: int = 60) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else f"{flat[: longest - 1]}…"


def _escaped(text: str) -> str:
    return "".join(f"#{ord(char)};" if char in '"<>&#`|{}[]();\\' else char for char in text)


def _yaml(text: str) -> str:
    flat = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{flat}"'
