"""A dialogue played against a provider, and the verdicts on it.

A turn is loaded into the scripted model and the scripted person, taken, and judged before the next one begins: verdicts
ask for the context and the tables as that turn left them. With a scripted model the first turn that fails is the last,
since what follows builds on it. Any other model is given all turns, and only expected to make the moves. The promises
of the scenario are held against the whole trace, and only where the conversation came to its end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from msgspec import structs

from realtime_scenarios.compiler import CompiledScenario
from realtime_scenarios.core import ScenarioError
from realtime_scenarios.expectations import Verdict, check
from realtime_scenarios.expectations.standing import standing_verdicts
from realtime_scenarios.model.dialogue import Dialogue, Turn
from realtime_scenarios.model.expectation import Expectation
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.proof import departures, property_violations
from realtime_scenarios.providers import Provider, ProviderRequest
from realtime_scenarios.realtime import Pace
from realtime_scenarios.session.conversation import Conversation
from realtime_scenarios.session.cut_in import cut_ins_of
from realtime_scenarios.session.following import Observer
from realtime_scenarios.session.script import ScriptedModel, ScriptedPerson
from realtime_scenarios.session.time import DEFAULT_NOW, LoopClock, run_in_virtual_time
from realtime_scenarios.session.verify import move_verdicts
from realtime_scenarios.trace import Trace

SPEAKING_PACE = Pace(words_per_delta=1, ms_per_word=400)
"""150 words a minute, as people speak: used where a dialogue says that the caller cuts in."""

LONGEST_APPROVAL = 600.0
"""Seconds that a dialogue waits for a decision nobody makes, where the rule has no timeout of its own."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DialogueResult:
    """`verdicts` holds all of them, in the order of the file; `error` is what ended the conversation early, or None."""

    dialogue: Dialogue
    verdicts: tuple[Verdict, ...]
    trace: Trace
    error: ScenarioError | None = None

    @property
    def passed(self) -> bool:
        return self.error is None and all(verdict.passed for verdict in self.verdicts)

    @property
    def failures(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if not verdict.passed)


def played(
    compiled: CompiledScenario,
    dialogue: Dialogue,
    provider: Provider,
    request: ProviderRequest,
    *,
    observer: Observer | None = None,
) -> DialogueResult:
    """Play a dialogue to its end, in virtual time unless the provider is somewhere else."""
    main = play(compiled, dialogue, provider, request, observer=observer)
    return run_for(provider, main, real_time=bool(compiled.scenario.mcp))


def run_for(provider: Provider, main: Coroutine[Any, Any, T], *, real_time: bool = False) -> T:
    """Run to the end in the time that the provider lives in. `real_time`: processes of their own are waited for."""
    return asyncio.run(main) if provider.real_time or real_time else run_in_virtual_time(main)


async def play(
    compiled: CompiledScenario,
    dialogue: Dialogue,
    provider: Provider,
    request: ProviderRequest,
    *,
    observer: Observer | None = None,
) -> DialogueResult:
    """Play a dialogue in the running loop. A wrong of the world ends it, with what had happened until then."""
    model, person = ScriptedModel(), ScriptedPerson()
    if any(cut_ins_of(turn).messages for turn in dialogue.turns):
        request = replace(request, pace=SPEAKING_PACE)
    if provider.scripted:
        request = replace(request, responder=model, text=model)
    conversation = Conversation(
        compiled,
        provider.open(request),
        clock=LoopClock(dialogue.now or DEFAULT_NOW),
        approver=person,
        observer=observer,
        context=dialogue.context,
        agent=dialogue.agent,
        state=dialogue.state,
        longest_approval=LONGEST_APPROVAL,
    )
    verdicts: list[Verdict] = []
    error: ScenarioError | None = None
    try:
        async with conversation:
            for number, turn in enumerate(dialogue.turns, 1):
                await _take_turn(conversation, turn, model, person)
                verdicts += _turn_verdicts(turn, number, conversation, provider, model, person)
                if provider.scripted and not all(verdict.passed for verdict in verdicts):
                    break  # what follows would only be noise
            else:
                trace = conversation.trace
                asked = [wanted for wanted in dialogue.expect if _applies_to(wanted, provider)]
                verdicts += [check(wanted, trace, None) for wanted in asked]
                verdicts += _promise_verdicts(compiled.scenario, trace, dialogue)
                preset = bool(dialogue.context or dialogue.agent or dialogue.state)
                verdicts += _proof_verdicts(compiled.scenario, trace, preset=preset)
            trace = conversation.finished("the dialogue is over")
    except ScenarioError as problem:
        error = problem
        trace = conversation.finished(problem.message)
    return DialogueResult(dialogue, tuple(verdicts), trace, error)


async def _take_turn(conversation: Conversation, turn: Turn, model: ScriptedModel, person: ScriptedPerson) -> None:
    model.load(turn.moves or (), conversation.state)
    person.load(turn)
    interrupts = cut_ins_of(turn)
    if turn.image is not None:
        await conversation.user_shows(turn.image, turn.user, answered=bool(turn.moves), interrupts=interrupts)
    elif turn.user is not None:
        await conversation.user_says(turn.user, interrupts=interrupts)
    elif turn.silence is not None:
        broken = turn.interrupt.after_seconds if turn.interrupt is not None else None
        speaks_up = bool(turn.moves)
        await conversation.silence(turn.silence, broken_after=broken, speaks_up=speaks_up, interrupts=interrupts)
    else:
        await conversation.agent_opens(interrupts=interrupts)


def _turn_verdicts(
    turn: Turn,
    number: int,
    conversation: Conversation,
    provider: Provider,
    model: ScriptedModel,
    person: ScriptedPerson,
) -> Iterator[Verdict]:
    trace = conversation.trace
    if turn.moves is not None:
        yield from move_verdicts(turn, number, trace, model if provider.scripted else None)
    for request in person.unexpected:
        yield Verdict(
            place=turn.place,
            passed=False,
            message=f"a person was asked to approve '{request.tool}', but the dialogue gives no decision",
            at=called.seq if (called := trace.called(request.call_id)) is not None else None,
        )
    for expectation in turn.expect:
        if _applies_to(expectation, provider):
            yield check(expectation, trace, number)


def _promise_verdicts(scenario: Scenario, trace: Trace, dialogue: Dialogue) -> Iterator[Verdict]:
    """The promises that were not kept, each at the turn that broke it."""
    turns = {event.seq: event.turn for event in trace}
    for verdict in standing_verdicts(scenario, trace):
        number = turns.get(verdict.at or 0, 0)
        if number > 0:
            promised = f"{verdict.message} (promised at {verdict.place.span})"
            verdict = structs.replace(verdict, place=dialogue.turns[number - 1].place, message=promised)
        yield verdict


def _proof_verdicts(scenario: Scenario, trace: Trace, *, preset: bool) -> Iterator[Verdict]:
    """A verdict for each property that the conversation broke, and for what the model of the proofs does not know.

    `preset`: the dialogue begins in the middle of things, so what must have come before may have come before it.
    """
    for broken, message, seq in property_violations(scenario, trace) if scenario.properties else ():
        if not (preset and broken.before is not None):
            yield Verdict(place=broken.place, passed=False, message=message, at=seq)
    for place, message, seq in departures(scenario, trace):
        yield Verdict(place=place, passed=False, message=message, at=seq)


def _applies_to(expectation: Expectation, provider: Provider) -> bool:
    return provider.scripted or not expectation.needs_scripted_model
