"""The tools of a session or of one response, and the choice among them, to their checked form.

Fields: `openai.types.realtime.RealtimeToolsConfigUnion`. What makes a server of MCP no valid one: OpenAI's guide
"Realtime with tools", common failures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from realtime_scenarios.realtime.events import ClientError
from realtime_scenarios.realtime.shape import (
    Check,
    anything,
    array,
    boolean,
    either,
    json_object,
    kinds,
    mapping,
    missing,
    nullable,
    one_of,
    record,
    text,
    wrong_value,
)

Tool = dict[str, Any]
"""A tool in its wire form, that of an MCP server with the keys which the client has for it."""

_KEYS = ("authorization", "headers")
_WAYS_TO_MCP = ("server_url", "connector_id", "tunnel_id")
_CONNECTORS = (
    "dropbox", "gmail", "googlecalendar", "googledrive", "microsoftteams", "outlookcalendar", "outlookemail",
    "sharepoint",
)  # fmt: skip


def refuse_unknown_choice(choice: Any, tools: Sequence[Mapping[str, Any]], path: str) -> None:
    """A choice of one function or MCP server, which the tools must have.

    Raises:
        ClientError: they have not; `path` is where the choice stands.
    """
    if not isinstance(choice, dict):
        return
    name = "server_label" if choice["type"] == "mcp" else "name"
    if all(tool.get(name) != choice[name] for tool in tools):
        raise ClientError("invalid_value", f"Tool choice '{choice[name]}' is not among the tools.", path)


def whole_tools(tools: Sequence[Tool], known: Mapping[str, Tool], path: str) -> list[Tool]:
    """The tools, those of MCP servers as they were defined before where only their label is given.

    `known` are the MCP tools of the session so far by their labels.

    Raises:
        ClientError: one is given by a label that is not known; `path` is where the tools stand.
    """
    return [
        _whole_mcp_tool(tool, known, f"{path}[{index}]") if tool["type"] == "mcp" else tool
        for index, tool in enumerate(tools)
    ]


def without_keys(tools: Sequence[Tool]) -> list[Tool]:
    """The tools as they are echoed: nobody is shown the keys of others."""
    return [{name: value for name, value in tool.items() if name not in _KEYS} for tool in tools]


def _whole_mcp_tool(tool: Tool, known: Mapping[str, Tool], path: str) -> Tool:
    if any(way in tool for way in _WAYS_TO_MCP):
        return tool
    before = known.get(tool["server_label"])
    if before is None:
        raise missing(f"{path}.server_url")
    return {**before, **tool}


def _tools(value: Any, path: str) -> list[Tool]:
    tools: list[Tool] = array(_tool)(value, path)
    labels: set[str] = set()
    for index, tool in enumerate(tools):
        label = tool.get("server_label")
        if label in labels:
            raise wrong_value(f"{path}[{index}].server_label", f"there are two MCP servers '{label}'")
        labels |= {label} if label else set()
    return tools


def _tool(value: Any, path: str) -> Tool:
    given: Tool = json_object(value, path)
    if given.get("type") == "mcp":
        return _mcp_tool(given, path)
    wanted = _FUNCTION_TOOL(given, path)
    return {"type": "function", **{name: found for name, found in wanted.items() if found is not None}}


def _mcp_tool(value: Tool, path: str) -> Tool:
    tool: Tool = {name: found for name, found in _MCP_TOOL(value, path).items() if found is not None}
    ways = [way for way in _WAYS_TO_MCP if way in tool]
    if len(ways) > 1:
        raise wrong_value(f"{path}.{ways[1]}", f"there is {ways[0]} already, and a server is reached in one way")
    if "authorization" in tool and any(name.lower() == "authorization" for name in tool.get("headers", ())):
        raise wrong_value(f"{path}.headers", "'Authorization' is there twice, as authorization as well")
    return tool


def _url(value: Any, path: str) -> str:
    url: str = text()(value, path)
    if _PLAIN_URL.fullmatch(url):
        return url
    try:
        parts = urlsplit(url)
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_url = False
    if not is_url:
        raise wrong_value(path, "expected an address such as 'https://example.com/mcp'")
    return url


def _tool_choice(value: Any, path: str) -> Any:
    if not isinstance(value, dict):
        return one_of("none", "auto", "required")(value, path)
    return _CHOSEN_TOOL(value, path)


_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9._-]+(?::[1-9][0-9]{0,3}|:[1-5][0-9]{4})?(?:/[!-~]*)?")
"""An address as most are: to take it apart would call thirty functions, for each of thousands of servers."""

_NAME = text(longest=64, pattern="[a-zA-Z0-9_-]+")
_FUNCTION_TOOL = record(
    {
        "type": nullable(one_of("function")),
        "name": _NAME,
        "description": nullable(text()),
        "parameters": nullable(json_object),
    },
    required=("name",),
)
_SOME_TOOLS = record({"read_only": nullable(boolean), "tool_names": nullable(array(text()))})
_MCP_TOOL = record(
    {
        "type": anything,
        "server_label": _NAME,
        "server_url": nullable(_url),
        "connector_id": nullable(one_of(*(f"connector_{name}" for name in _CONNECTORS))),
        **dict.fromkeys(("tunnel_id", "server_description", "authorization"), nullable(text())),
        "headers": nullable(mapping(text())),
        "allowed_callers": nullable(array(one_of("direct", "programmatic"))),
        "allowed_tools": nullable(either(array(text()), _SOME_TOOLS, when=list)),
        "require_approval": nullable(
            either(
                one_of("always", "never"),
                record({"always": nullable(_SOME_TOOLS), "never": nullable(_SOME_TOOLS)}),
                when=str,
            )
        ),
        "defer_loading": nullable(boolean),
    },
    required=("server_label",),
)
_CHOSEN_TOOL = kinds(
    {
        "function": record({"type": anything, "name": _NAME}, required=("name",)),
        "mcp": record({"type": anything, "server_label": _NAME, "name": nullable(text())}, required=("server_label",)),
    }
)

TOOLS: Check = _tools
TOOL_CHOICE: Check = _tool_choice
