"""A tool as the checked document states it to a `ToolSpec`: its schema, its gate, its approval rule and its stub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_scenarios.document import Place
from realtime_scenarios.model.scenario import Supervisor
from realtime_scenarios.model.stub import stub_of
from realtime_scenarios.model.tool import (
    ApprovalRule,
    Condition,
    Field,
    Filler,
    Lookup,
    Text,
    ToolSpec,
)
from realtime_scenarios.model.values import Source, conditions, expressions, history, seconds

_FALLBACK = "I am sorry, I could not find that out just now."


def tool(name: str, data: Mapping[str, Any], place: Place, source: Source) -> ToolSpec:
    """The tool `name`."""
    stub = stub_of(data, place, source)
    return ToolSpec(
        name=name,
        description=data["description"],
        parameters=source.parameters(data.get("parameters", {}), place / "parameters"),
        examples=tuple(data.get("examples", ())),
        requires=conditions(data.get("requires"), place / "requires"),
        approval=_approval(data["approval"], place / "approval", source) if "approval" in data else None,
        filler=_filler(data["filler"], place / "filler") if "filler" in data else None,
        writes=data.get("writes", "approval" in data),
        timeout=seconds(data.get("timeout", stub.patience)),
        stub=stub,
        place=place,
    )


def supervisor(name: str, data: Mapping[str, Any], place: Place, source: Source) -> Supervisor:
    """The supervisor `name`."""
    return Supervisor(
        name=name,
        model=data.get("model"),
        instructions=source.text(data["instructions"], place / "instructions"),
        tools=tuple(data.get("tools", ())),
        history=history(data.get("history", "all")),
        input=data.get("input"),
        max_calls=data.get("max_calls", 8),
        retries=data.get("retries", 1),
        timeout=seconds(data.get("timeout", 30)),
        fallback=data.get("fallback", _FALLBACK),
        read=data.get("read", "freely"),
        place=place,
    )


def _filler(data: Any, place: Place) -> Filler:
    if isinstance(data, dict):
        return Filler(tuple(data["say"]), data.get("exact", False), place)
    return Filler(() if data is True else tuple(data), False, place)


def _approval(data: Any, place: Place, source: Source) -> ApprovalRule:
    given: Mapping[str, Any] = {} if isinstance(data, str) else data
    return ApprovalRule(
        when=Condition(given["when"], place / "when") if "when" in given else None,
        fields={
            name: _field(name, value, place / "fields" / name, source)
            for name, value in given.get("fields", {}).items()
        },
        timeout=seconds(given["timeout"]) if "timeout" in given else None,
        remember=given.get("remember", "call"),
        reject_message=given.get("reject_message"),
        place=place,
        question=Text(given["question"], place / "question") if "question" in given else None,
        query=_lookup(given["query"], place / "query", source) if "query" in given else None,
    )


def _lookup(data: Any, place: Place, source: Source) -> Lookup:
    if isinstance(data, dict) and "sql" in data:
        return Lookup(source.text(data["sql"], place / "sql"), expressions(data.get("params", {})), place)
    return Lookup(source.text(data, place), {}, place)


def _field(name: str, data: Mapping[str, Any], place: Place, source: Source) -> Field:
    if "pattern" in data:
        source.json_schema({"pattern": data["pattern"]}, place)
    return Field(
        name=name,
        label=data.get("label", name.replace("_", " ").capitalize()),
        secret=data.get("secret", False),
        required=data.get("required", True),
        place=place,
        pattern=data.get("pattern"),
        format=data.get("format"),
    )
