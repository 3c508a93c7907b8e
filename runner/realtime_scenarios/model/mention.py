"""What a file speaks of: the name of a thing in the scenario, or SQL over its tables, with the place it stands at."""

from __future__ import annotations

from typing import ClassVar, Protocol, TypeVar

from msgspec import Struct

from realtime_scenarios.document import Place
from realtime_scenarios.model.tool import Json


class _Mention(Struct, frozen=True, eq=False):
    noun: ClassVar[str]
    """What messages call such a thing."""
    text: str
    place: Place


class AgentName(_Mention, frozen=True, eq=False):
    noun = "agent"


class ToolName(_Mention, frozen=True, eq=False):
    """A tool of the scenario, of one of its MCP servers, or the one that moves between states."""

    noun = "tool"


class StateName(_Mention, frozen=True, eq=False):
    """A state of any agent."""

    noun = "state"


class GuardrailName(_Mention, frozen=True, eq=False):
    noun = "guardrail"


class SupervisorName(_Mention, frozen=True, eq=False):
    noun = "supervisor"


class VariableName(_Mention, frozen=True, eq=False):
    """A context variable. `place` is that of its value; the name is the key."""

    noun = "context variable"


class ArgumentName(_Mention, frozen=True, eq=False):
    """An argument of the tool `tool`. `place` is that of its value, which is `expected` to be so, as it was written."""

    noun = "argument"
    tool: str
    expected: Json


class Query(_Mention, frozen=True, eq=False):
    """One SQL statement that reads the scenario's tables."""

    noun = "query"


Mention = AgentName | ToolName | StateName | GuardrailName | SupervisorName | VariableName | ArgumentName | Query

M = TypeVar("M", bound=Mention)


class Renaming(Protocol):
    """Gives a mention back with another text, or as it is."""

    def __call__(self, mention: M, /) -> M: ...
