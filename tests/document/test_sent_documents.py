"""A document in another process: its text is enough to have the rest of it there."""

from __future__ import annotations

import copy
import pickle

from realtime_scenarios.document import Document
from realtime_scenarios.document.reader import read, read_text
from support import Written

TEXT = """\
one: {two: [3, four]}
text: |
  several
  lines
"""


def document(text: str = TEXT) -> Document:
    found, _ = read_text(text, "a.yaml")
    assert found is not None
    return found


def test_what_arrives_has_the_same_data_and_the_same_places() -> None:
    there = document()
    here: Document = pickle.loads(pickle.dumps(there))
    assert here.data == there.data
    for pointer in ((), ("one",), ("one", "two", 1), ("text",), ("missing",)):
        assert here.span(pointer) == there.span(pointer)
    assert here.line(3) == "  several"


def test_hardly_more_than_the_text_is_sent() -> None:
    many = "items:\n" + "".join(f"  - {{name: item-{number}, count: {number}}}\n" for number in range(500))
    assert len(pickle.dumps(document(many))) < 1.1 * len(many) + 1000


def test_a_document_with_other_data_than_its_text_says_keeps_them() -> None:
    other = document().holding({"one": 1})
    here: Document = pickle.loads(pickle.dumps(other))
    assert here.data == {"one": 1} and here.span(("one",)) == other.span(("one",))


def test_a_document_that_includes_others_keeps_what_they_say(written: Written) -> None:
    written("[1, 2]\n", "inner.yaml")
    there, _ = read(written("list: {$include: inner.yaml}\n", "outer.yaml"))
    assert there is not None
    here: Document = pickle.loads(pickle.dumps(there))
    assert here.data == {"list": [1, 2]}


def test_a_copy_keeps_what_has_been_read() -> None:
    there = document()
    assert copy.copy(there).data is there.data
