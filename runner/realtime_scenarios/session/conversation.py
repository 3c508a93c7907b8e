"""One conversation over the SDK's RealtimeSession: turns in, trace out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from agents.realtime import OpenAIRealtimeSIPModel

from realtime_scenarios.compiler import (
    AsksTextModels,
    Carried,
    CompiledScenario,
    ConversationState,
    Talk,
    TextModels,
    compiled,
    run_config,
)
from realtime_scenarios.core import Clock, ScenarioError, sendable
from realtime_scenarios.project.prompts import word_for_word
from realtime_scenarios.project.spending import Budget, Spending, out_of_time
from realtime_scenarios.providers import Opened
from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.realtime.event_log import EventLog
from realtime_scenarios.session.approval import Approver, NoApprover
from realtime_scenarios.session.approvals import Approvals
from realtime_scenarios.session.cut_in import CutIns
from realtime_scenarios.session.following import Follower, Observer
from realtime_scenarios.session.images import data_url
from realtime_scenarios.session.line import Line
from realtime_scenarios.session.mcp import McpSession
from realtime_scenarios.session.measures import Stopwatch
from realtime_scenarios.session.moment import Moment
from realtime_scenarios.session.opening import make_opening_calls, opening_call_ids
from realtime_scenarios.session.servers import SharedServers
from realtime_scenarios.session.sound import Audio, Sound, format_named
from realtime_scenarios.session.spoken_turns import SpokenTurns
from realtime_scenarios.stubs.session import StubMemory, StubSession
from realtime_scenarios.stubs.tables import Tables
from realtime_scenarios.trace import SessionEnded, Trace, TraceEvent, UserSaid, UserShowed, UserSilent

if TYPE_CHECKING:
    from realtime_scenarios.session.spans import Spans, Telemetry

PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each attempt of a turn to take a lost line up again."""


