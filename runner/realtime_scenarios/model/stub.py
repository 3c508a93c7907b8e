"""The catalogue of stub kinds, and the stub of a tool as the kind whose keys the checked document holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol, Self

from realtime_scenarios.core import Registry
from realtime_scenarios.document import Place
from realtime_scenarios.model.tool import Stub
from realtime_scenarios.model.values import Source


class StubKind(Stub, Protocol):
    """A stub that can be read from a file.

    A tool with one of the `keys` has a stub of this kind; only those in `beside` may stand beside it. The one kind
    without `keys` is that of a tool that has none.
    """

    kind: ClassVar[str]
    keys: ClassVar[frozenset[str]]
    beside: ClassVar[frozenset[str]]

    @classmethod
    def read(cls, data: Mapping[str, Any], place: Place, source: Source) -> Self:
        """The stub of the tool whose checked `data` stands at `place`."""
        ...


STUBS: Registry[type[StubKind]] = Registry("stub")
"""The kinds by name. They are entered by the modules of `stubs/`; whoever builds scenarios has imported those."""


def stub_of(data: Mapping[str, Any], place: Place, source: Source) -> Stub:
    """The stub of the tool whose checked `data` stands at `place`."""
    return kind_of(data).read(data, place, source)


def kind_of(data: Mapping[str, Any]) -> type[StubKind]:
    """The one kind that has all the keys about stubs in a checked tool.

    `returns` alone is a kind, and beside `query` the words of one; so all the keys decide, and no order of the kinds.
    """
    kinds = [kind for _, kind in STUBS.items()]
    written = data.keys() & frozenset().union(*(kind.keys | kind.beside for kind in kinds))
    for kind in kinds:
        if written <= kind.keys | kind.beside and len(written & kind.keys) == min(1, len(kind.keys)):
            return kind
    raise LookupError(f"no kind of stub has the keys {sorted(written)}")
