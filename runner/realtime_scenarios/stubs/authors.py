"""The author's functions in one conversation: found in the modules of its folder, called beside the event loop."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from realtime_scenarios.core import Clock
from realtime_scenarios.stubs.modules import Modules
from realtime_scenarios.stubs.threads import AuthorsError, Settled, Threads

T = TypeVar("T")

LONGEST_IMPORT = 20.0
"""Seconds that importing a module may take, beside the time that a call of its function has."""


class AuthorsCode:
    """One a conversation: what its modules remember, no other conversation knows. Use `close` when it is over."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._threads = Threads(clock)

    async def result_of(self, target: str, use: Callable[[Callable[..., Any], Settled], T]) -> T:
        """What `use` makes of the function that `target` names. It is called in a thread, and the clock stands still.

        The time limits around this one are for `use`. The first call of a module's function also imports it, which is
        none of their time: how long that takes is the machine's affair and not the tool's.

        Raises:
            AuthorsError: there is no such function, or the author's code raised something.
        """
        modules = self._modules
        if not modules.is_loaded(target):
            await self._load(target)
        return await self._threads.result_of(lambda settled: use(modules.function(target), settled))

    async def _load(self, target: str) -> None:
        modules = self._modules
        async with self._clock.limits_stand_still():
            try:
                async with self._clock.limit(LONGEST_IMPORT):
                    await self._threads.result_of(lambda settled: modules.function(target))
            except TimeoutError:
                file = f"{target.partition(':')[0].replace('.', '/')}.py"
                reason = f"it takes longer than {LONGEST_IMPORT:g} seconds"
                raise AuthorsError(f"'{file}' cannot be imported: {reason}") from None

    def close(self) -> None:
        self._threads.close()
        if "_modules" in self.__dict__:
            self._modules.close()

    @cached_property
    def _modules(self) -> Modules:
        return Modules(self._folder)
