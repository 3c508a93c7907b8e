"""Scenarios and dialogues as typed, frozen data, built once from checked documents."""

from realtime_scenarios.model.build import build_scenario
from realtime_scenarios.model.build_dialogue import build_dialogues
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.model.matcher import matcher_of
from realtime_scenarios.model.scenario import Scenario

__all__ = ["Dialogue", "Scenario", "build_dialogues", "build_scenario", "matcher_of"]
