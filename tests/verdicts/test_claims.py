"""Nothing may be claimed before the tool has done it; what was rejected was not done."""

from __future__ import annotations

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from support import Written
from support.dialogues import played

BOOKING = """
    scenario: booking
    start: desk
    agents: {desk: {instructions: x, tools: [book]}}
    tools: {book: {description: x, approval: always, returns: done}}
    dialogues:
      - id: one
        turns:
          - user: Book it
            agent: [FIRST]
          - user: Is it done?
            agent: [{say: Yes, it is booked.}]
            expect: [{claims: {text: is booked, after: book}}]
""".replace("Yes, it is booked.", '"Yes, it is booked."')


@pytest.mark.parametrize(
    ("first", "passes"),
    [
        ("{call: book, approval: approve}, {say: Done.}", True),
        ("{call: book, approval: reject}, {say: Not done.}", False),
        ("{say: One moment.}", False),
    ],
    ids=["after it was done", "after it was rejected", "without a call"],
)
def test_a_claim_holds_only_behind_an_answer_of_its_tool(written: Written, first: str, passes: bool) -> None:
    project = load(written(BOOKING.replace("FIRST", first)))
    assert not project.errors, project.errors
    result = played(compiled(project.scenario), project.dialogues[0], PROVIDERS["scripted"], ProviderRequest())
    assert result.passed == passes, result.failures
    if not passes:
        (failure,) = result.failures
        assert failure.message.startswith("the agent claimed it before 'book' had succeeded")


def test_what_is_said_before_its_call_in_the_same_turn_is_claimed_too_soon(written: Written) -> None:
    first = "{say: It is booked.}, {call: book, approval: approve}, {say: Done.}"
    text = BOOKING.replace("FIRST]", f"{first}]\n            expect: [{{claims: {{text: is booked, after: book}}}}]")
    project = load(written(text))
    result = played(compiled(project.scenario), project.dialogues[0], PROVIDERS["scripted"], ProviderRequest())
    (failure,) = result.failures
    assert failure.message.startswith("the agent claimed it before 'book' had succeeded")
