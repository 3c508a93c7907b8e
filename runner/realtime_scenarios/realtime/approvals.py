"""Calls of MCP tools that the client wants to be asked for: the question, its answer, and the call after that.

The response that wanted the call is over by then; whoever wants to hear what came of it asks for another one. A call
that is refused has failed, and its item says so (what the service does then is published nowhere).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.realtime.conversation import Conversation
from realtime_scenarios.realtime.events import Event, Events
from realtime_scenarios.realtime.items import Given, Item, approval_request_item
from realtime_scenarios.realtime.mcp_servers import CallTool, McpFailed, RemoteTool, answer_tokens, with_answer
from realtime_scenarios.realtime.shape import wrong_value
from realtime_scenarios.realtime.usage import Tokens, text_tokens


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A call that was asked for. `call` is its item, `output_index` where it stood in its response."""

    call: Item
    tool: RemoteTool
    output_index: int


class Approvals:
    """The questions of one session that have not been answered yet, and the calls that were approved and still run.

    `have_called` is how the carrier is told to call a tool, for a response as well.
    """

    def __init__(self, events: Events, conversation: Conversation, have_called: Callable[[CallTool], None]) -> None:
        self.have_called = have_called
        self._events = events
        self._conversation = conversation
        self._asked: dict[str, _Wanted] = {}
        self._running: dict[str, _Wanted] = {}

    def ask(self, call: Item, tool: RemoteTool, output_index: int) -> Iterator[Event]:
        """Put the question to the client."""
        request_id = self._conversation.new_item_id()
        item = approval_request_item(request_id, call)
        self._asked[request_id] = _Wanted({**call, "approval_request_id": request_id}, tool, output_index)
        yield from self._events.item_added_and_done(item, self._conversation.append(item))

    def decide(self, given: Given, after: str | None) -> Iterable[Event]:
        """The client's answer, put into the conversation after another item, at its beginning or at its end (None).

        Raises:
            ClientError: there is no such question, or its place does not exist.
        """
        answer = given.item
        wanted = self._asked.get(answer["approval_request_id"])
        if wanted is None:
            reason = f"no approval request '{answer['approval_request_id'][:80]}' waits for an answer"
            raise wrong_value("item.approval_request_id", reason)
        item, previous = self._conversation.insert(given, after)
        del self._asked[answer["approval_request_id"]]
        yield from self._events.item_added_and_done(item, previous)
        if not answer["approve"]:
            reason = f": {answer['reason']}" if answer.get("reason") else "."
            refused = McpFailed("tool_execution_error", f"The call was not approved{reason}")
            yield from self._ended(wanted, refused)
            return
        call = wanted.call
        self._running[call["id"]] = wanted
        self.have_called(CallTool(call["id"], wanted.tool.server, wanted.tool.tool.name, call["arguments"]))
        yield self._call_event("in_progress", wanted)

    def called(self, work: CallTool, answer: str | McpFailed) -> Iterable[Event]:
        """What came of a call that was approved; nothing happens where it is another one."""
        wanted = self._running.pop(work.item_id, None)
        if wanted is not None:
            yield from self._ended(wanted, answer)

    def _ended(self, wanted: _Wanted, answer: str | McpFailed) -> Iterable[Event]:
        yield self._call_event("failed" if isinstance(answer, McpFailed) else "completed", wanted)
        item = with_answer(wanted.call, answer)
        if item["id"] not in self._conversation:  # the client has deleted it in the meantime
            return
        tokens = text_tokens(item["name"]) + text_tokens(item["arguments"]) + answer_tokens(answer)
        self._conversation.replace(item, Tokens(tokens))
        previous = self._conversation.before(item["id"])
        yield self._events.make("conversation.item.done", previous_item_id=previous, item=item)

    def _call_event(self, what: str, wanted: _Wanted) -> dict[str, Any]:
        where = {"item_id": wanted.call["id"], "output_index": wanted.output_index}
        return self._events.make(f"response.mcp_call.{what}", **where)
