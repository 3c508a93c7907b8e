"""The case file of a kind of stub as what it promises: tools, calls of them, and what each must come to."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from realtime_scenarios.model import Scenario
from realtime_scenarios.model.call import StubFailed, StubResult, ToolCall
from realtime_scenarios.model.tool import ModelQuestion
from realtime_scenarios.project import load
from realtime_scenarios.session import LoopClock, run_in_virtual_time
from realtime_scenarios.stubs.answering import answer
from realtime_scenarios.stubs.session import StubSession
from realtime_scenarios.stubs.threads import Settled

CASES = Path(__file__).parents[1] / "cases" / "stubs"


@dataclass(frozen=True)
class StubCase:
    """`text_model` is what text models say, one answer after the other; `files` stand beside the scenario."""

    tools: Mapping[str, Any]
    calls: Sequence[Mapping[str, Any]]
    text_model: Sequence[Any]
    files: Mapping[str, str]
    parts: Mapping[str, Any]

    def scenario_in(self, folder: Path) -> Scenario:
        """The scenario of the case, written to `folder` and read from there."""
        agent = {"instructions": "x", "tools": list(self.tools)}
        data = {"scenario": "case", "start": "main", "agents": {"main": agent}, "tools": self.tools, **self.parts}
        for name, text in {**self.files, "case.yaml": yaml.safe_dump(data)}.items():
            (folder / name).write_text(text, encoding="utf-8")
        project = load(folder / "case.yaml")
        assert not project.errors, project.errors
        return project.scenario


def stub_case(path: Path) -> StubCase:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    tools, calls = data.pop("tools"), data.pop("calls")
    return StubCase(tools, calls, data.pop("text_model", ()), data.pop("files", {}), data)


@dataclass(frozen=True)
class Made:
    """A call that was made: what came of it, and after how many seconds."""

    tool: str
    result: StubResult
    seconds: float


def calls_made(case: StubCase, scenario: Scenario) -> list[Made]:
    """All calls of the case, made in one conversation without a network."""

    async def conversation() -> list[Made]:
        clock = LoopClock(datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC))
        session = StubSession(scenario, clock)
        session.text = _PreparedTextModel(case.text_model, scenario)
        context = {name: variable.default for name, variable in scenario.context.items()}
        made = []
        for number, wanted in enumerate(case.calls):
            name, began = wanted["call"], clock.monotonic()
            declared = scenario.tools[name].parameters.get("properties", {})
            args = wanted.get("args", {})
            call = ToolCall(name, f"call_{number}", args, context, {}, clock.now(), "main", "Main", declared)
            result = await answer(scenario.tools[name], call, session)
            context.update(result.updates)
            made.append(Made(name, result, clock.monotonic() - began))
        session.close()
        return made

    return run_in_virtual_time(conversation())


def called(
    path: Path,
    *calls: tuple[str, Mapping[str, Any]],
    run: Callable[[Coroutine[Any, Any, list[tuple[StubResult, float]]]], list[tuple[StubResult, float]]] = (
        run_in_virtual_time
    ),
) -> list[tuple[StubResult, float]]:
    """The results of calls in one conversation, each with the second at which it came: a virtual one, or as `run`."""
    project = load(path)
    assert not project.errors, project.errors

    async def conversation() -> list[tuple[StubResult, float]]:
        clock = LoopClock(datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC))
        session = StubSession(project.scenario, clock)
        context = {name: variable.default for name, variable in project.scenario.context.items()}
        results = []
        for number, (tool, args) in enumerate(calls):
            call = ToolCall(tool, f"call_{number}", args, context, {"pin": "4711"}, clock.now(), "main", "Main")
            result = await answer(project.scenario.tools[tool], call, session)
            context.update(result.updates)
            results.append((result, clock.monotonic()))
        session.close()
        return results

    return run(conversation())


def outcome(path: Path, tool: str, **args: Any) -> tuple[str, Any]:
    """How a call alone ends, and what it answers."""
    result, _ = called(path, (tool, args))[0]
    return result.outcome, result.output


def settled_result(function: Callable[..., Any], settled: Settled) -> Any:
    """What an author's function comes to that is called with nothing."""
    return settled(function())


class _PreparedTextModel:
    """Says what it was given to say, to those only who told the proof that they would ask."""

    def __init__(self, answers: Sequence[Any], scenario: Scenario) -> None:
        self._answers = list(answers)
        self._scenario = scenario

    async def supervised(self, supervisor: str, call: ToolCall, session: StubSession) -> str:
        assert self._scenario.tools[call.tool].stub.supervisor == supervisor
        return str(self._next_answer())

    async def answered(self, question: ModelQuestion, call: ToolCall) -> Any:
        assert self._scenario.tools[call.tool].stub.question is question
        return self._next_answer()

    def _next_answer(self) -> Any:
        if not self._answers:
            raise StubFailed("the text model is silent")
        return self._answers.pop(0)
