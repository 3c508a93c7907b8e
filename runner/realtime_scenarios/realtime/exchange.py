"""An engine and its responder to an exchange on a running event loop: a client's texts in, the server's events out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.realtime.engine import Engine
from realtime_scenarios.realtime.events import Event
from realtime_scenarios.realtime.responder import FailResponse, Output, Responder, ResponseRequest


class Exchange:
    """What all carriers share.

    `send` takes each event of the server; `fail` takes the one error of a responder, whose response has failed by then
    unless the error is the world's, and ends all of it.
    Time is the loop's own, so that it costs nothing where the loop's time is virtual.
    """

    def __init__(
        self,
        engine: Engine,
        responder: Responder,
        send: Callable[[Event], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        self._engine = engine
        self._responder = responder
        self._send = send
        self._fail = fail
        self._never_waits = bool(getattr(responder, "never_waits", False))
        self._loop = asyncio.get_running_loop()
        self._answering: dict[str, asyncio.Task[None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    def open(self) -> None:
        """Greet the client."""
        self._send_all(self._engine.open())

    async def receive(self, text: str | bytes) -> None:
        """Take one message of the client.

        A responder that needs no waiting has answered when this returns: what follows in which order does not depend on
        how fast the messages come.
        """
        if self._is_closed:
            return
        self._send_all(self._engine.receive(text))
        for response_id, task in list(self._answering.items()):
            if not self._engine.is_waiting_for(response_id):
                task.cancel()
        self._wait_for_what_is_due()
        requests = self._engine.take_requests()
        for request in requests:
            if self._never_waits:
                await self._answer(request)
            else:
                self._begin_answering(request)
        if requests and not self._never_waits:
            await asyncio.sleep(0)  # whoever can answer at once does so before the client's next message

    def expire(self, seconds: float) -> None:
        """Tell the client that the session has lasted as long as it may; whoever carries it hangs up after."""
        self._send_all(self._engine.expire(seconds))
        self.close()

    def close(self) -> None:
        """Stop everything; nothing is sent after."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        for task in self._answering.values():
            task.cancel()

    def _begin_answering(self, request: ResponseRequest) -> None:
        task = self._loop.create_task(self._answer(request))
        self._answering[request.response_id] = task
        task.add_done_callback(lambda _: self._answering.pop(request.response_id, None))

    async def _answer(self, request: ResponseRequest) -> None:
        try:
            answer = await self._responder.respond(request)
            if isinstance(answer, AsyncGenerator):
                await self._hand_on(request.response_id, answer)
            else:
                self._hand_out(request.response_id, answer)
        except ScenarioError as problem:  # no answer will ever come: to wait for another turn would be no use
            self.close()
            self._fail(problem)
        except Exception as problem:
            failure = FailResponse("server_error", "The server had an error while processing your request.")
            self._hand_out(request.response_id, [failure])
            self.close()
            self._fail(problem)

    async def _hand_on(self, response_id: str, outputs: AsyncGenerator[Output, None]) -> None:
        """Hand out what comes as it comes, as long as somebody listens."""
        async with contextlib.aclosing(outputs):
            async for output in outputs:
                self._hand_out(response_id, [output], is_all=False)
                if not self._engine.is_waiting_for(response_id):
                    return
        self._hand_out(response_id, [])

    def _hand_out(self, response_id: str, outputs: Sequence[Output], *, is_all: bool = True) -> None:
        if not self._is_closed:
            self._send_all(self._engine.answer(response_id, outputs, self._loop.time() * 1000, is_all=is_all))
            self._wait_for_what_is_due()

    def _wait_for_what_is_due(self) -> None:
        due = self._engine.next_due()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if due is None else self._loop.call_at(due / 1000, self._on_due, due)

    def _on_due(self, due: float) -> None:
        self._timer = None
        # a loop may call as much too early as its clock is coarse, and nothing would be due yet
        self._send_all(self._engine.advance(max(due, self._loop.time() * 1000)))
        self._wait_for_what_is_due()

    def _send_all(self, events: list[Event]) -> None:
        for event in events:
            self._send(event)
