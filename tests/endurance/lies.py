"""Dialogues that pass to dialogues that must not: an expectation says the contrary of what holds, or a tool is gone.

Each kind of expectation has its contradictions here; `test_fuzz.py` holds them to the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

NONSENSE = "zyzzyva quagga 90210"
NOT_A_NAME = "zyzzyva"

Path = tuple[str | int, ...]


class Loader(yaml.CSafeLoader):
    """Reads what a dialogue needs: moments, and words such as `Yes`, are texts as they are to us."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] not in ("timestamp", "bool")]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true$|false$"), ["t", "f"])


class Dumper(yaml.CSafeDumper):
    """Puts in quotes what would be a number to us: to PyYAML, `02199` and `1e5` are texts."""


Dumper.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"[-+]?[0-9]+$"), list("-+0123456789"))
Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.?[0-9]*)(?:[eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)


@dataclass(frozen=True)
class Lie:
    """A file of a scenario, changed so that a dialogue of it can no longer pass. `change` says how, in words.

    What stands at `path` becomes `replacement`; None: nothing.
    """

    file: str
    original: bytes
    path: Path
    replacement: Any
    change: str
    dialogues: str
    dialogue: str

    @property
    def data(self) -> bytes:
        content = yaml.load(self.original, Loader)
        parent = content
        for step in self.path[:-1]:
            parent = parent[step]
        if self.replacement is None:
            del parent[self.path[-1]]
        else:
            parent[self.path[-1]] = self.replacement
        return _dumped(content)


@dataclass(frozen=True)
class Facts:
    """What contradictions need to know about a dialogue and its scenario."""

    called: Sequence[str]
    handed_to: Sequence[str]
    tools: Sequence[str]
    agents: Sequence[str]
    states: Sequence[str]
    guardrails: Sequence[str]

    @property
    def uncalled(self) -> str:
        return next((tool for tool in self.tools if tool not in self.called), NOT_A_NAME)

    @property
    def agent_not_met(self) -> str:
        return next((agent for agent in self.agents if agent not in self.handed_to), NOT_A_NAME)


Contradictions = Callable[[Any, Facts], Iterator[dict[str, Any] | None]]
"""What an expectation that holds may be replaced by, so that it does not; None: by nothing."""


def _said(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    yield {"said": NONSENSE}
    yield {"never_said": value}


def _never_said(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    yield {"said": value}


def _opens(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    yield {"opens": NONSENSE}


def _breaks(value: Any, facts: Facts) -> Iterator[None]:
    yield None


def _called(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    said = value if isinstance(value, dict) else {"tool": value}
    times = said.get("times", 1)
    if times == 0 or (isinstance(times, dict) and "at_least" not in times):
        yield {"called": {**said, "times": 97}}
        return
    yield {"called": {**said, "tool": facts.uncalled}}
    yield {"called": {**said, "times": times + 1 if "times" in said and isinstance(times, int) else 97}}
    yield {"called": {**said, "returns": NONSENSE}}
    if "returns" not in said:
        yield {"not_called": {key: said[key] for key in ("tool", "args", "outcome") if key in said}}
    for name in said.get("args", ()):
        yield {"called": {**said, "args": {**said["args"], name: NONSENSE}}}
    if "outcome" in said and facts.called.count(said["tool"]) == 1:
        yield {"called": {**said, "outcome": "failed" if said["outcome"] != "failed" else "answered"}}


def _not_called(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    yield {"called": value}


def _order(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    yield {"order": [*value, {"say": NONSENSE}]}
    yield {"order": [*value, facts.uncalled]}


def _agent(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    yield from ({"agent": agent} for agent in facts.agents if agent != value)


def _handoff(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    if value != "none":
        yield {"handoff": "none"}
    yield {"handoff": facts.agent_not_met}


def _state(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    yield {"state": next((state for state in facts.states if state != value), NOT_A_NAME)}


def _approval(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    if value == "none":
        yield from ({"approval": {"tool": tool}} for tool in facts.called)
        return
    yield {"approval": "none"}
    yield {"approval": {**value, "asks": NONSENSE}}
    if facts.called.count(value.get("tool")) == 1 and "decision" in value:
        others = {"approved", "rejected", "timed_out"} - {value["decision"]}
        yield from ({"approval": {**value, "decision": other}} for other in sorted(others))


def _guardrail(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    yield from ({"guardrail": name} for name in (facts.guardrails if value == "none" else ["none"]))


def _context(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    for name, expected in value.items():
        yield {"context": {**value, name: {"equals": NONSENSE}}}
        if isinstance(expected, bool):
            yield {"context": {**value, name: not expected}}


def _data(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    yield {"data": {**value, "returns": {"equals": NONSENSE}}}
    if isinstance(value["returns"], int):
        yield {"data": {**value, "returns": value["returns"] + 1}}


def _errors(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    yield {"errors": NOT_A_NAME if value == "none" else "none"}


def _took(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    yield {"took": {"at_least": "90000s"}}


def _responses(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    yield {"responses": 997}


def _parallel(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    yield {"parallel": 97}


def _asked(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    who = {key: value[key] for key in ("supervisor", "tool", "guardrail") if key in value}
    yield {"asked": {**who, "contains": NONSENSE}}


def _heard(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    yield {"heard": NONSENSE}


def _claims(value: Any, facts: Facts) -> Iterator[None]:
    """Another tool is a lie only where it is claimed at all, and where it was done before nobody knows."""
    yield from ()


def _quiet(value: Any, facts: Facts) -> Iterator[dict[str, Any]]:
    yield {"quiet": {"at_least": "90000s"}}


CONTRADICTIONS: Mapping[str, Contradictions] = {
    "said": _said,
    "never_said": _never_said,
    "nowhere": _never_said,
    "opens": _opens,
    "breaks": _breaks,
    "called": _called,
    "not_called": _not_called,
    "order": _order,
    "agent": _agent,
    "handoff": _handoff,
    "state": _state,
    "approval": _approval,
    "guardrail": _guardrail,
    "context": _context,
    "data": _data,
    "errors": _errors,
    "took": _took,
    "responses": _responses,
    "parallel": _parallel,
    "asked": _asked,
    "heard": _heard,
    "claims": _claims,
    "quiet": _quiet,
}


def lies_about(files: Mapping[str, bytes]) -> Iterator[Lie]:
    """Every lie about a scenario whose folder holds these files."""
    scripts = {name: data for name, data in files.items() if name.startswith("dialogues/") and is_scripted(data)}
    others = {
        name: yaml.load(data, Loader)
        for name, data in files.items()
        if name.endswith(".yaml") and not name.startswith("dialogues/")
    }
    states = sorted(
        {move["state"] for data in scripts.values() for move in _moves(yaml.load(data, Loader)) if "state" in move}
    )
    for file, data in scripts.items():
        for index, dialogue in enumerate(yaml.load(data, Loader)["dialogues"]):
            facts = _facts(dialogue, others, states)
            for path, replacement, change in (*_false_expectations(dialogue, facts), *_false_moves(dialogue)):
                whole_path = ("dialogues", index, *path)
                yield Lie(file, data, whole_path, replacement, f"{change}: {_shown(replacement)}", file, dialogue["id"])
            for tool in dict.fromkeys(facts.called):
                for name, content in others.items():
                    for path in _homes(content, tool):
                        yield Lie(name, files[name], path, None, f"there is no tool {tool}", file, dialogue["id"])


def is_scripted(data: bytes) -> bool:
    """Whether a script plays all dialogues of a file; a caller without one is skipped by `scenario test`."""
    return all("caller" not in dialogue for dialogue in yaml.load(data, Loader)["dialogues"])


def rewritten(data: bytes) -> bytes:
    """The same dialogues as a lie is written."""
    return _dumped(yaml.load(data, Loader))


def _false_expectations(dialogue: dict[str, Any], facts: Facts) -> Iterator[tuple[Path, Any, str]]:
    places: list[tuple[Path, Sequence[dict[str, Any]]]] = [(("expect",), dialogue.get("expect", ()))]
    places += [(("turns", number, "expect"), turn.get("expect", ())) for number, turn in enumerate(dialogue["turns"])]
    for path, expectations in places:
        for number, expectation in enumerate(expectations):
            for kind, value in expectation.items():
                for replacement in CONTRADICTIONS[kind](value, facts):
                    yield (
                        (*path, number),
                        replacement,
                        f"{'.'.join(map(str, (*path, number)))} instead of {_shown(expectation)}",
                    )


def _false_moves(dialogue: dict[str, Any]) -> Iterator[tuple[Path, Any, str]]:
    for number, turn in enumerate(dialogue["turns"]):
        for position, move in enumerate(turn.get("agent", ())):
            path = ("turns", number, "agent", position)
            for name in move.get("args", ()):
                yield path, {**move, "expect_args": {name: NONSENSE}}, f"{_shown(path)} expects another {name}"
            if "call" in move:
                yield path, {**move, "returns": NONSENSE}, f"{_shown(path)} returns something else"
                if move.get("outcome") in ("refused", "invalid"):
                    yield path, _without(move, "outcome", "returns"), f"{_shown(path)} is not refused"
                elif "approval" not in move and "outcome" not in move:
                    yield path, {**move, "outcome": "refused"}, f"{_shown(path)} is refused"
            elif "handoff" in move or "state" in move:
                refused = _without(move, "refused") if move.get("refused") else {**move, "refused": True}
                yield path, refused, f"{_shown(path)} refused or not"


def _facts(dialogue: dict[str, Any], others: Mapping[str, Any], states: Sequence[str]) -> Facts:
    moves = list(_moves({"dialogues": [dialogue]}))
    scenario = next(content for content in others.values() if isinstance(content, dict) and "scenario" in content)
    return Facts(
        called=[move["call"] for move in moves if "call" in move],
        handed_to=[
            scenario["start"],
            dialogue.get("agent", ""),
            *(move["handoff"] for move in moves if "handoff" in move),
        ],
        tools=sorted(scenario.get("tools", ())),
        agents=sorted(scenario["agents"]),
        states=states,
        guardrails=sorted(scenario.get("guardrails", ())),
    )


def _moves(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for dialogue in content["dialogues"]:
        for turn in dialogue["turns"]:
            for move in turn.get("agent", ()):
                yield move
                yield from move.get("nested", ())


def _homes(content: Any, tool: str) -> Iterator[Path]:
    """Where a file defines the tool: below `tools`, or at its top where it is included there."""
    if not isinstance(content, dict):
        return
    tools = content.get("tools")
    if isinstance(tools, dict) and tool in tools:
        yield "tools", tool
    elif "scenario" not in content and tool in content:
        yield (tool,)


def _dumped(content: Any) -> bytes:
    return str(yaml.dump(content, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120)).encode()


def _without(move: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in move.items() if key not in keys}


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ".".join(map(str, value))
    text = str(yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=9999)).strip()
    return text if len(text) <= 200 else text[:200] + "…"
