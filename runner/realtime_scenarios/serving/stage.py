"""What is served to whom: a visitor's address to the dialogue that is rehearsed with it, or to the stand-in."""

from __future__ import annotations

import datetime
import http
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from realtime_scenarios.core import did_you_mean
from realtime_scenarios.model.dialogue import Dialogue, Fault
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.project import Project
from realtime_scenarios.project.cases import Case
from realtime_scenarios.project.prompts import functions_of, prompt_of
from realtime_scenarios.project.script import SPEAKING_PACE, is_cut_into
from realtime_scenarios.realtime.door import NotLetIn, Refusal
from realtime_scenarios.realtime.visit import PLAIN_WIRE, Seat, Visitor
from realtime_scenarios.serving.faults import FaultyLine, TurnCount, written_fault
from realtime_scenarios.serving.rehearsal import Rehearsal, Rehearsed
from realtime_scenarios.serving.standin import ExemplifiedStandIn, examples_in
from realtime_scenarios.templates import TemplateError


@dataclass(frozen=True, slots=True)
class Rehearsing:
    """A dialogue that was rehearsed with the client `number`, and what came of it."""

    number: int
    case: Case
    rehearsed: Rehearsed


class Stage:
    """Places visitors: each has the next one of the dialogues `in_turn`, or the stand-in where there are none.

    `?dialogue=ID` and `?scenario=NAME` in the address name another one of `projects` and of their `cases`. `tell` hears
    of each rehearsal when it is over. `seconds` is any clock that only goes forward, `now` the moment it is.

    What goes wrong on the wire is what the dialogue says (`faults`), and each `?fault=...` in the address; `seed`, or
    `?seed=N`, decides about what has a chance only.
    """

    def __init__(
        self,
        projects: Sequence[Project],
        cases: Sequence[Case],
        in_turn: Sequence[Case],
        *,
        tell: Callable[[Rehearsing], None],
        seconds: Callable[[], float],
        now: Callable[[], datetime.datetime],
        seed: int = 0,
    ) -> None:
        self._seed = seed
        self._visits: Counter[str] = Counter()
        self._projects = projects
        self._cases = [case for case in cases if case.dialogue.caller is None]  # without a script nothing can be said
        self._in_turn = in_turn
        self._tell = tell
        self._seconds = seconds
        self._now = now
        self._placed = 0

    def welcome(self, visitor: Visitor) -> Seat:
        """The seat of a visitor.

        Raises:
            NotLetIn: it asks for a dialogue or a scenario that is not served, or the prompt of its agent cannot be
                filled in.
        """
        project = self._wanted_project(visitor.query)
        case = self._wanted_case(visitor.query, project)
        faults, seed = _faults_in(visitor.query), self._seed_in(visitor.query)
        try:
            if case is None:
                return self._stand_in_seat(project, faults, seed)
            return self._rehearsal_seat(case, visitor.number, (*case.dialogue.faults, *faults), seed)
        except TemplateError as problem:
            error = http.HTTPStatus.INTERNAL_SERVER_ERROR
            raise NotLetIn(Refusal(error, f"{problem}.", "bad_template")) from None

    def _rehearsal_seat(self, case: Case, number: int, faults: Sequence[Fault], seed: int) -> Seat:
        scenario, dialogue = case.project.scenario, case.dialogue
        rehearsal = Rehearsal(scenario, dialogue, seconds=self._seconds, now=self._now())
        line = FaultyLine(
            rehearsal,
            rehearsal,
            faults,
            seed=seed,
            number=self._visit_to(case.name),
            turn_at=rehearsal.turn_at,
            hung_up=rehearsal.hang_up,
        )
        return Seat(
            line,
            settings=settings_of(scenario, self._now(), dialogue),
            wire=line,
            pace=SPEAKING_PACE if is_cut_into(dialogue) else None,
            listener=rehearsal,
            left=lambda: self._tell(Rehearsing(number, case, rehearsal.finished())),
        )

    def _stand_in_seat(self, project: Project, faults: Sequence[Fault], seed: int) -> Seat:
        scenario = project.scenario
        line = FaultyLine(
            PLAIN_WIRE,
            ExemplifiedStandIn(examples_in(scenario)),
            faults,
            seed=seed,
            number=self._visit_to(project.shown),
            turn_at=TurnCount().at,
            hung_up=lambda: None,
        )
        return Seat(line, settings=settings_of(scenario, self._now()), wire=line)

    def _visit_to(self, name: str) -> int:
        """Which connection to it this is, from 1."""
        self._visits[name] += 1
        return self._visits[name]

    def _seed_in(self, query: Mapping[str, Sequence[str]]) -> int:
        wanted = _last(query, "seed")
        if wanted is None:
            return self._seed
        try:
            return int(wanted)
        except ValueError:
            raise NotLetIn(_nonsense(f"'{wanted[:80]}' is no seed.", "seed")) from None

    def _wanted_project(self, query: Mapping[str, Sequence[str]]) -> Project:
        wanted = _last(query, "scenario")
        if wanted is None:
            return self._projects[0]
        known = {name: project for project in self._projects for name in _names_of(project)}
        if wanted not in known:
            raise NotLetIn(
                _not_served("scenario", wanted, sorted({_names_of(project)[0] for project in self._projects}))
            )
        return known[wanted]

    def _wanted_case(self, query: Mapping[str, Sequence[str]], project: Project) -> Case | None:
        wanted = _last(query, "dialogue")
        if wanted is None:
            if not self._in_turn or "scenario" in query:
                return None
            self._placed += 1
            return self._in_turn[(self._placed - 1) % len(self._in_turn)]
        cases = [case for case in self._cases if "scenario" not in query or case.project is project]
        named = [case for case in cases if case.is_called(frozenset([wanted]))]
        if not named:
            raise NotLetIn(_not_served("dialogue", wanted, sorted({case.dialogue.id for case in cases})))
        return named[0]


def settings_of(scenario: Scenario, now: datetime.datetime, dialogue: Dialogue | None = None) -> dict[str, Any]:
    """What a session has that says nothing itself: the instructions and functions of the agent that begins."""
    begins = dialogue.agent if dialogue is not None else None
    agent = scenario.agents[begins or scenario.start]
    state = dialogue.state if dialogue is not None else None
    given = dialogue.context if dialogue is not None else {}
    context = {name: variable.default for name, variable in scenario.context.items()} | dict(given)
    moment = dialogue.now if dialogue is not None and dialogue.now is not None else now
    instructions = prompt_of(agent, scenario, {"context": context, "now": moment}, state)
    return {"type": "realtime", "instructions": instructions, "tools": functions_of(agent, scenario, state)}


def _faults_in(query: Mapping[str, Sequence[str]]) -> list[Fault]:
    try:
        return [written_fault(text) for text in query.get("fault", ())]
    except ValueError as problem:
        raise NotLetIn(_nonsense(f"That is no fault: {problem}.", "fault")) from None


def _nonsense(message: str, param: str) -> Refusal:
    return Refusal(http.HTTPStatus.BAD_REQUEST, message, "invalid_value", param)


def _names_of(project: Project) -> tuple[str, ...]:
    return (project.scenario.id, project.path.stem, project.shown)


def _not_served(kind: str, wanted: str, known: Sequence[str]) -> Refusal:
    guess = did_you_mean(wanted, known)
    message = f"No {kind} '{wanted[:80]}' is served here." + (f" {guess[0].upper()}{guess[1:]}" if guess else "")
    return Refusal(http.HTTPStatus.NOT_FOUND, message, f"unknown_{kind}", kind)


def _last(query: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = query.get(name)
    return values[-1] if values else None
