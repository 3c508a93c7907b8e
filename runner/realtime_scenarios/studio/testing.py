"""Dialogues listed and played for the page: one, those that failed or have changed, or all, while it looks on.

Theory of operation. A run is a thread with a supervisor of its own, beside the event loop that serves the page; what it
comes to is told as events, each as it happens. What is finished stays, however the run ends.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec import Struct

from realtime_scenarios.core import Diagnostic, ScenarioError
from realtime_scenarios.lint import findings
from realtime_scenarios.processes import Wishes
from realtime_scenarios.project import Project, load
from realtime_scenarios.project.cases import Case, cases_of, playable_cases
from realtime_scenarios.project.fingerprints import Fingerprints
from realtime_scenarios.project.trust import BroughtCode, code_from_elsewhere, is_remembered, memory_folder
from realtime_scenarios.studio.authoring import place_data
from realtime_scenarios.studio.refusals import Refusal
from realtime_scenarios.studio.results import result_data
from realtime_scenarios.suite import Supervisor, tally
from realtime_scenarios.trace import to_json_lines
from realtime_scenarios.verdicts import DialogueResult
from realtime_scenarios.verdicts.result import FAILS_THE_RUN

_LONGEST_HISTORY = 50
_MOST_RUNS = 20
"""Runs of which the transcripts are kept."""

Publish = Callable[[dict[str, Any]], None]
"""Tells all pages an event. It is called from the threads of runs."""


class Wanted(Struct, frozen=True):
    """Which dialogues to play: those in `ids` (None: no list to keep to), that `failed`, or that have `changed`."""

    ids: frozenset[str] | None = None
    failed: bool = False
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a dialogue in a run. `fingerprint` is of its files as they were then.

    `play` is how it was played, packed; None: it was not, or it did not come to an end.

    `seconds` are the wall's since the one before it was over; None: it was the first, for which a process had to start.
    """

    run: str
    case: Case
    result: DialogueResult
    fingerprint: str
    seconds: float | None
    printed: str
    differs: bool
    play: bytes | None = None


@dataclass(slots=True)
class Run:
    """`state` is `running`, `ended` or `stopped`. `problem` is why it could not go on; None: it could."""

    id: str
    scenario: Path
    cases: Sequence[Case]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    state: str = "running"
    problem: ScenarioError | None = None
    stop: Callable[[], None] = lambda: None
    is_stopped: bool = False
    thread: threading.Thread | None = None

    def data(self) -> dict[str, Any]:
        """How far it is."""
        results = [outcome.result for outcome in self.outcomes.values()]
        count = tally(results, len(self.cases))
        return {
            "run": self.id,
            "state": self.state,
            "total": len(self.cases),
            "done": len(results),
            "counts": {status: number for status, number in count.counts.items() if number},
            "summary": str(count),
            "problem": None if self.problem is None else {"message": self.problem.message, "hint": self.problem.hint},
        }


@dataclass(slots=True)
class _Past:
    """What is known of a dialogue: the last outcome, and the statuses of the runs before it, oldest first."""

    last: Outcome
    history: deque[dict[str, Any]]


