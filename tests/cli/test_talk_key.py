"""A key that is held to talk, as terminals send it: again and again, and never that it was let go."""

from __future__ import annotations

import asyncio

import pytest

from realtime_scenarios.cli.talk_key import TalkKey
from realtime_scenarios.session import run_in_virtual_time


def told(*presses: float) -> list[tuple[str, float]]:
    """When talking began and ended, of a key that is sent at these seconds."""

    async def run() -> list[tuple[str, float]]:
        loop = asyncio.get_running_loop()
        found: list[tuple[str, float]] = []
        key = TalkKey(
            lambda: found.append(("talks", round(loop.time(), 2))),
            lambda: found.append(("ends", round(loop.time(), 2))),
        )
        for at in presses:
            await asyncio.sleep(at - loop.time())
            key.pressed()
        await asyncio.sleep(5)
        return found

    return run_in_virtual_time(run())


def held(begin: float, end: float, *, delay: float) -> list[float]:
    """A key held from `begin` to `end`: sent once, and after the delay every 30 ms."""
    count = int((end - begin - delay) / 0.03)
    return [begin, *(begin + delay + 0.03 * number for number in range(count + 1))]


@pytest.mark.parametrize("delay", [0.25, 0.5, 0.66])
def test_a_held_key_talks_until_shortly_after_it_is_let_go(delay: float) -> None:
    (began, at), (ended, until) = told(*held(1, 4, delay=delay))
    assert (began, at, ended) == ("talks", 1, "ends")
    assert 4 <= until <= 4.2


def test_a_key_that_is_pressed_once_talks_until_it_is_pressed_again() -> None:
    assert told(1, 4) == [("talks", 1), ("ends", 4)]


def test_a_key_that_is_pressed_twice_quickly_talks_in_between() -> None:
    assert told(1, 1.4) == [("talks", 1), ("ends", 1.55)]


def test_one_may_talk_again_and_again() -> None:
    once, twice = told(1, 3), told(1, 3, 5, 7)
    assert twice == [*once, ("talks", 5), ("ends", 7)]
