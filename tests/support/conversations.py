"""A conversation held in virtual time, the person who is asked in it, and what stands in its trace."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import resource_folder
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.realtime import Pace
from realtime_scenarios.session import ApprovalAnswer, ApprovalRequest, Conversation, LoopClock, run_in_virtual_time
from realtime_scenarios.trace import Trace

AT_A_SERVICE = [name for name, provider in PROVIDERS.items() if provider.real_time and name != "chat"]
"""Providers whose Realtime session is kept by a server; that of `chat` is in our own engine."""


class Person:
    """Answers approval requests one after the other; when the answers run out, never."""

    def __init__(self, *answers: ApprovalAnswer) -> None:
        self.answers = list(answers)
        self.asked: list[ApprovalRequest] = []

    async def decide(self, request: ApprovalRequest) -> ApprovalAnswer:
        self.asked.append(request)
        if not self.answers:
            await asyncio.Event().wait()
        return self.answers.pop(0)


def held(
    path: Path,
    responder: Any,
    talk: Callable[[Conversation], Awaitable[None]],
    *,
    person: Person | None = None,
    pace: Pace | None = None,
    context: Mapping[str, Any] | None = None,
) -> tuple[Trace, float]:
    """Hold a conversation in virtual time: its trace, and how many virtual seconds it took.

    `responder` None: the stand-in, told whose desk it is.
    """
    project = load(path)
    assert not project.errors, project.errors

    async def conversation() -> tuple[Trace, float]:
        opened = PROVIDERS["offline"].open(ProviderRequest(responder=responder, pace=pace))
        clock = LoopClock()
        talked = Conversation(compiled(project.scenario), opened, clock=clock, approver=person, context=context)
        async with talked:
            await talk(talked)
            return talked.finished("over"), clock.monotonic()

    return run_in_virtual_time(conversation())


def saying(*lines: str) -> Callable[[Conversation], Awaitable[None]]:
    async def talk(conversation: Conversation) -> None:
        for line in lines:
            await conversation.user_says(line)

    return talk


def of(trace: Trace, kind: type) -> list[Any]:
    return [event for event in trace if isinstance(event, kind)]


def kinds(trace: Trace) -> list[str]:
    return [type(event).__name__ for event in trace]


def talked_offline(name: str, *lines: str, person: Person | None = None) -> Trace:
    """The trace of a conversation with the stand-in in one of our own scenarios."""
    trace, _ = held(resource_folder("scenarios") / name / f"{name}.yaml", None, saying(*lines), person=person)
    return trace
