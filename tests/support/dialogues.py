"""A dialogue played and judged in this process."""

from __future__ import annotations

from realtime_scenarios.compiler import CompiledScenario
from realtime_scenarios.model import Dialogue
from realtime_scenarios.providers import Provider, ProviderRequest
from realtime_scenarios.session import play, run_for
from realtime_scenarios.verdicts import DialogueResult, judged


def played(
    compiled: CompiledScenario,
    dialogue: Dialogue,
    provider: Provider,
    request: ProviderRequest,
) -> DialogueResult:
    """What came of the dialogue, played to its end in virtual time unless the provider is somewhere else."""
    main = play(compiled, dialogue, provider, request)
    took_place = run_for(provider, main, real_time=bool(compiled.scenario.mcp))
    return judged(compiled.scenario, dialogue, took_place)
