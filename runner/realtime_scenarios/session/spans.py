"""A conversation as spans of OpenTelemetry: turns, responses, tools, approvals and handoffs, as they happen.

Attributes have the names of the semantic conventions for generative AI where there is one
(https://opentelemetry.io/docs/specs/semconv/gen-ai/, as of opentelemetry-semantic-conventions 0.66b2), and begin with
`realtime_scenarios.` where there is none. What was said, and what tools were given and have answered, is left out
unless it is asked for; then it is without what is secret by the time at which it happens: a span that has been sent
cannot be called back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.realtime import RealtimeModelEvent, RealtimeModelListener
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, set_span_in_context

from realtime_scenarios.compiler import ConversationState
from realtime_scenarios.core import ScenarioError
from realtime_scenarios.trace import (
    AgentSaid,
    ApprovalDecided,
    ApprovalRequested,
    GuardrailTripped,
    HandedOff,
    HandoffRefused,
    Interrupted,
    ModelError,
    Reconnected,
    StateEntered,
    ToolCalled,
    ToolReturned,
    TraceEvent,
    UserSaid,
)

OURS = "realtime_scenarios"
_FAILED = frozenset(["failed", "timed_out", "invalid", "unknown"])


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Where spans go. `provider` is the convention's name of who answers; `content`: words are in them as well."""

    tracer: Tracer
    provider: str
    content: bool = False


