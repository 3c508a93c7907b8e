"""A call to the answer of its stub, whatever the stub does and however long it takes."""

from __future__ import annotations

import json

from runner.model.scenario import Stub
from runner.stubs.call import StubFailed, StubResult, ToolCall
from runner.stubs.kinds import STUBS
from runner.stubs.session import StubSession


async def answer(stub: Stub, call: ToolCall, session: StubSession) -> StubResult:
    """What the tool answers. It never raises: a failure and a timeout are answers too, in words for the model."""
    import asyncio  # 90 ms of import that checking a file does not need

    timeout = session.scenario.tools[call.tool].timeout
    try:
        async with asyncio.timeout(timeout):
            result = await STUBS[stub.kind](stub, call, session)
    except TimeoutError:
        return StubResult("timed_out", f"Tool '{call.tool}' timed out after {timeout:g} seconds.")
    except StubFailed as problem:
        return StubResult("failed", f"Tool '{call.tool}' failed: {problem}")
    try:
        json.dumps(result.output, allow_nan=False)
    except (TypeError, ValueError) as problem:
        return StubResult("failed", f"Tool '{call.tool}' failed: its answer is no JSON ({problem})")
    return result
