"""The chunks of one streamed chat completion to what is said and called, as soon as it is certain.

Servers differ in how they stream: several calls under the same index, each told by an id of its own (ollama issue
15457), or under none (7881); chunks without a choice; thoughts in fields of their own, which are not looked at, or in
`<think>` at the beginning of the text.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from realtime_scenarios.core.speech import words_of
from realtime_scenarios.realtime.responder import CallFunction, CutShort, FailResponse, Output, SayMore

_BEGINS_THINKING, _ENDS_THINKING = "<think>", "</think>"


async def outputs_of(chunks: AsyncIterable[Any]) -> AsyncGenerator[Output, None]:
    """What the model wants, its words as they come and its calls when it is done. A piece of an answer calls nothing.

    Raises:
        AttributeError, TypeError: a chunk has not the shape of one.
    """
    spoken, calls, ended_by = _Spoken(), _Calls(), None
    async for chunk in chunks:
        for choice in chunk.choices or ():
            delta = choice.delta
            if delta is not None and (text := delta.content or delta.refusal):
                for piece in spoken.pieces(text):
                    yield SayMore(piece)
            for fragment in (delta.tool_calls or ()) if delta is not None else ():
                calls.take(fragment)
            ended_by = choice.finish_reason or ended_by
    if rest := spoken.rest():
        yield SayMore(rest)
    match ended_by:
        case None:
            yield FailResponse("stream_broken_off", "the answer broke off before its end")
        case "length":
            yield CutShort("max_output_tokens")
        case "content_filter":
            yield CutShort("content_filter")
        case _:
            for call in calls.made:
                yield CallFunction(call.name, call.arguments)


class _Spoken:
    """The text as it comes, without thoughts, in whole words: the last one is held back, since it may go on."""

    def __init__(self) -> None:
        self._waiting = ""
        self._is_thinking: bool | None = None

    def pieces(self, text: str) -> Iterator[str]:
        self._waiting += text
        if self._is_thinking is not False:
            self._leave_thoughts_out()
        if self._is_thinking is False:
            *whole, self._waiting = words_of(self._waiting) or [""]
            if whole:
                yield "".join(whole)

    def rest(self) -> str:
        """What was held back, when nothing more comes; a thought that has no end is none of it."""
        return "" if self._is_thinking else self._waiting

    def _leave_thoughts_out(self) -> None:
        """Find out whether the text begins with thoughts, and where they end; None: it may still begin with them."""
        begun = self._waiting.lstrip()
        if self._is_thinking is None and begun.startswith(_BEGINS_THINKING):
            self._is_thinking = True
        elif self._is_thinking is None and not _BEGINS_THINKING.startswith(begun):
            self._is_thinking = False
        if self._is_thinking:
            _, end, after = self._waiting.partition(_ENDS_THINKING)
            if end and after.strip():
                self._waiting, self._is_thinking = after.lstrip(), False


@dataclass(slots=True)
class _Call:
    """A call that is being written. `index` and `id` are what its first fragment had, None where it had none."""

    index: int | None
    id: str | None
    name: str
    arguments: str = ""


@dataclass(slots=True)
class _Calls:
    """The calls so far, in the order in which they were begun."""

    made: list[_Call] = field(default_factory=list)

    def take(self, fragment: Any) -> None:
        function = fragment.function
        name, arguments = (function.name or "", function.arguments or "") if function is not None else ("", "")
        call = self._continued_by(fragment)
        if call is None:
            self.made.append(call := _Call(fragment.index, fragment.id, name))
        elif not call.name:
            call.name = name
        call.arguments += arguments

    def _continued_by(self, fragment: Any) -> _Call | None:
        """The call that the fragment is a part of; None: it begins one."""
        for call in reversed(self.made):
            if fragment.index is None or call.index == fragment.index:
                return call if not fragment.id or fragment.id == call.id else None
        return None
