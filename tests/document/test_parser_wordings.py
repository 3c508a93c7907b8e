"""What the YAML parser says is recognised by its words, which change between its versions: each is fed from a real one."""

from __future__ import annotations

import pytest
import yaml

from realtime_scenarios.document import read_text
from realtime_scenarios.document.nodes import TooDeep, composed
from realtime_scenarios.document.syntax import PLAIN_WORDS, syntax_findings

SAMPLES = {
    "mapping values are not allowed": "a: b: c\n",
    "could not find expected ':'": "a: 1\nb\nc: 2\n",
    "block sequence entries are not allowed": "a: - b\n",
    "did not find expected '-' indicator": "- a\nb: 1\n",
    "did not find expected ',' or ']'": "a: [1, 2\nb: 3\n",
    "did not find expected ',' or '}'": "a: {x: 1\nb: 3\n",
    "did not find expected key": "a:\n  b: 1\n c: 2\n",
    "found unexpected end of stream": "a: 'x\n",
    "found unexpected document indicator": "a: 'x\n--- y'\n",
    "found unknown escape character": 'a: "\\q"\n',
    "did not find expected hexdecimal number": 'a: "\\xzz"\n',
    "found invalid Unicode character escape code": 'a: "\\uD800"\n',
    "did not find expected alphabetic or numeric": "a: *\n",
    "did not find expected whitespace or line break": "a: !x,y z\n",
    "did not find expected comment or line break": "a: | x\n",
    "did not find expected <document start>": "%YAML 1.1\na: 1\n",
    "did not find expected node content": "a: ,\n",
    "found undefined tag handle": "a: !x!y z\n",
    "did not find expected tag URI": "a: !<> x\n",
    "did not find the expected '>'": "a: !<x y\n",
    "did not find expected '!'": "%TAG x\n---\n",
    "did not find URI escaped octet": "a: !%zz x\n",
    "UTF-8 octet": "a: !<%ff%ff> b\n",
    "found duplicate %": "%YAML 1.1\n%YAML 1.1\n---\na: 1\n",
    "directive": "%FOO\n---\na: 1\n",
    "found incompatible YAML document": "%YAML 2.0\n---\na: 1\n",
    "did not find expected version number": "%YAML x\n---\na: 1\n",
    "did not find expected digit or '.'": "%YAML 1\n---\na: 1\n",
    "found extremely long version number": "%YAML 1111111111111.1\n---\n",
    "found unexpected non-alphabetical character": "%FO!\n",
    "found an indentation indicator equal to 0": "a: |0\n  x\n",
    "found unexpected ':'": "[a:]",
}

OTHER_WORDS = {
    "unknown-anchor: the alias '*x' has no anchor '&x' before it": "a: *x\n",
    "unknown-anchor: this anchor stands twice": "a: &x 1\nb: &x 2\n",
    "several-documents: a second document begins here": "a: 1\n---\nb: 2\n",
    "yaml-syntax: a text cannot begin with '@'": "a: @x\n",
    "tab-indentation: this line is indented with a tab": "a: |\n\tx\n",
    "too-deep: values are nested more than 50 deep": "[" * 100_000,
}
"""Wordings that are asked for one by one: what an author is told, and a text that leads to it."""


def test_every_row_has_a_sample() -> None:
    assert set(SAMPLES) == {words for words, *_ in PLAIN_WORDS}
    assert len(SAMPLES) == len(PLAIN_WORDS)


@pytest.mark.parametrize("row", PLAIN_WORDS, ids=lambda row: row[0])
def test_the_installed_parser_still_says(row: tuple[str, str, str]) -> None:
    words, message, _ = row
    with pytest.raises(yaml.MarkedYAMLError) as raised:
        composed(SAMPLES[words])

    said = raised.value.problem or ""
    first = next((other for other, *_ in PLAIN_WORDS if other in said), None)
    assert first == words, f"PyYAML {yaml.__version__} says {said!r} where it used to say {words!r}"
    told = [found.message for found in syntax_findings(raised.value, SAMPLES[words], "x.yaml")]
    assert told == [message]


@pytest.mark.parametrize(("told", "text"), OTHER_WORDS.items(), ids=list(OTHER_WORDS))
def test_the_installed_parser_still_leads_to(told: str, text: str) -> None:
    found = read_text(text, "x.yaml")[1]

    assert [f"{diagnostic.name}: {diagnostic.message}" for diagnostic in found] == [told]


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "{a: " * 100_000, "? " * 100_000])
def test_every_way_to_nest_without_end_is_told_with_its_place(text: str) -> None:
    with pytest.raises(TooDeep) as raised:
        composed(text)

    assert raised.value.mark is not None
