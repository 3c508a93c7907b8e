"""The prompt and its loop: what a person types, turn after turn, until they leave or the conversation is over."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from realtime_scenarios.cli.keyboard import CtrlC, EndOfInput, Keyboard
from realtime_scenarios.cli.leaving import Leaving
from realtime_scenarios.cli.output import echo, unread_because
from realtime_scenarios.cli.slash import SlashCommands
from realtime_scenarios.core.snippets import Paint

if TYPE_CHECKING:
    from realtime_scenarios.session import Conversation


async def take_turns(
    conversation: Conversation, keys: Keyboard, commands: SlashCommands, leaving: Leaving, paint: Paint
) -> None:
    """Take what is typed as turns of the caller, and as commands, until the person leaves or nobody reads any more.

    Raises:
        ScenarioError: the conversation cannot go on; also while nothing is typed.
    """
    while unread_because() is None:
        try:
            typed = await _next_line(conversation, keys)
            leaving.is_not_meant()
            line = typed.strip()
            if not keys.is_person and line:
                echo(f"{paint('you', 'bold')}  {typed}")
            if line.startswith("/"):
                await commands.run(line)
            elif line:
                await leaving.take(conversation.user_says(line))
        except CtrlC:
            leaving.ask()
        except EndOfInput:
            return


async def _next_line(conversation: Conversation, keys: Keyboard) -> str:
    """What is typed next, unless the conversation is over before: then that is raised, and the prompt is taken away."""
    typed = asyncio.ensure_future(keys.line("you  "))
    over = asyncio.ensure_future(conversation.until_failed())
    try:
        await asyncio.wait((typed, over), return_when=asyncio.FIRST_COMPLETED)
        if typed.done():
            return typed.result()
        raise over.result()
    finally:
        for waiting in (typed, over):
            waiting.cancel()
        await asyncio.gather(typed, over, return_exceptions=True)
