"""The same dialogue beside another model: free text may be worded otherwise, ids may not, rules need not be tried."""

from __future__ import annotations

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.core import resource_folder
from realtime_scenarios.model.dialogue import Dialogue
from realtime_scenarios.processes import Wishes
from realtime_scenarios.project import load
from realtime_scenarios.project.cases import Case, cases_of
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from realtime_scenarios.suite import Supervisor, in_order
from realtime_scenarios.verdicts import DialogueResult, unplayed
from realtime_scenarios.workers.player import played_here
from support import Written
from support.dialogues import played
from support.fallible import as_another_model_plays, result_of_another_model, with_a_wrong_id

PROJECTS = [
    load(folder / f"{folder.name}.yaml")
    for folder in sorted(resource_folder("scenarios").iterdir())
    if (folder / f"{folder.name}.yaml").is_file() and folder.name != "realtime_next"  # its servers take their time
]
COMPILED = {project.path: compiled(project.scenario) for project in PROJECTS}
CASES = [case for case in cases_of(PROJECTS) if unplayed(case, scripted=False) is None and case.dialogue.caller is None]
WORD_FOR_WORD = {
    "call-me-back": "what the record says is looked at word by word",
    "parler-a-quelqu-un": "so is what it says here",
}


def name_of(case: Case) -> str:
    return case.name.rpartition("/")[2]


def names_an_id(dialogue: Dialogue) -> bool:
    """Whether a move of it sends a single word."""
    made = (as_another_model_plays(dialogue, wording) for wording in (str, with_a_wrong_id))
    return (
        len(
            {
                repr([getattr(move, "arguments", None) for turn in played.turns for move in turn.moves or ()])
                for played in made
            }
        )
        > 1
    )


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_model_that_words_things_its_own_way_and_breaks_no_rule_passes(case: Case) -> None:
    result = result_of_another_model(COMPILED[case.project.path], case.dialogue)
    if case.dialogue.script in WORD_FOR_WORD:
        assert result.status == "failed"
    else:
        assert result.status == "passed", [verdict.message for verdict in result.failures]


@pytest.mark.parametrize("case", [case for case in CASES if names_an_id(case.dialogue)], ids=name_of)
def test_a_model_that_gets_ids_wrong_fails(case: Case) -> None:
    assert result_of_another_model(COMPILED[case.project.path], case.dialogue, with_a_wrong_id).status == "failed"


def test_what_only_a_script_tries_is_told_as_not_checked() -> None:
    results = [result_of_another_model(COMPILED[case.project.path], case.dialogue) for case in CASES[:40]]
    tried = [sum(is_provocation(move) for turn in case.dialogue.turns for move in turn.moves or ()) for case in CASES]
    assert any(result.unchecked for result in results)
    assert all(len(result.unchecked) >= count for result, count in zip(results, tried, strict=False))


def is_provocation(move: object) -> bool:
    return bool(getattr(move, "is_provocation", False))


SHOP = """\
scenario: shop
start: desk
context: {colour: {type: [string, "null"], default: null}, size: {type: [string, "null"], enum: [small, large, null], default: null}}
agents:
  desk:
    instructions: You sell.
    tools: [look_up, order]
    handoffs: [{to: billing, inputs: {reason: {type: string, enum: [refund, question]}, note: string}}]
    states_mode: tracked
    states:
      - {id: ask, description: Ask., instructions: [Ask.], collect: [colour, size], transitions: [{to: sell, when: known}]}
      - {id: sell, description: Sell., instructions: [Sell.]}
  billing: {instructions: You know about bills., handoffs: [desk]}
tools:
  look_up: {description: Look a question up., parameters: {question: string, limit: {type: integer, default: 3}}, returns: found}
  order:
    description: Order.
    parameters:
      type: object
      required: [item]
      properties:
        item: {type: string}
        count: {type: integer}
        gift: {type: boolean}
        code: {type: string, pattern: "^[A-Z]-[0-9]+ ?x$"}
        tags: {type: array, items: {type: string, enum: [quick, cheap]}}
        to: {type: object, properties: {city: {type: string}, day: {type: string, format: date}, words: {type: string}}}
    returns: ordered
dialogues:
  - {id: d, turns: [{user: Hi, agent: [%WRITTEN%, {say: Well.}]}]}
  - {id: sent, turns: [{user: Hi, agent: [%SENT%, {say: Well.}]}]}
"""


def result_of(written: Written, says: str, sends: str) -> DialogueResult:
    """What comes of a dialogue that says one thing where a model does another."""
    project = load(written(SHOP.replace("%WRITTEN%", says).replace("%SENT%", sends)))
    assert project.errors == []
    wanted, sent = project.dialogues
    return result_of_another_model(compiled(project.scenario), wanted, plays=sent)


