"""Characters that only look like code, told at the very one, in the order of what keeps a scenario from running."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime_scenarios.core import Diagnostic
from realtime_scenarios.document.look_alikes import LOOK_ALIKES, first_look_alike
from realtime_scenarios.lint import findings
from realtime_scenarios.project import load
from support import Written

SHOP = """
scenario: shop
start: desk
context: {name: {type: string, default: x}}
agents:
  desk:
    instructions: INSTRUCTIONS
    tools: [find]
    states: [{id: only, description: "STATE", terminal: true}]
tools:
  find:
    description: Find.
    requires: "GATE"
    query: QUERY
data: {people: {columns: {name: TEXT}, rows: [{name: Maya}]}}
"""
SOUND = {
    "INSTRUCTIONS": "Use find.",
    "STATE": "The only one.",
    "GATE": "context.name != ''",
    "QUERY": "SELECT name FROM people",
}


def found_in(written: Written, **parts: str) -> list[tuple[str, str]]:
    """The codes of what is found, each with the text that begins where it points."""
    text = SHOP
    for name, part in {**SOUND, **parts}.items():
        text = text.replace(name, part)
    path = written(text)
    return [(diagnostic.code, _text_at(diagnostic, path)) for diagnostic in findings(load(path), warnings=False)]


def _text_at(diagnostic: Diagnostic, path: Path) -> str:
    span = diagnostic.span
    line = (path.parent / span.file).read_text(encoding="utf-8").splitlines()[span.line - 1]
    return line[span.column - 1 : span.end_column - 1]


def test_prose_may_have_them(written: Written) -> None:
    assert found_in(written, INSTRUCTIONS="“Use find” – it’s there.", STATE="It’s – “here”.") == []


@pytest.mark.parametrize("character", ["“", "‘", "–", "\u200b", "\uff01"])
def test_a_gate_with_one_is_told_at_the_character(written: Written, character: str) -> None:
    assert found_in(written, GATE=f"context.name {character}") == [("SC301", character)]


def test_of_several_the_first_is_told_that_is_no_part_of_a_text(written: Written) -> None:
    assert found_in(written, GATE="context.name != '’’' and context.name == ‘x‘") == [("SC301", "‘")]


def test_a_block_of_instructions_is_told_at_its_own_line(written: Written) -> None:
    block = "|\n      It’s “fine”.\n      {% if context.name == “x” %}Hi.{% endif %}"
    [(code, text)] = found_in(written, INSTRUCTIONS=block)
    assert (code, text) == ("SC301", "“")


def test_instructions_in_a_file_are_told_in_that_file(written: Written) -> None:
    written("It’s “fine”.\n{{ context.name == “x” }}\n", "desk.md")
    assert found_in(written, INSTRUCTIONS="{file: desk.md}") == [("SC301", "“")]


def test_a_state_is_told_where_its_text_stands(written: Written) -> None:
    assert found_in(written, STATE="It’s ‘{{ context.name == ‘x’ }}’") == [("SC301", "‘")]


@pytest.mark.parametrize("query", ["SELECT name FROM people WHERE name = ‘x’", "SELECT\u00a0name FROM people"])
def test_a_query_is_told_at_the_character_and_not_by_what_sqlite_makes_of_it(written: Written, query: str) -> None:
    at = first_look_alike(query)
    assert at is not None
    assert found_in(written, QUERY=query) == [("SC303", query[at])]


def test_a_name_is_told_at_the_character(written: Written) -> None:
    path = written(
        'scenario: s\nstart: a\nagents:\n  a: {instructions: Hi., tools: ["b\u00a0c"]}\n  a–b: {instructions: Hi.}\n'
    )
    found = findings(load(path), warnings=False)
    assert [(diagnostic.code, _text_at(diagnostic, path), diagnostic.hint) for diagnostic in found] == [
        ("SC145", "\u00a0", "write an ordinary space instead"),
        ("SC148", "–", "write - instead"),
    ]


def test_a_file_that_is_not_there_for_one_character_is_told_so(written: Written) -> None:
    written("Hi.", "desk-rules.md")
    path = written("scenario: s\nstart: a\nagents:\n  a: {instructions: {file: desk–rules.md}}\n")
    [found] = findings(load(path), warnings=False)
    assert (found.code, _text_at(found, path), found.hint) == ("SC001", "–", "write - instead")
    assert found.message.endswith("'–' is a dash, not a hyphen")


@given(st.text(st.sampled_from("ab' \"{}%" + "".join(LOOK_ALIKES)), max_size=30))
def test_the_first_of_them_is_found_wherever_it_stands(text: str) -> None:
    at = first_look_alike(text)
    assert (at is None) is not any(character in LOOK_ALIKES for character in text)
    assert at is None or not any(character in LOOK_ALIKES for character in text[:at])
