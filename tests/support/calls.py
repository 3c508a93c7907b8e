"""A call that is held in virtual time, and what stands in its trace."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import ScenarioError
from realtime_scenarios.project import load
from realtime_scenarios.project.prompts import SAY_EXACTLY
from realtime_scenarios.project.spending import Budget
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.realtime import Pace, Parts
from realtime_scenarios.realtime.responder import Output, ResponseRequest, SayText
from realtime_scenarios.session import Conversation, run_in_virtual_time
from realtime_scenarios.session.time import DEFAULT_NOW, LoopClock
from realtime_scenarios.telephone.answering import Answering, on_the_telephone
from realtime_scenarios.telephone.approving import Policy
from realtime_scenarios.telephone.media_call import hold_media_stream
from realtime_scenarios.telephone.switchboard import Call, Switchboard
from realtime_scenarios.trace import TraceEvent
from realtime_scenarios.voice import Samples, ScriptedWords, SpeechToText, TextToSpeech, Tone, encoded, resampled
from realtime_scenarios.voice.formats import MU_LAW
from support.carrier import QUIET, BadLine, Phone
from support.sounds import RATE

SPOKEN = Pace(words_per_delta=1, follows_speech=True)


class Following:
    """Gives one prepared answer after the other, and says what it is told to say word for word."""

    def __init__(self, *answers: Sequence[Output]) -> None:
        self._answers = list(answers)

    async def respond(self, request: ResponseRequest) -> Sequence[Output]:
        if (words := request.asked_for) is not None and words.startswith(SAY_EXACTLY):
            return [SayText(words.removeprefix(SAY_EXACTLY).strip('"'))]
        return self._answers.pop(0) if self._answers else ()


@dataclass
class Seen:
    """What came of one call: its events, why it ended, and what went wrong, None: nothing did."""

    call: Call
    events: list[TraceEvent] = field(default_factory=list)
    why: str = ""
    problem: ScenarioError | None = None
    conversation: Conversation | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def on_event(self, event: TraceEvent) -> None:
        self.events.append(event)
        self.news.set()

    def on_delta(self, agent: str, text: str) -> None:
        pass

    def holds(self, conversation: Conversation) -> None:
        self.conversation = conversation

    def ended(self, why: str, problem: ScenarioError | None) -> None:
        self.why, self.problem = why, problem
        self.news.set()

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


@dataclass
class Desk:
    """Who is told of calls; `news` is set whenever there are any."""

    calls: list[Seen] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def witness(self, call: Call) -> Seen:
        self.calls.append(Seen(call, news=self.news))
        self.news.set()
        return self.calls[-1]

    def told(self, message: str) -> None:
        self.messages.append(message)


def mu_law(samples: Samples) -> bytes:
    """Sound at the rate of `support.sounds`, as a telephone carries it."""
    return encoded(resampled(samples, RATE, MU_LAW.rate), MU_LAW)


def silence(ms: int) -> bytes:
    return QUIET * (8 * ms)


def answering(
    path: Path,
    responder: Any,
    *,
    words: tuple[str, ...] = (),
    listener: Callable[[], SpeechToText] | None = None,
    speaker: TextToSpeech | None = None,
    policy: Policy | None = None,
    at_once: bool = False,
    minutes: float | None = None,
) -> Answering:
    """Calls of a scenario are answered by a responder in our own engine; `words` are what callers say, in turn.

    `at_once`: answers come as fast as they are made, as a service's do. `minutes` is how long a call may last.
    """
    project = load(path)
    assert not project.errors, project.errors

    def open_model() -> Any:
        hears = listener() if listener else ScriptedWords(words)
        parts = Parts(listener=hears, speaker=speaker or Tone())
        pace = Pace(words_per_delta=1) if at_once else SPOKEN
        return PROVIDERS["offline"].open(ProviderRequest(responder=responder, pace=pace, parts=parts))

    scenario = on_the_telephone(project.scenario, mu_law=True)
    clock = functools.partial(LoopClock, DEFAULT_NOW)
    return Answering(compiled(scenario), open_model, policy or Policy(), Budget(minutes, None), clock)


@dataclass(frozen=True)
class Held:
    """A call that is over: what was seen of it, the telephone, and how long it was on the line."""

    seen: Seen
    phone: Phone
    lasted_ms: float

    @property
    def sent(self) -> list[Mapping[str, Any]]:
        return list(self.phone.ear.sent)


def called(
    answers: Answering,
    sound: bytes = b"",
    *,
    line: BadLine | None = None,
    dial: Callable[[Phone], None] | None = None,
) -> Held:
    """Hold one call in virtual time: a caller whose side sounds like that, or whatever `dial` makes of it."""

    async def call() -> Held:
        desk, phone = Desk(), Phone()
        if dial is None:
            phone.sounds(sound, line)
        else:
            dial(phone)
        await hold_media_stream(phone, Switchboard(desk, 10), answers)
        assert not desk.messages, desk.messages
        return Held(desk.calls[0], phone, phone.now_ms)

    return run_in_virtual_time(call())


async def over_a_socket(phone: Phone, url: str, **options: Any) -> None:
    """Let a telephone's carrier hold its call with the server there, until one of the two ends it."""
    async with connect(url, ping_interval=None, **options) as socket:

        async def speak() -> None:
            while (text := await phone.receive()) is not None:
                await socket.send(text)
            socket.transport.abort()

        speaking = asyncio.create_task(speak())
        try:
            async for text in socket:
                await phone.send(str(text))
        except ConnectionClosed:
            pass
        finally:
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
        phone.closed = socket.close_code
