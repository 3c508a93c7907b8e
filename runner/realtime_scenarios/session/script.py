"""The agent's moves of a dialogue as the lines of a scripted model, and the person's decisions as an approver."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents import Model, ModelBehaviorError, ModelResponse

from realtime_scenarios.compiler import Classification, ConversationState, Question
from realtime_scenarios.compiler.asking import NO_CATEGORY, UNASKED, UNCLASSIFIED
from realtime_scenarios.core import listed
from realtime_scenarios.model.decision import Decision
from realtime_scenarios.model.dialogue import (
    Call,
    EnterState,
    Handoff,
    Move,
    NestedAnswer,
    NestedFailure,
    NestedMove,
    Say,
    Turn,
)
from realtime_scenarios.model.names import SET_STATE_TOOL
from realtime_scenarios.model.scenario import Guardrail
from realtime_scenarios.played import Departures, ImpossibleMove, UnaskedDecision, UnexpectedApproval
from realtime_scenarios.project.prompts import wire_name
from realtime_scenarios.project.script import expects_refusal, taken_for_response, transfer_arguments
from realtime_scenarios.providers.text import OfflineText, OfflineTextModel, call_response, text_response
from realtime_scenarios.realtime.responder import CallFunction, Output, ResponseRequest, SayText
from realtime_scenarios.session.approval import ApprovalAnswer, ApprovalRequest


@dataclass(frozen=True, slots=True)
class Impossible:
    """A move that the scripted model could not make, and why."""

    move: Move | NestedMove
    reason: str


class ScriptedModel:
    """A responder that makes the moves of a turn, one response at a time.

    A response is one `say`, one call, or a `say` that leads straight into a call; a commentary leads into either.
    `overruns` counts the responses that were asked for when no move was left. It also plays the text models behind
    calls: `nested_left` holds the nested moves that have not been made, `unexpected_questions` those that the dialogue
    gives no moves for.
    """

    never_waits = True

    def __init__(self) -> None:
        self.impossible: list[Impossible] = []
        self.overruns = 0
        self.nested_left: list[NestedMove] = []
        self.unexpected_questions: list[Question] = []
        self._state: ConversationState | None = None
        self._moves: deque[Move] = deque()
        self._says: list[Say] = []
        self._made: list[Call] = []

    def load(self, moves: Sequence[Move], state: ConversationState) -> None:
        """Begin a turn of this conversation with these moves."""
        self._state = state
        self._moves = deque(moves)
        self._says = [move for move in moves if isinstance(move, Say)]
        self._made = []
        self.impossible = []
        self.overruns = 0
        self.nested_left = []
        self.unexpected_questions = []

    @property
    def departures(self) -> Departures:
        """Where the turn, as far as it has come, is not as the dialogue says."""
        return Departures(
            impossible=tuple(ImpossibleMove(found.move.place.pointer, found.reason) for found in self.impossible),
            left=tuple(move.place.pointer for move in self._moves),
            nested_left=tuple(move.place.pointer for move in self.nested_left),
            overruns=self.overruns,
            questions=tuple(question.tool for question in self.unexpected_questions),
        )

    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        if not self._moves:
            self.overruns += 1
            return ()
        outputs: list[Output] = []
        offered = [tool["name"] for tool in request.tools]
        for move in taken_for_response(self._moves):
            if isinstance(move, Say):
                outputs.append(SayText(move.text, move.phase))
                continue
            call = self._function_call(move)
            if isinstance(call, Impossible):
                self.impossible.append(call)
            elif call.name not in offered and not expects_refusal(move):
                self.impossible.append(Impossible(move, self._reason_not_offered(move, offered)))
            else:
                outputs.append(call)
                if isinstance(move, Call):
                    self._made.append(move)
        return outputs

    def _function_call(self, move: Move) -> CallFunction | Impossible:
        """The function call that makes the move, or why there is none."""
        state = self._loaded_state
        agent = state.scenario.agents[state.agent]
        match move:
            case Call():
                return CallFunction(move.tool, json.dumps(move.arguments, ensure_ascii=False))
            case EnterState():
                arguments = {"next_state": move.state, **move.arguments}
                return CallFunction(SET_STATE_TOOL, json.dumps(arguments, ensure_ascii=False))
            case Handoff():
                edge = next((edge for edge in agent.handoffs if edge.to == move.to), None)
                if edge is None:
                    targets = [f"'{edge.to}'" for edge in agent.handoffs]
                    known = f"it can hand off to {listed(targets)}" if targets else "it has no handoffs"
                    return Impossible(move, f"agent '{agent.id}' cannot hand off to '{move.to}': {known}")
                arguments = {**transfer_arguments(edge, agent), **move.arguments}
                return CallFunction(wire_name(edge, agent, state.scenario), json.dumps(arguments, ensure_ascii=False))
            case Say():
                raise AssertionError("a say is no call")

    def model(self, question: Question) -> Model:
        """The text model that makes the nested moves of the call that asks.

        A call without nested moves is answered by the author's offline answer; without one, the dialogue lacks them.
        """
        call = self._asking_call(question)
        if call is None or not call.nested:
            if not question.has_offline:
                self.unexpected_questions.append(question)
            return OfflineTextModel(question)
        self.nested_left += call.nested
        return _NestedModel(self, call)

    async def category(self, guardrail: Guardrail, text: str) -> Classification:
        """What the dialogue says about the line that the text is of; else what the categories' phrases say."""
        line = next((say for say in self._says if say.text.startswith(text) or text in say.text), None)
        category = line.classified.get(guardrail.name) if line else None
        if category is None:
            found = await OfflineText().category(guardrail, text)
            return UNCLASSIFIED if found == UNASKED else found
        if category == "error":
            raise ModelBehaviorError("the classifier failed, as the dialogue says")
        return Classification(category, "as the dialogue says") if category != NO_CATEGORY else UNCLASSIFIED

    @property
    def _loaded_state(self) -> ConversationState:
        assert self._state is not None, "no turn was loaded"
        return self._state

    def _asking_call(self, question: Question) -> Call | None:
        """The move of the dialogue that made the call which asks: the last one of that tool, and each only once."""
        tool = question.tool.partition(".")[0]
        made = next((move for move in reversed(self._made) if move.tool == tool), None)
        if made is not None:
            self._made.remove(made)
        return made

    def _reason_not_offered(self, move: Move, offered: Sequence[str]) -> str:
        agent = self._loaded_state.agent
        if isinstance(move, EnterState):
            return f"agent '{agent}' cannot enter state '{move.state}': it has no tracked state to leave"
        name = move.tool if isinstance(move, Call) else "the handoff"
        known = f"it has {listed(map(repr, offered))}" if offered else "it has no tools"
        return f"agent '{agent}' cannot call '{name}': {known}"