class Bench:
    """The runs of a studio, one at a time. `folder` is where it was started: what lies around it is trusted."""

    def __init__(self, publish: Publish, *, folder: Path, environment: Mapping[str, str], workers: int = 1) -> None:
        self._publish = publish
        self._folder = folder
        self._environment = environment
        self._workers = workers
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}
        self._past: dict[tuple[Path, str], _Past] = {}
        self._trusted: set[str] = set()
        self._begun = 0

    def listed(self, scenario: Path) -> dict[str, Any]:
        """All dialogues of a scenario as they are on disk, with what is known of them; `playable`: without mistakes."""
        project, mistakes, cases = _read(scenario)
        fingerprints = Fingerprints()
        home = scenario.parent
        shown = cases or cases_of([project])
        dialogues = [self._listed_case(case, fingerprints.of(case), home) for case in shown]
        return {
            "dialogues": dialogues,
            "mistakes": sum(found.severity == "error" for found in mistakes),
            "playable": bool(cases) or not shown,
            "running": next((run.id for run in self._runs.values() if run.state == "running"), None),
        }

    def begin(self, scenario: Path, wanted: Wanted, *, trust: bool = False) -> Run:
        """Begin a run.

        Raises:
            Refusal: 409, one is going on; 422, nothing is there that could be played, or that is wanted; 403, code from
                elsewhere would run, and nobody has said that it may.
        """
        project, mistakes, cases = _read(scenario)
        if project.built is None or (not cases and any(found.severity == "error" for found in mistakes)):
            raise Refusal(422, f"'{project.shown}' has mistakes, so nothing can be played", "mend them in the editor")
        self._require_trust(project, trust)
        fingerprints = Fingerprints()
        known = {case.dialogue.id: fingerprints.of(case) for case in cases}
        chosen = [case for case in cases if self._is_wanted(case, wanted, known[case.dialogue.id])]
        if not chosen:
            raise Refusal(422, _nothing_wanted(wanted, bool(cases)), None if cases else "save one from a conversation")
        with self._lock:
            if any(run.state == "running" for run in self._runs.values()):
                raise Refusal(409, "a run is going on", "stop it, or wait until it is over")
            self._begun += 1
            run = Run(f"r{self._begun}", scenario, chosen)
            self._runs[run.id] = run
            for old in list(self._runs)[:-_MOST_RUNS]:
                del self._runs[old]
        run.thread = threading.Thread(target=self._play, args=(run, known), name=f"run {run.id}", daemon=True)
        run.thread.start()
        return run

    def stop(self, name: str) -> None:
        """Let a run end; what is finished stays.

        Raises:
            Refusal: 404, there is no such run.
        """
        run = self.run(name)
        run.is_stopped = True
        run.stop()

    def run(self, name: str) -> Run:
        """The run of that id.

        Raises:
            Refusal: 404, there is none.
        """
        with self._lock:
            if name not in self._runs:
                raise Refusal(404, f"there is no run '{name}'", "its transcripts are gone: run it again")
            return self._runs[name]

    def outcome(self, name: str, dialogue: str) -> Outcome:
        """What came of a dialogue in a run.

        Raises:
            Refusal: 404, nothing did.
        """
        outcome = self.run(name).outcomes.get(dialogue)
        if outcome is None:
            raise Refusal(404, f"'{dialogue}' is not over in run '{name}'")
        return outcome

    def outcomes(self, scenario: Path) -> list[Outcome]:
        """The last outcome of each dialogue of a scenario that was played."""
        return [past.last for (path, _), past in list(self._past.items()) if path == scenario]

    def close(self) -> None:
        """Stop what is going on, and wait for it."""
        for run in list(self._runs.values()):
            run.is_stopped = True
            run.stop()
        for run in list(self._runs.values()):
            if run.thread is not None:
                run.thread.join(30)

    def _play(self, run: Run, fingerprints: Mapping[str, str]) -> None:
        self._tell(run, "run-began", dialogues=[case.dialogue.id for case in run.cases])
        try:
            wishes = Wishes.of("scripted", self._environment)
            with Supervisor(wishes, workers=min(self._workers, len(run.cases))) as supervisor:
                run.stop = supervisor.stop
                if run.is_stopped:
                    supervisor.stop()
                began: float | None = None
                for finished in supervisor.finished(run.cases):
                    now = time.monotonic()
                    dialogue = finished.case.dialogue.id
                    outcome = Outcome(
                        run.id,
                        finished.case,
                        finished.result,
                        fingerprints[dialogue],
                        None if began is None else now - began,
                        finished.printed,
                        self._differs(run.scenario, dialogue, finished.result),
                        finished.play,
                    )
                    began = now
                    self._remember(run, outcome)
                    following = next((c.dialogue.id for c in run.cases if c.dialogue.id not in run.outcomes), None)
                    self._tell(run, "dialogue-over", **_outcome_data(outcome), following=following)
        except ScenarioError as problem:
            run.problem = problem
        finally:
            run.stop = lambda: None
            run.state = "stopped" if len(run.outcomes) < len(run.cases) else "ended"
            self._tell(run, "run-over")

    def _tell(self, run: Run, what: str, **more: Any) -> None:
        self._publish({"type": "run", "what": what, **run.data(), **more})

    def _differs(self, scenario: Path, dialogue: str, result: DialogueResult) -> bool:
        """Whether something else came of it, or happened in it, than the last time; nothing where there was none."""
        past = self._past.get((scenario, dialogue))
        if past is None:
            return False
        before = past.last.result
        return before.status != result.status or to_json_lines(before.trace) != to_json_lines(result.trace)

    def _remember(self, run: Run, outcome: Outcome) -> None:
        dialogue = outcome.case.dialogue.id
        run.outcomes[dialogue] = outcome
        key = (run.scenario, dialogue)
        history = self._past[key].history if key in self._past else deque(maxlen=_LONGEST_HISTORY)
        history.append({"run": run.id, "status": outcome.result.status, "seconds": _rounded(outcome.seconds)})
        self._past[key] = _Past(outcome, history)

    def _listed_case(self, case: Case, fingerprint: str, home: Path) -> dict[str, Any]:
        past = self._past.get((case.project.path, case.dialogue.id))
        status = "invalid" if case.mistakes else "never"
        if past is not None and not case.mistakes:
            status = past.last.result.status
        return {
            "id": case.dialogue.id,
            "script": case.dialogue.script,
            "title": case.dialogue.title,
            "tags": list(case.dialogue.tags),
            "only": case.dialogue.scripted_only,
            "place": place_data(case.dialogue.place.span, home),
            "turns": len(case.dialogue.turns),
            "status": status,
            "stale": past is not None and past.last.fingerprint != fingerprint,
            "differs": past is not None and past.last.differs,
            "run": None if past is None else past.last.run,
            "seconds": None if past is None else _rounded(past.last.seconds),
            "history": [] if past is None else list(past.history),
        }

    def _is_wanted(self, case: Case, wanted: Wanted, fingerprint: str) -> bool:
        if wanted.ids is not None and case.dialogue.id not in wanted.ids and case.dialogue.script not in wanted.ids:
            return False
        past = self._past.get((case.project.path, case.dialogue.id))
        if wanted.failed and (past is None or past.last.result.status not in FAILS_THE_RUN):
            return False
        return not wanted.changed or past is None or past.last.fingerprint != fingerprint

    def _require_trust(self, project: Project, trust: bool) -> None:
        memory = memory_folder(self._environment, Path.home())
        for code in code_from_elsewhere([project], self._folder):
            if trust and code.digest is not None:
                self._trusted.add(code.digest)
            elif not trust and not is_remembered(code, memory) and code.digest not in self._trusted:
                raise _distrust(code)


