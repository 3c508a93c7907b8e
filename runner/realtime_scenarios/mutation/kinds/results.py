"""What tools answer: their results, their branches, and in which order these are."""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from realtime_scenarios.core.arguments import check_of
from realtime_scenarios.core.schemas import parts_of_member, possible_parts
from realtime_scenarios.document import Pointer
from realtime_scenarios.lint.walk import span_of_part
from realtime_scenarios.mutation.mutant import kind
from realtime_scenarios.mutation.subject import Change, Part, Subject
from realtime_scenarios.mutation.values import another_that_fits, other_value
from realtime_scenarios.project.variation import Edit, edited

_EQUALS = re.compile(r"""([\w.]+)\s*==\s*('[^']*'|"[^"]*"|-?\d+(?:\.\d+)?|true|false)""")
_FILLED_IN = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
_LONGEST = 50
"""Characters of an answer that are shown."""

_TOLD = ("returns", "raises")
_BRANCHES = {"cases": "case", "sequence": "answer"}
_KEYS = {"when", "returns", "raises", "times_out", "delay", "set"}


@kind("result-changed")
def result_changed(subject: Subject) -> Iterator[Change]:
    """A tool answers something else."""
    for name, pointer, value in _results(subject):
        for there, leaf in _leaves(value, pointer):
            other = _other_answer(subject, pointer, value, there)
            if other is not leaf:
                yield subject.put(
                    there,
                    other,
                    f"'{name}' answers something else than '{_shortened(subject, leaf)}'",
                    f"one in which '{name}' gives this answer, with `returns`",
                )


@kind("filled-in-dropped")
def filled_in_dropped(subject: Subject) -> Iterator[Change]:
    """An answer lacks one of the values that are filled in."""
    for name, pointer, value in _results(subject):
        for there, leaf in _leaves(value, pointer):
            for found in _FILLED_IN.finditer(leaf) if isinstance(leaf, str) else ():
                rest = leaf[: found.start()] + leaf[found.end() :]
                if rest.strip():  # without any text it is another result, which is tried as well
                    yield Change(
                        (Edit(there, rest),),
                        there,
                        span_of_part(leaf, subject.place(there), *found.span()),
                        f"'{name}' answers without `{' '.join(found[1].split())}`",
                        f"one in which '{name}' gives this answer, with this value in its `returns`",
                    )


@kind("failure-mended")
def failure_mended(subject: Subject) -> Iterator[Change]:
    """A tool that takes too long, or fails, answers."""
    for answer in _answers(subject):
        if answer.data.get("times_out"):
            yield subject.dropped(
                (*answer.pointer, "times_out"),
                f"'{answer.name}' answers in time",
                f"one that calls '{answer.name}' and expects that it does not answer",
            )


@kind("branch-dropped")
def branch_dropped(subject: Subject) -> Iterator[Change]:
    """A tool lacks one of its cases, or one of the answers that it gives one after the other."""
    for tool in subject.tools:
        for key, what in _BRANCHES.items():
            branches = tool.data.get(key, ())
            for index in range(len(branches)) if len(branches) > 1 else ():
                yield subject.dropped(
                    (*tool.pointer, key, index),
                    f"'{tool.name}' lacks its {_ordinal(index)} {what}",
                    f"one in which '{tool.name}' gives this answer, with `returns`",
                )
        query = tool.data.get("query")
        if isinstance(query, dict) and "empty" in query:
            yield subject.dropped(
                (*tool.pointer, "query", "empty"),
                f"'{tool.name}' has no answer for no row",
                f"one in which '{tool.name}' finds nothing, with `returns`",
            )


@kind("branches-swapped")
def branches_swapped(subject: Subject) -> Iterator[Change]:
    """Two branches of a tool stand in the other order."""
    for tool in subject.tools:
        for key in _BRANCHES:
            branches = tool.data.get(key, ())
            for index in range(len(branches) - 1):
                if key == "cases" and _need_no_order(branches[index], branches[index + 1]):
                    continue
                order = list(branches)
                order[index : index + 2] = [branches[index + 1], branches[index]]
                yield subject.put(
                    (*tool.pointer, key),
                    order,
                    f"'{tool.name}' has its {_ordinal(index + 1)} {_BRANCHES[key]} before the {_ordinal(index)}",
                    f"one that calls '{tool.name}' where both would answer",
                    span=subject.document.span((*tool.pointer, key, index)),
                )


