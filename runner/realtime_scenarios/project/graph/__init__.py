"""A scenario as a graph, and the graph as a picture: Mermaid, SVG, or lines for a terminal."""

from realtime_scenarios.project.graph.mermaid import as_mermaid
from realtime_scenarios.project.graph.model import (
    Edge,
    Graph,
    Mark,
    Node,
    Seen,
    handoff_graph,
    nobody_knows,
    state_graph,
)
from realtime_scenarios.project.graph.svg import as_svg
from realtime_scenarios.project.graph.terminal import as_terminal

__all__ = [
    "Edge",
    "Graph",
    "Mark",
    "Node",
    "Seen",
    "as_mermaid",
    "as_svg",
    "as_terminal",
    "handoff_graph",
    "nobody_knows",
    "state_graph",
]
