"""Dialogues per CPU-second: ours over the SDK's session and wire code, against a fake model written by hand.

The standard dialogue: five turns, two tool calls, one handoff, five answers in text (eight model responses).
Run: python benchmarks/replay.py [dialogues]
"""

from __future__ import annotations

import asyncio
import cProfile
import gc
import pstats
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents import function_tool
from agents.realtime import RealtimeAgent, RealtimeModel, RealtimeRunner, realtime_handoff
from agents.realtime.items import AssistantMessageItem, AssistantText
from agents.realtime.model_events import (
    RealtimeModelItemUpdatedEvent,
    RealtimeModelOutputTextDeltaEvent,
    RealtimeModelToolCallEvent,
    RealtimeModelTurnEndedEvent,
    RealtimeModelTurnStartedEvent,
)
from agents.realtime.model_inputs import RealtimeModelSendToolOutput, RealtimeModelSendUserInput

import runner
from runner.project import load
from runner.providers import PROVIDERS, ProviderRequest
from runner.suite import cases_of, replayed

SCENARIO = """\
scenario: shop
start: desk
agents:
  desk:
    instructions: You are the front desk.
    tools: [order_status, opening_hours]
    handoffs: [returns]
  returns:
    instructions: You handle returns.
    handoffs: [desk]
tools:
  order_status:
    description: Look an order up.
    parameters: {order_id: string}
    returns: {status: shipped, order: "{{ args.order_id }}"}
  opening_hours:
    description: When the shop is open.
    returns: nine to five
dialogues:
  - id: standard
    turns:
      - user: Hello
        agent: [{say: "Hello, this is the shop. How can I help you today?"}]
      - user: Where is my order A-17?
        agent:
          - {call: order_status, args: {order_id: A-17}, returns: {contains: shipped}}
          - say: Your order A-17 has been shipped and is on its way to you.
      - user: And when do you open?
        agent:
          - call: opening_hours
          - say: We are open from nine to five on every working day.
      - user: I want to return something
        agent:
          - handoff: returns
          - say: This is the returns desk. What would you like to return?
        expect: [{agent: returns}]
      - user: The shoes
        agent: [{say: "All right, I have noted that you want to return the shoes."}]
        expect: [{said: shoes}]
"""

ANSWERS = [
    "Hello, this is the shop. How can I help you today?",
    "Your order A-17 has been shipped and is on its way to you.",
    "We are open from nine to five on every working day.",
    "This is the returns desk. What would you like to return?",
    "All right, I have noted that you want to return the shoes.",
]


class FakeModel(RealtimeModel):
    """The smallest model that the SDK's session can hold the standard dialogue with: normalized events, no wire."""

    def __init__(self) -> None:
        self._listeners: list[Any] = []
        self._script = [
            [("say", ANSWERS[0])],
            [("call", "order_status", '{"order_id": "A-17"}')],
            [("say", ANSWERS[1])],
            [("call", "opening_hours", "{}")],
            [("say", ANSWERS[2])],
            [("call", "transfer_to_returns", "{}")],
            [("say", ANSWERS[3])],
            [("say", ANSWERS[4])],
        ]
        self._response = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def connect(self, options: Any) -> None: ...

    def add_listener(self, listener: Any) -> None:
        self._listeners.append(listener)

    def remove_listener(self, listener: Any) -> None:
        self._listeners.remove(listener)

    async def close(self) -> None: ...

    async def send_event(self, event: Any) -> None:
        if isinstance(event, RealtimeModelSendUserInput) or (
            isinstance(event, RealtimeModelSendToolOutput) and event.start_response
        ):
            task = asyncio.create_task(self._respond())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _respond(self) -> None:
        outputs = self._script[self._response]
        self._response += 1
        response = f"resp_{self._response}"
        await self._emit(RealtimeModelTurnStartedEvent(response_id=response))
        for output in outputs:
            item = f"item_{self._response}"
            if output[0] == "say":
                words = output[1].split(" ")
                for start in range(0, len(words), 4):
                    delta = " ".join(words[start : start + 4])
                    await self._emit(RealtimeModelOutputTextDeltaEvent(item_id=item, delta=delta, response_id=response))
                message = AssistantMessageItem(
                    item_id=item, content=[AssistantText(text=output[1])], status="completed"
                )
                await self._emit(RealtimeModelItemUpdatedEvent(item=message))
            else:
                call = RealtimeModelToolCallEvent(
                    name=output[1], call_id=f"call_{self._response}", arguments=output[2], id=item
                )
                await self._emit(call)
        await self._emit(RealtimeModelTurnEndedEvent(response_id=response))

    async def _emit(self, event: Any) -> None:
        for listener in self._listeners:
            await listener.on_event(event)


