"""What survives of a scenario of which it is known by hand: played by real workers, which are started once."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import yaml

from realtime_scenarios.lint import findings
from realtime_scenarios.mutation import Mutant, Subject, mutants_of
from realtime_scenarios.mutation.hunt import Hunt
from realtime_scenarios.mutation.outcome import Outcome, score_of
from realtime_scenarios.processes import Wishes
from realtime_scenarios.project import Project, load
from realtime_scenarios.project.cases import cases_of
from realtime_scenarios.project.variation import edited
from realtime_scenarios.suite import Finished, Supervisor, in_order
from support import Written

LIBRARY = """\
    scenario: library
    start: desk
    context:
      member: {type: boolean, default: false}
    agents:
      desk:
        instructions: Use check_card, then lend; the shelf knows where books are.
        tools: [check_card, lend]
        handoffs: [{to: shelf, description: Who knows where books are.}]
      shelf:
        instructions: Use find.
        tools: [find]
        guardrails: [manners]
    tools:
      check_card:
        description: Check a card.
        parameters: {card: {type: string, pattern: '^[0-9]+$', description: Its number.}}
        cases:
          - {when: 'args.card == "12"', returns: known, set: {member: "true"}}
          - {when: 'args.card == "13"', returns: lost}
          - {returns: unknown}
      lend:
        description: Lend a book.
        parameters: {book: {type: string, description: Its title.}}
        requires: {when: context.member and true, message: Check the card first.}
        approval: {timeout: 30s}
        returns: "Lent: {{ args.book }}."
      find:
        description: Find a book.
        parameters: {title: {type: string, description: Its title.}}
        query:
          sql: SELECT place FROM books WHERE title = :title AND lost = 0 ORDER BY place
          result: value
          empty: nowhere
    guardrails:
      manners: {phrases: [you fool, go away]}
    data:
      books:
        rows:
          - {title: Emma, place: A1, lost: 0}
          - {title: Ulysses, place: B2, lost: 0}
          - {title: Emma, place: C3, lost: 1}
    dialogues:
      - id: lends
        turns:
          - user: I am 12 and want Emma.
            agent:
              - {call: check_card, args: {card: "12"}, returns: known}
              - {call: lend, args: {book: Emma}, approval: {approve: {}}, returns: "Lent: Emma."}
              - {say: Here you are.}
      - id: no-card
        turns:
          - user: I want Emma.
            agent:
              - {call: lend, args: {book: Emma}, outcome: refused}
              - {call: check_card, args: {card: "99"}, returns: unknown}
              - {say: No.}
      - id: finds
        turns:
          - user: Where is Emma?
            agent: [{handoff: shelf}, {call: find, args: {title: Emma}, returns: A1}, {say: At A1.}]
      - id: rude
        agent: shelf
        turns:
          - user: Where is Dracula?
            agent: [{call: find, args: {title: Dracula}, returns: nowhere}, {say: "None, you fool."}, {say: There is none.}]
            expect: [{guardrail: manners}]
