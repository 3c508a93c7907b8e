"""What an importer finds: agents, their tools and handoffs, and what a scenario cannot say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct


class Note(Struct, frozen=True):
    """Something that was not carried over. `place` is where it stands: `file:line:column`, or a name in a program."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class FoundTool(Struct, frozen=True):
    """A function. `parameters` is its JSON Schema.

    `returns` is what it always answers; None: that is code. `approval`: a person is asked each time. `filler` is what
    is said before the call: lines, or True for anything short; None: nothing. `timeout` None: the usual one.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    returns: Answered | None = None
    approval: bool = False
    filler: tuple[str, ...] | bool | None = None
    timeout: str | None = None


class Answered(Struct, frozen=True):
    """An answer that is plain data, `None` and `False` among it."""

    value: Any


class FoundHandoff(Struct, frozen=True):
    """A way to the agent called `to`. What is None is as the SDK makes it."""

    to: str
    tool_name: str | None = None
    description: str | None = None
    inputs: Mapping[str, Any] | None = None


class FoundTransition(Struct, frozen=True):
    """A way to the state `to`, or on to the agent that is called `handoff`: one of them is None."""

    when: str
    to: str | None = None
    handoff: str | None = None


class FoundState(Struct, frozen=True):
    """A state of an agent. `instructions` are a template; `tools` are names, `collect` variables of the context."""

    id: str
    description: str
    instructions: str = ""
    tools: tuple[str, ...] = ()
    collect: tuple[str, ...] = ()
    transitions: tuple[FoundTransition, ...] = ()


class FoundOpening(Struct, frozen=True):
    """The agent speaks first. `say` is what it says word for word; None: what it likes."""

    say: str | None = None


class FoundAgent(Struct, frozen=True):
    """An agent by its own name. `tools` are names; `voice` and the rest None: nothing is said of it.

    `is_template`: the instructions are one already. The first of the `states` is the one that it begins in.
    """

    name: str
    instructions: str
    handoff_description: str | None = None
    voice: str | None = None
    tools: tuple[str, ...] = ()
    handoffs: tuple[FoundHandoff, ...] = ()
    transfers_by_one_tool: bool = False
    is_template: bool = False
    states: tuple[FoundState, ...] = ()


class Found(Struct, frozen=True):
    """All that was found. The first of the `agents` is the one that callers meet.

    `context` are the variables of the conversation as a scenario declares them. `model` and `language` (a code) None:
    nothing is said of them. `tables` are columns with their SQL types, by the names of empty tables.
    """

    agents: tuple[FoundAgent, ...]
    tools: Mapping[str, FoundTool]
    notes: tuple[Note, ...]
    opening: FoundOpening | None = None
    context: Mapping[str, Any] = {}
    model: str | None = None
    language: str | None = None
    tables: Mapping[str, Mapping[str, str]] = {}


class FoundDialogue(Struct, frozen=True):
    """A test as a dialogue: what callers say, and what must be true. `turns` and `expect` are as a file has them.

    `name` is made an id of. `now` None: any moment. `caller` goes on where the turns are over, None: nobody does.
    """

    name: str
    turns: tuple[Mapping[str, Any], ...]
    expect: tuple[Mapping[str, Any], ...] = ()
    title: str | None = None
    tags: tuple[str, ...] = ()
    now: str | None = None
    context: Mapping[str, Any] = {}
    caller: Mapping[str, Any] | None = None


class Tests(Struct, frozen=True):
    """Tests as dialogues, and a scenario that they can be played against, where there is none yet."""

    dialogues: tuple[FoundDialogue, ...]
    found: Found
