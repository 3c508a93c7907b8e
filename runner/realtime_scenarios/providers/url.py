"""Any server that speaks the Realtime protocol."""

from __future__ import annotations

from dataclasses import dataclass

from realtime_scenarios.core import ProviderError, UsageError
from realtime_scenarios.project.models import resolved_model
from realtime_scenarios.providers.provider import Opened, ProviderRequest
from realtime_scenarios.providers.remote import (
    config_of,
    key_in,
    opened,
    realtime_url,
    text_url,
    with_model,
)
from realtime_scenarios.providers.text import LiveText


@dataclass(frozen=True, slots=True)
class Url:
    """Any server that speaks the Realtime protocol. Without a key in `key_env` none is sent."""

    name: str = "url"
    needs: tuple[str, ...] = ()
    scripted: bool = False
    real_time: bool = True

    def open(self, request: ProviderRequest) -> Opened:
        if not request.url:
            raise UsageError("provider 'url' needs an address", hint="add --url ws://127.0.0.1:8765/v1/realtime")
        key = key_in(request, request.key_env) if request.key_env else None
        if request.key_env and key is None:
            raise ProviderError(f"no key: {request.key_env} is not set", hint=f"set {request.key_env}")
        model = resolved_model(request.model, "realtime", self.name, request.on)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        url = with_model(realtime_url(request.url), model)
        text = LiveText(request, request.text_url or text_url(request.url), key, "chat")
        return opened(self.name, request, config_of(url, headers), model, key, request.key_env, text)


URL = Url()
