"""What the page that owns a conversation may say: its commands, each done once however often it is sent."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.studio.refusals import FAILED, Refusal, brief

if TYPE_CHECKING:
    from realtime_scenarios.session import Conversation
    from realtime_scenarios.studio.hosted import Hosted
    from realtime_scenarios.studio.sound import PageSound

LONGEST_TEXT = 100_000
MOST_PICTURE_BYTES = 4 * 1024 * 1024
_PICTURES = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp", "image/gif": ".gif"}
LONGEST_ON_THE_LINE = 10.0
"""Seconds in which a line has to take what is said on it."""

_REMEMBERED = 256
NEEDS_A_LINE = frozenset(("say", "image", "interrupt", "ptt_down", "ptt_up", "mic", "record"))
GOES_WITH_SOUND = frozenset(("interrupt", "ptt_down", "ptt_up", "mic", "record", "played"))
"""Commands that are done before the next frame of sound is taken."""


class CommandRefused(Exception):
    """A command that is not done; why, and the way out."""

    def __init__(self, why: str, hint: str | None = None) -> None:
        super().__init__(why)
        self.hint = hint


Told = Mapping[str, Any]
Do = Callable[[Told], Awaitable[Told | None]]


_NOT_SPOKEN = "it is not spoken: begin one with voice"


class Commands:
    """The commands of one conversation."""

    def __init__(self, hosted: Hosted) -> None:
        self._hosted = hosted
        self._answered: OrderedDict[str, asyncio.Future[Told]] = OrderedDict()
        self._known: Mapping[str, Do] = {
            "connect": self._connect,
            "disconnect": self._disconnect,
            "say": self._say,
            "image": self._image,
            "interrupt": self._interrupt,
            "approve": self._approve,
            "reject": self._reject,
            "ptt_down": self._press,
            "ptt_up": self._release,
            "mic": self._microphone,
            "played": self._played,
            "set_agent": self._set_agent,
            "undo": self._undo,
            "fork": self._fork,
            "record": self._record,
        }

    def do(self, told: Told) -> asyncio.Future[Told]:
        """Do what a page says, also where the page goes meanwhile; its answer, once it is done or cut off.

        A command that came before is answered as it is, or will be, answered for the first time.
        """
        name = told.get("cmd")
        if not isinstance(name, str) or not 0 < len(name) <= 100:
            nameless: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
            nameless.set_result({"refused": None, "why": "a command has an id of its own: cmd"})
            return nameless
        if told.get("do") != "played":
            self._hosted.is_used()
        if name not in self._answered:
            self._answered[name] = asyncio.ensure_future(self._answer(name, told))
            for old in [old for old, answer in self._answered.items() if answer.done()][: -_REMEMBERED or None]:
                del self._answered[old]
        return self._answered[name]

    async def settled(self) -> None:
        """Wait until every command that came is answered."""
        if under_way := [answer for answer in self._answered.values() if not answer.done()]:
            await asyncio.wait(under_way)

    async def _answer(self, name: str, told: Told) -> Told:
        try:
            return {"ack": name, **(await self._done(told) or {})}
        except CommandRefused as problem:
            why, hint = str(problem), problem.hint
        except (ScenarioError, Refusal) as problem:
            why, hint = problem.message, problem.hint
        except Exception as unforeseen:
            told_of = {"message": "a command of the studio's page failed", "exception": unforeseen}
            asyncio.get_running_loop().call_exception_handler(told_of)
            why, hint = FAILED, None
        return {"refused": name, "why": why, **({"hint": hint} if hint else {})}

    async def _done(self, told: Told) -> Told | None:
        """Do it, for as long as there is that which it is about: a conversation, and perhaps a line."""
        kind = told.get("do")
        do = self._known.get(kind) if isinstance(kind, str) else None
        if do is None:
            raise CommandRefused(f"there is no command '{brief(kind)}'")
        if self._hosted.over.done():
            raise CommandRefused(f"the conversation has ended: {self._hosted.over.result()}", "begin a new one")
        needs_a_line = kind in NEEDS_A_LINE
        work = asyncio.ensure_future(do(told))
        end = asyncio.ensure_future(self._hosted.line_over() if needs_a_line else asyncio.shield(self._hosted.over))
        try:
            longest = LONGEST_ON_THE_LINE if needs_a_line else None
            await asyncio.wait([work, end], timeout=longest, return_when=asyncio.FIRST_COMPLETED)
            if work.done() and not work.cancelled():
                return work.result()
            if end.done():
                raise CommandRefused(f"the conversation has ended meanwhile: {end.result()}", "connect, and try again")
            message = f"the line has not taken it for {LONGEST_ON_THE_LINE:g} seconds"
            raise CommandRefused(message, "it may be lost: disconnect, and connect again")
        finally:
            end.cancel()
            if not work.done():
                work.cancel()
                await asyncio.wait([work])

    # --- the line ---------------------------------------------------------------------------------------------------

    async def _connect(self, told: Told) -> None:
        if self._hosted.is_live:
            raise CommandRefused("it is connected already")
        self._hosted.connect()

    async def _disconnect(self, told: Told) -> None:
        if not self._hosted.is_live:
            raise CommandRefused("it is not connected")
        self._hosted.disconnect()

    async def _set_agent(self, told: Told) -> None:
        agent = told.get("agent")
        if not isinstance(agent, str) or agent not in self._hosted.scenario.agents:
            raise CommandRefused(f"there is no agent '{brief(agent)}'")
        await self._hosted.set_agent(agent)

    async def _undo(self, told: Told) -> Told:
        turn = told.get("turn")
        kept = self._hosted.moments.at_turn(turn) if _is_number(turn) else None
        if kept is None:
            raise CommandRefused("there is no such turn to go back to")
        return {"turn": kept.turn, "cannot": await self._hosted.go_back_to(kept)}

    async def _fork(self, told: Told) -> Told:
        seq = told.get("seq")
        kept = self._hosted.moments.at(seq) if _is_number(seq) else None
        if kept is None:
            raise CommandRefused("no turn has ended by then: there is nothing to go on from")
        await self._hosted.stream.settled()
        return {"id": self._hosted.fork(kept), "turn": kept.turn}

    # --- what is said -----------------------------------------------------------------------------------------------

    async def _say(self, told: Told) -> None:
        text = _text_in(told)
        if not text.strip() and not told.get("image"):
            raise CommandRefused("there is nothing to say")
        if told.get("image"):
            await self._image({**told, "data_url": told["image"], "ask": True})
            return
        conversation = self._conversation
        await self._hosted.take(lambda: conversation.user_says(text), told["cmd"])

    async def _image(self, told: Told) -> None:
        conversation, text = self._conversation, _text_in(told)
        suffix, data = _picture_in(told.get("data_url"))
        path = self._hosted.kept.picture(data, suffix)
        asks = bool(told.get("ask"))
        await self._hosted.take(lambda: conversation.user_shows(path, text or None, answered=asks), told["cmd"])

    async def _interrupt(self, told: Told) -> None:
        await self._conversation.interrupt()
        if self._hosted.sound is not None:
            self._hosted.sound.cut()

    async def _approve(self, told: Told) -> None:
        fields = told.get("fields") or {}
        if not isinstance(fields, Mapping) or not all(isinstance(value, str) for value in fields.values()):
            raise CommandRefused("the fields of an approval are texts")
        with _waiting():
            self._hosted.person.approve(str(told.get("call")), dict(fields), remember=bool(told.get("remember")))

    async def _reject(self, told: Told) -> None:
        reason = told.get("reason")
        with _waiting():
            self._hosted.person.reject(str(told.get("call")), str(reason)[:2000] if reason else None)

    # --- sound ------------------------------------------------------------------------------------------------------

    async def _press(self, told: Told) -> None:
        conversation, sound = self._spoken
        sound.is_open = True
        await conversation.interrupt()
        sound.cut()
        if sound.is_pushed:
            await conversation.unheard()
            sound.begin_speech()

    async def _release(self, told: Told) -> None:
        conversation, sound = self._spoken
        if not sound.is_open:
            return
        sound.is_open = False
        if not sound.is_pushed:
            await self._hosted.fall_silent()
        elif sound.has_speech:
            await conversation.end_of_speech()
        else:
            raise CommandRefused("nothing was said: hold it while you speak")

    async def _microphone(self, told: Told) -> None:
        _, sound = self._spoken
        was_open, sound.is_open = sound.is_open, bool(told.get("on"))
        if was_open and not sound.is_open and not sound.is_pushed:
            await self._hosted.fall_silent()

    async def _played(self, told: Told) -> None:
        item, samples = told.get("item"), told.get("samples")
        if self._hosted.sound is not None and isinstance(item, str) and _is_number(samples):
            self._hosted.sound.played(item, samples)

    async def _record(self, told: Told) -> None:
        if self._conversation and not self._hosted.wish.model.voice:
            raise CommandRefused(_NOT_SPOKEN)
        self._hosted.record(on=bool(told.get("on")))

    @property
    def _conversation(self) -> Conversation:
        conversation = self._hosted.present
        if conversation is None:
            raise CommandRefused("it is not connected")
        if conversation.failure is not None:
            raise conversation.failure
        return conversation

    @property
    def _spoken(self) -> tuple[Conversation, PageSound]:
        conversation = self._conversation
        if self._hosted.sound is None:
            raise CommandRefused(_NOT_SPOKEN)
        return conversation, self._hosted.sound


def _is_number(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _text_in(told: Told) -> str:
    text = told.get("text") or ""
    if not isinstance(text, str):
        raise CommandRefused("what is said is a text")
    if len(text) > LONGEST_TEXT:
        raise CommandRefused(f"a message may have {LONGEST_TEXT:,} characters")
    return text


def _picture_in(address: Any) -> tuple[str, bytes]:
    """The suffix and the bytes of a picture that a page sends as a `data:` address."""
    head, comma, text = address.partition(",") if isinstance(address, str) else ("", "", "")
    kind = head.removeprefix("data:").removesuffix(";base64")
    if not comma or not head.endswith(";base64") or kind not in _PICTURES:
        raise CommandRefused("a picture is PNG, JPEG, WebP or GIF, as a data: address in base64")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise CommandRefused("the picture cannot be read") from None
    if len(data) > MOST_PICTURE_BYTES:
        raise CommandRefused(f"a picture may have {MOST_PICTURE_BYTES // 1024 // 1024} MB")
    return _PICTURES[kind], data


@contextlib.contextmanager
def _waiting() -> Iterator[None]:
    try:
        yield
    except KeyError:
        raise CommandRefused("that call does not wait for an approval") from None
