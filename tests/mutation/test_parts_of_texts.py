"""Expressions, patterns and statements without one of their parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from realtime_scenarios.mutation.alternatives import without_alternatives
from realtime_scenarios.mutation.expressions import weaker_and_stronger
from realtime_scenarios.mutation.statements import (
    Changed,
    with_higher_limit,
    with_other_constants,
    with_other_order,
    without_conditions,
)


@pytest.mark.parametrize(
    ("expression", "rests"),
    [
        ("context.known", []),
        ("a and b and c", ["b and c", "a and c", "a and b"]),
        ("a or b and c", ["b and c", "a"]),
        ("(a and b) or c", ["c", "(a and b)"]),
        ("x in ['and', 'or'] and y", ["y", "x in ['and', 'or']"]),
        ("android and standing", ["standing", "android"]),
        ("not a and b", ["b", "not a"]),
        ("a if b and c else d", []),
        ("a\n  and b", ["b", "a"]),
        ("a == 'x  y' and b  in  c and d", ["b  in  c and d", "a == 'x  y' and d", "a == 'x  y' and b  in  c"]),
        ('args.text == "a and b"', []),
    ],
)
def test_an_expression_lacks_one_of_its_outermost_parts(expression: str, rests: list[str]) -> None:
    assert [rest for rest, _ in weaker_and_stronger(expression)] == rests


@pytest.mark.parametrize(
    ("pattern", "rests"),
    [
        ("", []),
        ("one", []),
        ("(a)", []),
        ("(a|b)", ["(b)", "(a)"]),
        ("(?P<x>a|(?:b|c)) d", ["(?P<x>a|(?:c)) d", "(?P<x>a|(?:b)) d", "(?P<x>(?:b|c)) d", "(?P<x>a) d"]),
        (r"(?i:a|b)\(", [r"(?i:b)\(", r"(?i:a)\("]),
        ("(?<=a|b)c", ["(?<=b)c", "(?<=a)c"]),
        ("[$€]1", ["[€]1", "[$]1"]),
        (r"[^ab][a-c][\d ]", []),
        (r"\d{4}[ .]", [r"\d{4}[.]", r"\d{4}[ ]"]),
        ("[ ,.]x", ["[,.]x", "[ .]x", "[ ,]x"]),
        ("(?:pay |pay now)", ["(?:pay now)", "(?:pay )"]),
        (" a  b | c ", [" c ", " a  b "]),
        ("[]a]", ["[a]", "[]]"]),
        ("a|b|c", ["b|c", "a|c", "a|b"]),
        (r"\||b", ["b", r"\|"]),
        ("[|]|b", ["b", "[|]"]),
        ("(?:a|b)|c", ["c", "(?:a|b)", "(?:b)|c", "(?:a)|c"]),
    ],
)
def test_a_pattern_lacks_one_of_its_alternatives(pattern: str, rests: list[str]) -> None:
    assert [rest for rest, _ in without_alternatives(pattern)] == rests


@pytest.mark.parametrize(
    ("pattern", "rests"),
    [
        ("(?#x|y)a", []),
        ("((?#x|y)a|b)", ["(b)", "((?#x|y)a)"]),
        ("(x)?(?(1)a|b)", []),
        ("(x)?(?(1)(?:a|c)|b)", ["(x)?(?(1)(?:c)|b)", "(x)?(?(1)(?:a)|b)"]),
        ("(?i)a|b", ["(?i)b", "(?i)a"]),
        ("(?x) a  # or|else\n | [#] b", ["(?x) [#] b", "(?x) a  # or|else\n "]),
        ("(?x:a #|b\n|c) #|d", ["d", "(?x:a #|b\n|c) #", "(?x:c) #|d", "(?x:a #|b\n) #|d"]),
        ("a#|b", ["b", "a#"]),
        (r"(?P<q>x|y)(?P=q)", [r"(?P<q>y)(?P=q)", r"(?P<q>x)(?P=q)"]),
    ],
)
def test_what_looks_like_an_alternative_and_is_none_is_left_as_it_is(pattern: str, rests: list[str]) -> None:
    assert [rest for rest, _ in without_alternatives(pattern)] == rests


@pytest.mark.parametrize(
    ("pattern", "rests"),
    [("[aa]", []), ("[aab]", ["[aa]"]), (r"(?:(a)|b)\1", [r"(?:(a))\1"]), ("(a|b", [])],
)
def test_what_is_no_pattern_or_means_what_it_meant_is_no_change(pattern: str, rests: list[str]) -> None:
    assert [rest for rest, _ in without_alternatives(pattern)] == rests


def test_what_a_pattern_lacks_is_told_so_that_blanks_are_seen() -> None:
    def lacking(pattern: str) -> list[str]:
        return [what for _, what in without_alternatives(pattern)]

    assert lacking("[ ,]") == ["` `", "`,`"]
    assert lacking("(?:pay |pay now)") == ["`pay `", "`pay now`"]
    assert lacking("(?:a\tb|\u00a0|)") == [r"`a\tb`", r"`\xa0`", "the empty text"]
    assert lacking("(?x) a\n  b\n | c") == ["`a b`", "`c`"]


Ways = Callable[[str], Iterator[Changed]]


@pytest.mark.parametrize(
    ("ways", "sql", "changed"),
    [
        (without_conditions, "SELECT a FROM t", []),
        (without_conditions, "SELECT a FROM t WHERE x = 1", ["SELECT a FROM t "]),
        (
            without_conditions,
            "SELECT a FROM t WHERE x = 1 AND y = 2 ORDER BY a",
            ["SELECT a FROM t WHERE y = 2 ORDER BY a", "SELECT a FROM t WHERE x = 1  ORDER BY a"],
        ),
        (
            without_conditions,
            "DELETE FROM t WHERE x BETWEEN 1 AND 3 AND y = 'AND'",
            ["DELETE FROM t WHERE y = 'AND'", "DELETE FROM t WHERE x BETWEEN 1 AND 3 "],
        ),
        (
            without_conditions,
            "SELECT a FROM t WHERE x = 1 OR y = 2 AND z",
            ["SELECT a FROM t WHERE y = 2 AND z", "SELECT a FROM t WHERE x = 1 "],
        ),
        (
            without_conditions,
            "UPDATE t SET a = 1 WHERE (x = 1 OR x = 2) AND NOT EXISTS (SELECT 1 FROM u WHERE u.x = t.x)",
            [
                "UPDATE t SET a = 1 WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.x = t.x)",
                "UPDATE t SET a = 1 WHERE (x = 1 OR x = 2) ",
                "UPDATE t SET a = 1 WHERE (x = 1 OR x = 2) AND NOT EXISTS (SELECT 1 FROM u )",
            ],
        ),
        (
            without_conditions,
            "INSERT INTO t SELECT a FROM u WHERE b = 1 ON CONFLICT DO NOTHING",
            ["INSERT INTO t SELECT a FROM u  ON CONFLICT DO NOTHING"],
        ),
        (without_conditions, "SELECT a -- WHERE x\nFROM t /* WHERE */", []),
        (without_conditions, "SELECT 'WHERE x = 1' FROM t", []),
        (
            with_other_constants,
            "SELECT 1 FROM t WHERE a = 'it''s' AND b > 2.5 LIMIT 3",
            [
                "SELECT 1 FROM t WHERE a = 'it''s~' AND b > 2.5 LIMIT 3",
                "SELECT 1 FROM t WHERE a = 'it''s' AND b > 3.5 LIMIT 3",
            ],
        ),
        (
            with_other_constants,
            "SELECT a, count(*) FROM t WHERE a LIKE 'x' ESCAPE '!' GROUP BY 1, b ORDER BY t.b DESC, 2, a = 3",
            [
                "SELECT a, count(*) FROM t WHERE a LIKE 'x~' ESCAPE '!' GROUP BY 1, b ORDER BY t.b DESC, 2, a = 3",
                "SELECT a, count(*) FROM t WHERE a LIKE 'x' ESCAPE '!' GROUP BY 1, b ORDER BY t.b DESC, 2, a = 4",
            ],
        ),
        (with_other_constants, "SELECT t1.a FROM t1 WHERE b = :n2", []),
        (with_other_order, "SELECT a FROM t", []),
        (with_other_order, "SELECT a FROM t ORDER BY a, b", ["SELECT a FROM t ORDER BY a DESC, b"]),
        (with_other_order, "SELECT a FROM t ORDER BY a desc LIMIT 1", ["SELECT a FROM t ORDER BY a LIMIT 1"]),
        (
            with_other_order,
            "SELECT a FROM t ORDER BY coalesce(a, b) ASC",
            ["SELECT a FROM t ORDER BY coalesce(a, b) DESC"],
        ),
        (with_higher_limit, "SELECT a FROM t LIMIT 9", ["SELECT a FROM t LIMIT 10"]),
        (with_higher_limit, "SELECT a FROM (SELECT b FROM t LIMIT 9)", []),
    ],
)
def test_a_statement_is_changed_in_one_place(ways: Ways, sql: str, changed: list[str]) -> None:
    assert [each.text for each in ways(sql)] == changed


def test_a_statement_says_where_it_was_changed() -> None:
    sql = "SELECT a FROM t WHERE x = 1 AND y = 2"

    assert [sql[slice(*each.stretch)] for each in without_conditions(sql)] == ["x = 1", "y = 2"]
    assert [each.what for each in without_conditions(sql)] == ["x = 1", "y = 2"]
    assert [sql[slice(*each.stretch)] for each in with_other_constants(sql)] == ["1", "2"]
