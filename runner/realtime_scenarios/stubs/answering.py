"""A call to the answer of its stub, whatever the stub does and however long it takes."""

from __future__ import annotations

import json

from realtime_scenarios.model.call import StubFailed, StubResult, ToolCall
from realtime_scenarios.model.tool import ToolSpec
from realtime_scenarios.stubs.session import StubSession
from realtime_scenarios.templates import TemplateError


async def answer(tool: ToolSpec, call: ToolCall, session: StubSession) -> StubResult:
    """What the tool answers. It never raises: a failure and a timeout are answers too, in words for the model."""
    result = await _made_answer(tool, call, session)
    if session.lateness is not None:
        await session.clock.sleep(session.lateness())
    return result


async def _made_answer(tool: ToolSpec, call: ToolCall, session: StubSession) -> StubResult:
    try:
        async with session.clock.limit(tool.timeout):
            result = await tool.stub.answer(call, session)
    except TimeoutError:
        return StubResult("timed_out", f"Tool '{call.tool}' timed out after {tool.timeout:g} seconds.")
    except (StubFailed, TemplateError) as problem:
        return StubResult("failed", f"Tool '{call.tool}' failed: {problem}")
    try:
        json.dumps(result.output, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as problem:
        return StubResult("failed", f"Tool '{call.tool}' failed: its answer is no JSON ({problem})")
    return result
