"""How long a dialogue may take by the wall clock, whatever clock it lives by."""

from __future__ import annotations

from realtime_scenarios.expectations.judge import Judge
from realtime_scenarios.model.dialogue import UNANSWERED_APPROVAL, Call, Dialogue, Turn
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import spec_called

IN_VIRTUAL_TIME = 30.0
"""Seconds: dialogues take milliseconds, so that one which takes this long will never end."""

A_TURN = 30.0
"""Seconds that a model elsewhere may take for a turn, beside what the files themselves ask to wait for."""


A_SPOKEN_TURN = 20.0
"""Seconds that it may take to say a line, to hear it, and to write it down."""


def wall_bound(scenario: Scenario, dialogue: Dialogue, *, real_time: bool, spoken: bool = False) -> float:
    """Seconds. `real_time`: the provider's model is elsewhere; the servers of MCP are processes and need it too.

    `spoken`: what callers say is said aloud.
    """
    improvised = dialogue.caller.turns if dialogue.caller is not None else 0
    speech = A_SPOKEN_TURN * sum(
        turn.audio is not None or (spoken and turn.user is not None) for turn in dialogue.turns
    )
    speech += A_SPOKEN_TURN * improvised if spoken else 0.0
    if not real_time and not scenario.mcp:
        return IN_VIRTUAL_TIME + speech
    opening = [scenario.tools[name].timeout for name in scenario.opening.calls] if scenario.opening is not None else []
    judged = A_TURN * sum(isinstance(wanted, Judge) for wanted in dialogue.expectations)
    speech += 2 * A_TURN * improvised + judged  # a model may take as long to play the caller
    return A_TURN + speech + sum(opening) + sum(A_TURN + _waited_for(turn, scenario) for turn in dialogue.turns)


def _waited_for(turn: Turn, scenario: Scenario) -> float:
    calls = [move for move in turn.moves or () if isinstance(move, Call)]
    nested = [move for call in calls for move in call.nested if isinstance(move, Call)]
    return (turn.silence or 0.0) + sum(_longest(call, scenario) for call in [*calls, *nested])


def _longest(call: Call, scenario: Scenario) -> float:
    """Seconds that the call may last by what is declared: its timeout, its delays, and nobody's answer to it."""
    if call.tool not in scenario.tools:
        return max((server.timeout for server in scenario.mcp.values()), default=0.0)
    spec = spec_called(scenario.tools[call.tool], call.arguments)
    delays = sum(answer.delay for answer in spec.stub.answers)
    unanswered = any(decision.kind == "times_out" for decision in call.approval)
    rule = spec.approval
    asking = (rule.timeout if rule and rule.timeout is not None else UNANSWERED_APPROVAL) if unanswered else 0.0
    return spec.timeout + delays + asking
