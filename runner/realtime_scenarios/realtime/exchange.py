"""An engine and its responder to an exchange on a running event loop: a client's texts in, the server's events out."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from typing import Any, NamedTuple, Protocol

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.realtime.engine import Engine
from realtime_scenarios.realtime.events import Event
from realtime_scenarios.realtime.mcp_servers import McpAnswer, McpFailed, McpWork
from realtime_scenarios.realtime.output import Phrase
from realtime_scenarios.realtime.responder import FailResponse, Output, Responder, ResponseRequest
from realtime_scenarios.realtime.transcription import HeardItem
from realtime_scenarios.voice.asking import words_heard


class Beside(Protocol):
    """Where what takes its time is done: in a thread, or here and now where time is virtual."""

    def __call__(self, work: Callable[[], Any], /) -> Awaitable[Any]: ...


async def here_and_now(work: Callable[[], Any]) -> Any:
    """Nothing else happens meanwhile, and the loop's clock stands still: the same each time."""
    return work()


class McpPort(Protocol):
    """What reaches MCP servers."""

    async def answer(self, work: McpWork, /) -> McpAnswer:
        """What the server answers, or why there is no answer; whatever happens, nothing is raised."""
        ...


_NO_SERVERS = McpFailed("http_error", "MCP servers are not reached from here.", 502)


