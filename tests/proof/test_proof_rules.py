"""The rules about proofs, on the same cases as all rules."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runner.lint import findings, proofs
from runner.project import load

CASES = Path(__file__).parent.parent / "cases" / "lint"
CODES = [f"SC70{number}" for number in range(1, 8)]

assert proofs


def said(code: str) -> str:
    lines = []
    for one in findings(load(CASES / code / "bad.yaml"), warnings=True):
        if one.code == code:
            place = f"{Path(one.span.file).name}:{one.span.line}:{one.span.column}-{one.span.end_column}"
            lines.append(f"{place}: {one.severity} {one.code} {one.name}: {one.message}")
            lines += [f"  note: {related.message} (line {related.span.line})" for related in one.related]
            lines += [f"  hint: {one.hint}"] if one.hint else []
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("code", CODES)
def test_a_bad_scenario_is_told_what_is_wrong(code: str) -> None:
    expected = CASES / code / "expected.txt"
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(said(code), encoding="utf-8")
    assert said(code).strip()
    assert said(code) == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("code", CODES)
def test_a_good_scenario_is_told_nothing(code: str) -> None:
    assert findings(load(CASES / code / "good.yaml"), warnings=True) == []