class _NestedModel(Model):
    """A text model that makes the nested moves of one call, one response a move."""

    def __init__(self, script: ScriptedModel, call: Call) -> None:
        self._script = script
        self._tool = call.tool
        self._last = call.nested[-1]
        self._moves = deque(call.nested)
        self._calls = 0

    async def get_response(
        self, system_instructions: Any, input: Any, model_settings: Any, tools: Any, *_: Any, **__: Any
    ) -> ModelResponse:
        if not self._moves:
            reason = (
                f"the text model behind '{self._tool}' was asked again, but the dialogue has no nested move left "
                "(a failure and an answer that does not fit are asked for again, as often as `retries` says)"
            )
            self._script.impossible.append(Impossible(self._last, reason))
            raise ModelBehaviorError(reason)
        move = self._moves.popleft()
        self._script.nested_left.remove(move)
        match move:
            case Call():
                offered = [tool.name for tool in tools]
                if move.tool not in offered:
                    known = f"it has {listed(map(repr, offered))}" if offered else "it has no tools"
                    reason = f"the text model cannot call '{move.tool}': {known}"
                    self._script.impossible.append(Impossible(move, reason))
                    raise ModelBehaviorError(reason)
                self._calls += 1
                return call_response(move.tool, json.dumps(move.arguments, ensure_ascii=False), str(self._calls))
            case NestedAnswer():
                return text_response(
                    move.value if isinstance(move.value, str) else json.dumps(move.value, ensure_ascii=False)
                )
            case NestedFailure():
                raise ModelBehaviorError(move.reason)

    def stream_response(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError("nobody streams from a text model")


class ScriptedPerson:
    """An approver that decides as the dialogue says; a decision that is missing is put on record and means no."""

    def __init__(
        self, lateness: Callable[[], float] | None = None, always: Mapping[str, tuple[Decision, ...]] | None = None
    ) -> None:
        """`lateness` gives the seconds that the next decision takes; None: none takes any.

        `always` are the decisions about calls of these tools where a turn gives none of its own.
        """
        self._lateness = lateness
        self._always = always or {}
        self._decisions: dict[str, deque[tuple[Decision, ...]]] = {}
        self._open: dict[str, deque[Decision]] = {}
        self._tools: dict[str, str] = {}
        self.unexpected: list[UnexpectedApproval] = []

    def load(self, turn: Turn) -> None:
        """Begin a turn: each call brings its own decisions."""
        self._decisions = {}
        self._open = {}
        self._tools = {}
        self.unexpected = []
        for move in turn.moves or ():
            for call in (move, *move.nested) if isinstance(move, Call) else ():
                if isinstance(call, Call) and call.approval:
                    self._decisions.setdefault(call.tool, deque()).append(call.approval)

    @property
    def unasked(self) -> tuple[UnaskedDecision, ...]:
        """The decisions that are left of those for calls which the person was asked about in this turn."""
        return tuple(
            UnaskedDecision(decision.place.pointer, call_id, self._tools[call_id])
            for call_id, decisions in self._open.items()
            for decision in decisions
        )

    async def decide(self, request: ApprovalRequest) -> ApprovalAnswer:
        if self._lateness is not None:
            await asyncio.sleep(self._lateness())
        if request.call_id not in self._open:
            prepared = self._decisions.get(request.tool)
            decisions_given = prepared.popleft() if prepared else self._always.get(request.tool)
            if not decisions_given:
                self.unexpected.append(UnexpectedApproval(request.call_id, request.tool))
                return ApprovalAnswer("reject")
            self._open[request.call_id] = deque(decisions_given)
            self._tools[request.call_id] = request.tool
        decisions = self._open[request.call_id]
        decision = decisions.popleft() if decisions else None
        if decision is None or decision.kind == "times_out":
            await asyncio.get_running_loop().create_future()  # nobody comes; the rule's timeout ends this
            raise AssertionError("unreachable")
        return ApprovalAnswer(decision.kind, decision.fields, decision.message)
