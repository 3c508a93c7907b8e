"""One answer of a stub: what it returns or raises, after its delay, and the context variables it sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from realtime_scenarios.core.arguments import check_of
from realtime_scenarios.model.call import StubFailed, StubResult, ToolCall
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import Answer
from realtime_scenarios.templates import Expression, Template, TemplateError, rendered_value

if TYPE_CHECKING:
    from realtime_scenarios.stubs.session import StubSession


async def given_answer(answer: Answer, call: ToolCall, session: StubSession, /, **more: Any) -> StubResult:
    """The answer as it comes out for this call. `more` are further names for its templates.

    Raises:
        StubFailed: a template or expression fails, or a variable would get a value it must not have.
    """
    session.take(call.call_id, answer.place)
    if answer.delay:
        await session.clock.sleep(answer.delay)
    if answer.times_out:
        import asyncio

        await asyncio.get_running_loop().create_future()  # the tool's timeout ends this
    values = call.values(**more)
    try:
        if answer.raises is not None:
            return StubResult("failed", Template(answer.raises).render(values))
        output = rendered_value(answer.returns, values)
    except TemplateError as problem:
        raise StubFailed(_message_with_hint(problem)) from problem
    return with_updates(answer, output, call, session, **more)


async def passed_on(answer: Answer, output: Any, call: ToolCall, session: StubSession, /, **more: Any) -> StubResult:
    """`output`, which somebody else made, as the result: after the answer's delay, with the variables that it sets."""
    session.take(call.call_id, answer.place)
    if answer.delay:
        await session.clock.sleep(answer.delay)
    return with_updates(answer, output, call, session, **more)


def with_updates(answer: Answer, output: Any, call: ToolCall, session: StubSession, /, **more: Any) -> StubResult:
    """`output` as the result, with the context variables that the answer sets."""
    try:
        changes = updates(answer.set, call.values(result=output, **more), session.scenario)
    except ValueError as problem:
        raise StubFailed(str(problem)) from problem
    return StubResult("answered", output, changes)


def updates(expressions: Mapping[str, str], values: Mapping[str, Any], scenario: Scenario) -> dict[str, Any]:
    """New values of context variables, each fit for its schema.

    Raises:
        ValueError: an expression fails, or its value does not fit the variable.
    """
    changes: dict[str, Any] = {}
    for name, expression in expressions.items():
        try:
            value = Expression(expression).evaluate(values)
        except TemplateError as problem:
            raise ValueError(f"'{name}' cannot be set: {_message_with_hint(problem)}") from problem
        variable = scenario.context.get(name)
        if variable is None:
            raise ValueError(f"there is no context variable '{name}'")
        if not check_of(variable.schema).fits(value):
            raise ValueError(f"'{name}' cannot be set to {value!r}: it does not fit the variable")
        changes[name] = value
    return changes


def _message_with_hint(problem: TemplateError) -> str:
    return f"{problem.message} ({problem.hint})" if problem.hint else problem.message
