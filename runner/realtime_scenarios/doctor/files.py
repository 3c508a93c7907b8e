"""A scenario's files to what keeps it from being talked to, and until when its models answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from realtime_scenarios.core import counted
from realtime_scenarios.doctor.observation import Observation
from realtime_scenarios.lint import findings
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import Project
from realtime_scenarios.project.models import SOON, table
from realtime_scenarios.project.named_models import NamedModel, named_models

LIVES = Mapping[str, date | None]
"""Models that a service lists, with the first day on which each does not answer; None: no such day is known."""


def files(project: Project) -> Iterator[Observation]:
    """Mistakes and warnings, and how callers are written down."""
    found = findings(project, warnings=True, proofs=False)
    mistakes = [diagnostic for diagnostic in found if diagnostic.severity == "error"]
    if mistakes:
        says = f"{counted(len(mistakes), 'mistake')}: {mistakes[0]}"
        yield Observation("fail", says, f"`scenario lint {project.shown}` shows them all")
        return
    scenario = project.scenario
    parts = (
        counted(len(scenario.agents), "agent"),
        counted(len(scenario.tools), "tool"),
        counted(len(project.dialogues), "dialogue"),
    )
    yield Observation("ok", f"{', '.join(parts)}, and no mistake")
    if warnings := len(found):
        yield Observation("warn", counted(warnings, "warning"), f"`scenario lint {project.shown}` shows them")
    yield _transcription(scenario)


def _transcription(scenario: Scenario) -> Observation:
    settings = scenario.session.transcription or {}
    language = settings.get("language") or settings.get("languages")
    if language:
        names = language if isinstance(language, str) else ", ".join(map(str, language))
        return Observation("ok", f"callers are written down in this language: {names}")
    says = "no language is named: the one in which callers are written down is guessed"
    return Observation("note", says, "name it, as in `session: {language: en}`")


def models(scenario: Scenario, day: date, listed: LIVES) -> Iterator[Observation]:
    """Until when the models that are named answer, as the service says, or else the table."""
    seen: dict[str, NamedModel] = {}
    for named in named_models(scenario):
        meant = named.meant(day)
        if meant.provider is not None:
            seen.setdefault(meant.name, meant)
    for name, named in seen.items():
        life = named.life
        if name in listed:
            yield _until(named, listed[name], "as the service says", day)
        elif life is not None:
            yield _until(named, life.shutdown, f"as was known on {table().checked_on}", day)
        else:
            yield Observation("note", f"{name}: nothing is known of how long it answers")


def _until(named: NamedModel, shutdown: date | None, source: str, day: date) -> Observation:
    successor = named.successor(day)
    way_out = f"{successor.advice}; `scenario models --write` changes the file" if successor else "name another model"
    if shutdown is None:
        return Observation("ok", f"{named.name} answers, and no end is announced ({source})")
    if shutdown <= day:
        return Observation("fail", f"{named.name} has not answered since {shutdown} ({source})", way_out)
    if shutdown <= day + SOON:
        return Observation("warn", f"{named.name} answers until {shutdown} ({source})", way_out)
    return Observation("ok", f"{named.name} answers until {shutdown} ({source})")
