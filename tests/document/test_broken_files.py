"""Every broken file in `cases/` and what its author is told: all mistakes, each with its place, its name and a hint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import realtime_scenarios.expectations
import realtime_scenarios.stubs  # noqa: F401 - the kinds of stubs that scenarios may have
from realtime_scenarios.core import Diagnostic, in_reading_order, resource_folder
from realtime_scenarios.document import CODES, check, read, read_text
from realtime_scenarios.document.files import lines_of
from realtime_scenarios.model import build_dialogues, build_scenario

CASES = sorted(path.name for path in (Path(__file__).parent / "cases").iterdir())


def diagnostics_of(path: Path) -> list[Diagnostic]:
    document, found = read(path, shown_as=path.name)
    if document is None:
        return found
    kind = "dialogue" if path.name == "dialogue.yaml" else "scenario"
    found += check(document, kind)
    if found:
        return in_reading_order(found)
    if kind == "scenario":
        found += build_scenario(document)[1]
    return in_reading_order([*found, *build_dialogues(document)[1]])


def as_text(diagnostics: list[Diagnostic]) -> Iterator[str]:
    for diagnostic in diagnostics:
        yield f"{diagnostic.span}: {diagnostic.code} {diagnostic.name}: {diagnostic.message}\n"
        for related in diagnostic.related:
            yield f"  {related.span}: {related.message}\n"
        if diagnostic.hint:
            yield f"  hint: {diagnostic.hint}\n"


@pytest.mark.parametrize("name", CASES)
def test_a_broken_file_is_answered_with_all_its_mistakes(name: str) -> None:
    folder = Path(__file__).parent / "cases" / name
    path = next(path for path in (folder / "scenario.yaml", folder / "dialogue.yaml") if path.exists())

    told = "".join(as_text(diagnostics_of(path)))

    assert told == (folder / "expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_every_mistake_is_in_the_catalogue_and_stands_inside_the_file(name: str) -> None:
    folder = Path(__file__).parent / "cases" / name
    path = next(path for path in (folder / "scenario.yaml", folder / "dialogue.yaml") if path.exists())

    found = diagnostics_of(path)

    assert found, "a broken file must not pass"
    for diagnostic in found:
        span = diagnostic.span
        assert CODES[diagnostic.name].code == diagnostic.code
        lines = lines_of((folder / span.file).read_text(encoding="utf-8", errors="replace"))
        assert 1 <= span.line <= len(lines)
        assert span.column >= 1
        assert span.end_line > len(lines) or span.end_column <= len(lines[span.end_line - 1]) + 1
        assert all(1 <= related.span.line <= len(lines) for related in diagnostic.related)
        assert (span.line, span.column) <= (span.end_line, span.end_column) or span.end_line == 1


LINES = {
    "a quote that is never closed": lambda key, value: f'{key}: "{value}',
    "another quote": lambda key, value: f"{key}: '{value}",
    "a list that is never closed": lambda key, value: f"{key}: [{value}",
    "a colon in the text": lambda key, value: f"{key}: {value}: and more",
    "an at sign": lambda key, value: f"{key}: @{value}",
    "an asterisk": lambda key, value: f"{key}: *{value}",
    "a template without quotes": lambda key, value: f"{key}: {{{{ {value} }}}} and more",
    "no colon": lambda key, value: f"{key} {value}",
    "one space too many": lambda key, value: f" {key}: {value}",
    "text behind a quote": lambda key, value: f'{key}: "{value}" and more',
}
"""What may go wrong with a line, so that the whole file is no YAML."""


@pytest.mark.parametrize("first", LINES)
@pytest.mark.parametrize("second", LINES)
def test_two_lines_that_are_no_yaml_are_both_told_and_nothing_else(first: str, second: str) -> None:
    text = (resource_folder("scenarios") / "airline" / "airline.yaml").read_text(encoding="utf-8")
    lines = text.split("\n")
    broken = {}
    for wrong, wanted in ((first, "    handoff_description:"), (second, "      reject_message:")):
        number = next(number for number, line in enumerate(lines) if line.startswith(wanted))
        key, _, value = lines[number].partition(": ")
        lines[number] = LINES[wrong](key, value)
        broken[number + 1] = lines[number]

    document, found = read_text("\n".join(lines), "airline.yaml")

    assert document is not None
    told = [*found, *check(document, "scenario")]
    assert {diagnostic.span.line for diagnostic in told} == set(broken), (found, broken)


def test_a_file_of_nothing_but_mistakes_is_answered_in_time() -> None:
    document, found = read_text("\n".join(['key: "open', "  [", "- {{ }", "\t:", "@"] * 400), "noise.yaml")
    assert document is None
    assert 1 <= len(found) <= 500
