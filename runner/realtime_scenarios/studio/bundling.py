"""Modules of the page, and what they import, to one script that needs no server: a file from disk can import nothing.

It knows as much of JavaScript as our own modules use: imports and exports that begin a line, or stand last in a file
that was made small. Each module becomes a block; what it imports are variables that are filled in before it runs, and
again whenever more is known, so that two modules may import each other as long as neither needs a value of the other
while it begins.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from realtime_scenarios.core import ScenarioError

_IMPORT = re.compile(r"^import\s+(?:(?P<what>[^'\"]+?)\s+from\s+)?['\"](?P<path>[^'\"]+)['\"];?", re.MULTILINE)
_EXPORTED = re.compile(r"^export\s+(?=(?:async\s+)?(?:function|class|const|let)\b)", re.MULTILINE)
_NAME = re.compile(r"^export\s+(?:async\s+)?(?:function\*?|class|const|let)\s+([A-Za-z_$][\w$]*)", re.MULTILINE)
_LIST = re.compile(
    r"(?:^|;|\})\s*export\s*\{(?P<names>[^}]*)\}(?:\s*from\s*['\"](?P<path>[^'\"]+)['\"])?;?", re.MULTILINE
)
_UNKNOWN = re.compile(
    r"^export\s+(?:default|\*|(?:const|let)\s*[{\[])|^await\s|\bimport\(|\bimport\.meta\b", re.MULTILINE
)

_BEGIN = """\
"use strict";
const $$modules = {}, $$waiting = [];
const $$give = (name, getters) => {
  for (const [key, get] of Object.entries(getters)) Object.defineProperty($$modules[name], key, { get });
  $$fill();
};
const $$fill = () => { for (const fill of $$waiting) fill(); };
const $$take = (fill) => { $$waiting.push(fill); fill(); };
const $$from = (name, key) => { try { return $$modules[name][key]; } catch { return undefined; } };
"""


def bundled(folder: Path, entry: str, instead: Mapping[str, str] | None = None) -> str:
    """The script. `entry` and the keys of `instead` are names from `folder`; of those the other module is taken.

    Raises:
        ScenarioError: a module is missing, or is written in a way that is not known here.
    """
    order = loaded_with(folder, entry, instead)
    parts = [f"$$modules[{json.dumps(name)}] = {{}};\n" for name in order]
    parts += [_module(folder, name, instead or {}) for name in order]
    return "".join([_BEGIN, *parts])


def loaded_with(folder: Path, entry: str, instead: Mapping[str, str] | None = None) -> list[str]:
    """The names of a module and of all that it imports before it runs, each behind those that it imports itself.

    Raises:
        ScenarioError: a module is missing.
    """
    order: list[str] = []
    _visit(folder, entry, instead or {}, order, set())
    return order


def _visit(folder: Path, name: str, instead: Mapping[str, str], order: list[str], seen: set[str]) -> None:
    """Put a module behind those that it imports."""
    if name in seen:
        return
    seen.add(name)
    for other in _imported(_text(folder, name), name, instead):
        _visit(folder, other, instead, order, seen)
    order.append(name)


def _imported(text: str, name: str, instead: Mapping[str, str]) -> Iterator[str]:
    for found in _IMPORT.finditer(text):
        yield _target(found["path"], name, instead)
    for found in _LIST.finditer(text):
        if found["path"]:
            yield _target(found["path"], name, instead)


def _target(path: str, name: str, instead: Mapping[str, str]) -> str:
    parts = [*name.split("/")[:-1]]
    for step in path.split("/"):
        if step == "..":
            parts.pop()
        elif step != ".":
            parts.append(step)
    found = "/".join(parts)
    return instead.get(found, found)


def _text(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except OSError as problem:
        raise ScenarioError(f"the page's module '{name}' cannot be read: {problem.strerror}") from problem


def _module(folder: Path, name: str, instead: Mapping[str, str]) -> str:
    """A module as a block of its own."""
    text = _text(folder, name)
    names: dict[str, str] = {found: found for found in _NAME.findall(text)}
    taken: list[str] = []
    variables: list[str] = []
    for found in _IMPORT.finditer(text):
        home = json.dumps(_target(found["path"], name, instead))
        for inside, outside in _names_in(found["what"] or ""):
            variables.append(inside)
            value = f"$$modules[{home}]" if outside == "*" else f"$$from({home}, {json.dumps(outside)})"
            taken.append(f"{inside} = {value};")
    for found in _LIST.finditer(text):
        for given, own in _names_in(f"{{{found['names']}}}", swapped=True):
            names[own] = given
            if found["path"]:
                variables.append(f"$${given}")
                taken.append(
                    f"$${given} = $$from({json.dumps(_target(found['path'], name, instead))}, {json.dumps(given)});"
                )
                names[own] = f"$${given}"
    body = _EXPORTED.sub("", _LIST.sub(_without_list, _IMPORT.sub("", text)))
    unknown = _UNKNOWN.search(body)
    if unknown is not None:
        raise ScenarioError(f"the page's module '{name}' cannot stand in one file: {unknown[0].strip()}")
    declared = f"let {', '.join(variables)};\n" if variables else ""
    fill = f"$$take(() => {{ {' '.join(taken)} }});\n" if taken else ""
    getters = ", ".join(f"{json.dumps(own)}: () => {given}" for own, given in names.items())
    return f"{{ // {name}\n{declared}$$give({json.dumps(name)}, {{ {getters} }});\n{fill}{body}\n$$fill();\n}}\n"


def _without_list(found: re.Match[str]) -> str:
    """What stood before the list stays."""
    return found[0][: found[0].index("export")]


def _names_in(what: str, *, swapped: bool = False) -> Iterator[tuple[str, str]]:
    """What an import names: the variable here, and the name there; `*` is the module itself.

    `swapped`: of a list of exports, the variable here, and the name by which others know it.
    """
    if (whole := re.match(r"\s*\*\s+as\s+([\w$]+)", what)) is not None:
        yield whole[1], "*"
        return
    inside = what.partition("{")[2].partition("}")[0]
    for item in filter(None, (part.strip() for part in inside.split(","))):
        first, _, second = item.partition(" as ")
        if swapped:
            yield first.strip(), (second or first).strip()
        else:
            yield (second or first).strip(), first.strip()
