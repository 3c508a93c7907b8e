"""The calls that a scenario makes before anybody has spoken; the model finds them in the conversation, with answers."""

from __future__ import annotations

from collections.abc import Iterator

from realtime_scenarios.compiler import Talk
from realtime_scenarios.compiler.tools import called
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.session.line import Line
from realtime_scenarios.trace import ToolCalled


def opening_call_ids(scenario: Scenario) -> Iterator[str]:
    """The ids of the calls, which no model has given them."""
    if scenario.opening is not None:
        yield from map(_opening_call_id, scenario.opening.calls)


async def make_opening_calls(talk: Talk, line: Line) -> None:
    """Make the calls one after the other, and put each with its answer into the conversation."""
    state = talk.state
    opening = state.scenario.opening
    for tool in opening.calls if opening is not None else ():
        call_id = _opening_call_id(tool)
        state.record(ToolCalled, call_id=call_id, tool=tool, arguments={})
        output = await called(state.scenario.tools[tool], state, talk.stubs, call_id, "{}")
        await line.add_item(type="function_call", call_id=call_id, name=tool, arguments="{}")
        await line.add_item(type="function_call_output", call_id=call_id, output=output)


def _opening_call_id(tool: str) -> str:
    return f"opening_{tool}"
