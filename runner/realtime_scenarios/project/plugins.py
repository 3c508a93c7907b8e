"""What other packages add: kinds of stubs and expectations, lint rules, providers, reports, and voices.

A package names a `Plugin` in its entry points, and it is there wherever scenarios are loaded:

    [project.entry-points."realtime_scenarios.plugins"]
    dice = "dice_scenarios:plugin"
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from msgspec import Struct, field

from realtime_scenarios.core import ScenarioError, broken_promises, listed, reason_of
from realtime_scenarios.document.schema import amend, stub_definition, with_expectation, with_provider, with_stub_kind
from realtime_scenarios.model.expectation import EXPECTATIONS, Expectation
from realtime_scenarios.model.stub import STUBS, StubKind

GROUP = "realtime_scenarios.plugins"

_METADATA = {"info": "entry_points.txt", ".egg": "EGG-INFO/entry_points.txt"}
"""Where a package that is installed in a folder with such an ending names its entry points."""


class AddedStub(StubKind, Protocol):
    """A kind of stub that says what may stand below its keys: `properties` are the JSON Schemas of its `keys`."""

    properties: ClassVar[Mapping[str, Any]]


class AddedExpectation(Expectation, Protocol):
    """A kind of expectation that says what may stand below its key: `definition` is the JSON Schema of its value."""

    definition: ClassVar[Mapping[str, Any]]


class Plugin(Struct, frozen=True):
    """What a package adds.

    `stubs` and `expectations` (by the key that files use) are classes: reading a file needs them. What only some
    commands need, or what needs the SDK, is named by its home and imported when it is first used: `rules` are modules
    that register lint rules; `providers`, `reports`, and what hears and speaks (`listeners`, `speakers`,
    `voice_detectors`) map names to `module:attribute`.
    """

    stubs: Sequence[type[AddedStub]] = ()
    expectations: Mapping[str, type[AddedExpectation]] = field(default_factory=dict)
    rules: Sequence[str] = ()
    providers: Mapping[str, str] = field(default_factory=dict)
    reports: Mapping[str, str] = field(default_factory=dict)
    listeners: Mapping[str, str] = field(default_factory=dict)
    speakers: Mapping[str, str] = field(default_factory=dict)
    voice_detectors: Mapping[str, str] = field(default_factory=dict)


class Installed(Struct, frozen=True):
    """A plug-in, and whose it is as messages say it: `plug-in 'dice' of dice-scenarios`."""

    owner: str
    plugin: Plugin


@functools.cache
def load_plugins() -> tuple[Installed, ...]:
    """The plug-ins of all installed packages, entered into the catalogues when this is first called.

    Raises:
        ScenarioError: one cannot be imported, is none, or adds half of a kind or what is there already.
    """
    if not _is_any_installed():
        return ()
    from importlib.metadata import entry_points

    found = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        owner = f"plug-in '{point.name}' of {point.dist.name if point.dist else 'a package'}"
        try:
            plugin = point.load()
        except (Exception, SystemExit) as problem:  # a package of somebody else may fail in any way when imported
            message = f"{owner} cannot be imported: {reason_of(problem)}"
            raise ScenarioError(message, hint="mend or uninstall it") from problem
        if not isinstance(plugin, Plugin):
            raise ScenarioError(f"{owner} is no Plugin: '{point.value}' is {plugin!r}", hint="name a Plugin there")
        try:
            _refuse_halves(plugin)
            _register(plugin, owner)
        except (AttributeError, TypeError, ValueError) as problem:
            raise ScenarioError(f"{owner} cannot be added: {problem}", hint="mend or uninstall it") from problem
        found.append(Installed(owner, plugin))
    return tuple(found)


def _refuse_halves(plugin: Plugin) -> None:
    """Go on only where all kinds are whole.

    Raises:
        ValueError: one lacks what is asked of its kind, or does not describe one of its keys.
    """
    for kind in plugin.stubs:
        name = f"stub '{getattr(kind, 'kind', kind.__name__)}'"
        _refuse_broken_promises(name, broken_promises(kind, AddedStub))
        for key in sorted(kind.keys - kind.properties.keys()):
            raise ValueError(f"{name} has no `properties` for its key '{key}'")
        for key in sorted(kind.properties.keys() - kind.keys):
            raise ValueError(f"{name} has `properties` for '{key}', which is none of its keys")
    for key, expected in plugin.expectations.items():
        _refuse_broken_promises(f"expectation '{key}'", broken_promises(expected, AddedExpectation))


def _refuse_broken_promises(name: str, broken: Sequence[str]) -> None:
    if broken:
        raise ValueError(f"{name} has no {listed([f'`{member}`' for member in broken])}")


def _register(plugin: Plugin, owner: str) -> None:
    from realtime_scenarios.model.provider import PROVIDERS  # checking a file needs neither of these catalogues
    from realtime_scenarios.project.reports import REPORTS

    for kind in plugin.stubs:
        STUBS.add(kind.kind, kind)
        description = (kind.__doc__ or kind.kind).partition("\n")[0]
        definition = stub_definition(description, kind.properties, kind.beside)
        amend("scenario", functools.partial(with_stub_kind, kind=kind.kind, definition=definition))
    for key, expected in plugin.expectations.items():
        EXPECTATIONS.add(key, expected)
        amend("dialogue", functools.partial(with_expectation, key=key, definition=dict(expected.definition)))
    for name, home in plugin.providers.items():
        PROVIDERS.add_at(name, home, owner)
        amend("scenario", functools.partial(with_provider, name=name))
    for name, home in plugin.reports.items():
        REPORTS.add_at(name, home, owner)
    if plugin.listeners or plugin.speakers or plugin.voice_detectors:
        _register_voices(plugin, owner)


def _register_voices(plugin: Plugin, owner: str) -> None:
    from realtime_scenarios.voice import VOICE_DETECTORS
    from realtime_scenarios.voice.parts import LISTENERS, SPEAKERS

    for name, home in plugin.listeners.items():
        LISTENERS.add_at(name, home, owner)
    for name, home in plugin.speakers.items():
        SPEAKERS.add_at(name, home, owner)
    for name, home in plugin.voice_detectors.items():
        VOICE_DETECTORS.add_at(name, home, owner)


def _is_any_installed() -> bool:
    """Whether a package on the path has such an entry point. To ask `importlib.metadata` costs twenty times as much."""
    return any(GROUP.encode() in text for text in _entry_points())


def _entry_points() -> Iterator[bytes]:
    """The `entry_points.txt` of every package on the path that has one."""
    for folder in dict.fromkeys(sys.path):
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208
        except OSError:
            continue
        for name in names:
            inside = _METADATA.get(name[-4:])
            try:
                if inside is not None:
                    with open(f"{folder or '.'}/{name}/{inside}", "rb") as file:  # noqa: PTH123 - paths cost a millisecond
                        yield file.read()
            except OSError:
                continue
