"""Each kind of change, on a scenario that has something for all of them.

`tests/cases/mutation/expected.txt` says of each change where it stands, what it says of itself, and what becomes of the
data; `UPDATE_CASES=1 pytest tests/mutation` writes it anew.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime_scenarios.mutation import KINDS, Mutant, Subject, mutants_of
from realtime_scenarios.project import load
from realtime_scenarios.project.variation import edited, variation_of
from support import Written

FORMS = """\
    scenario: forms
    start: desk
    agents: {desk: {instructions: Help., tools: [sort]}}
    tools:
      sort: {description: Sort it., parameters: {kind: FORM}, returns: sorted}
    context:
      kind: FORM
"""

CASES = Path(__file__).resolve().parent.parent / "cases" / "mutation"


@pytest.fixture
def subject(monkeypatch: pytest.MonkeyPatch) -> Subject:
    monkeypatch.chdir(CASES)
    project = load(Path("everything.yaml"))
    assert project.errors == []
    return Subject(project)


def lines_of(mutant: Mutant) -> Iterator[str]:
    change = mutant.change
    yield f"{mutant.kind} {change.span}: {change.changed}"
    for edit in change.edits:
        place = ".".join(map(str, edit.pointer))
        yield f"    {place} {'is dropped' if edit.removed else f'= {json.dumps(edit.value)}'}"
    yield f"    would be noticed by: {change.noticed_by}"


def test_every_kind_changes_what_it_says_where_it_stands(subject: Subject) -> None:
    told = "".join(f"{line}\n" for mutant in mutants_of(subject) for line in lines_of(mutant))
    expected = CASES / "expected.txt"
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(told, encoding="utf-8")

    assert told == expected.read_text(encoding="utf-8")


def test_every_kind_has_a_case_and_a_meaning(subject: Subject) -> None:
    found = Counter(mutant.kind for mutant in mutants_of(subject))

    assert [name for name in KINDS if not found[name]] == []
    assert [name for name, kind in KINDS.items() if not kind.meaning.endswith(".")] == []


def test_only_the_kinds_that_are_wanted_are_tried(subject: Subject) -> None:
    assert {mutant.kind for mutant in mutants_of(subject, ["row-dropped", "phrase-dropped"])} == {
        "row-dropped",
        "phrase-dropped",
    }


@pytest.mark.parametrize(
    ("form", "lacking"),
    [
        ("{enum: [a, b]}", ["enum"]),
        ("{enum: [a, b], description: Of two.}", ["enum"]),
        ("{type: string, pattern: a, minLength: 1}", ["pattern", "minLength"]),
        ("{type: array, items: {enum: [a]}, maxItems: 2}", ["maxItems", "enum"]),
        ("{type: object, properties: {kind: {const: a}}}", ["const"]),
        ("{type: string}", []),
    ],
)
def test_a_variable_lacks_of_its_form_what_a_parameter_would(form: str, lacking: list[str], written: Written) -> None:
    project = load(written(FORMS.replace("FORM", form)))
    mutants = list(mutants_of(Subject(project), ["parameter-form-dropped", "variable-form-dropped"]))

    assert [mutant.change.changed for mutant in mutants] == [
        *(f"'kind' of 'sort' has no {key}" for key in lacking),
        *(f"'kind' has no {key}" for key in lacking),
    ]
    assert all(variation_of(project, mutant.change.edits) is not None for mutant in mutants)


def test_a_change_leaves_what_it_was_made_of_as_it_was(subject: Subject) -> None:
    before = json.dumps(subject.data)
    for mutant in mutants_of(subject):
        after = edited(subject.data, mutant.change.edits)
        assert json.dumps(after) != before, mutant

    assert json.dumps(subject.data) == before


def test_each_mutant_begins_at_a_line_that_is_there(subject: Subject) -> None:
    for mutant in mutants_of(subject):
        assert mutant.line.strip(), mutant
        assert mutant.change.span.column <= len(mutant.line), mutant


def test_nearly_every_mutant_is_a_scenario(subject: Subject) -> None:
    """What its schema does not allow is tried in vain, and few kinds can know that before."""
    refused = [
        f"{mutant.kind} {mutant.change.changed}"
        for mutant in mutants_of(subject)
        if variation_of(subject.project, mutant.change.edits) is None
    ]

    assert refused == []