ORDER = "{call: order, args: {item: shoes, %}}"


@pytest.mark.parametrize(
    ("says", "sends"),
    [
        ("{call: look_up, args: {question: how large is a bag}}", "{call: look_up, args: {question: bag size}}"),
        ("{call: look_up, args: {question: bags}}", "{call: look_up, args: {question: Bags.}}"),
        ("{call: look_up, args: {question: a b, limit: 3}}", "{call: look_up, args: {question: a b}}"),
        (ORDER.replace("%", "count: 2"), ORDER.replace("%", "count: 2, tags: [quick]")),
        (ORDER.replace("%", "to: {words: as soon as you can}"), ORDER.replace("%", "to: {words: soon, city: Rome}")),
        ("{handoff: billing, args: {reason: refund, note: wants money}}", "{handoff: billing, args: {reason: refund, note: angry}}"),
        ("{state: sell, args: {colour: dark red, size: small}}", "{state: sell, args: {colour: red, size: small}}"),
        ("{call: look_up, args: {question: bags}, expect_args: {question: {contains: bag}}}", "{call: look_up, args: {question: a bag}}"),
    ],
)  # fmt: skip
def test_what_may_differ_passes(written: Written, says: str, sends: str) -> None:
    result = result_of(written, says, sends)
    assert result.status == "passed", [verdict.message for verdict in result.failures]


@pytest.mark.parametrize(
    ("says", "sends", "message"),
    [
        ("{call: look_up, args: {question: A-17}}", "{call: look_up, args: {question: A-18}}", "'question': expected 'A-17'"),
        ("{call: look_up, args: {question: how large}}", "{call: look_up, args: {question: ' '}}", "'question': there is no text in it"),
        ("{call: look_up, args: {question: a b, limit: 4}}", "{call: look_up, args: {question: a b}}", "'limit': expected 4, but it is 3"),
        (ORDER.replace("%", "count: 2"), ORDER.replace("%", "count: 3"), "'count': expected 2, but it is 3"),
        (ORDER.replace("%", "count: 2"), ORDER.replace("%", "gift: true"), "it has no argument 'count'"),
        (ORDER.replace("%", "gift: true"), ORDER.replace("%", "gift: false"), "'gift': expected true"),
        (ORDER.replace("%", "code: A-1 x"), ORDER.replace("%", "code: A-2 x"), "'code': expected 'A-1 x'"),
        (ORDER.replace("%", "tags: [quick]"), ORDER.replace("%", "tags: [cheap]"), "'tags.0': expected 'quick'"),
        (ORDER.replace("%", "tags: [quick]"), ORDER.replace("%", "tags: []"), "'tags': expected"),
        (ORDER.replace("%", "to: {day: 2026-03-01}"), ORDER.replace("%", "to: {day: 2026-03-02}"), "'to.day': expected"),
        ("{handoff: billing, args: {reason: refund, note: a b}}", "{handoff: billing, args: {reason: question, note: a b}}", "'reason': expected 'refund'"),
        ("{state: sell, args: {colour: red, size: small}}", "{state: sell, args: {colour: red, size: large}}", "'size': expected 'small'"),
        ("{state: sell, args: {colour: red, size: small}}", "{state: sell, args: {colour: blue, size: small}}", "'colour': expected 'red'"),
        ("{call: look_up, args: {question: a bag}, expect_args: {question: {contains: bag}}}", "{call: look_up, args: {question: a box}}", "to contain 'bag'"),
        ("{state: sell, args: {colour: red, size: small}, expect_args: {colour: {matches: ^r}}}", "{state: sell, args: {colour: blue, size: small}}", "to match /^r/"),
        ("{handoff: billing, args: {reason: refund, note: a b}, expect_args: {note: {excludes: c}}}", "{handoff: billing, args: {reason: refund, note: c d}}", "not to contain 'c'"),
    ],
)  # fmt: skip
def test_what_may_not_differ_fails_and_says_which_argument(
    written: Written, says: str, sends: str, message: str
) -> None:
    result = result_of(written, says, sends)
    assert result.status == "failed"
    assert any(message in verdict.message for verdict in result.failures), [found.message for found in result.failures]


def test_what_is_expected_may_be_filled_in_from_the_values_of_a_dialogue(written: Written) -> None:
    text = SHOP.replace("{id: d, turns", "{id: d, each: [{n: 2}, {n: 3}], turns")
    move = "{call: order, args: {item: shoes, count: 2}, expect_args: {count: <n>}}"
    project = load(written(text.replace("%WRITTEN%", move).replace("%SENT%", "{say: x}")))
    results = [
        played(compiled(project.scenario), dialogue, PROVIDERS["scripted"], ProviderRequest())
        for dialogue in project.dialogues[:2]
    ]
    assert [result.status for result in results] == ["passed", "failed"]


