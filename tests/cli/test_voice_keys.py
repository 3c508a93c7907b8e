"""The keyboard of somebody who speaks: a prompt that is always open, keys beside it, and questions that take its place."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Callable

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from realtime_scenarios.cli.keyboard import EndOfInput
from realtime_scenarios.cli.voice_keys import SharedKeyboard, StillKeyboard, voice_terminal
from realtime_scenarios.session import LoopClock, run_in_virtual_time


class Typing:
    """A keyboard on which a test types; `asked` are the prompts so far."""

    is_person = True

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.waiting: list[asyncio.Future[str]] = []

    async def line(self, prompt: str, *, secret: bool = False) -> str:
        self.asked.append(prompt)
        self.waiting.append(asyncio.get_running_loop().create_future())
        return await self.waiting[-1]

    def close(self) -> None:
        pass


async def steps() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_a_question_takes_the_place_of_the_prompt_which_is_open_again_after_it() -> None:
    async def run() -> None:
        typing = Typing()
        keys = SharedKeyboard(typing)
        prompted = asyncio.ensure_future(keys.prompted("you  "))
        await steps()
        question = asyncio.ensure_future(keys.line("allow it? "))
        await steps()
        assert typing.asked == ["you  ", "allow it? "]
        assert typing.waiting[0].cancelled()
        typing.waiting[1].set_result("y")
        assert await question == "y"
        await steps()
        typing.waiting[2].set_result("hello")
        assert await prompted == "hello"

    asyncio.run(run())


def test_a_prompt_that_nobody_waits_for_any_more_is_taken_away() -> None:
    async def run() -> None:
        typing = Typing()
        prompted = asyncio.ensure_future(SharedKeyboard(typing).prompted("you  "))
        await steps()
        prompted.cancel()
        await asyncio.wait([prompted])
        assert typing.waiting[0].cancelled()

    asyncio.run(run())


def typed(keys: str, acts: dict[str, Callable[[], None]], prompt: str = "you  ") -> str:
    """The line that comes of these keys at a prompt with keys that act."""

    async def line() -> str:
        return await voice_terminal(lambda: [("good", "level")], acts, color=True).line(prompt)

    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        pipe.send_text(keys)
        return asyncio.run(line())


def test_keys_act_where_nothing_is_typed_and_are_letters_in_a_line() -> None:
    acted: list[str] = []
    acts: dict[str, Callable[[], None]] = {"m": lambda: acted.append("m"), " ": lambda: acted.append("space")}
    assert typed("m Am I late?\r", acts) == "Am I late?"
    assert acted == ["m", "space"]
    assert typed("m Ruiz\r", acts, "  │ Name: ") == "m Ruiz"  # a question is answered with letters
    assert acted == ["m", "space"]


def test_time_stands_still_while_somebody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> tuple[str, float]:
        clock = LoopClock()
        return await StillKeyboard(clock).line("allow it? "), clock.monotonic()

    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert run_in_virtual_time(run()) == ("y", 0.0)
    with pytest.raises(EndOfInput):
        run_in_virtual_time(run())
