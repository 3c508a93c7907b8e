"""A scenario to a proof that its gates hold on every way through it, or to the shortest way around them."""

from realtime_scenarios.proof.conformance import departures
from realtime_scenarios.proof.gates import GateFinding, gate_findings
from realtime_scenarios.proof.properties import PropertyProof, property_proofs
from realtime_scenarios.proof.report import ProofReport, ToolProof, proved
from realtime_scenarios.proof.sameness import gates_are_alike
from realtime_scenarios.proof.traces import property_violations

__all__ = [
    "GateFinding",
    "ProofReport",
    "PropertyProof",
    "ToolProof",
    "departures",
    "gate_findings",
    "gates_are_alike",
    "property_proofs",
    "property_violations",
    "proved",
]
