"""What a guardrail hears, an expectation hears, however it is typed."""

from __future__ import annotations

import pytest

from realtime_scenarios import replay
from support import Written

DESK = """\
scenario: desk
start: desk
agents: {{desk: {{instructions: You talk., guardrails: [promises]}}}}
guardrails: {{promises: {{{guardrail}}}}}
dialogues:
  - id: trips
    turns: [{{user: Hi, agent: [{{say: "{said}"}}, {{say: Sorry.}}], expect: [{{guardrail: promises}}]}}]
  - id: is-heard
    turns: [{{user: Hi, agent: [{{say: "{said}"}}, {{say: Sorry.}}], expect: [{{said: {words}}}]}}]
  - id: is-forbidden
    turns: [{{user: Hi, agent: [{{say: "{said}"}}, {{say: Sorry.}}], expect: [{{never_said: {words}}}]}}]
"""


@pytest.mark.parametrize(
    "said",
    [
        "You can't lose.",
        "You can’t lose!",
        "You **can't** lose",
        "YOU CAN\\u00AD'T LOSE",
        "You can't, lose",
        "You can't\\u00a0lose",
    ],
)
@pytest.mark.parametrize(
    ("guardrail", "words"),
    [
        ("""phrases: ["can't lose"]""", '''"can't lose"'''),
        ("""pattern: "(?i)can't lose" """, """{matches: "(?i)can't lose"}"""),
    ],
)
def test_guardrails_and_expectations_hear_the_same(said: str, guardrail: str, words: str, written: Written) -> None:
    results = replay(written(DESK.format(said=said, guardrail=guardrail, words=words)))
    assert {result.dialogue.id: result.passed for result in results} == {
        "trips": True,
        "is-heard": True,
        "is-forbidden": False,
    }
