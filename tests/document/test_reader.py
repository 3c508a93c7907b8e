"""Reading YAML: what values mean, where they stand, and what is refused before it can do harm."""

from __future__ import annotations

import gc
import math
import os
import time
from pathlib import Path
from typing import Any

import pytest

from realtime_scenarios.core import Span
from realtime_scenarios.document import Document, read, read_text


def data_of(text: str) -> Any:
    document, found = read_text(text, "x.yaml")
    assert document is not None
    assert found == []
    return document.data


def good(text: str) -> Document:
    document, found = read_text(text, "x.yaml")
    assert document is not None
    assert found == []
    return document


@pytest.mark.parametrize(
    "word", ["on", "off", "yes", "no", "Y", "NO", "2026-03-01", "2026-03-01T09:00:00Z", "1_000", "12:30", "."]
)
def test_words_that_older_yaml_turned_into_something_else_stay_text(word: str) -> None:
    assert data_of(f"value: {word}\n") == {"value": word}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("-3", -3),
        ("+3", 3),
        ("1e3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        (".inf", math.inf),
        ("-.inf", -math.inf),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'017'", "017"),
        ("!!str 17", "17"),
        ("123456789012345678901234567890", 123456789012345678901234567890),
    ],
)
def test_values_follow_the_core_schema_of_yaml_1_2(written: str, value: object) -> None:
    found = data_of(f"value: {written}\n")["value"]

    assert found == value
    assert type(found) is type(value)


def test_merge_keys_give_way_to_the_keys_beside_them() -> None:
    text = "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [{x: 9}, *a]}\n"

    data = data_of(text)

    assert data["b"] == {"x": 1, "y": 3}
    assert data["c"] == {"x": 9, "y": 2}


def test_spans_cover_keys_and_values_from_first_to_last_character() -> None:
    document = good("agents:\n  main:\n    tools: [a, bc]\n    text: |\n      one\n      two\n\nstart: main\n")

    assert document.span(("agents", "main"), key=True) == Span("x.yaml", 2, 3, 2, 7)
    assert document.span(("agents", "main", "tools", 1)) == Span("x.yaml", 3, 16, 3, 18)
    assert document.span(("agents", "main", "text")) == Span("x.yaml", 4, 11, 6, 10)
    assert document.span(("agents", "main")) == Span("x.yaml", 3, 5, 6, 10)


def test_a_place_that_does_not_exist_is_shown_at_the_nearest_thing_around_it() -> None:
    document = good("agents:\n  main: {tools: []}\n")
    place = document.root / "agents" / "main" / "voice" / "name"

    assert place.span == document.span(("agents", "main"))
    assert place.key_span == document.span(("agents", "main"))


def test_merged_keys_are_shown_where_they_are_written() -> None:
    document = good("a: &a {x: 1}\nb: {<<: *a}\n")

    assert document.span(("b", "x")).line == 1


@pytest.mark.parametrize(
    "text", ["- &all\n  - *all\n", "a: &all\n  b: 1\n  c: *all\n", "a: &all\n  - b:\n    - *all\n"]
)
def test_a_block_that_ends_in_itself_ends_all_the_same(text: str) -> None:
    _, found = read_text(text, "x.yaml")
    assert [diagnostic.name for diagnostic in found] == ["recursive-anchor"]
    assert found[0].span.line == 1
    assert (found[0].span.line, found[0].span.column) < (found[0].span.end_line, found[0].span.end_column)


def test_a_block_whose_last_value_is_an_alias_ends_behind_its_beginning() -> None:
    document, _ = read_text("a: &one {x: 1}\nb:\n  c: 2\n  d: *one\n", "x.yaml")
    assert document is not None
    assert document.span(("b",)) == Span("x.yaml", 3, 3, 4, 4)


def test_values_of_a_line_that_had_to_be_moved_are_shown_where_they_stand() -> None:
    document, _ = read_text("a:\n  - b: 1\n - c: one\n", "x.yaml")
    assert document is not None
    assert document.span(("a", 1)) == Span("x.yaml", 3, 4, 3, 10)


def test_a_part_of_a_text_ends_before_the_end_of_its_line() -> None:
    assert good("a: |\n  one\n  two\n").span_of_part(("a",), 4, 8) == Span("x.yaml", 3, 3, 3, 6)


def test_lines_are_counted_as_editors_count_them() -> None:
    document = good("a: 1\r\nb: 2\r\n")

    assert document.line(2) == "b: 2"
    assert document.line(99) == ""
    assert document.span(("b",)).line == 2


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")

    document, found = read(path)

    assert found == []
    assert document is not None
    assert document.span(("a",), key=True).column == 1


