"""A value that stands in the place of another is one that may stand there: lint alone would notice any other one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from realtime_scenarios.lint import findings
from realtime_scenarios.mutation import Mutant, Subject, mutants_of
from realtime_scenarios.project import Project, load
from realtime_scenarios.project.variation import variation_of
from support import Written

DESK = """\
    scenario: desk
    start: desk
    agents: {desk: {instructions: Help., tools: [sort]}}
    tools:
      sort:
        description: Sort it.
        model:
          instructions: Sort it.
          output: {kind: {type: string, enum: [bill, other]}, sure: boolean, parts: {type: array, items: {enum: [north, south]}}}
          offline: {kind: bill, sure: true, parts: [north]}
    context:
      known: VARIABLE
    data:
      people:
        columns: COLUMNS
        rows: [{kind: a, name: Ada}, {kind: a, name: Bo}]
"""
TEXTS = "{kind: TEXT, name: TEXT}"


def desk(written: Written, variable: str = "{type: boolean, default: true}", columns: str = TEXTS) -> Project:
    project = load(written(DESK.replace("VARIABLE", variable).replace("COLUMNS", columns)))
    assert findings(project, warnings=False) == []
    return project


def unnoticed(project: Project, kind: str) -> Sequence[Mutant]:
    """The mutants of a kind, of which lint notices none."""
    mutants = list(mutants_of(Subject(project), [kind]))
    for mutant in mutants:
        variation = variation_of(project, mutant.change.edits)
        assert variation is not None and findings(variation, warnings=False) == [], mutant
    return mutants


@pytest.mark.parametrize(
    ("variable", "other"),
    [
        ("{type: boolean, default: true}", False),
        ("{type: string, default: a}", "something else"),
        ("{type: string, enum: [a, b, c], default: b}", "c"),
        ("{enum: [a, b, c], default: c}", "a"),
        ("{enum: [1, true], default: 1}", True),
        ("{type: [string, 'null'], enum: [a, null], default: a}", None),
        ("{type: integer, minimum: 1, maximum: 3, default: 3}", 2),
        ("{type: integer, multipleOf: 5, default: 10}", 15),
        ("{type: number, exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.5}", 0.25),
        ("{type: string, pattern: '^[A-Z]{2}[0-9]$', default: AB9}", "AB0"),
        ("{type: string, pattern: '^(yes|no)$', default: 'no'}", "yes"),
        ("{type: string, format: date, default: '2026-02-28'}", "2026-03-28"),
        ("{type: string, maxLength: 3, default: abz}", "aba"),
        ("{type: string, minLength: 20, default: '....................'}", "something elseeeeeee"),
        ("{anyOf: [{const: a}, {const: b}], default: a}", "b"),
    ],
)
def test_a_default_becomes_another_value_that_the_variable_may_have(
    variable: str, other: Any, written: Written
) -> None:
    (mutant,) = unnoticed(desk(written, variable), "default-changed")

    assert [edit.value for edit in mutant.change.edits] == [other]


@pytest.mark.parametrize(
    "variable",
    ["{enum: [a], default: a}", "{type: integer, minimum: 2, maximum: 2, default: 2}", "{const: 1, default: 1}"],
)
def test_a_variable_that_may_have_one_value_alone_keeps_its_default(variable: str, written: Written) -> None:
    assert unnoticed(desk(written, variable), "default-changed") == []


@pytest.mark.parametrize(
    ("constraint", "others"),
    [
        ("TEXT", {"something else"}),
        ("\"TEXT CHECK (kind IN ('a', 'b'))\"", {"b"}),
        ('"TEXT CHECK (length(kind) < 2)"', {"b"}),
        ("\"TEXT CHECK (kind = 'a')\"", None),
    ],
)
def test_a_column_gets_another_value_that_its_table_takes(
    constraint: str, others: set[str] | None, written: Written
) -> None:
    mutants = unnoticed(desk(written, columns=TEXTS.replace("TEXT", constraint, 1)), "column-shifted")
    changed = [mutant.change.edits[0].value["rows"] for mutant in mutants if "'kind'" in mutant.change.changed]

    assert [{row["kind"] for row in rows} for rows in changed] == ([] if others is None else [others])


def test_the_offline_answer_of_a_text_model_keeps_the_form_that_it_must_have(written: Written) -> None:
    mutants = unnoticed(desk(written), "result-changed")

    assert [edit.value for mutant in mutants for edit in mutant.change.edits] == ["other", False, "south"]
