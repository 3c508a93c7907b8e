"""How the calls of one scenario are answered: each is a conversation, with the scenario as a telephone has it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from realtime_scenarios.compiler import CompiledScenario
from realtime_scenarios.core import Clock, ScenarioError, UsageError
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project.beginning import context_typed
from realtime_scenarios.project.spending import Budget
from realtime_scenarios.providers import Opened
from realtime_scenarios.session import Conversation, LoopClock
from realtime_scenarios.session.sound import Audio, Input
from realtime_scenarios.telephone.approving import CallersYes, Policy
from realtime_scenarios.telephone.keys import Keypad
from realtime_scenarios.telephone.switchboard import STOPPED, Witness

MU_LAW: Input = "g711_ulaw"
"""What Media Streams carry. A Realtime service speaks it, so nothing is converted on the way."""


def on_the_telephone(scenario: Scenario, *, mu_law: bool) -> Scenario:
    """The scenario as its callers meet it: the agents speak, and turns are heard.

    `mu_law`: both sides sound like a telephone. A handoff keeps that, since the session's settings are no agent's.
    """
    session = replace(scenario.session, output="audio")
    detection = session.turn_detection
    if detection == "off":  # there is no button to push
        session = replace(session, turn_detection=None)
    elif detection is not None and detection.get("create_response") is False:  # and nobody else asks for an answer
        session = replace(session, turn_detection={**detection, "create_response": True})
    if mu_law:
        session = replace(session, input_format=MU_LAW, output_format=MU_LAW)
    return replace(scenario, session=session)


@dataclass(frozen=True, slots=True)
class Answering:
    """`compiled` is the scenario as it is `on_the_telephone`. `open_model` opens a model for one conversation.

    `budget` is what each may take. `clock` is made inside the loop.
    """

    compiled: CompiledScenario
    open_model: Callable[[], Opened]
    policy: Policy = field(default_factory=Policy)
    budget: Budget = field(default_factory=Budget)
    clock: Callable[[], Clock] = LoopClock

    @property
    def scenario(self) -> Scenario:
        return self.compiled.scenario

    @property
    def opens(self) -> bool:
        """Whether the agent speaks first: whoever calls expects that, unless the scenario wants it otherwise."""
        return self.scenario.opening is None or self.scenario.opening.speaks == "agent"

    def asks(self, keypad: Keypad) -> CallersYes:
        """Who is asked for a yes in one call."""
        return CallersYes(self.policy, keypad, self.language)

    @property
    def language(self) -> str:
        """Of the agent that begins, as far as the scenario says it: two letters."""
        return str((self.scenario.session.transcription or {}).get("language") or self.scenario.locale)[:2]

    def known_of(self, parameters: Mapping[str, str]) -> dict[str, Any]:
        """What the parameters of a call say about context variables: those that are called like one, and fit it."""
        known: dict[str, Any] = {}
        for name, value in parameters.items():
            if name in self.scenario.context:
                try:
                    known |= context_typed(self.scenario, [f"{name}={value}"], option="parameter")
                except UsageError:
                    continue
        return known

    def conversation(
        self,
        opened: Opened,
        audio: Audio,
        witness: Witness,
        approver: CallersYes,
        context: Mapping[str, Any],
        *,
        reconnects: bool = False,
        ends_by_hanging_up: bool = False,
    ) -> Conversation:
        """A conversation that has not begun yet; the rest is as there."""
        conversation = Conversation(
            self.compiled,
            opened,
            clock=self.clock(),
            approver=approver,
            observer=witness,
            context=context,
            audio=audio,
            reconnects=reconnects,
            ends_by_hanging_up=ends_by_hanging_up,
            budget=self.budget,
        )
        witness.holds(conversation)
        return conversation


async def held(conversation: Conversation, talk: Callable[[], Awaitable[str]]) -> str:
    """Hold a conversation, whose trace then says why it ended.

    Raises:
        ScenarioError: it could not begin, or go on.
    """
    async with conversation:
        try:
            why = await talk()
        except ScenarioError as problem:
            conversation.finished(problem.message)
            raise
        except asyncio.CancelledError:
            conversation.finished(STOPPED)
            raise
        conversation.finished(why)
    return why
