"""Agents and tests that were written elsewhere, as scenarios: what is found in them, and what is not carried over."""

from realtime_scenarios.importers.found import Found, FoundAgent, FoundHandoff, FoundTool, Note
from realtime_scenarios.importers.written import scenario_text

__all__ = ["Found", "FoundAgent", "FoundHandoff", "FoundTool", "Note", "scenario_text"]