@kind("result-form-changed")
def result_form_changed(subject: Subject) -> Iterator[Change]:
    """A query answers with its rows, its first row or its first value where it was another of these."""
    other = {"row": "rows", "value": "row", "rows": "row"}
    for tool in subject.tools:
        query = tool.data.get("query")
        if isinstance(query, dict) and "result" in query and "returns" not in tool.data and "cases" not in tool.data:
            yield subject.put(
                (*tool.pointer, "query", "result"),
                other[query["result"]],
                f"'{tool.name}' answers with {other[query['result']]}",
                f"one that calls '{tool.name}' and expects what it `returns`",
            )


def _answers(subject: Subject) -> Iterator[Part]:
    """All that is written out as an answer."""
    for tool in subject.tools:
        yield tool
        for key in ("cases", "sequence"):
            for index, answer in enumerate(tool.data.get(key, ())):
                if isinstance(answer, dict) and answer.keys() <= _KEYS:
                    yield Part(tool.name, (*tool.pointer, key, index), answer)
        empty = _when_empty(tool)
        if isinstance(empty, dict) and empty and empty.keys() <= _KEYS:
            yield Part(tool.name, (*tool.pointer, "query", "empty"), empty)


def _results(subject: Subject) -> Iterator[tuple[str, Pointer, Any]]:
    """All values that are answered, each with the name of what answers and where the value stands."""
    written_out: set[Pointer] = set()
    for answer in _answers(subject):
        written_out.add(answer.pointer)
        for key in _TOLD:
            if key in answer.data:
                yield answer.name, (*answer.pointer, key), answer.data[key]
    for tool in subject.tools:
        bare: list[tuple[Pointer, Any]] = []
        if _when_empty(tool) is not None:
            bare.append(((*tool.pointer, "query", "empty"), _when_empty(tool)))
        for key in ("model", "http"):
            spec = tool.data.get(key)
            if isinstance(spec, dict):
                bare += [((*tool.pointer, key, name), spec[name]) for name in ("offline", "fallback") if name in spec]
        yield from ((tool.name, pointer, value) for pointer, value in bare if pointer not in written_out)
    for supervisor in subject.named("supervisors"):
        if "fallback" in supervisor.data:
            yield supervisor.name, (*supervisor.pointer, "fallback"), supervisor.data["fallback"]


def _when_empty(tool: Part) -> Any:
    query = tool.data.get("query")
    return query.get("empty") if isinstance(query, dict) else None


def _leaves(value: Any, pointer: Pointer) -> Iterator[tuple[Pointer, Any]]:
    """The values in it that are no mappings and no lists."""
    if isinstance(value, dict) and value.keys() != {"file"}:
        for key, inner in value.items():
            yield from _leaves(inner, (*pointer, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*pointer, index))
    else:
        yield pointer, value


def _other_answer(subject: Subject, pointer: Pointer, value: Any, there: Pointer) -> Any:
    """Another value for what stands `there` in an answer; of a text model that has to answer in a form, one that fits.

    Where there is none, it is the value that stands there.
    """
    steps = there[len(pointer) :]
    leaf = functools.reduce(lambda inner, step: inner[step], steps, value)
    schema = _output_of(subject, pointer)
    if schema is None or not check_of(schema).fits(value):
        return other_value(leaf)
    schemas = list(possible_parts(schema, schema))
    for step in steps:
        schemas = parts_of_member(schemas, step, schema)
    return another_that_fits(leaf, schemas, lambda other: check_of(schema).fits(edited(value, [Edit(steps, other)])))


def _output_of(subject: Subject, pointer: Pointer) -> Mapping[str, Any] | None:
    """The schema of what a text model must answer, where its answer stands there."""
    if pointer[0] != "tools" or pointer[2:3] != ("model",):
        return None
    question = subject.scenario.tools[str(pointer[1])].stub.question
    return None if question is None else question.output


def _shortened(subject: Subject, value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("file"))
    return textwrap.shorten(subject.secrets.hidden(str(value)), _LONGEST, placeholder=" …")


def _need_no_order(first: Any, second: Any) -> bool:
    """Whether two cases never both hold, as it is written, or another change is the same as swapping them."""
    conditions = [case.get("when") for case in (first, second)]
    if conditions[1] is None:
        return True  # what always holds hides the other one: that is as if it were dropped, which is tried as well
    if not all(isinstance(condition, str) for condition in conditions):
        return False
    left, right = (_EQUALS.fullmatch(str(condition).strip()) for condition in conditions)
    return bool(left and right and left[1] == right[1] and left[2] != right[2])


def _ordinal(index: int) -> str:
    words = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
    return words[index] if index < len(words) else f"{index + 1}th"
