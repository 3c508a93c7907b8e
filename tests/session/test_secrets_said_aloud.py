"""A secret that the agent says aloud: on record there is only its mark, and expectations notice what stood there."""

from __future__ import annotations

import json

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from support import Written
from support.dialogues import played

DESK = """
scenario: desk
start: desk
context:
  pin: {type: string, default: "4711", secret: true}
  token: {type: string, default: "alpha-Bravo", secret: true}
agents: {desk: {instructions: Help.}}
dialogues:
  - id: loose
    turns:
      - user: Which is it?
        agent: [{say: "It is SAID, as you asked."}]
        expect:
          - EXPECTED
"""


def holds(written: Written, said: str, key: str, value: object) -> bool:
    text = DESK.replace("SAID", said).replace("EXPECTED", json.dumps({key: value}))
    project = load(written(text))
    return played(compiled(project.scenario), project.dialogues[0], PROVIDERS["scripted"], ProviderRequest()).passed


@pytest.mark.parametrize("key", ["never_said", "nowhere"])
@pytest.mark.parametrize(
    "value",
    [
        "4711",
        "is 4711",
        "471",
        {"matches": r"\d{4}"},
        {"matches": r"\b\d+\b"},
        {"any_of": ["nothing", {"matches": "^47"}]},
    ],
    ids=repr,
)
def test_a_secret_that_is_said_is_noticed_by_what_stands_in_it(written: Written, key: str, value: object) -> None:
    assert not holds(written, "4711", key, value)
    assert holds(written, "not for you", key, value)


@pytest.mark.parametrize("value", ["5", {"matches": r"\d{5}"}, {"matches": "[xyz]{2}"}, "goodbye"], ids=repr)
def test_what_stands_in_no_secret_is_not_taken_for_one(written: Written, value: object) -> None:
    assert holds(written, "4711", "never_said", value)


def test_case_counts_for_no_word_of_a_secret(written: Written) -> None:
    assert not holds(written, "alpha-Bravo", "never_said", "bravo")
