"""How long a tool works is measured turn by turn, and a person who is asked before does not count."""

from __future__ import annotations

import pytest

from realtime_scenarios.compiler import compiled
from realtime_scenarios.project import load
from realtime_scenarios.providers import PROVIDERS, ProviderRequest
from support import Written
from support.dialogues import played

SLOW = """
    scenario: slow
    start: desk
    agents: {desk: {instructions: x, tools: [find, pay]}}
    tools:
      find: {description: x, returns: found, delay: 4s}
      pay: {description: x, approval: {timeout: 60s}, returns: paid, delay: 1s}
    dialogues:
      - id: one
        turns:
          - user: Find it
            agent: [{call: find}, {say: Found.}]
            expect: [{quiet: {at_least: 4s, at_most: 4s}}]
          - user: Pay
            agent: [{call: pay, approval: times_out}, {call: pay, approval: approve}, {say: Paid.}]
            expect: [{quiet: {at_most: %s}}]
"""


@pytest.mark.parametrize(("most", "passes"), [("1s", True), ("900ms", False)])
def test_a_tool_that_works_too_long_is_noticed(written: Written, most: str, passes: bool) -> None:
    project = load(written(SLOW % most))
    assert not project.errors, project.errors
    result = played(compiled(project.scenario), project.dialogues[0], PROVIDERS["scripted"], ProviderRequest())
    assert result.passed == passes, result.failures
    if not passes:
        assert "it was for 1 s" in result.failures[0].message
