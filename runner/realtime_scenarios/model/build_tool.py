"""A tool as the checked document states it to a `ToolSpec`: its schema, its gate, its approval rule and its stub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_scenarios.document import Place
from realtime_scenarios.model.scenario import Supervisor
from realtime_scenarios.model.tool import (
    Answer,
    ApprovalRule,
    CasesStub,
    CatalogueStub,
    Condition,
    Field,
    Filler,
    HttpStub,
    Json,
    ModelStub,
    NothingStub,
    PythonStub,
    QueryStub,
    ReturnsStub,
    SequenceStub,
    Stub,
    SupervisorStub,
    Text,
    ToolSpec,
)
from realtime_scenarios.model.values import Source, conditions, expressions, seconds

_MODEL_KINDS = {"supervisor", "model"}
_LONGER_THAN_ITS_MODEL = 600
"""Seconds: a model's own timeout ends the waiting, with the fallback; the tool's must not come before it."""
_FALLBACK = "I am sorry, I could not find that out just now."
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
        filler=_filler(data["filler"], place / "filler") if "filler" in data else None,
        writes=data.get("writes", "approval" in data),
        timeout=seconds(data.get("timeout", _LONGER_THAN_ITS_MODEL if data.keys() & _MODEL_KINDS else 30)),
        stub=_stub(data, place, source),
        place=place,
    )


def supervisor(name: str, data: Mapping[str, Any], place: Place, source: Source) -> Supervisor:
    """The supervisor `name`."""
    return Supervisor(
        name=name,
        model=data.get("model"),
        instructions=source.text(data["instructions"], place / "instructions"),
        tools=tuple(data.get("tools", ())),
        history=_history(data.get("history", "all")),
        input=data.get("input"),
        max_calls=data.get("max_calls", 8),
        retries=data.get("retries", 1),
        timeout=seconds(data.get("timeout", 30)),
        fallback=data.get("fallback", _FALLBACK),
        read=data.get("read", "freely"),
        place=place,
    )


def _history(data: Any) -> int | None:
    return None if data == "all" else data


def _filler(data: Any, place: Place) -> Filler:
    if isinstance(data, dict):
        return Filler(tuple(data["say"]), data.get("exact", False), place)
    return Filler(() if data is True else tuple(data), False, place)


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
    if "catalogue" in data:
        return _catalogue(data["catalogue"], place / "catalogue", source)
    answer, has_returns = _answer(data, place, source), "returns" in data
    if "http" in data:
        return _http(data["http"], place / "http", answer, has_returns, source)
    if "supervisor" in data:
        return SupervisorStub("supervisor", data["supervisor"], answer, has_returns)
    if "model" in data:
        return _model(data["model"], place / "model", answer, has_returns, source)
    if "query" in data:
        return _query(data["query"], place / "query", answer, has_returns, source)
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


def _catalogue(data: Mapping[str, Any], place: Place, source: Source) -> CatalogueStub:
    functions = {name: tool(name, one, place / "functions" / name, source) for name, one in data["functions"].items()}
    return CatalogueStub(
        "catalogue", data.get("function", "function_name"), data.get("arguments", "parameters"), functions
    )


def _http(data: Mapping[str, Any], place: Place, answer: Answer, has_returns: bool, source: Source) -> HttpStub:
    return HttpStub(
        kind="http",
        url=data["url"],
        method=data.get("method", "GET"),
        query=data.get("query", {}),
        json=data.get("json"),
        has_json="json" in data,
        headers=data.get("headers", {}),
        key_env=data.get("key_env"),
        retries=data.get("retries", 0),
        offline=_stand_in(data, "offline", place, source),
        answer=answer,
        has_returns=has_returns,
    )


def _model(data: Mapping[str, Any], place: Place, answer: Answer, has_returns: bool, source: Source) -> ModelStub:
    return ModelStub(
        kind="model",
        model=data.get("model"),
        instructions=source.text(data["instructions"], place / "instructions"),
        history=_history(data.get("history", 0)),
        input=data.get("input"),
        output=source.parameters(data["output"], place / "output") if "output" in data else None,
        offline=_stand_in(data, "offline", place, source),
        retries=data.get("retries", 1),
        timeout=seconds(data.get("timeout", 30)),
        fallback=_stand_in(data, "fallback", place, source),
        answer=answer,
        has_returns=has_returns,
    )


def _stand_in(data: Mapping[str, Any], key: str, place: Place, source: Source) -> Answer | None:
    """An answer that is given as a bare value below `key`."""
    return Answer(place=place / key, returns=_value(data[key], place / key, source)) if key in data else None


def _statements(data: Any, place: Place, source: Source) -> tuple[Text, ...]:
    if isinstance(data, list):
        return tuple(source.text(one, place / index) for index, one in enumerate(data))
    return (source.text(data, place),)


def _empty(data: Json, place: Place, source: Source) -> Answer:
    if isinstance(data, dict) and data and data.keys() <= _ANSWER_KEYS:
        return _answer(data, place, source)
    return Answer(place=place, returns=_value(data, place, source))
