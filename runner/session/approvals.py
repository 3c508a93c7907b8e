"""Approval requests of the SDK as questions to a person, with time running out, and their answers on record."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from agents.realtime import RealtimeSession

from runner.compiler import ConversationState, Remembered
from runner.compiler.tools import NOBODY_ANSWERED, rejection
from runner.core import ScenarioError, StalledError
from runner.model.scenario import ApprovalRule
from runner.session.approval import ApprovalAnswer, ApprovalRequest, Approver
from runner.stubs import arguments_of
from runner.trace import ApprovalDecided, ApprovalIncomplete, ApprovalRequested, ToolReturned


class Approvals:
    """The questions that are open in one conversation. Owns the tasks that wait for people.

    `longest` is how many seconds to wait where the rule has no timeout, before `fail` is told; None: for ever.
    """

    def __init__(
        self,
        state: ConversationState,
        approver: Approver,
        longest: float | None,
        fail: Callable[[ScenarioError], None],
    ) -> None:
        self._state = state
        self._approver = approver
        self._longest = longest
        self._fail = fail
        self._tasks: set[asyncio.Task[Any]] = set()

    def ask(self, session: RealtimeSession, call_id: str, tool: str, arguments: str) -> None:
        """Ask the person about a call, and tell the session what they said."""
        self.own(self._asked(session, call_id, tool, arguments))

    def own(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something that ends with the conversation at the latest."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @property
    def pending(self) -> bool:
        """Whether somebody is being asked, or was asked to do something that is not done yet."""
        return bool(self._tasks)

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _asked(self, session: RealtimeSession, call_id: str, tool: str, text: str) -> None:
        state = self._state
        rule = state.scenario.tools[tool].approval
        arguments = arguments_of(text)
        if rule is None or arguments is None:
            await session.approve_tool_call(call_id)  # no JSON object: the tool itself answers that, and does nothing
            return
        fields = tuple(rule.fields.values())
        state.record(
            ApprovalRequested,
            call_id=call_id,
            tool=tool,
            arguments=arguments,
            fields=tuple(field.name for field in fields),
        )
        request = ApprovalRequest(call_id, tool, state.agent, arguments, fields)
        try:
            async with asyncio.timeout(self._longest if rule.timeout is None else rule.timeout):
                answer = await self._complete_answer(request)
        except TimeoutError:
            answer = None
            if rule.timeout is None:
                message = (
                    f"nobody answered the approval of '{tool}' for {self._longest:g} s, and its rule has no timeout"
                )
                self._fail(StalledError(message, hint="give the rule one, such as timeout: 60s"))
                return
        if answer is not None and answer.kind == "approve":
            await self._approve(session, request, rule, answer)
        else:
            await self._reject(session, request, rule, answer)

    async def _complete_answer(self, request: ApprovalRequest) -> ApprovalAnswer:
        """The first answer that rejects, or approves with every required field filled in."""
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
            if answer.kind == "reject" or not missing:
                return answer
            self._state.record(ApprovalIncomplete, call_id=request.call_id, tool=request.tool, missing=missing)
            request = ApprovalRequest(
                request.call_id, request.tool, request.agent, request.arguments, request.fields, missing
            )

    async def _approve(
        self, session: RealtimeSession, request: ApprovalRequest, rule: ApprovalRule, answer: ApprovalAnswer
    ) -> None:
        state = self._state
        fields = {name: value for name, value in answer.fields.items() if name in rule.fields}
        state.approvals[request.call_id] = fields
        if rule.remember == "session":
            state.remembered[request.tool] = Remembered(True, fields)
        shown = {name: value for name, value in fields.items() if not rule.fields[name].secret}
        state.record(ApprovalDecided, call_id=request.call_id, tool=request.tool, decision="approved", fields=shown)
        await session.approve_tool_call(request.call_id)

    async def _reject(
        self, session: RealtimeSession, request: ApprovalRequest, rule: ApprovalRule, answer: ApprovalAnswer | None
    ) -> None:
        """Tell the model no. `answer` None: nobody answered in time."""
        state = self._state
        message = NOBODY_ANSWERED if answer is None else answer.message or rejection(rule)
        if rule.remember == "session" and answer is not None:
            state.remembered[request.tool] = Remembered(False, {})
        decision = "timed_out" if answer is None else "rejected"
        state.record(ApprovalDecided, call_id=request.call_id, tool=request.tool, decision=decision, fields={})
        state.record(ToolReturned, call_id=request.call_id, tool=request.tool, outcome="rejected", output=message)
        await session.reject_tool_call(request.call_id, rejection_message=message)
