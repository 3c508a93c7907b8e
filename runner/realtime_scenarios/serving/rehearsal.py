"""One dialogue with one client: the dialogue's model for it, and what it did about that as something played.

Theory of operation. The rehearsal answers each response that the client asks for, and sees every event that the server
sends: what a client does is in them as well, since the engine tells it of each item that it adds. From both it makes
the same trace that our own runner would have made.

A turn of the dialogue begins when a response is asked for and the caller has said or shown something since the last
one; or when nothing is new, the moves of the turn are used up and the dialogue's next turn is one in which the agent
speaks up by itself. It goes on when a response is asked for with the output of a call, or for what is left of its
moves. Responses out of band belong to no turn: they stay silent. How a call ended is told by what the client answers; a
handoff is made when its output or a new session says so.
"""

from __future__ import annotations

import datetime
import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from msgspec import structs

from realtime_scenarios.core.arguments import arguments_of
from realtime_scenarios.document import Place
from realtime_scenarios.expectations import Verdict
from realtime_scenarios.model.dialogue import Call, Dialogue, EnterState, Handoff, Move, Say, Turn
from realtime_scenarios.model.names import SET_STATE_TOOL
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.played import ImpossibleMove, Looked, Played, TurnPlayed, WorldProblem
from realtime_scenarios.project.script import taken_for_response
from realtime_scenarios.realtime.events import Event, encoded
from realtime_scenarios.realtime.responder import CallFunction, Output, ResponseRequest, SayText
from realtime_scenarios.realtime.visit import Delivery
from realtime_scenarios.serving.answers import outcome_of, output_of, says_handed_over, says_refused
from realtime_scenarios.serving.cut_lines import CutLines
from realtime_scenarios.serving.offered import NotOffered, argument_problems, call_for
from realtime_scenarios.serving.turn_so_far import TurnSoFar
from realtime_scenarios.serving.visible import ends_unseen, visible_part
from realtime_scenarios.trace import (
    AgentSaid,
    HandedOff,
    HandoffRefused,
    Interrupted,
    ModelError,
    SessionEnded,
    StateEntered,
    StateRefused,
    ToolCalled,
    ToolReturned,
    Trace,
    TraceEvent,
    TurnMeasures,
    UserSaid,
    UserShowed,
    UserSilent,
)
from realtime_scenarios.verdicts import DialogueResult, judged
from realtime_scenarios.voice import Utterance

_BENIGN_ERRORS = frozenset(["response_cancel_not_active"])
_FEEDBACK = ("guardrail triggered:", "⚠️ Your last answer was blocked")
"""How openai-agents for Python and for JavaScript tell the model that a guardrail of theirs has tripped."""

