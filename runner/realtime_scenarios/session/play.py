"""A dialogue played against a provider, as data that verdicts can be made of.

A turn is loaded into the scripted model and the scripted person, taken, and looked at before the next one begins:
queries over the tables are answered as that turn left them. A scripted model ends where it cannot follow its script,
since what follows builds on it. Any other model is given all turns. What it all comes to is for `verdicts` to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from msgspec import structs

from realtime_scenarios.compiler import CompiledScenario
from realtime_scenarios.core import ScenarioError, Secrets
from realtime_scenarios.core.redaction import MARK, leaves
from realtime_scenarios.expectations import check
from realtime_scenarios.expectations.expected import Expected
from realtime_scenarios.model.dialogue import (
    UNANSWERED_APPROVAL,
    Call,
    Dialogue,
    EnterState,
    Handoff,
    Move,
    NestedMove,
    Turn,
)
from realtime_scenarios.model.expectation import Expectation, is_judged_where_played
from realtime_scenarios.model.mention import Query
from realtime_scenarios.played import (
    Departures,
    Looked,
    Played,
    QueryAnswer,
    QueryFailure,
    RowsFound,
    TurnPlayed,
    VerdictThere,
    WorldProblem,
)
from realtime_scenarios.project.script import SPEAKING_PACE, is_cut_into
from realtime_scenarios.project.spending import Budget
from realtime_scenarios.providers import Provider, ProviderRequest
from realtime_scenarios.session.caller import RECORDED_LINES, Caller, Speaking, is_spoken
from realtime_scenarios.session.conversation import Conversation
from realtime_scenarios.session.cut_in import cut_ins_of
from realtime_scenarios.session.following import Observer
from realtime_scenarios.session.judging import Judges
from realtime_scenarios.session.persona import Improvising
from realtime_scenarios.session.script import ScriptedModel, ScriptedPerson
from realtime_scenarios.session.servers import SharedServers
from realtime_scenarios.session.time import DEFAULT_NOW, LoopClock
from realtime_scenarios.trace import Trace


async def play(
    compiled: CompiledScenario,
    dialogue: Dialogue,
    provider: Provider,
    request: ProviderRequest,
    *,
    observer: Observer | None = None,
    shared_servers: SharedServers | None = None,
    speaking: Speaking | None = None,
) -> Played:
    """Play a dialogue in the running loop. A wrong of the world ends it, with what had happened until then.

    `shared_servers` are those of MCP that other dialogues in this loop have started; None: it starts its own.
    `speaking` is how the caller speaks; None: they type, but for what has been recorded.
    """
    schedule = request.schedule
    model = ScriptedModel()
    person = ScriptedPerson(
        None if schedule is None else schedule.lateness("decision"),
        None if dialogue.caller is None else dialogue.caller.approvals,
    )
    if speaking is None and is_spoken(dialogue):
        speaking = RECORDED_LINES
    caller = None if speaking is None else Caller(compiled.scenario, speaking)
    if caller is not None:
        request = replace(request, parts=caller.parts)
    if is_cut_into(dialogue):
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
        longest_approval=UNANSWERED_APPROVAL,
        shared_servers=shared_servers,
        audio=None if caller is None else caller.audio,
        event_log=request.event_log,
        budget=Budget(dollars=request.max_dollars),
        labels={"scenario": compiled.scenario.id, "dialogue": dialogue.id},
    )
    turns: list[TurnPlayed] = []
    at_the_end = Looked()
    judges = Judges(conversation, provider.scripted)
    improvising: Improvising | None = None
    problem: WorldProblem | None = None

    async def took(turn: Turn, following: Turn | None = None) -> bool:
        """Take a turn and look at it; whether what comes next can follow."""
        await _take_turn(conversation, turn, following, model, person, caller)
        departures = model.departures if provider.scripted and turn.moves is not None else Departures()
        departures = structs.replace(departures, approvals=tuple(person.unexpected), unasked=person.unasked)
        number, moves = len(turns) + 1, turn.moves or ()
        looked = _looked(turn.expect, number, conversation, provider, moves)
        looked = structs.replace(looked, judged=await judges.judgements(turn.expect, number, moves))
        turns.append(TurnPlayed(len(conversation.recorded.events), departures, looked))
        return not departures.end_the_play

    try:
        async with conversation:
            for number, turn in enumerate(dialogue.turns, 1):
                following = dialogue.turns[number] if number < len(dialogue.turns) else None
                if not await took(turn, following):
                    break
            else:
                if dialogue.caller is not None:
                    improvising = Improvising(dialogue.caller, conversation, seed=request.caller_seed)
                    while (turn_taken := await improvising.next_turn()) is not None:
                        await took(turn_taken)
                at_the_end = _looked(dialogue.expect, None, conversation, provider)
                moves = tuple(move for turn in dialogue.turns for move in turn.moves or ())
                judged = await judges.judgements(dialogue.expect, None, moves)
                at_the_end = structs.replace(at_the_end, judged=judged)
            if conversation.unlogged is not None:
                raise conversation.unlogged
            trace = conversation.finished("the dialogue is over")
    except ScenarioError as error:
        problem = WorldProblem.of(error)
        trace = conversation.finished(problem.message)
    return Played(
        trace.events,
        trace.start,
        trace.context,
        trace.entries,
        trace.began,
        trace.measures,
        scripted=provider.scripted,
        turns=tuple(turns),
        looked=at_the_end,
        problem=problem,
        late=_late_secrets(trace, conversation.state.secrets),
        dollars=conversation.dollars,
        improvised=None if improvising is None else improvising.improvised,
    )


def _late_secrets(trace: Trace, secrets: Secrets) -> tuple[str, ...]:
    """The secrets, where one of them was put on record before it was known to be one."""
    return () if trace.hidden(secrets).events == trace.events else secrets.values


async def _take_turn(
    conversation: Conversation,
    turn: Turn,
    following: Turn | None,
    model: ScriptedModel,
    person: ScriptedPerson,
    caller: Caller | None,
) -> None:
    model.load(turn.moves or (), conversation.state)
    person.load(turn)
    interrupts = cut_ins_of(turn)
    if turn.image is not None:
        await conversation.user_shows(turn.image, turn.user, answered=bool(turn.moves), interrupts=interrupts)
    elif turn.user is not None and caller is not None:
        await caller.says(conversation, turn, following, interrupts)
    elif turn.user is not None:
        await conversation.user_says(turn.user, interrupts=interrupts)
    elif turn.silence is not None:
        broken = turn.interrupt.after_seconds if turn.interrupt is not None else None
        speaks_up = bool(turn.moves)
        await conversation.silence(turn.silence, broken_after=broken, speaks_up=speaks_up, interrupts=interrupts)
    else:
        await conversation.agent_opens(interrupts=interrupts)


def _looked(
    expected: Sequence[Expectation],
    turn: int | None,
    conversation: Conversation,
    provider: Provider,
    moves: Sequence[Move] = (),
) -> Looked:
    """What expectations and moves need of this process: about a turn, or about the whole conversation (None)."""
    here = [wanted for wanted in expected if is_judged_where_played(wanted)]
    elsewhere = [wanted for wanted in expected if not is_judged_where_played(wanted)]
    sought = {text for wanted in elsewhere if isinstance(wanted, Expected) for text in wanted.sought}
    sought.update(text for move in moves for text in _texts_sent_with(move))
    secrets = conversation.state.secrets
    hidden = {text: secrets.hidden(text) for text in sought}
    # who says a secret aloud has said what stands in it, too, and on record there is only its mark
    parts = {
        part: MARK
        for wanted in elsewhere
        if isinstance(wanted, Expected)
        for secret in secrets.values
        for part in wanted.parts_of(secret)
    }
    queries = [mention.text for wanted in elsewhere for mention in wanted.names() if isinstance(mention, Query)]
    return Looked(
        answers={query: _answer(query, conversation) for query in queries if conversation.state.scenario.data},
        verdicts=tuple(
            VerdictThere(wanted.place.pointer, verdict.passed, verdict.message, verdict.at, verdict.diff)
            for wanted in here
            if provider.scripted or not wanted.needs_scripted_model
            for verdict in [check(wanted, conversation.recorded, turn)]
        ),
        masked=parts | {text: shown for text, shown in hidden.items() if shown != text},
    )


def _texts_sent_with(move: Move | NestedMove) -> Iterator[str]:
    """The texts and numbers among the arguments of a move, and of the moves below it."""
    if isinstance(move, (Call, Handoff, EnterState)):
        yield from map(str, leaves(move.arguments))
    for nested in move.nested if isinstance(move, Call) else ():
        yield from _texts_sent_with(nested)


def _answer(query: str, conversation: Conversation) -> QueryAnswer:
    try:
        rows = conversation.read(query)
    except Exception as problem:  # the query is the author's, and may be wrong in any way
        return QueryFailure(str(problem))
    return RowsFound(tuple(conversation.state.secrets.hidden_in(rows)))
