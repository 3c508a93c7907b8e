"""What lint says of values that are declared secret: where they are wrong, and never what they are."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from realtime_scenarios.cli.main import cli
from realtime_scenarios.core import redaction
from realtime_scenarios.lint import findings
from realtime_scenarios.project import load
from support import Written


def told(path: Path) -> str:
    """All that is said of a file, with its hints and notes, and without the numbers in the name of its folder."""
    found = findings(load(path), warnings=True)
    assert found
    return "\n".join(f"{each} {each.hint} {each.related}" for each in found).replace(str(path.parent), "")


def with_variable(form: str) -> str:
    return textwrap.dedent(
        f"""
        scenario: shop
        start: desk
        context:
          token: {form}
        agents:
          desk: {{instructions: Help callers with their parcels.}}
        """
    )


@pytest.mark.parametrize(
    "form",
    [
        "{type: integer, secret: true, default: hunter}",
        '{type: string, pattern: "^[0-9]+$", secret: true, default: hunter}',
        "{type: string, format: date, secret: true, default: hunter}",
        "{type: string, const: hunter, secret: true, default: x}",
        "{type: string, enum: [hunter, 7], secret: true, default: x}",
        "{type: string, enum: hunter, secret: true}",
        "{type: string, examples: hunter, secret: true}",
        "{type: object, properties: {key: {type: integer, default: 1}}, secret: true, default: {key: hunter}}",
        '{type: integer, secret: true, default: "a\\"hunter"}',
        "{type: string, secret: true, default: a, hunter}",
        "{type: string, secret: true, default: a,b,hunter}",
        "{type: integer, secret: true, default: {hunter}}",
        "{type: integer, secret: true, default: !hunter x}",
        "{type: integer, secret: true, default: *hunter}",
        "{type: integer, secret: yes, default: hunter}",
    ],
)
def test_a_value_of_a_secret_variable_is_not_quoted(written: Written, form: str) -> None:
    said = told(written(with_variable(form)))
    assert "hunter" not in said
    assert "SC" in said


@pytest.mark.parametrize(("number", "read"), [("0472", "314"), ("0x1F4", "500"), ("12e3", "12000")])
def test_neither_a_secret_number_is_quoted_nor_what_it_is_read_as(written: Written, number: str, read: str) -> None:
    said = told(written(with_variable(f"{{type: integer, secret: true, default: {number}}}")))
    assert number not in said
    assert read not in said


def test_a_secret_of_one_digit_is_not_quoted_where_it_stands(written: Written) -> None:
    found = findings(load(written(with_variable("{type: string, secret: true, default: 7}"))), warnings=True)
    assert [each.message for each in found if each.name == "bad-default"] == [
        "the default of 'token' does not fit: [secret] is not of type \"string\""
    ]


def test_a_value_that_is_no_secret_is_quoted(written: Written) -> None:
    assert '"hunter" is not of type' in told(written(with_variable("{type: integer, default: hunter}")))


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_no_form_of_the_findings_holds_a_secret(written: Written, form: str) -> None:
    path = written(with_variable("{type: integer, secret: true, default: hunter}"))
    result = CliRunner().invoke(cli, ["lint", str(path), "--format", form])
    assert result.exit_code == 1
    assert "[secret]" in result.output
    assert "hunter" not in result.output


def test_the_line_of_a_finding_is_shown_without_its_secrets_and_the_caret_where_it_was(written: Written) -> None:
    form = "{type: integer, secret: true, default: hunter, colour: blue}"
    result = CliRunner().invoke(cli, ["validate", str(written(with_variable(form)))])
    lines = result.output.splitlines()
    shown = [line for line in lines if "| " in line and "token" in line]
    assert len(shown) == 2 and {line.partition(" | ")[2] for line in shown} == {
        "  token: {type: integer, secret: true, default: ******, colour: blue}"
    }
    assert lines[lines.index(shown[0]) + 1].index("^") == shown[0].index("******")


DESK = """
    scenario: shop
    start: desk
    context: {token: {type: string, secret: true}, code: {type: string, secret: true}}
    agents:
      desk: {instructions: Help callers with their parcels., tools: [pay]}
    tools:
      pay:
        description: Pays for a parcel.
        approval: {fields: {pin: {label: PIN, secret: true}}}
        returns: ok
        set: {token: SET}
    dialogues:
      - id: paid
        context: {code: "1"}
        turns: [{user: Pay., agent: [{call: pay, approval: {approve: {pin: TYPED}}}, {say: Done.}]}]
"""


@pytest.mark.parametrize("expression", ["hunter and that is all", "'x' | hunter", "hunter", '"hunter )"'])
def test_a_secret_that_is_set_by_a_broken_expression_is_not_quoted(written: Written, expression: str) -> None:
    assert "hunter" not in told(written(DESK.replace("SET", expression).replace("TYPED", "'12'")))


def test_what_a_broken_expression_reads_is_told_though_a_secret_is_set_to_it(written: Written) -> None:
    assert "pim" in told(written(DESK.replace("SET", "args.pim").replace("TYPED", "'12'")))


def test_what_is_filled_into_a_secret_field_is_not_quoted(written: Written) -> None:
    said = told(written(DESK.replace("SET", "result").replace("TYPED", "471199")))
    assert "'pin' must be text" in said
    assert "471199" not in said


def test_a_secret_in_a_file_of_dialogues_is_not_quoted(written: Written) -> None:
    scenario = written(DESK.replace("SET", "result").replace("TYPED", "'12'"))
    written(
        """
        scenario: ../scenario.yaml
        dialogues:
          - id: again
            turns: [{user: Pay., agent: [{call: pay, approval: {approve: {pin: 471199}}}, {say: Done.}]}]
        """,
        "dialogues/again.yaml",
    )
    said = told(scenario)
    assert "'pin' must be text" in said
    assert "471199" not in said


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("TYPED", "a,hunter"),
        ("TYPED", "*hunter"),
        ("pin: TYPED", "pin:hunter"),
        ('code: "1"', "code: 4,711,hunter"),
        ('code: "1"', "code: *hunter"),
        ('code: "1"', "code:hunter"),
        ("token: SET", "token: a, hunter"),
    ],
)
def test_what_yaml_cuts_off_a_secret_is_not_quoted(written: Written, before: str, after: str) -> None:
    broken = DESK.replace(before, after).replace("SET", "result").replace("TYPED", "'12'")
    said = told(written(broken))
    assert "SC" in said
    assert "hunter" not in said


def test_an_agent_that_is_called_as_a_secret_is_named(written: Written) -> None:
    form = "{type: string, secret: true, default: desk}"
    said = told(written(with_variable(form).replace("{instructions:", "{tols: [], instructions:")))
    assert "'tols' in agent 'desk'" in said


def test_many_secrets_are_got_ready_once_for_all_findings(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f"      - {{name: n{number}, token: hunter{number}}}\n" for number in range(40))
    agents = "".join(f"  a{number}: {{instructions: Help., tols: []}}\n" for number in range(40))
    text = with_variable("{type: string, secret: true}") + agents + f"data:\n  people:\n    rows:\n{rows}"
    made: list[object] = []

    def dumps(value: object, ensure_ascii: bool = True) -> str:
        made.append(value)
        return json.dumps(value, ensure_ascii=ensure_ascii)

    monkeypatch.setattr(redaction, "json", SimpleNamespace(dumps=dumps))

    found = findings(load(written(text)), warnings=False)

    assert len(found) == 40
    assert 0 < len(made) <= 10 * 40  # three times each, wherever findings are told
