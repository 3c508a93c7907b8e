"""Every broken file in `cases/` and what its author is told: all mistakes, each with its place, its name and a hint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.core import Diagnostic, in_reading_order
from runner.document import CODES, check, read
from runner.model import build_dialogues, build_scenario

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
    for one in diagnostics:
        yield f"{one.span}: {one.code} {one.name}: {one.message}\n"
        for related in one.related:
            yield f"  {related.span}: {related.message}\n"
        if one.hint:
            yield f"  hint: {one.hint}\n"


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
    for one in found:
        assert CODES[one.name].code == one.code
        lines = (folder / one.span.file).read_text(encoding="utf-8", errors="replace").split("\n")
        assert 1 <= one.span.line <= len(lines)
        assert one.span.column >= 1
        assert (one.span.line, one.span.column) <= (one.span.end_line, one.span.end_column) or one.span.end_line == 1
