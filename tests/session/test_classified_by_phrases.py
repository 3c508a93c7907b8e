"""A line that a dialogue does not classify is classified by the phrases of the categories, as it is offline."""

from __future__ import annotations

from realtime_scenarios import replay
from support import Written

DESK = """\
scenario: desk
start: desk
agents: {desk: {instructions: You talk., guardrails: [manners]}}
guardrails:
  manners: {classify: {categories: {RUDE: {description: Insults., phrases: [you fool]}, SAD: Gloom.}}}
dialogues:
  - id: by-its-words
    turns: [{user: Hi, agent: [{say: "You fool!"}, {say: Sorry.}], expect: [{guardrail: manners}]}]
  - id: without-them
    turns: [{user: Hi, agent: [{say: "You foolish man!"}], expect: [{guardrail: none}]}]
  - id: by-what-the-dialogue-says
    turns:
      - {user: Hi, agent: [{say: "All is lost.", classified: {manners: SAD}}, {say: Sorry.}], expect: [{guardrail: manners}]}
  - id: whatever-its-words
    turns: [{user: Hi, agent: [{say: "You fool!", classified: {manners: NONE}}], expect: [{guardrail: none}]}]
"""


def test_a_line_goes_by_its_words_unless_the_dialogue_says_otherwise(written: Written) -> None:
    failed = [result.dialogue.id for result in replay(written(DESK)) if not result.passed]
    assert failed == []


def test_a_phrase_that_is_gone_is_noticed(written: Written) -> None:
    results = replay(written(DESK.replace("phrases: [you fool]", "phrases: [you idiot]")))
    assert [result.dialogue.id for result in results if not result.passed] == ["by-its-words"]
