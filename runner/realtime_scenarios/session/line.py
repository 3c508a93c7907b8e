"""The line to the model: what is sent on it, and when nothing more of a turn is to come.

Theory of operation. The SDK does not say that a turn is over: its `agent_end` comes once a response, and may come
before the `tool_end` of a call which that response made (openai-agents 0.24, measured). So the wire is asked. A turn
goes on while one of three things is true (`WireState`):

    active            a response was created and is not done
    awaits_response   one was asked for: by a message, by `response.create`, by a call's output, by a tripped guardrail
    open_calls        a call was made and its output is not in the conversation: a stub is at work, or a person is asked

Whoever follows the wire hears each event before the SDK's session acts on it, and one that ends the one thing begins
the next in the same step: `response.created` clears `awaits_response` and sets `active`, the output of a call closes it
and sets `awaits_response`. So there is no moment between two responses in which all three are false. Asks are a flag
and no count, since the SDK holds a `response.create` back until the active response is done and makes one of those that
wait (`_ResponseCreateSequencer`).

Nothing polls: `look`, after every followed event, settles the one future that the turn waits for. A turn is given up
if for `patience` seconds no event came, no stub was at work and nothing was owned (a person who is asked). A failure
stays: it ends the present turn and refuses every later one. When the server closes in good order the SDK ends its
iteration without a word, so only the line knows whether it was itself that hung up (`lost`).

A lost line is taken up again where that is wanted (`pauses`): with a session of its own, since the SDK's cannot outlive
its connection, on the same model, agents, states and context, which are ours. The server knows nothing of what was
before, and is told. A tool that was at work is gone with the SDK's session, and the model learns that.

A line that would be lost because the server lets no session last for ever is not lost: in a quiet moment before that
a fresh session takes over in the same way, and nothing that was at work is lost with the old one.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from agents.realtime import (
    RealtimeModelSendRawMessage,
    RealtimeRunConfig,
    RealtimeRunner,
    RealtimeSession,
)

from realtime_scenarios.compiler import CompiledScenario, ConversationState, Talk
from realtime_scenarios.core import ScenarioError, StalledError
from realtime_scenarios.core.clock import RESTORED
from realtime_scenarios.project.spending import OverBudget, Spending
from realtime_scenarios.providers import (
    Opened,
    connection_failure,
    connection_lost,
    is_final,
    reason_in,
    update_refused,
)
from realtime_scenarios.providers.text import LiveText
from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.session.connection import Connection, Hearing, Wiring
from realtime_scenarios.session.lifetime import Lifetime
from realtime_scenarios.session.memory import remembered_items
from realtime_scenarios.session.sound import Sound
from realtime_scenarios.session.transcription import UNINTELLIGIBLE, Transcription
from realtime_scenarios.session.wire_state import WireState
from realtime_scenarios.trace import Interrupted, ModelError, Reconnected, TranscriptionReplaced

FIRST_ANSWER = 5.0
"""Seconds in which a server elsewhere is to say whether it takes the session; one that never does goes on after."""


class HungUp(ScenarioError):
    """The other side of a call has ended it, as everybody does in the end."""

    def __init__(self) -> None:
        super().__init__("the call was hung up")


class Line:
    """A session of the SDK, what its wire has said, and how the present turn ends.

    `hears_caller`: a voice is being heard. `unix_time` is what the server's clock is compared with.
    `sound` None: all is text. `failure` is why nothing more will be answered. `pauses` are the seconds before each
    attempt of a turn to take a lost line up again; empty: it stays lost. `restored` are the ids of calls that were told
    to a model anew.

    There is a line before there is a session, because the SDK makes a session from the context of its tools, and these
    tools change the session (`refresh`): one of the two must be there first. It is connected once.
    """

    def __init__(
        self,
        opened: Opened,
        state: ConversationState,
        *,
        patience: float | None = None,
        pauses: Sequence[float] = (),
        spending: Spending,
        sound: Sound | None = None,
        unix_time: Callable[[], float] = time.time,
        ends_by_hanging_up: bool = False,
    ) -> None:
        self.wire = WireState()
        self.sound = sound
        self.restored: set[str] = set()
        self._told_anew = 0
        self._wiring: Wiring | None = None
        self._connection: Connection | None = None
        self._pauses = pauses
        self._spending = spending
        if isinstance(opened.text, LiveText) and opened.network:
            opened.text.spent = self.spend_on_text
        self._attempts = 0
        self._is_up = asyncio.Event()
        self._opened = opened
        self._state = state
        self._patience = opened.patience if patience is None else patience
        self._tasks: set[asyncio.Task[Any]] = set()
        self._over: asyncio.Future[None] | None = None
        self._ends_by_hanging_up = ends_by_hanging_up
        self._last_heard = 0.0
        self._watching: asyncio.TimerHandle | None = None
        self.failure: ScenarioError | None = None
        self._has_failed = asyncio.Event()
        self._lifetime = Lifetime(unix_time, self._renew_in_a_quiet_moment)
        self.hears_caller = False
        self._closing = False
        self._connected_once = asyncio.Event()
        self._answered = asyncio.Event()
        self._transcription: Transcription | None = None

    # --- the connection -------------------------------------------------------------------------------------------

    async def connect(self, compiled: CompiledScenario, talk: Talk, config: RealtimeRunConfig, hears: Hearing) -> None:
        """Open the session that begins with the active agent, and let `hears` follow it to its end.

        Raises:
            ProviderError: the model cannot be reached.
        """
        self._transcription = Transcription.asked_for(config, self._opened.transcription_models)
        # the session adds itself when it is entered, and listeners are told in this order
        self._opened.model.add_listener(hears)
        self._wiring = Wiring(compiled.agents, talk, config, hears)
        await self._open_session(self._wiring)
        self._is_up.set()
        self._connected_once.set()
        if self._opened.network:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._answered.wait(), FIRST_ANSWER)

    async def _open_session(self, wiring: Wiring) -> None:
        """A session that begins with the active agent, on a connection of its own.

        Raises:
            ProviderError: the model cannot be reached.
        """
        agent = wiring.agents[self._state.agent]
        runner = RealtimeRunner(agent, model=self._opened.model, config=wiring.config)
        config = self._opened.config
        if self.sound is not None:
            config = {**config, "playback_tracker": self.sound.playback}
        session = await runner.run(context=wiring.talk, model_config=config)
        try:
            await session.enter()
        except Exception as problem:
            raise connection_failure(problem, self._opened) from problem
        self._connection = Connection(session, asyncio.create_task(wiring.hears.read(session)))

    def session_began(self, session: Mapping[str, Any]) -> None:
        """The server has made a session, and may say how long it lasts."""
        self.hears_caller = False
        self._lifetime.begins(session)

    def _renew_in_a_quiet_moment(self) -> None:
        """Let a fresh session take over from one that is near its end, unless something is going on."""
        is_in_turn = self._over is not None and not self._over.done()
        is_busy = is_in_turn or self.hears_caller or bool(self._tasks) or not self.wire.is_quiet()
        if self._lifetime.is_near_its_end and not is_busy and not self._closing and self._comes_back:
            self._lifetime.is_near_its_end = False
            self._is_up.clear()
            self.own(self._renew())

    async def _renew(self) -> None:
        assert self._connection is not None
        self._connection.reader.cancel()  # that its session ends now is no loss
        await asyncio.gather(self._connection.reader, return_exceptions=True)
        await self._take_up_again("the server would have ended the session soon", is_lost=False)

    async def until_up(self) -> None:
        """Wait while a lost line is taken up again."""
        await self._is_up.wait()

    async def close(self) -> None:
        """Hang up, and wait until nothing of it is left; also where it was never connected."""
        self._closing = True  # from now on a lost connection is no failure
        self._lifetime.close()
        for task in self._tasks:
            task.cancel()
        if self._connection is not None:
            with contextlib.suppress(Exception):
                await self._connection.session.close()
            self._connection.reader.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._connection.reader

    def session_taken(self) -> None:
        """The server has taken a session: what is said from now on is answered with its instructions and tools."""
        self._answered.set()

    def refused(self, error: Mapping[str, Any]) -> None:
        """The server does not take the session of the active agent; `error` is what it says about it."""
        self.fail(update_refused(error, self._state.agent, self._opened))

    def is_mended_after(self, error: Mapping[str, Any]) -> bool:
        """Whether the server refused how callers are written down, and is now asked for it with another model."""
        present = self._transcription
        return present is not None and present.is_refused_by(error) and self._transcribes_on(present, error)

    def transcription_failed(self, error: Mapping[str, Any]) -> None:
        """A turn of the caller was not written down; where the model itself is why, the next one is asked for.

        The trace says why it was not, unless the sound itself is why: that is no failure of anybody.
        """
        present = self._transcription
        if present is not None and present.has_failed_by(error) and self._transcribes_on(present, error):
            return
        if (code := error.get("code")) != UNINTELLIGIBLE:
            message = str(error.get("message") or "the caller was not written down")
            self._state.record(ModelError, code=code, message=message)

    def _transcribes_on(self, present: Transcription, error: Mapping[str, Any]) -> bool:
        """Whether there is another model to write callers down: it is then asked for, and the trace says so."""
        model, following = self._opened.model, present.following()
        if following is None or not isinstance(model, WireModel):
            return False
        self._transcription = following
        model.transcribe_with(following.settings)
        self._state.record(
            TranscriptionReplaced,
            refused=present.model,
            model=following.model,
            left_out=tuple(name for name in present.settings if name not in following.settings),
            reason=reason_in(error),
        )
        self.own(self._refreshed_once_connected())
        return True

    async def _refreshed_once_connected(self) -> None:
        """A refusal may come while the SDK still connects; a connection that is lost meanwhile is told elsewhere."""
        await self._connected_once.wait()
        with contextlib.suppress(Exception):
            await self.refresh()

    async def refresh(self) -> None:
        """Send the tools and instructions of the active agent to the model anew."""
        assert self._wiring is not None
        await self.session.update_agent(self._wiring.agents[self._state.agent])

    @property
    def session(self) -> RealtimeSession:
        assert self._connection is not None, "the conversation is not open"
        return self._connection.session

    # --- what runs beside the turn, and the end -------------------------------------------------------------------

    def own(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something that ends with the conversation at the latest; no turn is given up while it runs."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def lost(self, problem: BaseException | None) -> None:
        """The connection is gone; `problem` is what the SDK says about it, None where it says nothing."""
        if self._closing:
            return
        if problem is None and self._ends_by_hanging_up:
            self.fail(HungUp())
            return
        try:
            failure = connection_lost(problem, self._opened)
        except Exception as unforeseen:  # nobody waits for whoever reads the session
            self._give_up(StalledError(f"the SDK could not go on: {type(unforeseen).__name__}: {unforeseen}"))
            return
        if self._comes_back:
            self._is_up.clear()
            self.own(self._take_up_again(failure.message))
        else:
            self._give_up(failure)

    @property
    def _comes_back(self) -> bool:
        """Whether a lost line would be taken up again."""
        return self._attempts < len(self._pauses) and self.failure is None

    def _give_up(self, failure: ScenarioError) -> None:
        self._state.record(ModelError, code="connection_lost", message=failure.message)
        self.fail(failure)
        self._is_up.set()

    async def _take_up_again(self, reason: str, *, is_lost: bool = True) -> None:
        """Open another session in place of this one, tell it what has happened, and let it go on with the turn.

        The first attempt waits where the line is lost, and is no attempt where it is not.
        """
        wiring, before = self._wiring, self._connection
        assert wiring is not None and before is not None
        began, first = self._state.clock.monotonic(), self._attempts
        wiring.hears.cut_off()
        self.wire.awaits_response = True  # no turn is over meanwhile
        with contextlib.suppress(Exception):
            await before.session.close()  # the model of the SDK takes no second connection before
        while self._connection is before:
            if is_lost:
                await self._state.clock.sleep(self._pauses[self._attempts])
                self._attempts += 1
            is_lost = True
            try:
                await self._open_session(wiring)
            except ScenarioError as problem:
                if self._attempts == len(self._pauses) or is_final(problem):
                    self._give_up(problem)
                    return
        seconds = round(self._state.clock.monotonic() - began, 1)
        self._state.record(Reconnected, reason=reason, attempts=self._attempts - first, seconds=seconds)
        with contextlib.suppress(ScenarioError):  # where it is lost once more, that is told by its own end
            await self.tell_what_was()
            self.wire.awaits_response = False
            if self._over is not None and not self._over.done():
                await self.ask_for_response()
            self._is_up.set()

    async def tell_what_was(self) -> None:
        """Put into the conversation of the server what was said and done in it, without what is secret by now.

        Its items have ids by which whoever looks on knows that nothing happens now.
        """
        so_far = self._state.recorder.trace().hidden(self._state.secrets)
        for item in remembered_items(so_far.events):
            self.restored.add(str(item.get("call_id")))
            self._told_anew += 1
            await self.add_item(id=f"{RESTORED}{self._told_anew:04d}", **item)

    # --- a turn -----------------------------------------------------------------------------------------------------

    async def turn_over(self, what: str) -> None:
        """Wait for the end of the turn. `what` is waited for, as a message would say.

        Raises:
            StalledError: the model stopped showing signs of life.
            ProviderError: the connection was lost, or the server refused the session of an agent.
        """
        if self.failure is not None:
            raise self.failure
        loop = asyncio.get_running_loop()
        self._attempts = 0
        self._over = loop.create_future()
        self.look()
        if not self._over.done():
            self.heard_something()
            self._watch(what)
            try:
                await self._over
            finally:
                if self._watching is not None:
                    self._watching.cancel()
        self._over.result()
        self._renew_in_a_quiet_moment()

    def heard_something(self) -> None:
        """The line shows a sign of life."""
        self._last_heard = asyncio.get_running_loop().time()

    def _watch(self, what: str) -> None:
        """Give the turn up if nothing was heard for as long as patience lasts; otherwise look again when it has."""
        if self._over is None or self._over.done():
            return
        loop = asyncio.get_running_loop()
        left = self._last_heard + self._patience - loop.time()
        if left <= 0 and not self._state.running and not self._tasks:
            message = f"nothing happened for {self._patience:g} s while waiting for {what}"
            hint = f"{self.wire.describe()}; agent '{self._state.agent}' was active"
            self._over.set_exception(StalledError(message, hint=hint))
        else:
            self._watching = loop.call_later(left if left > 0 else self._patience, self._watch, what)

    def spend(self, usage: Mapping[str, Any]) -> None:
        """A response is over, and has used so many tokens."""
        if (over := self._spending.add(usage)) is not None:
            self.stop(over)

    def spend_on_text(self, model: str, usage: Mapping[str, Any]) -> None:
        """A text model has answered, and has used so many tokens."""
        if (over := self._spending.add_text(model, usage)) is not None:
            self.stop(over)

    def stop(self, over: OverBudget) -> None:
        """The conversation has taken what it was given, and ends here."""
        self._state.record(ModelError, code="over_budget", message=over.message)
        self.fail(over)

    def fail(self, problem: ScenarioError) -> None:
        """End the conversation: nothing that is waited for will come any more. The first reason stays."""
        self.failure = self.failure or problem
        self._has_failed.set()
        self._answered.set()
        self.look()

    async def until_failed(self) -> ScenarioError:
        """Wait until nothing that is waited for will come any more; why. It may take as long as the conversation."""
        await self._has_failed.wait()
        assert self.failure is not None
        return self.failure

    def look(self) -> None:
        """Notice that the turn is over."""
        if self._over is None or self._over.done():
            return
        if self.failure is not None:
            self._over.set_exception(self.failure)
        elif self.wire.is_quiet():
            self._over.set_result(None)

    # --- what is sent -----------------------------------------------------------------------------------------------

    async def interrupt(self) -> None:
        """The caller cuts in: the answer that is being given ends here. Where a call is at work, it works on."""
        if self.wire.active is None:
            if self.wire.open_calls:
                await self.cut_in(*self._call_at_work)
            elif self.sound is not None and self.sound.is_playing:
                self._state.record(Interrupted, heard=self._heard)
                await self._send(self.session.interrupt())
            return
        self._state.record(Interrupted, heard=self._heard)
        self.wire.interrupted = True
        await self._send(self.session.interrupt())

    def voice_cut_in(self) -> None:
        """The server heard the caller begin to speak, and ends what it is saying: nothing is to be sent."""
        if self.wire.active is not None:
            self._state.record(Interrupted, heard=self._heard)
            self.wire.interrupted = True
        elif self.wire.open_calls:
            after, call_id = self._call_at_work
            self._state.record(Interrupted, heard=self._heard, call_id=call_id, after=after)
        elif self.sound is not None and self.sound.is_playing:
            self._state.record(Interrupted, heard=self._heard)

    @property
    def _heard(self) -> str:
        """What the caller has heard of what is being said."""
        return self.wire.heard if self.sound is None else self.sound.heard_of(self.wire.heard)

    @property
    def _call_at_work(self) -> tuple[float, str]:
        """For how many seconds the last call has been at work, and its id."""
        lasted = self._state.clock.monotonic() - self.wire.called_at
        return max(0.1, round(lasted, 1)), next(reversed(self.wire.open_calls))

    async def cut_in(self, after: float, call_id: str | None = None) -> None:
        """The caller cuts in where nothing is being said: a call is at work (None: there is a silence), for so long.

        The call works on, and its answer is kept: interrupting ends what is said, and cancels no tool (SDK 0.24).
        """
        self._state.record(Interrupted, heard=self.wire.heard, call_id=call_id, after=after)
        self.wire.interrupted = self.wire.active is not None
        await self._send(self.session.interrupt())

    async def send_message(self, message: Any) -> None:
        """Send a message as the caller's; the SDK asks for an answer to it."""
        self.wire.awaits_response = True
        await self._send(self.session.send_message(message))

    async def ask_for_response(self, instructions: str | None = None) -> None:
        self.wire.awaits_response = True
        if instructions is None:
            await self.send_raw("response.create")
        else:
            await self.send_raw("response.create", response={"instructions": instructions})

    async def send_audio(self, audio: bytes, *, commit: bool = False) -> None:
        """Send the next piece of the caller's sound. `commit`: their turn ends with it; nothing is asked for."""
        await self._send(self.session.send_audio(audio, commit=commit))

    async def add_item(self, **item: Any) -> None:
        """Put an item into the conversation that nobody answers; the SDK's own `send_message` asks for an answer."""
        await self.send_raw("conversation.item.create", item=item)

    async def send_raw(self, kind: str, **data: Any) -> None:
        """Send a client event that the SDK has no call for. One that is not valid is logged by it, and not sent."""
        message: Any = {"type": kind, "other_data": data} if data else {"type": kind}
        await self._send(self._opened.model.send_event(RealtimeModelSendRawMessage(message=message)))

    async def _send(self, sending: Any) -> None:
        try:
            await sending
        except Exception as problem:
            lost = connection_lost(problem, self._opened)
            if not self._comes_back:  # otherwise what is on record is told to the next session
                raise lost from problem
