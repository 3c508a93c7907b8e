"""The table of models, `models.yaml`, as frozen data: until when a model answers, what follows it, what it can do."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from msgspec import Struct

Kind = Literal["realtime", "transcription", "text", "live", "translation", "audio", "speech"]

Status = Literal["active", "deprecated", "shut down", "announced"]

Role = Literal["realtime", "realtime-mini", "text", "text-mini", "transcription"]

ROLES: tuple[Role, ...] = ("realtime", "realtime-mini", "text", "text-mini", "transcription")
"""What may stand wherever a model may be named. Written out, so that a role is known without reading the table."""

_KINDS: Mapping[Role, Kind] = {
    "realtime": "realtime",
    "realtime-mini": "realtime",
    "text": "text",
    "text-mini": "text",
    "transcription": "transcription",
}

_PROVIDERS = {"openai": "openai", "azure": "azure", "offline": "openai", "scripted": "openai"}

SOON = timedelta(days=90)
"""So long before its last day a model is told of."""

_SNAPSHOT = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{4})$")


class Life(Struct, frozen=True, forbid_unknown_fields=True):
    """How long a model answers at one provider. `shutdown` is the first day on which it does not; None: unknown."""

    status: Status = "active"
    shutdown: date | None = None
    replacement: str | None = None

    def is_over(self, day: date) -> bool:
        return self.shutdown is not None and self.shutdown <= day

    def is_ending(self, day: date) -> bool:
        """Whether it still answers on that day, and no longer soon after."""
        return self.shutdown is not None and day < self.shutdown <= day + SOON


class Rates(Struct, frozen=True, array_like=True):
    """US dollars for a million tokens. None: no source says."""

    input: float | None = None
    cached: float | None = None
    output: float | None = None


class Prices(Struct, frozen=True, forbid_unknown_fields=True):
    """`minute` is US dollars for a minute."""

    text: Rates | None = None
    audio: Rates | None = None
    image: Rates | None = None
    minute: float | None = None


class Capabilities(Struct, frozen=True, forbid_unknown_fields=True):
    """What may be asked of a model. `context` and `max_output_tokens` are tokens; None: no source says.

    `reasoning` holds the efforts that it takes, `reasoning_on_azure` those that it takes there (None: the same).
    `noise_strength`: whether it may be said how strongly noise is taken out; None: no source says.
    `needs_manual_turns`: turn detection must be off. `usage` is what its usage is counted in. `in_voice_session` says
    whether it may write down the caller inside of a voice session.
    """

    reasoning: tuple[str, ...] = ()
    reasoning_on_azure: tuple[str, ...] | None = None
    parallel_tool_calls: bool = False
    truncation: bool = False
    noise_strength: bool | None = None
    image_input: bool = False
    structured_output: bool = False
    keywords: bool = False
    languages: bool = False
    delay: bool = False
    prompt: bool = False
    needs_manual_turns: bool = False
    usage: Literal["tokens", "seconds"] | None = None
    in_voice_session: Literal["works", "disputed", "unfit"] | None = None
    context: int | None = None
    max_output_tokens: int | None = None


TRANSCRIPTION_SETTINGS: Mapping[str, Callable[[Capabilities], bool]] = {
    "keywords": lambda able: able.keywords,
    "languages": lambda able: able.languages,
    "delay": lambda able: able.delay,
    "prompt": lambda able: able.prompt,
}
"""Settings of a transcription that only some models take, and whether one does."""


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """A model as the table states it, without its name. `azure` None: nothing is known of it there."""

    kind: Kind
    openai: Life
    sources: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    azure: Life | None = None
    capabilities: Capabilities = Capabilities()
    prices: Prices | None = None
    notes: tuple[str, ...] = ()
    checked_on: date | None = None


class Choice(Struct, frozen=True, forbid_unknown_fields=True):
    """The models that a role stands for, the one that is wanted first, and why these."""

    models: tuple[str, ...]
    why: str


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """All of it. `checked_on` holds for every entry that has no day of its own."""

    checked_on: date
    sources: Mapping[str, str]
    roles: Mapping[Role, Choice]
    models: Mapping[str, Entry]


class Model(Struct, frozen=True):
    """A model under the name by which somebody asked; `name` is the one that the table knows it by."""

    name: str
    entry: Entry

    @property
    def kind(self) -> Kind:
        return self.entry.kind

    @property
    def capabilities(self) -> Capabilities:
        return self.entry.capabilities

    def life_at(self, provider: str) -> Life | None:
        """How long it answers at a provider; None where nobody has said so."""
        return self.entry.azure if provider == "azure" else self.entry.openai


@functools.cache
def table() -> Table:
    """The table, read when it is first asked for."""
    import msgspec

    return msgspec.yaml.decode(Path(__file__).with_name("models.yaml").read_bytes(), type=Table)


def whose_models(provider: str | None) -> str | None:
    """The provider of the table whose models are named where a scenario asks for this one, or for none (None).

    What is offline now will be OpenAI's later. None: a name may mean anything there, and is not looked up.
    """
    return _PROVIDERS.get(provider or "openai")


def kind_of(role: Role) -> Kind:
    """The kind of the models that a role stands for."""
    return _KINDS[role]


def model_named(name: str) -> Model | None:
    """The model of that name, of one of its other names, or of the family whose dated snapshot it is; None: unknown."""
    known = _names().get(name) or _names().get(_SNAPSHOT.sub("", name))
    return Model(known, table().models[known]) if known is not None else None


def prices_of(name: str) -> Prices | None:
    """What is known of a model's prices, by which text at least can be counted; None: nothing."""
    known = model_named(name)
    prices = known.entry.prices if known is not None else None
    return prices if prices is not None and prices.text is not None else None


