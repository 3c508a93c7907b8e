"""A tool that calls a function of the author's."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from msgspec import structs

from realtime_scenarios.core.json_text import copied
from realtime_scenarios.document import Place
from realtime_scenarios.model.call import StubFailed, StubResult, ToolCall
from realtime_scenarios.model.stub import STUBS
from realtime_scenarios.model.tool import Answer, Assumptions
from realtime_scenarios.model.values import Source
from realtime_scenarios.model.written import Code, Written
from realtime_scenarios.stubs.kind import TIMED, WithoutModel
from realtime_scenarios.stubs.reading import answer_in

if TYPE_CHECKING:
    from realtime_scenarios.stubs.session import StubSession
    from realtime_scenarios.stubs.threads import Settled
    from realtime_scenarios.templates import Names


class PythonStub(WithoutModel, frozen=True, eq=False):
    """`module:function`, sync or async; the module is looked up in the scenario's own folder only.

    Called in a thread, with the arguments as keywords, and with `call=ToolCall` if it has a parameter of that name. All
    of it are copies; changing those in `call` makes the call fail.
    """

    kind: ClassVar = "python"
    keys: ClassVar = frozenset(("python",))
    beside: ClassVar = TIMED

    target: str
    given: Answer

    @classmethod
    def read(cls, data: Mapping[str, Any], place: Place, source: Source) -> Self:
        return cls(data["python"], answer_in(data, place, source))

    @property
    def answers(self) -> tuple[Answer, ...]:
        return (self.given,)

    @property
    def assumptions(self) -> Assumptions:
        return Assumptions(looks_outside=True, may_fail=True, in_order=False, effect=("python", self.target))

    def texts(self, place: Place, names: Names) -> Iterator[Written | Code]:
        yield Code(self.target, place / "python", "python")
        yield from self.given.texts(names)

    async def answer(self, call: ToolCall, session: StubSession) -> StubResult:
        from realtime_scenarios.stubs.answers import with_updates
        from realtime_scenarios.stubs.threads import AuthorsError

        if self.given.delay:
            await session.clock.sleep(self.given.delay)
        # made here, since a thread that is late must not see what has changed since
        arguments, given, untouched = copied(call.args), _copy_of(call), _copy_of(call)

        def output_of(function: Callable[..., Any], settled: Settled) -> Any:
            wants_call = "call" in inspect.signature(function).parameters
            output = settled(function(**arguments, **({"call": given} if wants_call else {})))
            if (changed := _changed_value(given, untouched)) is not None:
                raise AuthorsError(f"it changed {changed}: a call is there to be read, and context changes by `set`")
            return _as_data(output)

        try:
            output = await session.code.result_of(self.target, output_of)
        except AuthorsError as problem:
            raise StubFailed(str(problem)) from problem
        return with_updates(self.given, output, call, session)


def _copy_of(call: ToolCall) -> ToolCall:
    """The call with values that nobody else has."""
    context, args, approval = copied(call.context), copied(call.args), copied(call.approval)
    return structs.replace(call, context=context, args=args, approval=approval, declared=tuple(call.declared))


def _changed_value(given: ToolCall, untouched: ToolCall) -> str | None:
    """What the function changed of the call that it was given; None: nothing. Without a word it would be lost."""
    for part in ("context", "args", "approval"):
        now, before = getattr(given, part), getattr(untouched, part)
        if now != before:
            names = (
                name for name in {**before, **now} if (name in now, now.get(name)) != (name in before, before.get(name))
            )
            return f"'{next(names)}' in call.{part}"
    return None


def _as_data(output: Any) -> Any:
    """What the function returned, as the JSON that it is: nothing of the author's own kinds leaves the thread.

    Raises:
        AuthorsError: it is no JSON.
    """
    from realtime_scenarios.stubs.threads import AuthorsError

    try:
        return json.loads(json.dumps(output, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as problem:
        raise AuthorsError(f"its answer is no JSON ({problem})") from problem


STUBS.add(PythonStub.kind, PythonStub)