class Conversation:
    """A conversation with a compiled scenario, wherever the model is. Use it as an asynchronous context manager.

    `patience` is how many seconds the model may give no sign of life; None: as many as its provider gives it. Without
    `makes_opening_calls` nothing is done in the scenario's name, as where it is only tried whether there is a line.
    With `reconnects` a line that is lost is taken up again, and a session whose end is near by `unix_time` is followed
    by a fresh one; where it `ends_by_hanging_up`, one that the other side closes in good order is no failure, but its
    end (`HungUp`). `budget` is what it may take; None: anything. `audio` is how it is held in sound; None: the agent
    speaks where the scenario says so (`output: audio`), the caller types.

    `goes_on_from` is where another conversation was, in place of `context`, `agent` and `state`; None: it begins.

    Every event of the wire is appended to the file `event_log`, None: to none; `labels` stand in each of its lines.
    `telemetry` is where its spans go, None: there are none.

    Raises:
        UsageError: a budget of money is set, and no price is known.
        ScenarioError: the file for events cannot be written.
    """

    def __init__(
        self,
        compiled: CompiledScenario,
        opened: Opened,
        *,
        clock: Clock,
        approver: Approver | None = None,
        observer: Observer | None = None,
        context: Mapping[str, Any] | None = None,
        agent: str | None = None,
        state: str | None = None,
        goes_on_from: Moment | None = None,
        audio: Audio | None = None,
        patience: float | None = None,
        longest_approval: float | None = None,
        shared_servers: SharedServers | None = None,
        makes_opening_calls: bool = True,
        reconnects: bool = False,
        ends_by_hanging_up: bool = False,
        budget: Budget | None = None,
        unix_time: Callable[[], float] = time.time,
        event_log: Path | None = None,
        labels: Mapping[str, str] | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        scenario = compiled.scenario
        self._budget = budget or Budget()
        self.spending = Spending.of(self._budget, opened.model_name, costs=opened.network)
        listeners: list[Callable[[TraceEvent], None]] = [] if observer is None else [observer.on_event]
        if goes_on_from is None:
            known = ConversationState.at_the_start(
                scenario,
                clock,
                context=context,
                agent=agent,
                state=state,
                secrets=opened.secrets,
                listener=lambda event: _tell(listeners, event),
            )
        else:
            known = goes_on_from.state(scenario, clock, opened.secrets, lambda event: _tell(listeners, event))
        self.state = known
        self._goes_on = goes_on_from is not None
        if opened.desk is not None:
            opened.desk.sit_at(known)
        self._spans: Spans | None = None
        if telemetry is not None:
            from realtime_scenarios.session.spans import Spans  # it needs OpenTelemetry, which nobody else does

            self._spans = Spans(telemetry, known, opened.model_name, unix_time())
            listeners.append(self._spans.on_trace_event)
            opened.model.add_listener(self._spans)
        self._event_log: EventLog | None = None
        if event_log is not None and isinstance(opened.model, WireModel):
            self._event_log = EventLog(event_log, known.secrets, clock.now, labels)
            opened.model.log_to(self._event_log)
        if audio is None and scenario.session.output == "audio":
            audio = Audio()
        self._input_format = format_named((audio and audio.input_format) or scenario.session.input_format)
        output_format = format_named(scenario.session.output_format)
        sound = Sound(audio, output_format, clock.monotonic, as_it_comes=not opened.network) if audio else None
        self._line = Line(
            opened,
            known,
            patience=patience,
            pauses=PAUSES if reconnects else (),
            spending=self.spending,
            sound=sound,
            unix_time=unix_time,
            ends_by_hanging_up=ends_by_hanging_up,
        )
        turns = audio.turns if audio is not None else "typed"
        self._caller = SpokenTurns(known, self._line, turns, self._turn_begins)
        remembered = StubMemory() if goes_on_from is None else goes_on_from.stubs
        tables = Tables(scenario.data, remembered.tables)
        approvals = Approvals(known, approver or NoApprover(), longest_approval, self._line, tables)
        stubs = StubSession(
            scenario,
            clock,
            network=opened.network,
            environment=opened.environment,
            keep_secret=known.secrets.add,
            text=AsksTextModels(known, opened.text, approvals.ask_within),
            tables=tables,
            calls=remembered.calls,
            lateness=opened.tool_lateness,
        )
        self._follower = Follower(
            compiled,
            known,
            self._line,
            approvals,
            models=opened.text,
            code=stubs.code,
            observer=observer,
            silent=frozenset(opening_call_ids(scenario)),
            caller=self._caller,
        )
        self._talk = Talk(known, stubs, opened.text, self._line.refresh, self._follower.tripped)
        self._compiled = compiled
        self._shared_servers = shared_servers
        self._makes_opening_calls = makes_opening_calls
        self._config = run_config(
            scenario.session,
            Carried(sound is not None, turns == "detected", audio.input_format if audio else None),
            model=opened.model_name,
            transcription=opened.transcription_models[0],
        )
        self._end = AsyncExitStack()
        self._stopwatch = Stopwatch(known, self._line, {} if goes_on_from is None else goes_on_from.record.measures)

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._end.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end.aclose()

    async def _open(self) -> None:
        if self._spans is not None:
            self._end.callback(lambda spans: spans.end(self.failure), self._spans)
        if self._event_log is not None:
            self._end.callback(self._event_log.close)
        self._end.callback(self._talk.stubs.close)
        agents = self._compiled
        if self.state.scenario.mcp:
            servers = McpSession(self.state, self._shared_servers)
            self._end.push_async_callback(servers.close)
            agents = compiled(self.state.scenario, await servers.start())
        self._end.push_async_callback(self._line.close)
        await self._line.connect(agents, self._talk, self._config, self._follower)
        if (minutes := self._budget.minutes) is not None:
            over = out_of_time(minutes)
            self._end.callback(asyncio.get_running_loop().call_later(minutes * 60, self._line.stop, over).cancel)
        if self._goes_on:
            await self._line.tell_what_was()
        elif self._makes_opening_calls:
            await make_opening_calls(self._talk, self._line)

    async def wanted_session(self) -> dict[str, Any]:
        """The session that the conversation will ask for, in its wire form: what a call by SIP is accepted with."""
        agent = self._compiled.agents[self.state.agent]
        wanted = await OpenAIRealtimeSIPModel.build_initial_session_payload(
            agent, context=self._talk, run_config=self._config
        )
        return wanted.model_dump(mode="json", exclude_unset=True)

    async def user_says(self, text: str, *, interrupts: CutIns | None = None) -> None:
        """The caller says `text`; returns when the turn is over.

        `interrupts` says where the caller cuts in during this turn.

        Raises:
            StalledError: the model stopped showing signs of life; the message says what was waited for.
            ProviderError: the connection was lost, or the server refused the session of an agent.
        """
        text = sendable(text)
        await self._begin_turn(interrupts)
        self.state.record(UserSaid, text=text)
        await self._line.send_message(text)
        await self._turn_over(f"an answer to {text!r}")

    async def send_audio(self, audio: bytes) -> None:
        """The next piece of the caller's sound, in the session's input format, whenever it comes.

        Raises:
            ProviderError: the connection was lost.
        """
        self._caller.sent(self._input_format.ms_of(len(audio)))
        await self._line.send_audio(audio)

    async def end_of_speech(self, ago_ms: float = 0.0) -> None:
        """The caller lets the button go: what they said since the last time is a turn, and is to be answered.

        Raises:
            ProviderError: the connection was lost.
        """
        self.falls_silent(ago_ms)
        await self._line.send_raw("input_audio_buffer.commit")
        await self._line.ask_for_response()

    async def next_spoken_turn(self) -> None:
        """Wait for the next turn of a caller who speaks when they like (`send_audio`), and for its end.

        It begins when the server has heard them out, or with `end_of_speech`. They may cut in by speaking, and the next
        turn may then have begun when this one is over.

        Raises:
            StalledError, ProviderError: as for `user_says`.
        """
        await self.spoken_turn_begins()
        await self.spoken_turn_over()

    async def spoken_turn_begins(self) -> None:
        """Wait until a caller who speaks when they like has begun a turn, and been heard out.

        Raises:
            ProviderError: the connection was lost meanwhile.
        """
        await self._caller.next()

    async def spoken_turn_over(self) -> None:
        """Wait for the end of that turn.

        Raises:
            StalledError, ProviderError: as for `user_says`.
        """
        await self._line.turn_over("an answer to what was spoken")

    async def user_speaks(
        self, speak: Callable[[SpokenTurns], Awaitable[None]], said: str, *, interrupts: CutIns | None = None
    ) -> None:
        """The caller speaks; returns when the turn is over. `speak` sends the sound, until it has been heard out.

        `said` is what they say in truth.

        Raises:
            StalledError, ProviderError: as for `user_says`.
        """
        await self._begin_turn(interrupts)
        self._caller.within(said)
        await speak(self._caller)
        # what was said took its time, too
        self._stopwatch.counts_from(self._caller.heard_at if self._caller.heard else self.state.clock.monotonic())
        if not self._caller.heard:
            self._caller.is_unheard()
        elif self._caller.has_to_ask:
            await self._line.ask_for_response()
        await self._turn_over(f"an answer to {said!r}, which was spoken")

    def falls_silent(self, ago_ms: float = 0.0) -> None:
        """The caller came to the end of what they say so long ago: from then on they wait for an answer."""
        if self._line.sound is not None:
            self._line.sound.falls_silent(ago_ms)

    async def unheard(self) -> None:
        """Whatever is left of the caller's sound is no turn, and will never be."""
        await self._line.send_raw("input_audio_buffer.clear")

    async def user_shows(
        self,
        image: Path,
        text: str | None = None,
        *,
        answered: bool = False,
        interrupts: CutIns | None = None,
    ) -> None:
        """The caller shows a picture: with `text` a turn as any other, without it the picture is only added.

        `answered`: the model is asked for an answer to the picture alone.

        Raises:
            ScenarioError: the picture cannot be read, or it is none.
        """
        picture = {"type": "input_image", "image_url": data_url(image)}
        await self._begin_turn(interrupts)
        self.state.record(UserShowed, image=image.name)
        if text is None:
            await self._line.add_item(type="message", role="user", content=[picture])
            if answered:
                await self._line.ask_for_response()
        else:
            text = sendable(text)
            self.state.record(UserSaid, text=text)
            content = [picture, {"type": "input_text", "text": text}]
            await self._line.send_message({"type": "message", "role": "user", "content": content})
        await self._turn_over("an answer to a picture")

    async def agent_opens(self, *, interrupts: CutIns | None = None) -> None:
        """The agent speaks without being spoken to; returns when the turn is over.

        The first words of a conversation are ordered word for word where the scenario says which.
        """
        opening = self.state.scenario.opening
        is_first = self.state.turn == 0 and self.state.agent == self.state.scenario.start
        words = opening.say if opening is not None and opening.exact and is_first else None
        await self._begin_turn(interrupts)
        await self._line.ask_for_response(word_for_word(words) if words else None)
        await self._turn_over("the agent's opening")

    async def silence(
        self,
        seconds: float,
        *,
        broken_after: float | None = None,
        speaks_up: bool = False,
        interrupts: CutIns | None = None,
    ) -> None:
        """The caller says nothing for so long; whatever the model does about it belongs to the turn.

        `broken_after`: so many seconds, after which the caller cuts in before the silence is over; None: they do not.
        `speaks_up`: the model is asked to say something, as a server does when its idle timeout is over.
        """
        await self._begin_turn(interrupts)
        self.state.record(UserSilent, seconds=seconds)
        await self.state.clock.sleep(seconds if broken_after is None else broken_after)
        if broken_after is not None:
            await self._line.cut_in(broken_after)
        if speaks_up and not self._caller.are_noticed_when_silent_for(seconds):
            await self._line.ask_for_response()
        await self._turn_over("the end of what the silence set off")

    async def _begin_turn(self, interrupts: CutIns | None) -> None:
        """A turn begins that somebody waits for from now on."""
        await self._line.until_up()
        self._caller.within()
        if self._line.sound is not None:
            self._line.sound.types()
        self._turn_begins(interrupts)

    async def _turn_over(self, what: str) -> None:
        try:
            await self._line.turn_over(what)
        finally:
            self._caller.over()

    def _turn_begins(self, interrupts: CutIns | None = None) -> None:
        self._stopwatch.turn_begins()
        self.state.turn += 1
        self.state.trips = 0
        self._follower.begin(interrupts)

    async def interrupt(self) -> None:
        """The caller cuts in: the answer that is being given ends here. A tool that is at work works on."""
        await self._line.interrupt()

    async def ask_aloud(self, question: str) -> None:
        """Have the agent say a question, whatever else is going on in the turn."""
        await self._line.ask_for_response(word_for_word(question))

    async def was_not_heard(self, item_id: str) -> None:
        """Nothing of what the agent said in that item has come to the caller's ear, and nothing will.

        The SDK truncates what is being heard, and knows nothing of what waits behind it.
        """
        await self._line.send_raw("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=0)

    def own(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the turns, which ends with the conversation at the latest."""
        self._line.own(work)

    def interrupt_soon(self) -> None:
        """Cut in from outside of the loop's tasks, such as a signal handler."""
        self._line.own(self.interrupt())

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is to come of what was said so far: no answer and no call, and the caller is not speaking."""
        return self._line.wire.is_quiet() and not self._caller.is_speaking

    @property
    def text_models(self) -> TextModels | None:
        """Where text models are; None: there are none."""
        return self._talk.text

    @property
    def dollars(self) -> float | None:
        """What the models have cost so far, in US dollars by the table's prices; None where they are not known."""
        return self.spending.dollars if self.spending.is_known else None

    @property
    def waits(self) -> list[float]:
        """How many seconds the caller waited for the first words of each turn in which there were any."""
        return self._stopwatch.waits

    @property
    def unlogged(self) -> ScenarioError | None:
        """Why not every event of the wire is in its file; None: all are, as far as they are wanted."""
        return None if self._event_log is None else self._event_log.problem

    @property
    def failure(self) -> ScenarioError | None:
        """Why nothing more will be answered; None: nothing is known against it."""
        return self._line.failure

    async def until_failed(self) -> ScenarioError:
        """Wait until nothing more will be answered; why that is so."""
        return await self._line.until_failed()

    @property
    def moment(self) -> Moment:
        """What it takes to go on from here; at the end of a turn, since what is at work is in none."""
        return Moment.of(
            self.state, self.state.recorder.trace(measures=self._stopwatch.measures), self._talk.stubs.memory
        )

    @property
    def trace(self) -> Trace:
        """What has happened so far, without what has become secret by now."""
        return self.recorded.hidden(self.state.secrets)

    @property
    def recorded(self) -> Trace:
        """What has happened so far as it was when it happened; what became secret only later stands in it."""
        return self.state.recorder.trace(
            self._talk.stubs.tables.read if self.state.scenario.data else None, self._stopwatch.measures
        )

    def read(self, query: str) -> list[dict[str, Any]]:
        """The rows of one SELECT over the tables as they stand now, which may hold secrets.

        Raises:
            QueryFailed: it cannot be run, or it would change something.
        """
        return self._talk.stubs.tables.read(query)

    def finished(self, reason: str) -> Trace:
        """The whole trace as it was recorded, with the reason for its end as the last event.

        Its data can no longer be queried.
        """
        self.state.record(SessionEnded, reason=reason)
        return self.state.recorder.trace(measures=self._stopwatch.measures)


def _tell(listeners: Sequence[Callable[[TraceEvent], None]], event: TraceEvent) -> None:
    for listener in listeners:
        listener(event)
