"""Options that say how callers without a script are played."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from realtime_scenarios.cli.playing import Players, Playing

if TYPE_CHECKING:
    from realtime_scenarios.project.cases import Case


@dataclass(frozen=True, slots=True)
class CallersWish:
    """What was typed. `seed` None: that of every day, 0."""

    seed: int | None = None

    @property
    def is_wanted(self) -> bool:
        return self.seed is not None

    def playing(self, players: Players) -> Players:
        """Players by whom callers without a script choose their words by the seed."""
        if self.seed is None:
            return players
        seed = self.seed

        @contextmanager
        def play(cases: Sequence[Case]) -> Iterator[Playing]:
            with players([replace(case, caller_seed=seed) for case in cases]) as playing:
                yield playing

        return play


def callers_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--caller-seed`, which the command is given as `callers`."""

    @functools.wraps(command)
    def with_wish(*arguments: Any, caller_seed: int | None, **options: Any) -> Any:
        return command(*arguments, callers=CallersWish(caller_seed), **options)

    return click.option(
        "--caller-seed",
        type=int,
        metavar="NUMBER",
        help="Another seed: callers without a script choose other words. Default 0.",
    )(with_wish)
