"""Lines to the packaged airline, and to desks that a test makes up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.telephone import RULES, STRING, Line, tool


@pytest.fixture
def airline() -> Line:
    """The packaged airline, as its agents look on the wire."""
    file = Path(__file__).parents[2] / "scenarios" / "airline" / "airline.yaml"
    data = yaml.safe_load(file.read_text("utf-8"))
    agents = {}
    for agent in data["agents"].values():
        tools = [
            tool(name, spec["description"], dict.fromkeys(spec["parameters"], STRING), spec.get("examples", ()))
            for name in agent["tools"]
            for spec in [data["tools"][name]]
        ]
        for handoff in agent["handoffs"]:
            target = data["agents"][handoff["to"]]["name"].lower().replace(" ", "_")
            tools.append(tool(f"transfer_to_{target}", handoff["description"], {}, handoff["examples"]))
        agents[agent["name"]] = (agent["instructions"], tools)
    flight = "riley, you are booked on the 8am flight from SFO to JFK."
    outputs = {"check_flights": flight, "document_lookup": RULES}
    return Line(agents, outputs)


@pytest.fixture
def line() -> Callable[..., Line]:
    """A line to one agent with the given tools."""

    def to(*tools: dict[str, Any], instructions: str = "", **outputs: Any) -> Line:
        return Line({"Desk": (instructions, list(tools))}, outputs)

    return to
