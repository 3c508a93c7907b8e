"""A dialogue that was played in one process and is judged in another."""

from __future__ import annotations

import decimal

import pytest
from msgspec.structs import replace

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import ProviderError, ScenarioError, StalledError, UsageError, resource_folder
from realtime_scenarios.expectations import Expected
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.model.expectation import Failure, Scope
from realtime_scenarios.played import Played, WorldProblem, packed, unpacked
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.session import play, run_in_virtual_time
from realtime_scenarios.trace import ContextChanged, to_json_lines
from realtime_scenarios.verdicts import judged
from support import Written
from support.dialogues import run_for

AIRLINE = load(resource_folder("scenarios") / "airline" / "airline.yaml")
COMPILED = compiled(AIRLINE.scenario)
NOTHING_HAPPENED = Played((), "main", {}, {}, None, {}, True, ())


@pytest.mark.parametrize("provider", ["scripted", "offline"])
@pytest.mark.parametrize("dialogue", AIRLINE.dialogues, ids=lambda dialogue: dialogue.id)
def test_it_is_judged_alike_after_the_journey(dialogue: Dialogue, provider: str) -> None:
    main = play(COMPILED, dialogue, PROVIDERS[provider], ProviderRequest())
    here = run_for(PROVIDERS[provider], main)
    there = unpacked(packed(here))
    results = [judged(AIRLINE.scenario, dialogue, played) for played in (here, there)]
    assert results[0].verdicts == results[1].verdicts
    assert to_json_lines(results[0].trace) == to_json_lines(results[1].trace)


@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        (2**63, 2**63),
        (-(10**30), -(10**30)),
        ({"deep": [10**30, "\ud800"]}, {"deep": [10**30, "�"]}),
        (decimal.Decimal("1.50"), "1.50"),
        (float("inf"), float("inf")),
        (None, None),
    ],
    ids=repr,
)
def test_whatever_code_of_an_author_gives_arrives(value: object, arrives: object) -> None:
    event = ContextChanged(seq=1, turn=1, agent="main", variable="x", value=value)
    sent = unpacked(packed(replace(NOTHING_HAPPENED, events=(event,))))
    assert sent.events == (replace(event, value=arrives),)


@pytest.mark.parametrize("family", [ProviderError, StalledError, UsageError, ScenarioError])
def test_a_wrong_of_the_world_arrives_as_what_it_is(family: type[ScenarioError]) -> None:
    class OfAPlugIn(family):  # type: ignore[misc, valid-type]
        pass

    sent = unpacked(packed(replace(NOTHING_HAPPENED, problem=WorldProblem.of(OfAPlugIn("it rains", hint="wait")))))
    assert sent.problem is not None
    assert (type(sent.problem.error), sent.problem.error.message, sent.problem.error.hint) == (
        family,
        "it rains",
        "wait",
    )


class OfAnotherPackage(Expected, frozen=True, eq=False):
    """A kind of expectation that a plug-in brings; it notes in which process it is checked."""

    checked: list[int | None]

    def check(self, scope: Scope) -> Failure | None:
        self.checked.append(scope.turn)
        return Failure("never lucky", 1)


def test_code_of_a_plug_in_runs_where_the_dialogue_is_played_and_not_where_it_is_judged() -> None:
    checked: list[int | None] = []
    dialogue = AIRLINE.dialogues[0]
    theirs = OfAnotherPackage(dialogue.place / "expect" / 0 / "lucky", checked)
    dialogue = replace(dialogue, expect=(theirs,))
    sent = packed(run_in_virtual_time(play(COMPILED, dialogue, PROVIDERS["scripted"], ProviderRequest())))
    assert checked == [None]

    result = judged(AIRLINE.scenario, dialogue, unpacked(sent))
    assert [verdict.message for verdict in result.failures] == ["never lucky"]
    assert checked == [None]


SHOP = """\
scenario: shop
start: desk
agents: {desk: {instructions: You sell., tools: [sell]}}
tools:
  sell:
    description: Sell.
    parameters: {id: integer, pin: string}
    approval: {fields: {pin: {label: PIN, secret: true}}}
    query: {sql: "UPDATE things SET sold = 1, pin = :pin WHERE id = :id", params: {id: args.id, pin: approval.pin}}
    returns: sold
data: {things: {columns: {id: INTEGER, sold: INTEGER, pin: TEXT}, rows: [{id: 1, sold: 0}, {id: 2, sold: 0}]}}
dialogues:
  - id: d
    turns:
      - user: The first
        agent: [{call: sell, args: {id: 1, pin: x}, approval: {approve: {pin: hunter2}}}, {say: Sold.}]
        expect:
          - {data: {query: "SELECT id FROM things WHERE sold", returns: 2}}
          - {data: {query: "SELECT pin FROM things WHERE pin = 'hunter2'", returns: "[secret]"}}
      - user: The second
        agent: [{call: sell, args: {id: 2, pin: x}, approval: {approve: {pin: hunter2}}}, {say: Sold.}%MORE%]
        expect:
          - {said: gone}
          - {data: {query: "SELECT count(*) FROM things WHERE sold", returns: 2}}
      - user: Thanks
        agent: [{say: Welcome.}]
        expect: [{agent: nobody}]
    expect:
      - {data: {query: "SELECT count(*) FROM things", returns: 3}}
"""


def failures_of_the_shop(written: Written, more: str = "") -> list[tuple[int, str]]:
    project = load(written(SHOP.replace("%MORE%", more)))
    dialogue = project.dialogues[0]
    sent = packed(
        run_in_virtual_time(play(compiled(project.scenario), dialogue, PROVIDERS["scripted"], ProviderRequest()))
    )
    assert b"hunter2" not in sent.replace(b"pin = 'hunter2'", b"")
    failures = judged(project.scenario, dialogue, unpacked(sent)).failures
    return [(failure.place.span.line, failure.message) for failure in failures]


def test_all_turns_that_fail_are_reported_each_as_it_left_the_tables(written: Written) -> None:
    assert failures_of_the_shop(written) == [
        (18, "the data is not as expected: expected 2, but it is 1"),
        (23, "the agent did not say it: expected it to contain 'gone', but it is 'Sold.'"),
        (27, "agent 'nobody' was to be active, but it is 'desk'"),
        (29, "the data is not as expected: expected 3, but it is 2"),
    ]


def test_a_script_that_cannot_be_followed_ends_the_dialogue(written: Written) -> None:
    lines = [line for line, _ in failures_of_the_shop(written, ", {call: buy}")]
    assert lines == [18, 21, 23]
