"""One catalogue type for everything that comes in kinds: stubs, expectations, rules, providers, responders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from realtime_scenarios.core.errors import UsageError
from realtime_scenarios.core.words import nearest

T = TypeVar("T")


class Registry(Generic[T]):
    """Names to things of one kind. A name has one owner; an unknown name is answered with the nearest one."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._items: dict[str, T] = {}

    def add(self, name: str, item: T) -> T:
        """Enter `item` under `name`.

        Raises:
            ValueError: another thing already has the name.
        """
        owner = self._items.setdefault(name, item)
        if owner is not item:
            raise ValueError(f"{self.kind} '{name}' is registered twice: {owner!r} and {item!r}")
        return item

    def __getitem__(self, name: str) -> T:
        """The thing of that name.

        Raises:
            UsageError: there is none; the hint names the nearest one.
        """
        try:
            return self._items[name]
        except KeyError:
            guess = nearest(name, self._items)
            hint = f"did you mean '{guess}'?" if guess else f"there are: {', '.join(sorted(self._items))}"
            raise UsageError(f"unknown {self.kind} '{name}'", hint=hint) from None

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def items(self) -> Iterator[tuple[str, T]]:
        return iter(self._items.items())
