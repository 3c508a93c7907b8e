"""What in the files of a scenario is secret: what secret variables and fields hold, wherever that is written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from realtime_scenarios.core import Span
from realtime_scenarios.core.redaction import leaves
from realtime_scenarios.document import Document
from realtime_scenarios.lint.walk import texts_of
from realtime_scenarios.model.scenario import Scenario
from realtime_scenarios.model.secret import secret_values, written_secrets
from realtime_scenarios.model.written import Written
from realtime_scenarios.project import Project
from realtime_scenarios.templates import Expression, TemplateError, columns_read

_VALUES = ("default", "enum", "const", "examples")


def secrets_written_in(project: Project) -> Iterator[str]:
    """The secrets that a scenario and its dialogues write down, in the values of secret variables and fields."""
    variables = project.scenario.context
    yield from secret_values(variables, {name: variable.default for name, variable in variables.items()})
    for dialogue in project.dialogues:
        yield from written_secrets(project.scenario, dialogue)
    for written in _that_set_secrets(project.scenario):
        yield from map(str, leaves(_constant_of(written)))


def secret_columns(scenario: Scenario) -> Mapping[str, frozenset[str]]:
    """The columns from which secret variables are set, and those that are called as one, by the names of tables."""
    read = {name for name, variable in scenario.context.items() if variable.secret}
    for written in _that_set_secrets(scenario):
        read |= {column.name for column in columns_read(written.text, "expression")}
    return {name: frozenset(read.intersection(table.columns)) for name, table in scenario.data.items()}


def secret_spans(document: Document, scenario: Scenario) -> Iterator[Span]:
    """Where the document has values of secret variables: in their forms, in what sets them, and in rows."""
    for name, variable in scenario.context.items():
        written = document.data["context"][name]
        if variable.secret:
            yield from (document.span(("context", name, key)) for key in _VALUES if written.get(key) is not None)
    yield from (text.place.span for text in _that_set_secrets(scenario) if _constant_of(text) is not None)
    for name, columns in secret_columns(scenario).items():
        if columns and isinstance(document.data["data"][name]["rows"], list):
            for index, row in enumerate(scenario.data[name].rows):
                yield from (document.span(("data", name, "rows", index, column)) for column in columns if column in row)


def _that_set_secrets(scenario: Scenario) -> Iterator[Written]:
    """The expressions whose values secret variables get."""
    for text in texts_of(scenario):
        pointer = text.place.pointer
        variable = scenario.context.get(str(pointer[-1])) if pointer[-2:-1] == ("set",) else None
        if variable is not None and variable.secret:
            yield text


def _constant_of(expression: Written) -> Any:
    """What it always comes to; None where that is known in a conversation alone."""
    try:
        return Expression(expression.text).evaluate({})
    except TemplateError:
        return None