@function_tool
async def order_status(order_id: str) -> str:
    """Look an order up."""
    return '{"status": "shipped"}'


@function_tool
async def opening_hours() -> str:
    """When the shop is open."""
    return "nine to five"


async def fake_dialogue() -> None:
    returns: RealtimeAgent[Any] = RealtimeAgent(name="returns", instructions="You handle returns.")
    desk: RealtimeAgent[Any] = RealtimeAgent(
        name="desk",
        instructions="You are the front desk.",
        tools=[order_status, opening_hours],
        handoffs=[realtime_handoff(returns)],
    )
    runner = RealtimeRunner(desk, model=FakeModel(), config={"tracing_disabled": True})
    lines = ["Hello", "Where is my order A-17?", "And when do you open?", "I want to return something", "The shoes"]
    responses_of = [1, 2, 2, 2, 1]
    async with await runner.run() as session:
        events = session.__aiter__()
        for line, expected in zip(lines, responses_of, strict=True):
            await session.send_message(line)
            ended = 0
            while ended < expected:
                event = await events.__anext__()
                ended += event.type == "agent_end"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.yaml"
        path.write_text(SCENARIO, encoding="utf-8")
        cases = cases_of([load(path)])
        assert cases[0].dialogue.id == "standard"
    provider, request = PROVIDERS["scripted"], ProviderRequest()

    def ours(many: int) -> None:
        for _, result in replayed(cases * many, provider, request):
            assert result.passed, [verdict.message for verdict in result.failures] or result.error

    def theirs(many: int) -> None:
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            gc.collect()
            gc.freeze()
            gc.disable()
            for number in range(many):
                loop.run_until_complete(fake_dialogue())
                if number % 50 == 49:
                    gc.collect()
            gc.enable()
            gc.unfreeze()

    ours(20), theirs(20)
    rates: dict[str, list[float]] = {"theirs": [], "ours": []}
    for _ in range(3):
        rates["theirs"].append(rate(theirs, count))
        rates["ours"].append(rate(ours, count))
    fake, replay = statistics.median(rates["theirs"]), statistics.median(rates["ours"])
    print(f"{'SDK session, hand-written fake model':44} {fake:6.0f} dialogues/CPU-s  1.00")
    print(f"{'ours: SDK session and wire code, in memory':44} {replay:6.0f} dialogues/CPU-s  {replay / fake:.2f}")
    split = shares(lambda: ours(300))
    print("time of ours: " + ", ".join(f"{whose} {share:.0%}" for whose, share in split.items()) + " (profiled)")
    for many in (100, 300, 1000):
        began = cpu()
        ours(many)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{many:5} dialogues in one process: {(cpu() - began) / many * 1000:.2f} ms each, {peak:.0f} MB at most")


def rate(play_many: Callable[[int], None], many: int) -> float:
    """Dialogues per CPU-second."""
    began = cpu()
    play_many(many)
    return many / (cpu() - began)


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def owner(path: str) -> str:
    """Whose code a profiled function is; the ground floor (`core`) belongs to whoever calls it."""
    root = str(Path(runner.__file__).parent)
    if path.startswith(f"{root}/core"):
        return "core"
    if path.startswith(root):
        return "engine" if path.startswith(f"{root}/realtime") else "ours"
    if any(package in path for package in ("/agents/", "/pydantic", "/openai/")):
        return "SDK"
    return "python"


def shares(play_all: Callable[[], None]) -> dict[str, float]:
    """The share of each owner; builtins, the standard library and the ground floor count for those who call them."""
    profile = cProfile.Profile()
    profile.runcall(play_all)
    stats: dict[Any, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    spent = dict.fromkeys(("SDK", "engine", "ours", "python"), 0.0)

    def charge(function: Any, seconds: float, callers: Any, *, depth: int = 4) -> None:
        """Put the seconds down to the function's owner, or to its callers in proportion to what they caused."""
        whose = owner(function[0])
        by_time = {caller: own for caller, (_, _, own, _) in callers.items()}
        caused = sum(by_time.values())
        if depth == 0 or not caused or whose not in ("core", "python"):
            spent["engine" if whose == "core" else whose] += seconds
            return
        for caller, own in by_time.items():
            part = seconds * own / caused
            if owner(caller[0]) == "core":
                charge(caller, part, stats[caller][4], depth=depth - 1)
            else:
                spent[owner(caller[0])] += part

    for function, (_, _, own, _, callers) in stats.items():
        charge(function, own, callers)
    total = sum(spent.values())
    return {("the event loop" if whose == "python" else whose): seconds / total for whose, seconds in spent.items()}


if __name__ == "__main__":
    main()
