"""The answers of a stub as the checked document states them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from realtime_scenarios.document import Place
from realtime_scenarios.model.tool import Answer, Condition, Json
from realtime_scenarios.model.values import Source, expressions, seconds


def answer_in(data: Mapping[str, Any], place: Place, source: Source) -> Answer:
    """The answer that a tool, a case or an item of a sequence states."""
    return Answer(
        place=place,
        returns=value_in(data.get("returns", True), place / "returns", source),
        raises=data.get("raises"),
        times_out=data.get("times_out", False),
        delay=seconds(data.get("delay", 0)),
        set=expressions(data.get("set", {})),
        when=Condition(data["when"], place / "when") if "when" in data else None,
    )


def answers_in(data: list[Any], place: Place, source: Source) -> tuple[Answer, ...]:
    """The answers in a list."""
    return tuple(answer_in(answer, place / index, source) for index, answer in enumerate(data))


def bare_answer_in(data: Mapping[str, Any], key: str, place: Place, source: Source) -> Answer | None:
    """An answer that is given as a bare value below `key`; None where it is not given."""
    return Answer(place=place / key, returns=value_in(data[key], place / key, source)) if key in data else None


def value_in(data: Json, place: Place, source: Source) -> Json:
    """A value, or the text of the file that it names."""
    if isinstance(data, dict) and data.keys() == {"file"}:
        return source.file_text(data, place)
    return data
