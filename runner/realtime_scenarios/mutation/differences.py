"""Two versions of a scenario to the places in which they differ, and to the parts that these belong to."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from msgspec import Struct

from realtime_scenarios.document import Document, Pointer
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.tool import specs_of
from realtime_scenarios.mutation.touched import Part, Touching
from realtime_scenarios.project.code import is_function

Files = Mapping[str, str]
"""The texts of files that a document names, by the names by which it does."""


class Differences(Struct, frozen=True):
    """What is otherwise. `everywhere` are the places that belong to no part, which all dialogues touch, as text."""

    parts: frozenset[Part] = frozenset()
    everywhere: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.parts or self.everywhere)

    @property
    def told(self) -> Iterator[str]:
        """Each in words, the parts by kind and name."""
        yield from self.everywhere
        yield from (f"{kind} '{'/'.join(names)}'" for kind, *names in sorted(self.parts))


def differences_between(before: Scenario, now: Scenario, others: Collection[str] = ()) -> Differences:
    """What is otherwise in a scenario, but for its dialogues. `others` are changed files that it does not name.

    Those may be read by the author's programs, and belong to what runs one.
    """
    found = {*programs_in(before), *programs_in(now)} if others else set[Part]()
    everywhere: set[str] = set()
    for pointer in _places(_document_of(before), _document_of(now)):
        for scenario in (before, now):
            part = Touching(scenario).part_of(pointer)
            if part is None:
                everywhere.add(_pointer_as_text(pointer))
            else:
                found.add(part)
    return Differences(frozenset(found), tuple(sorted(everywhere)))


def programs_in(scenario: Scenario) -> Iterator[Part]:
    """The parts in which code of the author's, or of a plug-in, may run."""
    for name, spec in specs_of(scenario.tools).items():
        if is_function(spec.stub):
            yield "tool", name
    for guardrail in scenario.guardrails.values():
        if guardrail.python:
            yield "guardrail", guardrail.name
    yield from (("server", name) for name in scenario.mcp)


def is_same_data(thing: Any, other: Any) -> bool:
    """Whether two values of YAML are alike, in the order of their keys and in their types as well."""
    return not any(True for _ in _unlike(thing, other, (), {}, {}))


def files_of(document: Document) -> Files:
    """What the document names in place of texts and rows, by the way from its folder."""
    return {os.path.relpath(path, document.folder): text for path, text in document.attached.items()}


def _pointer_as_text(pointer: Pointer) -> str:
    return f"'{'.'.join(map(str, pointer[:2]))}'" if pointer else "a file that it names"


def _document_of(scenario: Scenario) -> Document:
    document = scenario.place.document
    assert isinstance(document, Document)
    return document


def _places(before: Document, now: Document) -> Iterator[Pointer]:
    old, new = files_of(before), files_of(now)
    for key in _keys(before.data, now.data):
        if key == "dialogues":
            continue
        if key == "data" and before.data.get(key, {}).keys() != now.data.get(key, {}).keys():
            yield (key,)  # a statement may name a table that there is not
        if key not in before.data or key not in now.data:
            yield from _all_of(key, before.data.get(key, now.data.get(key)))
        else:
            yield from _unlike(before.data[key], now.data[key], (key,), old, new)
    named = {os.path.normpath(name) for data in (before.data, now.data) for name in _names_of_files(data)}
    if any(old.get(name) != new.get(name) and name not in named for name in {*old, *new}):
        yield ()


def _all_of(key: str, value: Any) -> Iterator[Pointer]:
    """What is below a key that only one of them has: a first tool is a tool that is new, and no change of all."""
    yield from ((key, name) for name in value) if isinstance(value, dict) and value else ((key,),)


def _unlike(thing: Any, other: Any, at: Pointer, old: Files, new: Files) -> Iterator[Pointer]:
    """The innermost places in which two values differ; of a list of which the length differs, the list."""
    if type(thing) is not type(other):
        yield at
    elif isinstance(thing, dict):
        common = [key for key in thing if key in other]
        if common != [key for key in other if key in thing]:
            yield at
        for key in _keys(thing, other):
            if key not in thing or key not in other:
                yield (*at, key)
            else:
                yield from _unlike(thing[key], other[key], (*at, key), old, new)
        if isinstance(name := thing.get("file"), str) and name == other.get("file"):
            normal = os.path.normpath(name)
            if old.get(normal) != new.get(normal):
                yield at
    elif isinstance(thing, list):
        if len(thing) != len(other):
            yield at
            return
        for index, (each, its) in enumerate(zip(thing, other, strict=True)):
            yield from _unlike(each, its, (*at, index), old, new)
    elif thing != other:
        yield at


def _keys(thing: Mapping[Any, Any], other: Mapping[Any, Any]) -> list[Any]:
    return list(dict.fromkeys((*thing, *other)))


def _names_of_files(data: Any) -> Iterator[str]:
    values = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    if isinstance(data, dict) and isinstance(name := data.get("file"), str):
        yield name
    for value in values:
        yield from _names_of_files(value)
