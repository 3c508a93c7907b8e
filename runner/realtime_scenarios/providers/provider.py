"""What a provider is: a place where the model lives, and how to reach it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Protocol

from agents.realtime import RealtimeModel, RealtimeModelConfig

from realtime_scenarios.compiler.asking import TextModels
from realtime_scenarios.core import Ids, Registry
from realtime_scenarios.core.schedules import Schedule
from realtime_scenarios.model import provider as model_provider
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project.models import models_of
from realtime_scenarios.providers.desk import Desk
from realtime_scenarios.realtime import Beside, Pace, Parts
from realtime_scenarios.realtime.responder import Responder
from realtime_scenarios.voice.calling import Calling

PATIENCE = 30.0
"""Seconds without any sign of life after which a model counts as stalled."""


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """What is asked of a provider, gathered from the command line, the scenario and the environment by the caller.

    `url`, `model` and `deployment` None: the provider's own default. `responder` is who answers where the model is our
    own engine, `text` who answers as a text model; None: the provider's own choice. `text_url`, `text_model` and
    `text_models` say where the provider's text models are and what they are called. `environment` is where keys are
    looked up: never global. `event_log` is the file to which every event of the wire is appended,
    None: to none. `max_dollars` is what the models of a dialogue may cost; None: anything.
    Models may be roles; `on` is the day by which these are understood, None: no day.
    `pace` is when the words of an answer come and `parts` what hears and speaks where the model is in our own engine;
    None: the provider's own. `spoken` is how the lines of dialogues are said aloud; None: they are typed. `beside` is
    where parts that take their time are asked; None: the loop stands still for them. `sessions_before` is how many
    sessions the conversation has had, so that ids of our own engine are none of theirs. `schedule` is when events,
    answers of tools and decisions come, where the model is in our own engine; None: at once. `caller_seed` is by which
    a caller who is no script chooses their words.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    model: str | None = None
    url: str | None = None
    deployment: str | None = None
    key_env: str | None = None
    responder: Responder | None = None
    text: TextModels | None = None
    text_url: str | None = None
    text_model: str | None = None
    text_models: Mapping[str, str] = field(default_factory=dict)
    pace: Pace | None = None
    parts: Parts | None = None
    beside: Beside | None = None
    spoken: Calling | None = None
    on: date | None = None
    event_log: Path | None = None
    sessions_before: int = 0
    schedule: Schedule | None = None
    max_dollars: float | None = None
    caller_seed: int = 0

    def completed_by(self, scenario: Scenario) -> ProviderRequest:
        """This request with its gaps filled from what the scenario says."""
        spec = scenario.provider
        return replace(
            self,
            model=self.model or scenario.session.model,
            url=self.url or (spec.url if spec else None),
            deployment=self.deployment or (spec.deployment if spec else None),
            key_env=self.key_env or (spec.key_env if spec else None),
            text_url=self.text_url or (spec.text_url if spec else None),
            text_model=self.text_model or (spec.text_model if spec else None),
            text_models=self.text_models or (spec.text_models if spec else {}),
        )

    def ids(self) -> Callable[[], Ids]:
        """What makes the ids of each session of a conversation: the first has them as they are, and none shares one."""
        numbers = itertools.count(self.sessions_before + 1)

        def next_ids() -> Ids:
            number = next(numbers)
            return Ids() if number == 1 else Ids(number)

        return next_ids

    def paced(self, pace: Pace) -> ProviderRequest:
        return replace(self, pace=pace)


@dataclass(frozen=True, slots=True)
class Opened:
    """A model that is ready to be connected to.

    `model_name` is what the session asks for; None: the scenario's wish, or the SDK's default. `secrets` are keys that
    must never be shown; `key_env` is the environment variable they came from. `text` answers as a text model.
    `network`: tools may leave this machine, and look their keys up in `environment`. `transcription_models` are what
    the role `transcription` stands for there, the first that is to be tried first. `patience` is for how many seconds
    it may give no sign of life. `tool_lateness` gives the seconds by which the next answer of a tool is late; None:
    none is.
    """

    model: RealtimeModel
    config: RealtimeModelConfig
    model_name: str | None = None
    secrets: tuple[str, ...] = ()
    key_env: str | None = None
    text: TextModels | None = None
    network: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    transcription_models: tuple[str, ...] = field(default_factory=partial(models_of, "transcription"))
    desk: Desk | None = None
    tool_lateness: Callable[[], float] | None = None
    patience: float = PATIENCE


class Provider(Protocol):
    """`scripted`: the dialogue's moves are what the model does; otherwise they are what is expected of it.

    `real_time`: time must pass for real, because a socket leaves this process. `needs` are the environment
    variables without which it cannot be opened.
    """

    @property
    def name(self) -> str: ...

    @property
    def needs(self) -> tuple[str, ...]: ...

    @property
    def scripted(self) -> bool: ...

    @property
    def real_time(self) -> bool: ...

    def open(self, request: ProviderRequest) -> Opened:
        """A model for one conversation.

        Raises:
            ProviderError: something that is needed is not there, such as a key; the hint says what to set.
        """
        ...


PROVIDERS: Registry[Provider] = model_provider.PROVIDERS
