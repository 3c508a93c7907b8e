"""A call that a responder wants made, to the events of its output item: of the client's own function, or of a server's.

A server's tool is called by the engine itself, and its item is done when the call is: "Realtime with tools", OpenAI's
guide. Where the client wants to be asked first, the response ends with the question, and the call is made later
(`approvals`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from realtime_scenarios.core.speech import words_of
from realtime_scenarios.realtime.approvals import Approvals
from realtime_scenarios.realtime.events import Event
from realtime_scenarios.realtime.items import Item, mcp_call_item
from realtime_scenarios.realtime.mcp_servers import CallTool, McpFailed, RemoteTool, answer_tokens, with_answer
from realtime_scenarios.realtime.output import Ended, Phrase, Place, Steps, WaitForAnswer
from realtime_scenarios.realtime.speech import Pace, deltas_of
from realtime_scenarios.realtime.usage import Tokens, text_tokens

_CUT = McpFailed("tool_execution_error", "The call was cut off by max_output_tokens: nothing was done.")
_CANCELLED = McpFailed(
    "tool_execution_error", "The response was cancelled during the call; what came of it is unknown."
)


class _Arguments:
    """The arguments of a call as JSON, which come in deltas, without waiting."""

    def __init__(self, name: str, arguments: str, budget: int | None) -> None:
        self._name = name
        self.is_cut = budget is not None and text_tokens(name) + text_tokens(arguments) > budget
        if self.is_cut and budget is not None:
            arguments = arguments[: max(0, budget - text_tokens(name)) * 4]
        self._whole = arguments
        self.sent = ""

    def deltas(self, pace: Pace) -> Iterator[str]:
        for piece, _ in deltas_of(words_of(self._whole), pace.words_per_delta):
            self.sent += piece
            yield piece

    @property
    def tokens(self) -> Tokens:
        return Tokens(text_tokens(self._name) + text_tokens(self.sent))


class FunctionCall:
    """A call of a function of the client's."""

    spoken_ms = 0

    def __init__(self, place: Place, call_id: str, name: str, arguments: str, budget: int | None) -> None:
        self._place = place
        self._call_id = call_id
        self._name = name
        self._arguments = _Arguments(name, arguments, budget)
        self.is_cut = self._arguments.is_cut
        self.item: Item = self._item_with("in_progress")

    def opening(self) -> Iterator[Event]:
        yield from self._place.began(self.item)

    def take_phrases(self) -> Sequence[Phrase]:
        return ()

    def deltas(self, pace: Pace) -> Steps:
        for piece in self._arguments.deltas(pace):
            yield self._place.event("response.function_call_arguments.delta", call_id=self._call_id, delta=piece)

    def closing(self, status: Ended) -> Iterator[Event]:
        """The arguments with their function's `name`, which the type requires; then the item.

        openai-agents runs a call when its item is done and `completed` (`_handle_output_item` in 0.24), and no other.
        """
        done = "response.function_call_arguments.done"
        yield self._place.event(done, call_id=self._call_id, name=self._name, arguments=self._arguments.sent)
        self.item = self._item_with(status)
        yield from self._place.ended(self.item, self.tokens)

    @property
    def tokens(self) -> Tokens:
        return self._arguments.tokens

    def now(self) -> Item:
        return self._item_with("in_progress")

    def _item_with(self, status: str) -> Item:
        return {
            "id": self._place.item_id,
            "object": "realtime.item",
            "type": "function_call",
            "status": status,
            "call_id": self._call_id,
            "name": self._name,
            "arguments": self._arguments.sent,
        }


class McpCall:
    """A call of a tool of an MCP server, which the carrier makes, or the client is asked for."""

    spoken_ms = 0

    def __init__(
        self,
        place: Place,
        tool: RemoteTool,
        arguments: str,
        budget: int | None,
        approvals: Approvals,
    ) -> None:
        self._place = place
        self._tool = tool
        self._arguments = _Arguments(tool.tool.name, arguments, budget)
        self.is_cut = self._arguments.is_cut
        self._approvals = approvals
        self._is_asked_for = False
        self._answer: str | McpFailed | None = None
        self.item: Item = self.now()

    def opening(self) -> Iterator[Event]:
        yield from self._place.began(self.item)

    def take_phrases(self) -> Sequence[Phrase]:
        return ()

    def deltas(self, pace: Pace) -> Steps:
        place = self._place
        for piece in self._arguments.deltas(pace):
            yield place.event("response.mcp_call_arguments.delta", delta=piece)
        yield place.event("response.mcp_call_arguments.done", arguments=self._arguments.sent)
        if self.is_cut:
            return
        if self._tool.needs_approval:
            self._is_asked_for = True
            yield from self._approvals.ask(self.now(), self._tool, place.output_index)
            return
        tool, arguments = self._tool.tool, self._arguments.sent
        self._approvals.have_called(CallTool(place.item_id, self._tool.server, tool.name, arguments))
        yield place.bare_event("response.mcp_call.in_progress")
        answer = yield WaitForAnswer(place.item_id)
        assert isinstance(answer, str | McpFailed), "whoever goes on has been told what came of the call"
        self._answer = answer

    def closing(self, status: Ended) -> Iterator[Event]:
        """What came of it; of one that is asked for first, the item as it stands, which is done when the call is."""
        if self._is_asked_for:
            self.item = self.now()
            yield from self._place.ended_as_output(self.item)
            return
        answer = self._answer
        if answer is None:
            answer = _CUT if self.is_cut else _CANCELLED
        yield self._place.bare_event(f"response.mcp_call.{'failed' if isinstance(answer, McpFailed) else 'completed'}")
        self.item = with_answer(self.now(), answer)
        yield from self._place.ended(self.item, self.tokens + Tokens(answer_tokens(answer)))

    @property
    def tokens(self) -> Tokens:
        """What it has cost to write: what a server answers is not written by who answers."""
        return self._arguments.tokens

    def now(self) -> Item:
        tool = self._tool
        return mcp_call_item(self._place.item_id, tool.server.label, tool.tool.name, self._arguments.sent)
