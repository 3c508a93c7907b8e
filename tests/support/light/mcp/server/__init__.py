"""Tools over standard input and output, as lines of JSON-RPC; their parameters are texts."""

from __future__ import annotations

import inspect
import json
import sys
import typing
from collections.abc import Callable
from typing import Any

Tool = Callable[..., Any]


class MCPServer:
    def __init__(self, name: str, **_: Any) -> None:
        self.name = name
        self.tools: dict[str, Tool] = {}

    def tool(self, name: str | None = None, **_: Any) -> Callable[[Tool], Tool]:
        def added(function: Tool) -> Tool:
            self.tools[name or function.__name__] = function
            return function

        return added

    def run(self) -> None:
        for line in sys.stdin:
            message = json.loads(line)
            if "id" in message:  # the others are notifications, which nobody waits for
                answer = self.answer(message["method"], message.get("params") or {})
                print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **answer}), flush=True)  # noqa: T201

    def answer(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "initialize":
                about = {"capabilities": {"tools": {}}, "serverInfo": {"name": self.name, "version": "1"}}
                return {"result": {"protocolVersion": parameters["protocolVersion"], **about}}
            case "tools/list":
                return {"result": {"tools": [described(name, function) for name, function in self.tools.items()]}}
            case "tools/call":
                return {"result": called(self.tools[parameters["name"]], parameters.get("arguments") or {})}
            case _:
                return {"error": {"code": -32601, "message": f"Method not found: {method}"}}


def described(name: str, function: Tool) -> dict[str, Any]:
    hints = typing.get_type_hints(function, include_extras=True)
    names = list(inspect.signature(function).parameters)
    about = {
        each: [getattr(extra, "description", "") for extra in getattr(hints[each], "__metadata__", ())]
        for each in names
    }
    properties = {
        each: {"type": "string", **({"description": about[each][0]} if about[each] else {})} for each in names
    }
    schema = {"type": "object", "properties": properties, "required": names}
    return {"name": name, "description": inspect.getdoc(function), "inputSchema": schema}


def called(function: Tool, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        text, failed = str(function(**arguments)), False
    except Exception as problem:
        text, failed = f"Error executing tool {function.__name__}: {problem}", True
    return {"content": [{"type": "text", "text": text}], "isError": failed}
