"""One conversation that the studio holds: its life, and what of it the pages are told.

Theory of operation. A hosted conversation outlives its line: it is there before it is connected and after it has ended,
with one stream of events over all of it. Where it was connected before, or is a copy of another one up to the end of a
turn, the next line goes on from there (`Kept`). Whatever the model does goes the way of every conversation
(`session/`): the studio observes, and speaks to it as a caller does.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from msgspec import structs

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import Clock, ScenarioError, Secrets
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import Project
from realtime_scenarios.project.beginning import Beginning
from realtime_scenarios.project.spending import Budget
from realtime_scenarios.providers import Opened
from realtime_scenarios.providers.wire import WireModel
from realtime_scenarios.realtime.taps import Taps
from realtime_scenarios.session import Conversation, LoopClock
from realtime_scenarios.session.sound import Audio, CallersTurns, Input
from realtime_scenarios.studio.approving import PersonAtThePage
from realtime_scenarios.studio.keepsakes import Keepsakes
from realtime_scenarios.studio.models import Models, WishedModel
from realtime_scenarios.studio.ordering import Change, Order
from realtime_scenarios.studio.refusals import FAILED
from realtime_scenarios.studio.restoring import Restored
from realtime_scenarios.studio.sound import PageSound, SoundFrame
from realtime_scenarios.studio.starting import Rows, with_rows
from realtime_scenarios.studio.stream import About, Stream
from realtime_scenarios.studio.tables import TablesSeen
from realtime_scenarios.studio.turns import TurnTaker
from realtime_scenarios.studio.undo import Kept, Moments, not_undone
from realtime_scenarios.studio.watching import Witness
from realtime_scenarios.studio.wire import Wire
from realtime_scenarios.trace import Trace

YOU_LEFT = "you left"
LONGEST_EARLY = 5.0
"""Seconds in which the item of a text has to come, before the text is shown at the end."""

LONGEST_IDLE = 30 * 60.0
"""Seconds in which nobody says anything and no page asks for anything; then the line is hung up: it may cost money."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A conversation as it was asked for. `codec` is how both sides sound where it is spoken.

    `data` are the rows of those tables that begin otherwise than the scenario has them.
    """

    begins: Beginning
    model: WishedModel
    turns: CallersTurns = "typed"
    codec: Input = "pcm16"
    data: Mapping[str, Rows] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every conversation of a studio has in common. `new_clock` is asked inside the loop, for a beginning.

    `adopt` gives another conversation an id, by which it is made, and holds it; the id. `budget` is what each may take.
    `taps` are where calls are listened to that pages hold with the engine here.
    """

    epoch: str
    models: Models
    adopt: Callable[[Callable[[str], Hosted]], str]
    budget: Budget = Budget()  # noqa: RUF009 - it is frozen
    new_clock: Callable[[datetime.datetime | None], Clock] = LoopClock
    taps: Taps = field(default_factory=Taps)


