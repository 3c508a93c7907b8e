"""Every rule on a bad and a good file of its own; what it says stands in a file beside them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime_scenarios.core import Diagnostic, resource_folder
from realtime_scenarios.document import CODES
from realtime_scenarios.lint import RULES, findings
from realtime_scenarios.project import load
from support import AS_OF, Written

CASES = Path(__file__).parent.parent / "cases" / "lint"
AIRLINE = resource_folder("scenarios") / "airline"


def as_text(found: list[Diagnostic]) -> str:
    """The diagnostics as people read them, without the folder."""
    lines = []
    for diagnostic in found:
        place = f"{Path(diagnostic.span.file).name}:{diagnostic.span.line}:{diagnostic.span.column}-{diagnostic.span.end_column}"
        lines.append(f"{place}: {diagnostic.severity} {diagnostic.code} {diagnostic.name}: {diagnostic.message}")
        lines += [f"  note: {related.message} (line {related.span.line})" for related in diagnostic.related]
        lines += [f"  hint: {diagnostic.hint}"] if diagnostic.hint else []
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("code", list(RULES))
def test_a_rule_finds_what_is_bad_and_says_where(code: str) -> None:
    everything = findings(load(CASES / code / "bad.yaml"), warnings=True, as_of=AS_OF)
    found = [diagnostic for diagnostic in everything if diagnostic.code == code]
    expected = CASES / code / "expected.txt"
    if os.environ.get("UPDATE_CASES"):
        expected.write_text(as_text(found), encoding="utf-8")
    assert found
    assert as_text(found) == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("code", list(RULES))
def test_a_rule_is_silent_where_all_is_well(code: str) -> None:
    assert findings(load(CASES / code / "good.yaml"), warnings=True, as_of=AS_OF) == []


def test_codes_and_names_are_used_once() -> None:
    names = [rule.name for _, rule in RULES.items()] + [code.name for code in CODES.values()]
    codes = list(RULES) + [code.code for code in CODES.values()]
    assert len(set(names)) == len(names) and len(set(codes)) == len(codes)


def test_mistakes_of_form_and_of_meaning_are_told_together(written: Written) -> None:
    path = written(
        """
        scenario: broken
        start: main
        titel: x
        agents:
          main:
            instrucions: Help.
            handoffs: [bilingg]
            tools: [refund, 5]
          billing: {instructions: "{{ contxt }}"}
        tools:
          refund: {description: x, approval: allways, returns: done}
        """
    )
    codes = [diagnostic.code for diagnostic in findings(load(path), warnings=False)]
    assert sorted(codes) == ["SC141", "SC141", "SC143", "SC144", "SC203", "SC301"]


def test_the_file_with_everything_in_it_can_be_linted() -> None:
    path = Path(__file__).parent.parent / "document" / "good" / "everything.yaml"
    assert "SC208" in {diagnostic.code for diagnostic in findings(load(path), warnings=True)}


MUTATIONS = st.lists(
    st.tuples(
        st.sampled_from(["delete", "double", "insert", "indent", "swap"]), st.integers(0, 200), st.integers(0, 200)
    ),
    min_size=1,
    max_size=4,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MUTATIONS, st.text(max_size=12))
def test_no_broken_file_ever_gives_a_traceback(
    tmp_path: Path, mutations: list[tuple[str, int, int]], extra: str
) -> None:
    lines = (AIRLINE / "airline.yaml").read_text(encoding="utf-8").splitlines()
    (tmp_path / "quick_reference.md").write_text("- a\n", encoding="utf-8")
    for kind, first, second in mutations:
        at, other = first % len(lines), second % len(lines)
        if kind == "delete":
            del lines[at]
        elif kind == "double":
            lines.insert(at, lines[at])
        elif kind == "insert":
            lines[at] = lines[at][: second % 40] + extra + lines[at][second % 40 :]
        elif kind == "indent":
            lines[at] = " " * (second % 5) + lines[at].lstrip()
        else:
            lines[at], lines[other] = lines[other], lines[at]
    path = tmp_path / "airline.yaml"
    path.write_text("\n".join(lines), encoding="utf-8", errors="replace")
    for diagnostic in findings(load(path), warnings=True):
        assert diagnostic.span.line >= 1 and diagnostic.span.column >= 1 and diagnostic.message
