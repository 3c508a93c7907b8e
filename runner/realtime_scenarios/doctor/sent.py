"""A scenario and a provider to what would be sent, with nothing sent: the session opens in our own engine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from realtime_scenarios.model.scenario import Scenario
    from realtime_scenarios.providers import Opened


@dataclass(frozen=True, slots=True)
class Sent:
    """Where to, with which headers (keys are hidden), and the first `session.update`."""

    url: str
    headers: Mapping[str, str]
    session: Mapping[str, Any]


def what_is_sent(scenario: Scenario, opened: Opened) -> Sent:
    """What goes out first when a conversation is opened so."""
    from realtime_scenarios.core import Secrets
    from realtime_scenarios.core.addresses import without_credentials

    secrets = Secrets(opened.secrets)
    headers = opened.config.get("headers") or {}
    return Sent(
        url=secrets.hidden(without_credentials(str(opened.config.get("url")))),
        headers={name: secrets.hidden(value) for name, value in headers.items()},
        session=secrets.hidden_in(asyncio.run(_first_session(scenario, opened))),
    )


async def _first_session(scenario: Scenario, opened: Opened) -> Any:
    from realtime_scenarios.compiler import compiled
    from realtime_scenarios.providers.wire import WireModel
    from realtime_scenarios.realtime import Engine, MemoryConnection
    from realtime_scenarios.session import Conversation, LoopClock
    from realtime_scenarios.standin import OfflineResponder

    sent: list[str | bytes] = []

    class Recorded(MemoryConnection):
        async def send(self, message: str | bytes) -> None:
            sent.append(message)
            await super().send(message)

    async def connect() -> object:
        return Recorded(Engine(), OfflineResponder())

    unplugged = replace(opened, model=WireModel(connect), network=False)
    async with Conversation(compiled(scenario), unplugged, clock=LoopClock(), makes_opening_calls=False):
        return json.loads(sent[0])["session"]
