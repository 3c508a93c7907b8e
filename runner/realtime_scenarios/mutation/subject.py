"""A scenario as kinds of change look at it: its checked data, what stands in it, and the ways to change one thing."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct

from realtime_scenarios.core import Secrets, Span
from realtime_scenarios.document import Document, Place, Pointer
from realtime_scenarios.document.files import TEXT_LIMIT, Unreadable, lines_of, path_inside, text_of
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.mutation.secrecy import secret_spans, secrets_written_in
from realtime_scenarios.project import Project
from realtime_scenarios.project.variation import Edit, Edits


class Change(Struct, frozen=True):
    """One thing that may be changed. `changed` says what is otherwise then, `noticed_by` what dialogue would tell.

    `pointer` is what is changed, from which it follows which dialogues touch it. `span` is where that stands, be it in
    a file that the scenario names. `secrets` are values that are told by what it is about, beside those that are known.
    """

    edits: Edits
    pointer: Pointer
    span: Span
    changed: str
    noticed_by: str
    secrets: tuple[str, ...] = ()


OTHERWISE = "something else"
"""What stands in the place of a text that is changed."""


class Part(NamedTuple):
    """A thing in a scenario's data: its name as messages have it, where it stands, and what is written there.

    Of what is written in short, such as a handoff as a name alone, `data` is what it is written in full.
    """

    name: str
    pointer: Pointer
    data: Mapping[str, Any]


class Written(NamedTuple):
    """A text of the scenario: where it stands, be it by the name of a file, and what it says."""

    pointer: Pointer
    text: str


class Subject:
    """What kinds of change look at: the data of a project whose scenario has been built."""

    def __init__(self, project: Project) -> None:
        assert isinstance(project.document, Document)
        self.project = project
        self.document = project.document
        self.scenario: Scenario = project.scenario
        self.data: Mapping[str, Any] = project.document.data
        self._files: dict[str, str] = {}
        self._lines: dict[str, list[str]] = {}

    # -- what stands in it

    @property
    def agents(self) -> Iterator[Part]:
        for name, data in self.data["agents"].items():
            yield Part(name, ("agents", name), data)

    @property
    def tools(self) -> Iterator[Part]:
        """The tools, and the functions of catalogues, each behind the name of its tool and a dot."""
        for name, data in self.data.get("tools", {}).items():
            yield Part(name, ("tools", name), data)
            inside = data["catalogue"].get("functions", {}) if isinstance(data.get("catalogue"), dict) else {}
            for function, spec in inside.items():
                yield Part(f"{name}.{function}", ("tools", name, "catalogue", "functions", function), spec)

    @property
    def handoffs(self) -> Iterator[Part]:
        for agent in self.agents:
            for index, data in enumerate(agent.data.get("handoffs", ())):
                full = {"to": data} if isinstance(data, str) else data
                yield Part(f"{agent.name} -> {full['to']}", (*agent.pointer, "handoffs", index), full)

    @property
    def states(self) -> Iterator[Part]:
        for agent in self.agents:
            for index, data in enumerate(agent.data.get("states", ())):
                yield Part(data["id"], (*agent.pointer, "states", index), data)

    @property
    def transitions(self) -> Iterator[Part]:
        for state in self.states:
            for index, data in enumerate(state.data.get("transitions", ())):
                to = data.get("to") or data.get("handoff")
                yield Part(f"{state.name} -> {to}", (*state.pointer, "transitions", index), data)

    @property
    def approvals(self) -> Iterator[Part]:
        """The rules by which somebody is asked, by the names of their tools."""
        for tool in self.tools:
            if "approval" in tool.data:
                rule = tool.data["approval"]
                yield Part(tool.name, (*tool.pointer, "approval"), rule if isinstance(rule, dict) else {})

    @property
    def guardrails(self) -> Iterator[Part]:
        return self.named("guardrails")

    def named(self, key: str) -> Iterator[Part]:
        """The things below a key of the file that maps names to them."""
        for name, data in self.data.get(key, {}).items():
            yield Part(name, (key, name), data)

    def is_enforced(self, state: Part) -> bool:
        """Whether the runner itself keeps to the machine that a state, or a part of it, belongs to."""
        return bool(self.data["agents"][state.pointer[1]].get("states_mode", "prompt") != "prompt")

    def written(self, pointer: Pointer, data: Any) -> Written | None:
        """The text that stands there, itself or in the file that is named; None where it is neither."""
        if isinstance(data, str):
            return Written(pointer, data)
        if isinstance(data, dict) and data.keys() == {"file"}:
            return Written(pointer, self.text_of_file(data["file"]))
        return None

    def text_of_file(self, name: str) -> str:
        if name not in self._files:
            path = path_inside(self.document.folder, self.document.folder, name)
            text = path if isinstance(path, Unreadable) else text_of(path, name, TEXT_LIMIT)
            self._files[name] = text if isinstance(text, str) else ""
            self._lines[self.shown_file(name)] = lines_of(self._files[name])
        return self._files[name]

    # -- where it stands

    def place(self, pointer: Pointer) -> Place:
        return Place(self.document, pointer)

    def line(self, span: Span) -> str:
        """The source line in which a span begins, with an `*` for each character where a secret stands."""
        lines = self._lines.get(span.file)
        if lines is None:
            text = self.document.line(span.line, span.file)
        else:
            text = lines[span.line - 1] if 0 < span.line <= len(lines) else ""
        for hidden in self._hidden.get((span.file, span.line), ()):
            start = hidden.column - 1 if hidden.line == span.line else 0
            end = min(len(text), hidden.end_column - 1 if hidden.end_line == span.line else len(text))
            text = text[:start] + "*" * (end - start) + text[end:]
        return text

    @functools.cached_property
    def secrets(self) -> Secrets:
        """Those that are written down."""
        return Secrets(tuple(secrets_written_in(self.project)))

    @functools.cached_property
    def _hidden(self) -> Mapping[tuple[str, int], Sequence[Span]]:
        """Where secrets stand, by files and their lines."""
        found: dict[tuple[str, int], list[Span]] = {}
        for span in secret_spans(self.document, self.scenario):
            for line in range(span.line, span.end_line + 1):
                found.setdefault((span.file, line), []).append(span)
        return found

    def shown_file(self, name: str) -> str:
        """What messages call a file that the scenario names."""
        return Path(os.path.normpath(Path(self.document.file).parent / name)).as_posix()

    # -- what is changed

    def dropped(self, pointer: Pointer, changed: str, noticed_by: str) -> Change:
        """A change that takes something out."""
        last = pointer[-1]
        span = self.document.span(pointer, key=isinstance(last, str))
        return Change((Edit(pointer, removed=True),), pointer, span, changed, noticed_by)

    def put(self, pointer: Pointer, value: Any, changed: str, noticed_by: str, *, span: Span | None = None) -> Change:
        """A change that puts something in another's place. `span` None: where that stands."""
        return Change(
            (Edit(pointer, value),), pointer, self.document.span(pointer) if span is None else span, changed, noticed_by
        )