@pytest.mark.parametrize(
    ("turn", "status"),
    [("{user: Hi}", "skipped"), ("{silence: 2s, agent: []}", "passed"), ("{user: Hi, agent: [{say: Hm.}]}", "passed")],
)
def test_a_script_that_says_nothing_of_the_agent_checks_nothing(written: Written, turn: str, status: str) -> None:
    text = SHOP[: SHOP.index("dialogues:")] + f"dialogues: [{{id: d, turns: [{turn}]}}]\n"
    project = load(written(text))
    result = played(compiled(project.scenario), project.dialogues[0], PROVIDERS["scripted"], ProviderRequest())
    assert result.status == status


def test_a_script_is_held_to_its_own_expect_args(written: Written) -> None:
    move = "{call: look_up, args: {question: a box}, expect_args: {question: {contains: bag}}}"
    project = load(written(SHOP.replace("%WRITTEN%", move).replace("%SENT%", "{call: look_up, args: {question: x}}")))
    result = played(compiled(project.scenario), project.dialogues[0], PROVIDERS["scripted"], ProviderRequest())
    assert [verdict.message for verdict in result.failures] == [
        "a call of 'look_up' with {\"question\": \"a box\"} was made, but argument 'question': "
        "expected it to contain 'bag', but it is 'a box'"
    ]


def test_a_call_that_is_mended_counts_as_made(written: Written) -> None:
    order = ORDER.replace("%", "count: 2")
    result = result_of(
        written, order, f"{ORDER.replace('%', 'count: two').replace('}}', '}, outcome: invalid}')}, {order}"
    )
    assert result.status == "passed", [verdict.message for verdict in result.failures]


@pytest.mark.parametrize(
    ("move", "reason"),
    [
        ("{call: pay, outcome: unknown}", "tries what must be refused"),
        ("{call: order, args: {item: 5}, outcome: invalid}", "tries what must be refused"),
        ("{handoff: billing, refused: invalid}", "tries what must be refused"),
        ("{state: sell, refused: true}", "tries what must be refused"),
    ],
)
def test_what_only_a_script_tries_is_left_out_and_told(written: Written, move: str, reason: str) -> None:
    both = f"{move}, {{call: look_up, args: {{question: bags}}}}"
    result = result_of(written, both, "{call: look_up, args: {question: bags}}")
    assert result.status == "passed", [verdict.message for verdict in result.failures]
    assert [reason in left.reason for left in result.unchecked] == [True]


def test_a_dialogue_of_which_nothing_can_be_checked_is_skipped(written: Written) -> None:
    result = result_of(written, "{state: sell, refused: true}", "{say: Hm.}")
    assert (result.status, result.skipped) == ("skipped", "nothing in it can be checked with this model")


FREE = """\
scenario: desk
start: desk
agents: {desk: {instructions: "You look questions up with look_up and orders with order_status.", tools: [look_up, order_status]}}
tools:
  look_up: {description: Look a question up., examples: [How big can my bag be?], parameters: {question: string}, returns: 22 by 14}
  order_status: {description: Look an order up by its number., examples: [Where is my order A-17?], parameters: {order_id: string}, returns: sent}
dialogues:
  - id: bag
    turns: [{user: How big can my bag be?, agent: [{call: look_up, args: {question: the size of a bag}}, {say: Small.}]}]
  - id: another-order
    turns: [{user: Where is my order A-17?, agent: [{call: order_status, args: {order_id: A-18}}, {say: On its way.}]}]
  - id: never-live
    live: false
    reason: only a script is that rude
    turns: [{user: Hello, agent: [{say: Go away.}]}]
  - id: only-words
    turns: [{user: Hello, agent: [{say: Hello.}]}]
"""


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ("scripted", ["passed", "passed", "passed", "passed"]),
        ("offline", ["passed", "failed", "skipped", "skipped"]),
    ],
)
@pytest.mark.parametrize("workers", [0, 1, 2], ids="{} workers".format)
def test_the_stand_in_is_held_to_it(written: Written, provider: str, expected: list[str], workers: int) -> None:
    project = load(written(FREE))
    if workers:
        with Supervisor(Wishes.of(provider, {}), workers=workers) as supervisor:
            results = [finished.result for finished in in_order(supervisor.finished(cases_of([project])))]
    else:
        here = played_here(cases_of([project]), PROVIDERS[provider], ProviderRequest())
        results = [finished.result for finished in here]
    assert [result.status for result in results] == expected
    assert results[2].skipped == (None if provider == "scripted" else "only a script is that rude")
