"""What the wire and the SDK's session say, followed as it comes: onto the trace, and into the state of the turn.

The wire is followed, not the SDK's events about it: these come in the order of arrival, which is not causal
(docs/decisions/0002).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any, Protocol

from agents.realtime import RealtimeModelEvent, RealtimeSession, RealtimeSessionEvent

from realtime_scenarios.compiler import CompiledScenario, ConversationState, TextModels
from realtime_scenarios.compiler.guardrails import spoken_name, trips
from realtime_scenarios.core import StalledError, listed, parsed_json, sendable
from realtime_scenarios.core.redaction import SecretStream
from realtime_scenarios.model.dialogue import Interrupt
from realtime_scenarios.model.names import SET_STATE_TOOL, TRANSFER_TOOL
from realtime_scenarios.model.secret import shown_values
from realtime_scenarios.project.prompts import wire_name
from realtime_scenarios.providers.wire import NO_EVENT, answers_an_update
from realtime_scenarios.session.approvals import Approvals
from realtime_scenarios.session.connection import Hearing
from realtime_scenarios.session.cut_in import CutIns
from realtime_scenarios.session.line import Line
from realtime_scenarios.session.spoken_turns import SpokenTurns
from realtime_scenarios.stubs.authors import AuthorsCode
from realtime_scenarios.trace import (
    AgentSaid,
    HandoffRefused,
    ModelError,
    StateRefused,
    ToolCalled,
    ToolReturned,
    TraceEvent,
)

MOST_RESPONSES = 200
"""So many responses of one turn are followed; a model that still calls then would never come to an end."""

LONGEST_RESPONSE = 600.0
MOST_CHARACTERS = 200_000
"""One response lasts for so many seconds and has so many characters at most: ten times what a session allows a model
to write (4,096 tokens), and more than twice as long as that is spoken."""

_BENIGN_ERRORS = {"response_cancel_not_active"}

_FOLLOWED = {
    "response.output_text.delta",
    "response.output_audio_transcript.delta",
    "response.created",
    "response.output_item.added",
    "response.output_item.done",
    "conversation.item.added",
    "response.done",
    "session.created",
    "session.updated",
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.input_audio_transcription.completed",
    "conversation.item.input_audio_transcription.failed",
    "error",
    NO_EVENT,
}


class Observer(Protocol):
    """Watches a conversation as it happens."""

    def on_event(self, event: TraceEvent) -> None: ...

    def on_delta(self, agent: str, text: str) -> None:
        """A piece of what the agent is saying, as it comes."""
        ...


class Follower(Hearing):
    """Hears everything that is said on one line.

    Server events are heard before the session acts on them, so the trace is in causal order. `models` are asked by
    guardrails that classify, None: there are none; `code` is what python guardrails call. `silent` are the ids of calls
    that nobody waits for. `caller` hears what the server says about the caller's voice.
    """

    def __init__(
        self,
        compiled: CompiledScenario,
        state: ConversationState,
        line: Line,
        approvals: Approvals,
        *,
        models: TextModels | None,
        code: AuthorsCode,
        observer: Observer | None,
        silent: Collection[str],
        caller: SpokenTurns,
    ) -> None:
        self._compiled = compiled
        self._state = state
        self._line = line
        self._approvals = approvals
        self._models = models
        self._code = code
        self._observer = observer
        self._silent = silent
        self._caller = caller
        self._sound = line.sound
        self._interrupts = CutIns()
        self._calls_made: Counter[str] = Counter()
        self._muted = False
        self._streamed = SecretStream(state.secrets)

    def begin(self, interrupts: CutIns | None) -> None:
        """A turn begins. `interrupts` says where the caller cuts in; None: nowhere."""
        self._muted = False
        self._streamed = SecretStream(self._state.secrets)
        self._line.wire.turn_began()
        self._interrupts = interrupts or CutIns()
        self._calls_made.clear()

    # --- what the session says --------------------------------------------------------------------------------------

    async def read(self, session: RealtimeSession) -> None:
        """Hear the session until its end. Approvals to give and errors are all that the wire does not tell."""
        failure: BaseException | None = None
        try:
            async for event in session:
                if event.type == "tool_approval_required" or event.type == "error":
                    self._on_session_event(event)
        except Exception as problem:
            failure = problem
        self._line.lost(failure)

    def _on_session_event(self, event: RealtimeSessionEvent) -> None:
        if event.type == "tool_approval_required":
            self._approvals.ask(event.call_id, event.tool.name, event.arguments)
        elif event.type == "error" and isinstance(event.error, dict):
            message = str(event.error.get("message", event.error))
            if not message.startswith("Tool ") or not message.endswith(" not found"):
                self._state.record(ModelError, code=None, message=message)
            if message == "Tool call task failed":  # the SDK lost the call, and no output will ever come
                calls = listed(f"'{name}'" for name in self._line.wire.open_calls.values())
                self._line.fail(StalledError(f"the SDK could not carry out the call of {calls}"))
        elif event.type == "error" and isinstance(event.error, ValueError):
            self._state.record(ModelError, code="invalid_event", message="the server sent an event that cannot be read")

    # --- what the wire says, in the order it says it ----------------------------------------------------------------

    async def on_event(self, event: RealtimeModelEvent) -> None:
        if event.type == "raw_server_event":
            if isinstance(event.data, dict):
                await self._on_server_event(event.data)
        elif self._sound is not None and self._line.failure is None:
            if event.type == "audio":
                self._sound.came(event.item_id, event.content_index, event.data, muted=self._muted)
                await self._cut_in_after_words()
            elif event.type == "audio_interrupted":
                self._sound.cut(event.item_id)

    async def _on_server_event(self, event: Mapping[str, Any]) -> None:
        wire = self._line.wire
        self._line.heard_something()
        kind = event.get("type")
        if kind not in _FOLLOWED or self._line.failure is not None:  # what still comes belongs to no turn
            return
        match kind:
            case "response.output_text.delta" | "response.output_audio_transcript.delta":
                await self._on_delta(str(event.get("delta", "")))
            case "response.created":
                wire.started(str(event["response"]["id"]), self._state.clock.monotonic())
                if wire.responses > MOST_RESPONSES:
                    self._line.fail(
                        StalledError(f"the model answered {MOST_RESPONSES} times in one turn, and still goes on")
                    )
                self._state.response_id = wire.active
                if self._muted:  # the SDK asked for it all the same, after a guardrail
                    await self._line.send_raw("response.cancel")
            case "response.output_item.added":
                wire.phase = _phase_of(event["item"])
            case "response.output_item.done":
                await self._on_output_item(event["item"])
            case "conversation.item.added":
                await self._on_item_added(event["item"])
            case "response.done":
                self._on_response_done(event["response"])
            case "session.created":
                self._line.session_began(event["session"])
            case "session.updated":
                self._line.session_taken()
            case "input_audio_buffer.speech_started":
                self._caller.begins(event)
                self._line.hears_caller = True
                self._line.voice_cut_in()
            case "input_audio_buffer.speech_stopped":
                self._caller.stops(event)
                self._line.hears_caller = False
            case "input_audio_buffer.committed":
                self._caller.is_heard()
            case "conversation.item.input_audio_transcription.completed":
                self._caller.is_written_down(str(event.get("transcript") or ""))
            case "conversation.item.input_audio_transcription.failed":
                self._caller.is_written_down("")
                self._line.transcription_failed(event.get("error") or {})
            case "error":
                self._on_error(event["error"])
            case _ if kind == NO_EVENT:
                self._state.record(ModelError, code="invalid_frame", message=str(event["message"]))
        self._bound_response()
        self._line.look()

    def _bound_response(self) -> None:
        """Give up where one response goes on without an end; who is silent is given up by the line."""
        wire = self._line.wire
        lasted = self._state.clock.monotonic() - wire.active_since
        if wire.active is None or (lasted < LONGEST_RESPONSE and wire.characters < MOST_CHARACTERS):
            return
        how_long = f"{wire.characters:,} characters long" if wire.characters >= MOST_CHARACTERS else f"{lasted:g} s old"
        self._line.fail(StalledError(f"response {wire.active} is {how_long}, and still goes on"))

    async def _on_delta(self, text: str) -> None:
        wire = self._line.wire
        first = not wire.heard
        if wire.first_heard is None:
            wire.first_heard = self._state.clock.monotonic()
        wire.heard += text
        wire.characters += len(text)
        if self._observer is not None and not self._muted and (shown := self._streamed.passed_on(text)):
            self._observer.on_delta(self._state.agent, shown)
        planned = self._planned_into_message()
        if planned is not None and planned.after_seconds is not None and first and not wire.interrupted:
            loop = asyncio.get_running_loop()
            loop.call_later(planned.after_seconds, lambda: self._line.own(self._interrupt()))
        if self._sound is None:
            await self._cut_in_after_words()

    async def _cut_in_after_words(self) -> None:
        """Cut in where enough words of the present message have come: of a spoken one, when their sound has, too."""
        wire, planned = self._line.wire, self._planned_into_message()
        if planned is None or planned.after_words is None or wire.interrupted:
            return
        if len(wire.heard.split()) >= planned.after_words:
            await self._interrupt()

    async def _interrupt(self) -> None:
        """Cut into what is being said: by voice, which takes until the server hears it, or at once."""
        if self._interrupts.speak is None:
            await self._line.interrupt()
        else:
            self._interrupts.speak()

    def _planned_into_message(self) -> Interrupt | None:
        """When the caller cuts into what is being said; None: not at all."""
        wire = self._line.wire
        if wire.phase == "commentary":
            return self._interrupts.commentaries.get(wire.commentaries)
        return self._interrupts.answers.get(wire.answers)

    def _show_rest_of_stream(self) -> None:
        """A message is over: what was held back, because a secret might have begun with it, was none."""
        if (rest := self._streamed.rest()) and self._observer is not None:
            self._observer.on_delta(self._state.agent, rest)

    async def _on_output_item(self, item: Mapping[str, Any]) -> None:
        if item.get("type") == "message":
            await self._on_message(item)
        elif item.get("type") == "function_call" and item.get("status") == "completed":  # the SDK acts on no other
            self._on_function_call(item)

    async def _on_message(self, item: Mapping[str, Any]) -> None:
        wire, text = self._line.wire, _message_text(item)
        if text == wire.heard.rstrip():  # a truncated transcript ends with its last word
            text = wire.heard
        interrupted = item.get("status") == "incomplete" or wire.interrupted
        wire.phase = phase = _phase_of(item)
        wire.message_ended()
        if self._muted or not text:
            return
        self._show_rest_of_stream()
        self._record_said(text, interrupted=interrupted, phase=phase)
        if interrupted:
            return
        # The SDK (0.24) looks whenever `debounce_text_length` more characters were said, and not once more at the end:
        # the rest of an answer, or all of a short one, is heard here alone. The message is worded as the SDK's own.
        guardrails = self._compiled.guardrails[self._state.agent]
        tripped = await trips(self._state, self._models, self._code, guardrails, text, final=True)
        if tripped is None or self._muted_by_trips():
            return
        await self._line.send_message(f"guardrail triggered: {spoken_name(tripped)}")

    def _record_said(self, text: str, *, interrupted: bool, phase: str | None) -> None:
        sound = {} if self._sound is None else self._sound.counted(text)
        self._state.record(AgentSaid, text=text, interrupted=interrupted, phase=phase, **sound)

    def _muted_by_trips(self) -> bool:
        """Whether the turn has tripped too often; then nothing more of it is heard."""
        if not self._state.has_ended_turn:
            return False
        self._muted = True
        message = f"guardrails tripped {self._state.trips} times in one turn; the turn was ended"
        self._state.record(ModelError, code="guardrail_limit", message=message)
        return True

    def _on_function_call(self, item: Mapping[str, Any]) -> None:
        name, call_id = str(item.get("name")), str(item.get("call_id"))
        self._line.wire.called(call_id, name, self._state.clock.monotonic())
        planned = self._interrupts.calls.get((name, self._calls_made[name]))
        self._calls_made[name] += 1
        if planned is not None:
            self._line.own(self._cut_in(planned, call_id))
        handoffs = self._compiled.agents[self._state.agent].handoffs
        if name != TRANSFER_TOOL and all(getattr(handoff, "tool_name", None) != name for handoff in handoffs):
            arguments = _arguments_data(str(item.get("arguments", "")))
            if name == SET_STATE_TOOL and isinstance(arguments, dict):
                self._state.keep_secret(arguments)
                arguments = shown_values(self._state.scenario.context, arguments, self._state.secrets)
            self._state.record(ToolCalled, call_id=call_id, tool=name, arguments=arguments)

    async def _cut_in(self, after: float, call_id: str) -> None:
        """Cut in while the call is at work; where it has answered by then, nobody waits for it any longer."""
        await self._state.clock.sleep(after)
        if call_id in self._line.wire.open_calls:
            await self._line.cut_in(after, call_id)

    async def _on_item_added(self, item: Mapping[str, Any]) -> None:
        if item.get("type") != "function_call_output":
            return
        call_id = str(item.get("call_id"))
        if call_id in self._silent or call_id in self._line.restored:
            return
        name = self._line.wire.open_calls.pop(call_id, None)
        self._line.wire.awaits_response = True  # the SDK asks for a response as soon as it has sent an output
        answered = self._state.recorder.returned(call_id) is not None
        if name is not None and not answered and item.get("output") == f"Tool {name} not found":
            self._record_unknown(call_id, name, str(item["output"]))
            # the SDK (0.24) asks for no response after the output of an unknown tool, and the line would go dead
            await self._line.ask_for_response()

    def _record_unknown(self, call_id: str, name: str, output: str) -> None:
        """Something was called that is not on the wire: not there at all, or hidden in the present state."""
        state, spec = self._state, self._state.scenario.agents[self._state.agent]
        edge = next((edge for edge in spec.handoffs if wire_name(edge, spec, state.scenario) == name), None)
        if edge is not None:
            state.record(HandoffRefused, call_id=call_id, to=edge.to, reason=f"not offered in state '{state.here}'")
            return
        called = state.recorder.called(call_id)
        if name == SET_STATE_TOOL and called is not None and isinstance(called.arguments, dict):
            target = str(called.arguments.get("next_state"))
            state.record(StateRefused, state=target, reason=f"no other state follows '{state.here}'")
        outcome = "refused" if name in spec.tools or name == SET_STATE_TOOL else "unknown"
        state.record(ToolReturned, call_id=call_id, tool=name, outcome=outcome, output=output)

    def _on_response_done(self, response: Mapping[str, Any]) -> None:
        status, details = response.get("status"), response.get("status_details") or {}
        wire = self._line.wire
        heard, phase = wire.heard, wire.phase
        wire.heard = ""
        if heard and not self._muted:  # the answer was cut off before its item was finished
            wire.message_ended()
            self._show_rest_of_stream()
            self._record_said(heard, interrupted=True, phase=phase)
        if status == "failed":
            error = details.get("error") or {}
            self._state.record(
                ModelError, code=error.get("code"), message=error.get("message") or "the response failed"
            )
        elif status == "incomplete":
            reason = details.get("reason") or "unknown"
            self._state.record(ModelError, code=reason, message=f"the response was cut short: {reason}")
        wire.ended()
        self._line.spend(response.get("usage") or {})

    def cut_off(self) -> None:
        if self._line.wire.active is not None:
            self._on_response_done({"status": "cancelled"})
        self._line.wire.open_calls.clear()
        self._approvals.withdraw()

    def _on_error(self, error: Mapping[str, Any]) -> None:
        if error.get("code") in _BENIGN_ERRORS:
            return
        refuses_session = answers_an_update(error)
        if refuses_session and self._line.is_mended_after(error):
            return
        self._state.record(ModelError, code=error.get("code"), message=str(error.get("message", "")))
        if error.get("code") == "conversation_already_has_active_response":  # a voice was heard, and is not answered
            self._line.wire.awaits_response = False
        # the SDK gives its asks these ids (`_ResponseCreateSequencer`, 0.24): one that failed brings no response
        if str(error.get("event_id") or "").startswith("agents_py_response_create"):
            self._line.wire.awaits_response = False
        if refuses_session:
            self._line.refused(error)

    def tripped(self) -> None:
        """The SDK's listening guardrail tripped: it will cancel, tell the model, and ask for another response."""
        self._muted_by_trips()
        self._line.wire.awaits_response = True


def _message_text(item: Mapping[str, Any]) -> str:
    """What a message item says, as text or as the transcript of speech."""
    parts = item.get("content") or ()
    return "".join(str(part.get("text") or part.get("transcript") or "") for part in parts)


def _phase_of(item: Mapping[str, Any]) -> str | None:
    """What a message is to its turn: on the wire since gpt-realtime-2, though no published type has it."""
    phase = item.get("phase")
    return phase if isinstance(phase, str) else None


def _arguments_data(arguments: str) -> Any:
    """The arguments of a call as data; the text itself where it is no JSON that can be written again."""
    try:
        return parsed_json(arguments)
    except ValueError:
        return sendable(arguments)
