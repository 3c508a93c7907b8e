"""One conversation over the SDK's RealtimeSession: turns in, trace out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from agents.realtime import (
    RealtimeRunner,
)

from realtime_scenarios.compiler import AsksTextModels, CompiledScenario, ConversationState, compiled, run_config
from realtime_scenarios.compiler.tools import called
from realtime_scenarios.core import Clock, sendable
from realtime_scenarios.model.dialogue import Interrupt
from realtime_scenarios.project.prompts import word_for_word
from realtime_scenarios.providers import Opened, connection_failure
from realtime_scenarios.session.approval import Approver, NoApprover
from realtime_scenarios.session.approvals import Approvals
from realtime_scenarios.session.following import Follower, Observer
from realtime_scenarios.session.images import data_url
from realtime_scenarios.session.line import PATIENCE, Line
from realtime_scenarios.session.mcp import McpSession
from realtime_scenarios.stubs.session import StubSession
from realtime_scenarios.trace import (
    SessionEnded,
    ToolCalled,
    Trace,
    UserSaid,
    UserShowed,
    UserSilent,
)


class Conversation:
    """A conversation with a compiled scenario, wherever the model is. Use it as an asynchronous context manager."""

    def __init__(
        self,
        compiled: CompiledScenario,
        opened: Opened,
        *,
        clock: Clock,
        approver: Approver | None = None,
        observer: Observer | None = None,
        context: Mapping[str, Any] | None = None,
        agent: str | None = None,
        state: str | None = None,
        text_only: bool = True,
        in_thread: bool = False,
        patience: float = PATIENCE,
        longest_approval: float | None = None,
    ) -> None:
        scenario = compiled.scenario
        variables = {name: variable.default for name, variable in scenario.context.items()}
        self._opened = opened
        self._text_only = text_only
        self.state = ConversationState(
            scenario=scenario,
            clock=clock,
            stubs=StubSession(
                scenario, clock, in_thread=in_thread, network=opened.network, environment=opened.environment
            ),
            context={**variables, **(context or {})},
            agent=agent or scenario.start,
            listener=observer.on_event if observer else None,
            refresh=self._refresh,
            text=opened.text,
        )
        self.state.stubs.text = AsksTextModels(self.state)
        self.state.stubs.keep_secret = self.state.secrets.add
        self.state.keep_secret(self.state.context)
        if state is not None:
            self.state.states[self.state.agent] = state
        self._first_states = dict(self.state.states)
        for secret in opened.secrets:
            self.state.secrets.add(secret)
        self._first_agent = self.state.agent
        self._first_context = dict(self.state.context)
        self._began = clock.now()
        self._line = Line(opened, self.state, patience=patience)
        approvals = Approvals(self.state, approver or NoApprover(), longest_approval, self._line)
        self.state.ask = approvals.ask_within
        self._follower = Follower(compiled, self.state, self._line, approvals, observer)
        self.state.on_trip = self._follower.on_trip_while_speaking
        self._mcp: McpSession | None = None
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def _open(self) -> None:
        state = self.state
        if state.scenario.mcp:
            self._mcp = McpSession(state)
            self._follower.compiled = compiled(state.scenario, await self._mcp.start())
        runner = RealtimeRunner(
            self._follower.compiled.agents[state.agent],
            model=self._opened.model,
            config=run_config(state.scenario.session, text_only=self._text_only, model=self._opened.model_name),
        )
        session = await runner.run(context=state, model_config=self._opened.config)
        self._opened.model.add_listener(self._follower)
        try:
            await session.enter()
        except Exception as problem:
            raise connection_failure(problem, self._opened) from problem
        self._line.session = session
        self._reader = asyncio.create_task(self._follower.read(session))
        if state.scenario.opening is not None:
            for tool in state.scenario.opening.calls:
                await self._call_in_silence(tool)

    async def _close(self) -> None:
        self._line.hang_up()
        if self._line.session is not None:
            with contextlib.suppress(Exception):
                await self._line.session.close()
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._reader
        if self._mcp is not None:
            await self._mcp.close()
        self.state.stubs.close()

    async def user_says(self, text: str, *, interrupts: Mapping[int, Interrupt] | None = None) -> None:
        """The caller says `text`; returns when the turn is over.

        `interrupts` says where the caller cuts in: the number of the agent's message in this turn, from 0, to when.

        Raises:
            StalledError: the model stopped showing signs of life; the message says what was waited for.
            ProviderError: the connection was lost.
        """
        text = sendable(text)
        self._begin(interrupts)
        self.state.record(UserSaid, text=text)
        await self._line.send_message(text)
        await self._line.turn_over(f"an answer to {text!r}")

    async def user_shows(
        self,
        image: Path,
        text: str | None = None,
        *,
        answered: bool = False,
        interrupts: Mapping[int, Interrupt] | None = None,
    ) -> None:
        """The caller shows a picture: with `text` a turn as any other, without it the picture is only added.

        `answered`: the model is asked for an answer to the picture alone.

        Raises:
            ScenarioError: the picture cannot be read, or it is none.
        """
        url = data_url(image)
        self._begin(interrupts)
        self.state.record(UserShowed, image=image.name)
        content: list[Any] = [{"type": "input_image", "image_url": url}]
        if text is None:
            item = {"type": "message", "role": "user", "content": content}
            await self._line.send_raw("conversation.item.create", item=item)
            if answered:
                await self._line.ask_for_response()
        else:
            text = sendable(text)
            self.state.record(UserSaid, text=text)
            content.append({"type": "input_text", "text": text})
            await self._line.send_message({"type": "message", "role": "user", "content": content})
        await self._line.turn_over("an answer to a picture")

    async def agent_opens(self, *, interrupts: Mapping[int, Interrupt] | None = None) -> None:
        """The agent speaks without being spoken to; returns when the turn is over.

        The first words of a conversation are ordered word for word where the scenario says which.
        """
        opening = self.state.scenario.opening
        first = self.state.turn == 0 and self.state.agent == self.state.scenario.start
        self._begin(interrupts)
        words = opening.say if opening is not None and opening.exact and first else None
        await self._line.ask_for_response(word_for_word(words) if words else None)
        await self._line.turn_over("the agent's opening")

    async def silence(
        self, seconds: float, *, speaks_up: bool = False, interrupts: Mapping[int, Interrupt] | None = None
    ) -> None:
        """The caller says nothing for so long; whatever the model does about it belongs to the turn.

        `speaks_up`: the model is asked to say something, as a server does when its idle timeout is over.
        """
        self._begin(interrupts)
        self.state.record(UserSilent, seconds=seconds)
        await self.state.clock.sleep(seconds)
        if speaks_up:
            await self._line.ask_for_response()
        await self._line.turn_over("the end of what the silence set off")

    async def interrupt(self) -> None:
        """The caller cuts in: the answer that is being given ends here."""
        await self._line.interrupt()

    def interrupt_soon(self) -> None:
        """Cut in from outside of the loop's tasks, such as a signal handler."""
        self._line.own(self.interrupt())

    @property
    def trace(self) -> Trace:
        """What has happened so far."""
        return self._traced(self.state.stubs.query if self.state.scenario.data else None)

    def finished(self, reason: str) -> Trace:
        """The whole trace, with the reason for its end as the last event; its data can no longer be queried."""
        self.state.record(SessionEnded, reason=reason)
        return self._traced(None)

    def _traced(self, query: Callable[[str], list[dict[str, Any]]] | None) -> Trace:
        events = tuple(self.state.events)
        return Trace(events, self._first_agent, self._first_context, query, self._entries, self._began)

    @property
    def _entries(self) -> dict[str, str]:
        agents = self.state.scenario.agents.values()
        return {agent.id: agent.states.entry for agent in agents if agent.states is not None} | self._first_states

    def _begin(self, interrupts: Mapping[int, Interrupt] | None) -> None:
        self.state.turn += 1
        self.state.trips = 0
        self._follower.begin(interrupts)

    async def _call_in_silence(self, tool: str) -> None:
        """Call a tool before anybody has spoken; the model finds the call and its answer in the conversation."""
        call_id = f"opening_{tool}"
        self._follower.silent.add(call_id)
        self.state.record(ToolCalled, call_id=call_id, tool=tool, arguments={})
        output = await called(self.state.scenario.tools[tool], self.state, call_id, "{}")
        call = {"type": "function_call", "call_id": call_id, "name": tool, "arguments": "{}"}
        await self._line.send_raw("conversation.item.create", item=call)
        answer = {"type": "function_call_output", "call_id": call_id, "output": output}
        await self._line.send_raw("conversation.item.create", item=answer)

    async def _refresh(self) -> None:
        await self._line.live_session.update_agent(self._follower.compiled.agents[self.state.agent])
