"""Scenario to Realtime agents of the SDK. From here up, and only from here up, `agents` may be imported."""

from realtime_scenarios.core.garbage import no_collections

with no_collections():  # the SDK makes some 200,000 objects and drops few
    from realtime_scenarios.compiler.agents import Carried, CompiledScenario, compiled, run_config
    from realtime_scenarios.compiler.approval import Asking
    from realtime_scenarios.compiler.asking import Classification, Question, TextModels
    from realtime_scenarios.compiler.state import ConversationState, Remembered, Talk
    from realtime_scenarios.compiler.text import AsksTextModels

__all__ = [
    "Asking",
    "AsksTextModels",
    "Carried",
    "Classification",
    "CompiledScenario",
    "ConversationState",
    "Question",
    "Remembered",
    "Talk",
    "TextModels",
    "compiled",
    "run_config",
]
