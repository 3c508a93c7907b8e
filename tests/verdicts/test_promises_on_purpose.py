"""Promises that a dialogue breaks on purpose: noticed while they are made, and missed when they are gone."""

from __future__ import annotations

import pytest

from realtime_scenarios import replay
from support import Written

SHOP = """\
scenario: shop
start: desk
opening: {say: Welcome.}
agents:
  desk:
    instructions: Be brief.
    handoff_description: First.
    tools: [look_up, ask]
    handoffs: [{to: boss, say_first: true}]
  boss: {instructions: Be brief., handoff_description: Second., handoffs: [desk]}
tools:
  look_up: {description: Look up., filler: [One moment.], returns: done}
  ask: {description: Ask the expert., supervisor: expert}
supervisors:
  expert: {instructions: You know., read: verbatim}
dialogues:
  - id: one
    turns:
"""

BROKEN = {
    "opening": "      - {agent: [{say: Good day.}], expect: [{breaks: opening}]}\n",
    "filler": "      - {user: Hi, agent: [{call: look_up}, {say: Done.}], expect: [{breaks: filler}]}\n",
    "say_first": "      - {user: Hi, agent: [{handoff: boss}, {say: Boss.}], expect: [{breaks: say_first}]}\n",
    "verbatim": "      - {user: Hi, agent: [{call: ask, args: {}, nested: [{answer: It is blue.}]}, {say: It is red.}], expect: [{breaks: verbatim}]}\n",
}
MADE_BY = {
    "opening": "say: Welcome.",
    "filler": "filler: [One moment.], ",
    "say_first": ", say_first: true",
    "verbatim": ", read: verbatim",
}


@pytest.mark.parametrize("promise", BROKEN)
def test_a_promise_that_is_broken_on_purpose_is_no_failure(promise: str, written: Written) -> None:
    assert all(result.passed for result in replay(written(SHOP + BROKEN[promise])))


@pytest.mark.parametrize("promise", MADE_BY)
def test_a_promise_that_is_gone_is_missed(promise: str, written: Written) -> None:
    assert MADE_BY[promise] in SHOP
    text = SHOP.replace(MADE_BY[promise], "speaks: agent" if promise == "opening" else "")
    (result,) = replay(written(text + BROKEN[promise]))
    assert [failure.message for failure in result.failures] == [
        f"the promise '{promise}' was to be broken, but none was broken"
    ]


@pytest.mark.parametrize("promise", BROKEN)
def test_without_the_word_for_it_a_broken_promise_fails(promise: str, written: Written) -> None:
    text = SHOP + BROKEN[promise].replace(f"{{breaks: {promise}}}", "{agent: desk}")
    (result,) = replay(written(text))
    assert any("promised at" in failure.message for failure in result.failures)
