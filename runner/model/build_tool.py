"""A tool as the checked document states it to a `ToolSpec`: its schema, its gate, its approval rule and its stub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.document import Place
from runner.model.scenario import (
    Answer,
    ApprovalRule,
    CasesStub,
    Condition,
    Field,
    Json,
    NothingStub,
    PythonStub,
    QueryStub,
    ReturnsStub,
    SequenceStub,
    Stub,
    Text,
    ToolSpec,
)
from runner.model.values import Source, conditions, expressions, seconds

_ANSWER_KEYS = {"returns", "raises", "times_out", "delay", "set"}


def tool(name: str, data: Mapping[str, Any], place: Place, source: Source) -> ToolSpec:
    """The tool `name`."""
    return ToolSpec(
        name=name,
        description=data["description"],
        parameters=source.parameters(data.get("parameters", {}), place / "parameters"),
        examples=tuple(data.get("examples", ())),
        requires=conditions(data.get("requires"), place / "requires"),
        approval=_approval(data["approval"], place / "approval") if "approval" in data else None,
        timeout=seconds(data.get("timeout", 30)),
        stub=_stub(data, place, source),
        place=place,
    )


def _approval(data: Any, place: Place) -> ApprovalRule:
    given: Mapping[str, Any] = {} if isinstance(data, str) else data
    return ApprovalRule(
        when=Condition(given["when"], place / "when") if "when" in given else None,
        fields={name: _field(name, value, place / "fields" / name) for name, value in given.get("fields", {}).items()},
        timeout=seconds(given["timeout"]) if "timeout" in given else None,
        remember=given.get("remember", "call"),
        reject_message=given.get("reject_message"),
        place=place,
    )


def _field(name: str, data: Mapping[str, Any], place: Place) -> Field:
    label = data.get("label", name.replace("_", " ").capitalize())
    return Field(name, label, secret=data.get("secret", False), required=data.get("required", True), place=place)


def _stub(data: Mapping[str, Any], place: Place, source: Source) -> Stub:
    if "cases" in data:
        return CasesStub("cases", _answers(data["cases"], place / "cases", source))
    if "sequence" in data:
        return SequenceStub("sequence", _answers(data["sequence"], place / "sequence", source))
    answer = _answer(data, place, source)
    if "query" in data:
        return _query(data["query"], place / "query", answer, "returns" in data, source)
    if "python" in data:
        return PythonStub("python", data["python"], answer)
    if data.keys() & {"returns", "raises", "times_out"}:
        return ReturnsStub("returns", answer)
    return NothingStub("nothing", answer)


def _answers(data: list[Any], place: Place, source: Source) -> tuple[Answer, ...]:
    return tuple(_answer(one, place / index, source) for index, one in enumerate(data))


def _answer(data: Mapping[str, Any], place: Place, source: Source) -> Answer:
    return Answer(
        place=place,
        returns=_value(data.get("returns", True), place / "returns", source),
        raises=data.get("raises"),
        times_out=data.get("times_out", False),
        delay=seconds(data.get("delay", 0)),
        set=expressions(data.get("set", {})),
        when=Condition(data["when"], place / "when") if "when" in data else None,
    )


def _value(data: Json, place: Place, source: Source) -> Json:
    if isinstance(data, dict) and data.keys() == {"file"}:
        return source.file_text(data, place)
    return data


def _query(data: Any, place: Place, answer: Answer, has_returns: bool, source: Source) -> QueryStub:
    given: Mapping[str, Any] = data if isinstance(data, dict) else {"sql": data}
    return QueryStub(
        kind="query",
        sql=_statements(given["sql"], place / "sql" if isinstance(data, dict) else place, source),
        params=expressions(given.get("params", {})),
        result=given.get("result", "rows"),
        empty=_empty(given["empty"], place / "empty", source) if "empty" in given else None,
        answer=answer,
        has_returns=has_returns,
    )


def _statements(data: Any, place: Place, source: Source) -> tuple[Text, ...]:
    if isinstance(data, list):
        return tuple(source.text(one, place / index) for index, one in enumerate(data))
    return (source.text(data, place),)


def _empty(data: Json, place: Place, source: Source) -> Answer:
    if isinstance(data, dict) and data and data.keys() <= _ANSWER_KEYS:
        return _answer(data, place, source)
    return Answer(place=place, returns=_value(data, place, source))
