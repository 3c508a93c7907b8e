"""The kinds of stubs, each as the function that answers a call."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from realtime_scenarios.core import Registry
from realtime_scenarios.model.tool import (
    CasesStub,
    CatalogueStub,
    ModelStub,
    NothingStub,
    PythonStub,
    QueryStub,
    ReturnsStub,
    SequenceStub,
    SupervisorStub,
)
from realtime_scenarios.stubs.answers import given_answer, with_updates
from realtime_scenarios.stubs.backend import requested
from realtime_scenarios.stubs.call import StubFailed, StubResult, ToolCall
from realtime_scenarios.stubs.catalogue import Unresolved, resolved
from realtime_scenarios.stubs.data import QueryFailed, parameters_of
from realtime_scenarios.stubs.python import NotLoadable, loaded_function, takes_call
from realtime_scenarios.stubs.session import StubSession
from realtime_scenarios.templates import Expression, TemplateError

Answering = Callable[[Any, ToolCall, StubSession], Awaitable[StubResult]]

STUBS: Registry[Answering] = Registry("stub")


async def always(stub: NothingStub | ReturnsStub, call: ToolCall, session: StubSession) -> StubResult:
    return await given_answer(stub.answer, call, session)


async def first_case(stub: CasesStub, call: ToolCall, session: StubSession) -> StubResult:
    for case in stub.cases:
        try:
            holds = case.when is None or bool(Expression(case.when.expression).evaluate(call.values()))
        except TemplateError as problem:
            assert case.when is not None
            raise StubFailed(f"the condition '{case.when.expression}' fails: {problem.message}") from problem
        if holds:
            return await given_answer(case, call, session)
    raise StubFailed(f"no case of '{call.tool}' fits these arguments")


async def next_in_sequence(stub: SequenceStub, call: ToolCall, session: StubSession) -> StubResult:
    return await given_answer(stub.answers[min(session.count(call.tool), len(stub.answers) - 1)], call, session)


async def queried(stub: QueryStub, call: ToolCall, session: StubSession) -> StubResult:
    try:
        computed = {name: Expression(text).evaluate(call.values()) for name, text in stub.params.items()}
        statements = [statement.text for statement in stub.sql]
        unsaid = dict.fromkeys(name for statement in statements for name in parameters_of(statement))
        rows = session.database.run(statements, {**unsaid, **call.args, **computed})
    except (QueryFailed, TemplateError) as problem:
        raise StubFailed(f"the query failed: {problem}") from problem
    row = rows[0] if rows else None
    if row is None and stub.empty is not None:
        return await given_answer(stub.empty, call, session, rows=rows, row=row)
    if stub.has_returns:
        return await given_answer(stub.answer, call, session, rows=rows, row=row)
    if stub.answer.delay:
        await session.clock.sleep(stub.answer.delay)
    value = next(iter(row.values())) if row else None
    output = {"rows": rows, "row": row, "value": value}[stub.result]
    return with_updates(stub.answer, output, call, session, rows=rows, row=row)


async def dispatched(stub: CatalogueStub, call: ToolCall, session: StubSession) -> StubResult:
    found = resolved(stub, call.args)
    if isinstance(found, Unresolved):
        return StubResult("failed", found.output)
    inner = replace(call, tool=f"{call.tool}.{found.function.name}", args=found.arguments)
    return await STUBS[found.function.stub.kind](found.function.stub, inner, session)


async def called_python(stub: PythonStub, call: ToolCall, session: StubSession) -> StubResult:
    try:
        function = loaded_function(stub.target, session.scenario.folder, session.modules)
    except NotLoadable as problem:
        raise StubFailed(str(problem)) from problem
    arguments: dict[str, Any] = {**call.args, **({"call": call} if takes_call(function) else {})}
    if stub.answer.delay:
        await session.clock.sleep(stub.answer.delay)
    try:
        if session.in_thread and not inspect.iscoroutinefunction(function):
            output = await _beside_the_loop(function, arguments)
        else:
            output = function(**arguments)
            if inspect.isawaitable(output):
                output = await output
    except (Exception, SystemExit) as problem:  # the author's function may raise anything; the model is told
        raise StubFailed(f"{type(problem).__name__}: {problem}") from problem
    return with_updates(stub.answer, output, call, session)


async def asked_supervisor(stub: SupervisorStub, call: ToolCall, session: StubSession) -> StubResult:
    if session.text is None:
        raise StubFailed("there is no text model to ask")
    return await _about(stub, await session.text.supervised(stub, call, session), call, session)


async def asked_model(stub: ModelStub, call: ToolCall, session: StubSession) -> StubResult:
    if session.text is None:
        raise StubFailed("there is no text model to ask")
    return await _about(stub, await session.text.answered(stub, call), call, session)


async def _about(stub: SupervisorStub | ModelStub, answer: Any, call: ToolCall, session: StubSession) -> StubResult:
    """The tool's answer, made of what the text model said."""
    if stub.has_returns:
        return await given_answer(stub.answer, call, session, answer=answer)
    return with_updates(stub.answer, answer, call, session, answer=answer)


async def _beside_the_loop(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """What the function returns, from a thread that nobody waits for when the conversation is over."""
    import asyncio
    import threading

    loop = asyncio.get_running_loop()
    done: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, problem: BaseException | None) -> None:
        if not done.done():
            done.set_exception(problem) if problem is not None else done.set_result(result)

    def run() -> None:
        result, problem = None, None
        try:
            result = function(**arguments)
        except BaseException as raised:
            problem = raised if not isinstance(raised, StopIteration) else RuntimeError("StopIteration")
        with contextlib.suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(settle, result, problem)

    threading.Thread(target=run, daemon=True).start()
    return await done


STUBS.add("nothing", always)
STUBS.add("returns", always)
STUBS.add("cases", first_case)
STUBS.add("sequence", next_in_sequence)
STUBS.add("query", queried)
STUBS.add("python", called_python)
STUBS.add("http", requested)
STUBS.add("supervisor", asked_supervisor)
STUBS.add("model", asked_model)
STUBS.add("catalogue", dispatched)
