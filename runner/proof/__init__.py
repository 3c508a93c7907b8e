"""A proof that gates hold on every way through a scenario, or the shortest way around them."""

from runner.proof.conformance import departures
from runner.proof.gates import GateFinding, gate_findings
from runner.proof.properties import PropertyProof, property_proofs
from runner.proof.report import ProofReport, ToolProof, proved
from runner.proof.traces import property_violations

__all__ = [
    "GateFinding",
    "ProofReport",
    "PropertyProof",
    "ToolProof",
    "departures",
    "gate_findings",
    "property_proofs",
    "property_violations",
    "proved",
]
