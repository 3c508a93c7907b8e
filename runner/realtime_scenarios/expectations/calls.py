"""Which tools were called, how the calls ended, in which order, and who allowed them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, Self

from msgspec.structs import replace

from realtime_scenarios.core import listed
from realtime_scenarios.document import Place
from realtime_scenarios.expectations.expected import Expected
from realtime_scenarios.expectations.matching import argument_mismatch, mismatch, shown
from realtime_scenarios.model.bounds import Bounds, read_counts
from realtime_scenarios.model.expectation import Failure, Scope, expectation
from realtime_scenarios.model.matcher import Matcher, read_matcher
from realtime_scenarios.model.mention import AgentName, ArgumentName, Mention, Renaming, StateName, ToolName
from realtime_scenarios.model.names import SET_STATE_TOOL
from realtime_scenarios.model.tool import Json
from realtime_scenarios.model.values import Source
from realtime_scenarios.trace import (
    AgentSaid,
    ApprovalDecided,
    ApprovalRequested,
    HandedOff,
    Outcome,
    StateEntered,
    ToolCalled,
    ToolReturned,
)


class _Call(Expected, frozen=True, eq=False):
    """A call of the tool, with these among its arguments."""

    tool: ToolName
    arguments: Mapping[str, Matcher]

    def names(self) -> Iterator[Mention]:
        yield self.tool
        for name, matcher in self.arguments.items():
            yield ArgumentName(name, matcher.place, self.tool.text, matcher.written)

    def _calls_of_the_tool(self, scope: Scope) -> list[ToolCalled]:
        return [event for event in scope.of(ToolCalled) if event.tool == self.tool.text]


@expectation("called")
class Called(_Call, frozen=True, eq=False):
    """The tool was called, with these arguments, this outcome and this answer; `times` says how often.

    `times` None: at least once. `outcome` and `returns` None: however it ended.
    """

    times: Bounds | None
    outcome: Outcome | None
    returns: Matcher | None

    @property
    def needs_scripted_model(self) -> bool:
        """A model that answers by itself cannot be ordered to break a rule."""
        return self.outcome in ("refused", "invalid", "unknown")

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        if isinstance(value, str):
            return cls(place, ToolName(value, place), {}, None, None, None)
        return cls(
            place,
            tool=ToolName(value["tool"], place / "tool"),
            arguments=_argument_matchers(value, place, source),
            times=read_counts(value["times"], place / "times", source) if "times" in value else None,
            outcome=value.get("outcome"),
            returns=read_matcher(value["returns"], place / "returns", source) if "returns" in value else None,
        )

    def check(self, scope: Scope) -> Failure | None:
        calls = self._calls_of_the_tool(scope)
        wanted = [call for call in calls if self._difference(call, scope) is None]
        if self.times is not None and not self.times.allow(len(wanted)):
            calls_in_words = _number_of_calls(self.times)
            expected = f"{calls_in_words} of '{self.tool.text}'{_with_arguments(self.arguments)}"
            return Failure(f"expected {expected}, but there were {len(wanted)}", scope.last)
        if self.times is None and not wanted:
            if calls:
                difference = self._difference(calls[-1], scope)
                return Failure(f"'{self.tool.text}' was called, but {difference}", calls[-1].seq)
            return Failure(f"'{self.tool.text}' was not called; {_what_was_called(scope)}", scope.last)
        return None

    def _difference(self, call: ToolCalled, scope: Scope) -> str | None:
        """Why a call of the tool is not the one wanted; None if it is."""
        if reason := argument_mismatch(self.arguments, call.arguments):
            return reason
        if self.outcome is None and self.returns is None:
            return None
        returned = scope.trace.returned(call.call_id)
        if returned is None:
            return "it never returned"
        if self.outcome is not None and returned.outcome != self.outcome:
            return f"it was {_in_words(returned.outcome)}, not {_in_words(self.outcome)}"
        if self.returns is not None and (reason := mismatch(self.returns, returned.output)):
            return f"it returned something else: {reason}"
        return None


@expectation("not_called")
class NotCalled(_Call, frozen=True, eq=False):
    """The tool was not called; with `args`, not with these; with `outcome`, no call of it ended so."""

    outcome: Outcome | None

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        if isinstance(value, str):
            return cls(place, ToolName(value, place), {}, None)
        arguments = _argument_matchers(value, place, source)
        return cls(place, ToolName(value["tool"], place / "tool"), arguments, value.get("outcome"))

    def check(self, scope: Scope) -> Failure | None:
        for call in self._calls_of_the_tool(scope):
            if argument_mismatch(self.arguments, call.arguments) is not None:
                continue
            if self.outcome is None:
                return Failure(f"'{call.tool}' was called, with {shown(call.arguments)}", call.seq)
            returned = scope.trace.returned(call.call_id)
            if returned is not None and returned.outcome == self.outcome:
                how = f"with {shown(call.arguments)}, and it was {_in_words(returned.outcome)}"
                return Failure(f"'{call.tool}' was called, {how}", returned.seq)
        return None


Deed = ToolCalled | HandedOff | StateEntered | AgentSaid
Step = ToolName | AgentName | StateName | Matcher
"""A call, a handoff to an agent, the entering of a state, words that the agent says."""


@expectation("order")
class Order(Expected, frozen=True, eq=False):
    """These calls, handoffs, states and words came one after the other; others may stand between them."""

    steps: tuple[Step, ...]

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        return cls(place, tuple(_step(data, place / index, source) for index, data in enumerate(value)))

    def names(self) -> Iterable[Mention]:
        return tuple(step for step in self.steps if not isinstance(step, Matcher))

    def renamed(self, rename: Renaming) -> Self:
        return replace(self, steps=tuple(step if isinstance(step, Matcher) else rename(step) for step in self.steps))

    def check(self, scope: Scope) -> Failure | None:
        is_about_words = any(isinstance(step, Matcher) for step in self.steps)
        looked_at = Deed if is_about_words else (ToolCalled, HandedOff, StateEntered)
        deeds: list[Deed] = [event for event in scope.events if isinstance(event, looked_at)]
        at = 0
        for step in self.steps:
            found = next((index for index in range(at, len(deeds)) if _fulfils(deeds[index], step)), None)
            if found is None:
                before = f" after {_deed_in_words(deeds[at - 1])}" if at else ""
                rest = listed(map(_deed_in_words, deeds[at:])) if deeds[at:] else "nothing"
                return Failure(f"expected {_step_in_words(step)}{before}; what came was {rest}", scope.last)
            at = found + 1
        return None


@expectation("approval")
class Approval(Expected, frozen=True, eq=False):
    """A person was asked about the tool and decided so, before it had any effect.

    `tool` None: about any. `decision` None: however they decided, but they were asked; an earlier decision that is
    remembered is a decision, and asks nobody. `asks` is what they were asked in words; None: whatever it was.
    """

    tool: ToolName | None
    decision: Literal["approved", "rejected", "timed_out"] | None
    never: bool = False
    """Nobody was asked about anything."""
    asks: Matcher | None = None

    @classmethod
    def read(cls, value: Json, place: Place, source: Source) -> Self:
        if value == "none":
            return cls(place, None, None, never=True)
        tool = ToolName(value["tool"], place / "tool") if "tool" in value else None
        asks = read_matcher(value["asks"], place / "asks", source) if "asks" in value else None
        return cls(place, tool, value.get("decision"), asks=asks)

    def names(self) -> Iterable[Mention]:
        return (self.tool,) if self.tool is not None else ()

    def check(self, scope: Scope) -> Failure | None:
        asked = scope.of(ApprovalRequested)
        if self.never:
            return Failure(f"a person was asked to approve '{asked[0].tool}'", asked[0].seq) if asked else None
        if self.asks is not None and (failure := self._asked_otherwise(self.asks, asked, scope)):
            return failure
        decided = [
            event
            for event in scope.of(ApprovalDecided)
            if self._is_about(event) and (self.decision is not None or not event.remembered)
        ]
        if not decided:
            if any(map(self._is_about, asked)):
                return Failure(f"the approval of {self._what} was never decided", scope.last)
            return self._unasked(scope)
        wanted = [event for event in decided if self.decision in (None, event.decision)]
        if self.decision is not None and not wanted:
            decision = f"was to be {_in_words(self.decision)}, but it was {_in_words(decided[-1].decision)}"
            return Failure(f"the approval of '{decided[-1].tool}' {decision}", decided[-1].seq)
        return next(filter(None, (_effect_before(event, scope) for event in wanted)), None)

    def _asked_otherwise(self, wanted: Matcher, asked: list[ApprovalRequested], scope: Scope) -> Failure | None:
        """That no question about the tool was like that; None where one was. What is remembered is not asked."""
        about = [event for event in asked if self._is_about(event)]
        if not about:
            return self._unasked(scope)
        reasons = [mismatch(wanted, event.question or "", heard=True) for event in about]
        if None in reasons:
            return None
        return Failure(f"a person was asked something else about '{about[-1].tool}': {reasons[-1]}", about[-1].seq)

    def _unasked(self, scope: Scope) -> Failure:
        unasked = f"nobody was asked to approve {self._what}"
        remembered = next(filter(self._is_about, scope.of(ApprovalDecided)), None)
        if remembered is not None:
            return Failure(f"{unasked}: an earlier decision was remembered", remembered.seq)
        return Failure(unasked, scope.last)

    @property
    def _what(self) -> str:
        return f"'{self.tool.text}'" if self.tool is not None else "anything"

    def _is_about(self, event: ApprovalRequested | ApprovalDecided) -> bool:
        return self.tool is None or event.tool == self.tool.text


def _effect_before(decision: ApprovalDecided, scope: Scope) -> Failure | None:
    """The call had answered already when it was decided."""
    for returned in scope.of(ToolReturned):
        if returned.call_id == decision.call_id and returned.seq < decision.seq:
            return Failure(f"'{decision.tool}' answered before the approval was decided", returned.seq)
    return None


def _argument_matchers(value: Mapping[str, Json], place: Place, source: Source) -> Mapping[str, Matcher]:
    written = value.get("args", {})
    return {name: read_matcher(data, place / "args" / name, source) for name, data in written.items()}


def _step(data: Json, place: Place, source: Source) -> Step:
    """A bare text is the name of a tool."""
    if isinstance(data, str):
        return ToolName(data, place)
    ((key, value),) = data.items()
    return _STEPS[key](value, place / key) if key in _STEPS else read_matcher(value, place / key, source)


_STEPS: Mapping[str, type[ToolName | AgentName | StateName]] = {
    "call": ToolName,
    "handoff": AgentName,
    "state": StateName,
}


def _fulfils(deed: Deed, step: Step) -> bool:
    match deed:
        case ToolCalled():
            return isinstance(step, ToolName) and step.text == deed.tool
        case HandedOff():
            return isinstance(step, AgentName) and step.text == deed.to
        case StateEntered():
            return isinstance(step, StateName) and step.text == deed.state
        case AgentSaid():
            return isinstance(step, Matcher) and mismatch(step, deed.text, heard=True) is None


def _deed_in_words(event: Deed) -> str:
    match event:
        case ToolCalled():
            return f"call '{event.tool}'"
        case HandedOff():
            return f"handoff '{event.to}'"
        case StateEntered():
            return f"state '{event.state}'"
        case AgentSaid():
            return f"say {shown(event.text, 60)}"


def _step_in_words(step: Step) -> str:
    match step:
        case ToolName():
            return f"call '{step.text}'"
        case AgentName():
            return f"handoff '{step.text}'"
        case StateName():
            return f"state '{step.text}'"
        case Matcher():
            return f"say {shown(step.written)}"


def _what_was_called(scope: Scope) -> str:
    tools = dict.fromkeys(f"'{event.tool}'" for event in scope.of(ToolCalled) if event.tool != SET_STATE_TOOL)
    return f"called were {listed(tools)}" if tools else "nothing was called"


def _number_of_calls(times: Bounds) -> str:
    if times.least == times.most:
        return {0: "no call", 1: "one call"}.get(int(times.least or 0), f"{times.least} calls")
    return f"{times.in_words(lambda count: f'{count:g}')} calls"


def _with_arguments(arguments: Mapping[str, Matcher]) -> str:
    written = {name: matcher.written for name, matcher in arguments.items()}
    return f" with {shown(written)}" if written else ""


def _in_words(word: str) -> str:
    return word.replace("_", " ")
