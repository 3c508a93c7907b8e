"""A scenario to the models that it names: where each name stands, and what is asked of the model there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from msgspec import Struct, structs

from realtime_scenarios.document import Place
from realtime_scenarios.model import Scenario
from realtime_scenarios.model.tool import specs_of
from realtime_scenarios.project.models import (
    ROLES,
    Kind,
    Life,
    Model,
    Role,
    Successor,
    kind_of,
    model_named,
    models_of,
    resolved_model,
    successor_of,
    whose_models,
)


class NamedModel(Struct, frozen=True):
    """A name that stands in a scenario, where a model for `role` is asked for.

    `provider` is whose dates count; None: the name is that of another server, and nothing is known of it.
    """

    name: str
    place: Place
    role: Role
    provider: str | None

    @property
    def is_role(self) -> bool:
        return self.name in ROLES

    @property
    def model(self) -> Model | None:
        """The model that the table knows by this name; None: a role, or unknown."""
        return None if self.is_role or self.provider is None else model_named(self.name)

    @property
    def life(self) -> Life | None:
        """How long the model answers where it is asked; None where that is not known."""
        return self.model.life_at(self.provider) if self.model is not None and self.provider is not None else None

    @property
    def kind(self) -> Kind | None:
        """What the model is, or what the role stands for; None where that is not known."""
        if self.is_role:
            return kind_of(next(role for role in ROLES if role == self.name))
        return self.model.kind if self.model is not None else None

    @property
    def is_misplaced(self) -> bool:
        """Whether the model cannot do what is asked of it here: it is of another kind, or of another protocol."""
        return self.kind is not None and self.kind != kind_of(self.role)

    def meant(self, day: date) -> NamedModel:
        """The same place with the model in it that a role stands for on that day."""
        return structs.replace(self, name=self.resolved(day)) if self.is_role else self

    def resolved(self, day: date) -> str:
        """The model that is asked for on that day."""
        return resolved_model(self.name, self.role, self.provider or "openai", day)

    def successor(self, day: date) -> Successor | None:
        """What to name instead. What is misplaced is followed by what belongs there, whatever follows it elsewhere."""
        if self.is_misplaced:
            wanted = models_of(self.role, self.provider or "openai", day)[0]
            return Successor(wanted, None if self.provider == "azure" else self.role)
        if self.model is None or self.provider is None:
            return None
        found = successor_of(self.model, self.provider, day)
        if found is None:
            return None
        # a service of Azure is asked for deployments, and a role is none
        return Successor(found.model, None if self.provider == "azure" else found.role or self.role)


def named_models(scenario: Scenario) -> Iterator[NamedModel]:
    """The models and roles that the scenario names, each once for every place it stands in."""
    provider = scenario.provider
    voice = whose_models(provider.name if provider is not None else None)
    text = voice if provider is None or provider.text_url is None else None
    mapped = provider.text_models if provider is not None else {}
    for place, role in _places(scenario):
        name = place.value
        if isinstance(name, str):
            is_text = role in ("text", "text-mini")
            where = None if is_text and name in mapped else text if is_text else voice
            yield NamedModel(name, place, role, where)


def _places(scenario: Scenario) -> Iterator[tuple[Place, Role]]:
    """Wherever a model may be named, with the role that stands there unsaid."""
    session = scenario.place / "session"
    yield session / "model", "realtime"
    yield session / "transcription" / "model", "transcription"
    if scenario.provider is not None:
        yield scenario.provider.place / "text_model", "text"
        for name in scenario.provider.text_models:
            yield scenario.provider.place / "text_models" / name, "text"
    for agent in scenario.agents.values():
        yield agent.place / "model", "realtime"
    for tool in specs_of(scenario.tools).values():
        yield tool.place / "model" / "model", "text"
    for supervisor in scenario.supervisors.values():
        yield supervisor.place / "model", "text"
    for guardrail in scenario.guardrails.values():
        yield guardrail.place / "classify" / "model", "text-mini"