class Exchange:
    """What all carriers share.

    `send` takes each event of the server; `fail` takes the one error of a responder, whose response has failed by then
    unless the error is the world's, and ends all of it.
    Time is the loop's own, so that it costs nothing where the loop's time is virtual. Parts that take their time to
    hear and to speak do so `beside` it, each for one thing at a time and in order. `mcp` reaches MCP servers; None:
    none is reached.
    """

    def __init__(
        self,
        engine: Engine,
        responder: Responder,
        send: Callable[[Event], None],
        fail: Callable[[BaseException], None],
        beside: Beside = here_and_now,
        mcp: McpPort | None = None,
    ) -> None:
        self._engine = engine
        self._responder = responder
        self._send = send
        self._fail = fail
        self._never_waits = bool(getattr(responder, "never_waits", False))
        self._loop = asyncio.get_running_loop()
        self._answering: dict[str, asyncio.Task[None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._waits_until: float | None = None
        self._beside = beside
        self._hearing = _InOrder(self._end_with)
        self._speaking = _InOrder(self._end_with)
        self._working = asyncio.Lock()
        self._mcp = mcp
        self._asking: set[asyncio.Task[None]] = set()
        self._is_closed = False

    def open(self) -> None:
        """Greet the client."""
        self._send_all(self._engine.open())
        self._ask_servers()

    async def receive(self, text: str | bytes) -> None:
        """Take one message of the client.

        A responder that needs no waiting has answered when this returns: what follows in which order does not depend on
        how fast the messages come.
        """
        if self._is_closed:
            return
        if self._working.locked():  # another message of this client takes long
            async with self._working:
                await self._work_off(text)
        else:
            answers = self._engine.begin(text, self._loop.time() * 1000)
            if self._engine.is_busy:
                async with self._working:
                    self._send_all(answers)
                    await self._go_on()
            elif answers:
                self._send_all(answers)
            else:
                return  # as to nearly every frame of sound: what is not answered makes nothing due
        if self._is_closed:
            return
        for response_id, task in list(self._answering.items()):
            if not self._engine.is_waiting_for(response_id):
                task.cancel()
        self._wait_for_what_is_due()
        is_heard = self._write_down_what_was_heard()
        requests = self._engine.take_requests()
        for request in requests:
            if self._never_waits:
                await self._answer(request)
            else:
                self._begin_answering(request)
        if is_heard or (requests and not self._never_waits):
            await asyncio.sleep(0)  # whoever can answer at once does so before the client's next message

    async def _work_off(self, text: str | bytes) -> None:
        if self._is_closed:  # while it waited for the message before it, which is not over
            return
        self._send_all(self._engine.begin(text, self._loop.time() * 1000))
        await self._go_on()

    async def _go_on(self) -> None:
        """Bring a message that takes long to its end; others have their turn in between."""
        while self._engine.is_busy and not self._is_closed:
            await asyncio.sleep(0)
            self._send_all(self._engine.go_on())

    def expire(self, seconds: float) -> None:
        """Tell the client that the session has lasted as long as it may; whoever carries it hangs up after."""
        self._send_all(self._engine.expire(seconds))
        self.close()

    def close(self) -> None:
        """Stop everything; nothing is sent after."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        for task in (*self._answering.values(), *self._asking):
            task.cancel()
        self._hearing.close()
        self._speaking.close()

    def _write_down_what_was_heard(self) -> bool:
        """Whether there was anything."""
        heard_items = self._engine.take_heard()
        for heard in heard_items:
            self._hearing.put(functools.partial(self._write_down, heard))
        return bool(heard_items)

    async def _write_down(self, heard: HeardItem) -> None:
        words = await self._beside(functools.partial(words_heard, heard.listener, heard.utterance))
        self._send_all(self._engine.transcribed(heard, words))
        self._begin_answering_all()

    def _ask_servers(self) -> None:
        while work := self._engine.take_mcp_work():
            for each in work:
                if self._mcp is None:
                    self._send_all(self._engine.mcp_answered(each, _NO_SERVERS, self._loop.time() * 1000))
                else:
                    task = self._loop.create_task(self._ask_server(each, self._mcp))
                    self._asking.add(task)
                    task.add_done_callback(self._asking.discard)

    async def _ask_server(self, work: McpWork, mcp: McpPort) -> None:
        answer = await mcp.answer(work)
        self._send_all(self._engine.mcp_answered(work, answer, self._loop.time() * 1000))
        self._wait_for_what_is_due()

    def _say_what_is_to_be_spoken(self) -> None:
        for phrase in self._engine.take_phrases():
            is_wanted = functools.partial(self._engine.is_to_be_spoken, phrase)
            self._speaking.put(functools.partial(self._say, phrase), is_wanted)

    async def _say(self, phrase: Phrase) -> None:
        spoken = await self._beside(phrase.spoken)
        self._send_all(self._engine.spoken(phrase, spoken, self._loop.time() * 1000))
        self._wait_for_what_is_due()

    def _begin_answering_all(self) -> None:
        for request in self._engine.take_requests():
            self._begin_answering(request)

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
            self._end_with(problem)
        except Exception as problem:
            failure = FailResponse("server_error", "The server had an error while processing your request.")
            if not self._is_closed:
                self._send_all(self._engine.break_off(request.response_id, failure))
            self._end_with(problem)

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

    def _end_with(self, problem: BaseException) -> None:
        self.close()
        self._fail(problem)

    def _wait_for_what_is_due(self) -> None:
        self._ask_servers()
        self._say_what_is_to_be_spoken()
        due = self._engine.next_due()
        if due == self._waits_until:
            return
        self._waits_until = due
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if due is None else self._loop.call_at(due / 1000, self._on_due, due)

    def _on_due(self, due: float) -> None:
        self._timer = self._waits_until = None
        # a loop may call as much too early as its clock is coarse, and nothing would be due yet
        self._send_all(self._engine.advance(max(due, self._loop.time() * 1000)))
        self._wait_for_what_is_due()
        self._write_down_what_was_heard()
        self._begin_answering_all()

    def _send_all(self, events: list[Event]) -> None:
        for event in events:
            self._send(event)


class _InOrder:
    """Does one thing after the other, in a task that lives while there is something to do.

    What is not wanted any more is left out. It is also looked for among what waits each time that has doubled: one
    thing that never ends holds nothing else.
    """

    def __init__(self, fail: Callable[[BaseException], None]) -> None:
        self._fail = fail
        self._todo: deque[_Work] = deque()
        self._looked_at = _FEW
        self._doing: asyncio.Task[None] | None = None

    def put(self, do: Callable[[], Coroutine[Any, Any, None]], is_wanted: Callable[[], bool] = lambda: True) -> None:
        self._todo.append(_Work(do, is_wanted))
        if len(self._todo) > 2 * self._looked_at:
            self._todo = deque(work for work in self._todo if work.is_wanted())
            self._looked_at = max(len(self._todo), _FEW)
        if self._doing is None:
            self._doing = asyncio.get_running_loop().create_task(self._do_all())

    def close(self) -> None:
        """What is being done ends unheard, and nothing is begun."""
        self._todo.clear()
        if self._doing is not None:
            self._doing.cancel()

    async def _do_all(self) -> None:
        try:
            while self._todo:
                work = self._todo.popleft()
                if work.is_wanted():
                    await work.do()
        except Exception as problem:
            self._fail(problem)
        finally:
            self._doing = None


class _Work(NamedTuple):
    do: Callable[[], Coroutine[Any, Any, None]]
    is_wanted: Callable[[], bool]


_FEW = 16
