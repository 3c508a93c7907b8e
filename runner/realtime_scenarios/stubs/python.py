"""A tool that calls a function of the author's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

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
    from realtime_scenarios.templates import Names


class PythonStub(WithoutModel, frozen=True, eq=False):
    """`module:function`, sync or async; the module is looked up in the scenario's own folder only.

    Called with the arguments as keywords, and with `call=ToolCall` if it has a parameter of that name.
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
        import inspect

        from realtime_scenarios.stubs.answers import with_updates
        from realtime_scenarios.stubs.code import NotLoadable, loaded_function, takes_call

        try:
            function = loaded_function(self.target, session.scenario.folder, session.modules)
        except NotLoadable as problem:
            raise StubFailed(str(problem)) from problem
        arguments: dict[str, Any] = {**call.args, **({"call": call} if takes_call(function) else {})}
        if self.given.delay:
            await session.clock.sleep(self.given.delay)
        try:
            if session.in_thread and not inspect.iscoroutinefunction(function):
                output = await _beside_the_loop(function, arguments)
            else:
                output = function(**arguments)
                if inspect.isawaitable(output):
                    output = await output
        except (Exception, SystemExit) as problem:  # the author's function may raise anything; the model is told
            raise StubFailed(f"{type(problem).__name__}: {problem}") from problem
        return with_updates(self.given, output, call, session)


async def _beside_the_loop(function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """What the function returns, from a thread that nobody waits for when the conversation is over."""
    import asyncio
    import contextlib
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


STUBS.add(PythonStub.kind, PythonStub)
