"""What our layers add to a turn beside the bare SDK: CPU milliseconds of the client's process, over real sockets.

One conversation is the SDK's own session, the other ours with its trace, tools, bounds and recorder; both talk to our
engine, which is a process of its own, and take their turns one after the other. An answer is one line of text.

Run: python benchmarks/turns.py [turns, 1000]
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from agents.realtime import RealtimeAgent, RealtimeRunner

from realtime_scenarios.compiler import compiled
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.session import Conversation, LoopClock

LINE = "How big is a bag?"
TURNS_OF_A_CONVERSATION = 20
SETTLES_IN = 0.002
"""Seconds in which what is left over of a turn is done, and counted with it."""

DESK = "scenario: desk\nstart: desk\nagents: {desk: {instructions: Help.}}\n"

Turn = Callable[[], Awaitable[None]]


@asynccontextmanager
async def bare(port: int) -> AsyncIterator[Turn]:
    """The SDK's session, as its documentation has it."""
    settings = {"model_name": "gpt-realtime-2.1", "output_modalities": ["text"]}
    runner = RealtimeRunner(
        RealtimeAgent(name="desk", instructions="Help."),
        config={"model_settings": settings, "tracing_disabled": True},  # type: ignore[typeddict-item]
    )
    url = f"ws://127.0.0.1:{port}/v1/realtime?model=gpt-realtime-2.1"
    async with await runner.run(model_config={"url": url, "api_key": "k"}) as session:

        async def turn() -> None:
            await session.send_message(LINE)
            async for event in session:
                if event.type == "agent_end":
                    return

        yield turn


@asynccontextmanager
async def ours(port: int, path: Path) -> AsyncIterator[Turn]:
    request = ProviderRequest(url=f"ws://127.0.0.1:{port}/v1/realtime", model="gpt-realtime-2.1")
    opened = PROVIDERS["url"].open(request)
    async with Conversation(compiled(load(path).scenario), opened, clock=LoopClock()) as conversation:

        async def turn() -> None:
            await conversation.user_says(LINE)

        yield turn


async def measured(port: int, path: Path, turns: int) -> tuple[list[float], list[float]]:
    """CPU milliseconds of each turn: the SDK's, and ours."""
    costs: tuple[list[float], list[float]] = ([], [])
    for _ in range(-(-turns // TURNS_OF_A_CONVERSATION)):
        async with AsyncExitStack() as open_ones:
            takers = [await open_ones.enter_async_context(each) for each in (bare(port), ours(port, path))]
            for number in range(TURNS_OF_A_CONVERSATION + 1):
                for taker, taken in zip(takers, costs, strict=True):
                    began = time.process_time()
                    await taker()
                    await asyncio.sleep(SETTLES_IN)
                    if number:  # the first turn of a conversation sets much up
                        taken.append(1000 * (time.process_time() - began))
    return costs


def told(name: str, costs: Sequence[float]) -> str:
    return f"{name:>24} {statistics.mean(costs):7.2f} ms mean {percentile(costs):7.2f} ms p99"


def percentile(costs: Sequence[float]) -> float:
    return statistics.quantiles(costs, n=100)[-1]


def main() -> None:
    turns = int(sys.argv[1]) if sys.argv[1:] else 1000
    server = [sys.executable, str(Path(__file__).with_name("load.py")), "serve", "ours", "loudness"]
    with (
        TemporaryDirectory() as folder,
        subprocess.Popen(server, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process,
    ):
        assert process.stdout is not None and process.stdin is not None, "both are pipes"
        path = Path(folder, "desk.yaml")
        path.write_text(DESK, encoding="utf-8")
        bare_costs, our_costs = asyncio.run(measured(int(process.stdout.readline()), path, turns))
        process.stdin.close()
    added = [own - other for other, own in zip(bare_costs, our_costs, strict=True)]
    print(f"{len(added)} turns each, one after the other")
    print(told("the SDK's session", bare_costs))
    print(told("ours", our_costs))
    print(told("added", added), "  (1 ms mean)")
    print(f"{'ratio':>24} {sum(our_costs) / sum(bare_costs):7.2f}")


if __name__ == "__main__":
    main()
