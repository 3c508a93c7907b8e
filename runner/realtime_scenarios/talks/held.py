"""A conversation that is held step by step: each step goes as far as the agent's turn, or as a question to a person.

What was done is remembered, so that the last step can be undone: the conversation is begun anew and all steps but that
one are taken again. The clock begins at the same moment each time; a model that answers by itself may go another way.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack
from typing import Any

from msgspec import Struct

from realtime_scenarios.compiler import CompiledScenario, compiled
from realtime_scenarios.core import ScenarioError, UsageError, did_you_mean
from realtime_scenarios.project import Project
from realtime_scenarios.project.beginning import Beginning
from realtime_scenarios.project.prompts import functions_of
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.session import ApprovalAnswer, ApprovalRequest, Conversation, LoopClock
from realtime_scenarios.suite.lines import line_of
from realtime_scenarios.suite.saving import save_dialogue
from realtime_scenarios.trace import AgentSaid, SessionEnded, Trace, TraceEvent
from realtime_scenarios.trace.lines import written_event


class Say(Struct, frozen=True):
    """The caller says something; None: the agent opens."""

    text: str | None


class Decide(Struct, frozen=True):
    """The person who is asked says yes, with what they fill in, or no, with what the model is told (None: as usual)."""

    approved: bool
    fields: Mapping[str, str] = {}
    message: str | None = None


Step = Say | Decide


class _Person:
    """Who is asked: whoever gives the next command. `pending` is the question that is open; None: none is."""

    def __init__(self) -> None:
        self.pending: ApprovalRequest | None = None
        self.is_asked = asyncio.Event()
        self._answer: asyncio.Future[ApprovalAnswer] | None = None

    async def decide(self, request: ApprovalRequest) -> ApprovalAnswer:
        self._answer = asyncio.get_running_loop().create_future()
        self.pending = request
        self.is_asked.set()
        try:
            return await self._answer
        finally:
            self.pending = None
            self.is_asked.clear()

    def answer(self, answer: ApprovalAnswer) -> None:
        assert self._answer is not None
        self.pending = None
        self.is_asked.clear()
        if not self._answer.done():
            self._answer.set_result(answer)


class HeldTalk:
    """One conversation with a scenario. Each step gives what has happened since the last one, as plain data."""

    def __init__(self, project: Project, provider: str, request: ProviderRequest, begins: Beginning) -> None:
        self._project = project
        self._compiled: CompiledScenario = compiled(project.scenario)
        self._provider = provider
        self._request = request
        self._now = begins.now or datetime.datetime.now(datetime.UTC)
        self._begins = begins
        self._steps: list[Step] = []
        self._told = 0
        self._failure: ScenarioError | None = None
        self._turn: asyncio.Task[None] | None = None
        self._end = AsyncExitStack()
        self._person = _Person()
        self._conversation: Conversation | None = None

    async def start(self) -> dict[str, Any]:
        """Begin; where the scenario says so, the agent has the first word.

        Raises:
            ScenarioError: the model cannot be reached.
        """
        await self._begin()
        opening = self._project.scenario.opening
        from_the_start = self._begins.agent == self._project.scenario.start and self._begins.state is None
        if opening is not None and opening.speaks == "agent" and from_the_start:
            return await self._take(Say(None))
        return self._news()

    async def say(self, text: str) -> dict[str, Any]:
        """The caller says it.

        Raises:
            UsageError: a question is open, or there is nothing to say.
            ScenarioError: the conversation cannot go on.
        """
        if not text.strip():
            raise UsageError("there is nothing to say", hint="give the caller's words: scenario talk say 'Hello'")
        await self._require_no_question()
        return await self._take(Say(text))

    async def decide(self, step: Decide) -> dict[str, Any]:
        """The person who is asked says yes or no.

        Raises:
            UsageError: nobody is asked, or a field does not exist.
            ScenarioError: the conversation cannot go on.
        """
        asked = self._person.pending
        if asked is None:
            raise UsageError("nothing waits for a person's yes", hint="`scenario talk state` says where it stands")
        known = [field.name for field in asked.fields]
        for name in step.fields:
            if name not in known:
                hint = did_you_mean(name, known) if known else "leave it out: this approval has no fields"
                raise UsageError(f"'{asked.tool}' does not ask for '{name}'", hint=hint)
        return await self._take(step)

    async def undo(self) -> dict[str, Any]:
        """Take back the last thing that the caller or the person did, by taking all others again.

        Raises:
            UsageError: there is none.
            ScenarioError: the conversation cannot be begun anew.
        """
        if not any(not isinstance(step, Say) or step.text is not None for step in self._steps):
            raise UsageError("there is nothing to undo", hint="nothing has been said or decided yet")
        steps = self._steps[:-1]
        await self.close()
        self._steps, self._told, self._failure = [], 0, None
        await self._begin()
        for step in steps:
            if isinstance(step, Decide) and self._person.pending is None:
                raise UsageError("the model went another way than before", hint="go on from where it is now")
            await self._take(step)
        self._told = 0  # what had been told may not have happened this time
        return self._news()

    def state(self) -> dict[str, Any]:
        """Where the conversation stands: who speaks, what is known, what can be called, and all that has happened."""
        state = self._talked.state
        scenario = state.scenario
        agent = scenario.agents[state.agent]
        known = {
            name: "[secret]" if scenario.context[name].secret and value is not None else value
            for name, value in state.context.items()
        }
        return {
            **self._where(),
            "provider": self._provider,
            "context": state.secrets.hidden_in(known),
            "states": dict(state.states),
            "functions": [function["name"] for function in functions_of(agent, scenario, state.here)],
            "handoffs": [edge.to for edge in agent.handoffs],
            "lines": [_line_text(event) for event in self._trace.events],
            "history": [written_event(event) for event in self._trace.events],
        }

    async def save(self, name: str) -> dict[str, Any]:
        """Write what was said and done as a dialogue file.

        Raises:
            UsageError: a question is open.
            ScenarioError: it is there already, nothing has been said, or it cannot be written.
        """
        await self._require_no_question()
        saved = save_dialogue(self._trace, self._project, name, provider=self._provider)
        return {"saved": str(saved.path), "stand_ins": [f"{each.tool}.{each.field}" for each in saved.stand_ins]}

    async def close(self) -> None:
        """End the conversation, and whatever is still going on in it."""
        if self._turn is not None and not self._turn.done():
            self._turn.cancel()
            with contextlib.suppress(asyncio.CancelledError, ScenarioError):
                await self._turn
        self._turn = None
        await self._end.aclose()

    async def _begin(self) -> None:
        self._person = _Person()
        self._end = AsyncExitStack()
        conversation = Conversation(
            self._compiled,
            PROVIDERS[self._provider].open(self._request),
            clock=LoopClock(self._now),
            approver=self._person,
            context=self._begins.context,
            agent=self._begins.agent,
            state=self._begins.state,
            reconnects=True,
        )
        await self._end.enter_async_context(conversation)
        self._conversation = conversation

    async def _take(self, step: Step) -> dict[str, Any]:
        """Do it, and wait until the turn is over or a person is asked."""
        match step:
            case Say(text):
                self._require_alive()
                turn = self._talked.agent_opens() if text is None else self._talked.user_says(text)
                self._steps.append(step)
                await self._follow(turn)
            case Decide():
                kind = ApprovalAnswer("approve", dict(step.fields)) if step.approved else ApprovalAnswer("reject")
                if not step.approved and step.message:
                    kind = ApprovalAnswer("reject", message=step.message)
                self._steps.append(step)
                self._person.answer(kind)
                await self._follow(None)
        return self._news()

    async def _follow(self, turn: Coroutine[Any, Any, None] | None) -> None:
        """Wait until the turn is over or somebody is asked; `turn` None: the one that goes on.

        Raises:
            ScenarioError: the conversation cannot go on.
        """
        if turn is not None:
            self._turn = asyncio.create_task(turn)
        assert self._turn is not None
        asked = asyncio.create_task(self._person.is_asked.wait())
        try:
            await asyncio.wait({self._turn, asked}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            asked.cancel()
        if self._turn.done():
            try:
                self._turn.result()
            except ScenarioError as problem:
                self._failure = problem
                raise

    async def _require_no_question(self) -> None:
        """Go on only where the last turn is over.

        Raises:
            UsageError: a question is open.
            ScenarioError: the conversation cannot go on.
        """
        if self._turn is not None and not self._turn.done() and self._person.pending is None:
            await self._follow(None)  # nobody answered in time, and the agent went on
        if self._person.pending is not None:
            tool = self._person.pending.tool
            raise UsageError(f"'{tool}' waits for a person's yes", hint="approve or reject it first")

    def _require_alive(self) -> None:
        """Go on only where something will be answered.

        Raises:
            ScenarioError: nothing will.
        """
        if self._failure is not None:
            raise ScenarioError(
                f"the conversation is over: {self._failure.message}", hint="undo, or stop and start anew"
            )

    def _news(self) -> dict[str, Any]:
        """What has happened since this was last asked, and where that leaves the conversation."""
        events = self._trace.events
        new, self._told = events[self._told :], len(events)
        return {
            **self._where(),
            "said": [event.text for event in new if isinstance(event, AgentSaid)],
            "lines": [_line_text(event) for event in new if not isinstance(event, SessionEnded)],
            "events": [written_event(event) for event in new],
        }

    def _where(self) -> dict[str, Any]:
        state = self._talked.state
        return {
            "scenario": state.scenario.id,
            "turn": state.turn,
            "agent": state.agent,
            "state": state.here,
            "waiting": self._waiting(),
        }

    def _waiting(self) -> dict[str, Any] | None:
        """The question that is open; None: none is."""
        asked = self._person.pending
        if asked is None:
            return None
        fields = [
            {"name": field.name, "label": field.label, "secret": field.secret, "required": field.required}
            | ({"pattern": field.pattern} if field.pattern else {})
            | ({"format": field.format} if field.format else {})
            for field in asked.fields
        ]
        return {
            "tool": asked.tool,
            "arguments": asked.arguments,
            "question": asked.question,
            "fields": fields,
            "missing": list(asked.missing),
            "unfit": dict(asked.unfit),
        }

    @property
    def _talked(self) -> Conversation:
        assert self._conversation is not None
        return self._conversation

    @property
    def _trace(self) -> Trace:
        return self._talked.trace


def _line_text(event: TraceEvent) -> str:
    line = line_of(event)
    return f"{line.label.ljust(10)} {line.text}"
