"""The dialogue that is likeliest to notice comes first."""

from __future__ import annotations

from realtime_scenarios.core import Span
from realtime_scenarios.document import Pointer
from realtime_scenarios.mutation import Change, Mutant
from realtime_scenarios.mutation.order import Order
from realtime_scenarios.trace import AgentSaid, Trace


def saying(*texts: str) -> Trace:
    return Trace(tuple(AgentSaid(number, 1, "desk", text) for number, text in enumerate(texts, 1)), "desk")


def mutant(pointer: Pointer, line: str) -> Mutant:
    return Mutant("row-dropped", Change((), pointer, Span("x.yaml"), "", ""), line)


def test_rare_words_of_the_line_say_more_than_common_ones() -> None:
    order = Order({0: saying("The book is red"), 1: saying("The book is Emma"), 2: saying("The book is blue")})

    assert order.of(mutant(("data", "books", "rows", 1), "- {book: Emma, colour: red}"), [0, 1, 2])[2] == 2
    assert order.of(mutant(("data", "books", "rows", 1), "- {the: book, is: Emma}"), [0, 1, 2])[0] == 1


def test_who_has_killed_close_by_comes_first_and_then_the_shorter_one() -> None:
    order = Order({0: saying("a", "b"), 1: saying("a"), 2: saying("a", "b", "c")})
    there = mutant(("tools", "look", "cases", 1), "")
    assert order.of(there, [0, 1, 2]) == [1, 0, 2]

    order.killed(mutant(("tools", "look", "cases", 0), ""), 2)
    order.killed(mutant(("tools", "other"), ""), 0)

    assert order.of(there, [0, 1, 2]) == [2, 0, 1]
    assert order.of(there, [0, 1]) == [0, 1]
