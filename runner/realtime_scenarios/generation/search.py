"""A search for dialogues that meet what is not met: it plays what can be thought of, and goes on from where it came.

Theory of operation. A *standing* is a conversation that was played so far. From each, all turns are tried that the
scenario makes thinkable there (`moves.py`), if they may meet something that is still wanted, or lead somewhere new:
to another agent, another state, other values of context variables. Standings are gone on with in the order of their
length, those from the beginning first, so that what is found is found by a short way. Existing dialogues are standings,
too, turn by turn: where somebody has written down how to sign in, it need not be guessed.

What a turn comes to is not foreseen but looked at: a call that a gate refused is written down as refused, and is played
again as it is written then. Only what passes is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from realtime_scenarios.coverage import Item, Key, items_of, keys_in
from realtime_scenarios.generation.moves import Attempt, Moves, Standing
from realtime_scenarios.generation.values import KnownValues
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.model.names import SET_STATE_TOOL
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.trace import HandoffRefused, StateEntered, StateRefused, ToolReturned, Trace
from realtime_scenarios.verdicts import DialogueResult

Play = Callable[[Sequence[Mapping[str, Any]]], Sequence[DialogueResult | None]]
"""Plays dialogues, given as data with ids of their own: a result for each, in their order; None: it was not played."""

_AT_ONCE = 120
"""Dialogues that are played in one round."""

_ALIKE = 8
"""Standings with one agent in one state that are gone on with: they differ in values of variables alone."""


class Generated:
    """A dialogue that meets something: as data without an id, and the items that it is there for."""

    def __init__(self, dialogue: Mapping[str, Any], items: tuple[Item, ...]) -> None:
        self.dialogue = dialogue
        self.items = items


class Search:
    """One search in one scenario. `met` is what is met already. `most` bounds how many dialogues are played."""

    def __init__(self, scenario: Scenario, dialogues: Sequence[Dialogue], met: Iterable[Key], *, most: int) -> None:
        self._scenario = scenario
        self._items = {item.key: item for item in items_of(scenario)}
        self.wanted = self._items.keys() - set(met)
        self._moves = Moves(scenario, KnownValues(scenario, dialogues))
        self._most = most
        self.played = 0
        self._standings: dict[str, Standing] = {}
        self._expanded: dict[tuple[str, str | None], int] = {}
        self._waiting: list[Standing] = []
        self._aimed: set[str] = set()
        self._aimed_alike: dict[tuple[str, str | None], int] = {}
        self._found: list[tuple[Standing, frozenset[Key]]] = []
        self._reasons: dict[Key, str] = dict(self._moves.unforeseen())

    def generated(self, play: Play, may_go_on: Callable[[], bool]) -> list[Generated]:
        """The dialogues that were found, each for something that none before it meets, shortest ways first."""
        first = set(self.wanted)
        beginning = self._moves.beginning()
        attempts = [beginning] if isinstance(beginning, Attempt) else []
        if isinstance(beginning, Standing):
            self._arrive(beginning)
        retried: list[Attempt] = []
        while self.wanted and self.played < self._most and may_go_on():
            while not (attempts or retried) and self._waiting:
                attempts = self._next_attempts()
            if not (attempts or retried):
                break
            batch = [*retried, *attempts][: min(_AT_ONCE, self._most - self.played)]
            attempts = [*retried, *attempts][len(batch) :]
            retried = []
            results = play([_dialogue_of(attempt) for attempt in batch])
            for attempt, result in zip(batch, results, strict=True):
                if result is not None:
                    self.played += 1
                    again = self._learn(attempt, result)
                    retried += [again] if again is not None else []
            attempts = [attempt for attempt in attempts if self._is_useful(attempt)]
        return self._chosen(first - self.wanted)

    def begin_with(self, results: Iterable[tuple[Dialogue, DialogueResult]]) -> None:
        """Take dialogues that were played as standings to go on from, and what they meet as met."""
        for dialogue, result in results:
            self.wanted -= keys_in(self._scenario, result.trace)
            if result.passed and (head := _head_of(dialogue)) is not None:
                turns = tuple(_turn_data(turn.place.value) for turn in dialogue.turns)
                for number in range(1, len(turns) + 1):
                    self._arrive(_standing(head, turns[:number], result.trace, number))

    def reason(self, item: Item) -> str:
        """Why nothing was found for the item, as a clause."""
        if self.played >= self._most:
            return f"not found in {self._most} plays"
        known = self._reasons.get(item.key)
        if known is None:
            return "nothing was found that leads to where it could be tried"
        return known

    @property
    def left(self) -> tuple[Item, ...]:
        """What was wanted and not found."""
        return tuple(item for key, item in self._items.items() if key in self.wanted)

    def _next_attempts(self) -> list[Attempt]:
        """What can be tried next: what may meet something that is wanted; else what leads on from the shortest."""
        self._waiting.sort(key=lambda standing: standing.length)
        direct = [attempt for standing in self._tried_here for attempt in self._direct(standing)]
        if direct:
            return _taking_turns(direct)
        standing = self._waiting.pop(0)
        alike = (standing.agent, standing.states.get(standing.agent))
        self._expanded[alike] = self._expanded.get(alike, 0) + 1
        if self._expanded[alike] > _ALIKE:
            return []
        return list(filter(self._is_useful, self._moves.after(standing)))

    @property
    def _tried_here(self) -> Iterator[Standing]:
        """The standings from which nothing has been tried yet, a few of each agent in each state."""
        for standing in self._waiting:
            alike = (standing.agent, standing.states.get(standing.agent))
            if standing.key not in self._aimed and self._aimed_alike.get(alike, 0) < _ALIKE:
                self._aimed.add(standing.key)
                self._aimed_alike[alike] = self._aimed_alike.get(alike, 0) + 1
                yield standing

    def _direct(self, standing: Standing) -> Iterator[Attempt]:
        return (each for each in self._moves.after(standing) if not self.wanted.isdisjoint(each.aims))

    def _is_useful(self, attempt: Attempt) -> bool:
        if not self.wanted.isdisjoint(attempt.aims):
            return True
        return attempt.leads_to is None or attempt.leads_to not in self._standings

    def _learn(self, attempt: Attempt, result: DialogueResult) -> Attempt | None:
        """Take note of what came of an attempt; the same as it is to be written, where it came to something else."""
        if not result.passed:
            written = _as_it_came(attempt, result.trace)
            if written is not None and written.move != attempt.move:
                return written
            self._explain(attempt, result)
            return None
        head = attempt.standing.head
        turns = (*attempt.standing.turns, attempt.turn)
        standing = _standing(head, turns, result.trace, len(turns))
        keys = keys_in(self._scenario, result.trace)
        if new := keys & self.wanted:
            self.wanted -= new
            self._found.append((standing, frozenset(keys)))
        refusal = _refusal_in(result.trace, len(turns))
        for aim in attempt.aims - keys:
            if refusal is not None and aim.way != "shut":
                self._reasons[aim] = f"refused whenever it was tried: {refusal}"
            elif aim.way == "shut" and aim not in self._reasons:
                self._reasons[aim] = "it let pass all that was tried"
            else:
                self._reasons.setdefault(aim, "it did not come to that, whatever was tried")
        self._arrive(standing)
        return None

    def _arrive(self, standing: Standing) -> None:
        known = self._standings.get(standing.key)
        if known is None or standing.length < known.length:
            self._standings[standing.key] = standing
            if known is None:
                self._waiting.append(standing)

    def _explain(self, attempt: Attempt, result: DialogueResult) -> None:
        refusals = [event.reason for event in result.trace if isinstance(event, (HandoffRefused, StateRefused))]
        verdicts = [verdict.message for verdict in result.failures]
        error = [result.error.message] if result.error is not None else []
        reason = next(iter([*error, *refusals[-1:], *verdicts]), "it did not pass")
        for aim in attempt.aims:
            self._reasons.setdefault(aim, f"tried, but {reason}")

    def _chosen(self, left: set[Key]) -> list[Generated]:
        """Of what was found the fewest and shortest that meet together what is `left` to be met."""
        chosen: list[Generated] = []
        remaining = list(self._found)
        while left and remaining:
            best = max(remaining, key=lambda each: (len(each[1] & left), [-part for part in each[0].length]))
            if not best[1] & left:
                break
            items = tuple(self._items[key] for key in self._items if key in best[1] & left)
            chosen.append(Generated({**best[0].head, "turns": list(best[0].turns)}, items))
            left -= best[1]
            remaining.remove(best)
        return chosen


def _taking_turns(attempts: Sequence[Attempt]) -> list[Attempt]:
    """First one attempt for each aim, then another for each: the first may do."""
    before: Counter[frozenset[Key]] = Counter()
    order = []
    for attempt in attempts:
        order.append(before[attempt.aims])
        before[attempt.aims] += 1
    return [attempt for _, attempt in sorted(zip(order, attempts, strict=True), key=lambda pair: pair[0])]


def _refusal_in(trace: Trace, turn: int) -> str | None:
    """What the model was told where something was refused in a turn."""
    for event in trace.of_turn(turn):
        if isinstance(event, (HandoffRefused, StateRefused)):
            return event.reason
        if isinstance(event, ToolReturned) and event.outcome in ("refused", "invalid") and event.within is None:
            return event.output
    return None


def _dialogue_of(attempt: Attempt) -> dict[str, Any]:
    return {**attempt.standing.head, "turns": [*attempt.standing.turns, attempt.turn]}


def _as_it_came(attempt: Attempt, trace: Trace) -> Attempt | None:
    """The attempt with what became of its main move written down; None: it was not made."""
    number = len(attempt.standing.turns) + 1
    events = trace.of_turn(number)
    move = dict(attempt.move)
    if "call" in move:
        nested = [each for each in move.get("nested", ()) if "call" in each]
        returned = [
            event
            for event in events
            if isinstance(event, ToolReturned)
            and (event.within is not None) == bool(nested)
            and event.tool != SET_STATE_TOOL
        ]
        if not returned or returned[-1].outcome == "answered":
            return None
        if nested:
            move["nested"] = [_ended(nested[0], returned[-1].outcome), *move["nested"][1:]]
        else:
            move = _ended(move, returned[-1].outcome)
    else:
        refused = [event for event in events if isinstance(event, (HandoffRefused, StateRefused))]
        if not refused:
            return None
        move["refused"] = "invalid" if refused[-1].invalid else True
    moves = list(attempt.turn["agent"])
    moves[attempt.main] = move
    return replace(attempt, turn={**attempt.turn, "agent": moves})


def _ended(call: Mapping[str, Any], outcome: str) -> dict[str, Any]:
    """The call as a move that ends so."""
    move = dict(call)
    if outcome != "rejected":
        move["outcome"] = outcome
    if outcome in ("refused", "invalid"):
        move.pop("approval", None)
        move.pop("nested", None)
    return move


def _standing(head: Mapping[str, Any], turns: Sequence[Mapping[str, Any]], trace: Trace, number: int) -> Standing:
    """Where the conversation stands after so many turns."""
    states = dict(trace.entries)
    states |= {event.agent: event.state for event in trace if isinstance(event, StateEntered) and event.turn <= number}
    return Standing(head, tuple(turns), trace.agent_after(number), states, trace.context_after(number))


def _head_of(dialogue: Dialogue) -> dict[str, Any] | None:
    """What stands in the dialogue beside its turns; None: it is nothing to go on from."""
    if dialogue.values or dialogue.faults or dialogue.caller is not None:
        return None
    if any(turn.image or turn.audio for turn in dialogue.turns):
        return None
    given = {"context": dict(dialogue.context) or None, "agent": dialogue.agent, "state": dialogue.state}
    head = {name: value for name, value in given.items() if value is not None}
    return head if dialogue.now is None else {**head, "now": dialogue.now.isoformat()}


def _turn_data(written: Mapping[str, Any]) -> dict[str, Any]:
    """A turn as it was written, without what was expected of it."""
    return {name: value for name, value in written.items() if name != "expect"}
