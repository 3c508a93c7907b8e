"""What the scenario itself promises about every conversation, held against a trace."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from realtime_scenarios.core.folding import folded
from realtime_scenarios.document import Place
from realtime_scenarios.model.names import SET_STATE_TOOL
from realtime_scenarios.model.scenario import HandoffSpec, Scenario
from realtime_scenarios.model.tool import Filler
from realtime_scenarios.trace import (
    BY_THE_CALLER,
    AgentSaid,
    BrokenPromise,
    HandedOff,
    Promise,
    ToolCalled,
    ToolReturned,
    Trace,
    TraceEvent,
)

_CITATION = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_HEADING = re.compile(r"^\s*#+\s.*$", re.MULTILINE)
_NOT_A_WORD = re.compile(r"[^\w$%€£]+")


class Unkept(Struct, frozen=True):
    """A promise that was not kept: where the scenario makes it, and which event broke it."""

    place: Place
    broken: BrokenPromise


def unkept_promises(scenario: Scenario, trace: Trace) -> Iterator[Unkept]:
    """Each promise that was not kept: the opening, fillers, announced handoffs, answers read out."""
    yield from _on_opening(scenario, trace)
    for event in trace:
        match event:
            case ToolCalled(within=None) if event.turn > 0:
                tool = scenario.tools.get(event.tool)
                if tool is not None and tool.filler is not None and _was_valid(event, trace):
                    yield from _on_filler(tool.filler, event, trace)
            case HandedOff():
                agent = scenario.agents.get(event.agent)
                edge = next((edge for edge in agent.handoffs if edge.to == event.to), None) if agent else None
                if edge is not None:
                    yield from _on_handoff(edge, event, trace)
            case ToolReturned(within=None, outcome="answered"):
                yield from _on_answer(scenario, event, trace)
            case _:
                pass


def spoken(text: str) -> str:
    """The words of an answer as they are read out: without headings, and without what citations refer to."""
    return " ".join(_NOT_A_WORD.split(folded(_CITATION.sub("", _HEADING.sub("", text))))).strip()


def _on_opening(scenario: Scenario, trace: Trace) -> Iterator[Unkept]:
    opening = scenario.opening
    if opening is None:
        return
    said = [event for event in trace if isinstance(event, AgentSaid)]
    opens = bool(said) and not any(isinstance(event, BY_THE_CALLER) and event.seq < said[0].seq for event in trace)
    if opening.say is not None:
        wanted = spoken(opening.say)
        if opening.exact and opens and not _says_exactly(said[0], wanted):
            message = (
                f"the conversation was to be opened with exactly '{opening.say}', but the agent said '{said[0].text}'"
            )
            yield _unkept("opening", opening.place / "say", message, said[0])
        for again in said[1:] if opens else said:
            if spoken(again.text) == wanted:
                yield _unkept("opening", opening.place / "say", "the opening words were said again", again)
    for event in trace:
        if isinstance(event, ToolCalled) and event.turn > 0 and event.tool in opening.calls:
            place = opening.place / "calls" / opening.calls.index(event.tool)
            yield _unkept(
                "opening", place, f"'{event.tool}' was called again, though its answer is there from the start", event
            )


def _on_filler(filler: Filler, call: ToolCalled, trace: Trace) -> Iterator[Unkept]:
    said = _said_before(call, trace)
    if said is None:
        yield _unkept("filler", filler.place, f"'{call.tool}' was called without a word to the caller before", call)
    elif filler.exact and all(not _ends_with(said, spoken(line)) for line in filler.lines):
        yield _unkept(
            "filler", filler.place, f"before '{call.tool}' the agent was to say one of the filler lines", said
        )


def _on_handoff(edge: HandoffSpec, handoff: HandedOff, trace: Trace) -> Iterator[Unkept]:
    if edge.say_first and _said_before(handoff, trace) is None:
        yield _unkept(
            "say_first",
            edge.place / "say_first",
            f"the caller was handed to '{handoff.to}' without being told",
            handoff,
        )
    after = [event for event in trace.of_turn(handoff.turn) if event.seq > handoff.seq]
    if not any(isinstance(event, (AgentSaid, ToolCalled, HandedOff)) for event in after):
        yield _unkept("takeover", edge.place, f"agent '{handoff.to}' took over and stayed silent", handoff)


def _on_answer(scenario: Scenario, returned: ToolReturned, trace: Trace) -> Iterator[Unkept]:
    tool = scenario.tools.get(returned.tool)
    if tool is None or tool.stub.supervisor is None:
        return
    supervisor = scenario.supervisors.get(tool.stub.supervisor)
    if supervisor is None or supervisor.read != "verbatim":
        return
    answered = trace.answered(returned.call_id)
    answer = supervisor.fallback if answered is None else answered.text
    said = [event for event in trace if isinstance(event, AgentSaid) and event.seq > returned.seq]
    read = next((event for event in said if event.phase != "commentary"), said[0] if said else None)
    if read is None or not _says_exactly(read, spoken(answer)):
        heard = f"but the agent said '{read.text}'" if read else "but nothing was said"
        message = f"the answer of '{supervisor.name}' was to be read out word for word, {heard}"
        yield _unkept("verbatim", supervisor.place / "read", message, read or returned)


def _was_valid(call: ToolCalled, trace: Trace) -> bool:
    """Whether the call was one the agent could make, and took its time."""
    returned = trace.returned(call.call_id)
    return returned is None or returned.outcome not in ("unknown", "invalid", "refused")


def _said_before(event: TraceEvent, trace: Trace) -> AgentSaid | None:
    """What the agent said straight before, since the caller, another call's answer or another agent was last heard."""
    before = [earlier for earlier in trace if earlier.seq < event.seq]
    for earlier in reversed(before):
        if isinstance(earlier, AgentSaid):
            return earlier if earlier.agent == event.agent and earlier.turn == event.turn else None
        if isinstance(earlier, (*BY_THE_CALLER, ToolReturned, HandedOff)) and not _is_answer_to_move(earlier):
            return None
    return None


def _is_answer_to_move(event: TraceEvent) -> bool:
    """Whether it is the answer to a move between states, which nobody hears."""
    return isinstance(event, ToolReturned) and event.tool == SET_STATE_TOOL


def _says_exactly(said: AgentSaid, wanted: str) -> bool:
    words = spoken(said.text)
    return wanted.startswith(words) if said.interrupted else words == wanted


def _ends_with(said: AgentSaid, wanted: str) -> bool:
    return spoken(said.text).endswith(wanted)


def _unkept(promise: Promise, place: Place, message: str, event: TraceEvent) -> Unkept:
    return Unkept(place, BrokenPromise(promise, message, event.turn, event.seq))