Deed = Call | Handoff | EnterState


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of one dialogue with one client. `session` is the id of the session."""

    session: str
    result: DialogueResult


class Rehearsal:
    """Answers as the dialogue's model; made for one client. `seconds` is any clock that only goes forward."""

    never_waits = True

    def __init__(
        self,
        scenario: Scenario,
        dialogue: Dialogue,
        *,
        seconds: Callable[[], float],
        now: datetime.datetime | None = None,
    ) -> None:
        self._scenario = scenario
        self._dialogue = dialogue
        self._seconds = seconds
        self._now = now
        self._context = {name: variable.default for name, variable in scenario.context.items()} | dict(dialogue.context)
        self._agent = dialogue.agent or scenario.start
        self._states = {agent.id: agent.states.entry for agent in scenario.agents.values() if agent.states is not None}
        self._states |= {} if dialogue.state is None else {self._agent: dialogue.state}
        self._entries = dict(self._states)
        self._session = ""
        self._events: list[TraceEvent] = []
        self._turn: TurnSoFar | None = None
        self._played: list[TurnPlayed] = []
        self._measures: dict[int, TurnMeasures] = {}
        self._caller: dict[str, str | None] = {}  # what was said since the last response; None: heard, not written
        self._is_fed_back = False
        self._has_output = False
        self._has_new_session = False
        self._out_of_band: set[str] = set()
        self._sent: deque[Deed] = deque()
        self._lines: deque[Say] = deque()
        self._cut_lines = CutLines()
        self._open_calls: dict[str, Deed] = {}
        self._answered: dict[str, Deed] = {}
        self._said: dict[str, int] = {}
        self._complaints: list[Verdict] = []
        self._is_hung_up = False

    # --- the model ----------------------------------------------------------------------------------------------------

    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        if request.response_id in self._out_of_band or self._is_hung_up:
            return ()
        self._read_what_was_heard(request.items)
        self._complaints += self._cut_lines.held_against_client()
        self._go_on()
        turn = self._turn
        if turn is None:
            self._complain_once(
                self._dialogue.turns[0].place, "a response was asked for before the caller said anything"
            )
            return ()
        turn.responses += 1
        moves = taken_for_response(turn.moves)
        if not moves:
            turn.overruns += turn.turn.moves is not None
            return ()
        outputs = [output for move in moves for output in self._outputs_of(move, turn, request)]
        turn.most_calls = max(turn.most_calls, sum(isinstance(output, CallFunction) for output in outputs))
        return outputs

    def _outputs_of(self, move: Move, turn: TurnSoFar, request: ResponseRequest) -> Iterable[Output]:
        if isinstance(move, Say):
            self._lines.append(move)
            return (SayText(move.text, move.phase),)
        call = call_for(move, self._scenario.agents[self._agent], self._scenario, request.tools)
        if isinstance(call, NotOffered):
            turn.impossible.append(ImpossibleMove(move.place.pointer, call.reason))
            return ()
        if not _is_to_be_invalid(move):
            for problem in argument_problems(call, request.tools):
                message = f"the client's own schema of '{call.name}' does not take what the dialogue sends: {problem}"
                self._complain(move.place, message)
        self._sent.append(move)
        return (call,)

    def _read_what_was_heard(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Take the words from there which the client is not told: it has not asked for them."""
        if None not in self._caller.values():
            return
        for item in items:
            if item["id"] in self._caller and self._caller[item["id"]] is None:
                heard = [part["transcript"] for part in item["content"] if part.get("transcript") is not None]
                self._caller[item["id"]] = " ".join(heard) if heard else None

    def transcribe(self, utterance: Utterance) -> str | None:
        """What the dialogue has the caller say next: whoever speaks to a script is heard as the script has it."""
        following = self._following(self._silent_turns())
        return (following.user if following is not None else None) or ""

    # --- turns --------------------------------------------------------------------------------------------------------

    def turn_at(self, event: Event) -> int:
        """To which turn an event belongs; a response that begins one belongs to it already."""
        begun = len(self._played) + (self._turn is not None)
        if event["type"] != "response.created" or not _is_in_band(event["response"]) or not self._turn_begins():
            return begun
        return begun + self._silent_turns() + 1

    def _go_on(self) -> None:
        """Begin the next turn where the caller has begun it, or where the agent is to speak up by itself."""
        if self._turn_begins():
            self._pass_silent_turns()
            self._begin_turn()
        self._has_output = self._is_fed_back = False

    def _turn_begins(self) -> bool:
        """Whether a response that is asked for now begins a turn."""
        if self._caller:
            return True
        is_used_up = self._turn is None or not self._turn.moves
        if not is_used_up or self._has_output or self._is_fed_back:
            return False
        following = self._following(self._silent_turns())
        return following is not None and following.user is None

    def _pass_silent_turns(self) -> None:
        """Take the turns in which nothing is asked of the model."""
        for _ in range(self._silent_turns()):
            self._begin_turn(speaks=False)

    def _silent_turns(self) -> int:
        """How many of the turns that follow are silences in which nothing happens, or pictures that are only added."""
        count = 0
        while (turn := self._following(count)) is not None and turn.user is None and turn.moves == ():
            count += 1
        return count

    def _begin_turn(self, *, speaks: bool = True) -> None:
        following = self._following()
        self._close_turn()
        if following is None:  # the dialogue is over, and the caller goes on
            number = len(self._dialogue.turns)
            last = self._dialogue.turns[-1]
            self._complain_once(last.place, "the caller went on when the dialogue was over")
            self._turn = TurnSoFar(number, structs.replace(last, moves=None), deque(), self._seconds())
        else:
            self._turn = TurnSoFar(len(self._played) + 1, following, deque(following.moves or ()), self._seconds())
        self._record_caller(self._turn.turn, speaks=speaks)
        self._has_output = self._is_fed_back = False

    def _following(self, later: int = 0) -> Turn | None:
        """The turn that would begin next, or so many turns later; None: there is none."""
        at = len(self._played) + (self._turn is not None) + later
        return self._dialogue.turns[at] if at < len(self._dialogue.turns) else None

    def _close_turn(self) -> None:
        turn = self._turn
        if turn is None or len(self._played) == len(self._dialogue.turns):
            return
        self._sent.clear()
        self._open_calls.clear()  # an answer that comes later belongs to no turn any more
        self._played.append(TurnPlayed(len(self._events), turn.departures, Looked()))
        self._measures[turn.number] = TurnMeasures(
            round(self._seconds() - turn.began, 3), turn.responses, turn.most_calls
        )

    def _record_caller(self, turn: Turn, *, speaks: bool) -> None:
        if turn.silence is not None and not self._caller:
            self._record(UserSilent, seconds=turn.silence)
        if turn.image is not None:
            self._record(UserShowed, image=turn.image.name)
        if not speaks:
            return
        for said in self._caller.values():
            text = turn.user if said is None else said
            if text:
                self._record(UserSaid, text=text)
        self._caller = {}

    # --- what goes over the wire --------------------------------------------------------------------------------------

    def deliveries(self, event: Event) -> Iterable[Delivery]:
        """Everything is delivered as it is, and looked at."""
        self.hear(event)
        return (encoded(event),)

    def hear(self, event: Event) -> None:
        """Look at an event of the server."""
        response_id = event["response"]["id"] if "response" in event else event.get("response_id")
        if response_id in self._out_of_band or self._is_hung_up:
            return
        match event["type"]:
            case "session.created":
                self._session = event["session"]["id"]
            case "session.updated":
                self._has_new_session = True
            case "conversation.item.added":
                self._hear_item(event["item"])
            case "conversation.item.input_audio_transcription.completed":
                if event["item_id"] in self._caller:
                    self._caller[event["item_id"]] = event["transcript"]
            case "conversation.item.deleted":
                self._caller.pop(event["item_id"], None)
            case "conversation.item.truncated":
                self._hear_truncation(event["item_id"])
            case "response.created" if not _is_in_band(event["response"]):
                self._out_of_band.add(event["response"]["id"])
            case "response.output_item.done":
                self._hear_output(event["item"])
            case "response.mcp_call_arguments.done" if self._sent:
                self._hear_call(event["item_id"], self._sent.popleft(), event["arguments"])
            case "conversation.item.done" if event["item"]["type"] == "mcp_call":
                self._hear_return(event["item"]["id"], output_of(event["item"]))
            case "response.done":
                self._hear_end(event["response"]["status"])
            case "error":
                self._hear_error(event["error"])

    def _hear_item(self, item: Mapping[str, Any]) -> None:
        if item["type"] == "function_call_output":
            self._hear_return(item["call_id"], item["output"])
        elif item["type"] == "message" and item["role"] == "user":
            parts = item["content"]
            texts = [part["text"] for part in parts if part["type"] == "input_text"]
            if texts and texts[0].startswith(_FEEDBACK):
                self._is_fed_back = True
                self._cut_lines.guardrail_tripped()
                return
            heard = [part.get("transcript") for part in parts if part["type"] == "input_audio"]
            written = [text for text in (*texts, *heard) if text]
            self._caller[item["id"]] = " ".join(written) if written or not heard else None

    def _hear_output(self, item: Mapping[str, Any]) -> None:
        is_whole = item.get("status") == "completed"
        if item["type"] == "message":
            text = "".join(part.get("text") or part.get("transcript") or "" for part in item["content"])
            if not is_whole:
                self._record(Interrupted, heard=text)
            line = self._lines.popleft() if self._lines and (is_whole or text) else None
            if text:
                self._said[item["id"]] = len(self._events)
                self._record(AgentSaid, text=text, interrupted=not is_whole, phase=item.get("phase"))
            if line is not None and not is_whole:
                self._cut_lines.cut_off(line, text, len(self._events))
        elif item["type"] == "function_call" and self._sent:
            move = self._sent.popleft()
            if is_whole:
                self._hear_call(item["call_id"], move, item["arguments"])

    def _hear_end(self, status: str) -> None:
        """A response is over, and perhaps before all that it was to say and to do."""
        if status == "cancelled":
            self._sent.clear()
            self._miss_lines("the response was cancelled before it")
        self._lines.clear()
        self._cut_lines.response_ended(status)

    def _miss_lines(self, why: str) -> None:
        """Lines are lost of which nothing has come. That a caller does not cut in where they should is told anyway."""
        for move in self._lines:
            if move.interrupt is None:
                self._complain(move.place, f"this line was never said: {why}")
        self._lines.clear()

    def _hear_call(self, call_id: str, move: Deed, arguments: str) -> None:
        """Handoffs are on record once they are made."""
        self._open_calls[call_id] = move
        self._has_new_session = False
        match move:
            case Call():
                self._record(ToolCalled, call_id=call_id, tool=move.tool, arguments=arguments_of(arguments))
            case EnterState():
                self._record(ToolCalled, call_id=call_id, tool=SET_STATE_TOOL, arguments=arguments_of(arguments))
            case Handoff():
                pass

    def _hear_return(self, call_id: str, output: str) -> None:
        self._has_output = True
        if (answered := self._answered.get(call_id)) is not None:
            self._complain(answered.place, "the client answered this call more than once, and a model reads all of it")
            return
        if (move := self._open_calls.pop(call_id, None)) is not None:
            self._answered[call_id] = move
        match move:
            case Call():
                outcome = ends_unseen(move) or outcome_of(output)
                self._record(ToolReturned, call_id=call_id, tool=move.tool, outcome=outcome, output=output)
            case Handoff() if self._is_handed_over(move, output):
                self._record(HandedOff, call_id=call_id, to=move.to, arguments=dict(move.arguments))
                self._agent = move.to
            case Handoff():
                refused = {"to": move.to, "reason": output, "invalid": move.refused == "invalid"}
                self._record(HandoffRefused, call_id=call_id, arguments=dict(move.arguments), **refused)
            case EnterState() if says_refused(output) or (move.refused and not _tells_state(output, move)):
                self._record(StateRefused, state=move.state, reason=output, invalid=move.refused == "invalid")
            case EnterState():
                self._record(StateEntered, state=move.state, previous=self._states.get(self._agent))
                self._states[self._agent] = move.state
            case None:  # of a call that the client has put into the conversation itself
                pass

    def _is_handed_over(self, move: Handoff, output: str) -> bool:
        if says_refused(output):
            return False
        return says_handed_over(output) or self._has_new_session or not move.refused

    def _hear_truncation(self, item_id: str) -> None:
        """The caller has heard less of an answer than was sent."""
        at = self._said.get(item_id)
        said = self._events[at] if at is not None else None
        if at is not None and isinstance(said, AgentSaid):
            self._events[at] = structs.replace(said, interrupted=True)

    def _hear_error(self, error: Mapping[str, Any]) -> None:
        """The client has done something that the protocol does not allow."""
        if error["code"] in _BENIGN_ERRORS:
            return
        self._record(ModelError, code=error["code"], message=error["message"])
        place = self._turn.turn.place if self._turn is not None else self._dialogue.place
        self._complain(place, f"the client was told of a mistake, '{error['code']}': {error['message']}")

    def _complain_once(self, place: Place, message: str) -> None:
        if all(complaint.message != message for complaint in self._complaints):
            self._complain(place, message)

    def _complain(self, place: Place, message: str) -> None:
        self._complaints.append(Verdict(place, False, message, len(self._events) or None))

    def _record(self, kind: type[TraceEvent], **fields: Any) -> None:
        number = self._turn.number if self._turn is not None else 0
        self._events.append(kind(seq=len(self._events) + 1, turn=number, agent=self._agent, **fields))

    # --- the end ------------------------------------------------------------------------------------------------------

    def hang_up(self) -> None:
        """A fault has ended the connection: a turn that was not over by then is not held against the client."""
        self._is_hung_up = True
        if self._turn is not None and (self._turn.moves or self._sent or self._open_calls):
            self._turn = None

    def finished(self) -> Rehearsed:
        """What it comes to when the client has gone; called once."""
        reason = "the server hung up, as its faults say" if self._is_hung_up else "the client left"
        if not self._is_hung_up:
            self._complaints += self._cut_lines.held_against_client()
            self._miss_lines("the client left before it was over")
            self._pass_silent_turns()
        self._close_turn()
        self._record(SessionEnded, reason=reason)
        total, taken = len(self._dialogue.turns), len(self._played)
        problem = None
        if taken < total and not self._is_hung_up:
            where = f"after turn {taken} of {total}" if taken else "before the first turn"
            problem = WorldProblem("other", f"{reason} {where}", "the dialogue goes on: see its next turn")
        trace = Trace(
            tuple(self._events),
            self._dialogue.agent or self._scenario.start,
            self._context,
            entries=self._entries,
            began=self._dialogue.now or self._now,
            measures=self._measures,
        )
        played = Played(
            trace.events,
            trace.start,
            trace.context,
            trace.entries,
            trace.began,
            trace.measures,
            scripted=True,
            turns=tuple(self._played),
            problem=problem,
        )
        return Rehearsed(self._session, self._result(played))

    def _result(self, played: Played) -> DialogueResult:
        seen = visible_part(self._dialogue)
        result = judged(self._scenario, seen.dialogue, played, from_outside=True)
        complaints = tuple(
            structs.replace(found, message=result.secrets.hidden(found.message)) for found in self._complaints
        )
        verdicts = (*result.verdicts, *complaints)
        return replace(
            result,
            dialogue=self._dialogue,
            verdicts=verdicts,
            unchecked=(*result.unchecked, *seen.unchecked),
            skipped=result.skipped if verdicts else "the server hung up before there was anything to check",
        )


def _is_in_band(response: Mapping[str, Any]) -> bool:
    return response["conversation_id"] is not None


def _is_to_be_invalid(move: Deed) -> bool:
    """Whether the dialogue sends something that must not fit."""
    return move.outcome == "invalid" if isinstance(move, Call) else move.refused == "invalid"


def _tells_state(output: str, move: EnterState) -> bool:
    """Whether the output says that the conversation is in the state now, as our own runner does."""
    return json.dumps({"state": move.state}) == output