class Spans(RealtimeModelListener):
    """The spans of one conversation. A turn ends with the last that has happened in it.

    `unix_time` is when it begins, in seconds; from then on its own clock counts.
    """

    def __init__(self, telemetry: Telemetry, state: ConversationState, model: str | None, unix_time: float) -> None:
        self._telemetry = telemetry
        self._state = state
        self._model = model
        self._zero = unix_time - state.clock.monotonic()
        self._common = {"gen_ai.provider.name": telemetry.provider, **_given("gen_ai.request.model", model)}
        self._conversation = self._begun(
            f"conversation {state.scenario.id}",
            None,
            {f"{OURS}.scenario": state.scenario.id, **self._common, **self._agent(state.agent)},
        )
        self._turn: Span | None = None
        self._turn_number = 0
        self._turn_began = 0
        self._has_answered = False
        self._last = self._now()
        self._response: Span | None = None
        self._response_began = 0
        self._is_streaming = False
        self._calls: dict[str, Span] = {}
        self._approvals: dict[str, Span] = {}

    def end(self, failure: ScenarioError | None = None) -> None:
        """The conversation is over; `failure` is why it could not go on."""
        for span in (*self._approvals.values(), *self._calls.values()):
            span.end(self._last)
        if self._response is not None:
            self._response.end(self._last)
        self._end_turn()
        if failure is not None:
            self._conversation.set_status(StatusCode.ERROR, self._state.secrets.hidden(failure.message))
        self._conversation.end(self._now())

    # --- what the trace says ----------------------------------------------------------------------------------------

    def on_trace_event(self, event: TraceEvent) -> None:
        self._begin_turn(event.turn)
        self._last = self._now()
        match event:
            case UserSaid():
                self._add_content(self._turn, "gen_ai.input.messages", _messages("user", event.text))
            case AgentSaid():
                self._first_answer()
                said = _messages("assistant", event.text)
                self._add_content(self._response or self._turn, "gen_ai.output.messages", said)
            case ToolCalled():
                self._calls[event.call_id] = span = self._begun(
                    f"execute_tool {event.tool}",
                    self._calls.get(event.within or "") or self._turn,
                    {
                        "gen_ai.operation.name": "execute_tool",
                        "gen_ai.tool.name": event.tool,
                        "gen_ai.tool.type": "function",
                        "gen_ai.tool.call.id": event.call_id,
                        **self._agent(event.agent),
                    },
                )
                self._add_content(span, "gen_ai.tool.call.arguments", event.arguments)
            case ToolReturned():
                self._returned(event)
            case ApprovalRequested():
                self._approvals[event.call_id] = self._begun(
                    f"approval {event.tool}",
                    self._calls.get(event.call_id) or self._turn,
                    {"gen_ai.tool.name": event.tool, "gen_ai.tool.call.id": event.call_id},
                )
            case ApprovalDecided():
                asked = self._approvals.pop(event.call_id, None)
                if asked is not None:  # one that is remembered was not asked for
                    asked.set_attribute(f"{OURS}.approval.decision", event.decision)
                    asked.end(self._last)
            case HandedOff() | HandoffRefused():
                self._handed_off(event)
            case StateEntered():
                self._note("state entered", {f"{OURS}.state": event.state})
            case Interrupted():
                self._note("interrupted")
            case GuardrailTripped():
                self._note("guardrail tripped", {f"{OURS}.guardrail": event.guardrail})
            case ModelError():
                self._note("error", {"error.type": event.code or "error"})
            case Reconnected():
                self._note("reconnected", {f"{OURS}.attempts": event.attempts})
            case _:
                pass

    def _returned(self, event: ToolReturned) -> None:
        span = self._calls.pop(event.call_id, None)
        if span is None:
            return
        span.set_attribute(f"{OURS}.tool.outcome", event.outcome)
        self._add_content(span, "gen_ai.tool.call.result", event.output)
        if event.outcome in _FAILED:
            span.set_attribute("error.type", event.outcome)
            span.set_status(StatusCode.ERROR)
        span.end(self._last)

    def _handed_off(self, event: HandedOff | HandoffRefused) -> None:
        refused = isinstance(event, HandoffRefused)
        attributes = {
            **self._agent(event.agent),
            "gen_ai.tool.call.id": event.call_id,
            f"{OURS}.handoff.to": event.to,
            f"{OURS}.handoff.refused": refused,
        }
        self._begun(f"handoff {event.to}", self._turn, attributes).end(self._last)

    # --- what the wire says -----------------------------------------------------------------------------------------

    async def on_event(self, event: RealtimeModelEvent) -> None:
        if event.type != "raw_server_event" or not isinstance(event.data, dict):
            return
        kind = event.data.get("type")
        if kind == "session.created":
            self._session_began(event.data["session"])
        elif kind == "response.created":
            self._response_began_with(event.data["response"])
        elif kind == "response.done":
            self._response_ended(event.data["response"])
        elif self._response is not None and not self._is_streaming and str(kind).endswith(".delta"):
            self._is_streaming = True
            seconds = (self._now() - self._response_began) / 1e9
            self._response.set_attribute("gen_ai.response.time_to_first_chunk", seconds)
            if kind in ("response.output_text.delta", "response.output_audio.delta"):
                self._first_answer()

    def _session_began(self, session: Mapping[str, Any]) -> None:
        if isinstance(session.get("id"), str):
            self._conversation.set_attribute("gen_ai.conversation.id", session["id"])

    def _response_began_with(self, response: Mapping[str, Any]) -> None:
        self._begin_turn(self._state.turn)
        self._last = self._now()
        self._response_began, self._is_streaming = self._last, False
        self._response = self._begun(
            f"chat {self._model}" if self._model else "chat",
            self._turn,
            {
                "gen_ai.operation.name": "chat",
                "gen_ai.response.id": str(response.get("id")),
                **self._common,
                **self._agent(self._state.agent),
            },
            SpanKind.CLIENT,
        )

    def _response_ended(self, response: Mapping[str, Any]) -> None:
        span, self._response = self._response, None
        self._last = self._now()
        if span is None:
            return
        status, usage = str(response.get("status")), response.get("usage") or {}
        read, written = usage.get("input_token_details") or {}, usage.get("output_token_details") or {}
        counts = {
            "gen_ai.usage.input_tokens": usage.get("input_tokens"),
            "gen_ai.usage.output_tokens": usage.get("output_tokens"),
            "gen_ai.usage.cache_read.input_tokens": read.get("cached_tokens"),
            f"{OURS}.usage.input_audio_tokens": read.get("audio_tokens"),
            f"{OURS}.usage.output_audio_tokens": written.get("audio_tokens"),
        }
        span.set_attributes({name: count for name, count in counts.items() if isinstance(count, int)})
        span.set_attribute("gen_ai.response.finish_reasons", [status])
        if status == "failed":
            error = (response.get("status_details") or {}).get("error") or {}
            span.set_attribute("error.type", str(error.get("code") or "failed"))
            span.set_status(StatusCode.ERROR)
        span.end(self._last)

    # --- turns, and what all have in common -------------------------------------------------------------------------

    def _begin_turn(self, number: int) -> None:
        """Begin the turn with that number, if it has not begun; the one before ended with the last that was heard."""
        if number <= self._turn_number:
            return
        self._end_turn()
        self._turn_number, self._has_answered = number, False
        self._turn_began = self._now()
        attributes = {f"{OURS}.turn": number, **self._agent(self._state.agent)}
        self._turn = self._begun(f"turn {number}", self._conversation, attributes)

    def _first_answer(self) -> None:
        """The caller hears something for the first time in this turn."""
        if self._turn is not None and not self._has_answered:
            self._has_answered = True
            self._turn.set_attribute(f"{OURS}.turn.time_to_first_answer", (self._now() - self._turn_began) / 1e9)

    def _end_turn(self) -> None:
        if self._turn is not None:
            self._turn.end(self._last)
            self._turn = None

    def _note(self, name: str, attributes: Mapping[str, Any] | None = None) -> None:
        (self._turn or self._conversation).add_event(name, dict(attributes or {}), self._last)

    def _begun(
        self,
        name: str,
        parent: Span | None,
        attributes: Mapping[str, Any],
        kind: SpanKind = SpanKind.INTERNAL,
    ) -> Span:
        above = parent or getattr(self, "_conversation", None)
        context = Context() if above is None else set_span_in_context(above, Context())
        return self._telemetry.tracer.start_span(
            name, context, kind, attributes=dict(attributes), start_time=self._now()
        )

    def _add_content(self, span: Span | None, name: str, content: Any) -> None:
        if self._telemetry.content and span is not None:
            hidden = self._state.secrets.hidden_in(content)
            span.set_attribute(name, hidden if isinstance(hidden, str) else json.dumps(hidden, ensure_ascii=False))

    def _agent(self, agent: str) -> dict[str, str]:
        return {"gen_ai.agent.id": agent, "gen_ai.agent.name": self._state.scenario.agents[agent].name}

    def _now(self) -> int:
        """Nanoseconds since 1970."""
        return int((self._zero + self._state.clock.monotonic()) * 1e9)


def _messages(role: str, text: str) -> list[dict[str, Any]]:
    return [{"role": role, "parts": [{"type": "text", "content": text}]}]


def _given(name: str, value: str | None) -> dict[str, str]:
    return {} if value is None else {name: value}
