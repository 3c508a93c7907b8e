"""What is wrong inside a text of several lines is told at its own line and column, wherever the text is written."""

from __future__ import annotations

import pytest

from realtime_scenarios.lint import findings
from realtime_scenarios.project import load
from support import Written

AGENTS = """\
scenario: s
start: a
context: {lang: string}
agents:
  a:
    instructions: TEXT
"""
QUERY = """\
scenario: s
start: a
agents: {a: {instructions: Use look., tools: [look]}}
data: {cars: {columns: {id: TEXT, free: INTEGER}, rows: []}}
tools:
  look:
    description: Look.
    parameters: {id: string}
    query: |
"""
NO_LAN = "'context' has no 'lan'"


def told(written: Written, text: str) -> list[tuple[str, int, str, str]]:
    """Of each mistake its file, its line, what is underlined there, and what is said."""
    path = written(text)
    found = []
    for diagnostic in findings(load(path), warnings=False):
        span = diagnostic.span
        assert span.line == span.end_line
        file = path.parent / span.file.rpartition("/")[2]
        line = file.read_text(encoding="utf-8").split("\n")[span.line - 1]
        found.append((file.name, span.line, line[span.column - 1 : span.end_column - 1], diagnostic.message))
    return found


@pytest.mark.parametrize(
    ("instructions", "line"),
    [
        ("|\n      Help.\n      Speak {{ context.lan }}.\n", 8),
        ("|\n\n\n      Help.\n\n      Speak {{ context.lan }}.\n", 11),
        (">\n      Help everybody.\n      Speak {{ context.lan }}.\n\n      Goodbye.\n", 8),
        (">-\n      Help {{ context.lang }}\n      in {{ context.lan }},\n      always.\n", 8),
        ('"Help\n      everybody. Speak {{ context.lan }}."\n', 7),
        ("Help\n      everybody. Speak {{ context.lan }}.\n", 7),
    ],
)
def test_a_name_in_instructions(written: Written, instructions: str, line: int) -> None:
    assert told(written, AGENTS.replace("TEXT", instructions)) == [("scenario.yaml", line, "context.lan", NO_LAN)]


@pytest.mark.parametrize(
    ("tag", "underlined", "message"),
    [
        ("{% if context.lang = 'es' %}x{% endif %}", "=", "'=' means nothing here"),
        ("{% if context.lang == 'a' && now %}x{% endif %}", "&&", "'&&' means nothing here"),
        ("{% if context.lang %}x", "if", "this 'if' is never closed"),
        ("{% if context.lang %}x{% elseif now %}{% endif %}", "elseif", "'elseif' is no tag"),
        ("{% if context.lang == null %}x{% endif %}", "null", "'null' is not defined here"),
    ],
)
def test_a_tag_in_instructions(written: Written, tag: str, underlined: str, message: str) -> None:
    text = AGENTS.replace("TEXT", f"|\n      Help.\n      Always. {tag}\n      Goodbye.\n")
    assert told(written, text) == [("scenario.yaml", 8, underlined, message)]


def test_a_name_in_a_file_of_instructions(written: Written) -> None:
    written("Help.\nSpeak {{ context.lan }}.\n", "help.md")
    assert told(written, AGENTS.replace("TEXT", "{file: help.md}")) == [("help.md", 2, "context.lan", NO_LAN)]


def test_a_name_in_a_file_that_is_included(written: Written) -> None:
    written("# More.\na:\n  instructions: |\n    Help.\n    Speak {{ context.lan }}.\n", "agents.yaml")
    text = "scenario: s\nstart: a\ncontext: {lang: string}\nagents: {$include: agents.yaml}\n"
    assert told(written, text) == [("agents.yaml", 5, "context.lan", NO_LAN)]


@pytest.mark.parametrize(
    ("lines", "line", "underlined", "message"),
    [
        (["SELECT id, freee", "FROM cars WHERE id = :id"], 10, "freee", "no such column: freee"),
        (["SELECT c.id, c.hue", "FROM cars c"], 10, "c.hue", "no such column: c.hue"),
        (["SELECT 'cras' AS x", "FROM cras", "WHERE id = :id"], 11, "cras", "no such table: cras"),
        (["SELECT id FROM cars", "-- by :idd", "WHERE id = :idd"], 12, ":idd", "':idd' is no argument of this tool"),
        (["SELECT id FROM cars", "ORDER BY random()"], 11, "random(", "random() is another one in every run"),
        (["SELECT id FROM cars", "WHERE id == = :id"], 11, "=", 'near "=": syntax error'),
        (["SELECT id", "FORM cars"], 11, "cars", 'near "cars": syntax error'),
    ],
)
def test_what_is_wrong_in_sql(written: Written, lines: list[str], line: int, underlined: str, message: str) -> None:
    found = told(written, QUERY + "".join(f"      {each}\n" for each in lines))
    assert found == [("scenario.yaml", line, underlined, message)]


def test_what_is_wrong_in_the_sql_of_a_dialogue(written: Written) -> None:
    dialogue = """\
dialogues:
  - id: d
    turns: [{user: Hi, agent: [{say: Hi.}]}]
    expect:
      - data:
          query: |
            SELECT id
            FROM carrs
          returns: []
"""
    found = told(written, QUERY + "      SELECT id FROM cars\n" + dialogue)
    assert found == [("scenario.yaml", 18, "carrs", "no such table: carrs")]
