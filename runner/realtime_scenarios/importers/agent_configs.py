"""Agents in TypeScript files: `new RealtimeAgent({...})` of openai-agents-js, and `AgentConfig` of the reference demos.

The files are read and never run. Who speaks first is the first agent of an exported list (`export const x = [a, b]`),
as the demos have it, or else the first that the file has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from realtime_scenarios.core import UsageError, did_you_mean
from realtime_scenarios.importers.found import Answered, Found, FoundAgent, FoundHandoff, FoundTool, Note
from realtime_scenarios.importers.typescript import (
    Function,
    Made,
    Module,
    Program,
    TextWithHoles,
    is_plain,
    text_of,
)
from realtime_scenarios.importers.zod import Unknown, is_zod, json_schema

_AGENTS = ("RealtimeAgent", "Agent")
_SUFFIXES = (".ts", ".tsx", ".mts", ".js", ".mjs")
_AGENT_KEYS = frozenset(
    (
        "name",
        "voice",
        "instructions",
        "handoffs",
        "tools",
        "handoffDescription",
        "publicDescription",
        "downstreamAgents",
        "toolLogic",
    )
)
_TOOL_KEYS = frozenset(("type", "name", "description", "parameters", "execute", "strict", "needsApproval"))
_NO_PARAMETERS: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}


def agents_in_files(source: Path, wanted: str | None = None) -> Found:
    """The agents of a file, or of a folder of files.

    `wanted` is the list or the agent to begin with; None: the only one.

    Raises:
        UsageError: there are no agents, several lists of them, or the parser is not installed.
    """
    program = Program(source.resolve())
    files = [source] if source.is_file() else sorted(path for path in source.rglob("*") if path.suffix in _SUFFIXES)
    modules = [program.module(path) for path in files if "node_modules" not in path.parts]
    reader = _Reader(program)
    for module in modules:
        if (broken := module.has_errors()) is not None:
            reader.notes.append(Note(broken, "this is no TypeScript that can be read; what is around it is"))
    roots = _roots(modules, wanted)
    for module in modules:
        for pushed in module.pushes():
            reader.push(pushed.owner, pushed.name, pushed.values, pushed.place)
    for root in roots:
        reader.visit(root)
    return Found(tuple(reader.agents.values()), reader.tools, tuple(dict.fromkeys(reader.notes)))


def _roots(modules: Iterable[Module], wanted: str | None) -> list[Any]:
    """The agents to begin with: those of the list that is wanted, or of the only one there is."""
    lists: dict[str, list[Any]] = {}
    alone: dict[str, Any] = {}
    for module in modules:
        for name in dict.fromkeys((*module.exported, *module.constants)):
            value = module.constant(name)
            agents = _transfers(value)
            if agents is None and isinstance(value, list) and value and all(map(_is_agent, value)):
                agents = value
            if agents is not None and not any(_same(others, agents) for others in lists.values()):
                lists[name] = agents
            elif _is_agent(value):
                alone[name] = value
    if wanted is not None:
        if wanted in lists:
            return lists[wanted]
        if wanted in alone:
            return [alone[wanted]]
        raise UsageError(f"there are no agents '{wanted}'", hint=did_you_mean(wanted, [*lists, *alone]))
    if len(lists) > 1:
        raise UsageError(f"there are {len(lists)} lists of agents", hint=f"--agents {' or '.join(list(lists)[:6])}")
    if lists:
        return next(iter(lists.values()))
    if not alone:
        raise UsageError(
            "there are no agents in it", hint="it should hold `new RealtimeAgent({...})`, or an AgentConfig"
        )
    return _first_ones([*alone.values()])


def _first_ones(agents: list[Any]) -> list[Any]:
    """The agents, those that no other one hands off to first: callers meet them."""
    targets = {
        _key(target)
        for agent in agents
        for target in _data(agent).get("handoffs") or ()
        if isinstance(_data(agent).get("handoffs"), list) and _is_agent(target)
    }
    return sorted(agents, key=lambda agent: _key(agent) in targets)


def _same(first: list[Any], second: list[Any]) -> bool:
    return len(first) == len(second) and all(a is b or _key(a) == _key(b) for a, b in zip(first, second, strict=True))


def _transfers(value: Any) -> list[Any] | None:
    """The agents that `injectTransferTools([...])` of the demos is given; None: it is something else."""
    if isinstance(value, Made) and value.maker == "injectTransferTools" and value.arguments:
        given = value.arguments[0]
        return given if isinstance(given, list) and all(map(_is_agent, given)) else None
    return None


def _is_agent(value: Any) -> bool:
    if isinstance(value, Made):
        return value.maker in _AGENTS and bool(value.arguments) and isinstance(value.arguments[0], dict)
    return isinstance(value, dict) and "instructions" in value and "name" in value and "publicDescription" in value


def _key(agent: Any) -> object:
    """What tells an agent from another, however often it is read."""
    return agent.key if isinstance(agent, Made) else (agent.get("name") if isinstance(agent, dict) else id(agent))


def _data(agent: Any) -> dict[str, Any]:
    found = agent.arguments[0] if isinstance(agent, Made) else agent
    assert isinstance(found, dict)
    return found


class _Reader:
    """Reads agents one after the other, and those that they hand off to."""

    def __init__(self, program: Program) -> None:
        self.agents: dict[object, FoundAgent] = {}
        self.tools: dict[str, FoundTool] = {}
        self.notes: list[Note] = []
        self._program = program
        self._pushed: dict[object, list[tuple[str, Any, str]]] = {}

    def push(self, owner: Any, name: str, values: tuple[Any, ...], place: str) -> None:
        if _is_agent(owner):
            self._pushed.setdefault(_key(owner), []).extend((name, value, place) for value in values)

    def visit(self, root: Any) -> None:
        waiting = [root]
        while waiting:
            agent = waiting.pop(0)
            if _key(agent) in self.agents:
                continue
            data, place = _data(agent), self._place(agent)
            name = text_of(data.get("name")) or "agent"
            handoffs = list(self._handoffs(agent, data, place))
            self.agents[_key(agent)] = FoundAgent(
                name,
                self._instructions(data, name, place),
                text_of(data.get("handoffDescription")) or text_of(data.get("publicDescription")),
                text_of(data.get("voice")),
                tuple(self._tools(agent, data, place)),
                tuple(edge for edge, _ in handoffs),
                transfers_by_one_tool=not isinstance(agent, Made),
            )
            waiting += [target for _, target in handoffs]
            for key, value in data.items():
                if key not in _AGENT_KEYS and value not in (None, [], {}):
                    self.notes.append(Note(getattr(value, "place", place), f"'{key}' of agent '{name}'"))

    def _instructions(self, data: dict[str, Any], name: str, place: str) -> str:
        value = data.get("instructions")
        if isinstance(value, TextWithHoles):
            for hole in value.holes:
                self.notes.append(
                    Note(hole, f"a value in the instructions of '{name}' that only running it would tell")
                )
        text = text_of(value)
        if text is None:
            told = "are missing" if value is None else "are code"
            self.notes.append(Note(getattr(value, "place", place), f"the instructions of '{name}' {told}"))
            return f"You are {name}."
        return text.strip("\n") + "\n" if "\n" in text else text

    def _handoffs(self, agent: Any, data: dict[str, Any], place: str) -> Iterator[tuple[FoundHandoff, Any]]:
        added = [
            value for name, value, _ in self._pushed.get(_key(agent), ()) if name in ("handoffs", "downstreamAgents")
        ]
        met: set[object] = set()
        for key in ("handoffs", "downstreamAgents"):
            targets = data.get(key) or []
            if not isinstance(targets, list):
                self.notes.append(Note(getattr(targets, "place", place), f"'{key}' is code"))
                targets = []
            for target in [*targets, *(added if key in data or key == "handoffs" else ())]:
                edge, other = self._edge(target)
                if other is None:
                    self.notes.append(Note(getattr(target, "place", place), "a handoff to what is no agent here"))
                elif _key(other) not in met:
                    met.add(_key(other))
                    yield edge, other

    def _edge(self, target: Any) -> tuple[FoundHandoff, Any]:
        """The handoff, and the agent that it leads to; None: none that is known."""
        if (
            isinstance(target, Made)
            and target.maker == "handoff"
            and target.arguments
            and _is_agent(target.arguments[0])
        ):
            other, options = target.arguments[0], target.arguments[1] if len(target.arguments) > 1 else {}
            options = options if isinstance(options, dict) else {}
            for key in options.keys() - {"toolNameOverride", "toolDescriptionOverride"}:
                self.notes.append(Note(target.place, f"'{key}' of a handoff"))
            name = text_of(_data(other).get("name")) or "agent"
            own_name, words = text_of(options.get("toolNameOverride")), text_of(options.get("toolDescriptionOverride"))
            return FoundHandoff(name, own_name, words), other
        if _is_agent(target):
            return FoundHandoff(text_of(_data(target).get("name")) or "agent"), target
        return FoundHandoff(""), None

    def _tools(self, agent: Any, data: dict[str, Any], place: str) -> Iterator[str]:
        given = data.get("tools") or []
        if not isinstance(given, list):
            self.notes.append(Note(getattr(given, "place", place), "'tools' is code"))
            given = []
        logic = data.get("toolLogic") if isinstance(data.get("toolLogic"), dict) else {}
        added = [value for name, value, _ in self._pushed.get(_key(agent), ()) if name == "tools"]
        for value in [*given, *added]:
            is_made = isinstance(value, Made) and value.maker == "tool" and value.arguments
            config = value.arguments[0] if is_made else value
            where = getattr(value, "place", place)
            name = text_of(config.get("name")) if isinstance(config, dict) else None
            if name is None or not isinstance(config, dict):
                self.notes.append(Note(where, "a tool that is code"))
                continue
            if name not in self.tools:
                execute = config.get("execute") or (logic or {}).get(name)
                self.tools[name] = self._tool(name, config, execute, where)
            yield name

    def _tool(self, name: str, config: dict[str, Any], execute: Any, place: str) -> FoundTool:
        returns = None
        if isinstance(execute, Function) and execute.returns:
            returns = Answered(execute.returns[0])
        elif execute is not None:
            where = getattr(execute, "place", place)
            self.notes.append(Note(where, f"what '{name}' answers is code; here it answers true"))
        for key, value in config.items():
            if key not in _TOOL_KEYS and value is not None:
                self.notes.append(Note(getattr(value, "place", place), f"'{key}' of tool '{name}'"))
        asks = config.get("needsApproval")
        if asks is not None and not isinstance(asks, bool):
            self.notes.append(
                Note(getattr(asks, "place", place), f"when '{name}' needs approval is code; here it always does")
            )
        description = text_of(config.get("description"))
        return FoundTool(name, description or "", self._parameters(name, config, place), returns, bool(asks))

    def _parameters(self, name: str, config: dict[str, Any], place: str) -> dict[str, Any]:
        value = config.get("parameters")
        if value is None:
            return _NO_PARAMETERS
        try:
            if is_zod(value):
                return json_schema(value)
            if isinstance(value, dict) and is_plain(value):
                return value
            reason = "are code"
        except Unknown as problem:
            reason = f"hold {problem}"
        self.notes.append(Note(getattr(value, "place", place), f"the parameters of '{name}' {reason}"))
        return _NO_PARAMETERS

    def _place(self, agent: Any) -> str:
        return agent.place if isinstance(agent, Made) else self._program.shown(self._program.root)
