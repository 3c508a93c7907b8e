"""A line that is lost in `scenario test`: it ends its dialogue, and is not taken up again as in `scenario run`."""

from __future__ import annotations

import asyncio
import functools
import sys
from collections.abc import Iterable, Sequence

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.realtime import Pace, serve_visitors
from realtime_scenarios.realtime.events import Event, encoded
from realtime_scenarios.realtime.responder import Output, ResponseRequest, SayText
from realtime_scenarios.realtime.visit import Delivery, Hangup, Seat, Visitor
from realtime_scenarios.session import conversation
from realtime_scenarios.session.play import play
from realtime_scenarios.trace import AgentSaid, Reconnected
from realtime_scenarios.verdicts import DialogueResult, judged
from support import Written
from support.conversations import of

BAGS = """
    scenario: bags
    start: desk
    agents:
      desk: {instructions: Bags may have 23 kg.}
    dialogues:
      - id: weight
        turns:
          - user: How heavy may my bag be?
            expect: [{said: 23 kg}, {never_said: nobody knows}]
"""


class Says:
    """The model: what it says first is wrong."""

    def __init__(self, visitor: Visitor) -> None:
        self.text = "I fear that nobody knows that." if visitor.number == 1 else "Up to 23 kg."

    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        return [SayText(self.text)]


class Drops:
    """Hangs up on the first visitor behind the third word, before it has been said whole."""

    def __init__(self, visitor: Visitor) -> None:
        self.left = 3 if visitor.number == 1 else None

    def deliveries(self, event: Event) -> Iterable[Delivery]:
        if self.left is None or event["type"] != "response.output_text.delta":
            return [encoded(event)]
        self.left -= 1
        return [encoded(event)] if self.left else [encoded(event), Hangup(1011, "The server had an error.")]


def played(written: Written) -> tuple[DialogueResult, int]:
    """What comes of the dialogue on a server of ours, and how often it was called."""
    project = load(written(BAGS))
    visitors: list[Visitor] = []

    def welcome(visitor: Visitor) -> Seat:
        visitors.append(visitor)
        return Seat(Says(visitor), wire=Drops(visitor))

    async def visit() -> DialogueResult:
        async with serve_visitors(welcome, pace=Pace(1)) as server:
            request = ProviderRequest(url=server.url).completed_by(project.scenario)
            taken = await play(compiled(project.scenario), project.dialogues[0], PROVIDERS["url"], request)
            return judged(project.scenario, project.dialogues[0], taken)

    return asyncio.run(visit()), len(visitors)


def test_a_line_that_is_lost_ends_its_dialogue_with_the_reason(written: Written) -> None:
    result, calls = played(written)
    assert result.status == "failed" and result.error is not None
    assert "was dropped (code 1011: The server had an error.)" in result.error.message
    assert calls == 1 and not of(result.trace, Reconnected)


def test_taken_up_again_it_would_pass_by_its_second_answer_whatever_became_of_the_first(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "PAUSES", (0.0,))
    reconnecting = functools.partial(conversation.Conversation, reconnects=True)
    monkeypatch.setattr(sys.modules[play.__module__], "Conversation", reconnecting)
    result, calls = played(written)
    assert [said.text for said in of(result.trace, AgentSaid)] == ["I fear that ", "Up to 23 kg."]
    assert result.status == "passed" and calls == 2
