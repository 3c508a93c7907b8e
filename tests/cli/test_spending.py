"""`scenario run --max-cost` and `--max-minutes`, and what a conversation has cost."""

from __future__ import annotations

import asyncio
import os
import subprocess

import pytest

from realtime_scenarios.realtime.responder import SayText
from support import PROGRAM, Answers, Written, recording_server

DESK = "scenario: desk\nstart: desk\nsession: {model: gpt-realtime-2.1}\nagents: {desk: {instructions: Help.}}\n"


def talked(written: Written, *options: str) -> subprocess.CompletedProcess[str]:
    """Three lines to a service with prices, as far as they come."""
    path = written(DESK)

    async def run() -> subprocess.CompletedProcess[str]:
        async with recording_server(Answers([[SayText("word " * 50)]], repeat=True)) as recording:
            command = [*PROGRAM, "run", str(path), "--provider", "openai", "--url", recording.url, *options]
            return await asyncio.to_thread(
                subprocess.run,
                command,
                input="One\nTwo\nThree\n",
                env={**os.environ, "OPENAI_API_KEY": "sk-1"},
                capture_output=True,
                text=True,
                check=False,
            )

    return asyncio.run(run())


def test_a_conversation_says_what_it_has_cost(written: Written) -> None:
    done = talked(written, "--max-cost", "5", "--max-minutes", "5")

    assert done.returncode == 0, done.stderr
    assert "about $0.00" in done.stdout
    assert "for the voice model, by the prices of 2026-11-29" in done.stdout


def test_a_conversation_ends_where_the_money_is_spent(written: Written) -> None:
    done = talked(written, "--max-cost", "0.001")

    assert done.returncode == 3
    assert "error: the budget of $0.001 is spent: $0.00" in done.stderr
    assert "hint: --max-cost sets it" in done.stderr
    assert "you  Three" not in done.stdout


@pytest.mark.parametrize("option", ["--max-cost", "--max-minutes"])
def test_nothing_is_no_bound(written: Written, option: str) -> None:
    done = subprocess.run(
        [*PROGRAM, "run", str(written(DESK)), option, "0"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
