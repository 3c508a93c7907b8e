"""A scenario as a graph, and the graph as a picture: Mermaid, SVG, or lines for a terminal."""

from runner.project.graph.mermaid import as_mermaid
from runner.project.graph.model import Edge, Graph, Mark, Node, handoff_graph, state_graph
from runner.project.graph.svg import as_svg
from runner.project.graph.terminal import as_terminal

__all__ = [
    "Edge",
    "Graph",
    "Mark",
    "Node",
    "as_mermaid",
    "as_svg",
    "as_terminal",
    "handoff_graph",
    "state_graph",
]