def resolved_model(name: str | None, role: Role, provider: str = "openai", on: date | None = None) -> str:
    """The model to ask for where `name` stands, a model or a role; None means `role`. Unknown names pass as they are.

    A role means the first of its models that still answers at the provider on the day `on`; None: the first of all.
    """
    wanted = name or role
    return models_of(wanted, provider, on)[0] if wanted in ROLES else wanted


def models_of(role: Role, provider: str = "openai", on: date | None = None) -> tuple[str, ...]:
    """The models of a role that answer at the provider on a day, the one that is wanted first; never none.

    `on` None: all of them. Where all are over, the last one is named: it is the newest.
    """
    names = table().roles[role].models
    if on is None:
        return names
    return tuple(name for name in names if not _is_over(name, provider, on)) or names[-1:]


class Successor(Struct, frozen=True):
    """What to name instead of a model. `role` may be named as well; None: there is none that fits."""

    model: str
    role: Role | None

    @property
    def is_disputed(self) -> bool:
        """Whether sources differ about its use in a voice session: better left to the role, which can fall back."""
        known = model_named(self.model)
        return self.role is not None and known is not None and known.capabilities.in_voice_session == "disputed"

    @property
    def written(self) -> str:
        """The name to write into a scenario."""
        return self.role if self.role is not None and self.is_disputed else self.model

    @property
    def advice(self) -> str:
        """What to do, as a hint says it."""
        if self.is_disputed:
            return f"use the role '{self.role}': sources differ about '{self.model}' inside a voice session"
        return f"use '{self.model}'" + (f", or the role '{self.role}'" if self.role else "")


def successor_of(model: Model, provider: str, day: date) -> Successor | None:
    """What follows a model at a provider and is not about to end itself, as far as is known; None: nothing is named."""
    passed = [model.name]
    while (after := _replacement_of(passed[-1], provider)) is not None and after not in passed:
        passed.append(after)
        known = model_named(after)
        life = known.life_at(provider) if known is not None else None
        if life is None or not (life.is_over(day) or life.is_ending(day)):
            break
    if len(passed) == 1:
        return None
    roles = (role for role, choice in table().roles.items() if passed[-1] in choice.models)
    return Successor(passed[-1], next(roles, None))


def _replacement_of(name: str, provider: str) -> str | None:
    model = model_named(name)
    life = model.life_at(provider) if model is not None else None
    return life.replacement if life is not None else None


def _is_over(name: str, provider: str, day: date) -> bool:
    model = model_named(name)
    life = model.life_at(provider) if model is not None else None
    return life is not None and life.is_over(day)


@functools.cache
def _names() -> Mapping[str, str]:
    """Every name in the table, to the one of its entry."""
    models = table().models
    return {name: name for name in models} | {alias: name for name, entry in models.items() for alias in entry.aliases}
