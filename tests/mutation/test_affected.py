"""Which dialogues are played with `--changed`: all that go otherwise are among them, whatever has changed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pytest

from realtime_scenarios.compiler import CompiledScenario, compiled
from realtime_scenarios.core import resource_folder
from realtime_scenarios.mutation import Mutant, Subject, mutants_of
from realtime_scenarios.mutation.affected import Before, affected
from realtime_scenarios.mutation.differences import Differences, differences_between
from realtime_scenarios.mutation.touched import Touching
from realtime_scenarios.project import Project, load
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.project.variation import Edit, variation_of
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.suite.comparison import Outcome, outcome_of
from realtime_scenarios.verdicts import DialogueResult
from support import Written
from support.dialogues import played

SAMPLES = {"airline": None, "simple_handoff": None, "chat_supervisor": 6, "front_desk": 6, "phone_support": 6}
"""So many mutants of each scenario, drawn by a seed; None: all of them."""


def result(scenario: CompiledScenario, case: Case) -> DialogueResult:
    return played(scenario, case.dialogue, PROVIDERS["scripted"], ProviderRequest())


class Version:
    """A project with what its dialogues came to, and what they touched."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.cases = [case for case in cases_of([project]) if case.dialogue.caller is None]  # those have no script
        scenario, touching = compiled(project.scenario), Touching(project.scenario)
        results = {case.dialogue.id: result(scenario, case) for case in self.cases}
        self.outcomes: Mapping[str, Outcome] = {name: outcome_of(each) for name, each in results.items()}
        self.before = {
            name: Before(each.dialogue, touching.touched_by(each.dialogue, each.trace) if each.passed else None)
            for name, each in results.items()
        }

    def chosen(self, project: Project) -> set[str]:
        """The dialogues that are played when the project has become another one."""
        differences = differences_between(self.project.scenario, project.scenario)
        cases = [Case(case.name, project, case.dialogue) for case in self.cases]
        return {case.dialogue.id for case in affected(cases, self.before, differences)}

    def missed(self, project: Project) -> Iterator[str]:
        """Those that would have gone otherwise, and are left out."""
        chosen = self.chosen(project)
        left = [case for case in self.cases if case.dialogue.id not in chosen]
        scenario = compiled(project.scenario) if left else None
        for case in left:
            assert scenario is not None
            if outcome_of(result(scenario, case)) != self.outcomes[case.dialogue.id]:
                yield case.dialogue.id


def sample(mutants: Iterable[Mutant], size: int | None) -> Sequence[Mutant]:
    found = list(mutants)
    return found if size is None else random.Random(0).sample(found, size)


@pytest.mark.parametrize("name", SAMPLES)
def test_no_dialogue_that_would_have_noticed_a_mutant_is_left_out(name: str) -> None:
    version = Version(load(resource_folder("scenarios") / name / f"{name}.yaml"))
    assert all(outcome.status == "passed" for outcome in version.outcomes.values())
    missed, left_out = {}, 0
    for mutant in sample(mutants_of(Subject(version.project)), SAMPLES[name]):
        project = variation_of(version.project, mutant.change.edits)
        if project is None or project.built is None:
            continue
        left_out += len(version.cases) - len(version.chosen(project))
        if names := list(version.missed(project)):
            missed[mutant.change.changed] = names

    assert missed == {}
    assert left_out, "where all are played, nothing is shown"


SHOP = """
    scenario: shop
    start: desk
    context: {member: {type: boolean, default: false}}
    agents:
      desk: {instructions: Help., tools: [hours, stock, think], handoffs: [{to: back, description: x}]}
      back: {instructions: Fetch.}
    tools:
      hours: {description: x, returns: nine to five}
      stock: {description: x, query: SELECT name FROM shelves}
      think: {description: x, supervisor: elder}
    supervisors: {elder: {instructions: Think.}}
    data:
      shelves: {rows: [{name: tea}]}
      other: {rows: [{name: coffee}]}
    dialogues:
      - {id: greets, turns: [{user: Hi, agent: [{say: Hello.}]}]}
      - {id: asks, turns: [{user: When?, agent: [{call: hours}, {say: Nine to five.}]}]}
      - {id: looks, turns: [{user: Tea?, agent: [{call: stock}, {say: Yes.}]}]}
      - {id: goes, turns: [{user: Fetch it., agent: [{handoff: back}, {say: Yes.}]}]}
"""


@pytest.fixture
def shop(written: Written) -> Version:
    return Version(load(written(SHOP, "shop.yaml")))


@pytest.mark.parametrize(
    ("before", "after", "chosen"),
    [
        ("nine to five", "ten to six", {"asks"}),
        ("rows: [{name: tea}]", "rows: [{name: tea}, {name: milk}]", {"looks"}),
        ("rows: [{name: coffee}]", "rows: []", set()),
        ("other: {rows", "another: {rows", {"greets", "asks", "looks", "goes"}),
        ("instructions: Fetch.", "instructions: Fetch it.", {"goes"}),
        ("default: false", "default: true", {"greets", "asks", "looks", "goes"}),
        ("scenario: shop\n", "scenario: shop # with a remark\n", set()),
        ("tools:\n  hours", "tools:\n  never: {description: x, returns: x}\n  hours", set()),
        ("user: Tea?", "user: Is there tea?", {"looks"}),
    ],
)
def test_what_is_changed_by_hand_chooses_who_touches_it(
    shop: Version, written: Written, before: str, after: str, chosen: set[str]
) -> None:
    text = shop.project.path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    now = load(written(text.replace(before, after), "now.yaml"))
    differences = differences_between(shop.project.scenario, now.scenario)

    assert {case.dialogue.id for case in affected(cases_of([now]), shop.before, differences)} == chosen


def test_a_key_that_moves_to_another_place_belongs_to_everything(shop: Version) -> None:
    data = shop.project.document.data if shop.project.document is not None else {}
    turned = variation_of(shop.project, (Edit(("tools",), dict(reversed(data["tools"].items()))),))
    assert turned is not None

    assert differences_between(shop.project.scenario, turned.scenario) == Differences(everywhere=("'tools'",))


def test_a_dialogue_that_did_not_pass_or_was_not_there_is_played_when_anything_changes(shop: Version) -> None:
    shop.before["greets"] = Before(shop.before["greets"].dialogue, None)
    del shop.before["goes"]
    other = variation_of(shop.project, (Edit(("data", "other", "rows"), []),))
    assert other is not None

    assert shop.chosen(other) == {"greets", "goes"}


def test_a_model_that_follows_no_script_reads_what_it_is_offered(shop: Version) -> None:
    scenario = shop.project.scenario

    def chosen(*pointer: str | int) -> set[str]:
        other = variation_of(shop.project, (Edit(pointer, "Something else."),))
        assert other is not None
        differences = differences_between(scenario, other.scenario)
        return {
            case.dialogue.id
            for case in affected(shop.cases, shop.before, differences, offers=[scenario, other.scenario])
        }

    everybody = {"greets", "asks", "looks", "goes"}
    assert chosen("tools", "hours", "description") == everybody
    assert chosen("agents", "back", "instructions") == everybody
    assert chosen("supervisors", "elder", "instructions") == everybody
