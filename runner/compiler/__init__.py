"""Scenario to Realtime agents of the SDK. From here up, and only from here up, `agents` may be imported."""

from runner.compiler.agents import CompiledScenario, compiled, run_config
from runner.compiler.state import ConversationState, Remembered

__all__ = ["CompiledScenario", "ConversationState", "Remembered", "compiled", "run_config"]
