"""Where the characters of a text stand in the YAML that it was read from."""

from __future__ import annotations

import textwrap

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from realtime_scenarios.document import read_text
from realtime_scenarios.document.alignment import indexes_in

STYLES = ["|", ">", "'", '"', None]
TEXTS = st.text(st.sampled_from("ab'\"\\ \n{}%.:é#"), min_size=1, max_size=80)


@given(value=TEXTS, style=st.sampled_from(STYLES), width=st.integers(10, 60))
def test_every_character_is_found_where_it_was_written(value: str, style: str | None, width: int) -> None:
    source = yaml.dump(value, default_style=style, width=width, allow_unicode=True)
    node = yaml.compose(source)
    written = source[node.start_mark.index : node.end_mark.index]
    indexes = indexes_in(written, node.value, node.style)
    assert indexes is not None and len(indexes) == len(node.value) + 1
    assert indexes == sorted(indexes)
    for character, index in zip(node.value, indexes, strict=False):
        assert character.isspace() or written[index] in (character, "\\", "'")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: |\n  one\n    two wrong\n", (3, 9)),
        ("a: |\n\n\n  one\n\n  wrong\n", (6, 3)),
        ("a: |2-\n    one wrong", (2, 9)),
        ("a: >\n  one two\n  three wrong\n\n  four\n", (3, 9)),
        ("a: >-\n\n  one\n    two\n  wrong\n", (5, 3)),
        ('a: "one\n  two \\"x\\" \\u00e9 wrong"\n', (2, 20)),
        ("a: 'it''s\n  wrong'\n", (2, 3)),
        ("a: one\n  two\n  wrong\n", (3, 3)),
        ("a: a wrong word\n", (1, 4)),
    ],
)
def test_a_part_of_a_text_has_its_own_line_and_column(text: str, place: tuple[int, int]) -> None:
    document, found = read_text(text, "x.yaml")
    assert document is not None and not found
    start = document.data["a"].index("wrong")
    span = document.root.__truediv__("a").span_of_part(start, start + len("wrong"))
    assert (span.line, span.column) == place
    line = text.split("\n")[span.line - 1]
    assert "wrong" in line[span.column - 1 : span.end_column - 1]


def test_a_part_of_what_is_no_text_is_all_of_it() -> None:
    document, _ = read_text(textwrap.dedent("a:\n  - one\n  - two\n"), "x.yaml")
    assert document is not None
    assert (document.root / "a").span_of_part(0, 1) == (document.root / "a").span