def test_values_from_an_included_file_are_shown_in_that_file(tmp_path: Path) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "a.yaml").write_text("# a comment\nmain: {name: A}\n")
    (tmp_path / "agents" / "b.yaml").write_text("other:\n  name: B\n")
    path = tmp_path / "scenario.yaml"
    path.write_text("agents: {$include: agents/*.yaml}\n")

    document, found = read(path, shown_as="scenario.yaml")

    assert found == []
    assert document is not None
    assert document.data == {"agents": {"main": {"name": "A"}, "other": {"name": "B"}}}
    assert str(document.span(("agents", "other", "name"))) == "agents/b.yaml:2:9"
    assert str(document.span(("agents", "main"), key=True)) == "agents/a.yaml:2:1"
    assert document.line(2, "agents/a.yaml") == "main: {name: A}"


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(10_000_000)  # zeros: would be a control character each, were they looked at

    document, found = read(path, shown_as="huge.yaml")

    assert document is None
    assert [diagnostic.name for diagnostic in found] == ["file-too-large"]


def test_a_missing_file_is_answered_with_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "airline.yaml").write_text("a: 1\n")

    document, (found,) = read(tmp_path / "arline.yaml", shown_as="arline.yaml")

    assert document is None
    assert found.name == "no-such-file"
    assert found.hint == "did you mean 'airline.yaml'?"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    document, (found,) = read(tmp_path)

    assert document is None
    assert found.name == "not-a-file"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")

    document, (found,) = read(tmp_path / "pipe.yaml")

    assert document is None
    assert found.name == "not-a-file"


def test_a_name_that_is_not_utf_8_is_told_since_nothing_that_is_written_could_hold_it() -> None:
    document, (found,) = read(Path("f\udcfcr") / "shop.yaml")  # as Python has the bytes of a name in Latin-1

    assert document is None
    assert (found.name, found.message) == ("unreadable-file", "'f\ufffdr/shop.yaml' has a name that is not UTF-8")


def test_a_link_that_leaves_the_folder_is_not_included(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.yaml").write_text("main: {name: secret}\n")
    (inside / "agents.yaml").symlink_to(tmp_path / "secret.yaml")
    (inside / "scenario.yaml").write_text("agents: {$include: agents.yaml}\ntools: {$include: '*s.yaml'}\n")

    document, found = read(inside / "scenario.yaml")

    assert document is not None
    assert document.data == {"agents": {}, "tools": {}}
    assert [diagnostic.name for diagnostic in found] == ["outside-folder", "outside-folder"]


@pytest.mark.parametrize(
    "text",
    [
        "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 500)),
        "a0: &a0 {k: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}], k{n}: 1}}\n" for n in range(1, 500)),
        "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)),
    ],
    ids=["a long chain", "merges that double", "lists that double"],
)
def test_aliases_that_explode_are_refused(text: str) -> None:
    document, found = read_text(text, "x.yaml")

    assert document is None
    assert [diagnostic.name for diagnostic in found] == ["too-many-aliases"]


def test_nesting_without_end_is_refused() -> None:
    found = read_text("\n" + "[" * 100_000, "x.yaml")[1]
    assert [diagnostic.name for diagnostic in found] == ["too-deep"]
    assert (found[0].span.line, found[0].span.end_line) == (2, 2)


def test_reading_leaves_the_garbage_collector_as_it_was() -> None:
    assert gc.isenabled()
    read_text("a: 1\n", "x.yaml")
    assert gc.isenabled()

    gc.disable()
    try:
        read_text("a: [\n", "x.yaml")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_curly_quote_is_cut_where_it_is_closed_in_an_item_further_on_in_its_list() -> None:
    text = "say: [“to begin with, or so”, “and”, to end, “with]\n"
    _, found = read_text(text, "x.yaml")
    assert [(told.name, told.span.column) for told in found] == [("key-not-text", 7)]


def test_a_long_list_of_curly_quotes_that_nothing_closes_is_read_in_one_go() -> None:
    """Each item was held against all those behind it: 16,000 of them took 100 seconds."""
    before = time.process_time()
    document, found = read_text(f"say: [{', '.join(['“x'] * 16_000)}]\n", "x.yaml")
    assert time.process_time() - before < 10
    assert document is not None and len(document.data["say"]) == 16_000
    assert found == []
