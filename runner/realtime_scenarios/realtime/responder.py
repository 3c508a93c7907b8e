"""A response that is asked for to the outputs of whoever answers, who sees what a real model would and nothing else."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Item = Mapping[str, Any]
"""A conversation item in its wire form (`openai.types.realtime.ConversationItem`)."""


Phase = Literal["commentary", "final_answer"]
"""`phase` of an assistant's message: on the wire since gpt-realtime-2, though no published type declares it (3.57)."""


@dataclass(frozen=True, slots=True)
class ResponseRequest:
    """One `response.create`, with the session's settings and the per-response overrides already merged.

    `tools` are the function tools in wire form ({type, name, description, parameters}); `tool_choice` is "auto",
    "none", "required" or {"type": "function", "name": ...}. `items` are all items the response may look at, oldest
    first. `asked_for` are the instructions of this response alone, in place of the session's; None: it has none.
    `parallel_tool_calls` False: at most one call; None: nobody has said. `max_output_tokens` None: no bound.
    """

    response_id: str
    instructions: str
    tools: Sequence[Mapping[str, Any]]
    tool_choice: Any
    items: Sequence[Item]
    asked_for: str | None = None
    parallel_tool_calls: bool | None = None
    max_output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class SayText:
    """Say this, as text or as speech with its transcript, whichever the session asks for.

    `phase` is what the message is to the turn; None: the model does not say, as those that do not reason.
    """

    text: str
    phase: Phase | None = None


@dataclass(frozen=True, slots=True)
class SayMore:
    """Go on with the message that is being said, or begin one: it lasts until something else comes.

    Words are not cut in two: each piece is whole words, with the space behind them.
    """

    text: str


@dataclass(frozen=True, slots=True)
class CallFunction:
    """Call a function. `arguments` is the JSON text, as a model would write it (it need not be valid)."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class FailResponse:
    """End the response with status `failed`."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class CutShort:
    """End the response with status `incomplete`: there would have been more, and no more comes."""

    reason: Literal["max_output_tokens", "content_filter"]


Output = SayText | SayMore | CallFunction | FailResponse | CutShort
Answer = Sequence[Output] | AsyncGenerator[Output, None]
"""The output items of one response in order: all at once, or as they come, closed early where nobody listens."""


class Responder(Protocol):
    """Answers responses. Must not keep state that its requests do not show, except for what it was made with.

    One that never waits for anything may say so with an attribute `never_waits = True`: it then needs no task.
    """

    async def respond(self, request: ResponseRequest) -> Answer:
        """What to say and do; where nothing comes, the response stays silent."""
        ...
