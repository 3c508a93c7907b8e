"""What the stubs of one conversation remember: how often they were called, and their own copy of the data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from realtime_scenarios.core import Clock
from realtime_scenarios.document import Place
from realtime_scenarios.model.call import ToolCall
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import ModelQuestion
from realtime_scenarios.stubs.authors import AuthorsCode
from realtime_scenarios.stubs.tables import Tables


class TextAnswers(Protocol):
    """Whoever asks text models on behalf of stubs."""

    async def supervised(self, supervisor: str, call: ToolCall, session: StubSession) -> str:
        """The answer of the supervisor of that name, or its fallback. The stubs of `session` answer its calls, too."""
        ...

    async def answered(self, question: ModelQuestion, call: ToolCall) -> Any:
        """The answer of one question: a text, or the fields of a structured answer.

        Raises:
            StubFailed: the model cannot be had, and there is no fallback.
        """
        ...


@dataclass(frozen=True, slots=True)
class StubMemory:
    """What stubs remember at a moment: how often each tool was called, and the tables; None: as they were declared."""

    calls: Mapping[str, int] = field(default_factory=dict)
    tables: bytes | None = None


class StubSession:
    """One a conversation, never shared. `code` is what its python stubs and guardrails call.

    `network`: whether `http` stubs may leave this machine; without it they give their offline answers. `environment`
    is where they look keys up, and `keep_secret` is told of those. `text` asks text models; None: there are none.
    `tables` are those of the conversation; None: the stubs' own. They end with the stubs. `calls` is how often each
    tool was called before. `lateness` gives the seconds by which the next answer is on its way when it has been made;
    None: it is there at once.
    """

    def __init__(
        self,
        scenario: Scenario,
        clock: Clock,
        *,
        network: bool = False,
        environment: Mapping[str, str] | None = None,
        keep_secret: Callable[[str], None] = lambda secret: None,
        text: TextAnswers | None = None,
        tables: Tables | None = None,
        calls: Mapping[str, int] | None = None,
        lateness: Callable[[], float] | None = None,
    ) -> None:
        self.scenario = scenario
        self.clock = clock
        self.network = network
        self.environment = environment or {}
        self.keep_secret = keep_secret
        self.text = text
        self.tables = tables or Tables(scenario.data)
        self.code = AuthorsCode(scenario.folder, clock)
        self.lateness = lateness
        self._calls: dict[str, int] = dict(calls or {})
        self._taken: dict[str, str] = {}

    def count(self, tool: str) -> int:
        """How often the tool was called before; counts this call."""
        before = self._calls.get(tool, 0)
        self._calls[tool] = before + 1
        return before

    def take(self, call_id: str, branch: Place) -> None:
        """Remember which of its answers a stub gives to the call."""
        self._taken[call_id] = branch.json_pointer

    def taken(self, call_id: str) -> str | None:
        """Which answer was given to the call, as the JSON pointer of its place; None: none was come to."""
        return self._taken.pop(call_id, None)

    @property
    def memory(self) -> StubMemory:
        """What they remember now."""
        return StubMemory(dict(self._calls), self.tables.saved)

    def close(self) -> None:
        self.code.close()
        self.tables.close()
