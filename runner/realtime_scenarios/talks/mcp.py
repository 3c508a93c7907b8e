"""A server of the Model Context Protocol on a pair of streams: a few tools, one request after the other.

Source: modelcontextprotocol.io, revision 2025-06-18, "Transports: stdio" (a message a line, nothing else on standard
output), "Lifecycle" (initialize), "Tools". Written out here, since it must start at once and needs nothing but JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import IO, Any, NamedTuple

from realtime_scenarios.core import ScenarioError
from realtime_scenarios.core.arguments import check_of

_VERSIONS = ("2025-06-18", "2025-03-26", "2024-11-05")
"""Revisions that this is right for, the latest first."""

_PARSE_ERROR, _INVALID_REQUEST, _NO_METHOD, _BAD_PARAMS = -32700, -32600, -32601, -32602


class Tool(NamedTuple):
    """`schema` is that of the arguments, of type object. `run` gives the result, or raises `ScenarioError`."""

    name: str
    description: str
    schema: Mapping[str, Any]
    run: Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Server:
    """Offers these tools under a name."""

    def __init__(self, name: str, tools: Sequence[Tool]) -> None:
        self._name = name
        self._tools = {tool.name: tool for tool in tools}

    def serve(self, incoming: IO[bytes], outgoing: IO[bytes]) -> None:
        """Answer until nothing more comes, or nobody reads any more."""
        for line in incoming:
            if not line.strip():
                continue
            try:
                answer = self.answer(json.loads(line))
            except ValueError:
                answer = _error(None, _PARSE_ERROR, "that is no JSON")
            if answer is not None:
                try:
                    outgoing.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
                    outgoing.flush()
                except OSError:
                    return

    def answer(self, message: Any) -> dict[str, Any] | None:
        """The response to a message; None: it wants none."""
        if not isinstance(message, dict) or not isinstance(message.get("method"), str):
            is_response = isinstance(message, dict) and ("result" in message or "error" in message)
            return None if is_response else _error(None, _INVALID_REQUEST, "that is no request")
        if "id" not in message:
            return None
        number, params = message["id"], message.get("params") or {}
        match message["method"]:
            case "initialize":
                asked = params.get("protocolVersion") if isinstance(params, dict) else None
                about = {
                    "protocolVersion": asked if asked in _VERSIONS else _VERSIONS[0],
                    "capabilities": {"tools": {"listChanged": False}},
                    "serverInfo": {"name": self._name, "version": version("realtime-scenarios")},
                }
                return _result(number, about)
            case "ping":
                return _result(number, {})
            case "tools/list":
                listed = [
                    {"name": tool.name, "description": tool.description, "inputSchema": dict(tool.schema)}
                    for tool in self._tools.values()
                ]
                return _result(number, {"tools": listed})
            case "tools/call":
                return self._called(number, params)
            case method:
                return _error(number, _NO_METHOD, f"there is no method '{method}'")

    def _called(self, number: Any, params: Any) -> dict[str, Any]:
        tool = self._tools.get(str(params.get("name"))) if isinstance(params, dict) else None
        if tool is None:
            return _error(number, _BAD_PARAMS, f"there is no such tool; there are {', '.join(self._tools)}")
        _, problems = check_of(tool.schema).parsed(json.dumps(params.get("arguments") or {}))
        if problems:
            return _error(number, _BAD_PARAMS, "; ".join(map(str, problems)))
        try:
            told = dict(tool.run(params.get("arguments") or {}))
        except ScenarioError as problem:
            text = problem.message + (f"\n{problem.hint}" if problem.hint else "")
            return _result(number, {"content": [{"type": "text", "text": text}], "isError": True})
        text = json.dumps(told, ensure_ascii=False)
        return _result(number, {"content": [{"type": "text", "text": text}], "structuredContent": told})


def _result(number: Any, result: Mapping[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "result": dict(result)}


def _error(number: Any, code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}
