"""One catalogue type for everything that comes in kinds: stubs, expectations, rules, providers, reports."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Generic, TypeVar

from realtime_scenarios.core.added import added_item
from realtime_scenarios.core.errors import UsageError
from realtime_scenarios.core.words import did_you_mean

T = TypeVar("T")


class Registry(Generic[T]):
    """Names to things of one kind. A name has one owner; an unknown name is answered with the nearest one.

    A thing may be entered by its home, so that its name is known without the cost of importing it; `homes` are those.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._items: dict[str, T] = {}
        self.homes: dict[str, str] = {}
        self._givers: dict[str, str] = {}

    def add(self, name: str, item: T) -> T:
        """Enter `item` under `name`.

        Raises:
            ValueError: another thing already has the name.
        """
        owner = self._items.setdefault(name, item)
        if owner is not item or name in self.homes:
            raise ValueError(f"{self.kind} '{name}' is registered twice: {self.homes.get(name, owner)!r} and {item!r}")
        return item

    def add_at(self, name: str, home: str, giver: str | None = None) -> None:
        """Enter under `name` what is at `home` (`module:attribute`), which is imported when it is first asked for.

        `giver` is the plug-in that brings it, which is blamed when it cannot be imported; None: we do.

        Raises:
            ValueError: another thing already has the name, or `home` has no such form.
        """
        if not all(home.partition(":")):
            raise ValueError(f"{self.kind} '{name}' has the home {home!r}, which is not written as module:attribute")
        owner = self.homes.setdefault(name, home)
        if owner != home or name in self._items:
            raise ValueError(f"{self.kind} '{name}' is registered twice: {self._items.get(name, owner)!r} and {home!r}")
        if giver is not None:
            self._givers[name] = giver

    def known(self, name: str) -> str:
        """The name, if there is a thing of that name.

        Raises:
            UsageError: there is none; the hint names the nearest one.
        """
        if name not in self:
            raise UsageError(f"unknown {self.kind} '{name}'", hint=did_you_mean(name, sorted(self)))
        return name

    def __getitem__(self, name: str) -> T:
        """The thing of that name.

        Raises:
            UsageError: there is none; the hint names the nearest one.
            ScenarioError: a plug-in brings it, and it cannot be imported.
        """
        if name in self._items:
            return self._items[name]
        home = self.homes[self.known(name)]
        item: T
        if name in self._givers:
            item = added_item(home, f"{self.kind} '{name}' of {self._givers[name]}")
            return item
        module, _, attribute = home.partition(":")
        item = getattr(importlib.import_module(module), attribute)
        return item

    def __contains__(self, name: object) -> bool:
        return name in self._items or name in self.homes

    def __iter__(self) -> Iterator[str]:
        return iter((*self._items, *self.homes))

    def __len__(self) -> int:
        return len(self._items) + len(self.homes)

    def items(self) -> Iterator[tuple[str, T]]:
        return ((name, self[name]) for name in self)
