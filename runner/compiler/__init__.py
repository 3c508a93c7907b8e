"""Scenario to Realtime agents of the SDK. From here up, and only from here up, `agents` may be imported."""

from runner.compiler.agents import CompiledScenario, compiled, run_config
from runner.compiler.state import Asking, ConversationState, Remembered
from runner.compiler.text import AsksTextModels, Question, TextModels

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
