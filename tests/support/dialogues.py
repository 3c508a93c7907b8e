"""A dialogue played and judged in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from realtime_scenarios.compiler import CompiledScenario
from realtime_scenarios.model import Dialogue
from realtime_scenarios.providers import Provider, ProviderRequest
from realtime_scenarios.session import play, run_in_virtual_time
from realtime_scenarios.verdicts import DialogueResult, judged

T = TypeVar("T")


def run_for(provider: Provider, main: Coroutine[Any, Any, T], *, real_time: bool = False) -> T:
    """Run to the end in the time that the provider lives in. `real_time`: processes of their own are waited for."""
    return asyncio.run(main) if provider.real_time or real_time else run_in_virtual_time(main)


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
