"""MCP servers of a scenario as processes of one conversation, and their tools as tools of its agents."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from agents import FunctionTool
from agents.mcp import MCPServerStdio
from agents.tool_context import ToolContext
from mcp.shared.exceptions import MCPError
from mcp_types import CONNECTION_CLOSED

from realtime_scenarios.compiler import ConversationState, Talk
from realtime_scenarios.compiler.tools import CallResult, carried_out, without_annotations
from realtime_scenarios.core import ScenarioError, listed
from realtime_scenarios.core.arguments import arguments_of
from realtime_scenarios.model.names import is_function_name
from realtime_scenarios.model.scenario import McpServer
from realtime_scenarios.model.tool import ApprovalRule
from realtime_scenarios.session.servers import RunningServer, SharedServers, running_server

for _name in ("mcp", "openai.agents"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # what matters is raised, and told in one line


class McpSession:
    """The servers of one conversation. `start` and `close` must be called from the same task.

    `shared` are those that may be taken from other conversations; None: this one starts all of them for itself.
    """

    def __init__(self, state: ConversationState, shared: SharedServers | None = None) -> None:
        self._state = state
        self._shared = shared
        self._stack = AsyncExitStack()

    async def start(self) -> dict[str, list[FunctionTool]]:
        """Start every server of the scenario: the tools that agents may use, by the name of the server.

        Raises:
            ScenarioError: a server does not start, lacks a tool that the scenario names, or lends one that cannot be.
        """
        return {name: self._lent_by(await self._running(spec)) for name, spec in self._state.scenario.mcp.items()}

    async def close(self) -> None:
        with contextlib.suppress(Exception):
            await self._stack.aclose()

    async def _running(self, spec: McpServer) -> RunningServer:
        folder = self._state.scenario.folder
        if spec.shared and self._shared is not None:
            return await self._shared.running(spec, folder)
        return await self._stack.enter_async_context(running_server(spec, folder))

    def _lent_by(self, server: RunningServer) -> list[FunctionTool]:
        """The tools of a server that the scenario's agents may use."""
        spec = server.spec
        known = {str(tool.name): tool for tool in server.offered}
        wanted = spec.tools if spec.tools is not None else tuple(known)
        if missing := [name for name in wanted if name not in known]:
            message = f"the MCP server '{spec.name}' has no tool {listed(map(repr, missing))}"
            raise ScenarioError(message, hint=f"it has {', '.join(known)}")
        if refused := [name for name in wanted if not is_function_name(name)]:
            raise _unfit_name(spec, refused[0], [name for name in wanted if name not in refused])
        taken = [name for name in wanted if name in self._state.mcp_tools or name in self._state.scenario.tools]
        if taken:
            message = f"the MCP server '{spec.name}' has a tool '{taken[0]}', and so has somebody else here"
            raise ScenarioError(message, hint="name the tools to lend: tools: [...], or rename your own")
        return [self._lent_tool(spec, server.client, known[name]) for name in wanted]

    def _lent_tool(self, spec: McpServer, client: MCPServerStdio, tool: Any) -> FunctionTool:
        name = str(tool.name)
        rule = None
        if spec.approval == "always":
            rule = ApprovalRule(
                when=None, fields={}, timeout=None, remember="call", reject_message=None, place=spec.place / "approval"
            )
        self._state.mcp_tools[name] = rule

        async def invoke(context: ToolContext[Talk], text: str) -> str:
            return await carried_out(
                name,
                context.context.state,
                context.tool_call_id,
                lambda: _server_result(spec, client, name, arguments_of(text)),
                caller=getattr(context.agent, "name", None),
            )

        return FunctionTool(
            name=name,
            description=str(tool.description or ""),
            params_json_schema=dict(_input_schema(tool)),
            on_invoke_tool=without_annotations(invoke),
            strict_json_schema=False,
            needs_approval=rule is not None,
        )


def _unfit_name(spec: McpServer, name: str, others: list[str]) -> ScenarioError:
    """The API would refuse all functions of an agent for the name of one."""
    message = f"the tool '{name}' of the MCP server '{spec.name}' cannot be lent to an agent: the API refuses its name"
    allowed = "letters, digits, '_' and '-', at most 64"
    way_out = f"lend the others alone: tools: [{', '.join(others)}]" if others else "rename the tool in the server"
    return ScenarioError(message, hint=f"a name has {allowed}; {way_out}")


async def _server_result(
    spec: McpServer, client: MCPServerStdio, name: str, arguments: Mapping[str, Any] | None
) -> CallResult:
    if arguments is None:
        return CallResult("invalid", f"Invalid arguments for {name}: they are not a JSON object. Nothing was done.")
    try:
        async with asyncio.timeout(spec.timeout):
            result = await client.call_tool(name, dict(arguments))
    except TimeoutError:
        return CallResult("timed_out", f"Tool '{name}' timed out after {spec.timeout:g} seconds.")
    except Exception as problem:  # whatever the server does, the model is told in one line
        reason = f"the MCP server '{spec.name}' has ended" if _is_about_its_end(problem) else str(problem)
        return CallResult("failed", f"Tool '{name}' failed: {reason}")
    parts = [getattr(part, "text", None) or json.dumps(part.model_dump(mode="json")) for part in result.content]
    text = "\n".join(parts)
    failed = getattr(result, "isError", None) or getattr(result, "is_error", None)
    return CallResult("failed", f"Tool '{name}' failed: {text}") if failed else CallResult("answered", text)


def _is_about_its_end(problem: Exception) -> bool:
    return isinstance(problem, MCPError) and problem.code == CONNECTION_CLOSED


def _input_schema(tool: Any) -> Mapping[str, Any]:
    schema = getattr(tool, "inputSchema", None) or getattr(tool, "input_schema", None)
    return schema or {"type": "object", "properties": {}}
