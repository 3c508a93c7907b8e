"""Approval requests of the SDK as questions to a person, with time running out, and their answers on record."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from realtime_scenarios.compiler import Asking, ConversationState, Remembered
from realtime_scenarios.compiler.approval import CannotAsk, asking_about, question_about, rejection
from realtime_scenarios.core import StalledError
from realtime_scenarios.core.arguments import arguments_of
from realtime_scenarios.project.prompts import NOBODY_ANSWERED
from realtime_scenarios.session.approval import ApprovalAnswer, ApprovalRequest, Approver
from realtime_scenarios.session.line import Line
from realtime_scenarios.stubs.tables import Tables
from realtime_scenarios.trace import ApprovalDecided, ApprovalIncomplete, ApprovalRequested, ToolReturned


@dataclass(frozen=True, slots=True)
class TimedOut:
    """Nobody answered in the time that the rule gives: for the call that is a no."""


@dataclass(frozen=True, slots=True)
class Stalled:
    """Nobody ever will, and the rule has no timeout: the line was told, and the conversation ends."""


Answer = ApprovalAnswer | TimedOut | Stalled


class Approvals:
    """The questions that are open in one conversation.

    The SDK (0.24) sends the model nothing until a call is approved or rejected, and knows no timeout: what nobody
    answers would be silence for ever. So each question has a limit here. `longest` is how many seconds to wait where
    the rule has no timeout, before the line is told; None: for ever. `tables` are what questions look into.
    """

    def __init__(
        self,
        state: ConversationState,
        approver: Approver,
        longest: float | None,
        line: Line,
        tables: Tables,
    ) -> None:
        self._state = state
        self._approver = approver
        self._longest = longest
        self._line = line
        self._tables = tables
        self._open: set[asyncio.Task[None]] = set()

    def ask(self, call_id: str, tool: str, arguments: str) -> None:
        """Ask the person about a call, and tell the session what they said."""
        settling = self._line.own(self._settle(call_id, tool, arguments))
        self._open.add(settling)
        settling.add_done_callback(self._open.discard)

    def withdraw(self) -> None:
        """The calls that are asked about are lost: nobody answers what would do nothing, and may be asked anew."""
        for settling in self._open:
            settling.cancel()

    async def _settle(self, call_id: str, tool: str, text: str) -> None:
        state = self._state
        arguments = arguments_of(text)
        asking = None if arguments is None else asking_about(state, call_id, tool, arguments)
        if asking is None:
            # no JSON object: the tool itself answers that, and does nothing
            await self._line.session.approve_tool_call(call_id)
            return
        try:
            answered = await self._awaited_answer(asking)
        except CannotAsk as problem:
            state.record(ToolReturned, call_id=call_id, tool=tool, outcome="failed", output=str(problem))
            await self._line.session.reject_tool_call(call_id, rejection_message=str(problem))
            return
        match answered:
            case Stalled():
                pass
            case ApprovalAnswer(kind="approve") as answer:
                self._record_approval(asking, answer)
                await self._line.session.approve_tool_call(call_id)
            case answer:
                message = self._recorded_rejection(asking, answer)
                # the tool is not run, so it cannot put its own end on record
                state.record(ToolReturned, call_id=call_id, tool=tool, outcome="rejected", output=message)
                await self._line.session.reject_tool_call(call_id, rejection_message=message)

    async def ask_within(self, asking: Asking) -> str | None:
        """Ask about a call that a text model makes: None for yes, otherwise what the model is told.

        Raises:
            CannotAsk: the question cannot be put.
        """
        match await self._awaited_answer(asking):
            case ApprovalAnswer(kind="approve") as answer:
                self._record_approval(asking, answer)
                return None
            case answer:
                return self._recorded_rejection(asking, answer)

    async def _awaited_answer(self, asking: Asking) -> Answer:
        """What the person says, or why nothing.

        Raises:
            CannotAsk: the question cannot be put.
        """
        state, rule, tool = self._state, asking.rule, asking.tool
        question = question_about(asking, state, self._tables)
        fields = tuple(rule.fields.values())
        state.record(
            ApprovalRequested,
            call_id=asking.call_id,
            tool=tool,
            arguments=asking.arguments,
            fields=tuple(field.name for field in fields),
            question=question,
        )
        shown = state.secrets.hidden_in(asking.arguments)
        request = ApprovalRequest(asking.call_id, tool, state.agent, shown, fields, question=question)
        try:
            async with asyncio.timeout(self._longest if rule.timeout is None else rule.timeout):
                return await self._complete_answer(request)
        except TimeoutError:
            if rule.timeout is not None:
                return TimedOut()
            message = f"nobody answered the approval of '{tool}' for {self._longest:g} s, and its rule has no timeout"
            self._line.fail(StalledError(message, hint="give the rule one, such as timeout: 60s"))
            return Stalled()

    async def _complete_answer(self, request: ApprovalRequest) -> ApprovalAnswer:
        """The first answer that rejects, or approves with every required field filled in and every form kept."""
        while True:
            answer = await self._approver.decide(request)
            for field in request.fields:
                if field.secret:
                    self._state.secrets.add(answer.fields.get(field.name, ""))
            missing = tuple(
                field.name
                for field in request.fields
                if field.required and not answer.fields.get(field.name, "").strip()
            )
            reasons = {field.name: field.misfit(answer.fields) for field in request.fields}
            unfit = {name: reason for name, reason in reasons.items() if reason is not None}
            if answer.kind == "reject" or not (missing or unfit):
                return answer
            self._state.record(
                ApprovalIncomplete, call_id=request.call_id, tool=request.tool, missing=missing, unfit=unfit
            )
            request = replace(request, missing=missing, unfit=unfit)

    def _record_approval(self, asking: Asking, answer: ApprovalAnswer) -> None:
        state, rule, call_id = self._state, asking.rule, asking.call_id
        fields = {name: value for name, value in answer.fields.items() if name in rule.fields}
        state.approvals[call_id] = fields
        if rule.remember == "session":
            state.remembered[asking.name] = Remembered(True, fields)
        shown = {name: value for name, value in fields.items() if not rule.fields[name].secret}
        state.record(ApprovalDecided, call_id=call_id, tool=asking.tool, decision="approved", fields=shown)

    def _recorded_rejection(self, asking: Asking, answer: Answer) -> str:
        """Put a no on record; what the model is told."""
        state, rule = self._state, asking.rule
        timed_out = isinstance(answer, TimedOut)
        if rule.remember == "session" and not timed_out:
            state.remembered[asking.name] = Remembered(False, {})
        decision = "timed_out" if timed_out else "rejected"
        state.record(ApprovalDecided, call_id=asking.call_id, tool=asking.tool, decision=decision, fields={})
        if timed_out:
            return NOBODY_ANSWERED
        return (answer.message if isinstance(answer, ApprovalAnswer) else None) or rejection(rule)
