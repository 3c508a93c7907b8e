"""Scenarios and dialogues as typed, frozen data, built once from checked documents."""

from runner.model.build import build_scenario
from runner.model.build_dialogue import build_dialogues, matcher_of
from runner.model.dialogue import Dialogue
from runner.model.scenario import Scenario

__all__ = ["Dialogue", "Scenario", "build_dialogues", "build_scenario", "matcher_of"]
