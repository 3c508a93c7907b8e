"""YAML text to checked data that remembers where everything stood."""

from runner.document.place import Place, Pointer

__all__ = ["Place", "Pointer"]
