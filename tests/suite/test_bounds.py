"""How long a dialogue may take by the wall clock."""

from __future__ import annotations

import pytest

from realtime_scenarios.model.dialogue import UNANSWERED_APPROVAL
from realtime_scenarios.project import load
from realtime_scenarios.suite.bounds import A_TURN, IN_VIRTUAL_TIME, wall_bound
from support import Written

SCENARIO = """\
    scenario: s
    start: desk
    agents: {{desk: {{instructions: Help., tools: [quick, slow, asked, decided]{of_desk}}}}}
    tools:
      quick: {{description: Quick., returns: 1, timeout: 5s}}
      slow: {{description: Slow., returns: 1, timeout: 20s, delay: 7s}}
      asked: {{description: Asked., returns: 1, timeout: 5s, approval: always}}
      decided: {{description: Decided., returns: 1, timeout: 5s, approval: {{timeout: 60s}}}}
    {more}
    dialogues:
      - id: d
        turns:
          - user: hi
            agent: [{moves}]
          - {{silence: 90s}}
"""


@pytest.mark.parametrize(
    ("moves", "declared"),
    [
        ("{say: hello}", 0),
        ("{call: quick}", 5),
        ("{call: slow}", 20 + 7),
        ("{call: asked, approval: {approve: {}}}", 5),
        ("{call: asked, approval: {times_out: true}}", 5 + UNANSWERED_APPROVAL),
        ("{call: decided, approval: {times_out: true}}", 5 + 60),
    ],
)
def test_in_real_time_a_dialogue_has_what_it_declares_and_half_a_minute_a_turn(
    written: Written, moves: str, declared: float
) -> None:
    project = load(written(SCENARIO.format(moves=moves, more="", of_desk="")))
    (dialogue,) = project.dialogues
    assert wall_bound(project.scenario, dialogue, real_time=False) == IN_VIRTUAL_TIME
    assert wall_bound(project.scenario, dialogue, real_time=True) == A_TURN * 3 + 90 + declared


def test_servers_of_mcp_live_in_real_time(written: Written) -> None:
    more = "mcp: {files: {command: [python, server.py], timeout: 8s}}"
    project = load(written(SCENARIO.format(moves="{call: read}", more=more, of_desk=", mcp: [files]")))
    (dialogue,) = project.dialogues
    assert wall_bound(project.scenario, dialogue, real_time=False) == A_TURN * 3 + 90 + 8
