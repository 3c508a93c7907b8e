"""The MCP servers of a session, to the tools that they lend: listed once, offered to whoever answers as functions.

The engine reaches no server itself: what is to be asked of one is work for the carrier (`ListTools`, `CallTool`). A
server is asked only where it runs on this machine; a tool of any other cannot be had from here, and neither can one of
a connector or a tunnel, which only OpenAI has. Events and items: OpenAI's guide "Realtime with tools".
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from realtime_scenarios.realtime.conversation import Conversation
from realtime_scenarios.realtime.events import Event, Events
from realtime_scenarios.realtime.items import Item, listing_item, tokens_in
from realtime_scenarios.realtime.session import Session
from realtime_scenarios.realtime.speech import PCM16
from realtime_scenarios.realtime.usage import text_tokens

_MOST_ASKED = 32
"""How many servers of a session are asked for their tools at a time; any others have failed at once."""


@dataclass(frozen=True, slots=True)
class McpFailed:
    """Why a server has not done what it was asked: `error` of an item `mcp_call`. `code` None: the kind has none."""

    kind: Literal["protocol_error", "tool_execution_error", "http_error"]
    message: str
    code: int | None = None

    @property
    def wire(self) -> dict[str, Any]:
        code = {} if self.code is None else {"code": self.code}
        return {"type": self.kind, **code, "message": self.message}


@dataclass(frozen=True, slots=True)
class McpTool:
    """A tool of a server, as it describes it. None: it says nothing."""

    name: str
    description: str | None
    input_schema: Mapping[str, Any]
    annotations: Mapping[str, Any] | None = None

    @property
    def wire(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "description": self.description,
            "input_schema": self.input_schema,
            "annotations": self.annotations,
        }

    @property
    def is_read_only(self) -> bool:
        return (self.annotations or {}).get("readOnlyHint") is True


@dataclass(frozen=True, slots=True)
class _Some:
    """Some of a server's tools; None: no matter which."""

    names: frozenset[str] | None
    read_only: bool | None

    @classmethod
    def of(cls, wire: Sequence[str] | Mapping[str, Any]) -> _Some:
        if not isinstance(wire, Mapping):
            return cls(frozenset(wire), None)
        names = wire.get("tool_names")
        return cls(None if names is None else frozenset(names), wire.get("read_only"))

    def __contains__(self, tool: McpTool) -> bool:
        is_named = self.names is None or tool.name in self.names
        return is_named and self.read_only in (None, tool.is_read_only)


@dataclass(frozen=True, slots=True)
class McpServer:
    """A server that a client has named. `url` None: it is reached in a way that only OpenAI has.

    `headers` go with each request; they are nobody's business. `allowed` None: all tools. What `always` and `never`
    leave open is asked for.
    """

    label: str
    url: str | None
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    allowed: _Some | None
    always: _Some | None
    never: _Some | None

    @classmethod
    def of(cls, tool: Mapping[str, Any]) -> McpServer:
        """The server of an MCP tool in its wire form, with the client's keys."""
        headers = dict(tool.get("headers", {}))
        if "authorization" in tool:
            headers["Authorization"] = f"Bearer {tool['authorization']}"
        asks = tool.get("require_approval", "always")
        rules: Mapping[str, Any] = {"never": {"never": {}}, "always": {}}[asks] if isinstance(asks, str) else asks
        always, never = rules.get("always"), rules.get("never")
        return cls(
            tool["server_label"],
            tool.get("server_url"),
            tuple(headers.items()),
            _Some.of(tool["allowed_tools"]) if "allowed_tools" in tool else None,
            None if always is None else _Some.of(always),
            None if never is None else _Some.of(never),
        )

    @property
    def is_on_this_machine(self) -> bool:
        return self.url is not None and is_loopback(urlsplit(self.url).hostname or "")

    def lends(self, tools: Sequence[McpTool]) -> Sequence[McpTool] | None:
        """Those that the client allows; None where it allows one by a name that the server does not have."""
        allowed = self.allowed
        if allowed is None:
            return tools
        if allowed.names is not None and not allowed.names <= {tool.name for tool in tools}:
            return None
        return [tool for tool in tools if tool in allowed]

    def asks_for(self, tool: McpTool) -> bool:
        """Whether the client wants to be asked before the tool is called."""
        return (self.always is not None and tool in self.always) or self.never is None or tool not in self.never


