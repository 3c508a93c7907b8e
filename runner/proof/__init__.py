"""A proof that gates hold on every way through a scenario, or the shortest way around them."""

from runner.proof.conformance import departures
from runner.proof.properties import (
    GateFinding,
    ProofReport,
    PropertyProof,
    ToolProof,
    gate_findings,
    property_proofs,
    property_violations,
    proved,
)

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
