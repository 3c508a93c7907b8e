"""YAML text to checked data that remembers where everything stood."""

from runner.document.check import check
from runner.document.codes import CODES, Code, finding
from runner.document.place import Place, Pointer
from runner.document.prune import pruned
from runner.document.reader import Document, read, read_text

__all__ = ["CODES", "Code", "Document", "Place", "Pointer", "check", "finding", "pruned", "read", "read_text"]
