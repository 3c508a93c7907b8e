"""The turns of a call, one after the other, whoever begins them; and questions that are asked in the middle of one."""

from __future__ import annotations

import asyncio
from typing import Any

from realtime_scenarios.session import Conversation
from realtime_scenarios.telephone.approving import CallersYes
from realtime_scenarios.telephone.keys import Keypad

KEYPAD = "[keypad]"
"""Stands before what was typed with keys, so that a model knows that nobody said it."""

HUNG_UP, BROKEN = "the caller hung up", "the line broke"
"""Why a call ends that could have gone on."""


async def take_turns(conversation: Conversation, keypad: Keypad, *, opens: bool) -> str:
    """Take turns until the conversation cannot go on.

    Raises:
        ScenarioError: why it cannot.
    """
    if opens:
        await conversation.agent_opens()
    spoken: asyncio.Task[Any] = asyncio.create_task(conversation.spoken_turn_begins())
    typed: asyncio.Task[str] = asyncio.create_task(keypad.typed.get())
    try:
        while True:
            await asyncio.wait([spoken, typed], return_when=asyncio.FIRST_COMPLETED)
            if spoken.done():
                spoken.result()
                await conversation.spoken_turn_over()
                spoken = asyncio.create_task(conversation.spoken_turn_begins())
            else:
                await conversation.user_says(f"{KEYPAD} {typed.result()}")
                typed = asyncio.create_task(keypad.typed.get())
    finally:
        spoken.cancel()
        typed.cancel()
        await asyncio.gather(spoken, typed, return_exceptions=True)


async def say_questions(conversation: Conversation, asks: CallersYes) -> None:
    """Have the agent say each question that the caller is to answer by a key, for ever."""
    while True:
        question = await asks.questions.get()
        await conversation.ask_aloud(question.text)
        question.begun.set()