"""

SURVIVORS = {
    "'manners' does not know 'go away'",
    "'check_card' lacks its second case",
    "'check_card' answers something else than 'lost'",
    "'find' answers with row",
    "'card' of 'check_card' need not be given",
    "'card' of 'check_card' has no pattern",
    "'book' of 'lend' need not be given",
    "'title' of 'find' need not be given",
    "the question about 'lend' may take sixty times as long",
    "a decision about 'lend' holds for all further calls",
    "'lost' is otherwise in the rows of 'books'",
    "'books' lacks the row of title Ulysses, place B2",
    "'books' lacks the row of title Emma, place C3",
    "the query of 'find' does not ask for `lost = 0`",
    "the query of 'find' turns the order by `place` around",
}
"""By hand: nobody says "go away", shows a lost card, leaves anything out, waits for a decision, lends twice or asks for
Ulysses; the lost Emma stands behind the other one, and its place stands in its row as well."""


@pytest.fixture(scope="module")
def supervisor() -> Iterator[Supervisor]:
    with Supervisor(Wishes.of("scripted", {})) as supervisor:
        yield supervisor


class Hunted:
    """A project, its dialogues as they are, and what becomes of mutants."""

    def __init__(self, project: Project, supervisor: Supervisor) -> None:
        self.project = project
        self.subject = Subject(project)
        self._supervisor = supervisor
        self.cases = cases_of([project])
        self.passed: Sequence[Finished] = list(in_order(supervisor.finished(self.cases)))
        assert [finished.case.name for finished in self.passed if not finished.result.passed] == []

    def of(self, *kinds: str, may_go_on: Callable[[], bool] = lambda: True) -> list[Outcome]:
        return list(self.hunt(may_go_on).outcomes(mutants_of(self.subject, kinds)))

    def hunt(self, may_go_on: Callable[[], bool] = lambda: True) -> Hunt:
        return Hunt(self.project, self.cases, self.passed, self._supervisor, workers=1, may_go_on=may_go_on)

    def found(self, fate: str, *kinds: str) -> set[str]:
        return {outcome.mutant.change.changed for outcome in self.of(*kinds) if outcome.fate == fate}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, supervisor: Supervisor) -> Hunted:
    path = tmp_path_factory.mktemp("library") / "library.yaml"
    path.write_text(textwrap.dedent(LIBRARY), encoding="utf-8")
    return Hunted(load(path), supervisor)


@pytest.fixture(scope="module")
def outcomes(library: Hunted) -> Sequence[Outcome]:
    """Of all mutants of the library."""
    return library.of()


def test_what_survives_is_what_survives_by_hand(outcomes: Sequence[Outcome]) -> None:
    assert {outcome.mutant.change.changed for outcome in outcomes if outcome.fate == "survived"} == SURVIVORS
    score = score_of(outcomes)
    assert score.survived == len(SURVIVORS) and score.dialogue > 10 and score.lint > 10
    assert score.percent == 100 * (score.lint + score.dialogue) / (score.counted)


def test_the_dialogue_that_notices_is_named(library: Hunted) -> None:
    (outcome, _) = library.of("phrase-dropped")

    assert outcome.fate == "dialogue" and outcome.by.endswith("library.yaml::rude")


def test_only_dialogues_that_touch_what_is_changed_are_played(outcomes: Sequence[Outcome]) -> None:
    touching = {outcome.mutant.change.changed: outcome.touching for outcome in outcomes}

    assert touching["'books' lacks the row of title Ulysses, place B2"] == 2
    assert touching["nobody is asked before 'lend' runs"] == 2
    assert touching["'manners' does not know 'go away'"] == 2
    assert touching["'check_card' lacks its second case"] == 2


def test_what_lint_warns_of_is_noticed_by_lint(outcomes: Sequence[Outcome]) -> None:
    by_lint = {outcome.mutant.change.changed: outcome.by for outcome in outcomes if outcome.fate == "lint"}

    assert by_lint["there is no handoff desk -> shelf"].startswith("SC403 impossible-move")
    assert by_lint["'shelf' has 'lend' as well"].startswith("SC505 tool-never-mentioned")


def test_a_part_of_a_gate_that_always_holds_is_not_counted(outcomes: Sequence[Outcome]) -> None:
    """`context.member and true`: the proof knows that the gate without its second part opens when this one does."""
    same = [outcome for outcome in outcomes if outcome.fate == "same"]

    assert [(outcome.mutant.kind, outcome.mutant.change.changed) for outcome in same] == [
        ("gate-part-dropped", "'lend' does not ask whether true")
    ]


def test_a_default_that_is_written_out_is_not_counted(written: Written, supervisor: Supervisor) -> None:
    text = LIBRARY.replace("approval: {timeout: 30s}", "approval: {fields: {note: {secret: false, required: true}}}")
    library = Hunted(load(written(text.replace("approve: {}", "approve: {note: x}"), "library.yaml")), supervisor)

    assert library.of("secret-dropped") == []  # it is none
    assert library.found("same", "field-not-required") == set()


def test_no_more_is_begun_when_the_time_is_over_and_what_was_begun_is_brought_to_its_end(library: Hunted) -> None:
    asked = iter([True] * 5)
    outcomes = library.of(may_go_on=lambda: next(asked, False))

    assert len(outcomes) == 5


def test_where_the_supervisor_is_stopped_what_is_known_is_kept(library: Hunted) -> None:
    with Supervisor(Wishes.of("scripted", {})) as another:
        hunt = Hunt(library.project, library.cases, library.passed, another, workers=1)
        outcomes = []
        for outcome in hunt.outcomes(mutants_of(library.subject)):
            outcomes.append(outcome)
            if outcome.fate == "dialogue":
                another.stop()
    assert 0 < len(outcomes) < len(list(mutants_of(library.subject)))


def test_sabotage_comes_to_what_was_predicted(
    library: Hunted, outcomes: Sequence[Outcome], supervisor: Supervisor, tmp_path: Path
) -> None:
    """Each mutant is written to a file, read again, linted, and all of its dialogues are played, whatever they touch."""
    predicted = {
        outcome.mutant.change.changed: outcome.fate in ("lint", "dialogue")
        for outcome in outcomes
        if outcome.fate != "no_scenario"
    }
    noticed = {}
    for number, mutant in enumerate(mutants_of(library.subject)):
        folder = tmp_path / str(number)
        folder.mkdir()
        noticed[mutant.change.changed] = is_noticed(mutant, library.project, folder / "library.yaml", supervisor)

    assert {changed: is_there for changed, is_there in noticed.items() if predicted.get(changed) != is_there} == {}


def is_noticed(mutant: Mutant, project: Project, path: Path, supervisor: Supervisor) -> bool:
    """Whether lint, where it is strict, or a dialogue objects to the mutant as a file of its own."""
    assert project.document is not None
    data = edited(project.document.data, mutant.change.edits)
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    sabotaged = load(path)
    before = {(found.code, found.message) for found in findings(project, warnings=True)}
    if {(found.code, found.message) for found in findings(sabotaged, warnings=True)} - before:
        return True
    return any(finished.result.fails_the_run for finished in supervisor.finished(cases_of([sabotaged])))


def test_no_file_of_the_author_is_touched(library: Hunted) -> None:
    path = library.project.path
    before = (path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir()))
    library.of("row-dropped", "result-changed")

    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(path.parent.iterdir())) == before
