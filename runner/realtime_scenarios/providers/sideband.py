"""A session beside a call that somebody else carries: OpenAI takes it by SIP, and we attach to it by its id.

Facts: `OpenAIRealtimeSIPModel` of openai-agents 0.24; `openai.resources.realtime.calls` (openai 3.57).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from agents.realtime import OpenAIRealtimeSIPModel, RealtimeModelConfig
from openai import APIConnectionError, APIStatusError, AsyncOpenAI

from realtime_scenarios.core import ProviderError, Secrets
from realtime_scenarios.providers.provider import Opened
from realtime_scenarios.providers.remote import text_url
from realtime_scenarios.providers.wire import WireModel

_GONE = 404
_BUSY_HERE = 486
"""What SIP says of a line that is engaged (RFC 3261, section 21.4.24)."""


class SidebandModel(WireModel, OpenAIRealtimeSIPModel):
    """The SDK's model for a call by SIP, on our wire. The model that was accepted with the call is named once more."""

    async def connect(self, options: RealtimeModelConfig) -> None:
        # the SDK (0.24) refuses a name beside an id in the settings, though it names a model in each `session.update`
        settings = options.get("initial_model_settings", {}).copy()
        self.model = settings.pop("model_name", self.model)
        await super().connect({**options, "initial_model_settings": settings})


def attached(opened: Opened, call_id: str) -> Opened:
    """The same model, where it answers this call.

    Raises:
        ProviderError: the model is on this machine, and no carrier gets there.
    """
    url = opened.config.get("url")
    if not opened.network or url is None or not isinstance(opened.model, WireModel):
        raise ProviderError("a call by SIP needs a Realtime service", hint="use --provider openai")
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "model"]
    address = urlunsplit(parts._replace(query=urlencode([*query, ("call_id", call_id)])))
    return replace(opened, model=SidebandModel(), config={**opened.config, "url": address, "call_id": call_id})


@dataclass(frozen=True, slots=True)
class Calls:
    """The part of the service's API that takes calls."""

    client: AsyncOpenAI
    secrets: Secrets

    @classmethod
    def beside(cls, opened: Opened, webhook_secret: str) -> Self:
        """The API that belongs to a Realtime endpoint, with the same key."""
        headers = dict(opened.config.get("headers", {}))
        base = text_url(opened.config.get("url", ""))
        client = AsyncOpenAI(
            api_key="of the headers", base_url=base, default_headers=headers, webhook_secret=webhook_secret
        )
        return cls(client, Secrets((*opened.secrets, webhook_secret)))

    async def accept(self, call_id: str, session: Mapping[str, Any]) -> bool:
        """Take a call with this session; False: the caller has hung up.

        Raises:
            ProviderError: it cannot be taken.
        """
        try:
            await self.client.realtime.calls.accept(call_id, type="realtime", extra_body=dict(session))
        except APIStatusError as problem:
            if problem.status_code == _GONE:
                return False
            message = f"the service did not take the call ({problem.status_code}): {problem.message}"
            raise ProviderError(self.secrets.hidden(message), hint="check key, model and session") from problem
        except APIConnectionError as problem:
            where = urlsplit(str(self.client.base_url)).netloc
            raise ProviderError(f"{where} cannot be reached", hint="check the address and your network") from problem
        return True

    async def refuse(self, call_id: str) -> None:
        """Tell a caller that all lines are busy; one who has hung up does not mind."""
        await self._tried(self.client.realtime.calls.reject(call_id, status_code=_BUSY_HERE))

    async def hang_up(self, call_id: str) -> None:
        """End a call, unless it is over already."""
        await self._tried(self.client.realtime.calls.hangup(call_id))

    async def close(self) -> None:
        await self.client.close()

    async def _tried(self, asking: Any) -> None:
        try:
            await asking
        except (APIStatusError, APIConnectionError):
            return
