"""MCP servers of a scenario as processes of one conversation, and their tools as tools of its agents."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

from agents import FunctionTool
from agents.mcp import MCPServerStdio
from agents.tool_context import ToolContext

from realtime_scenarios.compiler import ConversationState, Talk
from realtime_scenarios.compiler.tools import CallResult, carried_out, without_annotations
from realtime_scenarios.core import ScenarioError, listed
from realtime_scenarios.core.arguments import arguments_of
from realtime_scenarios.model.names import FUNCTION_NAME
from realtime_scenarios.model.scenario import McpServer
from realtime_scenarios.model.tool import ApprovalRule

_START_TIMEOUT = 20.0

for _name in ("mcp", "openai.agents"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # what matters is raised, and told in one line


class McpSession:
    """The servers of one conversation. `start` and `close` must be called from the same task."""

    def __init__(self, state: ConversationState) -> None:
        self._state = state
        self._stack = AsyncExitStack()

    async def start(self) -> dict[str, list[FunctionTool]]:
        """Start every server of the scenario: the tools that agents may use, by the name of the server.

        Raises:
            ScenarioError: a server does not start, lacks a tool that the scenario names, or lends one that cannot be.
        """
        tools: dict[str, list[FunctionTool]] = {}
        for spec in self._state.scenario.mcp.values():
            server = self._stdio_server(spec)
            try:
                async with asyncio.timeout(_START_TIMEOUT):
                    await self._stack.enter_async_context(server)
                    offered = await server.list_tools()
            except Exception as problem:  # a process of the author's may fail to start in any way
                reason = _first_cause(problem)
                hint = f"try it by hand: {' '.join(spec.command)}"
                raise ScenarioError(f"the MCP server '{spec.name}' does not start: {reason}", hint=hint) from problem
            wanted = spec.tools if spec.tools is not None else [tool.name for tool in offered]
            known = {tool.name: tool for tool in offered}
            if missing := [name for name in wanted if name not in known]:
                message = f"the MCP server '{spec.name}' has no tool {listed(map(repr, missing))}"
                raise ScenarioError(message, hint=f"it has {', '.join(known)}")
            if refused := [name for name in wanted if not FUNCTION_NAME.fullmatch(name)]:
                raise _unfit_name(spec, refused[0], [name for name in wanted if name not in refused])
            taken = [name for name in wanted if name in self._state.mcp_tools or name in self._state.scenario.tools]
            if taken:
                message = f"the MCP server '{spec.name}' has a tool '{taken[0]}', and so has somebody else here"
                raise ScenarioError(message, hint="name the tools to lend: tools: [...], or rename your own")
            tools[spec.name] = [self._lent_tool(spec, server, known[name]) for name in wanted]
        return tools

    async def close(self) -> None:
        with contextlib.suppress(Exception):
            await self._stack.aclose()

    def _stdio_server(self, spec: McpServer) -> MCPServerStdio:
        program, *arguments = spec.command
        return MCPServerStdio(
            params={
                "command": sys.executable if program == "python" else program,
                "args": arguments,
                "cwd": str(self._state.scenario.folder),
            },
            name=spec.name,
            cache_tools_list=True,
            client_session_timeout_seconds=spec.timeout,
        )

    def _lent_tool(self, spec: McpServer, server: MCPServerStdio, tool: Any) -> FunctionTool:
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
                lambda: _server_result(server, name, arguments_of(text), spec.timeout),
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


def _first_cause(problem: BaseException) -> str:
    """Why it failed in one line; the libraries wrap the reason into groups of exceptions."""
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    if isinstance(problem, TimeoutError):
        return f"it did not answer within {_START_TIMEOUT:g} seconds"
    if isinstance(problem, FileNotFoundError):
        return f"there is no program '{problem.filename}'"
    lines = str(problem).splitlines()
    return lines[0] if lines else type(problem).__name__


async def _server_result(
    server: MCPServerStdio, name: str, arguments: Mapping[str, Any] | None, seconds: float
) -> CallResult:
    if arguments is None:
        return CallResult("invalid", f"Invalid arguments for {name}: they are not a JSON object. Nothing was done.")
    try:
        async with asyncio.timeout(seconds):
            result = await server.call_tool(name, dict(arguments))
    except TimeoutError:
        return CallResult("timed_out", f"Tool '{name}' timed out after {seconds:g} seconds.")
    except Exception as problem:  # whatever the server does, the model is told in one line
        return CallResult("failed", f"Tool '{name}' failed: {problem}")
    parts = [getattr(part, "text", None) or json.dumps(part.model_dump(mode="json")) for part in result.content]
    text = "\n".join(parts)
    failed = getattr(result, "isError", None) or getattr(result, "is_error", None)
    return CallResult("failed", f"Tool '{name}' failed: {text}") if failed else CallResult("answered", text)


def _input_schema(tool: Any) -> Mapping[str, Any]:
    schema = getattr(tool, "inputSchema", None) or getattr(tool, "input_schema", None)
    return schema or {"type": "object", "properties": {}}