def outcome_page(outcome: Outcome) -> dict[str, Any]:
    """An outcome with its verdicts and its transcript."""
    case = outcome.case
    data = result_data(outcome.result, case.project.path.parent, case.agent_name, printed=outcome.printed)
    return {**data, "run": outcome.run, "seconds": _rounded(outcome.seconds), "differs": outcome.differs}


def _outcome_data(outcome: Outcome) -> dict[str, Any]:
    return {
        "dialogue": outcome.case.dialogue.id,
        "status": outcome.result.status,
        "seconds": _rounded(outcome.seconds),
        "differs": outcome.differs,
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _read(scenario: Path) -> tuple[Project, list[Diagnostic], list[Case]]:
    project = load(scenario)
    mistakes = findings(project, warnings=False)
    return project, mistakes, playable_cases([(project, mistakes)])


def _nothing_wanted(wanted: Wanted, are_there: bool) -> str:
    if not are_there:
        return "there are no dialogues yet"
    if wanted.failed:
        return "nothing failed in the last run"
    return "nothing has changed since the last run" if wanted.changed else "there is no such dialogue"


def _distrust(code: BroughtCode) -> Refusal:
    return Refusal(
        403,
        f"'{code.scenario.name}' brings code from outside of this project",
        "look at it, then allow it for as long as the studio runs",
        trust=list(code.what),
    )
