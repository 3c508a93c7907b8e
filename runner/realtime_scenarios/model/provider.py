"""Which providers there are: their names are known from here up, each is loaded with the SDK when it is first used."""

from __future__ import annotations

from typing import Any

from realtime_scenarios.core import Registry

PROVIDERS: Registry[Any] = Registry("provider")
"""Name to `providers.Provider`; that type cannot be named here, below the SDK."""

PROVIDERS.add_at("offline", "realtime_scenarios.providers.embedded:OFFLINE")
PROVIDERS.add_at("scripted", "realtime_scenarios.providers.embedded:SCRIPTED")
PROVIDERS.add_at("openai", "realtime_scenarios.providers.openai:OPENAI")
PROVIDERS.add_at("azure", "realtime_scenarios.providers.azure:AZURE")
PROVIDERS.add_at("url", "realtime_scenarios.providers.url:URL")
PROVIDERS.add_at("chat", "realtime_scenarios.providers.chat:CHAT")
