"""Calls that OpenAI takes by SIP: its webhook says that one waits, and we accept it and sit beside it.

Sound never comes here. It goes between the carrier and OpenAI; what comes is the events of the session, on a websocket
that is attached to the call, and what goes is what agents do: instructions, answers of tools, handoffs.

Facts: OpenAI documentation, "Realtime API with SIP" and "Webhooks"; the SDK's own example (openai-agents 0.24).
"""

from __future__ import annotations

import asyncio
import contextlib
import http
from collections.abc import Sequence

from agents.realtime import RealtimeModelEvent, RealtimeModelListener
from openai import InvalidWebhookSignatureError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.providers.sideband import Calls, attached
from realtime_scenarios.realtime.door import NotLetIn
from realtime_scenarios.realtime.web import body_of
from realtime_scenarios.session import Conversation, HungUp
from realtime_scenarios.session.sound import Audio
from realtime_scenarios.telephone.answering import Answering, held
from realtime_scenarios.telephone.approving import CallersYes
from realtime_scenarios.telephone.keys import Keypad
from realtime_scenarios.telephone.remembered import Remembered
from realtime_scenarios.telephone.switchboard import Call, Switchboard, Witness
from realtime_scenarios.telephone.turns import HUNG_UP, say_questions, take_turns

WEBHOOK = "/openai/webhook"
INCOMING = "realtime.call.incoming"

GONE_BEFORE = "the caller hung up before the call was taken"


class SipDoor:
    """Where OpenAI tells of calls."""

    def __init__(self, switchboard: Switchboard, answering: Answering, calls: Calls) -> None:
        self._switchboard = switchboard
        self._answering = answering
        self._calls = calls
        self._known = Remembered()

    @property
    def routes(self) -> Sequence[BaseRoute]:
        return (Route(WEBHOOK, self._webhook, methods=["POST"]),)

    async def _webhook(self, request: Request) -> Response:
        try:
            body = await body_of(request)
            event = self._calls.client.webhooks.unwrap(body, dict(request.headers))
        except NotLetIn as problem:
            return PlainTextResponse(problem.refusal.message, problem.refusal.status)
        except (InvalidWebhookSignatureError, ValueError):  # the latter where a header is missing, or it is no JSON
            return PlainTextResponse("This webhook is not signed by OpenAI.", http.HTTPStatus.BAD_REQUEST)
        call_id = getattr(getattr(event, "data", None), "call_id", None)
        if getattr(event, "type", None) != INCOMING or not isinstance(call_id, str) or not call_id:
            return PlainTextResponse("This server takes calls, and nothing else.")
        if self._known.is_new(call_id):  # a webhook is sent again when its answer was lost
            self._switchboard.begin(self._hold(call_id))
        return PlainTextResponse("")

    async def _hold(self, call_id: str) -> None:
        if not await self._switchboard.hold(call_id, self._talk):
            await self._calls.refuse(call_id)

    async def _talk(self, call: Call, witness: Witness) -> str:
        keypad = Keypad()
        asks = self._answering.asks(keypad)
        opened = attached(self._answering.open_model(), call.id)
        opened.model.add_listener(_HeardKeys(keypad))
        conversation = self._answering.conversation(
            opened, Audio("detected"), witness, asks, {}, reconnects=False, ends_by_hanging_up=True
        )
        try:
            is_there = await self._calls.accept(call.id, await conversation.wanted_session())
        except ScenarioError:
            await self._calls.refuse(call.id)  # otherwise it would ring on where nobody will answer
            raise
        if not is_there:
            return GONE_BEFORE
        try:
            return await held(conversation, lambda: self._held(conversation, keypad, asks))
        finally:
            keypad.close()
            await self._calls.hang_up(call.id)

    async def _held(self, conversation: Conversation, keypad: Keypad, asks: CallersYes) -> str:
        questions = asyncio.create_task(say_questions(conversation, asks))
        try:
            return await take_turns(conversation, keypad, opens=self._answering.opens)
        except HungUp:
            return HUNG_UP
        finally:
            questions.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await questions


class _HeardKeys(RealtimeModelListener):
    """Keys that the service hears on the line (`input_audio_buffer.dtmf_event_received`)."""

    def __init__(self, keypad: Keypad) -> None:
        self._keypad = keypad

    async def on_event(self, event: RealtimeModelEvent) -> None:
        if event.type != "raw_server_event" or not isinstance(event.data, dict):
            return
        if event.data.get("type") == "input_audio_buffer.dtmf_event_received":
            self._keypad.press(str(event.data.get("event", ""))[:1])
