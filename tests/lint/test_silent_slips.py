"""Slips that nothing failed at: what is taken for one, and what is let through."""

from __future__ import annotations

from pathlib import Path

import pytest

from realtime_scenarios.lint import findings
from realtime_scenarios.project import load

SHOP = """\
scenario: shop
start: main
{session}agents: {{main: {{instructions: Use look., tools: [look]}}}}
tools:
  look:
    description: Look.
    parameters: {{id: string}}
    {stub}
data: {{orders: {{rows: [{{id: a, total: 3}}, {{id: b, total: 4}}]}}}}
dialogues:
  - id: looks
    turns: [{{user: Hi, agent: [{{call: look, args: {{id: a}}}}, {{say: There.}}], expect: [{{said: {expected}}}]}}]
"""


def shop(session: str = "", stub: str = "returns: true", expected: str = "there") -> str:
    return SHOP.format(session=session, stub=stub, expected=expected)


def told(text: str, folder: Path) -> list[str]:
    """All findings as `line:column CODE message (hint)`."""
    file = folder / "shop.yaml"
    file.write_text(text, encoding="utf-8")
    return [
        f"{found.span.line}:{found.span.column} {found.code} {found.message} ({found.hint})"
        for found in findings(load(file), warnings=True)
    ]


@pytest.mark.parametrize("name", ["Realtime-mini", "realtime mini", "raeltime", "realtimes", "gpt-realtime-2.1-mimi"])
def test_a_name_of_a_model_that_is_a_letter_off_is_told(name: str, tmp_path: Path) -> None:
    [found] = told(shop(session=f"session: {{model: {name}}}\n"), tmp_path)
    assert f"SC225 '{name}' is no" in found


@pytest.mark.parametrize("name", ["gpt-realtime-3", "gpt-realtime-2.2-mini", "gpt-6", "my-model", "realtime-nano-2"])
def test_a_name_of_a_model_that_may_be_new_is_let_through(name: str, tmp_path: Path) -> None:
    assert told(shop(session=f"session: {{model: {name}}}\n"), tmp_path) == []


@pytest.mark.parametrize("pattern", ["^$|^[0-9]+$", "^[A-Z]{0,3}$", "[$]5", "^.$", "a.*$", "(a|$b)", "x$|y^"])
@pytest.mark.parametrize("flags", ["", "(?m)", "(?s)", "(?x) "])
def test_a_pattern_that_decides_something_is_let_through(flags: str, pattern: str, tmp_path: Path) -> None:
    assert told(shop(expected=f"{{matches: '{flags}{pattern}'}}"), tmp_path) == []


@pytest.mark.parametrize("pattern", ["a\\n^b", "a\\n?^b", "a$\\nb", "a$\\sb", "^$"])
def test_a_line_may_begin_and_end_inside_of_a_text(pattern: str, tmp_path: Path) -> None:
    assert told(shop(expected=f"{{matches: '(?m){pattern}'}}"), tmp_path) == []
    assert told(shop(expected=f"{{matches: '(?m:{pattern})'}}"), tmp_path) == []


@pytest.mark.parametrize("pattern", ["a$\\n", "a$(?s:.)"])
def test_an_end_of_line_may_come_after_the_end(pattern: str, tmp_path: Path) -> None:
    assert told(shop(expected=f"{{matches: '{pattern}'}}"), tmp_path) == []


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(.|\\n)*", "every text matches"),
        ("a?", "every text matches"),
        ("\\d{0,4}", "every text matches"),
        ("\\A\\Z", "only the empty text matches"),
        ("(^)$", "only the empty text matches"),
        ("only $5.00", "no text matches"),
        ("a^b", "no text matches"),
        ("(a^)b", "no text matches"),
        ("\\n^", "no text matches"),
        ("$\\n\\n", "no text matches"),
        ("\\Z\\n", "no text matches"),
        ("(?m)$5", "no text matches"),
        ("(?m)a^", "no text matches"),
        ("(?m)\\n\\A", "no text matches"),
        ("(?s)a$[^a]b", "no text matches"),
    ],
)
def test_a_pattern_that_decides_nothing_is_told(pattern: str, message: str, tmp_path: Path) -> None:
    [found] = told(shop(expected=f"{{matches: '{pattern}'}}"), tmp_path)
    assert f"SC538 {message} {pattern}" in found


@pytest.mark.parametrize(
    ("condition", "text"),
    [("true", "id = {{ args.id }}"), ("true", "id = ${id}"), ("true", "id = ?"), ("true", "id = %s")],
)
def test_a_template_in_sql_is_told_as_what_it_is(condition: str, text: str, tmp_path: Path) -> None:
    [found] = told(shop(stub=f'query: {{sql: "SELECT id FROM orders WHERE {text}", empty: {condition}}}'), tmp_path)
    assert "SC303" in found
    assert found.endswith("(SQL is no template: bind a value by its name, as in :phone)")


@pytest.mark.parametrize(
    "answer",
    [
        "{{ row.total | default(0) }}",
        "{{ row.items() | map('first') | join }}",
        "{% for row in [args] %}{{ row.id }}{% endfor %}",
        "{{ rows | map(attribute='total') | sum }}",
        "{{ (rows | selectattr('total') | first).id }}",
    ],
)
def test_a_column_that_is_there_is_let_through(answer: str, tmp_path: Path) -> None:
    stub = f'query: {{sql: "SELECT id, total FROM orders WHERE id = :id", empty: none}}\n    returns: "{answer}"'
    assert [found for found in told(shop(stub=stub), tmp_path) if "SC531" in found] == []


def test_a_bare_answer_is_looked_at_where_it_stands(tmp_path: Path) -> None:
    stub = 'model: {instructions: Decide., offline: {told: "{{ args.idd }}"}, fallback: "{{ args.id }}"}'
    [found] = [line for line in told(shop(stub=stub), tmp_path) if "SC301" in line]
    assert found == "8:52 SC301 'args' has no 'idd' (did you mean 'id'?)"


def test_a_comment_that_opens_a_bracket_for_good_is_told(tmp_path: Path) -> None:
    text = shop().replace("{say: There.}", "{say: Press #1}")
    assert told(text, tmp_path)[0] == (
        "12:73 SC101 a comment begins at this '#', before what opens in this line is closed "
        "(put the text that holds it in quotes)"
    )


def test_a_text_that_is_a_comment_from_the_start_is_told(tmp_path: Path) -> None:
    text = shop().replace("    description: Look.", "    description: #1 of the tools")
    assert told(text, tmp_path)[0].endswith("(a '#' begins a comment: put the text in quotes)")


def test_a_part_of_a_dialogue_that_may_hold_braces_is_let_through(tmp_path: Path) -> None:
    text = shop().replace("{said: there}", '{never_said: "{{ context.id }}"}, {nowhere: "{{ }}"}')
    assert told(text, tmp_path) == []
