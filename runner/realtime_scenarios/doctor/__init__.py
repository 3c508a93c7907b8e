"""Whether a conversation can be held, and what to do where it cannot: installation, sound, files, provider, line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from realtime_scenarios.doctor.advice import ADVICE, Advice
from realtime_scenarios.doctor.files import files, models
from realtime_scenarios.doctor.installation import installation
from realtime_scenarios.doctor.line import access, listing, tried
from realtime_scenarios.doctor.observation import Observation, Section, State
from realtime_scenarios.doctor.sent import Sent, what_is_sent
from realtime_scenarios.doctor.sound import sound

if TYPE_CHECKING:
    from realtime_scenarios.project import Project
    from realtime_scenarios.providers import ProviderRequest

__all__ = ["ADVICE", "Advice", "Observation", "Question", "Section", "Sent", "State", "examined"]


@dataclass(frozen=True, slots=True)
class Question:
    """Whether this project can be talked to over this provider. Without `dials_out` nothing leaves the machine."""

    project: Project
    provider: str
    request: ProviderRequest
    day: date
    dials_out: bool = True


def examined(question: Question) -> Iterator[Section | Sent]:
    """What is found, a thing at a time; what would be sent comes once it is known."""
    from realtime_scenarios.providers import PROVIDERS

    yield Section("this installation", tuple(installation()))
    yield Section("sound", tuple(sound()))
    found = Section(question.project.shown, tuple(files(question.project)))
    yield found
    if found.fails:
        return
    scenario = question.project.scenario
    provider = PROVIDERS[question.provider]
    gained = access(provider, question.request.completed_by(scenario))
    yield Section(f"provider {question.provider}", gained.observations)
    if (opened := gained.opened) is None:
        return
    listed = listing(opened) if opened.network and question.dials_out else None
    lives = listed.lives if listed is not None else {}
    yield Section(
        "models", (*(listed.observations if listed is not None else ()), *models(scenario, question.day, lives))
    )
    yield what_is_sent(scenario, opened)
    if opened.network and not question.dials_out:
        skipped = Observation("note", "not tried: --no-network", "leave --no-network out, and a session is opened")
        yield Section("the line", (skipped,), was_tried=False)
    else:
        yield Section("the line", tuple(tried(scenario, opened)))
