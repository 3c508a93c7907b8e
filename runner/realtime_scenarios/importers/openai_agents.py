"""Agents of openai-agents in a Python program, walked from the first one."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from agents import FunctionTool, Handoff
from agents.realtime import RealtimeAgent

from realtime_scenarios.core import ScenarioError, UsageError, did_you_mean
from realtime_scenarios.importers.found import Found, FoundAgent, FoundHandoff, FoundTool, Note


def agents_in_program(target: str, folder: Path) -> Found:
    """What `module:name` or `path/file.py:name` holds: a RealtimeAgent, or a list of them, the first one first.

    The program is imported, and so it runs.

    Raises:
        UsageError: there is no such module or name, or it is no agent.
        ScenarioError: it cannot be imported.
    """
    where, _, name = target.rpartition(":")
    module = _imported(where or name, folder)
    agents = {key: value for key, value in vars(module).items() if isinstance(value, RealtimeAgent)}
    if not where:
        raise UsageError(f"which agent of '{name}'?", hint=f"write {name}:{next(iter(agents), 'agent')}")
    if not hasattr(module, name):
        raise UsageError(f"'{where}' has no '{name}'", hint=did_you_mean(name, agents or vars(module)))
    first = getattr(module, name)
    roots = list(first) if isinstance(first, (list, tuple)) else [first]
    if not roots or not all(isinstance(root, RealtimeAgent) for root in roots):
        raise UsageError(f"'{target}' is no RealtimeAgent", hint=did_you_mean(name, agents) if agents else None)
    return found_from(roots, list(agents.values()))


def found_from(roots: list[RealtimeAgent[Any]], known: list[RealtimeAgent[Any]] | None = None) -> Found:
    """All agents that can be reached from these; `known` are those that a handoff may name without holding them."""
    by_name = {agent.name: agent for agent in (*(known or []), *roots)}
    walk = _Walk(by_name)
    for root in roots:
        walk.visit(root)
    return Found(tuple(walk.agents.values()), walk.tools, tuple(walk.notes))


class _Walk:
    def __init__(self, by_name: dict[str, RealtimeAgent[Any]]) -> None:
        self.agents: dict[str, FoundAgent] = {}
        self.tools: dict[str, FoundTool] = {}
        self.notes: list[Note] = []
        self._by_name = by_name
        self._met: dict[str, RealtimeAgent[Any]] = {}

    def visit(self, agent: RealtimeAgent[Any]) -> None:
        waiting = [agent]
        while waiting:
            present = waiting.pop(0)
            if present.name in self._met:
                if self._met[present.name] is not present:
                    self._note(present, "another agent has the same name, and is left out")
                continue
            self._met[present.name] = present
            edges = list(self._edges(present))
            self.agents[present.name] = FoundAgent(
                present.name,
                self._instructions(present),
                present.handoff_description,
                tools=tuple(self._tools(present)),
                handoffs=tuple(edge for edge, _ in edges),
            )
            waiting += [target for _, target in edges]
            for name, there in {
                "output_guardrails": present.output_guardrails,
                "mcp_servers": present.mcp_servers,
                "prompt": present.prompt,
                "hooks": present.hooks,
            }.items():
                if there:
                    self._note(present, f"its {name} are code or live elsewhere; write them anew")

    def _instructions(self, agent: RealtimeAgent[Any]) -> str:
        if isinstance(agent.instructions, str):
            return agent.instructions
        if agent.instructions is None:
            self._note(agent, "it has no instructions")
        else:
            self._note(agent, "its instructions are a function; write them as a template")
        return f"You are {agent.name}."

    def _tools(self, agent: RealtimeAgent[Any]) -> Iterator[str]:
        for tool in agent.tools:
            if not isinstance(tool, FunctionTool):
                self._note(agent, f"a tool of kind {type(tool).__name__} is left out")
                continue
            there = self.tools.get(tool.name)
            if there is not None and there.parameters != tool.params_json_schema:
                self._note(agent, f"another tool is called '{tool.name}', too; the first one is kept")
            if there is None:
                asks = tool.needs_approval
                found = FoundTool(tool.name, tool.description, tool.params_json_schema, approval=bool(asks))
                self.tools[tool.name] = found
                self.notes.append(Note(f"tool {tool.name}", "what it answers is code; here it answers true"))
                if callable(asks):
                    self.notes.append(Note(f"tool {tool.name}", "when it needs approval is code; here it always does"))
            yield tool.name

    def _edges(self, agent: RealtimeAgent[Any]) -> Iterator[tuple[FoundHandoff, RealtimeAgent[Any]]]:
        for edge in agent.handoffs:
            if isinstance(edge, RealtimeAgent):
                yield FoundHandoff(edge.name), edge
                continue
            target = self._by_name.get(edge.agent_name)
            if target is None:
                self._note(agent, f"a handoff to '{edge.agent_name}' is left out: there is no agent of that name here")
                continue
            inputs = edge.input_json_schema if edge.input_json_schema.get("properties") else None
            own_name = edge.tool_name if edge.tool_name != Handoff.default_tool_name(target) else None
            is_usual = edge.tool_description == Handoff.default_tool_description(target)
            yield FoundHandoff(target.name, own_name, None if is_usual else edge.tool_description, inputs), target

    def _note(self, agent: RealtimeAgent[Any], message: str) -> None:
        self.notes.append(Note(f"agent {agent.name}", message))


def _imported(name: str, folder: Path) -> ModuleType:
    """The module of a name or of a file.

    Raises:
        UsageError: there is none.
        ScenarioError: it raises while it is imported.
    """
    path = folder / name
    sys.path.insert(0, str(path.parent if name.endswith(".py") else folder))
    try:
        if not name.endswith(".py"):
            return importlib.import_module(name)
        if not path.is_file():
            raise UsageError(f"there is no '{name}'")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        spec.loader.exec_module(module)
        return module
    except ScenarioError:
        raise
    except ModuleNotFoundError as problem:
        if problem.name == name:
            raise UsageError(f"there is no module '{name}'", hint="write module:agent, or path/file.py:agent") from None
        raise ScenarioError(f"'{name}' cannot be imported: {problem}") from problem
    except BaseException as problem:  # whatever a program does when it is imported, it is not ours
        if isinstance(problem, KeyboardInterrupt):
            raise
        raise ScenarioError(f"'{name}' cannot be imported: {type(problem).__name__}: {problem}") from problem
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(str(path.parent if name.endswith(".py") else folder))
