"""A scenario to all that can be said about it without running it: tool by tool, gate by gate, property by property."""

from __future__ import annotations

from dataclasses import dataclass

from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import (
    specs_of,
)
from realtime_scenarios.proof.gates import GateFinding, gate_search
from realtime_scenarios.proof.properties import PropertyProof, property_proofs


@dataclass(frozen=True, slots=True)
class ToolProof:
    """Whether what a guarded tool does can only be done through its gates. `proved` False: `path` leads around them.

    `proved` None: `states` sets of states were looked at, and it is still open.
    """

    tool: str
    proved: bool | None
    states: int
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProofReport:
    """`states` is how many sets of abstract states were looked at; `is_complete`: nothing about gates is left open."""

    tools: tuple[ToolProof, ...]
    findings: tuple[GateFinding, ...]
    properties: tuple[PropertyProof, ...]
    states: int
    is_complete: bool


def proved(scenario: Scenario) -> ProofReport:
    """All that can be said about the gates and properties of a scenario without running it."""
    everything, findings = gate_search(scenario)
    tools = []
    for tool in specs_of(scenario.tools).values():
        if tool.requires or tool.approval:
            paths = [
                finding.path
                for finding in findings
                if finding.subject == tool.name and finding.kind in ("unguarded", "skipped")
            ]
            path = min(paths, key=len, default=())
            is_open = any(
                finding.subject == tool.name and finding.may_be in ("unguarded", "skipped") for finding in findings
            )
            proof = False if paths else None if is_open else True
            tools.append(ToolProof(tool.name, proof, everything.regions, path))
    properties = property_proofs(scenario)
    return ProofReport(tuple(tools), findings, properties, everything.regions, everything.is_complete)
