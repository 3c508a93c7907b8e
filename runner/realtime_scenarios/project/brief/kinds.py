"""The name of a context variable to the kind of thing it holds, and how callers are asked for it."""

from __future__ import annotations

import functools

from msgspec import Struct

from realtime_scenarios.project.brief.wording import data_in


class Kind(Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of thing that callers are asked for; `prompts/brief/kinds.yaml` says what is what."""

    told: str
    ask: str
    back: str
    sample: str
    words: tuple[str, ...] = ()
    spoken: str | None = None
    secret: bool = False


class Kinds(Struct, frozen=True, forbid_unknown_fields=True):
    """The kinds in order, and the one for everything else."""

    kinds: tuple[Kind, ...]
    otherwise: Kind


@functools.cache
def all_kinds() -> Kinds:
    return data_in("kinds", Kinds)


def kind_of(variable: str) -> Kind:
    """What kind of thing a context variable holds, by its name."""
    name = f"_{variable.casefold()}_"
    known = all_kinds()
    return next((kind for kind in known.kinds if any(f"_{word}_" in name for word in kind.words)), known.otherwise)
