"""What protocols ask of a class, by name, so that half a kind is refused before anybody uses it."""

from __future__ import annotations


def promised(*protocols: type) -> tuple[str, ...]:
    """The names of all members that the protocols ask for, their own first."""
    bases = [base for protocol in protocols for base in protocol.__mro__ if vars(base).get("_is_protocol")]
    names = (name for base in bases for name in (*base.__annotations__, *vars(base)))
    return tuple(dict.fromkeys(name for name in names if not name.startswith("_")))


def broken_promises(kind: type, *protocols: type) -> tuple[str, ...]:
    """The members that the protocols ask for and that the class does not have."""
    return tuple(name for name in promised(*protocols) if not hasattr(kind, name))
