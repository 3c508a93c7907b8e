"""What the text models behind tools, supervisors and guardrails were shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from realtime_scenarios.core import listed
from realtime_scenarios.document import Place
from realtime_scenarios.expectations.expected import Expected
from realtime_scenarios.expectations.matching import mismatch
from realtime_scenarios.model.expectation import Failure, Scope, expectation
from realtime_scenarios.model.matcher import Matcher, read_matcher, without
from realtime_scenarios.model.mention import GuardrailName, Mention, SupervisorName, ToolName
from realtime_scenarios.model.tool import Json
from realtime_scenarios.model.values import Source
from realtime_scenarios.trace import ModelAsked

Reader = ToolName | SupervisorName | GuardrailName
_READERS: dict[str, type[Reader]] = {"tool": ToolName, "supervisor": SupervisorName, "guardrail": GuardrailName}


@expectation("asked")
class Asked(Expected, frozen=True, eq=False):
    """The text model of `reader` (None: any) was asked, and one of its questions matches; instructions belong to it.

    What `excludes` names stands in none of them.
    """

    reader: Reader | None
    words: Matcher

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        readers = [_READERS[key](name, place / key) for key, name in value.items() if key in _READERS]
        return cls(place, readers[0] if readers else None, read_matcher(without(_READERS, value), place, source))

    def names(self) -> Iterable[Mention]:
        return (self.reader,) if self.reader is not None else ()

    def check(self, scope: Scope) -> Failure | None:
        asked = [event for event in scope.of(ModelAsked) if self._is_of_the_reader(event, scope)]
        if not asked:
            others = dict.fromkeys(f"'{event.name}'" for event in scope.of(ModelAsked))
            known = f"asked were {listed(others)}" if others else "no text model was"
            return Failure(f"the text model of {self._reader_in_words} was not asked; {known}", scope.last)
        kept_from_it = Matcher(self.words.place, self.words.written, excludes=self.words.excludes)
        for event in asked:
            if self.words.excludes and event.is_cut:
                message = f"what the text model of '{event.name}' was shown is too long to be kept whole"
                return Failure(f"{message}, so that nobody knows what it is without", event.seq)
            if reason := mismatch(kept_from_it, shown_to(event), heard=True):
                return Failure(f"what the text model of '{event.name}' was shown: {reason}", event.seq)
        reasons = [mismatch(self.words, shown_to(event), heard=True) for event in asked]
        if None in reasons:
            return None
        cut = "; it was too long to be kept whole" if asked[-1].is_cut else ""
        return Failure(f"what the text model of '{asked[-1].name}' was shown: {reasons[-1]}{cut}", asked[-1].seq)

    def _is_of_the_reader(self, event: ModelAsked, scope: Scope) -> bool:
        match self.reader:
            case None:
                return True
            case ToolName(text=name):
                call = scope.trace.called(event.call_id) if event.call_id is not None else None
                return event.name == name or (call is not None and call.tool == name)
            case SupervisorName(text=name):
                return event.call_id is not None and event.name == name
            case GuardrailName(text=name):
                return event.call_id is None and event.name == name

    @property
    def _reader_in_words(self) -> str:
        return f"{self.reader.noun} '{self.reader.text}'" if self.reader is not None else "anything"


def shown_to(event: ModelAsked) -> str:
    """All that the model read, as one text."""
    return f"{event.instructions}\n{event.question}"
