"""The cases of expectations: what holds of a conversation, what does not, and what is said then."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from realtime_scenarios.document import Document, Place, read, read_text
from realtime_scenarios.expectations import Verdict, check
from realtime_scenarios.model.expectation import EXPECTATIONS, Expectation
from realtime_scenarios.model.values import Source
from realtime_scenarios.trace import BrokenPromise, Judgement, Trace, TurnMeasures, from_json_lines

CASES = Path(__file__).parent.parent / "cases" / "expectations"
CONVERSATION = Path(__file__).parent.parent / "expectations" / "conversation.yaml"


@dataclass(frozen=True)
class Case:
    """What is expected of a `turn`, or of the whole conversation (None). `says` and `at` are None where it `holds`.

    `diff` is what differs, line by line; empty where the message says it all.
    """

    key: str
    ends: Literal["holds", "fails"]
    place: Place
    expected: Any
    turn: int | None
    conversation: Mapping[str, Any]
    says: str | None
    at: int | None
    diff: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.key}-{self.ends}-{self.place.pointer[1]}"

    @property
    def expectation(self) -> Expectation:
        return expectation_of(self.key, self.expected, self.place)

    @property
    def verdict(self) -> Verdict:
        return check(self.expectation, trace_of(self.conversation), self.turn)


def cases(folder: Path = CASES) -> list[Case]:
    """All cases, each file under the key that it is called after."""
    return [case for path in sorted(folder.glob("*.yaml")) for case in cases_in(path)]


def cases_in(path: Path) -> Iterator[Case]:
    document, shared = document_of(path), document_of(CONVERSATION).data
    ends: Literal["holds", "fails"]
    for ends in ("holds", "fails"):
        for index, written in enumerate(document.data.get(ends, ())):
            place = document.root / ends / index / "expect"
            conversation = {**shared, **written.get("conversation", {})}
            says, at = written.get("says"), written.get("at")
            diff = tuple(written.get("diff", ()))
            yield Case(path.stem, ends, place, written["expect"], written.get("turn"), conversation, says, at, diff)


def document_of(path: Path) -> Document:
    document, found = read(path)
    assert document is not None and found == [], found
    return document


def expectation_of(key: str, value: Any, place: Place | None = None) -> Expectation:
    """The expectation that a file states under `key`; `place` None: nowhere in particular."""
    if place is None:
        nowhere, _ = read_text("a: 1\n", "dialogue.yaml")
        assert nowhere is not None
        place = nowhere.root
    assert isinstance(place.document, Document)
    return EXPECTATIONS[key].read(value, place, Source(place.document))


def trace_of(conversation: Mapping[str, Any]) -> Trace:
    """The trace of a conversation as the case files describe it."""
    lines = [json.dumps({"seq": number, **event}) for number, event in enumerate(conversation["events"], 1)]
    rows = conversation.get("rows")
    return Trace(
        tuple(from_json_lines("\n".join(lines))),
        start=conversation["start"],
        context=conversation["context"],
        query=None if rows is None else rows.__getitem__,
        measures={turn: TurnMeasures(*taken) for turn, taken in enumerate(conversation["measures"], 1)},
        judgements={pointer: Judgement(**said) for pointer, said in conversation.get("judgements", {}).items()},
        broken=tuple(BrokenPromise(**broken) for broken in conversation.get("broken", ())),
    )
