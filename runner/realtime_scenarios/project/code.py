"""What of a scenario is a program of the author's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import Stub, specs_of
from realtime_scenarios.stubs.python import PythonStub

_FOREIGN = ("node_modules", "__pycache__")


def brings_functions(scenario: Scenario) -> bool:
    """Whether functions of authors or of plug-ins are called: behind tools, or as guardrails."""
    stubs = [spec.stub for spec in specs_of(scenario.tools).values()]
    return any(map(is_function, stubs)) or any(guardrail.python for guardrail in scenario.guardrails.values())


def is_function(stub: Stub) -> bool:
    """Whether a function of an author or of a plug-in answers."""
    return isinstance(stub, PythonStub) or not type(stub).__module__.startswith("realtime_scenarios.")


def programs_of(scenario: Scenario) -> Iterator[Path]:
    """The files of Python that its conversations may run, in order: where it brings any code, all below its folder."""
    if scenario.mcp or brings_functions(scenario):
        yield from sorted(path for path in scenario.folder.rglob("*.py") if _is_own(path.relative_to(scenario.folder)))


def _is_own(path: Path) -> bool:
    return not any(part.startswith(".") or part in _FOREIGN for part in path.parts)
