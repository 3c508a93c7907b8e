"""The person at the page who is asked for a yes: by the id of the call, several at a time, in any order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.session import ApprovalAnswer, ApprovalRequest
from realtime_scenarios.studio.stream import About


class PersonAtThePage:
    """Asks whoever is at the page. `opened` tells them that a call waits.

    `remembered` are tools of which they have said that every call is approved for the rest of the conversation, with
    the fields that they gave; secret ones are kept as they are, and told to nobody.
    """

    def __init__(self, scenario: Scenario, opened: Callable[[Mapping[str, Any], About], None]) -> None:
        self._scenario = scenario
        self._opened = opened
        self._open: dict[str, asyncio.Future[ApprovalAnswer]] = {}
        self._asked: dict[str, ApprovalRequest] = {}
        self.remembered: dict[str, Mapping[str, str]] = {}

    async def decide(self, request: ApprovalRequest) -> ApprovalAnswer:
        known = self.remembered.get(request.tool)
        if known is not None and not (request.missing or request.unfit):
            return ApprovalAnswer("approve", known)
        self.remembered.pop(request.tool, None)
        answer: asyncio.Future[ApprovalAnswer] = asyncio.get_running_loop().create_future()
        self._open[request.call_id], self._asked[request.call_id] = answer, request
        self._opened(*self._question(request))
        try:
            return await answer
        finally:
            if self._open.get(request.call_id) is answer:
                del self._open[request.call_id]

    def approve(self, call: str, fields: Mapping[str, str], *, remember: bool) -> None:
        """Say yes to a call.

        Raises:
            KeyError: it is not waiting.
        """
        self._settle(call, ApprovalAnswer("approve", fields))
        if remember:
            self.remembered[self._asked[call].tool] = fields

    def reject(self, call: str, reason: str | None) -> None:
        """Say no to a call; the model is told the reason, None: the scenario's own words.

        Raises:
            KeyError: it is not waiting.
        """
        self._settle(call, ApprovalAnswer("reject", message=reason))

    def _settle(self, call: str, answer: ApprovalAnswer) -> None:
        waiting = self._open[call]
        if waiting.done():
            raise KeyError(call)
        waiting.set_result(answer)

    def _question(self, request: ApprovalRequest) -> tuple[dict[str, Any], About]:
        spec = self._scenario.tools.get(request.tool)
        rule = spec.approval if spec is not None else None
        fields = [
            {
                "name": field.name,
                "label": field.label,
                "secret": field.secret,
                "required": field.required,
                "pattern": field.pattern,
                "format": field.format,
            }
            for field in request.fields
        ]
        span = rule.place.span if rule is not None else None
        place = None if span is None else (span.file, span.line, span.column)
        data = {
            "call": request.call_id,
            "tool": request.tool,
            "agent": request.agent,
            "arguments": request.arguments,
            "fields": fields,
            "question": request.question,
            "seconds": None if rule is None else rule.timeout,
            "missing": request.missing,
            "unfit": dict(request.unfit),
            "place": place,
        }
        return data, About(call=request.call_id, place=place)