def is_loopback(host: str) -> bool:
    """Whether the name or address means this machine, and nothing else."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def names_servers(session: Any) -> bool:
    """Whether settings that nobody has looked at yet name servers."""
    tools = session.get("tools") if isinstance(session, dict) else None
    return isinstance(tools, list) and any(isinstance(tool, dict) and tool.get("type") == "mcp" for tool in tools)


@dataclass(frozen=True, slots=True)
class ListTools:
    """Ask a server for its tools; the answer is that of the item."""

    item_id: str
    server: McpServer


@dataclass(frozen=True, slots=True)
class CallTool:
    """Call a tool of a server; the answer is that of the item. `arguments` is JSON as whoever answers wrote it."""

    item_id: str
    server: McpServer
    name: str
    arguments: str


McpWork = ListTools | CallTool
McpAnswer = Sequence[McpTool] | str | McpFailed
"""The tools that were listed, what a call came to, or why there is neither."""


def with_answer(item: Item, answer: str | McpFailed) -> Item:
    """The item of a call when it is over."""
    if isinstance(answer, McpFailed):
        return {**item, "error": answer.wire}
    return {**item, "output": answer}


def answer_tokens(answer: str | McpFailed) -> int:
    """What it costs to read what came of a call."""
    return text_tokens(answer.message if isinstance(answer, McpFailed) else answer)


@dataclass(frozen=True, slots=True)
class RemoteTool:
    """A tool that can be called."""

    server: McpServer
    tool: McpTool

    @property
    def needs_approval(self) -> bool:
        return self.server.asks_for(self.tool)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a response may call: functions in their wire form, of which `remote` are carried out by the engine."""

    functions: Sequence[Mapping[str, Any]]
    remote: Mapping[str, RemoteTool]

    def chosen(self, choice: Any) -> tuple[Sequence[Mapping[str, Any]], Any]:
        """The functions and the choice among them as whoever answers sees them, who knows of functions only."""
        if not isinstance(choice, dict) or choice["type"] != "mcp":
            return self.functions, choice
        label, name = choice["server_label"], choice.get("name")
        names = [
            exposed
            for exposed, found in self.remote.items()
            if found.server.label == label and name in (None, found.tool.name)
        ]
        if not names:  # it has not been listed yet: there is nothing to choose
            return self.functions, "auto"
        if name is not None:
            return self.functions, {"type": "function", "name": names[0]}
        return [function for function in self.functions if function["name"] in names], "required"


class McpServers:
    """What is known of the servers in one session: which were asked for their tools, and what they have.

    `have_asked` is how the carrier is told to ask one.
    """

    def __init__(
        self, events: Events, session: Session, conversation: Conversation, have_asked: Callable[[ListTools], None]
    ) -> None:
        self._events = events
        self._session = session
        self._conversation = conversation
        self._asked: dict[str, McpServer] = {}
        self._waiting: set[str] = set()
        self._tools: dict[str, Sequence[McpTool]] = {}
        self._last_tools: Sequence[Mapping[str, Any]] = ()
        self._last_offer = Offer((), {})
        self._have_asked = have_asked

    def list_tools(self, tools: Iterable[Mapping[str, Any]]) -> Iterable[Event]:
        """Ask the servers among the tools for theirs, those that have not been asked as they are now."""
        for label in [tool["server_label"] for tool in tools if tool["type"] == "mcp"]:
            server = McpServer.of(self._session.mcp_tools[label])
            if self._asked.get(label) == server:
                continue
            is_asked = server.is_on_this_machine and len(self._waiting) < _MOST_ASKED
            self._asked.pop(label, None)
            self._tools.pop(label, None)
            if is_asked or not server.is_on_this_machine:  # one that had to be left out may be named again
                self._asked[label] = server
            item = listing_item(self._conversation.new_item_id(), label)
            previous = self._conversation.append(item)
            yield self._events.make("conversation.item.added", previous_item_id=previous, item=item)
            yield self._events.make("mcp_list_tools.in_progress", item_id=item["id"])
            work = ListTools(item["id"], server)
            if is_asked:
                self._waiting.add(item["id"])
                self._have_asked(work)
            else:
                yield from self.listed(work, None)

    def listed(self, work: ListTools, tools: Sequence[McpTool] | None) -> Iterable[Event]:
        """The tools of a server, None where they cannot be had."""
        server, item_id = work.server, work.item_id
        self._waiting.discard(item_id)
        lent = None if tools is None else server.lends(tools)
        if lent is not None and self._asked.get(server.label) == server:
            self._tools[server.label] = lent
        yield self._events.make(f"mcp_list_tools.{'failed' if lent is None else 'completed'}", item_id=item_id)
        if item_id not in self._conversation:  # the client has deleted it in the meantime
            return
        item = {**listing_item(item_id, server.label), "tools": [tool.wire for tool in lent or ()]}
        self._conversation.replace(item, tokens_in(item, (), PCM16))
        previous = self._conversation.before(item_id)
        yield self._events.make("conversation.item.done", previous_item_id=previous, item=item)

    def offer(self, tools: Sequence[Mapping[str, Any]], *, may_ask: bool) -> Offer:
        """What of the tools can be called by now. `may_ask` False: nothing that the client wants to be asked for.

        Where two tools have one name, a function of the client's own keeps it, and then the first server.
        """
        if not self._tools:
            if tools is not self._last_tools:
                self._last_tools = tools
                self._last_offer = Offer([tool for tool in tools if tool["type"] == "function"], {})
            return self._last_offer
        functions = [tool for tool in tools if tool["type"] == "function"]
        names = {function["name"] for function in functions}
        remote: dict[str, RemoteTool] = {}
        for label in [tool["server_label"] for tool in tools if tool["type"] == "mcp"]:
            for tool in self._tools.get(label, ()):
                found = RemoteTool(self._asked[label], tool)
                if found.needs_approval and not may_ask:
                    continue
                name = tool.name if tool.name not in names else f"{label}__{tool.name}"
                names.add(name)
                remote[name] = found
                functions.append(
                    {
                        "type": "function",
                        "name": name,
                        "description": tool.description or "",
                        "parameters": tool.input_schema,
                    }
                )
        return Offer(functions, remote)
