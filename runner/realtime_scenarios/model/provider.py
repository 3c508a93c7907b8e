"""Which providers there are, and what each needs: known from here up; each is loaded with the SDK when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from realtime_scenarios.core import Registry

PROVIDERS: Registry[Any] = Registry("provider")
"""Name to `providers.Provider`; that type cannot be named here, below the SDK."""

PROVIDERS.add_at("offline", "realtime_scenarios.providers.embedded:OFFLINE")
PROVIDERS.add_at("scripted", "realtime_scenarios.providers.embedded:SCRIPTED")
PROVIDERS.add_at("openai", "realtime_scenarios.providers.openai:OPENAI")
PROVIDERS.add_at("azure", "realtime_scenarios.providers.azure:AZURE")
PROVIDERS.add_at("url", "realtime_scenarios.providers.url:URL")
PROVIDERS.add_at("chat", "realtime_scenarios.providers.chat:CHAT")


IN_FILE = "_FILE"
"""Behind the name of a variable: the file in which the key stands, as containers hand it over."""


class Need(Struct, frozen=True):
    """`name` is the environment variable that a provider needs, or what else people call it: an option.

    `wish` is what may be asked for in its place: `url` as `--url`; where that is `key_env`, it is another variable, and
    the key may stand in a file. None: nothing.
    """

    name: str
    wish: str | None = None

    def is_met(self, environment: Mapping[str, str], wishes: Mapping[str, str | None]) -> bool:
        if self.wish != "key_env":
            return bool(environment.get(self.name) or (self.wish and wishes.get(self.wish)))
        variable = wishes.get("key_env") or self.name
        return bool(environment.get(variable) or environment.get(variable + IN_FILE))


NEEDS: Mapping[str, tuple[Need, ...]] = {
    "openai": (Need("OPENAI_API_KEY", "key_env"),),
    "azure": (
        Need("AZURE_OPENAI_ENDPOINT", "url"),
        Need("AZURE_OPENAI_API_KEY", "key_env"),
        Need("AZURE_OPENAI_DEPLOYMENT", "deployment"),
    ),
    "url": (Need("--url, or `provider: {name: url, url: ...}` in the scenario", "url"),),
}
"""What our own providers need: told without loading them, since the SDK comes with each. Others say it themselves."""


def variables_of(provider: str) -> tuple[str, ...]:
    """The environment variables that a provider of ours needs, where nothing else is asked for."""
    return tuple(need.name for need in NEEDS.get(provider, ()) if need.name.isidentifier())


def missing_for(provider: str, environment: Mapping[str, str], wishes: Mapping[str, str | None]) -> list[str]:
    """What a provider needs and nobody has given, as people are told it."""
    is_ours = provider in PROVIDERS.homes
    needs = NEEDS.get(provider, ()) if is_ours else tuple(map(Need, PROVIDERS[provider].needs))
    return [_asked_for(need, wishes) for need in needs if not need.is_met(environment, wishes)]


def _asked_for(need: Need, wishes: Mapping[str, str | None]) -> str:
    return wishes.get("key_env") or need.name if need.wish == "key_env" else need.name
