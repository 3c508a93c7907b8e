"""What a conversation remembers: values that are collected, set and cleared, and those that are secret."""

from __future__ import annotations

import json
from collections.abc import Iterator

from realtime_scenarios.core.arguments import check_of
from realtime_scenarios.core.schemas import possible_parts
from realtime_scenarios.model.secret import shown_values
from realtime_scenarios.mutation.kinds.parameters import forms_in
from realtime_scenarios.mutation.mutant import kind
from realtime_scenarios.mutation.subject import Change, Part, Subject
from realtime_scenarios.mutation.values import another_that_fits


@kind("collect-dropped")
def collect_dropped(subject: Subject) -> Iterator[Change]:
    """A state does not find out one of its values."""
    for state in subject.states:
        for index, name in enumerate(state.data.get("collect", ())) if subject.is_enforced(state) else ():
            yield subject.dropped(
                (*state.pointer, "collect", index),
                f"the state {state.name} does not find out '{name.removesuffix('?')}'",
                f"one that leaves {state.name} with this value, and one that tries to without it",
            )


@kind("collect-not-required")
def collect_not_required(subject: Subject) -> Iterator[Change]:
    """A state may be left without one of its values."""
    for state in subject.states:
        for index, name in enumerate(state.data.get("collect", ())) if subject.is_enforced(state) else ():
            if not name.endswith("?"):
                yield subject.put(
                    (*state.pointer, "collect", index),
                    f"{name}?",
                    f"the state {state.name} may be left without '{name}'",
                    f"one that tries to leave {state.name} without it, with `refused: true`",
                )


@kind("default-changed")
def default_changed(subject: Subject) -> Iterator[Change]:
    """A variable has another value to begin with."""
    for variable in subject.named("context"):
        default = variable.data.get("default") if isinstance(variable.data, dict) else None
        if not isinstance(default, (bool, int, float, str)):
            continue
        variables = subject.scenario.context
        schema = variables[variable.name].schema
        other = another_that_fits(default, possible_parts(schema, schema), check_of(schema).fits)
        if other is not default:
            shown = shown_values(variables, {variable.name: default}, subject.secrets)[variable.name]
            yield subject.put(
                (*variable.pointer, "default"),
                other,
                f"'{variable.name}' is not {json.dumps(shown, ensure_ascii=False)} to begin with",
                f"one that goes by '{variable.name}' before it is set",
            )


@kind("variable-form-dropped")
def variable_form_dropped(subject: Subject) -> Iterator[Change]:
    """A variable lacks its pattern, its format, its list of values or one of its bounds."""
    for variable in subject.named("context"):
        for pointer in forms_in(variable.data, variable.pointer):
            yield subject.dropped(
                pointer,
                f"'{variable.name}' has no {pointer[-1]}",
                f"one that sets '{variable.name}', or collects it, as what this alone forbids",
            )


@kind("secret-dropped")
def secret_dropped(subject: Subject) -> Iterator[Change]:
    """A secret is shown to everybody."""
    fields = [
        Part(name, (*rule.pointer, "fields", name), field)
        for rule in subject.approvals
        for name, field in rule.data.get("fields", {}).items()
    ]
    variables = [part for part in subject.named("context") if isinstance(part.data, dict)]
    for part in [*fields, *variables]:
        if part.data.get("secret"):
            yield subject.dropped(
                (*part.pointer, "secret"),
                f"'{part.name}' is no secret",
                "one in which it is given, with `expect: [{nowhere: ...}]`",
            )


@kind("set-dropped")
def set_dropped(subject: Subject) -> Iterator[Change]:
    """A variable keeps its value where it should get another one."""
    for part, what in _that_set(subject):
        for name in part.data.get("set", {}):
            yield subject.dropped(
                (*part.pointer, "set", name),
                f"{what} does not set '{name}'",
                f"one with `expect: [{{context: {{{name}: ...}}}}]` behind it",
            )


@kind("clear-dropped")
def clear_dropped(subject: Subject) -> Iterator[Change]:
    """A transition leaves a variable as it is."""
    for way in subject.transitions:
        for index, name in enumerate(way.data.get("clear", ())) if subject.is_enforced(way) else ():
            yield subject.dropped(
                (*way.pointer, "clear", index),
                f"the transition {way.name} does not clear '{name}'",
                f"one with `expect: [{{context: {{{name}: ...}}}}]` behind it",
            )


def _that_set(subject: Subject) -> Iterator[tuple[Part, str]]:
    for tool in subject.tools:
        yield tool, f"'{tool.name}'"
        for key in ("cases", "sequence"):
            for index, answer in enumerate(tool.data.get(key, ())):
                if isinstance(answer, dict):
                    yield Part(tool.name, (*tool.pointer, key, index), answer), f"'{tool.name}'"
        query = tool.data.get("query")
        if isinstance(query, dict) and isinstance(query.get("empty"), dict):
            yield Part(tool.name, (*tool.pointer, "query", "empty"), query["empty"]), f"'{tool.name}' without a row"
    for edge in subject.handoffs:
        yield edge, f"the handoff {edge.name}"
    for way in subject.transitions:
        if subject.is_enforced(way):
            yield way, f"the transition {way.name}"
