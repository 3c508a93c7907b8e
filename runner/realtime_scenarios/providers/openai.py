"""OpenAI's Realtime API."""

from __future__ import annotations

from dataclasses import dataclass

from realtime_scenarios.core import ProviderError
from realtime_scenarios.model.provider import variables_of
from realtime_scenarios.project.models import resolved_model
from realtime_scenarios.providers.provider import Opened, ProviderRequest
from realtime_scenarios.providers.remote import (
    config_of,
    key_in,
    opened,
    realtime_url,
    text_url,
    value_in,
    with_model,
)
from realtime_scenarios.providers.text import LiveText

OPENAI_URL = "wss://api.openai.com/v1/realtime"


@dataclass(frozen=True, slots=True)
class OpenAI:
    """OpenAI's Realtime API: `OPENAI_API_KEY`, and `OPENAI_BASE_URL` for a proxy in front of it."""

    name: str = "openai"
    needs: tuple[str, ...] = variables_of("openai")
    scripted: bool = False
    real_time: bool = True

    def open(self, request: ProviderRequest) -> Opened:
        variable = request.key_env or self.needs[0]
        key = key_in(request, variable)
        if key is None:
            raise ProviderError(
                f"no key for OpenAI: {variable} is not set",
                hint=f"set {variable}; `scenario run --provider offline` needs no key",
            )
        base = request.url or value_in(request, "OPENAI_BASE_URL")
        model = resolved_model(request.model, "realtime", self.name, request.on)
        url = with_model(realtime_url(base) if base else OPENAI_URL, model)
        text_base = request.text_url or (text_url(base) if base else None)
        config = config_of(url, {"Authorization": f"Bearer {key}"})
        return opened(self.name, request, config, model, key, variable, LiveText(request, text_base, key, "responses"))


OPENAI = OpenAI()
