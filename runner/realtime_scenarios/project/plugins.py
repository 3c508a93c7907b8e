"""What other packages add: kinds of stubs and expectations, lint rules, providers and reports.

A package names a `Plugin` in its entry points, and it is there wherever scenarios are loaded:

    [project.entry-points."realtime_scenarios.plugins"]
    dice = "dice_scenarios:plugin"
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.model.expectation import EXPECTATIONS, Expectation
from realtime_scenarios.model.provider import PROVIDERS
from realtime_scenarios.model.stub import STUBS, StubKind
from realtime_scenarios.project.reports import REPORTS

GROUP = "realtime_scenarios.plugins"


@dataclass(frozen=True, slots=True)
class Plugin:
    """What a package adds.

    `stubs` and `expectations` are classes, each with its part of the schema. What needs the SDK, or is not needed for
    reading, is named by its home and imported when it is first used: `rules` are modules that register lint rules,
    `providers` and `reports` map names to `module:attribute`.
    """

    stubs: Sequence[type[StubKind]] = ()
    expectations: Mapping[str, type[Expectation]] = field(default_factory=dict)
    rules: Sequence[str] = ()
    providers: Mapping[str, str] = field(default_factory=dict)
    reports: Mapping[str, str] = field(default_factory=dict)
