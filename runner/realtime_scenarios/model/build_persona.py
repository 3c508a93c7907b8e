"""What a checked document says of a caller who is no script, to a `Persona`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from realtime_scenarios.document import Place
from realtime_scenarios.model.decision import Decision
from realtime_scenarios.model.matcher import read_matcher
from realtime_scenarios.model.persona import Fact, Persona, Reaction, Want
from realtime_scenarios.model.values import Source

_TURNS = 20
_PATIENCE = 3


def read_persona(data: Mapping[str, Any], place: Place, source: Source) -> Persona:
    """The caller whom the schema allows; patterns that are none are found."""
    reacts, limits = data.get("reacts", {}), data.get("limits", {})
    return Persona(
        wants=tuple(_wants(data, place, source)),
        facts=tuple(_fact(fact, place / "facts" / at, source) for at, fact in enumerate(data.get("facts", ()))),
        question=_reaction("question", reacts, place, source),
        refusal=_reaction("refusal", reacts, place, source),
        silence=_reaction("silence", reacts, place, source),
        approvals={
            tool: read_decisions(decided, place / "approvals" / tool)
            for tool, decided in data.get("approvals", {}).items()
        },
        turns=limits.get("turns", _TURNS),
        patience=limits.get("patience", _PATIENCE),
        ends=data.get("ends", "done"),
        place=place,
        who=data.get("who"),
        model=data.get("model"),
        begins="opens" in data,
    )


def read_decisions(data: Any, place: Place) -> tuple[Decision, ...]:
    """One decision or a list of them."""
    if isinstance(data, list):
        return tuple(_decision(decision, place / index) for index, decision in enumerate(data))
    return (_decision(data, place),)


def _decision(data: Any, place: Place) -> Decision:
    if isinstance(data, str):
        return Decision(data, {}, None, place)  # type: ignore[arg-type]
    if "approve" in data:
        return Decision("approve", data["approve"], None, place)
    if "reject" in data:
        return Decision("reject", {}, data["reject"], place)
    return Decision("times_out", {}, None, place)


def _wants(data: Mapping[str, Any], place: Place, source: Source) -> Iterator[Want]:
    if "opens" in data:
        yield Want(_texts(data["opens"]), None, place / "opens")
    for at, want in enumerate(data.get("wants", ())):
        here = place / "wants" / at
        until = read_matcher(want["until"], here / "until", source) if "until" in want else None
        yield Want(_texts(want["says"]), until, here)


def _fact(data: Mapping[str, Any], place: Place, source: Source) -> Fact:
    return Fact(read_matcher(data["asked"], place / "asked", source), _texts(data["says"]), place)


def _reaction(key: str, data: Mapping[str, Any], place: Place, source: Source) -> Reaction:
    if key not in data:
        return Reaction()
    written, here = data[key], place / "reacts" / key
    if not isinstance(written, Mapping):
        return Reaction(_texts(written))
    when = read_matcher(written["when"], here / "when", source) if "when" in written else None
    return Reaction(_texts(written["says"]), when)


def _texts(data: Any) -> tuple[str, ...]:
    return (data,) if isinstance(data, str) else tuple(data)
