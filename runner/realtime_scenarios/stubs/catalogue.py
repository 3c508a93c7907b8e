"""A tool with many functions behind it: a call is taken to the one that it means, or told what to mend or ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from msgspec import Struct
from msgspec.structs import replace

from realtime_scenarios.core import is_unsaid, nearest
from realtime_scenarios.core.arguments import check_of
from realtime_scenarios.document import Place
from realtime_scenarios.model.build_tool import tool
from realtime_scenarios.model.call import StubResult, ToolCall
from realtime_scenarios.model.stub import STUBS
from realtime_scenarios.model.tool import Answer, Assumptions, Resolved, ToolSpec, Unresolved
from realtime_scenarios.model.values import Source
from realtime_scenarios.model.written import Written

if TYPE_CHECKING:
    from realtime_scenarios.stubs.session import StubSession
    from realtime_scenarios.templates import Names


class CatalogueStub(Struct, frozen=True, eq=False):
    """Functions behind one tool: `function` names the argument that chooses, `arguments` the one with the rest.

    Those who walk through tools look at each of its functions as at a tool; so it has no texts of its own.
    """

    kind: ClassVar = "catalogue"
    keys: ClassVar = frozenset(("catalogue",))
    beside: ClassVar = frozenset[str]()
    supervisor: ClassVar = None
    question: ClassVar = None
    patience: ClassVar = 30.0

    function: str
    arguments: str
    functions: Mapping[str, ToolSpec]

    @classmethod
    def read(cls, data: Mapping[str, Any], place: Place, source: Source) -> Self:
        given, there = data["catalogue"], place / "catalogue" / "functions"
        functions = {name: tool(name, spec, there / name, source) for name, spec in given["functions"].items()}
        return cls(given.get("function", "function_name"), given.get("arguments", "parameters"), functions)

    @property
    def catalogue(self) -> Self:
        return self

    @property
    def waits(self) -> bool:
        return any(function.stub.waits for function in self.functions.values())

    @property
    def answers(self) -> tuple[Answer, ...]:
        return tuple(answer for function in self.functions.values() for answer in function.stub.answers)

    @property
    def assumptions(self) -> Assumptions:
        return Assumptions(looks_outside=False, may_fail=True, in_order=False, effect=None)

    def texts(self, place: Place, names: Names) -> Iterator[Written]:
        return iter(())

    def chosen(self, arguments: Mapping[str, Any]) -> Any:
        return arguments.get(self.function)

    def resolved(self, arguments: Mapping[str, Any]) -> Resolved | Unresolved:
        name, given = self.chosen(arguments), arguments.get(self.arguments, {})
        function = self.functions.get(str(name))
        if function is None:
            guess = nearest(str(name), self.functions)
            hint = f" Did you mean '{guess}'?" if guess else ""
            return Unresolved({"error": f"There is no function '{name}'.{hint} Nothing was done.", "nearest": guess})
        if not isinstance(given, Mapping):
            return Unresolved({"error": f"'{self.arguments}' must hold the arguments of {name}. Nothing was done."})
        check = check_of(function.parameters)
        given = check.filled(given)
        missing = [key for key in function.parameters.get("required", ()) if is_unsaid(given.get(key))]
        if missing:
            return Unresolved(_missing_arguments(function, missing, given))
        problems = check.problems(given)
        if problems:
            return Unresolved({"error": f"Invalid arguments for {name}: {'; '.join(problems)}. Nothing was done."})
        return Resolved(function, given)

    async def answer(self, call: ToolCall, session: StubSession) -> StubResult:
        found = self.resolved(call.args)
        if isinstance(found, Unresolved):
            return StubResult("failed", found.output)
        inner = replace(call, tool=f"{call.tool}.{found.function.name}", args=found.arguments)
        return await found.function.stub.answer(inner, session)


def _missing_arguments(function: ToolSpec, missing: list[str], given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "error": True,
        "action": "MUST_ASK_USER",
        "message": f"{function.name} needs {', '.join(missing)}. Ask the caller; do not guess.",
        "missing": missing,
        "have": {key: value for key, value in given.items() if not is_unsaid(value)},
        "doNotCallOtherFunctions": True,
    }


STUBS.add(CatalogueStub.kind, CatalogueStub)
