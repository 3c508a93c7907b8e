"""What in the files of a scenario is secret, by its values and by where it stands."""

from __future__ import annotations

import pytest

from realtime_scenarios.mutation import Subject, mutants_of
from realtime_scenarios.mutation.outcome import Outcome, without_secrets
from realtime_scenarios.mutation.secrecy import secret_columns, secrets_written_in
from realtime_scenarios.project import Project, load
from support import Written

VAULT = """\
    scenario: vault
    start: desk
    agents:
      desk: {instructions: Ask., tools: [open], handoffs: [{to: back, set: {code: '"60" + "71"', name: '"Ada"'}}]}
      back: {instructions: Work.}
    tools:
      open:
        description: Open it.
        parameters: {code: {type: string, description: Its code.}}
        query: {sql: "SELECT number, name FROM vaults WHERE number = :code", result: row}
        returns: opened
        set: {code: row.number}
    context:
      name: {type: string, default: nobody}
      code: {type: string, secret: true, default: "4711", enum: ["4711", "6071", "9931", "5507"]}
      door:
        type: string
        secret: true
        default: |
          upper
          lower
    data:
      vaults: {rows: [{number: "9931", name: Ada}, {number: "5507", name: Bo}]}
      doors: {rows: [{door: upper, name: Ada}]}
    dialogues:
      - {id: opens, context: {code: "8342"}, turns: [{user: Hi., agent: [{say: Hi.}]}]}
"""


@pytest.fixture
def vault(written: Written) -> Project:
    return load(written(VAULT))


def test_secrets_are_what_secret_variables_begin_with_are_given_and_are_set_to(vault: Project) -> None:
    assert set(secrets_written_in(vault)) == {"4711", "6071", "8342", "upper\nlower\n"}


def test_columns_are_secret_from_which_a_secret_is_set_and_that_are_called_as_one(vault: Project) -> None:
    assert secret_columns(vault.scenario) == {"vaults": {"number"}, "doors": {"door"}}


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (
            "default-changed",
            "  code: {type: string, secret: true, default: ******, enum: ********************************}",
        ),
        ("row-dropped", "  vaults: {rows: [{number: ******, name: Ada}, {number: ******, name: Bo}]}"),
        ("row-dropped", "  doors: {rows: [{door: *****, name: Ada}]}"),
        ("set-dropped", "back, set: {code: *************, name: '\"Ada\"'}}]}"),
        ("default-changed", "    default: *"),
    ],
)
def test_where_a_secret_stands_the_line_has_stars(kind: str, line: str, vault: Project) -> None:
    assert any(mutant.line.endswith(line) for mutant in mutants_of(Subject(vault), [kind]))


def test_a_row_is_told_without_what_is_secret_in_it(vault: Project) -> None:
    told = [
        without_secrets(Outcome(mutant, "survived", "", 0), Subject(vault).secrets).mutant.change.changed
        for mutant in mutants_of(Subject(vault), ["row-dropped"])
    ]

    assert told == [
        "'vaults' lacks the row of number [secret], name Ada",
        "'vaults' lacks the row of number [secret], name Bo",
        "'doors' lacks the row of door [secret], name Ada",
    ]
