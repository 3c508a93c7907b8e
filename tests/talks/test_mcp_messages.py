"""What a client of the Model Context Protocol is answered, message by message."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

from realtime_scenarios.core import UsageError
from realtime_scenarios.talks.mcp import Server, Tool

SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


def say(given: Mapping[str, Any]) -> Mapping[str, Any]:
    if given["text"] == "no":
        raise UsageError("not that", hint="say yes")
    return {"said": given["text"]}


SERVER = Server("talk", [Tool("say", "Say it.", SCHEMA, say)])


def answer(method: str, **params: Any) -> Any:
    found = SERVER.answer({"jsonrpc": "2.0", "id": 7, "method": method, "params": params})
    assert found is not None and found["id"] == 7
    return found.get("result", found.get("error"))


def test_a_client_learns_the_revision_and_that_there_are_tools() -> None:
    told = answer("initialize", protocolVersion="2025-03-26", capabilities={}, clientInfo={})
    assert told["protocolVersion"] == "2025-03-26" and "tools" in told["capabilities"]
    assert answer("initialize", protocolVersion="1999-01-01")["protocolVersion"] == "2025-06-18"
    assert answer("ping") == {}
    assert answer("tools/list")["tools"] == [{"name": "say", "description": "Say it.", "inputSchema": SCHEMA}]


def test_a_call_gives_its_result_as_text_and_as_data() -> None:
    told = answer("tools/call", name="say", arguments={"text": "hé"})
    assert told["structuredContent"] == {"said": "hé"} and json.loads(told["content"][0]["text"]) == {"said": "hé"}


def test_what_goes_wrong_in_a_call_is_told_to_the_model_with_the_way_out() -> None:
    told = answer("tools/call", name="say", arguments={"text": "no"})
    assert told["isError"] and told["content"][0]["text"] == "not that\nsay yes"


def test_wrong_arguments_and_unknown_names_are_errors_of_the_request() -> None:
    assert answer("tools/call", name="say", arguments={})["code"] == -32602
    assert answer("tools/call", name="sing")["code"] == -32602
    assert answer("resources/list")["code"] == -32601


def test_on_the_wire_a_message_is_a_line_and_nonsense_ends_nothing() -> None:
    lines = [
        b"{",
        b"",
        b'{"jsonrpc": "2.0", "method": "notifications/initialized"}',
        b"[]",
        b'{"jsonrpc":"2.0","id":1,"method":"ping"}',
    ]
    out = io.BytesIO()
    SERVER.serve(io.BytesIO(b"\n".join(lines)), out)
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [each.get("error", {}).get("code") for each in told] == [-32700, -32600, None]
    assert told[-1] == {"jsonrpc": "2.0", "id": 1, "result": {}}
