"""The agent's moves of a dialogue as the lines of a scripted model, and the person's decisions as an approver."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from runner.compiler import ConversationState
from runner.core import listed
from runner.model.dialogue import Call, Decision, EnterState, Handoff, Interrupt, Move, Say, Turn
from runner.model.names import SET_STATE_TOOL, handoff_tool_name
from runner.model.scenario import HandoffSpec
from runner.realtime.responder import CallFunction, Output, ResponseRequest, SayText
from runner.session.approval import ApprovalAnswer, ApprovalRequest


@dataclass(frozen=True, slots=True)
class Impossible:
    """A move that the scripted model could not make, and why."""

    move: Move
    reason: str


class ScriptedModel:
    """A responder that makes the moves of a turn, one response at a time.

    A response is one `say`, one call, or a `say` that leads straight into a call. `overruns` counts the responses that
    were asked for when no move was left.
    """

    never_waits = True

    def __init__(self) -> None:
        self.state: ConversationState | None = None
        self.impossible: list[Impossible] = []
        self.overruns = 0
        self._moves: deque[Move] = deque()

    def load(self, moves: Sequence[Move]) -> None:
        """Begin a turn with these moves."""
        self._moves = deque(moves)
        self.impossible = []
        self.overruns = 0

    @property
    def left(self) -> Sequence[Move]:
        """The moves that have not been made."""
        return tuple(self._moves)

    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        if not self._moves:
            self.overruns += 1
            return ()
        outputs: list[Output] = []
        if isinstance(self._moves[0], Say):
            said = self._moves.popleft()
            assert isinstance(said, Say)
            outputs.append(SayText(said.text))
            if said.interrupt is not None or not self._moves or isinstance(self._moves[0], Say):
                return outputs
        move = self._moves.popleft()
        call = self._function_call(move)
        offered = [tool["name"] for tool in request.tools]
        if isinstance(call, str):
            self.impossible.append(Impossible(move, call))
        elif call.name not in offered:
            self.impossible.append(Impossible(move, self._not_offered(move, offered)))
        else:
            outputs.append(call)
        return outputs

    def _function_call(self, move: Move) -> CallFunction | str:
        """The function call that makes the move, or why there is none."""
        assert self.state is not None
        agent = self.state.scenario.agents[self.state.agent]
        match move:
            case Call():
                return CallFunction(move.tool, json.dumps(move.arguments, ensure_ascii=False))
            case EnterState():
                return CallFunction(SET_STATE_TOOL, json.dumps({"next_state": move.state}))
            case Handoff():
                edge = next((edge for edge in agent.handoffs if edge.to == move.to), None)
                if edge is None:
                    targets = [f"'{edge.to}'" for edge in agent.handoffs]
                    known = f"it can hand off to {listed(targets)}" if targets else "it has no handoffs"
                    return f"agent '{agent.id}' cannot hand off to '{move.to}': {known}"
                return CallFunction(self._wire_name(edge), json.dumps(move.arguments, ensure_ascii=False))
            case Say():
                raise AssertionError("a say is no call")

    def _wire_name(self, edge: HandoffSpec) -> str:
        assert self.state is not None
        return edge.tool_name or handoff_tool_name(self.state.scenario.agents[edge.to].name)

    def _not_offered(self, move: Move, offered: Sequence[str]) -> str:
        assert self.state is not None
        agent = self.state.agent
        if isinstance(move, EnterState):
            return f"agent '{agent}' cannot enter state '{move.state}': it has no tracked state to leave"
        name = move.tool if isinstance(move, Call) else "the handoff"
        names = [f"'{one}'" for one in offered]
        known = f"it has {listed(names)}" if names else "it has no tools"
        return f"agent '{agent}' cannot call '{name}': {known}"


class ScriptedPerson:
    """An approver that decides as the dialogue says; a decision that is missing is put on record and means no."""

    def __init__(self) -> None:
        self._decisions: dict[str, deque[tuple[Decision, ...]]] = {}
        self._open: dict[str, deque[Decision]] = {}
        self.unexpected: list[ApprovalRequest] = []

    def load(self, turn: Turn) -> None:
        """Begin a turn: each call brings its own decisions."""
        self._decisions = {}
        self.unexpected = []
        for move in turn.moves or ():
            if isinstance(move, Call) and move.approval:
                self._decisions.setdefault(move.tool, deque()).append(move.approval)

    async def decide(self, request: ApprovalRequest) -> ApprovalAnswer:
        if request.call_id not in self._open:
            prepared = self._decisions.get(request.tool)
            if not prepared:
                self.unexpected.append(request)
                return ApprovalAnswer("reject")
            self._open[request.call_id] = deque(prepared.popleft())
        decisions = self._open[request.call_id]
        decision = decisions.popleft() if decisions else None
        if decision is None or decision.kind == "times_out":
            await asyncio.get_running_loop().create_future()  # nobody comes; the rule's timeout ends this
            raise AssertionError("unreachable")
        return ApprovalAnswer(decision.kind, decision.fields, decision.message)


def interrupts_of(turn: Turn) -> dict[int, Interrupt]:
    """Where the caller cuts in: the number of the agent's message in the turn, from 0, to when."""
    says = [move for move in turn.moves or () if isinstance(move, Say)]
    return {number: said.interrupt for number, said in enumerate(says) if said.interrupt is not None}
