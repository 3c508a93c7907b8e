"""One conversation that the studio holds: its commands, its life, and what of it the pages are told.

Theory of operation. A hosted conversation outlives its line: it is there before it is connected and after it has ended,
with one stream of events over all of it. Commands come from the page that owns it, each with an id by which one that is
sent twice acts once. A command is answered when it has begun; what comes of it are events. Whatever the model does
goes the way of every conversation (`session/`): the studio observes, and speaks to it as a caller does.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import Clock, ScenarioError, Secrets
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import Project
from realtime_scenarios.project.beginning import Beginning
from realtime_scenarios.session import Conversation, LoopClock
from realtime_scenarios.session.sound import CallersTurns, Input
from realtime_scenarios.studio.approving import PersonAtThePage
from realtime_scenarios.studio.models import Models, WishedModel
from realtime_scenarios.studio.ordering import Change, Order
from realtime_scenarios.studio.sound import PageSound, SoundFrame
from realtime_scenarios.studio.stream import About, Stream
from realtime_scenarios.studio.turns import TurnTaker
from realtime_scenarios.studio.watching import Witness
from realtime_scenarios.studio.wire import Wire
from realtime_scenarios.trace import Trace

LONGEST_TEXT = 100_000
_REMEMBERED_COMMANDS = 256


class CommandRefused(Exception):
    """A command that is not done; why."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A conversation as it was asked for. `codec` is how both sides sound where it is spoken."""

    begins: Beginning
    model: WishedModel
    turns: CallersTurns = "typed"
    codec: Input = "pcm16"


