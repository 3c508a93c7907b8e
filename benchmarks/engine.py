"""What the Realtime engine costs: CPU microseconds per server event over the memory carrier, encoding included.

Run: python benchmarks/engine.py
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from realtime_scenarios.realtime import connect_in_memory
from realtime_scenarios.realtime.responder import CallFunction, Output, ResponseRequest, SayText

TURNS = 2_000
TURNS_A_SESSION = 5
ANSWER = "You may bring one bag of up to 22 by 14 by 9 inches. " * 3
TOOLS = [
    {
        "type": "function",
        "name": f"tool_{number}",
        "description": "Looks something up in the reference. " * 4,
        "parameters": {"type": "object", "properties": {"request": {"type": "string"}}, "required": ["request"]},
    }
    for number in range(6)
]


@dataclass
class Answering:
    """Says the same each time, or calls a function."""

    outputs: Sequence[Output]

    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        return self.outputs


def session_update(modality: str) -> str:
    audio = {"input": {"turn_detection": None}}
    session = {"type": "realtime", "instructions": "Be kind. " * 150, "tools": TOOLS, "audio": audio}
    return json.dumps({"type": "session.update", "session": {**session, "output_modalities": [modality]}})


def user_message(text: str) -> str:
    content = [{"type": "input_text", "text": text}]
    item = {"type": "message", "role": "user", "content": content}
    return json.dumps({"type": "conversation.item.create", "item": item})


async def talk(outputs: Sequence[Output], modality: str) -> tuple[int, int]:
    """How many events and how many characters came."""
    events = characters = 0
    responder, message, create = Answering(outputs), user_message("How big?"), '{"type": "response.create"}'
    for _ in range(TURNS // TURNS_A_SESSION):
        connection = connect_in_memory(responder)
        await connection.send(session_update(modality))
        for _ in range(TURNS_A_SESSION):
            await connection.send(message)
            await connection.send(create)
        await connection.close()
        async for text in connection:
            events += 1
            characters += len(text)
    return events, characters


def main() -> None:
    cases: list[tuple[str, Sequence[Output], str]] = [
        ("text answers", [SayText(ANSWER)], "text"),
        ("function calls", [CallFunction("tool_1", '{"request": "bags"}')], "text"),
        ("a call after a word", [SayText("One moment."), CallFunction("tool_1", '{"request": "bags"}')], "text"),
        ("spoken answers", [SayText(ANSWER)], "audio"),
    ]
    print(f"{'turns':<22}{'events':>8}{'us/event':>10}{'us/turn':>9}{'kB/turn':>9}")
    for name, outputs, modality in cases:
        asyncio.run(talk(outputs, modality))
        begun = time.process_time()
        events, characters = asyncio.run(talk(outputs, modality))
        us = (time.process_time() - begun) * 1e6
        print(f"{name:<22}{events:>8}{us / events:>10.1f}{us / TURNS:>9.0f}{characters / TURNS / 1000:>9.1f}")


if __name__ == "__main__":
    main()
