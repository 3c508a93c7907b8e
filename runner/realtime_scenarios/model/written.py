"""What is no plain data in a file - templates, expressions, code - with where it stands and the names it may use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from realtime_scenarios.document import Place

if TYPE_CHECKING:
    from realtime_scenarios.templates import Names


class Written(Struct, frozen=True):
    """A template or expression of the author, where it stands, and the names it may use."""

    text: str
    place: Place
    kind: Literal["template", "expression"]
    names: Names


class Code(Struct, frozen=True):
    """A statement in SQL, with the names that are bound in it, or a function of the author as `module:function`.

    `only_reads`: the statement must change nothing.
    """

    text: str
    place: Place
    kind: Literal["sql", "python"]
    bound: tuple[str, ...] = ()
    only_reads: bool = False


def templates_in(value: Any, place: Place, names: Names) -> Iterator[Written]:
    """The strings of a value, however deep they stand in it, that are templates, or were meant to be: `args.amount`."""
    if isinstance(value, str):
        if "{" in value or "." in value:
            yield Written(value, place, "template", names)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from templates_in(item, place / key, names)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from templates_in(item, place / index, names)
