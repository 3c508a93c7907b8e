"""A mistake of which another would follow: it is told, and what follows from it is not."""

from __future__ import annotations

import pytest

from realtime_scenarios.lint import findings
from realtime_scenarios.project import load
from support import Written

DESK = """\
scenario: desk
start: main
context: {name: {type: string, default: ""}, checked: {type: boolean, default: false}}
agents:
  main:
    instructions: Use pay and check.
    tools: [pay, check]
    states_mode: tracked
    states:
      - id: ask
        description: Ask the name.
        collect: [name]
        transitions: [{to: done, when: They said it.}]
      - {id: done, description: Done., terminal: true}
tools:
  pay: {description: Pay., requires: [context.name, context.checked], returns: paid}
  check:
    description: Check it.
    parameters: {code: string}
    cases: [{when: args.code == "4711", set: {checked: "true"}, returns: right}, {returns: wrong}]
"""
BY_CODE = 'cases: [{when: args.code == "4711", set: {checked: "true"}, returns: right}, {returns: wrong}]'

WITH_DIALOGUE = (
    DESK
    + """\
dialogues:
  - id: paid
    turns:
      - {user: Hello., agent: [{say: Hello.}]}
      - {user: Pay., agent: [{call: pay, expect_args: {}}, {say: Done.}]}
"""
)

MISTAKES = {
    "collect: [name]": {"collect: [nam]": "SC610", "collect: [nam, nam]": "SC610", "collect: [name, name]": "SC229"},
    "tools: [pay, check]": {"tools: [pay, chek]": "SC202"},
    "id: done": {"id: dne": "SC206"},
    "when: They said it.}": {
        "when: They said it., clear: text}": "SC143",
        "when: They said it., clear: [nme]}": "SC205",
        "when: They said it., clear: [nme, nme]}": "SC205",
        "when: They said it., clear: [name, name]}": "SC229",
        "when: They said it., clear: 5}": "SC143",
        "wen: They said it.}": "SC141",
        "when: [They said it.]}": "SC143",
    },
    "to: done": {"to: dne": "SC206", "to: 5": "SC143", "too: done": "SC141"},
    "[{to: done, when: They said it.}]": {"{to: done, when: They said it.}": "SC143", "[done]": "SC143"},
    'checked: "true"': {"checked: tru": "SC301", "checked: approval.ok": "SC301"},
    "[context.name, context.checked]": {"[context.name, context.cheked]": "SC301"},
    'args.code == "4711"': {'args.cod == "4711"': "SC301"},
    BY_CODE: {"set: {checked: aproval.ok}": "SC301", "set: {checked: args.code = 1}": "SC301"},
}


def _codes(text: str, written: Written) -> list[str]:
    return [diagnostic.code for diagnostic in findings(load(written(text)), warnings=True)]


def test_the_desk_itself_is_in_order(written: Written) -> None:
    assert _codes(DESK, written) == []


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [(right, wrong, code) for right, wrongs in MISTAKES.items() for wrong, code in wrongs.items()],
)
def test_what_follows_from_a_mistake_is_not_told(right: str, wrong: str, code: str, written: Written) -> None:
    assert _codes(DESK.replace(right, wrong), written) == [code]


def test_a_table_that_could_not_be_read_is_not_missed_by_its_queries(written: Written) -> None:
    path = written(
        "scenario: desk\nstart: main\nagents: {main: {instructions: Use find., tools: [find]}}\n"
        "tools: {find: {description: Find., query: SELECT name FROM stores}}\n"
        "data: {stores: {rws: [{name: Main Street}]}}\n"
    )
    assert [found.code for found in findings(load(path), warnings=False)] == ["SC141"]


UNBRACED = {
    "[{to: done, when: They said it.}]": [
        "[to: done, when: They said it.]",
        "[to: done, when: They said it., clear: [checked]]",
        "[to: done,\n          when: They said it.]",
    ],
    "{call: pay, expect_args: {}}, {say: Done.}": [
        "call: pay, expect_args: {}",
        "call: pay, expect_args: {}, {say: Done.}",
        "say: One moment., call: pay, expect_args: {}",
        "{say: One moment.}, call: pay, expect_args: {}, {say: Done.}",
    ],
}


@pytest.mark.parametrize(("right", "wrong"), [(right, wrong) for right, wrongs in UNBRACED.items() for wrong in wrongs])
def test_braces_that_are_forgotten_are_one_mistake(right: str, wrong: str, written: Written) -> None:
    (told,) = findings(load(written(WITH_DIALOGUE.replace(right, wrong))), warnings=True)
    assert told.code == "SC143" and "stand in [...] without braces" in told.message
    assert told.hint is not None and "[{" in told.hint


@pytest.mark.parametrize("wrong", ["[{to: done}, {when: They said it.}]", "[to: done, wen: They said it.]"])
def test_what_is_in_braces_or_misspelt_is_told_as_it_stands(wrong: str, written: Written) -> None:
    found = findings(load(written(DESK.replace("[{to: done, when: They said it.}]", wrong))), warnings=True)
    assert found and not any("braces" in told.message for told in found)
