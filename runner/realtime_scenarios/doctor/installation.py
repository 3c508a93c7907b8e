"""What is installed, held against what this package asks for in its own metadata."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata

from realtime_scenarios.doctor.observation import Observation

OURS = "realtime-scenarios"

_SHOWN = ("openai-agents", "openai", "websockets")
"""What a report about a failure is no use without; of the others it is enough that they are there."""

_OF_DEVELOPERS = "dev"

_REQUIREMENT = re.compile(
    r"(?P<name>[\w.-]+)(?:\[[^]]*\])?\s*(?P<range>[^;]*?)\s*(?:;.*extra\s*==\s*['\"](?P<extra>[\w-]+)['\"])?$"
)


@dataclass(frozen=True, slots=True)
class Requirement:
    """A package that is asked for. `extra` None: always. `only` is the one version that will do; None: several do."""

    name: str
    extra: str | None = None
    only: str | None = None

    @property
    def installed(self) -> str | None:
        """The version that is there; None: none is."""
        try:
            return metadata.version(self.name)
        except metadata.PackageNotFoundError:
            return None


def requirements_in(lines: Sequence[str]) -> Iterator[Requirement]:
    """The lines of a package's metadata (PEP 508) as what they ask for."""
    for line in lines:
        if found := _REQUIREMENT.match(line):
            exact = found["range"].removeprefix("==") if found["range"].startswith("==") else None
            yield Requirement(found["name"], found["extra"], exact)


def installation() -> Iterator[Observation]:
    """Python, this package, what it stands on, and its extras."""
    yield Observation("ok", f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    try:
        version, lines = metadata.version(OURS), metadata.requires(OURS) or []
    except metadata.PackageNotFoundError:
        yield Observation("warn", f"{OURS} is run, and not installed: versions are not known", "pip install .")
        return
    yield Observation("ok", f"{OURS} {version}")
    yield from observed_requirements(list(requirements_in(lines)))


def observed_requirements(requirements: Sequence[Requirement]) -> Iterator[Observation]:
    needed = [requirement for requirement in requirements if requirement.extra is None]
    shown = [f"{part.name} {part.installed}" for part in needed if part.name in _SHOWN and part.installed is not None]
    if shown:
        yield Observation("ok", ", ".join(shown))
    for requirement in needed:
        wanted = requirement.name if requirement.only is None else f"{requirement.name}=={requirement.only}"
        if requirement.installed is None:
            yield Observation("fail", f"{requirement.name} is not installed", f"pip install '{wanted}'")
        elif requirement.only not in (None, requirement.installed):
            says = f"{requirement.name} {requirement.installed} is installed, and {requirement.only} is needed"
            yield Observation("fail", says, f"pip install '{wanted}'")
    extras: dict[str, list[Requirement]] = {}
    for requirement in requirements:
        if requirement.extra not in (None, _OF_DEVELOPERS):
            extras.setdefault(str(requirement.extra), []).append(requirement)
    for extra, parts in extras.items():
        missing = [requirement.name for requirement in parts if requirement.installed is None]
        if missing:
            says = f"the extra [{extra}] is not installed: {', '.join(missing)}"
            yield Observation("note", says, f"pip install '{OURS}[{extra}]'")
        else:
            yield Observation("ok", f"the extra [{extra}] is installed")
