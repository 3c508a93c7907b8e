"""A call in the terminal: what hears and speaks in it, and how it goes on beside what is typed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from realtime_scenarios.cli.call_options import WantedCall
from realtime_scenarios.cli.keyboard import CtrlC, EndOfInput, Keyboard, is_terminal, keyboard
from realtime_scenarios.cli.leaving import Leaving
from realtime_scenarios.cli.levels import Levels, Microphone, Segment
from realtime_scenarios.cli.output import echo, unread_because
from realtime_scenarios.cli.screen import Screen
from realtime_scenarios.cli.slash import SlashCommands
from realtime_scenarios.cli.style import width
from realtime_scenarios.cli.talk_key import TalkKey
from realtime_scenarios.cli.voice_keys import SharedKeyboard, StillKeyboard, voice_terminal
from realtime_scenarios.core import ScenarioError, UsageError
from realtime_scenarios.core.snippets import Paint
from realtime_scenarios.core.wrapping import wrapped

if TYPE_CHECKING:
    from realtime_scenarios.cli.voices import AskedVoices, ChosenVoices
    from realtime_scenarios.devices import AudioDevice, Tape
    from realtime_scenarios.project import Project
    from realtime_scenarios.providers import ProviderRequest
    from realtime_scenarios.session import Conversation, LoopClock

_CUT_SHORT = 1.0
"""Seconds in which an answer that was cut into has to end, before what was typed is said all the same."""


OURS = ("offline", "chat")
"""Providers whose model neither hears nor speaks: parts on this machine do it for them."""


def voices_for(provider: str, asked: AskedVoices, project: Project) -> ChosenVoices | None:
    """What hears and speaks for the models of a provider; None: they do it themselves.

    Raises:
        UsageError: something was asked for that cannot be with such models.
    """
    from realtime_scenarios.cli.voices import best_voices

    if provider in OURS and (asked.pace == "real" or provider == "offline"):
        return best_voices(asked, project)
    if asked.pace == "fast":
        raise UsageError(f"--pace fast is for offline: {provider} answers in its own time")
    if asked.detector != "auto" or asked.listener is not None or asked.speaker.part != "auto":
        hint = "leave --stt, --tts and --vad out, or take --provider offline or chat"
        raise UsageError(f"the model of {provider} hears and speaks itself", hint=hint)
    return None


class TerminalCall:
    """One call: its device, the files that it is written to, and who may talk when.

    `voices` None: the model hears and speaks itself. `keys` is what is typed beside the call; where no terminal is, its
    lines answer questions alone.
    """

    def __init__(
        self,
        wanted: WantedCall,
        voices: ChosenVoices | None,
        project: Project,
        tapes: Sequence[Tape],
        screen: Screen,
        clock: LoopClock,
        paint: Paint,
    ) -> None:
        """Look for the device.

        Raises:
            ScenarioError: there is none, or the file cannot be read.
        """
        from realtime_scenarios.session import Call

        session = project.scenario.session
        self._wanted = wanted
        self._voices = voices
        self._is_pushed = wanted.is_pushed or session.turn_detection == "off"
        self._is_fast = voices is not None and voices.voices.pace == "fast"
        self._tapes = tapes
        self._screen = screen
        self._levels = Levels()
        self._device, self._device_says = _device_of(wanted)
        self._call = Call(
            self._device,
            "pushed" if self._is_pushed else "detected",
            output_format=session.output_format,
            watchers=[*map(_onto, tapes), *([self._levels.watch] if is_terminal() else [])],
        )
        self.audio = self._call.audio
        self.keys = SharedKeyboard(self._keys(clock, color=paint("x", "good") != "x"))
        self._conversation: Conversation | None = None
        self._turn: asyncio.Future[None] | None = None
        self._turns: asyncio.Task[None] | None = None
        self._acts: set[asyncio.Task[None]] = set()
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def request(self, request: ProviderRequest) -> ProviderRequest:
        """The request for a model, with what hears and speaks for it."""
        from realtime_scenarios.cli.voices import parts_factory
        from realtime_scenarios.realtime import Pace

        if self._voices is None:
            return request
        voices = self._voices.voices
        # an answer comes as fast as it is heard also where time is virtual: one can cut into it
        in_its_time = Pace(words_per_delta=1, ms_per_word=voices.ms_per_word, follows_speech=not voices.ms_per_word)
        beside = None if self._is_fast else asyncio.to_thread
        return replace(request, pace=in_its_time, parts=parts_factory(voices)(), beside=beside)

    def show_banner(self) -> None:
        """What hears and speaks, how to get better, what is recorded, and how to talk."""
        told = [self._device_says]
        if self._voices is None:
            told.append("the model hears and speaks itself")
        for choice in self._voices.choices if self._voices is not None else ():
            told += [choice.says, *([f"  better: {choice.better}"] if choice.better else [])]
        if self._wanted.both is not None:
            told.append(f"both sides are recorded in {self._wanted.both}: callers have to be told")
        label = "voice"
        for line in (line for text in told for line in wrapped(text, max(20, width(least=0) - 10), indent="  ")):
            echo(f"{label:<10}{line}")
            label = ""
        self._screen.tell(self._how_to_talk)

    @property
    def _how_to_talk(self) -> str:
        if not self.keys.is_person:
            return "standard input answers questions · Ctrl-C leaves"
        talk = "hold space to talk, or press it twice" if self._is_pushed else "speak · m mutes"
        headphones = "" if self._is_pushed or self._wanted.said else "wear headphones, or the agent hears itself\n"
        return f"{headphones}{talk} · type to write · /help for commands · Ctrl-C cuts in"

    def _keys(self, clock: LoopClock, *, color: bool) -> Keyboard:
        if self._is_fast:
            return StillKeyboard(clock)
        if not is_terminal():
            return keyboard()
        if self._is_pushed:
            key = TalkKey(lambda: self._own(self._call.press), lambda: self._own(self._call.release))
            return voice_terminal(self._status, {" ": key.pressed}, color=color)
        return voice_terminal(self._status, {"m": self._mute}, color=color)

    def _own(self, act: Callable[[Conversation], Coroutine[Any, Any, None]]) -> None:
        if self._conversation is not None:
            task = asyncio.create_task(act(self._conversation))
            self._acts.add(task)
            task.add_done_callback(self._acts.discard)
            task.add_done_callback(self._end_if_broken)

    def _mute(self) -> None:
        self._call.is_open = not self._call.is_open

    def _status(self) -> list[Segment]:
        return self._levels.status(self._microphone, width(least=0))

    @property
    def _microphone(self) -> Microphone:
        if self._is_pushed:
            return "held" if self._call.is_open else "waiting"
        return "open" if self._call.is_open else "muted"

    # --- the call ---------------------------------------------------------------------------------------------------

    async def hold(
        self,
        conversation: Conversation,
        commands: SlashCommands,
        leaving: Leaving,
        first: Awaitable[None] | None,
    ) -> None:
        """Carry the call until the person leaves, or the file is through and its answer has been heard.

        `first` is the turn that the call begins with; None: it begins with what is spoken.

        Raises:
            ScenarioError: the device is gone, the conversation cannot go on, or a file cannot be written.
        """
        self._conversation = conversation
        if self._is_pushed and self._wanted.said is not None:
            await self._call.press(conversation)
        self._begin_turns(first)
        ways_to_end: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(self._call.carry(conversation)),
            asyncio.ensure_future(_raise(conversation)),
            self._broken,
        ]
        if self.keys.is_person:
            ways_to_end.append(asyncio.ensure_future(self._type(conversation, commands, leaving)))
        try:
            done, _ = await asyncio.wait(ways_to_end, return_when=asyncio.FIRST_COMPLETED)
            for ended in done:
                ended.result()
        finally:
            tasks = [*ways_to_end, *self._acts, *([self._turns] if self._turns is not None else [])]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._screen.end_line()
        for tape in self._tapes:
            if tape.problem is not None:
                raise tape.problem

    async def take(self, turn: Awaitable[None]) -> None:
        """Take a turn that was not spoken: it cuts into what is going on; what is spoken is heard again after it."""
        assert self._conversation is not None and self._turns is not None
        if not self._conversation.is_quiet or self._device.is_playing:
            await self._conversation.interrupt()
        self._call.cut()
        if not self._conversation.is_quiet and self._turn is not None:
            await asyncio.wait([self._turn], timeout=_CUT_SHORT)
        self._turns.cancel()
        await asyncio.wait([self._turns])
        self._begin_turns(turn)

    def _begin_turns(self, first: Awaitable[None] | None) -> None:
        self._turns = asyncio.create_task(self._take_turns(first))
        self._turns.add_done_callback(self._end_if_broken)

    async def _take_turns(self, first: Awaitable[None] | None) -> None:
        """Take the turn that was begun in another way, and then those that are spoken."""
        assert self._conversation is not None
        turn = first
        while True:
            self._turn = asyncio.ensure_future(turn or self._conversation.next_spoken_turn())
            try:
                await self._turn
            except ScenarioError as problem:
                if self._conversation.failure is not None or turn is None:
                    raise
                self._screen.tell_problem(problem)  # a picture that cannot be read, say
            finally:
                self._turn.cancel()
                await asyncio.wait([self._turn])  # what it leaves behind is in order before the next one begins
                self._screen.end_line()
            turn = None

    def _end_if_broken(self, work: asyncio.Task[None]) -> None:
        if not work.cancelled() and (problem := work.exception()) is not None and not self._broken.done():
            self._broken.set_exception(problem)

    async def _type(self, conversation: Conversation, commands: SlashCommands, leaving: Leaving) -> None:
        """Take what is typed beside the call, until the person leaves."""
        while unread_because() is None:
            try:
                line = (await self.keys.prompted("you  ")).strip()
                leaving.is_not_meant()
                if line.startswith("/"):
                    await commands.run(line)
                elif line:
                    await self.take(conversation.user_says(line))
            except CtrlC:
                if conversation.is_quiet and not self._device.is_playing:
                    leaving.ask()
                else:
                    await conversation.interrupt()
                    self._call.cut()
            except EndOfInput:
                return


async def _raise(conversation: Conversation) -> None:
    raise await conversation.until_failed()


def _device_of(wanted: WantedCall) -> tuple[AudioDevice, str]:
    """The device of the call, and what it is called."""
    from realtime_scenarios.devices import FileDevice, sound_in

    if wanted.said is not None:
        into = f", into {wanted.heard}" if wanted.heard is not None else ""
        return FileDevice(sound_in(wanted.said)), f"from {wanted.said}{into}"
    from realtime_scenarios.devices.portaudio import SoundCard

    card = SoundCard(wanted.microphone, wanted.loudspeaker)
    microphone, loudspeaker = card.names
    return card, f"microphone {microphone}, loudspeaker {loudspeaker}"


@contextlib.contextmanager
def tapes_of(wanted: WantedCall) -> Iterator[list[Tape]]:
    """The files that the call is written to, closed at the end.

    Raises:
        ScenarioError: one exists already, or cannot be written.
    """
    from realtime_scenarios.devices import Tape

    with contextlib.ExitStack() as end:
        tapes = []
        for path, sides, option in ((wanted.heard, 1, "--out"), (wanted.both, 2, "--wav")):
            if path is not None:
                tapes.append(end.enter_context(contextlib.closing(Tape(path, sides=sides, option=option))))
        yield tapes


def _onto(tape: Tape) -> Callable[[Any], None]:
    """What writes a frame to it: the agent alone, or both sides."""
    return (
        (lambda frame: tape.add(frame.heard)) if tape.sides == 1 else (lambda frame: tape.add(frame.said, frame.heard))
    )
