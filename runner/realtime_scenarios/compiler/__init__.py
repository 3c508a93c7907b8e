"""Scenario to Realtime agents of the SDK. From here up, and only from here up, `agents` may be imported."""

from realtime_scenarios.compiler.agents import CompiledScenario, compiled, run_config
from realtime_scenarios.compiler.asking import Question, TextModels
from realtime_scenarios.compiler.state import Asking, ConversationState, Remembered
from realtime_scenarios.compiler.text import AsksTextModels

__all__ = [
    "Asking",
    "AsksTextModels",
    "CompiledScenario",
    "ConversationState",
    "Question",
    "Remembered",
    "TextModels",
    "compiled",
    "run_config",
]
