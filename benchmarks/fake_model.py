"""The peer of `replay.py`: the standard dialogue over the SDK's session as it comes, with a model written by hand.

It imports nothing of ours, so nothing of the SDK is changed. Prints dialogues per CPU-second.
Run: python benchmarks/fake_model.py [dialogues]
"""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
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


def play_many(many: int) -> None:
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


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def rate(many: int) -> float:
    """Dialogues per CPU-second."""
    began = cpu()
    play_many(many)
    return many / (cpu() - began)


if __name__ == "__main__":
    play_many(20)
    print(rate(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
