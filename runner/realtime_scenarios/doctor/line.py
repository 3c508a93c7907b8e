"""A provider to whether it lets us in: its keys, its list of models, and a session that is opened and closed again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.doctor.files import LIVES
from realtime_scenarios.doctor.observation import Observation

if TYPE_CHECKING:
    from realtime_scenarios.model.scenario import Scenario
    from realtime_scenarios.providers import Opened, Provider, ProviderRequest

SLOW = 1.0
"""Seconds to open a session, after which answers are likely to come late as well."""


@dataclass(frozen=True, slots=True)
class Access:
    """A provider that can be opened, or cannot: then `opened` is None. `secrets` must not be shown."""

    observations: tuple[Observation, ...]
    opened: Opened | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The models that a service lists; none where it cannot be asked."""

    observations: tuple[Observation, ...]
    lives: LIVES = field(default_factory=dict)


def access(provider: Provider, request: ProviderRequest) -> Access:
    """Whether all is there that opening needs, without a step outside."""
    try:
        opened = provider.open(request)
    except ScenarioError as problem:
        return Access((Observation("fail", problem.message, problem.hint),))
    if not opened.network:
        return Access((Observation("ok", "needs no key and no network"),), opened)
    where = Observation("ok", f"asks {opened.config.get('url')}")
    if opened.key_env and opened.secrets:
        key = Observation("ok", f"has a key of {len(opened.secrets[0])} characters, from {opened.key_env}")
    else:
        key = Observation("ok", "sends no key")
    return Access((where, key), opened)


def listing(opened: Opened) -> Listing:
    """What the service says about its models, and whether the one that is wanted is among them."""
    from openai import APIStatusError, OpenAIError

    from realtime_scenarios.providers.text import LiveText

    if not isinstance(opened.text, LiveText):
        return Listing(())
    try:
        lives = asyncio.run(opened.text.listed())
    except APIStatusError as problem:
        if problem.status_code == 401:
            way_out = f"check {opened.key_env or 'the key'}: is it complete, still valid, and for this service?"
            return Listing((Observation("fail", "the service refuses the key", way_out),))
        return Listing((Observation("note", f"models are not listed (HTTP {problem.status_code})"),))
    except (OpenAIError, ValueError, AttributeError, TypeError) as problem:
        return Listing((Observation("note", f"models are not listed ({type(problem).__name__})"),))
    return Listing(tuple(_offered(opened, lives)), lives)


def _offered(opened: Opened, lives: LIVES) -> Iterator[Observation]:
    """What is listed, held against what is asked for."""
    wanted = opened.model_name
    if wanted is None or wanted in lives:
        yield Observation("ok", f"the service lists {len(lives)} models")
        return
    voices = ", ".join(sorted(name for name in lives if "realtime" in name)[:4])
    way_out = f"name one of these: {voices}" if voices else "let the project of the key use Realtime models"
    yield Observation("warn", f"'{wanted}' is not among the {len(lives)} models that the service lists", way_out)


def tried(scenario: Scenario, opened: Opened) -> Iterator[Observation]:
    """Open a session as a conversation does, and close it again. Nothing is asked of the model."""
    begun = time.monotonic()
    try:
        problems = asyncio.run(_opened_and_closed(scenario, opened))
    except ScenarioError as problem:
        yield Observation("fail", problem.message, problem.hint)
        return
    yield from problems
    if problems:
        return
    seconds = time.monotonic() - begun
    yield Observation("ok", f"a session was opened and closed again, in {seconds:.1f} s")
    if opened.network and seconds > SLOW:
        yield Observation("warn", "that is slow: answers will come late", "look at the network, a VPN, a proxy")


async def _opened_and_closed(scenario: Scenario, opened: Opened) -> list[Observation]:
    """What went wrong meanwhile."""
    from realtime_scenarios.compiler import compiled
    from realtime_scenarios.session import Conversation, LoopClock
    from realtime_scenarios.trace import ModelError

    conversation = Conversation(compiled(scenario), opened, clock=LoopClock(), makes_opening_calls=False)
    async with conversation:
        if (failure := conversation.failure) is not None:
            return [Observation("fail", failure.message, failure.hint)]
        return [
            Observation("fail", f"the model says: {event.message}")
            for event in conversation.trace
            if isinstance(event, ModelError)
        ]
