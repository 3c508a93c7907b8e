"""Who answers in the engine in its own tests."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from realtime_scenarios.realtime.responder import CallFunction, Output, ResponseRequest, SayText


class Says:
    """Says the same each time, at once or when `ready` is set."""

    def __init__(self, *outputs: Output, ready: asyncio.Event | None = None) -> None:
        self.outputs = outputs
        self.ready = ready

    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        if self.ready is not None:
            await self.ready.wait()
        return self.outputs


class Breaks:
    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        raise ZeroDivisionError("a mistake of ours")


class Desk:
    """Looks things up, hands over, and otherwise repeats what was said."""

    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        last = request.items[-1]
        if last["type"] == "function_call_output":
            return [SayText(f"I found: {last['output']}")]
        said = last["content"][0].get("text") or ""
        offered = [tool["name"] for tool in request.tools]
        if "look" in said and "look_up" in offered:
            return [CallFunction("look_up", '{"what": "bags"}')]
        if "desk" in said and "transfer_to_second" in offered:
            return [CallFunction("transfer_to_second", "{}")]
        return [SayText(f"You said {said}")]


class CallsOnce:
    """Makes each of its calls once the function `ask` is offered, and then repeats what came of the last."""

    never_waits = True

    def __init__(self, *calls: Output) -> None:
        self.calls = list(calls)

    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        if self.calls and any(tool["name"] == "ask" for tool in request.tools):
            return [self.calls.pop(0)]
        outputs = [item["output"] for item in request.items if item["type"] == "function_call_output"]
        return [SayText(outputs[-1] if outputs else "Nothing.")]
