"""One conversation over the SDK's RealtimeSession: turns in, trace out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from agents.realtime import (
    RealtimeModelEvent,
    RealtimeModelListener,
    RealtimeModelSendRawMessage,
    RealtimeRunner,
    RealtimeSession,
    RealtimeSessionEvent,
)

from runner.compiler import AsksTextModels, CompiledScenario, ConversationState, compiled, run_config
from runner.compiler.guardrails import spoken_name, trips
from runner.compiler.tools import called
from runner.core import Clock, ScenarioError, StalledError, listed, sendable
from runner.model.dialogue import Interrupt
from runner.model.names import SAY_EXACTLY, SET_STATE_TOOL, TRANSFER_TOOL
from runner.project.prompts import wire_name
from runner.providers import Opened, connection_failure, connection_lost
from runner.session.approval import Approver, NoApprover
from runner.session.approvals import Approvals
from runner.session.following import WireState, parsed_arguments, spoken_text
from runner.session.images import data_url
from runner.session.mcp import McpSession
from runner.stubs import StubSession
from runner.trace import (
    AgentSaid,
    HandoffRefused,
    Interrupted,
    ModelError,
    SessionEnded,
    StateRefused,
    ToolCalled,
    ToolReturned,
    Trace,
    TraceEvent,
    UserSaid,
    UserShowed,
    UserSilent,
)

PATIENCE = 30.0
"""Seconds without any sign of life after which a model counts as stalled."""

MOST_RESPONSES = 200
"""So many responses of one turn are followed; a model that still calls then would never come to an end."""

_BENIGN_ERRORS = {"response_cancel_not_active"}

_FOLLOWED = {
    "response.output_text.delta",
    "response.output_audio_transcript.delta",
    "response.created",
    "response.output_item.done",
    "conversation.item.added",
    "response.done",
    "error",
}


class Observer(Protocol):
    """Watches a conversation as it happens."""

    def on_event(self, event: TraceEvent) -> None: ...

    def on_delta(self, agent: str, text: str) -> None:
        """A piece of what the agent is saying, as it comes."""
        ...


class Conversation:
    """A conversation with a compiled scenario, wherever the model is. Use it as an asynchronous context manager.

    A turn is over when a response without calls has ended and no call, approval or queued response is pending; the
    SDK's `agent_end` comes once per response and may precede `tool_end`, so it is not asked.
    """

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
        self._compiled = compiled
        self._opened = opened
        self._observer = observer
        self._patience = patience
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
            on_trip=self._on_trip_while_speaking,
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
        self._session: RealtimeSession | None = None
        self._reader: asyncio.Task[None] | None = None
        self._approvals = Approvals(self.state, approver or NoApprover(), longest_approval, self._fail)
        self.state.ask = self._approvals.ask_within
        self._mcp: McpSession | None = None
        self._silent: set[str] = set()
        self._wire = WireState()
        self._over: asyncio.Future[None] | None = None
        self._interrupts: dict[int, Interrupt] = {}
        self._muted = False
        self._closing = False
        self._failure: BaseException | None = None

    async def __aenter__(self) -> Self:
        if self.state.scenario.mcp:
            self._mcp = McpSession(self.state)
            try:
                tools = await self._mcp.start()
            except BaseException:
                await self._mcp.close()
                self.state.stubs.close()
                raise
            self._compiled = compiled(self.state.scenario, tools)
        runner = RealtimeRunner(
            self._compiled.agents[self.state.agent],
            model=self._opened.model,
            config=run_config(self.state.scenario.session, text_only=self._text_only, model=self._opened.model_name),
        )
        self._session = await runner.run(context=self.state, model_config=self._opened.config)
        self._opened.model.add_listener(_Tap(self))
        try:
            await self._session.enter()
        except Exception as problem:
            self.state.stubs.close()
            if self._mcp is not None:
                await self._mcp.close()
            raise connection_failure(problem, self._opened) from problem
        self._reader = asyncio.create_task(self._read(self._session))
        if self.state.scenario.opening is not None:
            for tool in self.state.scenario.opening.calls:
                await self._call_in_silence(tool)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing = True
        self._approvals.close()
        if self._session is not None:
            with contextlib.suppress(Exception):
                await self._session.close()
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
        self._wire.awaits_response = True
        await self._sent(self._live_session.send_message(text))
        await self._turn_over(f"an answer to {text!r}")

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
            await self._send_raw("conversation.item.create", item=item)
            if answered:
                await self._ask_for_response()
        else:
            text = sendable(text)
            self.state.record(UserSaid, text=text)
            content.append({"type": "input_text", "text": text})
            self._wire.awaits_response = True
            message: Any = {"type": "message", "role": "user", "content": content}
            await self._sent(self._live_session.send_message(message))
        await self._turn_over("an answer to a picture")

    async def agent_opens(self, *, interrupts: Mapping[int, Interrupt] | None = None) -> None:
        """The agent speaks without being spoken to; returns when the turn is over.

        The first words of a conversation are ordered word for word where the scenario says which.
        """
        opening = self.state.scenario.opening
        first = self.state.turn == 0 and self.state.agent == self.state.scenario.start
        self._begin(interrupts)
        words = opening.say if opening is not None and opening.exact and first else None
        await self._ask_for_response(f'{SAY_EXACTLY}"{words}"' if words else None)
        await self._turn_over("the agent's opening")

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
            await self._ask_for_response()
        await self._turn_over("the end of what the silence set off")

    async def interrupt(self) -> None:
        """The caller cuts in: the answer that is being given ends here."""
        if self._wire.active is None:
            return
        self.state.record(Interrupted, heard=self._wire.heard)
        self._wire.interrupted = True
        await self._live_session.interrupt()

    def interrupt_soon(self) -> None:
        """Cut in from outside of the loop's tasks, such as a signal handler."""
        self._approvals.own(self.interrupt())

    @property
    def trace(self) -> Trace:
        """What has happened so far."""
        query = self.state.stubs.query if self.state.scenario.data else None
        return Trace(tuple(self.state.events), self._first_agent, self._first_context, query, self._entries)

    def finished(self, reason: str) -> Trace:
        """The whole trace, with the reason for its end as the last event; its data can no longer be queried."""
        self.state.record(SessionEnded, reason=reason)
        return Trace(tuple(self.state.events), self._first_agent, self._first_context, None, self._entries)

    @property
    def _entries(self) -> dict[str, str]:
        agents = self.state.scenario.agents.values()
        return {agent.id: agent.states.entry for agent in agents if agent.states is not None} | self._first_states

    # --- a turn -----------------------------------------------------------------------------------------------------

    def _begin(self, interrupts: Mapping[int, Interrupt] | None) -> None:
        self.state.turn += 1
        self.state.trips = 0
        self._muted = False
        self._wire.messages = self._wire.responses = 0
        self._interrupts = dict(interrupts or {})

    async def _turn_over(self, what: str) -> None:
        if self._failure is not None:
            raise self._failure
        loop = asyncio.get_running_loop()
        self._over = loop.create_future()
        self._look()
        if not self._over.done():
            watch = loop.call_later(self._patience, self._watch, self._wire.progress, what)
            try:
                await self._over
            finally:
                watch.cancel()
        self._over.result()

    def _watch(self, seen: int, what: str) -> None:
        """Give the turn up if nothing has happened since `seen`; otherwise look again later."""
        if self._over is None or self._over.done():
            return
        if seen == self._wire.progress and not self.state.running and not self._approvals.pending:
            message = f"nothing happened for {self._patience:g} s while waiting for {what}"
            hint = f"{self._wire.describe()}; agent '{self.state.agent}' was active"
            self._over.set_exception(StalledError(message, hint=hint))
        else:
            asyncio.get_running_loop().call_later(self._patience, self._watch, self._wire.progress, what)

    def _fail(self, problem: ScenarioError) -> None:
        """End the conversation: nothing that is waited for will come any more."""
        self._failure = problem
        self._look()

    def _look(self) -> None:
        """Notice that the turn is over."""
        if self._over is None or self._over.done():
            return
        if self._failure is not None:
            self._over.set_exception(self._failure)
        elif self._wire.is_quiet():
            self._over.set_result(None)

    async def _ask_for_response(self, instructions: str | None = None) -> None:
        self._wire.awaits_response = True
        if instructions is None:
            await self._send_raw("response.create")
        else:
            await self._send_raw("response.create", response={"instructions": instructions})

    async def _send_raw(self, kind: str, **data: Any) -> None:
        message: Any = {"type": kind, "other_data": data} if data else {"type": kind}
        await self._sent(self._opened.model.send_event(RealtimeModelSendRawMessage(message=message)))

    async def _call_in_silence(self, tool: str) -> None:
        """Call a tool before anybody has spoken; the model finds the call and its answer in the conversation."""
        call_id = f"opening_{tool}"
        self._silent.add(call_id)
        self.state.record(ToolCalled, call_id=call_id, tool=tool, arguments={})
        output = await called(self.state.scenario.tools[tool], self.state, call_id, "{}")
        call = {"type": "function_call", "call_id": call_id, "name": tool, "arguments": "{}"}
        await self._send_raw("conversation.item.create", item=call)
        answer = {"type": "function_call_output", "call_id": call_id, "output": output}
        await self._send_raw("conversation.item.create", item=answer)

    async def _sent(self, sending: Any) -> None:
        try:
            await sending
        except Exception as problem:
            raise connection_lost(problem, self._opened) from problem

    async def _refresh(self) -> None:
        await self._live_session.update_agent(self._compiled.agents[self.state.agent])

    @property
    def _live_session(self) -> RealtimeSession:
        assert self._session is not None, "the conversation is not open"
        return self._session

    # --- what the session says --------------------------------------------------------------------------------------

    async def _read(self, session: RealtimeSession) -> None:
        failure: BaseException | None = None
        try:
            async for event in session:
                if event.type == "tool_approval_required" or event.type == "error":
                    self._on_session_event(event)
        except Exception as problem:
            failure = problem
        if not self._closing:
            self._failure = connection_lost(failure, self._opened)
            self.state.record(ModelError, code="connection_lost", message=self._failure.message)
            self._look()

    def _on_session_event(self, event: RealtimeSessionEvent) -> None:
        if event.type == "tool_approval_required":
            self._approvals.ask(self._live_session, event.call_id, event.tool.name, event.arguments)
        elif event.type == "error" and isinstance(event.error, dict):
            message = str(event.error.get("message", event.error))
            if not message.startswith("Tool ") or not message.endswith(" not found"):
                self.state.record(ModelError, code=None, message=message)
            if message == "Tool call task failed":  # the SDK lost the call, and no output will ever come
                calls = listed(f"'{name}'" for name in self._wire.open_calls.values())
                self._fail(StalledError(f"the SDK could not carry out the call of {calls}"))
        elif event.type == "error" and isinstance(event.error, ValueError):
            self.state.record(ModelError, code="invalid_event", message="the server sent an event that cannot be read")

    # --- what the wire says, in the order it says it ----------------------------------------------------------------

    async def on_server_event(self, event: Mapping[str, Any]) -> None:
        """Follow one server event. It is seen before the session acts on it, so the trace is in causal order."""
        wire = self._wire
        wire.progress += 1
        kind = event.get("type")
        if kind not in _FOLLOWED:
            return
        match kind:
            case "response.output_text.delta" | "response.output_audio_transcript.delta":
                await self._on_delta(str(event.get("delta", "")))
            case "response.created":
                wire.started(str(event["response"]["id"]))
                if wire.responses > MOST_RESPONSES:
                    self._fail(
                        StalledError(f"the model answered {MOST_RESPONSES} times in one turn, and still goes on")
                    )
                self.state.response_id = wire.active
                if self._muted:
                    await self._send_raw("response.cancel")
            case "response.output_item.done":
                await self._on_output_item(event["item"])
            case "conversation.item.added":
                await self._on_item_added(event["item"])
            case "response.done":
                self._on_response_done(event["response"])
            case "error":
                self._on_error(event["error"])
        self._look()

    async def _on_delta(self, text: str) -> None:
        wire = self._wire
        first = not wire.heard
        wire.heard += text
        if self._observer is not None and not self._muted:
            self._observer.on_delta(self.state.agent, self.state.secrets.hidden(text))
        planned = self._interrupts.get(wire.messages)
        if planned is None or wire.interrupted:
            return
        if planned.after_words is not None and len(wire.heard.split()) >= planned.after_words:
            await self.interrupt()
        elif planned.after_seconds is not None and first:
            loop = asyncio.get_running_loop()
            loop.call_later(planned.after_seconds, lambda: self._approvals.own(self.interrupt()))

    async def _on_output_item(self, item: Mapping[str, Any]) -> None:
        if item.get("type") == "message":
            await self._on_message(spoken_text(item), interrupted=item.get("status") == "incomplete")
        elif item.get("type") == "function_call" and item.get("status") == "completed":
            self._on_function_call(item)

    async def _on_message(self, text: str, *, interrupted: bool) -> None:
        wire = self._wire
        wire.messages += 1
        wire.heard = ""
        if self._muted or not text:
            return
        self.state.record(AgentSaid, text=text, interrupted=interrupted or wire.interrupted)
        if interrupted or wire.interrupted:
            return
        tripped = await trips(self.state, self._compiled.guardrails[self.state.agent], text, final=True)
        if tripped is None or self._gave_up():
            return
        wire.awaits_response = True
        await self._sent(self._live_session.send_message(f"guardrail triggered: {spoken_name(tripped)}"))

    def _gave_up(self) -> bool:
        """Whether the turn has tripped too often; then nothing more of it is heard."""
        if self.state.trips < self.state.scenario.session.guardrails.max_trips:
            return False
        self._muted = True
        message = f"guardrails tripped {self.state.trips} times in one turn; the turn was ended"
        self.state.record(ModelError, code="guardrail_limit", message=message)
        return True

    def _on_function_call(self, item: Mapping[str, Any]) -> None:
        name, call_id = str(item.get("name")), str(item.get("call_id"))
        self._wire.open_calls[call_id] = name
        handoffs = self._compiled.agents[self.state.agent].handoffs
        if name != TRANSFER_TOOL and all(getattr(handoff, "tool_name", None) != name for handoff in handoffs):
            arguments = parsed_arguments(str(item.get("arguments", "")))
            if name == SET_STATE_TOOL and isinstance(arguments, dict):
                self.state.keep_secret(arguments)
            self.state.record(ToolCalled, call_id=call_id, tool=name, arguments=arguments)

    async def _on_item_added(self, item: Mapping[str, Any]) -> None:
        if item.get("type") != "function_call_output":
            return
        call_id = str(item.get("call_id"))
        if call_id in self._silent:
            return
        name = self._wire.open_calls.pop(call_id, None)
        self._wire.awaits_response = True
        answered = any(isinstance(one, ToolReturned) and one.call_id == call_id for one in reversed(self.state.events))
        if name is not None and not answered and item.get("output") == f"Tool {name} not found":
            self._record_unknown(call_id, name, str(item["output"]))
            await self._ask_for_response()  # the SDK asks for none after an unknown tool, and the line would go dead

    def _record_unknown(self, call_id: str, name: str, output: str) -> None:
        """Something was called that is not on the wire: not there at all, or hidden in the present state."""
        state, spec = self.state, self.state.scenario.agents[self.state.agent]
        edge = next((one for one in spec.handoffs if wire_name(one, spec, state.scenario) == name), None)
        if edge is not None:
            state.record(HandoffRefused, call_id=call_id, to=edge.to, reason=f"not offered in state '{state.here}'")
            return
        called = next((one for one in state.events if isinstance(one, ToolCalled) and one.call_id == call_id), None)
        if name == SET_STATE_TOOL and called is not None and isinstance(called.arguments, dict):
            target = str(called.arguments.get("next_state"))
            state.record(StateRefused, state=target, reason=f"no other state follows '{state.here}'")
        outcome = "refused" if name in spec.tools or name == SET_STATE_TOOL else "unknown"
        state.record(ToolReturned, call_id=call_id, tool=name, outcome=outcome, output=output)

    def _on_response_done(self, response: Mapping[str, Any]) -> None:
        status, details = response.get("status"), response.get("status_details") or {}
        heard, self._wire.heard = self._wire.heard, ""
        if heard and not self._muted:  # the answer was cut off before its item was finished
            self._wire.messages += 1
            self.state.record(AgentSaid, text=heard, interrupted=True)
        if status == "failed":
            error = details.get("error") or {}
            self.state.record(ModelError, code=error.get("code"), message=error.get("message") or "the response failed")
        elif status == "incomplete":
            reason = details.get("reason") or "unknown"
            self.state.record(ModelError, code=reason, message=f"the response was cut short: {reason}")
        self._wire.ended()

    def _on_error(self, error: Mapping[str, Any]) -> None:
        if error.get("code") in _BENIGN_ERRORS:
            return
        self.state.record(ModelError, code=error.get("code"), message=str(error.get("message", "")))
        if str(error.get("event_id") or "").startswith("agents_py_response_create"):
            self._wire.awaits_response = False

    def _on_trip_while_speaking(self) -> None:
        """The SDK's listening guardrail tripped: it will cancel, tell the model, and ask for another response."""
        self._gave_up()
        self._wire.awaits_response = True


class _Tap(RealtimeModelListener):
    """Hears every server event before the session does."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    async def on_event(self, event: RealtimeModelEvent) -> None:
        if event.type == "raw_server_event" and isinstance(event.data, dict):
            await self._conversation.on_server_event(event.data)