class Hosted:
    """A conversation at the page. `id` is its name in addresses. `secrets` are known before it begins.

    `over` is settled with the reason when it has ended for good: it is not connected again.
    """

    def __init__(
        self, id: str, project: Project, wish: Wish, around: Surroundings, secrets: tuple[str, ...] = ()
    ) -> None:
        self.id = id
        self.project = project
        self.scenario = with_rows(as_spoken(project.scenario, wish), wish.data)
        self.wish = wish
        self.send_sound: Callable[[bytes], None] = lambda frame: None
        self.conversation: Conversation | None = None
        self.sound: PageSound | None = None
        self.moments = Moments()
        self._around = around
        self._record: tuple[Trace, Secrets] | None = None
        self._began = asyncio.get_running_loop().time()
        self.stream = Stream(around.epoch, Secrets(secrets), self._ms, self._where)
        self._order = Order()
        self._wire = Wire(self.stream, self._order, self._changed, self._prompted)
        self.person = PersonAtThePage(self.scenario, self._asked)
        self._goes_on_from: Kept | None = None
        self._turns: TurnTaker | None = None
        self._life: asyncio.Task[None] | None = None
        self._ends = asyncio.Event()
        self._reason = YOU_LEFT
        self.over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.kept = Keepsakes(f"{project.path.stem}-{id}")
        self._heard_last = ""
        self._active_at = self._began

    def is_used(self) -> None:
        """A person has asked for something."""
        self._active_at = asyncio.get_running_loop().time()

    # --- its life ---------------------------------------------------------------------------------------------------

    @property
    def is_live(self) -> bool:
        """Whether there is a line, or is going to be one."""
        return self._life is not None and not self._life.done()

    @property
    def present(self) -> Conversation | None:
        """The conversation as long as something can be said in it; None: it is not connected, or being hung up."""
        is_ending = self._ends.is_set() or self._turns is None
        return None if is_ending else self.conversation

    def connect(self) -> None:
        """Begin, or go on from where it was; one that is over stays so."""
        if self.over.done():
            return
        self._ends.clear()
        self._reason = YOU_LEFT
        self._tell("Connecting", {"provider": self.wish.model.provider})
        self._life = asyncio.create_task(self._live())

    def disconnect(self, reason: str = YOU_LEFT) -> None:
        """Hang up; what comes of that are events."""
        self._reason = reason
        self._ends.set()
        if self.conversation is None and self._life is not None:
            self._life.cancel()  # it is not connected yet, and may never be

    async def close(self, reason: str = YOU_LEFT) -> None:
        """Hang up; returns when the line is gone."""
        self.disconnect(reason)
        await self.line_over()

    async def line_over(self) -> str:
        """Wait until there is no line; why it has ended."""
        if self._life is not None:
            await asyncio.wait([self._life])
        return self._reason

    async def end(self, reason: str = YOU_LEFT) -> None:
        """Hang up for good, and let go of all that it holds: nobody will look at it again."""
        if not self.over.done():
            self.over.set_result(reason)
        await self.close(reason)
        self.moments = Moments()
        self._goes_on_from = None
        self.kept.forget()

    async def _live(self) -> None:
        """Hold the conversation from its connection to its end."""
        reason, hint = FAILED, None
        try:
            async with await self._opened() as conversation:
                self.conversation = conversation
                try:
                    problem = await self._held(conversation)
                finally:
                    await self._hung_up(conversation)
                reason, hint = (self._reason, None) if problem is None else (problem.message, problem.hint)
        except ScenarioError as problem:
            reason, hint = problem.message, problem.hint
        except asyncio.CancelledError:
            reason = self._reason
            raise
        finally:
            self._reason = reason
            self.conversation = self._turns = self.sound = None
            self._tell("Disconnected", {"reason": reason, "hint": hint})

    async def _held(self, conversation: Conversation) -> ScenarioError | None:
        """Take turns until somebody ends it; why nothing more is answered, None: the person ended it."""
        self._turns = TurnTaker(conversation, self.sound, self._turn_over, self._problem)
        connected = {**self._line_told(), "agent": conversation.state.agent}
        self._tell("Connected", {**connected, "state": conversation.state.here, "turn": conversation.state.turn})
        self._tables = TablesSeen(self.scenario, conversation.read, self._tell)
        self._tables.look()
        self._keep()
        self._turns.begin(self._first_turn(conversation))
        ends = asyncio.ensure_future(self._ends.wait())
        idle = asyncio.ensure_future(self._idle())
        failed = asyncio.ensure_future(conversation.until_failed())
        try:
            await asyncio.wait([ends, failed, idle], return_when=asyncio.FIRST_COMPLETED)
            problem = failed.result() if failed.done() else None
            if problem is not None:
                self._reason = problem.message
            return problem
        finally:
            for waiting in (ends, failed, idle):
                waiting.cancel()

    async def _idle(self) -> None:
        """Wait until nobody has done anything for too long."""
        loop = asyncio.get_running_loop()
        while (left := self._active_at + LONGEST_IDLE - loop.time()) > 0:  # noqa: ASYNC110 - a moment that moves
            await asyncio.sleep(left)
        self._reason = f"nobody did anything for {LONGEST_IDLE / 60:g} minutes"

    async def _hung_up(self, conversation: Conversation) -> None:
        self._ends.set()  # nothing more is taken
        if self._turns is not None:
            await self._turns.end()
        self._end_recording()
        self._goes_on_from = self.moments.last
        conversation.finished(self._reason)
        self._record = (conversation.trace, conversation.state.secrets)

    def _line_told(self) -> dict[str, Any]:
        """Who answers, and how it is spoken; `voice` None: it is typed."""
        wish = self.wish
        carrier = "socket" if wish.model.call is None else "webrtc"
        voice = {"turns": wish.turns, "codec": wish.codec, "carrier": carrier} if wish.model.voice else None
        return {"provider": wish.model.provider, "voice": voice}

    async def _opened(self) -> Conversation:
        before, begins = self._goes_on_from, self.wish.begins
        model = replace(self.wish.model, sessions_before=self._wire.connections)
        opened = await self._around.models.open(self.project, model)
        audio = Audio(self.wish.turns) if self.wish.model.call is not None else None
        if self.wish.model.voice and audio is None:
            self.sound = PageSound(
                self.stream,
                lambda frame: self.send_sound(frame),
                self._wire.shown,
                turns=self.wish.turns,
                output_format=self.scenario.session.output_format,
                input_format=self.wish.codec,
            )
            audio = self.sound.audio
            self._wire.bytes_per_sample = len(self.sound.output.silence)
        conversation = Conversation(
            compiled(self.scenario),
            opened,
            clock=self._around.new_clock(begins.now if before is None or begins.now is None else before.moment.now),
            approver=self.person,
            observer=Witness(self.scenario, self.stream, self._order, self._wire, self),
            context=begins.context,
            agent=begins.agent,
            state=begins.state,
            goes_on_from=None if before is None else before.moment,
            audio=audio,
            budget=self._around.budget,
            reconnects=opened.network and model.call is None,
        )
        self._watch(opened, conversation)
        return conversation

    def _watch(self, opened: Opened, conversation: Conversation) -> None:
        self.stream.knows(conversation.state.secrets)
        if isinstance(opened.model, WireModel):
            opened.model.log_to(self._wire)

    def _first_turn(self, conversation: Conversation) -> Callable[[], Awaitable[None]] | None:
        opening, begins = self.scenario.opening, self.wish.begins
        is_from_the_start = begins.agent == self.scenario.start and begins.state is None
        speaks = opening is not None and opening.speaks == "agent" and is_from_the_start
        return conversation.agent_opens if speaks and self._goes_on_from is None else None

    def trace(self) -> Trace | None:
        """What has happened on the present line, or on the last one, without secrets; None: there was none."""
        if self.conversation is not None:
            return self.conversation.trace
        return None if self._record is None else self._record[0]

    def secrets(self) -> Secrets:
        """What must not be written down of it."""
        if self.conversation is not None:
            return self.conversation.state.secrets
        return Secrets() if self._record is None else self._record[1]

    # --- turns ------------------------------------------------------------------------------------------------------

    async def take(self, turn: Callable[[], Awaitable[None]], cmd: str) -> None:
        """Take a turn that a page has asked for by that command; it cuts into what goes on.

        Returns when the line has taken it, which shows by what the server says next.

        Raises:
            ScenarioError: the line is lost.
        """
        assert self._turns is not None, "it is not connected"
        self._tell("Typed", {"cmd": cmd})
        await self._turns.take(turn, self._wire.next_of_server)

    def _turn_over(self) -> None:
        if self.conversation is not None:
            self._active_at = asyncio.get_running_loop().time()
            self._tell("TurnOver", {"turn": self.conversation.state.turn})
            self._keep()

    def _keep(self) -> None:
        """Remember how it is now, to go back to."""
        if self.conversation is not None:
            moment, always = self.conversation.moment, dict(self.person.remembered)
            self.moments.keep(Kept(moment.turn, self.stream.last, self._order.items, moment, always))

    async def set_agent(self, agent: str) -> None:
        """Go on with another agent, in its first state; what was said is known to it."""
        before = self._goes_on_from if self.conversation is None else self.moments.last
        was_live = self.is_live
        await self.close("another agent was chosen")
        if before is None:
            self.wish = replace(self.wish, begins=structs.replace(self.wish.begins, agent=agent, state=None))
        else:
            moment = replace(before.moment, agent=agent)
            self._goes_on_from = replace(before, moment=moment)
        self._tell("AgentChosen", {"agent": agent})
        if was_live:
            self.connect()

    async def go_back_to(self, kept: Kept) -> list[dict[str, str]]:
        """Go back to the end of a turn, and on from there; what of the turns after it cannot be undone."""
        was_live, happened = self.is_live, self.trace()
        await self.close(f"you went back to the end of turn {kept.turn}")
        events = () if happened is None else happened.events[len(kept.moment.record.events) :]
        cannot = not_undone(self.scenario, events)
        self.stream.undo(kept.seq)
        self._tell("Undone", {"turn": kept.turn, "seq": kept.seq, "cannot": cannot})
        self.moments.go_back_to(kept)
        self._go_on_from(kept)
        if was_live:
            self.connect()
        return cannot

    def fork(self, kept: Kept) -> str:
        """Another conversation, which is this one up to the end of a turn; its id."""
        happened = self.trace()
        events = () if happened is None else happened.events[len(kept.moment.record.events) :]

        def made(id: str) -> Hosted:
            copy = Hosted(id, self.project, self.wish, self._around, kept.moment.secrets)
            copy._wire.goes_on_after(self._order.items, self._wire.connections)
            numbers = copy.stream.copied(self.stream.picture(kept.seq))
            copy.moments = self.moments.moved(numbers, kept)
            copy._began -= copy.stream.last_at / 1000
            own = replace(kept, seq=copy.stream.last)
            copy._go_on_from(own)
            copy._tell(
                "Disconnected", {"reason": f"a copy of {self.id} up to the end of turn {kept.turn}", "hint": None}
            )
            cannot = not_undone(self.scenario, events)
            copy._tell("Forked", {"from": self.id, "turn": kept.turn, "cannot": cannot})
            return copy

        return self._around.adopt(made)

    def begin_with(self, before: Restored) -> None:
        """Begin where a conversation of an earlier run of the server was."""
        self.stream.copied(before.picture)
        self._wire.goes_on_after(before.items, 1)
        self._began -= self.stream.last_at / 1000
        self._tell("Restored", {"turn": before.moment.turn, "lost": before.lost})
        kept = Kept(before.moment.turn, self.stream.last, before.items, before.moment, {})
        self.moments.keep(kept)
        self._go_on_from(kept)

    def _go_on_from(self, kept: Kept) -> None:
        self._goes_on_from = kept
        self._order.goes_on_after(list(kept.items))
        self.person.remembered = dict(kept.always)

    # --- sound ------------------------------------------------------------------------------------------------------

    async def hear(self, data: bytes) -> None:
        """A binary frame of the page: the caller's sound. What is no frame of sound is dropped."""
        frame = SoundFrame.read(data)
        if frame is None or self.sound is None or self.conversation is None or not self.sound.is_open:
            return
        await self._send_sound(self.conversation, self.sound.from_microphone(frame))

    async def fall_silent(self) -> None:
        """The microphone is closed where the server finds the turns: without silence it would find no end of one."""
        if self.sound is not None and self.conversation is not None:
            await self._send_sound(self.conversation, self.sound.silence(_ms_of_silence(self.scenario)))

    async def _send_sound(self, conversation: Conversation, sound: bytes) -> None:
        self.kept.heard_caller(sound)
        with contextlib.suppress(ScenarioError):  # that the line is lost is told elsewhere
            await conversation.send_audio(sound)

    def record(self, *, on: bool) -> None:
        """Record both sides of what is spoken from now on, or no more.

        Raises:
            ScenarioError: the file cannot be written.
        """
        if on and not self.kept.is_recording:
            if self.sound is not None:
                self.kept.begin_recording(self.sound)
            elif self.wish.model.call is not None:
                self.kept.begin_recording_of_call(self._around.taps, self.wish.model.call)
            self._tell("RecordingBegan", {})
        elif not on:
            self._end_recording()

    def _end_recording(self) -> None:
        if self.kept.is_recording:
            self.kept.end_recording()
            self._tell("RecordingEnded", {"recordings": len(self.kept.recorded)})

    # --- what pages are told ----------------------------------------------------------------------------------------

    def _tell(self, kind: str, data: Mapping[str, Any], about: About | None = None) -> None:
        self.stream.add("studio", kind, data, about)

    def _problem(self, problem: ScenarioError) -> None:
        self._tell("Problem", {"message": problem.message, "hint": problem.hint})

    def interrupted(self, heard: str) -> None:
        """What the caller had heard of an answer when they cut in."""
        self._heard_last = heard

    def returned(self) -> None:
        """A tool has answered: it may have changed the tables."""
        self._tables.look()

    def came_early(self, item: str) -> None:
        """A text has come whose item has not: it is shown all the same when that does not come in time."""
        loop = asyncio.get_running_loop()
        about = About(item, cause=self._wire.cause)
        loop.call_later(LONGEST_EARLY, lambda: self._changed(self._order.shown_all_the_same(item), about))

    def _asked(self, data: Mapping[str, Any], about: About) -> None:
        made = self._wire.calls.get(about.call or "", about)
        self._tell("ApprovalOpen", data, About(made.item, made.response, about.call, made.cause, about.place))

    def _changed(self, changes: Iterable[Change], about: About) -> None:
        for change in changes:
            whose = About(change.item, about.response, about.call, about.cause)
            data = change.data
            if change.kind == "Heard":
                whole = None if self.sound is None else self.sound.of_ms(change.item)
                data = {**data, "of_ms": whole, "text": self._heard_last}
            self._tell(change.kind, data, whose)

    def _prompted(self, session: Mapping[str, Any]) -> None:
        if "instructions" in session:
            agent = self._where()[1]
            data = {"agent": agent, "instructions": session["instructions"], "tools": session.get("tools", [])}
            self._tell("PromptSent", data, About(cause=session["cause"]))

    def _where(self) -> tuple[int, str | None]:
        if self.conversation is None:
            before = self._goes_on_from
            return (0, self.wish.begins.agent) if before is None else (before.turn, before.moment.agent)
        return self.conversation.state.turn, self.conversation.state.agent

    def _ms(self) -> float:
        return (asyncio.get_running_loop().time() - self._began) * 1000


def as_spoken(scenario: Scenario, wish: Wish) -> Scenario:
    """The scenario as it is talked to: spoken where that is wished, with both sides in the codec that is."""
    if not wish.model.voice:
        return scenario
    session = structs.replace(scenario.session, output="audio")
    if session.turn_detection == "off" and wish.turns == "detected":
        session = structs.replace(session, turn_detection=None)
    if wish.codec != "pcm16":
        session = structs.replace(session, input_format=wish.codec, output_format=wish.codec)
    return structs.replace(scenario, session=session)


def _ms_of_silence(scenario: Scenario) -> int:
    """So much silence ends a turn: what the scenario says, or what the service takes by itself, and more."""
    detection = scenario.session.turn_detection
    said = detection.get("silence_duration_ms") if isinstance(detection, Mapping) else None
    return int(said) + 300 if isinstance(said, int) else 1000