class Hosted:
    """A conversation at the page. `send_sound` gives a frame to the page that owns it.

    `clock` is made inside the loop. `id` is its name in addresses.
    """

    def __init__(
        self,
        id: str,
        epoch: str,
        project: Project,
        wish: Wish,
        models: Models,
        *,
        clock: Callable[[], Clock] = LoopClock,
    ) -> None:
        self.id = id
        self.project = project
        self.scenario = as_spoken(project.scenario, wish)
        self.wish = wish
        self.send_sound: Callable[[bytes], None] = lambda frame: None
        self.conversation: Conversation | None = None
        self._record: tuple[Trace, Secrets] | None = None
        self._models = models
        self._new_clock = clock
        self._began = asyncio.get_running_loop().time()
        self.stream = Stream(epoch, Secrets(), self._ms, self._where)
        self._order = Order()
        self._wire = Wire(self.stream, self._order, self._changed, self._prompted)
        self._person = PersonAtThePage(self.scenario, self._asked)
        self._sound: PageSound | None = None
        self._turns: TurnTaker | None = None
        self._life: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._work: set[asyncio.Task[Any]] = set()
        self._commands: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self.commands: dict[str, Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any] | None]]] = {
            "connect": self._connect,
            "disconnect": self._disconnect,
            "say": self._say,
            "interrupt": self._interrupt,
            "approve": self._approve,
            "reject": self._reject,
            "ptt_down": self._press,
            "ptt_up": self._release,
            "mic": self._microphone,
            "played": self._played,
        }

    # --- commands ---------------------------------------------------------------------------------------------------

    async def do(self, command: Mapping[str, Any]) -> dict[str, Any]:
        """Do what a page says; what it is answered. A command that came before is not done again."""
        name = command.get("cmd")
        if not isinstance(name, str) or not name:
            return {"refused": None, "why": "a command has an id of its own: cmd"}
        if name in self._commands:
            return self._commands[name]
        try:
            do = self.commands.get(str(command.get("do")))
            if do is None:
                raise CommandRefused(f"there is no command '{command.get('do')}'")
            answer = {"ack": name, **(await do(command) or {})}
        except CommandRefused as problem:
            answer = {"refused": name, "why": str(problem)}
        except ScenarioError as problem:
            answer = {"refused": name, "why": problem.message, "hint": problem.hint}
        self._commands[name] = answer
        while len(self._commands) > _REMEMBERED_COMMANDS:
            self._commands.popitem(last=False)
        return answer

    async def _connect(self, command: Mapping[str, Any]) -> None:
        if self.is_live:
            raise CommandRefused("it is connected already")
        self._stop.clear()
        self._tell("Connecting", {"provider": self.wish.model.provider})
        self._life = asyncio.create_task(self._live())

    async def _disconnect(self, command: Mapping[str, Any]) -> None:
        self._require_line()
        self._stop.set()

    async def _say(self, command: Mapping[str, Any]) -> None:
        conversation, turns = self._require_line()
        text = command.get("text")
        if not isinstance(text, str) or not text.strip():
            raise CommandRefused("there is nothing to say")
        if len(text) > LONGEST_TEXT:
            raise CommandRefused(f"a message may have {LONGEST_TEXT:,} characters")
        self._own(turns.take(lambda: conversation.user_says(text)))

    async def _interrupt(self, command: Mapping[str, Any]) -> None:
        conversation, _ = self._require_line()
        await conversation.interrupt()
        if self._sound is not None:
            self._sound.cut()

    async def _approve(self, command: Mapping[str, Any]) -> None:
        fields = command.get("fields") or {}
        if not isinstance(fields, Mapping) or not all(isinstance(value, str) for value in fields.values()):
            raise CommandRefused("the fields of an approval are texts")
        with _waiting():
            self._person.approve(str(command.get("call")), dict(fields), remember=bool(command.get("remember")))

    async def _reject(self, command: Mapping[str, Any]) -> None:
        reason = command.get("reason")
        with _waiting():
            self._person.reject(str(command.get("call")), str(reason) if reason else None)

    async def _press(self, command: Mapping[str, Any]) -> None:
        conversation, sound = self._require_voice()
        sound.is_open = True
        await conversation.interrupt()
        sound.cut()
        if sound.audio.turns == "pushed":
            await conversation.unheard()

    async def _release(self, command: Mapping[str, Any]) -> None:
        conversation, sound = self._require_voice()
        sound.is_open = False
        if sound.audio.turns == "pushed":
            await conversation.end_of_speech()

    async def _microphone(self, command: Mapping[str, Any]) -> None:
        _, sound = self._require_voice()
        sound.is_open = bool(command.get("on"))

    async def _played(self, command: Mapping[str, Any]) -> None:
        item, samples = command.get("item"), command.get("samples")
        if self._sound is not None and isinstance(item, str) and isinstance(samples, int):
            self._sound.played(item, samples)

    async def hear(self, data: bytes) -> None:
        """A binary frame of the page: the caller's sound. What is no frame of sound is dropped."""
        frame = SoundFrame.read(data)
        if frame is None or self._sound is None or self.conversation is None or not self._sound.is_open:
            return
        with contextlib.suppress(ScenarioError):  # that the line is lost is told elsewhere
            await self.conversation.send_audio(self._sound.from_microphone(frame))

    def _require_line(self) -> tuple[Conversation, TurnTaker]:
        if self.conversation is None or self._turns is None:
            raise CommandRefused("it is not connected")
        return self.conversation, self._turns

    def _require_voice(self) -> tuple[Conversation, PageSound]:
        conversation, _ = self._require_line()
        if self._sound is None:
            raise CommandRefused("it is not spoken: begin one with voice")
        return conversation, self._sound

    # --- its life ---------------------------------------------------------------------------------------------------

    @property
    def is_live(self) -> bool:
        """Whether there is a line, or is going to be one."""
        return self._life is not None and not self._life.done()

    async def _live(self) -> None:
        """Hold the conversation from its connection to its end."""
        reason, hint = "you left", None
        try:
            async with await self._opened() as conversation:
                self.conversation = conversation
                self._turns = TurnTaker(conversation, self._sound, self._turn_over, self._problem)
                self._tell("Connected", {"provider": self.wish.model.provider, "agent": conversation.state.agent})
                self._turns.begin(self._first_turn(conversation))
                try:
                    problem = await self._until_over(conversation)
                    if problem is not None:
                        reason, hint = problem.message, problem.hint
                finally:
                    await self._turns.stop()
                    conversation.finished(reason)
        except ScenarioError as problem:
            reason, hint = problem.message, problem.hint
        except asyncio.CancelledError:
            reason = "the server stopped"
            raise
        finally:
            if self.conversation is not None:
                self._record = (self.conversation.trace, self.conversation.state.secrets)
            self.conversation = self._turns = self._sound = None
            self._tell("Disconnected", {"reason": reason, "hint": hint})

    async def _opened(self) -> Conversation:
        opened = await self._models.open(self.project, self.wish.model)
        if self.wish.model.voice:
            self._sound = PageSound(
                self.stream,
                lambda frame: self.send_sound(frame),
                self._wire.shown,
                turns=self.wish.turns,
                output_format=self.scenario.session.output_format,
                input_format=self.wish.codec,
            )
            self._wire.bytes_per_sample = len(self._sound.output.silence)
        witness = Witness(self.scenario, self.stream, self._order, self._wire)
        begins = self.wish.begins
        conversation = Conversation(
            compiled(self.scenario),
            opened,
            clock=self._new_clock(),
            approver=self._person,
            observer=witness,
            context=begins.context,
            agent=begins.agent,
            state=begins.state,
            audio=None if self._sound is None else self._sound.audio,
            reconnects=opened.network,
        )
        self.stream.knows(conversation.state.secrets)
        opened.model.log_to(self._wire)  # type: ignore[attr-defined]
        return conversation

    def _first_turn(self, conversation: Conversation) -> Callable[[], Awaitable[None]] | None:
        opening, begins = self.scenario.opening, self.wish.begins
        is_from_the_start = begins.agent == self.scenario.start and begins.state is None
        speaks = opening is not None and opening.speaks == "agent" and is_from_the_start
        return conversation.agent_opens if speaks else None

    async def _until_over(self, conversation: Conversation) -> ScenarioError | None:
        """Wait until somebody ends it; None: the person did."""
        stopped = asyncio.ensure_future(self._stop.wait())
        failed = asyncio.ensure_future(conversation.until_failed())
        try:
            await asyncio.wait([stopped, failed], return_when=asyncio.FIRST_COMPLETED)
            return failed.result() if failed.done() else None
        finally:
            stopped.cancel()
            failed.cancel()

    async def close(self) -> None:
        """End it; returns when nothing of it is at work."""
        self._stop.set()
        for task in self._work:
            task.cancel()
        if self._life is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._life

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

    # --- what pages are told ----------------------------------------------------------------------------------------

    def _tell(self, kind: str, data: Mapping[str, Any], about: About | None = None) -> None:
        self.stream.add("studio", kind, data, about)

    def _turn_over(self) -> None:
        conversation = self.conversation
        if conversation is not None:
            self._tell("TurnOver", {"turn": conversation.state.turn})

    def _problem(self, problem: ScenarioError) -> None:
        self._tell("Problem", {"message": problem.message, "hint": problem.hint})

    def _asked(self, data: Mapping[str, Any], about: About) -> None:
        made = self._wire.calls.get(about.call or "", about)
        self._tell("ApprovalOpen", data, About(made.item, made.response, about.call, made.cause, about.place))

    def _changed(self, changes: Iterable[Change], about: About) -> None:
        for change in changes:
            whose = About(change.item, about.response, about.call, about.cause)
            self._tell(change.kind, change.data, whose)

    def _prompted(self, session: Mapping[str, Any]) -> None:
        if "instructions" in session:
            agent = self._where()[1]
            data = {"agent": agent, "instructions": session["instructions"], "tools": session.get("tools", [])}
            self._tell("PromptSent", data, About(cause=session["cause"]))

    def _where(self) -> tuple[int, str | None]:
        if self.conversation is None:
            return 0, self.wish.begins.agent
        return self.conversation.state.turn, self.conversation.state.agent

    def _ms(self) -> float:
        return (asyncio.get_running_loop().time() - self._began) * 1000

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)


def as_spoken(scenario: Scenario, wish: Wish) -> Scenario:
    """The scenario as it is talked to: spoken where that is wished, with both sides in the codec that is."""
    if not wish.model.voice:
        return scenario
    session = replace(scenario.session, output="audio")
    if session.turn_detection == "off" and wish.turns == "detected":
        session = replace(session, turn_detection=None)
    if wish.codec != "pcm16":
        session = replace(session, input_format=wish.codec, output_format=wish.codec)
    return replace(scenario, session=session)


@contextlib.contextmanager
def _waiting() -> Any:
    try:
        yield
    except KeyError:
        raise CommandRefused("that call does not wait for an approval") from None
