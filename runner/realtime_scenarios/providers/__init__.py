"""Where the model is: OpenAI, Azure, any compatible server, or our own engine. One contract test suite runs on all."""

from realtime_scenarios.core.garbage import no_collections

with no_collections():  # the SDK makes some 200,000 objects and drops few
    from realtime_scenarios.providers.failures import (
        connection_failure,
        connection_lost,
        is_final,
        reason_in,
        update_refused,
    )
    from realtime_scenarios.providers.provider import PROVIDERS, Opened, Provider, ProviderRequest

__all__ = [
    "PROVIDERS",
    "Opened",
    "Provider",
    "ProviderRequest",
    "connection_failure",
    "connection_lost",
    "is_final",
    "reason_in",
    "update_refused",
]
